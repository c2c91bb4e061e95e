"""Every activity of every office: when, how long, how often it decides the opening, and how much its length matters.

===================  ==========================================================================================================
``happens``          share of the futures in which it takes place
``start``, finish    first start and last finish, over the futures in which it takes place
``duration_mean``    calendar days from start to finish of all its passes, over the same futures
``wait_mean``        days between being let go by logic and starting (pools, calendar, dates), likewise
``criticality``      share of all futures in which its work lies on the chain to its own office's opening, see
                     :mod:`sim.analysis.chains` (within the office)
``criticality_round``  the same for the last opening of the round, with pools followed into other offices
``significance``     significance index: mean of ``duration / (duration + float) · length / mean length``, where the length is that
                     of the office's programme and the float is by :mod:`sim.analysis.floats`; of the first 1 024 replications
``ssi``              schedule sensitivity index ``criticality · sd(duration) / sd(opening)``
``cruciality``       ``|corr(duration, opening)|`` by Pearson; ``spearman`` by ranks
``merge_bias``       days by which the mean of the last predecessor exceeds the last of their means
===================  ==========================================================================================================

In ``ssi``, ``cruciality`` and ``spearman`` the duration of what does not happen is 0: that it may happen matters too.

``_se`` is a standard error: by the jackknife over groups of replications, for ``spearman`` by Fieller, Hartley and Pearson, Tests for
rank correlation coefficients I, Biometrika 44 (1957) 470–481. ``_low`` and ``_high`` enclose a quantile with 95 % (order statistics).

Sources. Criticality, significance, cruciality: Williams, Criticality in stochastic networks, J. Opl Res. Soc. 43 (1992) 353–357.
Schedule sensitivity index: PMI, A Guide to the Project Management Body of Knowledge (2004), as named and studied by Vanhoucke, Using
activity sensitivity and network topology information to monitor project time performance, Omega 38 (2010) 359–370. Merge bias:
MacCrimmon and Ryavec, An analytical study of the PERT assumptions, Operations Research 12 (1964) 16–37.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.estimates import columns_of, groups_left_out, jackknife
from sim.analysis.precision import quantile_ranks, rank
from sim.analysis.table import Table
from sim.plan import Plan

if TYPE_CHECKING:
    from sim.runner import Block

Real = NDArray[np.float64]

DENSE, RUN, MANY = 4096, 256, 16_384
"""Replications, from the first on, that are all counted; of the runs of 256 that follow every fourth is, and from ``MANY`` on every
20th, to save time. All futures are alike, so no weights are needed; the table says how many it rests on. With 4 and 20 the groups of
replications stay even."""

GROUPS, FEW_GROUPS = 16, 4
"""Groups of replications for standard errors; few when there are very many offices."""

MEMORY = 2**25
"""Bytes for the counts of days; with more than 1 500 offices × 30 activities these become coarser."""

SAMPLE_MEMORY = 40 * 2**20
"""Bytes of the sample kept for rank correlations: the dense replications, or as many of the first as fit."""


class ActivityTally:
    """What is to be known of activities, in whole numbers; one for each worker, to be merged.

    Memory for 32 offices × 30 activities is about 30 MB with its sample, for 3 200 × 30 about 100 MB: there days are counted in
    64 bins, and the sample has some 200 replications.
    """

    def __init__(self, plan: Plan) -> None:
        from sim.analysis.activity_counts import CELL_COLUMNS, OPENING_COLUMNS, Sums, where_of
        from sim.analysis.day_counts import bins_within, no_days

        offices, activities = len(plan.offices), len(plan.activities)
        self.plan = plan
        self.where, places = where_of(plan)
        groups = GROUPS if offices * activities <= 20_000 else FEW_GROUPS
        cell = np.zeros((groups, offices, activities, CELL_COLUMNS), np.int64)
        self.sums = Sums(cell, np.zeros((groups, offices, OPENING_COLUMNS), np.int64), np.zeros((groups, offices, places), np.int64))
        self.days = no_days(2 * offices * activities, bins_within(MEMORY, 2 * offices * activities))
        width = 2 if plan.last < 2**15 else 4
        self.sampled = min(DENSE, SAMPLE_MEMORY // (width * offices * (activities + 1)))
        self.sample_type = np.int16 if width == 2 else np.int32
        self.sample: dict[int, tuple[NDArray[Any], NDArray[Any]]] = {}
        """Durations and openings of the sample, by the number of their first replication."""

    def add(self, block: Block) -> None:
        """Count a block."""
        for rows in pieces_of(block):
            self._count(block, rows)

    def _count(self, block: Block, rows: slice) -> None:
        from sim.analysis.activity_counts import Room, count_block

        first, count, plan = block.draws.first + rows.start, rows.stop - rows.start, self.plan
        opening, timeline = block.opening[rows], block.timeline
        kept = min(max(self.sampled - first, 0), count)
        sample = np.empty((kept, len(plan.offices), len(plan.activities)), np.int32)
        room = Room.of(plan, count)
        count_block(self.where, timeline.record[rows], timeline.happens[rows], opening, first, self.sums, self.days, sample, room)
        if kept:
            self.sample[first] = sample.astype(self.sample_type), opening[:kept].astype(self.sample_type)

    def merge(self, other: ActivityTally) -> None:
        """Add what another tally of the same plan has gathered."""
        from sim.analysis.day_counts import merge_days

        for mine, its in zip(self.sums, other.sums, strict=True):
            np.add(mine, its, out=mine)
        merge_days(self.days, other.days)
        self.sample |= other.sample

    @property
    def counted(self) -> int:
        """Replications counted."""
        return int(self.sums.opening[:, 0, 0].sum())

    def samples(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Durations, shape ``(n, offices, activities)``, and openings, ``(n, offices)``, of the sample in order."""
        parts = [self.sample[first] for first in sorted(self.sample)]
        if not parts:
            shape = (0, len(self.plan.offices), len(self.plan.activities))
            return np.zeros(shape, np.int32), np.zeros(shape[:2], np.int32)
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def is_counted(replication: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether replications are counted.

    >>> is_counted(np.array([0, 4095, 4096, 4352, 5120, 16_384, 20_480])).tolist()
    [True, True, True, False, True, False, True]
    """
    run = replication // RUN
    result: NDArray[np.bool_] = (replication < DENSE) | ((run % 4 == 0) & (replication < MANY)) | (run % 20 == 0)
    return result


def pieces_of(block: Block) -> Iterator[slice]:
    """The rows of a block that are counted, in stretches that follow on each other."""
    return stretches(is_counted(np.arange(block.draws.first, block.draws.first + block.replications)))


def stretches(wanted: NDArray[np.bool_]) -> Iterator[slice]:
    """The rows that are wanted, in stretches that follow on each other.

    >>> list(stretches(np.array([True, True, False, True])))
    [slice(0, 2, None), slice(3, 4, None)]
    """
    counted = np.flatnonzero(wanted)
    if len(counted):
        for piece in np.split(counted, np.flatnonzero(np.diff(counted) > 1) + 1):
            yield slice(int(piece[0]), int(piece[-1]) + 1)


# --- formulas ---------------------------------------------------------------------------------------------------------------


def sensitivity_index(criticality: Any, sd_activity: Any, sd_opening: Any) -> Any:
    """Schedule sensitivity index ``criticality · sd(activity) / sd(opening)``; 0 where the opening does not vary.

    >>> float(sensitivity_index(0.5, 3.0, 6.0))
    0.25
    """
    safe = np.where(np.asarray(sd_opening) > 0, sd_opening, 1.0)
    return np.where(np.asarray(sd_opening) > 0, np.asarray(criticality) * sd_activity / safe, 0.0)


def significance_index(weighed: Any, length: Any) -> Any:
    """Significance index from the sums of ``duration / (duration + float) · length`` and of ``length``.

    The mean of the first over the mean length: two futures of 10 and 30 days in which an activity is 2 of 2 + 2 days and 3 of 3 + 0:

    >>> float(significance_index(0.5 * 10 + 1.0 * 30, 10 + 30))
    0.875
    """
    return np.asarray(weighed) / length


def correlation(n: Any, x: Any, xx: Any, y: Any, yy: Any, xy: Any) -> Real:
    """Correlation by Pearson from sums of x, x², y, y² and x·y; 0 where one of the two does not vary.

    >>> float(correlation(3, 6.0, 14.0, 12.0, 56.0, 28.0))  # (1, 2, 3) and (2, 4, 6)
    1.0
    """
    across = np.maximum(n * xx - x * x, 0.0) * np.maximum(n * yy - y * y, 0.0)
    result: Real = np.where(across > 0, (n * xy - x * y) / np.sqrt(np.where(across > 0, across, 1.0)), 0.0)
    return np.clip(result, -1, 1)


def deviation(n: Any, x: Any, xx: Any) -> Real:
    """Standard deviation (n - 1) from sums of x and x²; 0 with fewer than two values.

    >>> float(deviation(3, 6.0, 14.0))
    1.0
    """
    result: Real = np.sqrt(np.maximum(n * xx - x * x, 0.0) / np.maximum(n * (n - 1.0), 1.0))
    return result


def ranks(days: NDArray[Any]) -> Real:
    """Ranks of whole days, ties sharing the mean of theirs, by counting.

    >>> ranks(np.array([5, 3, 5, 9])).tolist()
    [2.5, 1.0, 2.5, 4.0]
    """
    shifted = days.astype(np.int64) - int(days.min(initial=0))
    counts = np.bincount(shifted)
    result: Real = (counts.cumsum() - (counts - 1) / 2)[shifted]
    return result


def rank_correlation(x: NDArray[Any], y: NDArray[Any]) -> float:
    """Correlation by Spearman: Pearson's of the ranks; 0 where one of the two does not vary.

    >>> round(rank_correlation(np.array([1, 2, 3, 4]), np.array([1, 3, 2, 40])), 6)
    0.8
    """
    return correlation_of_ranks(ranks(x) - (len(x) + 1) / 2, ranks(y) - (len(y) + 1) / 2)


def correlation_of_ranks(a: Real, b: Real) -> float:
    """The same of ranks less their mean."""
    across = float((a @ a) * (b @ b))
    return float(a @ b) / across**0.5 if across > 0 else 0.0


# --- the table --------------------------------------------------------------------------------------------------------------

SHARES = ("happens", "duration_mean", "wait_mean", "criticality", "criticality_round", "significance", "ssi", "cruciality", "merge_bias")
"""Estimates from sums."""

QUANTILES = (("start_p50", 0, 0.5), ("finish_p10", 1, 0.1), ("finish_p50", 1, 0.5), ("finish_p90", 1, 0.9))
"""Name, cell (start or finish) and level."""

COLUMNS = (
    *("office", "activity", "happens", "start_p50", "finish_p10", "finish_p50", "finish_p90", "duration_mean", "wait_mean"),
    *("criticality", "significance", "ssi", "cruciality", "spearman", "criticality_round", "merge_bias", "n"),
    *(f"{name}_{end}" for name, _, _ in QUANTILES for end in ("low", "high")),
    *(f"{name}_se" for name in (*SHARES, "spearman")),
)


def measures(plan: Plan, cell: NDArray[np.int64], opening: NDArray[np.int64], merge: NDArray[np.int64]) -> dict[str, Real]:
    """Estimates of :data:`SHARES` from sums, each of shape ``(…, offices, activities)``; NaN for what there is none of."""
    from sim.analysis import activity_counts as c

    with np.errstate(invalid="ignore", divide="ignore"):
        n, total, squares = (opening[..., column][..., np.newaxis].astype(np.float64) for column in range(3))
        sums = {column: cell[..., column].astype(np.float64) for column in range(c.CELL_COLUMNS)}
        happened, duration = sums[c.HAPPENED], sums[c.DURATION]
        criticality = sums[c.CRITICAL] / n
        spread = deviation(n, duration, sums[c.DURATION_SQUARED])
        paired = correlation(n, duration, sums[c.DURATION_SQUARED], total, squares, sums[c.DURATION_TIMES_OPENING])
        return {
            "happens": happened / n,
            "duration_mean": duration / happened,
            "wait_mean": sums[c.WAITED] / happened,
            "criticality": criticality,
            "criticality_round": sums[c.ROUND_CRITICAL] / n,
            "significance": significance_index(sums[c.SIGNIFICANT] / c.MILLION, opening[..., c.LENGTH][..., np.newaxis]),
            "ssi": sensitivity_index(criticality, spread, deviation(n, total, squares)),
            "cruciality": np.abs(paired),
            "merge_bias": merge_bias(plan, merge),
        }


def merge_bias(plan: Plan, merge: NDArray[np.int64]) -> Real:
    """Mean of the last predecessor's day less the last of the predecessors' means, for activities that wait for several.

    Days are those on which each predecessor, lag included, lets the first pass go on; NaN for other activities. Two
    predecessors that arrive on day 0 or 10, each as often and independent: the last comes on day 7.5 on average, each on day 5, so the
    bias is 2.5 days. A plan of single dates is early by that much at every such point.
    """
    from sim.analysis.activity_counts import ARRIVED, LET_GO, MERGED

    result, place = np.full((*merge.shape[:-1], len(plan.activities)), np.nan), 0
    for a in plan.activities:
        waits = len(a.holds_start)
        if waits > 1:
            n = np.where(merge[..., place + MERGED] > 0, merge[..., place + MERGED], np.nan)
            latest = merge[..., place + ARRIVED : place + ARRIVED + waits].max(axis=-1)
            result[..., a.index] = (merge[..., place + LET_GO] - latest) / n
            place += ARRIVED + waits
    return result


def activity_table(tally: ActivityTally) -> Table:
    """The table ``activities``: a row for each office and activity, see the head of this module."""
    plan, sums = tally.plan, tally.sums
    counts = sums.opening[:, 0, 0]
    whole = measures(plan, *(part.sum(axis=0) for part in sums))
    left_out = measures(plan, *(groups_left_out(part, counts) for part in sums))
    errors = [jackknife(left_out[name]) for name in SHARES]
    size = len(plan.offices) * len(plan.activities)
    columns: dict[str, Any] = {
        "office": [o.id for o in plan.offices for _ in plan.activities],
        "activity": [a.id for _ in plan.offices for a in plan.activities],
        "n": [tally.counted] * size,
        **columns_of(SHARES, (whole[name] for name in SHARES)),
        **columns_of((f"{name}_se" for name in SHARES), errors),
        **columns_of(("spearman", "spearman_se"), spearman_of(tally)),
        **quantile_columns(tally, size),
    }
    return Table("activities", {name: columns[name] for name in COLUMNS})


def spearman_of(tally: ActivityTally) -> tuple[Real, Real]:
    """Rank correlation of each activity's duration with its office's opening in the sample, and its standard error."""
    durations, openings = tally.samples()
    n, offices, activities = durations.shape
    result = np.full((offices, activities), np.nan)
    for o in range(offices if n else 0):
        of_opening = ranks(openings[:, o]) - (n + 1) / 2
        for a in range(activities):
            result[o, a] = correlation_of_ranks(ranks(durations[:, o, a]) - (n + 1) / 2, of_opening)
    return result, (1 - result**2) * (np.sqrt(1.06 / (n - 3)) if n > 3 else np.nan)


def quantile_columns(tally: ActivityTally, size: int) -> dict[str, list[Any]]:
    """Dates of the quantiles with their intervals; None for what never happens."""
    from sim.analysis.day_counts import find_days, total

    counted = total(tally.days)[::2]
    date_of = {-1: None}
    columns: dict[str, list[Any]] = {}
    for name, cell, level in QUANTILES:
        ranks_of = {n: [known or 0 for known in (rank(level, n), *quantile_ranks(n, level))] if n else [0, 0, 0] for n in counted.tolist()}
        wanted = np.array([ranks_of[n] for n in counted.tolist()], np.int64).reshape(size, 3)
        found = np.empty_like(wanted)
        find_days(tally.days, 2 * np.arange(size) + cell, wanted, found)
        date_of |= {day: tally.plan.date(day) for day in np.unique(found).tolist() if day not in date_of}
        for end, days in zip(("", "_low", "_high"), found.T.tolist(), strict=True):
            columns[name + end] = [date_of[day] for day in days]
    return columns
