"""Money of a block → one row of cells for each replication: every group in every period, in whole öre."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.costs.accrue import Costs
from sim.costs.model import CostPlan, Group

if TYPE_CHECKING:
    from sim.costs.folding import Shape, Sums
    from sim.costs.histogram import Histograms


@dataclass(frozen=True)
class Cells:
    """Where each group's numbers stand in a row: a stretch for each view; the groups' stretches come one after the other.

    Offices have no tertials and no forecast; they are the last of the groups.
    """

    months: int
    years: int
    tertials: int
    main: int
    """Groups that are not offices."""
    offices: int
    budgets: int

    @property
    def office_width(self) -> int:
        """Cells of an office: months, sums so far at their ends, years, years in fixed prices, sums so far of these."""
        return 2 * self.months + 3 * self.years

    @property
    def main_width(self) -> int:
        """Cells of another group: besides, the tertials, and of the status year what is known and what is left."""
        return self.office_width + self.tertials + 2

    @property
    def count(self) -> int:
        """All cells; the budgets' values stand last."""
        return self.main * self.main_width + self.offices * self.office_width + self.budgets

    def base(self, group: int) -> int:
        """First cell of a group."""
        late = max(group - self.main, 0)
        return (group - late) * self.main_width + late * self.office_width

    def month(self, group: int) -> slice:
        """Each month."""
        return self._part(group, 0, self.months)

    def cumulative(self, group: int) -> slice:
        """Sum so far at the end of each month."""
        return self._part(group, self.months, self.months)

    def year(self, group: int) -> slice:
        """Each year, current prices."""
        return self._part(group, 2 * self.months, self.years)

    def year_fixed(self, group: int) -> slice:
        """Each year, prices of the base dates."""
        return self._part(group, 2 * self.months + self.years, self.years)

    def cumulative_fixed(self, group: int) -> slice:
        """Sum so far at the end of each year, prices of the base dates."""
        return self._part(group, 2 * self.months + 2 * self.years, self.years)

    def tertial(self, group: int) -> slice:
        """Each four-month period."""
        return self._part(group, self.office_width, self.tertials)

    def known(self, group: int) -> int:
        """What arose in the status year before the status day."""
        return self.base(group) + self.office_width + self.tertials

    def left(self, group: int) -> int:
        """What arises in the rest of the status year."""
        return self.known(group) + 1

    def budget(self) -> slice:
        """Values of the budgets, then the debt."""
        return slice(self.count - self.budgets, self.count)

    def _part(self, group: int, offset: int, length: int) -> slice:
        begin = self.base(group) + offset
        return slice(begin, begin + length)


def cells_of(costs: CostPlan) -> Cells:
    """The cells of a plan's money."""
    grid = costs.grid
    offices = len(costs.plan.offices)
    main = len(costs.groups) - offices
    return Cells(grid.months, len(grid.years), len(grid.tertials), main, offices, int(costs.packed.budgets.first[-1]))


class Folder:
    """Sums the money of blocks: offices to rounds, types and the programme, items to kinds of financing."""

    def __init__(self, costs: CostPlan) -> None:
        self.cells = cells_of(costs)
        self.shape = _shape(costs, self.cells)

    def rows(self, block: Costs) -> NDArray[np.int64]:
        """Rows of cells, shape ``(n, cells)``."""
        from sim.costs.folding import fold_group

        rows, sums = np.empty((block.replications, self.cells.count), np.int64), self._sums(block)
        for group, begin in enumerate(self.shape.base[:-1]):
            part = np.empty((block.replications, self.cells.main_width), np.int64)
            fold_group(self.shape, group, block.months, block.years, sums, part)
            width = self.shape.base[group + 1] - begin
            rows[:, begin : begin + width] = part[:, :width]
        rows[:, self.cells.budget()] = block.budget
        return rows

    def count(self, block: Costs, histograms: Histograms, spare: NDArray[np.int32]) -> None:
        """Count the rows in histograms, as many as there are cells."""
        from sim.costs.folding import count_block
        from sim.costs.histogram import count_rows

        rows = np.empty((block.replications, self.cells.main_width), np.int64)
        extremes = np.empty((3, max(self.cells.main_width, self.cells.budgets)), np.int64)
        count_block(self.shape, block.months, block.years, self._sums(block), rows, histograms, spare, extremes)
        count_rows(histograms, block.budget, self.cells.budget().start, self.cells.budgets, spare, extremes)

    def _sums(self, block: Costs) -> Sums:
        from sim.costs.folding import Sums, sum_unions

        sums = Sums.of(self.shape, block.months, block.years)
        sum_unions(self.shape, block.types, block.months, sums.months)
        sum_unions(self.shape, block.types, block.years, sums.years)
        return sums


def _shape(costs: CostPlan, cells: Cells) -> Shape:
    from sim.costs.folding import Shape  # late: needs the compiler

    grid, time = costs.grid, costs.packed.time
    known = grid.status is not None and time.status >= 0 and grid.status.year in grid.years
    belongs = [_members(costs, group) for group in costs.groups]
    single = [i for i, group in enumerate(costs.groups) if group.is_office or group.item]
    unions = [g for g in range(len(costs.groups)) if g not in single]
    members = len(costs.plan.offices) + len(costs.items)
    rows = [belongs[g].index(True) if g in single else members + unions.index(g) for g in range(len(costs.groups))]
    certain = [[k for k, g in enumerate(unions) if belongs[g][i] and not _is_type(costs.groups[g])] for i in range(members)]
    labels = [costs.groups[g].label for g in unions]
    return Shape(
        row=np.array(rows, np.uint32),
        first=np.cumsum([0, *map(len, certain)], dtype=np.uint32),
        union=np.array([k for of_member in certain for k in of_member], np.uint32),
        of_type=np.array([labels.index(f"type:{t}") for t in costs.types], np.uint32),
        unions=len(unions),
        base=np.array([cells.base(g) for g in range(len(costs.groups) + 1)], np.int64),
        is_office=np.array([g.is_office for g in costs.groups], np.bool_),
        year_end=time.year_end,
        tertial=np.array([months for _, _, *months in grid.tertials], np.uint32),
        status_month=time.status_month if known else -1,
        status_year=grid.status.year - grid.start.year if grid.status is not None and known else -1,
    )


def _is_type(group: Group) -> bool:
    return group.label.startswith("type:")


def _members(costs: CostPlan, group: Group) -> list[bool]:
    """Whether each office, then each item, belongs to a group (offices of a type: all may, the draws tell).

    The programme is the sum of its items as well as of its offices; the items are fewer.
    """
    scenario = costs.plan.scenario
    if group.item or group.financing:
        items = [id_ == group.item or (not group.item and i.financing == group.financing) for id_, i in scenario.costs.items()]
        return [False] * len(scenario.offices) + items
    kind, _, key = group.label.partition(":")
    if kind == "programme":
        return [False] * len(scenario.offices) + [True] * len(scenario.costs)
    of = {"round": [str(o.round) for o in scenario.offices.values()], "office": list(scenario.offices)}
    offices = [value == key for value in of[kind]] if kind in of else [True] * len(scenario.offices)
    return offices + [False] * len(scenario.costs)
