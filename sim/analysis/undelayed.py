"""The plan without its troubles: pools that never bind, and durations at their medians."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.plan import ActivityPlan, Give, Kind, Plan
from sim.sampling.cases import Cases


def without_pools(plan: Plan, pools: Collection[int] | None = None) -> Plan:
    """A plan in which nobody asks for some pools (default: for any).

    The pools keep their numbers. It is as if each had units without end, except that a request that still waits for another
    pool does not hold up those behind it in this one.
    """
    gone = set(range(len(plan.pools))) if pools is None else set(pools)
    activities = tuple(_without(activity, gone) for activity in plan.activities)
    offices = tuple(replace(o, held=tuple(p for p in o.held if p not in gone)) for o in plan.offices)
    return replace(plan, activities=activities, offices=offices)


def _without(activity: ActivityPlan, gone: set[int]) -> ActivityPlan:
    def kept(gives: tuple[Give, ...]) -> tuple[Give, ...]:
        return tuple(g for g in gives if g.pool not in gone)

    return replace(
        activity,
        uses=tuple((pool, units) for pool, units in activity.uses if pool not in gone),
        takes=tuple(pool for pool in activity.takes if pool not in gone),
        gives_at_start=kept(activity.gives_at_start),
        gives_at_finish=kept(activity.gives_at_finish),
    )


def median_durations(plan: Plan, cases: Cases, codes: NDArray[np.int16], activities: Collection[int]) -> NDArray[np.float32]:
    """Median durations of some activities in every pass, given each future's own types and branches; 0 for all others.

    Parameters
    ----------
    cases
        What the activities are like: ``Cases.of(plan)``.
    codes
        Value codes, shape ``(n, offices, variables)``.

    Returns
    -------
    float32, shape ``(n, offices, passes)``
        Also where the pass is not made.
    """
    result = np.zeros((len(codes), len(plan.offices), len(plan.passes)), np.float32)
    medians = np.array([law.median for law in plan.distributions] + [0.0])
    offsets = cases.offsets(codes)
    for a in (plan.activities[i] for i in activities if plan.activities[i].kind is Kind.WORK):
        rows = cases.base[:, a.index] + offsets[:, cases.profile[:, a.index]]
        days = medians[cases.law[rows]] * cases.factor[rows]
        for here in range(a.first_pass, a.passes.stop):
            result[:, :, here] = days * plan.passes[here].scale
    return result
