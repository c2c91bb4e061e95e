"""What a forecast has to be better than: the plan's own dates, and how long similar establishments have taken."""

from __future__ import annotations

from math import isfinite

import numpy as np

from sim.analysis.reference_class import outside_view
from sim.analysis.scores import Forecast
from sim.plan import Plan
from sim.scenario.attributes import certainly_fits
from sim.scenario.schema import ReferenceClass

TARGET, CALCULATED = "target", "calculated"
"""Where a plan's date comes from: the office's own, or the plan without its troubles."""


def plan_dates(plan: Plan, undelayed: list[int]) -> list[tuple[int, str]]:
    """Planned opening day of each office, and where it comes from.

    Parameters
    ----------
    undelayed
        Opening days of the plan without its troubles, for offices without a target.
    """
    return [(o.target, TARGET) if o.target >= 0 else (undelayed[i], CALCULATED) for i, o in enumerate(plan.offices)]


def reference_forecasts(plan: Plan) -> list[tuple[str, Forecast] | None]:
    """For each office the first reference class that fits it, as a forecast of its opening day.

    Offices that were under way when they entered have none: their first day is not their start.
    """
    found: list[tuple[str, Forecast] | None] = []
    for office in plan.offices:
        spec = plan.scenario.offices[office.id]
        fits = (id_ for id_, c in plan.scenario.reference_class.items() if _usable(c) and certainly_fits(office.id, spec, c.offices))
        id_ = None if any(office.done) else next(fits, None)
        found.append((id_, of_class(plan.scenario.reference_class[id_], office.start)) if id_ else None)
    return found


def _usable(reference: ReferenceClass) -> bool:
    return bool(reference.weeks or reference.at_most_weeks)


def of_class(reference: ReferenceClass, start: int) -> Forecast:
    """Opening day of an office that begins on a day, if it takes as long as those of a class.

    What the class does not say, because its longest cases had not finished, counts as the longest time that was seen.
    """
    view = outside_view(reference.weeks, reference.unfinished_weeks, reference.at_most_weeks)
    longest = max([*reference.weeks, *reference.unfinished_weeks, *reference.at_most_weeks])
    weeks = np.array([week if isfinite(week) else longest for week in view.weeks.tolist()])
    days = np.rint(start + 7 * weeks).astype(np.int64)
    values, last = np.unique(days[::-1], return_index=True)  # of equal days the last has the whole share
    shares = view.share[::-1][last]
    shares[-1] = 1.0
    return Forecast(values, np.maximum.accumulate(shares))


def count_forecast(chances: list[float]) -> Forecast:
    """How many of some events happen that have nothing to do with one another (Poisson's binomial).

    >>> count_forecast([0.5, 0.5]).reached.tolist()
    [0.25, 0.75, 1.0]
    """
    mass = np.ones(1)
    for p in chances:
        mass = np.convolve(mass, [1 - p, p])
    reached = np.minimum(np.cumsum(mass), 1.0)
    reached[-1] = 1.0
    return Forecast(np.arange(len(mass)), reached)
