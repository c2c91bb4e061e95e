"""Tables of what a tally knows, in kronor: columns by name, as they are written to the run folder."""

from __future__ import annotations

from itertools import product

from sim.costs.joint import Table, table, wilson
from sim.costs.model import CostPlan, Group
from sim.costs.tally import CostTally

LEVELS = (0.1, 0.5, 0.8, 0.9)
"""Quantiles in the tables."""

STATISTICS = ("plan", "mean", "p10", "p50", "p80", "p90")
"""What is said of each sum; ``plan`` is the mean over the undelayed futures."""

TERTIALS = ("01–04", "05–08", "09–12")
"""Months of the periods by which an agency reports."""


class Statistics:
    """What is said of the cells of a tally."""

    def __init__(self, tally: CostTally) -> None:
        if not tally.replications:
            raise ValueError("the tally is empty: there is nothing to say of money yet")
        self.plan = tally.costs.planned.cells
        self.mean = tally.means()
        self.quantile = tally.quantiles(LEVELS)

    def of(self, cell: int) -> tuple[float, ...]:
        """Plan, mean and quantiles of a cell in kronor."""
        ore = (self.plan[cell], self.mean[cell], *self.quantile[cell])
        return tuple(round(value) / 100 for value in ore)


def _cells(part: slice) -> range:
    return range(part.start, part.stop)


def _key(group: Group) -> tuple[str, str, str]:
    return group.label, group.item, group.financing


def _columns(prefix: str = "") -> tuple[str, ...]:
    return tuple(prefix + name for name in STATISTICS)


def cost_by_month(tally: CostTally) -> Table:
    """Current prices by month and group: in the month, and so far.

    Columns ``period`` (``2021-06``), ``group`` (``programme``, ``round:1``, ``type:small``, ``office:boden``), ``item`` and ``financing``
    (empty: all), ``plan, mean, p10, p50, p80, p90``, and the same with ``cumulative_`` before them.
    """
    say, cells = Statistics(tally), tally.cells
    rows = [
        (period, *_key(group), *say.of(month), *say.of(so_far))
        for g, group in enumerate(tally.costs.groups)
        for period, month, so_far in zip(tally.costs.grid.month_names, _cells(cells.month(g)), _cells(cells.cumulative(g)), strict=True)
    ]
    return table(("period", "group", "item", "financing", *_columns(), *_columns("cumulative_")), rows)


def cost_by_year(tally: CostTally) -> Table:
    """Budget years by group, in current and in fixed prices (column ``prices``); other columns as in :func:`cost_by_month`."""
    say, cells, costs = Statistics(tally), tally.cells, tally.costs
    ends = costs.packed.time.year_end
    rows = []
    for (g, group), (y, year) in product(enumerate(costs.groups), enumerate(costs.grid.years)):
        so_far = cells.cumulative(g).start + int(ends[y])
        rows.append((year, *_key(group), "current", *say.of(cells.year(g).start + y), *say.of(so_far)))
        fixed, fixed_so_far = cells.year_fixed(g).start + y, cells.cumulative_fixed(g).start + y
        rows.append((year, *_key(group), "fixed", *say.of(fixed), *say.of(fixed_so_far)))
    return table(("period", "group", "item", "financing", "prices", *_columns(), *_columns("cumulative_")), rows)


def budgets(tally: CostTally) -> Table:
    """Each frame and year: chance of exceeding it (with Wilson's interval), expected excess, what is left over on average.

    ``plan`` and the following columns tell what the frame is compared with: the cost, the expense, or the debt at the end of the year.
    """
    names = ("budget", "kind", "year", "frame", "probability_over", "low", "high", "expected_excess", "mean_left", *_columns())
    say, n, first = Statistics(tally), tally.replications, tally.cells.budget().start
    rows = []
    v = 0
    for id_, budget in tally.costs.plan.scenario.budgets.items():
        for year in budget.years:
            frame, over = int(tally.costs.frames[v]), int(tally.over[v])
            excess = tally.excess[v] / n
            left = frame - float(say.mean[first + v]) + excess
            money = (round(excess) / 100, round(left) / 100, *say.of(first + v))
            rows.append((id_, budget.kind, int(year), frame / 100, over / n, *wilson(over, n), *money))
            v += 1
    return table(names, rows)


def debt_by_month(tally: CostTally) -> Table:
    """Outstanding loans of the programme at the end of each month."""
    say, names = Statistics(tally), tally.costs.grid.month_names
    first = tally.cells.count - len(names)
    return table(("period", *_columns()), [(name, *say.of(first + m)) for m, name in enumerate(names)])


def tertials(tally: CostTally) -> Table:
    """Cost of each four-month period of a budget year, by group (offices apart): ``period`` is ``2022 T1``."""
    say, cells = Statistics(tally), tally.cells
    rows = [
        (f"{year} T{number}", *_key(group), *say.of(cells.tertial(g).start + t))
        for g, group in enumerate(_main_groups(tally.costs))
        for t, (year, number, _, _) in enumerate(tally.costs.grid.tertials)
    ]
    return table(("period", "group", "item", "financing", *_columns()), rows)


def forecast(tally: CostTally) -> Table:
    """The status year as an agency forecasts it: outcome before the status day, rest of the year, the whole year against plan.

    One row for each group (offices apart) and ``part``: ``outcome``, ``rest`` and ``year``; empty without a status date. ``deviation`` is
    mean - plan.
    """
    costs, cells = tally.costs, tally.cells
    names = ("year", "tertial", "part", "group", "item", "financing", *_columns(), "deviation")
    status = costs.grid.status
    if status is None or costs.packed.time.status < 0 or status.year not in costs.grid.years:
        return table(names, [])
    say = Statistics(tally)
    year = status.year - costs.grid.start.year
    rows = []
    for g, group in enumerate(_main_groups(costs)):
        for part, cell in (("outcome", cells.known(g)), ("rest", cells.left(g)), ("year", cells.year(g).start + year)):
            values = say.of(cell)
            rows.append((status.year, (status.month + 3) // 4, part, *_key(group), *values, round(values[1] - values[0], 2)))
    return table(names, rows)


def _main_groups(costs: CostPlan) -> list[Group]:
    return [group for group in costs.groups if not group.is_office]
