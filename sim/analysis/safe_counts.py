"""The compiled part of :mod:`sim.analysis.safe_dates`: counting finishes that end in time, and monotone fits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.analysis.chain_steps import FINISH, I32, NOBODY, Flags
from sim.analysis.day_counts import DayCounts, make_room, place_of
from sim.compiled import inlined, jit_plain

Real = NDArray[np.float64]
Whole = NDArray[np.int64]

ALL, IN_TIME = 0, 1
"""Kinds of counts."""


@jit_plain
def count_finishes(record: I32, happens: Flags, opening: I32, passes: I32, due: I32, days: DayCounts) -> None:
    """Count the last finish of every activity, and again when its office opens in time.

    Parameters
    ----------
    passes
        First pass of each activity and the end of its passes; the first is -1 where it is not asked for.
    due
        Last day in time of each office, or -1: not asked for.
    """
    activities = passes.shape[0]
    for office in range(record.shape[1]):
        if due[office] < 0:
            continue
        for r in range(record.shape[0]):
            for a in range(activities):
                last = NOBODY
                if passes[a, 0] >= 0:
                    for here in range(passes[a, 0], passes[a, 1]):
                        if happens[r, office, here]:
                            last = max(last, record[r, office, here, FINISH])
                if last != NOBODY:
                    cell = office * activities + a
                    make_room(days, cell, last, last)
                    place = place_of(days, cell, last)
                    days.counts[cell, ALL, place] += 1
                    days.counts[cell, IN_TIME, place] += opening[r, office] <= due[office]


@inlined
def likelihood(k: float, n: float, p: float) -> float:
    """Log-likelihood of k of n at a chance p."""
    result = 0.0
    if k > 0:
        result += k * np.log(p) if p > 0 else -np.inf
    if n > k:
        result += (n - k) * np.log(1 - p) if p < 1 else -np.inf
    return result


@jit_plain
def fit_falling(n: Whole, k: Whole, begin: int, end: int, blocks: Real) -> int:
    """Blocks of the falling chances that fit best: pool neighbours that rise (pool adjacent violators).

    Rows of ``blocks``: count, successes, end of the block. Returns how many.
    """
    count = 0
    for i in range(begin, end):
        blocks[count, 0], blocks[count, 1], blocks[count, 2] = n[i], k[i], i + 1
        count += 1
        while count > 1 and blocks[count - 1, 1] * blocks[count - 2, 0] >= blocks[count - 2, 1] * blocks[count - 1, 0]:
            blocks[count - 2, 0] += blocks[count - 1, 0]
            blocks[count - 2, 1] += blocks[count - 1, 1]
            blocks[count - 2, 2] = blocks[count - 1, 2]
            count -= 1
    return count


@jit_plain
def fit_beginnings(n: Whole, k: Whole, low: float, high: float, blocks: Real, total: Real) -> None:
    """Log-likelihoods of the best falling chances between two bounds, on the first 0, 1, 2, … days: those without bounds, cut off at these.

    Each day is pooled once with what came before it, so all beginnings together cost no more than the last of them.

    Parameters
    ----------
    blocks
        Room for a block a day: count, successes, log-likelihood up to it; shape ``(days, 3)``.
    total
        Written to, shape ``(days + 1,)``.
    """
    count, total[0] = 0, 0.0
    for i in range(len(n)):
        blocks[count, 0], blocks[count, 1] = n[i], k[i]
        count += 1
        while count > 1 and blocks[count - 1, 1] * blocks[count - 2, 0] >= blocks[count - 2, 1] * blocks[count - 1, 0]:
            blocks[count - 2, 0] += blocks[count - 1, 0]
            blocks[count - 2, 1] += blocks[count - 1, 1]
            count -= 1
        before = blocks[count - 2, 2] if count > 1 else 0.0
        p = min(max(blocks[count - 1, 1] / blocks[count - 1, 0], low), high)
        blocks[count - 1, 2] = before + likelihood(blocks[count - 1, 1], blocks[count - 1, 0], p)
        total[i + 1] = blocks[count - 1, 2]
