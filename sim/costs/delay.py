"""Cost of delay: what a month later costs, from each future and its own undelayed plan."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from sim.costs.accrue import Costs, accrue, chunks
from sim.costs.compile import Engine
from sim.costs.joint import Table, table
from sim.costs.model import CostPlan
from sim.costs.sampler import CostSampler
from sim.sampling import Draws, medians_given
from sim.timeline import Timeline

MONTH = 365.25 / 12
"""Days of a month of delay."""


@dataclass(frozen=True, eq=False)
class DelayPairs:
    """What futures differ from their own undelayed plans, by replication and office.

    Attributes
    ----------
    days
        Opening later, days, shape ``(n, offices)``.
    extra
        Öre more for what ends by itself (establishment; rent and pay before opening), fixed prices.
    postponed
        Öre less for what runs on (operation), up to the end of the last month, current prices: not saved, but spent later.
    """

    days: NDArray[np.int64]
    extra: NDArray[np.int64]
    postponed: NDArray[np.int64]


def pair_with_plan(costs: CostPlan, sampler: CostSampler, simulate: Engine, draws: Draws, timeline: Timeline) -> DelayPairs:
    """Simulate the undelayed plan of each future of a block, and take the differences.

    The pair has the same types, branches, price indices and own uncertainty of items; only time differs.
    """
    drawn = sampler.draw(draws)
    calm = medians_given(costs.as_planned, draws)
    late, planned = accrue(costs, draws, timeline, drawn), accrue(costs, calm, simulate(costs.as_planned, calm), drawn)
    return DelayPairs(
        days=(late.opening - planned.opening).astype(np.int64),
        extra=late.once[:, :, 1] - planned.once[:, :, 1],
        postponed=_running(planned) - _running(late),
    )


def _running(block: Costs) -> NDArray[np.int64]:
    running: NDArray[np.int64] = block.office.sum(axis=2) - block.once[:, :, 0]
    return running


PAIRED = 500
"""Futures, from the first on, that are paired with their undelayed plans: each costs a second simulation."""


class DelayTally:
    """Pairs of the first futures with their undelayed plans.

    Parameters
    ----------
    sampler
        Draws the money.
    simulate
        The engine.
    """

    def __init__(self, sampler: CostSampler, simulate: Engine) -> None:
        self.sampler, self.simulate = sampler, simulate
        self.blocks: dict[int, DelayPairs] = {}
        """Pairs by their first replication."""

    def add(self, draws: Draws, timeline: Timeline) -> None:
        """Pair the futures of a block that are among the first."""
        count = min(draws.replications, PAIRED - draws.first)
        if count > 0:
            first = Timeline(timeline.record[:count], timeline.happens[:count])
            for some_draws, some_time in chunks(draws.take(slice(count)), first):
                pairs = pair_with_plan(self.sampler.costs, self.sampler, self.simulate, some_draws, some_time)
                self.blocks[some_draws.first] = pairs

    def merge(self, other: DelayTally) -> None:
        """Add what another tally has paired."""
        self.blocks |= other.blocks

    def pairs(self) -> DelayPairs:
        """All pairs, in order."""
        ordered = [pairs for _, pairs in sorted(self.blocks.items())]
        return DelayPairs(*(np.concatenate([getattr(p, f) for p in ordered]) for f in ("days", "extra", "postponed")))

    def table(self) -> Table:
        """See :func:`cost_of_delay`."""
        return cost_of_delay(self.sampler.costs, self.pairs())


def cost_of_delay(costs: CostPlan, pairs: DelayPairs) -> Table:
    """Kronor per office-month of delay, for the programme, the rounds and each office.

    The ratio of the mean extra cost to the mean delay, with its 95 % interval (by the standard error of a ratio, Cochran 1977,
    section 6.4); empty where there is no delay on average. ``postponed`` is operation that falls later, per replication.
    """
    names = ("group", "delay_months", "extra_cost", "postponed", "per_office_month", "low", "high", "replications")
    labels = [*costs.joint_groups, *(f"office:{o.id}" for o in costs.plan.offices)]
    offices = [*costs.members, *np.eye(len(costs.plan.offices), dtype=np.bool_)]
    rows = []
    for label, member in zip(labels, offices, strict=True):
        months = pairs.days[:, member].sum(axis=1) / MONTH
        extra = pairs.extra[:, member].sum(axis=1) / 100
        postponed = pairs.postponed[:, member].sum(axis=1) / 100
        means = (round(float(months.mean()), 3), round(float(extra.mean()), 2), round(float(postponed.mean()), 2))
        rows.append((label, *means, *ratio(extra, months), len(months)))
    return table(names, rows)


def ratio(extra: NDArray[np.float64], months: NDArray[np.float64]) -> tuple[float | None, float | None, float | None]:
    """Ratio of means with its 95 % interval, or nothing where the delay is 0 on average.

    >>> ratio(np.array([10.0, 20.0]), np.array([1.0, 2.0]))
    (10.0, 10.0, 10.0)
    """
    mean = float(months.mean())
    if mean <= 0:
        return None, None, None
    value = float(extra.mean()) / mean
    n = len(months)
    spread = float(np.sum((extra - value * months) ** 2)) / max(n - 1, 1)
    half = 1.96 * sqrt(spread / n) / mean
    return round(value, 2), round(value - half, 2), round(value + half, 2)
