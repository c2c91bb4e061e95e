"""Tables of what a tally knows, in kronor: columns by name, as they are written to the run folder."""

from __future__ import annotations

from itertools import product
from math import isnan

import numpy as np
from numpy.typing import NDArray

from sim.costs.intervals import quantile_ranks, rank, wilson
from sim.costs.joint import Table, table
from sim.costs.model import CostPlan, Group
from sim.costs.tally import CostTally

LEVELS = (0.1, 0.5, 0.8, 0.9)
"""Quantiles in the tables."""

STATISTICS = ("plan", "mean", "p10", "p50", "p80", "p90")
"""What is said of each sum; ``plan`` is the mean over the undelayed futures."""

ERRORS = ("mean_se", *(f"p{100 * level:.0f}{end}" for level in LEVELS for end in ("_low", "_high")))
"""How sure that is: the mean's standard error, and intervals of the quantiles by order statistics. They come last in every table."""

MAIN_ERRORS = ("mean_se", "p50_low", "p50_high", "p80_low", "p80_high")
"""Those of months, of which there are many."""

TERTIALS = ("01–04", "05–08", "09–12")
"""Months of the periods by which an agency reports."""


class Statistics:
    """What is said of the cells of a tally, and how sure it is."""

    def __init__(self, tally: CostTally) -> None:
        if not tally.replications:
            raise ValueError("the tally is empty: there is nothing to say of money yet")
        n = tally.replications
        ranks = [(rank(level, n), *quantile_ranks(n, level)) for level in LEVELS]
        values = tally.ranked([found or 1 for of_level in ranks for found in of_level]).reshape(tally.cells.count, len(LEVELS), 3)
        known = np.array([[found is not None for found in of_level] for of_level in ranks])
        self.mean = tally.means()
        self._said = in_kronor(np.column_stack([tally.costs.planned.cells, self.mean, values[:, :, 0]]))
        ends = np.where(known, values, np.nan)[:, :, 1:].reshape(tally.cells.count, 2 * len(LEVELS))
        errors = np.column_stack([tally.standard_errors() if n > 1 else np.full(tally.cells.count, np.nan), ends])
        self._errors = [tuple(None if isnan(value) else value for value in row) for row in in_kronor(errors)]

    @classmethod
    def of_tally(cls, tally: CostTally) -> Statistics:
        """The same, made once while nothing is added to the tally."""
        if tally.said is None or tally.said[0] != tally.replications:
            tally.said = tally.replications, cls(tally)
        found = tally.said[1]
        assert isinstance(found, Statistics)
        return found

    def of(self, cell: int) -> tuple[float, ...]:
        """Plan, mean and quantiles of a cell in kronor."""
        return self._said[cell]

    def errors(self, cell: int, names: tuple[str, ...] = ERRORS) -> tuple[float | None, ...]:
        """Standard error and intervals of a cell in kronor; nothing where the futures are too few."""
        found = self._errors[cell]
        return found if names is ERRORS else tuple(found[ERRORS.index(name)] for name in names)


def in_kronor(ore: NDArray[np.float64]) -> list[tuple[float, ...]]:
    """Rows of amounts in kronor, rounded to whole öre; NaN stays."""
    return [tuple(row) for row in (np.rint(ore) / 100).tolist()]


def _cells(part: slice) -> range:
    return range(part.start, part.stop)


def _key(group: Group) -> tuple[str, str, str]:
    return group.label, group.item, group.financing


def _columns(prefix: str = "", names: tuple[str, ...] = STATISTICS) -> tuple[str, ...]:
    return tuple(prefix + name for name in names)


def cost_by_month(tally: CostTally) -> Table:
    """Current prices by month and group: in the month, and so far.

    Columns ``period`` (``2021-06``), ``group`` (``programme``, ``round:1``, ``type:small``, ``office:boden``), ``item`` and ``financing``
    (empty: all), ``plan, mean, p10, p50, p80, p90``, and the same with ``cumulative_`` before them.
    """
    say, cells = Statistics.of_tally(tally), tally.cells
    rows = [
        (period, *_key(group), *say.of(month), *say.of(so_far), *say.errors(month, MAIN_ERRORS), *say.errors(so_far, MAIN_ERRORS))
        for g, group in enumerate(tally.costs.groups)
        for period, month, so_far in zip(tally.costs.grid.month_names, _cells(cells.month(g)), _cells(cells.cumulative(g)), strict=True)
    ]
    errors = (*MAIN_ERRORS, *_columns("cumulative_", MAIN_ERRORS))
    return table(("period", "group", "item", "financing", *_columns(), *_columns("cumulative_"), *errors), rows)


