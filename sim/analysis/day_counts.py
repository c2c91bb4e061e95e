"""Days counted by cell in flat memory: exact quantiles of as many futures as one likes, whatever the order they come in.

Each cell has a ring of bins, a power of two. A bin is ``2**shift`` days wide, where the shift is the least for which the earliest and
the latest day seen fit into the ring, so what is counted depends on the days alone and tallies can be merged. While the
days of a cell span less than the number of bins, its quantiles are exact to the day.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.analysis.precision import rank
from sim.compiled import inlined, jit_plain

LARGEST = 2**31 - 1
LEAST_DAY, LARGEST_DAY, SHIFT = 0, 1, 2


class DayCounts(NamedTuple):
    """Counts of many cells, each in several kinds on the same bins."""

    counts: NDArray[np.int32]
    """Shape ``(cells, kinds, bins)``."""
    span: NDArray[np.int32]
    """Earliest and latest day seen and the shift, shape ``(cells, 3)``."""
    spare: NDArray[np.int32]
    """Room for one ring."""


def no_days(cells: int, bins: int, kinds: int = 1) -> DayCounts:
    """Nothing counted yet."""
    span = np.tile(np.array([LARGEST, -1, 0], np.int32), (cells, 1))
    return DayCounts(np.zeros((cells, kinds, bins), np.int32), span, np.zeros(bins, np.int32))


def bins_within(memory: int, cells: int, most: int = 2048, least: int = 32) -> int:
    """Bins, a power of two, that keep the counts within some bytes.

    >>> bins_within(2**24, 960), bins_within(2**24, 96_000)
    (2048, 32)
    """
    bins = most
    while bins > least and 4 * cells * bins > memory:
        bins //= 2
    return bins


@inlined
def place_of(days: DayCounts, cell: int, day: int) -> np.uint64:
    """The bin of a day that lies in the range of a cell; without sign, so that the compiled code need not ask for it."""
    return np.uint64((day >> days.span[cell, SHIFT]) & (days.spare.size - 1))


@jit_plain
def make_room(days: DayCounts, cell: int, least: int, largest: int) -> None:
    """Widen the range of a cell, and its bins if need be, before days are counted in it."""
    span, bins = days.span[cell], days.spare.size
    if least >= span[LEAST_DAY] and largest <= span[LARGEST_DAY]:
        return
    old_least, old_largest, old = np.int64(span[LEAST_DAY]), np.int64(span[LARGEST_DAY]), np.int64(span[SHIFT])
    span[LEAST_DAY], span[LARGEST_DAY] = min(old_least, least), max(old_largest, largest)
    shift = old
    while (span[LARGEST_DAY] >> shift) - (span[LEAST_DAY] >> shift) >= bins:
        shift += 1
    span[SHIFT] = shift
    if shift == old or old_least > old_largest:
        return
    for kind in range(days.counts.shape[1]):
        ring = days.counts[cell, kind]
        days.spare[:] = 0
        for place in range(old_least >> old, (old_largest >> old) + 1):
            days.spare[(place >> (shift - old)) & (bins - 1)] += ring[place & (bins - 1)]
        for place in range(bins):
            ring[place] = days.spare[place]


@jit_plain
def count_days(days: DayCounts, cell: int, kind: int, values: NDArray[np.int32]) -> None:
    """Count some days; negative ones are left out."""
    for day in values:
        if day >= 0:
            make_room(days, cell, day, day)
            days.counts[cell, kind, place_of(days, cell, day)] += 1


@jit_plain
def merge_days(target: DayCounts, other: DayCounts) -> None:
    """Add the counts of others."""
    bins = target.spare.size
    for cell in range(len(other.span)):
        least, largest, shift = other.span[cell, LEAST_DAY], other.span[cell, LARGEST_DAY], other.span[cell, SHIFT]
        if least > largest:
            continue
        make_room(target, cell, least, largest)
        up = target.span[cell, SHIFT] - shift
        for kind in range(other.counts.shape[1]):
            for place in range(least >> shift, (largest >> shift) + 1):
                target.counts[cell, kind, (place >> up) & (bins - 1)] += other.counts[cell, kind, place & (bins - 1)]


def in_order(days: DayCounts, cell: int, kind: int = 0) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """First day of each bin from the earliest to the latest, the counts, and the width of a bin; empty when nothing was counted."""
    least, largest, shift = (int(x) for x in days.span[cell])
    if least > largest:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), 1
    places = np.arange(least >> shift, (largest >> shift) + 1)
    counts = days.counts[cell, kind, places & (days.spare.size - 1)].astype(np.int64)
    return np.maximum(places << shift, least), counts, 1 << shift


def total(days: DayCounts, kind: int = 0) -> NDArray[np.int64]:
    """How many days each cell has."""
    result: NDArray[np.int64] = days.counts[:, kind].sum(axis=1, dtype=np.int64)
    return result


def days_of_ranks(days: DayCounts, cell: int, wanted: Sequence[int], kind: int = 0) -> list[int]:
    """The days of some ranks, from 1; within a bin of several days by even spread."""
    first, counts, width = in_order(days, cell, kind)
    cumulated = counts.cumsum()
    places = np.searchsorted(cumulated, wanted)
    shares = (np.asarray(wanted) - (cumulated[places] - counts[places]) - 0.5) / counts[places]
    found = first[places] + (shares * width).astype(np.int64) if width > 1 else first[places]
    return [int(day) for day in np.minimum(found, days.span[cell, LARGEST_DAY])]


@jit_plain
def find_days(days: DayCounts, cells: NDArray[np.int64], wanted: NDArray[np.int64], out: NDArray[np.int64]) -> None:
    """As :func:`days_of_ranks` for many cells at once: the days of the ranks in each row of ``wanted``; -1 for rank 0."""
    mask = np.int64(days.spare.size - 1)
    for i in range(len(cells)):
        ring, span = days.counts[cells[i], 0], days.span[cells[i]]
        shift = np.int64(span[SHIFT])
        for k in range(wanted.shape[1]):
            place, before = np.int64(span[LEAST_DAY]) >> shift, np.int64(0)
            if wanted[i, k] < 1:
                out[i, k] = -1
                continue
            while before + ring[place & mask] < wanted[i, k]:
                before += ring[place & mask]
                place += 1
            share = (wanted[i, k] - before - 0.5) / ring[place & mask]
            inside = np.int64(share * (1 << shift)) if shift > 0 else np.int64(0)
            out[i, k] = min(max(place << shift, np.int64(span[LEAST_DAY])) + inside, np.int64(span[LARGEST_DAY]))


def quantile(days: DayCounts, cell: int, level: float) -> int | None:
    """The first day that at least a share ``level`` has reached, None when nothing was counted."""
    n = int(days.counts[cell, 0].sum(dtype=np.int64))
    return days_of_ranks(days, cell, [rank(level, n)])[0] if n else None
