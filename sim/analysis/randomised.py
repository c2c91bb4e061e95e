"""Intervals for quasi-random futures, from independent randomisations.

The futures of a Sobol sequence are not independent of each other, so that the intervals of :mod:`sim.analysis.precision` do not hold for
them: as a rule they are too wide. But the randomisations are (see :mod:`sim.sampling.quasi`): an answer is worked out for each of them
alone, and its error is their standard error, times Student's t. Quantiles of dates are whole days, so their bounds are rounded outwards.

Where all randomisations give the same share of futures, nothing can be said of its error; it then has Wilson's interval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.openings import WITH_INTERVAL, OpeningTally
from sim.analysis.precision import rank, verdict, wilson
from sim.analysis.table import Table
from sim.analysis.targets import TargetTally, due
from sim.plan import Plan
from sim.sampling.sampler import quasi_of

Real = NDArray[np.float64]
Days = NDArray[np.signedinteger]


def parts_of(plan: Plan, replications: int) -> list[slice]:
    """The replications of each randomisation; fewer than two when futures are independent or too few."""
    spec = quasi_of(plan)
    if spec is None:
        return []
    return [slice(first, min(first + spec.length, replications)) for first in range(0, replications, spec.length)]


def half_width(values: Real) -> float:
    """Half of an interval of 95 % of a mean of independent values, by Student's t.

    >>> round(half_width(np.array([1.0, 2.0, 3.0])), 6)  # 4.302653 · 1 / √3
    2.484138
    """
    from scipy.special import stdtrit  # late: only these tables need it

    m = len(values)
    return float(stdtrit(m - 1, 0.975) * values.std(ddof=1) / m**0.5)


def share_interval(held: NDArray[np.bool_], parts: Sequence[slice]) -> tuple[float, float]:
    """Interval of a share of the futures."""
    shares = np.array([held[part].mean() for part in parts])
    if np.ptp(shares) == 0:
        return wilson(int(held.sum()), len(held))
    p, half = float(held.mean()), half_width(shares)
    return max(p - half, 0.0), min(p + half, 1.0)


def day_interval(days: Days, level: float, parts: Sequence[slice]) -> tuple[int, int]:
    """Interval of a quantile of days, in whole days outwards."""
    found = np.array([np.sort(days[part])[rank(level, len(days[part])) - 1] for part in parts], np.float64)
    pooled, half = int(np.sort(days)[rank(level, len(days)) - 1]), half_width(found)
    return floor(pooled - half), ceil(pooled + half)


def randomised_openings(plan: Plan, tally: OpeningTally, table: Table) -> Table:
    """The table ``openings`` with intervals from the randomisations; as it is for independent futures."""
    parts = parts_of(plan, tally.replications)
    if len(parts) < 2:
        return table
    changed: dict[str, list[Any]] = {name: list(values) for name, values in table.columns.items()}
    for o, office in enumerate(plan.offices):
        days = tally.days[:, o]
        changed["mean_se_days"][o] = float(np.array([days[part].mean() for part in parts]).std(ddof=1) / len(parts) ** 0.5)
        for p in WITH_INTERVAL:
            name = f"p{round(p * 100)}"
            _put(changed, name, o, day_interval(days, p, parts), plan.date)
        if office.target >= 0:
            _put(changed, "p_on_time", o, share_interval(days <= office.target, parts), float)
        _put(changed, "p_last", o, share_interval(_is_last(plan, tally.days, o), parts), float)
    return Table(table.name, changed)


def _is_last(plan: Plan, days: Days, office: int) -> NDArray[np.bool_]:
    """Futures in which no office of the same round opens later."""
    rounds = [plan.scenario.offices[o.id].round for o in plan.offices]
    own = [i for i, r in enumerate(rounds) if r == rounds[office]]
    found: NDArray[np.bool_] = days[:, office] == days[:, own].max(axis=1)
    return found


def _put(columns: dict[str, list[Any]], name: str, row: int, bounds: Sequence[Any], make: Callable[[Any], Any]) -> None:
    columns[f"{name}_low"][row], columns[f"{name}_high"][row] = map(make, bounds)


def randomised_targets(plan: Plan, tally: TargetTally, table: Table) -> Table:
    """The table ``targets``, likewise; whether a target holds is told by these intervals."""
    parts = parts_of(plan, tally.reached.shape[1])
    if len(parts) < 2:
        return table
    changed: dict[str, list[Any]] = {name: list(values) for name, values in table.columns.items()}
    for t, target in enumerate(plan.scenario.targets.values()):
        held = tally.reached[t] <= due(plan, t)
        low, high = share_interval(held, parts)
        changed["low"][t], changed["high"][t] = low, high
        changed["standard_error"][t] = float(np.array([held[part].mean() for part in parts]).std(ddof=1) / len(parts) ** 0.5)
        changed["holds"][t] = verdict(low, high, target.confidence)
        if (tally.reached[t] < tally.never).all():  # else a bound may be "never", which has no date
            bounds = day_interval(tally.reached[t], target.confidence, parts)
            changed["date_low"][t], changed["date_high"][t] = map(plan.date, bounds)
    return Table(table.name, changed)
