"""Which values are tried: ``KEY=from:to:step`` or ``KEY=a,b,c``, and what trying one means for the scenario.

A key is any place in the scenario as after ``--set``, or one of

=========================  ====================================================================================
``factor:ACTIVITY``        a factor on the duration of an activity, beside the factors that it has
``factor:actor=NAME``      the same for every activity with a duration that an actor does
``factor:all``             the same for every activity with a duration
=========================  ====================================================================================

Dates go by days: ``offices.boden.start=2022-01-01:2022-06-01:14d`` (or ``2w``).
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Any

from sim.errors import Fault, InputError

OPTION = "--vary"
MOST_VALUES = 100_000
"""Values of one key."""
MOST_POINTS = 10_000
"""Combinations of a sweep."""
DEFAULT_STEPS = 100
"""Into how many steps a range of numbers that are not whole is cut when no step is given."""

FORMS = "write KEY=from:to:step or KEY=a,b,c, e.g. resources.crews.capacity=2:8:1"
STEP_OF_DAYS = re.compile(r"([1-9]\d*)([dw]?)")
Point = tuple[Any, ...]
"""A value of each key."""


@dataclass(frozen=True)
class Vary:
    """A key and the values that are tried.

    Attributes
    ----------
    key
        A place in the scenario, or a factor.
    values
        Whole numbers, floats, dates, texts, truth values, lists or tables; in the order in which they are tried.
    """

    key: str
    values: tuple[Any, ...]


def parse_vary(text: str, *, need_range: bool = False) -> Vary:
    """Read what is to be varied.

    Parameters
    ----------
    need_range
        Only ``KEY=LO:HI`` or ``KEY=LO:HI:STEP`` will do; without a step all whole numbers and days, or a hundred steps.

    Examples
    --------
    >>> parse_vary("resources.crews.capacity=2:8:2").values
    (2, 4, 6, 8)
    >>> parse_vary("factor:site_works=0.8:1.1:0.1").values
    (0.8, 0.9, 1.0, 1.1)
    >>> [str(date) for date in parse_vary("offices.boden.start=2022-01-01:2022-02-01:2w").values]
    ['2022-01-01', '2022-01-15', '2022-01-29']
    >>> parse_vary("offices.boden.type=small,flexi").values
    ('small', 'flexi')

    Raises
    ------
    InputError
        It is nothing of the kind.
    """
    key, equals, rest = _split(text)
    if not equals or not key or not rest:
        raise InputError(Fault(OPTION, f'"{text}" cannot be read; {FORMS}'))
    parts = rest.split(":")
    values = _range(key, parts) if len(parts) in {2, 3} else None
    if values is None and not need_range:
        values = tuple(_value(part, key) for part in _list_items(rest))
    if values is None:
        raise InputError(Fault(f"{OPTION} {key}", f'"{rest}" is no range; write KEY=LO:HI with whole numbers, numbers or dates'))
    return Vary(key, values)


def _split(text: str) -> tuple[str, str, str]:
    """Key and values; the key of a factor has an equals sign of its own."""
    head = re.match(r"\s*factor:actor=[^=]*", text)
    if head is None:
        key, equals, rest = text.partition("=")
        return key.strip(), equals, rest.strip()
    return head[0].strip(), text[head.end() : head.end() + 1], text[head.end() + 1 :].strip()


def _range(key: str, parts: Sequence[str]) -> tuple[Any, ...] | None:
    low, high, *step = (part.strip() for part in parts)
    place = f"{OPTION} {key}"
    try:
        dates = dt.date.fromisoformat(low), dt.date.fromisoformat(high)
    except ValueError:
        return _numbers(place, low, high, step[0] if step else None)
    days = STEP_OF_DAYS.fullmatch(step[0] if step else "1d")
    if not days:
        raise InputError(Fault(place, f'"{step[0]}" is no step between dates; write e.g. 14d or 2w'))
    width = int(days[1]) * (7 if days[2] == "w" else 1)
    count = _count(place, (dates[1] - dates[0]).days, width)
    return tuple(dates[0] + dt.timedelta(days=i * width) for i in range(count))


def _numbers(place: str, low: str, high: str, step: str | None) -> tuple[int | float, ...] | None:
    try:
        first, last = Decimal(low), Decimal(high)
        whole = all(re.fullmatch(r"[+-]?\d+", text) for text in (low, high, step or "1"))
        width = Decimal(step) if step else Decimal(1) if whole else (last - first) / DEFAULT_STEPS
    except InvalidOperation:
        return None
    if not all(number.is_finite() for number in (first, last, width)):
        raise InputError(Fault(place, "is not finite; give a range of numbers"))
    count = _count(place, last - first, width)
    return tuple((int if whole else float)(first + i * width) for i in range(count))


def _count(place: str, reach: int | Decimal, width: int | Decimal) -> int:
    """Number of values in a range; its end is one of them when a step falls on it."""
    if reach < 0:
        raise InputError(Fault(place, "the range ends before it begins; write the smaller value first"))
    if width <= 0:
        if reach:
            raise InputError(Fault(place, "the step must be above 0"))
        return 1
    count = int(reach // width) + 1
    if count > MOST_VALUES:
        raise InputError(Fault(place, f"the range has {count} values; at most {MOST_VALUES} are tried"))
    return count


def _list_items(text: str) -> list[str]:
    """Parts between commas that stand outside brackets and quotes.

    >>> _list_items('[1, 2], { a = "x,y" }, 3')
    ['[1, 2]', '{ a = "x,y" }', '3']
    """
    items, depth, quote = [""], 0, ""
    for sign in text:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        depth += 0 if quote else (sign in "[{") - (sign in "]}")
        if sign == "," and not depth and not quote:
            items.append("")
        else:
            items[-1] += sign
    return [item.strip() for item in items]


def _value(text: str, key: str) -> Any:
    if not text:
        raise InputError(Fault(f"{OPTION} {key}", f"a value is missing; {FORMS}"))
    try:
        return tomllib.loads(f"value = {text}\n")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        return text


def crossed(varied: Sequence[Vary]) -> list[Point]:
    """Every combination of the values of several keys, the last key changing first.

    Raises
    ------
    InputError
        A key is given twice, or there are too many combinations.
    """
    twice = [vary.key for i, vary in enumerate(varied) if vary.key in {other.key for other in varied[:i]}]
    if twice:
        raise InputError(*(Fault(OPTION, f'"{key}" is varied twice; give all its values at once') for key in twice))
    count = 1
    for vary in varied:
        count *= len(vary.values)
    if count > MOST_POINTS:
        raise InputError(Fault(OPTION, f"{count} combinations are more than {MOST_POINTS}; take fewer values"))
    return list(product(*(vary.values for vary in varied)))


def overrides_of(raw: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """What is set in the scenario, by path, when keys have values.

    Parameters
    ----------
    raw
        The resolved tables of the scenario.
    settings
        Value of each key.

    Examples
    --------
    >>> raw = {"activities": {"paint": {"actor": "crew", "duration": {"fixed": 3}}, "board": {"meeting": "board"}}}
    >>> overrides_of(raw, {"factor:actor=crew": 1.5, "resources.crews.capacity": 4})
    {'activities.paint.adjustments': [{'when': {}, 'factor': 1.5}], 'resources.crews.capacity': 4}

    Raises
    ------
    InputError
        There is nothing that a factor could be on.
    """
    found: dict[str, Any] = {}
    for key, value in settings.items():
        if not key.startswith("factor:"):
            found[key] = value
            continue
        for id_ in _activities(raw, key):
            path = f"activities.{id_}.adjustments"
            known = found.get(path, raw["activities"][id_].get("adjustments", []))
            found[path] = [*known, {"when": {}, "factor": value}]
    return found


def _activities(raw: Mapping[str, Any], key: str) -> list[str]:
    """Activities that a factor is on."""
    of = key.removeprefix("factor:")
    timed = {id_: activity for id_, activity in raw.get("activities", {}).items() if "duration" in activity}
    if of == "all":
        return list(timed)
    if not of.startswith("actor="):
        if of in timed:
            return [of]
        raise InputError(Fault(f"{OPTION} {key}", f'"{of}" is no activity with a duration; use one of {", ".join(timed)}'))
    actor = of.removeprefix("actor=")
    found = [id_ for id_, activity in timed.items() if activity.get("actor") == actor]
    if not found:
        actors = ", ".join(dict.fromkeys(str(activity.get("actor")) for activity in timed.values()))
        raise InputError(Fault(f"{OPTION} {key}", f'"{actor}" does no activity with a duration; use one of {actors}'))
    return found


def written(value: Any) -> Any:
    """A value in a cell: numbers and dates as such, lists and tables as text."""
    return value if isinstance(value, (bool, int, float, str, dt.date)) else str(value)