def cost_by_year(tally: CostTally) -> Table:
    """Budget years by group, in current and in fixed prices (column ``prices``); other columns as in :func:`cost_by_month`."""
    say, cells, costs = Statistics.of_tally(tally), tally.cells, tally.costs
    ends = costs.packed.time.year_end
    rows = []
    for (g, group), (y, year) in product(enumerate(costs.groups), enumerate(costs.grid.years)):
        so_far = cells.cumulative(g).start + int(ends[y])
        fixed, fixed_so_far = cells.year_fixed(g).start + y, cells.cumulative_fixed(g).start + y
        for prices, own, sum_so_far in (("current", cells.year(g).start + y, so_far), ("fixed", fixed, fixed_so_far)):
            errors = *say.errors(own), *say.errors(sum_so_far)
            rows.append((year, *_key(group), prices, *say.of(own), *say.of(sum_so_far), *errors))
    names = ("period", "group", "item", "financing", "prices", *_columns(), *_columns("cumulative_"))
    return table((*names, *ERRORS, *_columns("cumulative_", ERRORS)), rows)


def budgets(tally: CostTally) -> Table:
    """Each frame and year: chance of exceeding it (with Wilson's interval), expected excess, what is left over on average.

    ``plan`` and the following columns tell what the frame is compared with: the cost, the expense, or the debt at the end of the year.
    """
    names = ("budget", "kind", "year", "frame", "probability_over", "low", "high", "expected_excess", "mean_left", *_columns(), *ERRORS)
    say, n, first = Statistics.of_tally(tally), tally.replications, tally.cells.budget().start
    rows = []
    v = 0
    for id_, budget in tally.costs.plan.scenario.budgets.items():
        for year in budget.years:
            frame, over = int(tally.costs.frames[v]), int(tally.over[v])
            excess = tally.excess[v] / n
            left = frame - float(say.mean[first + v]) + excess
            money = (round(excess) / 100, round(left) / 100, *say.of(first + v), *say.errors(first + v))
            rows.append((id_, budget.kind, int(year), frame / 100, over / n, *wilson(over, n), *money))
            v += 1
    return table(names, rows)


def debt_by_month(tally: CostTally) -> Table:
    """Outstanding loans of the programme at the end of each month."""
    say, names = Statistics.of_tally(tally), tally.costs.grid.month_names
    first = tally.cells.count - len(names)
    rows = [(name, *say.of(first + m), *say.errors(first + m)) for m, name in enumerate(names)]
    return table(("period", *_columns(), *ERRORS), rows)


def tertials(tally: CostTally) -> Table:
    """Cost of each four-month period of a budget year, by group (offices apart): ``period`` is ``2022 T1``."""
    say, cells = Statistics.of_tally(tally), tally.cells
    rows = [
        (f"{year} T{number}", *_key(group), *say.of(cells.tertial(g).start + t), *say.errors(cells.tertial(g).start + t))
        for g, group in enumerate(_main_groups(tally.costs))
        for t, (year, number, _, _) in enumerate(tally.costs.grid.tertials)
    ]
    return table(("period", "group", "item", "financing", *_columns(), *ERRORS), rows)


def forecast(tally: CostTally) -> Table:
    """The status year as an agency forecasts it: outcome before the status day, rest of the year, the whole year against plan.

    One row for each group (offices apart) and ``part``: ``outcome``, ``rest`` and ``year``; empty without a status date. ``deviation`` is
    mean - plan.
    """
    costs, cells = tally.costs, tally.cells
    names = ("year", "tertial", "part", "group", "item", "financing", *_columns(), "deviation", *ERRORS)
    status = costs.grid.status
    if status is None or costs.packed.time.status < 0 or status.year not in costs.grid.years:
        return table(names, [])
    say = Statistics.of_tally(tally)
    year = status.year - costs.grid.start.year
    rows = []
    for g, group in enumerate(_main_groups(costs)):
        for part, cell in (("outcome", cells.known(g)), ("rest", cells.left(g)), ("year", cells.year(g).start + year)):
            values = say.of(cell)
            rows.append(
                (status.year, (status.month + 3) // 4, part, *_key(group), *values, round(values[1] - values[0], 2), *say.errors(cell))
            )
    return table(names, rows)


def _main_groups(costs: CostPlan) -> list[Group]:
    return [group for group in costs.groups if not group.is_office]
