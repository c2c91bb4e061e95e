"""Cost and date together: the chance that both hold, frontiers, contingencies, whole futures, and the reserve for planning.

The cost here is that of what ends by itself (establishment, rent and pay before opening), in current prices: operation, which goes on for
ever, would make late programmes look cheap. The date is the last opening of the group.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from sim.costs.intervals import wilson
from sim.costs.model import CostPlan

Days = NDArray[np.int64]
Ore = NDArray[np.int64]
Table = dict[str, list[object]]
"""Columns of a table by name, all of the same length."""

LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Quantiles of date and of cost that the grid of joint confidence is made of."""

CONFIDENCES = (0.5, 0.7, 0.8)
"""Confidences of the frontiers."""

NEAR = 0.05
"""Futures whose cost is within this share of ranks of a confidence tell what the reserve there is made of."""

SECTIONS, LEAST = 20, 25
"""Parts of the futures that tell how sure a reserve is, and the fewest futures of a part: with fewer there are fewer parts."""

SCATTERED = 2_000
"""Futures of which a scatter is drawn; more dots would only lie on each other."""


@dataclass(frozen=True, eq=False)
class JointSample:
    """Cost and last opening of futures.

    Attributes
    ----------
    replication
        Number of each, shape ``(n,)``.
    cost, fixed, time, planned
        Öre for the programme and each round, shape ``(n, groups)``: current prices, fixed prices, the part of that which comes
        from spans longer or shorter than planned, and what was planned for the types that the offices have there.
    day
        Last opening, days after the start, shape ``(n, groups)``.
    """

    costs: CostPlan
    replication: Days
    cost: Ore
    fixed: Ore
    time: Ore
    planned: Ore
    day: Days

    @classmethod
    def of(cls, costs: CostPlan, values: NDArray[np.int64], replication: Days) -> JointSample:
        """From rows of shape ``(n, groups, 5)``."""
        return cls(costs, replication, *(np.ascontiguousarray(values[:, :, k]) for k in range(5)))

    def take(self, part: slice) -> JointSample:
        """Some of the futures."""
        names = ("replication", "cost", "fixed", "time", "planned", "day")
        return replace(self, **{name: getattr(self, name)[part] for name in names})


def rank_value(values: NDArray[np.int64], level: float) -> int:
    """The least value that at least a share of the futures stays at or below.

    >>> rank_value(np.array([5, 1, 4, 2, 3]), 0.8)
    4
    """
    rank = max(ceil(round(level * len(values), 6)), 1)
    return int(np.partition(values, rank - 1)[rank - 1])


