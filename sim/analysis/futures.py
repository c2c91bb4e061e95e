"""What is kept of every future to answer questions by name and to compare two scenarios future by future.

The futures of two scenarios with the same seed are *pairs*: their draws are the same wherever the scenarios ask for the same
thing (common random numbers), so that row *r* of one and row *r* of the other differ only by the change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.openings import OpeningTally
from sim.analysis.targets import TargetTally
from sim.costs import CostSampler, accrue
from sim.costs.accrue import chunks
from sim.plan import Plan
from sim.runner import Block

Ordinals = NDArray[np.int32]
"""Dates as days since the year 1 (:meth:`datetime.date.toordinal`), so that scenarios that begin on different days can be compared."""

NEVER = 3_000_000
"""Stands for a day that does not come; later than any date there is."""

ONCE = "total"
"""What the programme costs once: all that ends by itself. Operation and rent of open offices go on and have no sum."""


class YearCostTally:
    """What each future costs in each year (current prices), and what it costs once; whole öre.

    Eight bytes a year and replication, kept in full because pairs of futures are to be compared.
    """

    def __init__(self, sampler: CostSampler) -> None:
        self.sampler = sampler
        grid = sampler.costs.grid
        self.names = (ONCE, *(str(year) for year in grid.years))
        self._begin = [max(12 * i - grid.start.month + 1, 0) for i in range(len(grid.years))]
        self._parts: list[NDArray[np.int64]] = [np.empty((0, len(self.names)), np.int64)]

    def add(self, block: Block) -> None:
        """Count the money of a block."""
        for draws, timeline in chunks(block.draws, block.timeline):
            money = accrue(self.sampler.costs, draws, timeline, self.sampler.draw(draws))
            by_year = np.add.reduceat(money.office.sum(axis=1), self._begin, axis=1)
            self._parts.append(np.concatenate([money.joint_once[:, 0, :1], by_year], axis=1))

    def merge(self, other: YearCostTally) -> None:
        """Add the replications that follow on these."""
        self._parts += other._parts

    @property
    def money(self) -> dict[str, NDArray[np.int64]]:
        """Öre of each future: once, and of each year."""
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
        return {name: self._parts[0][:, i] for i, name in enumerate(self.names)}


@dataclass(frozen=True, eq=False)
class Futures:
    """The futures of one scenario, as far as questions are asked of them.

    Attributes
    ----------
    name
        What the scenario is called.
    plan
        The scenario, compiled.
    raw
        Its resolved tables.
    opening
        Opening of every office, shape ``(replications, offices)``.
    reached
        When each target is reached, or ``NEVER``, shape ``(targets, replications)``.
    money
        Öre of each future: ``total`` and each year; empty where money was not asked for.
    """

    name: str
    plan: Plan
    raw: Mapping[str, Any]
    opening: Ordinals
    reached: Ordinals
    money: Mapping[str, NDArray[np.int64]]

    @classmethod
    def of(
        cls, name: str, plan: Plan, raw: Mapping[str, Any], openings: OpeningTally, targets: TargetTally, costs: YearCostTally | None = None
    ) -> Futures:
        """From the tallies of a run."""
        first = plan.start.toordinal()
        reached = targets.reached.astype(np.int32) + np.int32(first)
        reached[targets.reached == targets.never] = NEVER
        return cls(name, plan, raw, openings.days.astype(np.int32) + np.int32(first), reached, costs.money if costs else {})

    @property
    def replications(self) -> int:
        """Number of futures."""
        return len(self.opening)

    @cached_property
    def rounds(self) -> dict[int, list[int]]:
        """Offices of each round, by index."""
        found: dict[int, list[int]] = {}
        for i, office in enumerate(self.plan.scenario.offices.values()):
            if office.round is not None:
                found.setdefault(office.round, []).append(i)
        return dict(sorted(found.items()))

    def last_opening(self, round_: int | None = None) -> Ordinals:
        """Opening of the last office of all or of a round, shape ``(replications,)``."""
        some = self.opening if round_ is None else self.opening[:, self.rounds[round_]]
        latest: Ordinals = some.max(axis=1)
        return latest

    def open_by(self, ordinal: int, round_: int | None = None) -> NDArray[np.int64]:
        """How many offices, of all or of a round, are open on a day, shape ``(replications,)``."""
        some = self.opening if round_ is None else self.opening[:, self.rounds[round_]]
        count: NDArray[np.int64] = (some <= ordinal).sum(axis=1)
        return count
