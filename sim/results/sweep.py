"""Many scenarios at once: one or several values varied, on the same futures."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sim.analysis.precision import quantile_interval, rank
from sim.analysis.table import Table
from sim.errors import Fault, InputError
from sim.results.gather import QUICK
from sim.results.model import Result
from sim.results.question import toml
from sim.results.session import Session

Value = int | float | str | dt.date
MOST_POINTS = 10_000
"""Scenarios in one sweep."""
WAYS = "write KEY=FROM:TO:STEP (10:20:2, 0.1:0.5:0.1, 2022-01-01:2022-06-01:14d) or KEY=A,B,C"


@dataclass(frozen=True)
class Varied:
    """A place in the scenario and the values it takes in turn."""

    key: str
    values: tuple[Value, ...]


def parse_vary(text: str) -> Varied:
    """Read ``KEY=FROM:TO:STEP`` (both ends included) or ``KEY=A,B,C``.

    Raises
    ------
    InputError
        The text is neither.

    Examples
    --------
    >>> parse_vary("resources.crews.capacity=2:6:2").values
    (2, 4, 6)
    >>> parse_vary("risks.strike.probability=0.1:0.3:0.1").values
    (0.1, 0.2, 0.3)
    >>> parse_vary("offices.boden.start=2022-01-01:2022-01-29:14d").values[-1]
    datetime.date(2022, 1, 29)
    >>> parse_vary("offices.boden.type=small,flexi").values
    ('small', 'flexi')
    """
    key, equals, rest = text.partition("=")
    if not key.strip() or not equals or not rest.strip():
        raise InputError(Fault("--vary", f'"{text}" is not understood; {WAYS}'))
    try:
        values = _steps(rest.split(":")) if rest.count(":") == 2 else tuple(_value(part.strip()) for part in rest.split(","))
    except ValueError as error:
        raise InputError(Fault("--vary", f'"{text}": {error}; {WAYS}')) from None
    return Varied(key.strip(), values)


def _value(text: str) -> Value:
    """A whole number, a number, a date, or the text itself."""
    for kind in (int, float, dt.date.fromisoformat):
        try:
            value = kind(text)
        except ValueError:
            continue
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{text} is no finite number")
        return value
    return text


def _steps(parts: Sequence[str]) -> tuple[Value, ...]:
    """Values from one end to the other."""
    first, last = _value(parts[0].strip()), _value(parts[1].strip())
    step = _value(parts[2].strip().removesuffix("d"))
    if isinstance(step, (str, dt.date)) or step <= 0:
        raise ValueError(f"the step {parts[2]} must be a number above 0")
    if isinstance(first, dt.date) and isinstance(last, dt.date):
        days = range(0, (last - first).days + 1, math.ceil(step))
        values: tuple[Value, ...] = tuple(first + dt.timedelta(days=d) for d in days)
    elif isinstance(first, (int, float)) and isinstance(last, (int, float)):
        count = math.floor((last - first) / step + 1e-9) + 1
        whole = all(isinstance(x, int) for x in (first, last, step))
        values = tuple(first + i * step if whole else round(first + i * step, 10) for i in range(max(count, 0)))
    else:
        raise ValueError(f"{parts[0]} and {parts[1]} must both be numbers or both be dates")
    if not values:
        raise ValueError(f"{parts[1]} comes before {parts[0]}")
    return values


def points(varied: Sequence[Varied]) -> list[tuple[Value, ...]]:
    """All combinations of the values, the last key fastest."""
    count = math.prod(len(v.values) for v in varied)
    if count > MOST_POINTS:
        raise InputError(Fault("--vary", f"{count} scenarios are more than the {MOST_POINTS} of one sweep; take larger steps"))
    return list(itertools.product(*(v.values for v in varied)))


def sweep(session: Session, varied: Sequence[Varied], *, costs: bool = False, progress: Callable[[int], None] | None = None) -> Table:
    """Ask a session the same question with every combination of some values, on the same futures.

    Parameters
    ----------
    session
        The scenario, held ready; what a value does not touch is not made anew.
    varied
        What is varied.
    costs
        Whether to count money too, which takes about twice the time.
    progress
        Called with the number of scenarios done.

    Returns
    -------
    Table
        A row for each combination: the values, for each target its chance (``TARGET``, with 95 % interval) and the date that
        holds with its confidence, the day on which the last office opens (P50, P80 with intervals), and with ``costs`` the
        mean cost of each year.

    Raises
    ------
    InputError
        A value is at fault; nothing is returned.
    """
    gather = QUICK if costs else tuple(name for name in QUICK if name != "money")
    rows = []
    for done, point in enumerate(points(varied), 1):
        changes = [f"{v.key}={toml(value)}" for v, value in zip(varied, point, strict=True)]
        row: dict[str, Any] = dict(zip((v.key for v in varied), point, strict=True))
        rows.append(row | answers(session.answer(changes, gather=gather)))
        if progress is not None:
            progress(done)
    return Table.of_rows("sweep", list(rows[0]), [list(row.values()) for row in rows])


def answers(result: Result) -> dict[str, Any]:
    """What a sweep keeps of one scenario."""
    found: dict[str, Any] = {"replications": result.replications}
    for row in result["targets"].rows():
        name = row["target"]
        found |= {
            name: row["probability"],
            f"{name}_low": row["low"],
            f"{name}_high": row["high"],
            f"{name}_date": row["date_at_confidence"],
        }
    last = sorted(int(day) for day in result.days.max(axis=1))
    for label, p in (("p50", 0.5), ("p80", 0.8)):
        low, high = quantile_interval(lambda i: last[i], len(last), p)
        days = {"": last[rank(p, len(last))], "_low": low, "_high": high}
        found |= {f"last_opening_{label}{end}": None if day is None else result.plan.date(day) for end, day in days.items()}
    if "cost_by_year" in result.names:
        rows = [r for r in result["cost_by_year"].rows() if r["group"] == "programme" and r["prices"] == "current"]
        found |= {f"cost_{row['period']}": row["mean"] for row in rows}
    return found
