"""What a scenario's money compiles to."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.costs.grid import Grid
from sim.costs.layout import Packed
from sim.distributions import Distribution
from sim.plan import Plan

FINANCING = ("appropriation", "loan")
"""How an item is paid."""

NO_FRAME = 2**62
"""A sum that is never reached."""


@dataclass(frozen=True, slots=True)
class Group:
    """Offices or items whose money is summed and followed."""

    label: str
    """``programme``, ``round:1``, ``type:small`` or ``office:boden``."""
    item: str = ""
    """Id of an item, empty for all."""
    financing: str = ""
    """``appropriation`` or ``loan``, empty for both."""

    @property
    def is_office(self) -> bool:
        """Whether it is a single office."""
        return self.label.startswith("office:")


@dataclass(frozen=True, slots=True)
class Unit:
    """The own uncertainty of one item of one office."""

    office: int
    item: int
    stream: str
    law: int
    """Index into ``CostPlan.laws``."""
    correlation: float


@dataclass(frozen=True, eq=False)
class Reference:
    """What the money is measured against: undelayed futures without uncertainty of money, means over them.

    An undelayed future has median durations, no risks and no redo, and its own types and branches. When these are certain
    there is one such future, the deterministic plan; else there are :data:`sim.costs.compile.UNDELAYED` of them.
    """

    cells: NDArray[np.float64]
    """Öre in every cell of a tally, current prices where the cell has these."""
    once: NDArray[np.float64]
    """Öre of what ends in prices of the base dates (the budget as it is written), for the programme and each round."""
    opening: NDArray[np.float64]
    """Day of the last opening, for the programme and each round."""


@dataclass(frozen=True, eq=False)
class CostPlan:
    """A scenario's money compiled; made by :func:`sim.costs.compile_costs`.

    Attributes
    ----------
    as_planned
        The plan without what is known on the status date: what results are measured against.
    grid
        Months and years.
    items, budgets
        Ids, in the order of the scenario.
    groups
        What is followed: the programme, rounds, types, kinds of financing, items; the offices come last.
    units, laws, index_laws
        Own uncertainties of items; their laws; the law of each price index, -1 where it is certain.
    packed
        Arrays for the compiled accrual.
    """

    plan: Plan
    as_planned: Plan
    grid: Grid
    items: tuple[str, ...]
    budgets: tuple[str, ...]
    groups: tuple[Group, ...]
    units: tuple[Unit, ...]
    laws: tuple[Distribution, ...]
    index_laws: tuple[int, ...]
    packed: Packed = field(repr=False)
    reference: Reference | None = field(default=None, repr=False)

    @cached_property
    def rounds(self) -> tuple[int, ...]:
        """The rounds, in order."""
        return tuple(sorted({o.round for o in self.plan.scenario.offices.values() if o.round is not None}))

    @cached_property
    def joint_groups(self) -> tuple[str, ...]:
        """Labels of the groups whose cost and last opening are followed together: the programme and the rounds."""
        return ("programme", *(f"round:{r}" for r in self.rounds))

    @cached_property
    def members(self) -> NDArray[np.bool_]:
        """Whether an office belongs to the programme and each round, shape ``(joint groups, offices)``."""
        rounds = [office.round for office in self.plan.scenario.offices.values()]
        return np.array([[True] * len(rounds), *([r == of for of in rounds] for r in self.rounds)])

    @cached_property
    def frames(self) -> NDArray[np.int64]:
        """Öre of each budget and year, then ``NO_FRAME`` for the debt in each month."""
        frames = [round(kronor * 100) for budget in self.plan.scenario.budgets.values() for kronor in budget.years.values()]
        return np.array(frames + [NO_FRAME] * self.grid.months, np.int64)

    @property
    def types(self) -> tuple[str, ...]:
        """Ids of the office types."""
        return tuple(self.plan.scenario.office_types)

    @cached_property
    def planned(self) -> Reference:
        """What the money is measured against."""
        if self.reference is None:
            raise ValueError("a cost plan without its reference; make it with compile_costs")
        return self.reference