def section_errors(sample: JointSample, answers: Callable[[JointSample], Sequence[float]]) -> list[float | None]:
    """Standard errors of answers for which there is no formula, by sectioning; ``None`` where the futures are too few.

    Each of ``SECTIONS`` equal parts of the futures gives its own answers. The parts are independent, and an answer of one of them varies
    √SECTIONS times as much as that of all: so the error is the standard deviation of the parts' answers over √SECTIONS.
    Source: S. Asmussen and P. W. Glynn, Stochastic Simulation (2007), section III.5a.
    """
    n = len(sample.replication)
    count = min(SECTIONS, n // LEAST)
    if count < 2:
        return [None] * len(answers(sample))
    size = n // count
    found = np.array([answers(sample.take(slice(k * size, (k + 1) * size))) for k in range(count)], float)
    return [float(error) for error in found.std(axis=0, ddof=1) / sqrt(count)]


def joint_probability(cost: Ore, day: Days, most: int, last: int) -> float:
    """Share of the futures that cost at most so much and are open by the day.

    For a Gaussian pair at the medians it is 1/4 + arcsin(correlation) / 2π (Sheppard 1899): 1/3 at correlation 1/2.
    """
    return float(np.mean((cost <= most) & (day <= last)))


def joint(sample: JointSample) -> Table:
    """Chance that cost and date both hold, over a grid of their quantiles, for the programme and each round."""
    names = ("group", "date_level", "date", "cost_level", "cost", "probability", "low", "high")
    rows = []
    for g, group in enumerate(sample.costs.joint_groups):
        cost, day = sample.cost[:, g], sample.day[:, g]
        for date_level in LEVELS:
            last = rank_value(day, date_level)
            for cost_level in LEVELS:
                most = rank_value(cost, cost_level)
                both = int(np.count_nonzero((cost <= most) & (day <= last)))
                date = sample.costs.plan.date(last)
                rows.append((group, date_level, date, cost_level, most / 100, both / len(cost), *wilson(both, len(cost))))
    return table(names, rows)


def frontier_of(cost: Ore, day: Days, confidence: float, levels: int = 40) -> list[tuple[int, int]]:
    """Pairs (day, cost) that hold together with a confidence: for each of some days the least cost with which they do."""
    needed = ceil(round(confidence * len(day), 6))
    earliest = rank_value(day, confidence)
    days = np.unique(np.quantile(day[day >= earliest], np.linspace(0, 1, levels), method="inverted_cdf"))
    pairs: list[tuple[int, int]] = []
    for last in days:
        least = int(np.partition(cost[day <= last], needed - 1)[needed - 1])
        if not pairs or least < pairs[-1][1]:
            pairs.append((int(last), least))
    return pairs


def frontier(sample: JointSample) -> Table:
    """The frontiers at 50, 70 and 80 %: the pairs of date and cost where a later date no longer lowers the cost are left out."""
    rows = []
    for g, group in enumerate(sample.costs.joint_groups):
        for confidence in CONFIDENCES:
            pairs = frontier_of(sample.cost[:, g], sample.day[:, g], confidence)
            rows += [(group, confidence, sample.costs.plan.date(day), cost / 100) for day, cost in pairs]
    return table(("group", "confidence", "date", "cost"), rows)


def contingency(sample: JointSample, confidences: tuple[float, ...] = CONFIDENCES) -> Table:
    """Reserves of time and of money, equally likely to be enough each, with which both hold with a confidence.

    They are measured against the undelayed futures (``planned_date``, ``planned_cost`` in prices of the base dates); ``level`` is the
    share of futures in which each of them alone is enough. Their errors are by sectioning, see :func:`section_errors`.
    """
    names = (
        "group",
        "confidence",
        "level",
        "date",
        "planned_date",
        "days",
        "cost",
        "planned_cost",
        "money",
        "level_se",
        "days_se",
        "money_se",
    )
    rows = []
    plan, reference = sample.costs.plan, sample.costs.planned
    for g, group in enumerate(sample.costs.joint_groups):
        planned_day, planned_cost = round(float(reference.opening[g])), round(float(reference.once[g]))
        for confidence in confidences:
            level, last, most = both_hold(sample.cost[:, g], sample.day[:, g], confidence)
            level_se, days_se, money_se = section_errors(sample, partial(_held, g=g, confidence=confidence))
            dates = plan.date(last), plan.date(planned_day), last - planned_day
            money = most / 100, planned_cost / 100, (most - planned_cost) / 100
            rows.append((group, confidence, level, *dates, *money, level_se, days_se, money_se))
    return table(names, rows)


def _held(sample: JointSample, g: int, confidence: float) -> tuple[float, int, float]:
    """Level, day and kronor of :func:`both_hold` in a group."""
    level, last, most = both_hold(sample.cost[:, g], sample.day[:, g], confidence)
    return level, last, most / 100


def both_hold(cost: Ore, day: Days, confidence: float) -> tuple[float, int, int]:
    """The least level, with its day and cost, whose quantiles of day and cost hold together with a confidence.

    A future is within both quantiles from the higher of its two ranks on; so the level is the quantile of those.

    >>> both_hold(np.array([1, 2, 3, 4]), np.array([10, 20, 40, 30]), 0.5)
    (0.5, 20, 2)
    """
    n = len(cost)
    ranks = np.maximum(*(np.searchsorted(np.sort(values), values) + 1 for values in (day, cost)))
    level = rank_value(ranks, confidence) / n
    return level, rank_value(day, level), rank_value(cost, level)


def futures_near(sample: JointSample, level: float, count: int = 5, group: int = 0) -> Table:
    """Whole futures whose cost is nearest to a quantile: percentiles of parts do not add up, a future does. Can be replayed."""
    cost = sample.cost[:, group]
    nearest = np.argsort(np.abs(cost - rank_value(cost, level)), kind="stable")[:count]
    rows = [(int(sample.replication[i]), int(cost[i]) / 100, sample.costs.plan.date(int(sample.day[i, group]))) for i in nearest]
    return table(("replication", "cost", "last_opening"), rows)


def joint_sample(sample: JointSample, most: int = SCATTERED) -> Table:
    """Cost and last opening of the first futures, for the programme and each round: what a scatter is drawn from."""
    rows = [
        (group, int(number), sample.costs.plan.date(int(day)), int(cost) / 100)
        for g, group in enumerate(sample.costs.joint_groups)
        for number, day, cost in zip(sample.replication[:most], sample.day[:most, g], sample.cost[:most, g], strict=True)
    ]
    return table(("group", "replication", "date", "cost"), rows)


def whole_futures(sample: JointSample, levels: tuple[float, ...] = (0.5, 0.8), count: int = 3) -> Table:
    """Whole futures near P50 and P80 of the cost, for the programme and each round; see :func:`futures_near`."""
    rows: list[tuple[object, ...]] = []
    for g, group in enumerate(sample.costs.joint_groups):
        for level in levels:
            near = futures_near(sample, level, count, g)
            rows += [(group, level, *row) for row in zip(*near.values(), strict=True)]
    return table(("group", "level", "replication", "cost", "last_opening"), rows)


def uplift(sample: JointSample, confidences: tuple[float, ...] = (0.5, 0.8)) -> Table:
    """The reserve on top of the planned cost (prices of the base dates) with which the money is enough, split into price, scope and time.

    In every future: cost - plan = price (current - fixed prices) + time (fixed prices of spans and yearly items longer than
    planned) + scope (own uncertainty of items, types, what happens or not). The parts of a reserve are their means over the futures
    whose cost ranks within ``NEAR`` of the confidence; the small rest to the reserve itself is shared among them by their size. So the
    parts add up. Their errors are by sectioning, see :func:`section_errors`.
    """
    parts = ("reserve", "price", "scope", "time")
    names = ("group", "confidence", "planned", "reserve", "reserve_share", *parts[1:], *(f"{part}_se" for part in parts))
    rows = []
    for g, group in enumerate(sample.costs.joint_groups):
        planned = float(sample.costs.planned.once[g])
        for confidence in confidences:
            split = partial(split_reserve, g=g, confidence=confidence, planned=planned)
            reserve, *causes = split(sample)
            share = reserve * 100 / planned if planned else 0.0
            rows.append((group, confidence, round(planned) / 100, reserve, share, *causes, *section_errors(sample, split)))
    return table(names, rows)


def split_reserve(sample: JointSample, g: int, confidence: float, planned: float) -> tuple[float, float, float, float]:
    """Kronor of a reserve, and of it those that are due to price, scope and time."""
    n = len(sample.replication)
    reserve = rank_value(sample.cost[:, g], confidence) - planned
    order = np.argsort(sample.cost[:, g], kind="stable")
    first = max(int((confidence - NEAR) * n), 0)
    near = order[first : max(int((confidence + NEAR) * n), first + 1)]
    price = float(np.mean(sample.cost[near, g] - sample.fixed[near, g]))
    time = float(np.mean(sample.time[near, g]))
    scope = float(np.mean(sample.fixed[near, g] - sample.time[near, g])) - planned
    size = abs(price) + abs(scope) + abs(time)
    rest = reserve - price - scope - time
    shares = [abs(part) / size if size else 1 / 3 for part in (price, scope, time)]
    ore = [round(part + rest * share) for part, share in zip((price, scope, time), shares, strict=True)]
    ore[1] = round(reserve) - ore[0] - ore[2]
    return round(reserve) / 100, ore[0] / 100, ore[1] / 100, ore[2] / 100


def table(names: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> Table:
    """Rows as columns."""
    return {name: [row[k] for row in rows] for k, name in enumerate(names)}
