"""Meeting dates by a rule in plain English, such as "second Tuesday of every month except July"."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from sim.calendars.hints import did_you_mean

Value = TypeVar("Value")

RULE_EXAMPLES = (
    "second Tuesday of every month except July",
    "last Friday of March, June and September",
    "every second Tuesday from 2021-06-01",
)
"""What a rule may look like; part of each message about one."""

_WEEKDAY_WORDS = {name: i for i, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))}
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_MONTH_WORDS = {name: i for i, name in enumerate(_MONTHS, start=1)}
_STEP_WORDS = {"second": 2, "third": 3, "fourth": 4, "fifth": 5}
_ORDINAL_WORDS = {"first": 1, **_STEP_WORDS, "last": -1}


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule of meetings, understood."""

    weekday: int
    ordinals: tuple[int, ...]
    """Which of that weekday in the month, the last -1; empty: of each ``step``-th week."""
    step: int
    months: tuple[int, ...]
    since: dt.date | None


def meeting_dates(rule: str, first: dt.date, last: dt.date) -> list[dt.date]:
    """Dates from ``first`` to ``last``, both included, by a rule in plain English.

    A rule is one of

    - *which* [and *which* …] *weekday* of (every month | *months*), *which* being first, second, third, fourth, fifth or last;
    - every [second | third | fourth | fifth] *weekday*: each week, or each second (third …) week counted from the date after "from".

    Either may go on with ``except`` *months* and ``from`` *date* (YYYY-MM-DD). Months are names joined by commas and "and";
    capitals do not matter. A fifth weekday that a month does not have is left out.

    Raises
    ------
    ValueError
        The rule was not understood: the message names the word and shows examples.

    Examples
    --------
    >>> [str(day) for day in meeting_dates("last Friday of March and June", dt.date(2021, 1, 1), dt.date(2022, 3, 31))]
    ['2021-03-26', '2021-06-25', '2022-03-25']
    """
    from dateutil.rrule import MONTHLY, WEEKLY, rrule, weekday

    parsed = _parse_rule(rule)
    begin = max(first, parsed.since or first)
    if parsed.ordinals:
        choice: dict[str, Any] = {"freq": MONTHLY, "byweekday": [weekday(parsed.weekday, n) for n in parsed.ordinals]}
    else:
        # rrule counts weeks from the one of its start: that must be a week that has the meeting.
        begin = parsed.since or first
        begin += dt.timedelta((parsed.weekday - begin.weekday()) % 7)
        choice = {"freq": WEEKLY, "interval": parsed.step, "byweekday": weekday(parsed.weekday)}
    midnight = dt.time()
    until = dt.datetime.combine(last, midnight)
    moments = rrule(dtstart=dt.datetime.combine(begin, midnight), until=until, bymonth=parsed.months, **choice)
    return [moment.date() for moment in moments if moment.date() >= first]


class _Words:
    """The words of a rule, read from left to right."""

    def __init__(self, rule: str) -> None:
        self._rule = rule
        self._left = re.sub(r"\s*,\s*(and\s+)?", " and ", rule.casefold().strip(" .")).split()

    def __bool__(self) -> bool:
        return bool(self._left)

    def accept(self, word: str) -> bool:
        """Read this word, if it comes next."""
        if self._left[:1] != [word]:
            return False
        del self._left[0]
        return True

    def one(self, known: Mapping[str, Value], what: str) -> Value:
        """Read one of the known words."""
        if not self._left or self._left[0] not in known:
            self.fail(what, known)
        return known[self._left.pop(0)]

    def maybe(self, known: Mapping[str, Value], default: Value) -> Value:
        """Read one of the known words, if one comes next."""
        return known[self._left.pop(0)] if self._left and self._left[0] in known else default

    def many(self, known: Mapping[str, Value], what: str) -> tuple[Value, ...]:
        """Read known words joined by "and"."""
        found = [self.one(known, what)]
        while self.accept("and"):
            found.append(self.one(known, what))
        return tuple(found)

    def date(self) -> dt.date:
        """Read a date."""
        try:
            found = dt.date.fromisoformat(self._left[0])
        except (IndexError, ValueError):
            self.fail("a date (YYYY-MM-DD)")
        del self._left[0]
        return found

    def fail(self, what: str, known: Iterable[str] = ()) -> NoReturn:
        """Say what was expected, and what stands there instead."""
        found = f'"{self._left[0]}" was not understood where {what} is expected' if self._left else f"it ends where {what} is expected"
        self.reject(found + (did_you_mean(self._left[0], known) if self._left else ""))

    def reject(self, reason: str) -> NoReturn:
        """Raise with a reason and the examples."""
        examples = " or ".join(f'"{example}"' for example in RULE_EXAMPLES)
        raise ValueError(f'meeting rule "{self._rule}": {reason}; write e.g. {examples}')


def _parse_rule(rule: str) -> _Rule:
    words = _Words(rule)
    ordinals: tuple[int, ...] = ()
    step, months = 1, tuple(_MONTH_WORDS.values())
    if words.accept("every"):
        step = words.maybe(_STEP_WORDS, 1)
        weekday = words.one(_WEEKDAY_WORDS, "a weekday")
    else:
        ordinals = words.many(_ORDINAL_WORDS, '"every", "first" to "fifth" or "last"')
        weekday = words.one(_WEEKDAY_WORDS, "a weekday")
        months = _parse_months(words)
    skipped, since = _parse_tail(words)
    if step > 1 and since is None:
        words.reject('add the date from which the weeks are counted: "from" and YYYY-MM-DD')
    months = tuple(month for month in months if month not in skipped)
    if not months:
        words.reject("it leaves no month")
    return _Rule(weekday, ordinals, step, months, since)


def _parse_months(words: _Words) -> tuple[int, ...]:
    if not words.accept("of"):
        words.fail('"of"')
    if not words.accept("every"):
        return words.many(_MONTH_WORDS, '"every month" or a month')
    if not words.accept("month"):
        words.fail('"month"')
    return tuple(_MONTH_WORDS.values())


def _parse_tail(words: _Words) -> tuple[tuple[int, ...], dt.date | None]:
    """Read "except" and "from", in any order: the months left out, and the date."""
    skipped: tuple[int, ...] = ()
    since = None
    while words:
        if words.accept("except"):
            skipped += words.many(_MONTH_WORDS, "a month")
        elif words.accept("from"):
            since = words.date()
        else:
            words.fail('"except", "from" or the end', ("except", "from"))
    return skipped, since
