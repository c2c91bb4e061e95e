"""Timeline → money, to the öre."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.costs.layout import ONCE, Drawn, Output, Room
from sim.costs.model import CostPlan
from sim.sampling import Draws
from sim.timeline import Timeline

Ore = NDArray[np.int64]
"""Whole öre."""

CHUNK = 512
"""Replications that are accrued at a time, so that what is passed on stays in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Costs:
    """Money of a block of replications, in whole öre.

    Attributes
    ----------
    months
        Current prices by month, first of the offices, then of the items, shape ``(n, offices + items, months + 1)``; the last column
        is the part of the status month that lies before the status day, which is counted in its month as well.
    years
        Prices of the base dates by year, shape ``(n, offices + items, years)``.
    once
        What ends by itself, beyond the last month too, of each office: in current prices, in fixed prices, the part of the latter
        that is due to time, and as planned; shape ``(n, offices, 4)``.
    budget
        What each frame is compared with, then the debt of the programme at the end of each month, shape ``(n, values)``.
    types
        Type code of each office, shape ``(n, offices)``; -1: none.
    opening
        Day on which each office opens, shape ``(n, offices)``.
    """

    first: int
    members: NDArray[np.bool_]
    months: Ore
    years: Ore
    once: Ore
    budget: Ore
    types: NDArray[np.int16]
    opening: NDArray[np.int32]

    @property
    def replications(self) -> int:
        """Number of replications."""
        return len(self.months)

    @property
    def office(self) -> Ore:
        """Current prices by office and month, shape ``(n, offices, months)``."""
        return self.months[:, : self.types.shape[1], :-1]

    @property
    def item(self) -> Ore:
        """Current prices by item and month, shape ``(n, items, months)``."""
        return self.months[:, self.types.shape[1] :, :-1]

    @cached_property
    def joint_once(self) -> Ore:
        """``once`` of the programme and each round, shape ``(n, joint groups, 4)``."""
        once: Ore = np.matmul(self.members.astype(np.int64), self.once)
        return once

    @cached_property
    def last_opening(self) -> NDArray[np.int32]:
        """Day of the last opening of the programme and each round, shape ``(n, joint groups)``."""
        return np.stack([self.opening[:, member].max(axis=1) for member in self.members], axis=1)

    @property
    def total(self) -> Ore:
        """All money of the programme up to the end of the last month, shape ``(n,)``."""
        total: Ore = self.office.sum(axis=(1, 2))
        return total


def accrue(costs: CostPlan, draws: Draws, timeline: Timeline, drawn: Drawn) -> Costs:
    """Spread the money of a block over its months.

    Parameters
    ----------
    costs
        The compiled money.
    draws, timeline
        The futures: their types, and when everything happened.
    drawn
        Own uncertainty of items and indices, see :class:`sim.costs.CostSampler` (or :func:`sim.costs.neutral`).

    Returns
    -------
    Costs
        Sums over offices and over items agree, and months add up to years, to the öre and in every replication.
    """
    from sim.costs.kernel import accrue_block  # late: needs the compiler

    plan, out = costs.plan, _output(costs, timeline.replications)
    accrue_block(costs.packed, Room.of(costs.packed, out), draws.codes, timeline.record, timeline.happens, drawn, out)
    types = draws.codes[:, :, plan.type_variable] if plan.type_variable >= 0 else np.full(draws.codes.shape[:2], -1, draws.codes.dtype)
    return Costs(draws.first, costs.members, *out, np.ascontiguousarray(types), timeline.opening(plan))


def chunks(draws: Draws, timeline: Timeline) -> Iterator[tuple[Draws, Timeline]]:
    """A block in small pieces."""
    for begin in range(0, timeline.replications, CHUNK):
        rows = slice(begin, begin + CHUNK)
        yield draws.take(rows), Timeline(**{name: getattr(timeline, name)[rows] for name in Timeline.__dataclass_fields__})


def _output(costs: CostPlan, n: int) -> Output:
    offices, rows = len(costs.plan.offices), len(costs.plan.offices) + len(costs.items)
    return Output(
        months=np.empty((n, rows, costs.grid.months + 1), np.int64),
        years=np.empty((n, rows, len(costs.grid.years)), np.int64),
        once=np.empty((n, offices, ONCE), np.int64),
        budget=np.empty((n, int(costs.packed.budgets.first[-1])), np.int64),
    )
