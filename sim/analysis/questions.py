"""Questions by name, and their answers with intervals.

====================================  ===========================================================================
name                                  what is asked
====================================  ===========================================================================
``offices.ID.mean``, ``.p80`` …       when the office opens (``p01`` to ``p99``)
``offices.ID.on_time``                the chance that it holds its own date
``programme.mean``, ``.p80`` …        when the last office opens
``rounds.N.mean``, ``.p80`` …         when the last office of a round opens
``programme.open.2022-12-31``         how many offices are open on a date, on average; also ``rounds.N.open.…``
``targets.ID``                        the chance that the target holds
``targets.ID.p80`` …                  when it is reached
``costs.total.mean``, ``.p80`` …      what the programme costs once: all that ends by itself
``costs.2022.mean``, ``.p80`` …       what a year costs, in current prices
====================================  ===========================================================================
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.analysis.futures import NEVER, ONCE, Futures
from sim.analysis.openings import count_dates
from sim.analysis.precision import quantile_interval, rank, standard_error, wilson, z_score
from sim.errors import Fault, InputError
from sim.scenario.schema import Scenario

Kind = Literal["date", "chance", "count", "money"]
"""What an answer is: an ordinal, a probability, a number of offices, or öre."""

Values = NDArray[Any]

LEVELS = ("p50", "p80")
"""Quantiles that are asked for unless others are named."""

QUANTILE = re.compile(r"p(?!00)\d\d")
EXAMPLES = "targets.ID, offices.ID.p80, offices.ID.on_time, rounds.1.p80, programme.open.2022-12-31 or costs.2022.mean"


@dataclass(frozen=True)
class Question:
    """Something that can be asked of the futures of a scenario.

    Attributes
    ----------
    key
        Its name, e.g. ``offices.boden.p80``.
    kind
        What the answer is.
    level
        Quantile that is asked for; ``None``: the mean, or the share for a chance.
    basis
        One number for each future.
    by
        For a chance: the last day that is in time.
    """

    key: str
    kind: Kind
    level: float | None
    basis: Callable[[Futures], Values]
    by: Callable[[Futures], int] | None = None

    def values(self, futures: Futures) -> Values:
        """What the answer is the mean or quantile of, shape ``(replications,)``; truth values for a chance."""
        basis = self.basis(futures)
        return basis if self.by is None else basis <= self.by(futures)


@dataclass(frozen=True)
class Estimate:
    """An answer with its 95 % interval; ``None`` for what is not known. Dates are ordinals, money is in öre."""

    value: float | None
    low: float | None
    high: float | None


# --- by name -----------------------------------------------------------------------------------------------------------------


def question(scenario: Scenario, key: str, option: str = "") -> Question:
    """The question of that name.

    Parameters
    ----------
    scenario
        What its names refer to.
    option
        Where the name was given, for the message.

    Raises
    ------
    InputError
        There is no such question.
    """
    head, *rest = key.split(".")
    make = {"offices": _office, "targets": _target, "rounds": _round, "costs": _cost}.get(head)
    made = _several(key, rest, None) if head == "programme" else make(scenario, key, rest) if make else None
    if isinstance(made, Question):
        return made
    raise InputError(Fault(option, made or f'"{key}" is no question; ask e.g. {EXAMPLES}'))


Made = Question | str | None
"""A question, or what is wrong with its name."""


def _office(scenario: Scenario, key: str, rest: list[str]) -> Made:
    id_, stat = (*rest, "", "")[:2]
    if id_ not in scenario.offices:
        return f'"{id_}" is no office; use one of {_list(scenario.offices)}'
    index = list(scenario.offices).index(id_)
    if stat == "on_time" and len(rest) == 2:
        if scenario.offices[id_].target is None:
            return f'"{id_}" has no target date to hold'
        return Question(key, "chance", None, lambda f: f.opening[:, _place(f, id_, index)], lambda f: _own_date(f, id_))
    return _dated(key, rest[1:], lambda f: f.opening[:, _place(f, id_, index)])


def _place(futures: Futures, id_: str, likely: int) -> int:
    """Index of an office; scenarios that are compared may have others before it."""
    offices = futures.plan.offices
    return likely if likely < len(offices) and offices[likely].id == id_ else futures.plan.office_index[id_]


def _own_date(futures: Futures, id_: str) -> int:
    target = futures.plan.scenario.offices[id_].target
    return -1 if target is None else target.toordinal()


def _target(scenario: Scenario, key: str, rest: list[str]) -> Made:
    id_ = rest[0] if rest else ""
    if id_ not in scenario.targets:
        return f'"{id_}" is no target; use one of {_list(scenario.targets)}'

    def reached(futures: Futures) -> Values:
        days: Values = futures.reached[list(futures.plan.scenario.targets).index(id_)]
        return days

    if len(rest) == 1:
        return Question(key, "chance", None, reached, lambda f: f.plan.scenario.targets[id_].by.toordinal())
    return _dated(key, rest[1:], reached)


def _round(scenario: Scenario, key: str, rest: list[str]) -> Made:
    rounds = sorted({office.round for office in scenario.offices.values() if office.round is not None})
    name = rest[0] if rest else ""
    if name not in map(str, rounds):
        return f'"{name}" is no round; use one of {_list(map(str, rounds))}'
    return _several(key, rest[1:], int(name))


def _several(key: str, rest: list[str], round_: int | None) -> Made:
    if len(rest) == 2 and rest[0] == "open":
        try:
            day = dt.date.fromisoformat(rest[1]).toordinal()
        except ValueError:
            return f'"{rest[1]}" is not a date; write it as 2022-12-31'
        return Question(key, "count", None, lambda f: f.open_by(day, round_))
    return _dated(key, rest, lambda f: f.last_opening(round_))


def _cost(scenario: Scenario, key: str, rest: list[str]) -> Made:
    if not scenario.costs:
        return f'"{key}": the scenario has no costs'
    if len(rest) != 2 or not (rest[0] == ONCE or re.fullmatch(r"\d{4}", rest[0])) or (stat := _stat(rest[1])) is False:
        return f'"{key}" is no question; ask e.g. costs.total.mean or costs.2022.p80'
    name = rest[0]
    return Question(key, "money", stat, lambda f: f.money[name])


def _dated(key: str, rest: list[str], basis: Callable[[Futures], Values]) -> Made:
    stat = _stat(rest[0]) if len(rest) == 1 else False
    return f'"{key}" is no question; end with mean or p01 to p99' if stat is False else Question(key, "date", stat, basis)


def _stat(text: str) -> float | Literal[False] | None:
    if text == "mean":
        return None
    return int(text[1:]) / 100 if QUANTILE.fullmatch(text) else False


def _list(names: Iterable[str]) -> str:
    known = list(names)
    return ", ".join(known[:12]) + (f", … ({len(known)} in all)" if len(known) > 12 else "") or "none, for there is none"


# --- many at once ------------------------------------------------------------------------------------------------------------


def headlines(scenario: Scenario) -> list[str]:
    """What is asked first: each target, and when the last office of all and of each round opens."""
    rounds = sorted({office.round for office in scenario.offices.values() if office.round is not None})
    groups = ["programme", *(f"rounds.{r}" for r in rounds if len(rounds) > 1)]
    return [*(f"targets.{id_}" for id_ in scenario.targets), *(f"{group}.{level}" for group in groups for level in LEVELS)]


def of_offices(scenario: Scenario, ids: Iterable[str]) -> list[str]:
    """When each office opens and whether it holds its date."""
    found = []
    for id_ in ids:
        found += [f"offices.{id_}.{stat}" for stat in ("mean", *LEVELS)]
        found += [f"offices.{id_}.on_time"] if scenario.offices[id_].target else []
    return found


def of_counts(futures: Iterable[Futures]) -> list[str]:
    """How many are open at month ends until all are, and on the dates of the targets."""
    dates: set[dt.date] = set()
    for known in futures:
        last = int(known.opening.max()) - known.plan.start.toordinal()
        dates |= set(count_dates(known.plan, last))
    return [f"programme.open.{date}" for date in sorted(dates)]


def of_costs(futures: Futures) -> list[str]:
    """What it costs once and in each year."""
    return [f"costs.{name}.{stat}" for name in futures.money for stat in ("mean", *LEVELS)]


# --- answers -----------------------------------------------------------------------------------------------------------------


def answer(asked: Question, futures: Futures) -> Estimate:
    """The answer to a question.

    The interval of a chance is Wilson's, that of a quantile lies between order statistics, that of a mean is normal; see
    :mod:`sim.analysis.precision`.
    """
    values = asked.values(futures)
    n = len(values)
    if asked.kind == "chance":
        held = int(values.sum())
        return Estimate(held / n, *wilson(held, n))
    if asked.level is None:
        return _mean(values)
    ordered = np.sort(values)
    low, high = quantile_interval(lambda r: int(ordered[r - 1]), n, asked.level)
    return Estimate(*(_reached(bound) for bound in (int(ordered[rank(asked.level, n) - 1]), low, high)))


def _mean(values: Values) -> Estimate:
    n = len(values)
    if values.max() == NEVER:
        return Estimate(None, None, None)
    mean = float(values.mean())
    half = z_score() * standard_error(float(values.std(ddof=1)), n) if n > 1 else None
    return Estimate(mean, *((None, None) if half is None else (mean - half, mean + half)))


def _reached(bound: int | None) -> float | None:
    return None if bound is None or bound == NEVER else float(bound)


def shown(kind: Kind, value: float | None) -> Any:
    """An answer as it stands in a table: a date, a share, a number, kronor.

    >>> shown("date", 738000.4), shown("money", 12345.0), shown("chance", None)
    (datetime.date(2021, 7, 29), 123.45, None)
    """
    if value is None:
        return None
    if kind == "date":
        return dt.date.fromordinal(round(value))
    return round(value) / 100 if kind == "money" else value
