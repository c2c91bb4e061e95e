"""Histograms that grow: whole numbers counted in bins whose width is a power of two.

Each cell has a fixed number of bins. Their width is ``2**shift``, where the shift is the least for which the smallest and the
largest value seen fit; bin ``b`` holds the values v with ``(v >> shift) - (least >> shift) == b``. So what a histogram looks
like depends on the values alone, not on the order in which they came or were merged, and no bound need be known in advance.
About half of the bins or more lie between the least and the largest value, so that a bin is hardly wider than 2 / bins of that
range; while the range is smaller than the number of bins the histogram is exact.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import inlined, jit_plain
from sim.costs.layout import Money


class Histograms(NamedTuple):
    """Counts of many cells."""

    counts: NDArray[np.integer]
    """Shape ``(cells, bins)``; of two bytes as long as :data:`FEW` futures are counted, to need less of the processor's cache."""
    shift: NDArray[np.int64]
    least: NDArray[np.int64]
    largest: NDArray[np.int64]
    high: NDArray[np.int64]
    """Sum of the values: ``high * 2**32 + low``."""
    low: NDArray[np.int64]


FEW = 2**16 - 1
"""What two bytes can count."""

LARGEST = np.int64(2**63 - 1)
LOW = np.int64(2**32 - 1)
WORD = np.int64(32)


def empty_histograms(cells: int, bins: int) -> Histograms:
    """Nothing counted yet."""

    def column(value: int) -> NDArray[np.int64]:
        return np.full(cells, value, np.int64)

    return Histograms(np.zeros((cells, bins), np.uint16), column(0), column(int(LARGEST)), column(-int(LARGEST)), column(0), column(0))


def room_for(histograms: Histograms, count: int) -> Histograms:
    """The same histograms, wide enough to count some futures in all."""
    small = histograms.counts.dtype == np.uint16
    return histograms._replace(counts=histograms.counts.astype(np.int32)) if small and count > FEW else histograms


@inlined
def add_words(histograms: Histograms, cell: int, high: int, low: int) -> None:
    """Add to a sum in two words, the lower of which stays within 32 bits."""
    carried = histograms.low[cell] + low
    histograms.high[cell] += high + (carried >> WORD)
    histograms.low[cell] = carried & LOW


@jit_plain
def make_room(histograms: Histograms, cell: int, least: int, largest: int, spare: NDArray[np.int32]) -> None:
    """Widen a cell's range, and its bins if need be."""
    old_least, old_largest = histograms.least[cell], histograms.largest[cell]
    if least >= old_least and largest <= old_largest:
        return
    counts, bins = histograms.counts[cell], histograms.counts.shape[1]
    new_least, new_largest = min(least, old_least), max(largest, old_largest)
    old_shift = histograms.shift[cell]
    shift = old_shift
    while (new_largest >> shift) - (new_least >> shift) >= bins:
        shift += 1
    histograms.least[cell], histograms.largest[cell], histograms.shift[cell] = new_least, new_largest, shift
    if old_least > old_largest:
        return
    offset, new_offset = old_least >> old_shift, new_least >> shift
    if shift == old_shift and offset == new_offset:
        return
    spare[:] = 0
    for b in range((old_largest >> old_shift) - offset + 1):
        spare[((offset + b) >> (shift - old_shift)) - new_offset] += counts[b]
    for b in range(bins):
        counts[b] = spare[b]


@jit_plain
def count_rows(
    histograms: Histograms, rows: NDArray[np.int64], base: int, width: int, spare: NDArray[np.int32], extremes: NDArray[np.int64]
) -> None:
    """Count the first ``width`` columns of some rows, at least one, in the cells from ``base`` on.

    ``spare`` (a place for each bin) and ``extremes`` (three rows of at least ``width``) are room to work in.
    """
    least, largest, total = extremes[0, :width], extremes[1, :width], extremes[2, :width]
    find_extremes(rows, least, largest, total)
    for c in range(width):
        cell = base + c
        if least[c] < histograms.least[cell] or largest[c] > histograms.largest[cell]:
            make_room(histograms, cell, least[c], largest[c], spare)
        add_words(histograms, cell, total[c] >> WORD, total[c] & LOW)
    for c in range(0, width - 3, 4):
        count_columns(histograms, rows, base, c, least, largest)
    for c in range(width // 4 * 4, width):
        count_column(histograms, rows, base, c, least[c] == largest[c])


@inlined
def find_extremes(rows: NDArray[np.int64], least: Money, largest: Money, total: Money) -> None:
    """Least and largest value and sum of columns; four rows at a time, to fetch and store the results less often."""
    width, whole = len(total), rows.shape[0] // 4 * 4
    for c in range(width):
        least[c], largest[c], total[c] = rows[0, c], rows[0, c], 0
    for r in range(0, whole, 4):
        row, second, third, fourth = rows[r, :width], rows[r + 1, :width], rows[r + 2, :width], rows[r + 3, :width]
        for c in range(width):
            least[c] = min(least[c], row[c], second[c], third[c], fourth[c])
            largest[c] = max(largest[c], row[c], second[c], third[c], fourth[c])
            total[c] += row[c] + second[c] + third[c] + fourth[c]
    for r in range(whole, rows.shape[0]):
        row = rows[r, :width]
        for c in range(width):
            least[c], largest[c] = min(least[c], row[c]), max(largest[c], row[c])
            total[c] += row[c]


@inlined
def count_columns(histograms: Histograms, rows: NDArray[np.int64], base: int, c: int, least: Money, largest: Money) -> None:
    """Count four columns in turn: additions to the same bin wait for each other, those to other cells do not."""
    same = 0
    for k in range(4):
        same += least[c + k] == largest[c + k]
    if same > 1:
        for k in range(4):
            count_column(histograms, rows, base, c + k, least[c + k] == largest[c + k])
        return
    cell = base + c
    a, b, d, e = histograms.counts[cell], histograms.counts[cell + 1], histograms.counts[cell + 2], histograms.counts[cell + 3]
    s0, s1, s2, s3 = histograms.shift[cell], histograms.shift[cell + 1], histograms.shift[cell + 2], histograms.shift[cell + 3]
    o0, o1 = histograms.least[cell] >> s0, histograms.least[cell + 1] >> s1
    o2, o3 = histograms.least[cell + 2] >> s2, histograms.least[cell + 3] >> s3
    for r in range(rows.shape[0]):
        row = rows[r, c : c + 4]
        a[np.uint64((row[0] >> s0) - o0)] += 1
        b[np.uint64((row[1] >> s1) - o1)] += 1
        d[np.uint64((row[2] >> s2) - o2)] += 1
        e[np.uint64((row[3] >> s3) - o3)] += 1


@inlined
def count_column(histograms: Histograms, rows: NDArray[np.int64], base: int, c: int, same: bool) -> None:
    """Count one column; ``same``: all its values are equal."""
    counts, shift = histograms.counts[base + c], histograms.shift[base + c]
    offset = histograms.least[base + c] >> shift
    if same:
        counts[(rows[0, c] >> shift) - offset] += rows.shape[0]
    else:
        for r in range(rows.shape[0]):
            counts[np.uint64((rows[r, c] >> shift) - offset)] += 1


@jit_plain
def merge_histograms(target: Histograms, other: Histograms, spare: NDArray[np.int32]) -> None:
    """Add the counts of others."""
    for c in range(len(target.shift)):
        if other.least[c] > other.largest[c]:
            continue
        make_room(target, c, other.least[c], other.largest[c], spare)
        add_words(target, c, other.high[c], other.low[c])
        up = target.shift[c] - other.shift[c]
        offset, other_offset = target.least[c] >> target.shift[c], other.least[c] >> other.shift[c]
        for b in range((other.largest[c] >> other.shift[c]) - other_offset + 1):
            target.counts[c, ((other_offset + b) >> up) - offset] += other.counts[c, b]


@jit_plain
def find_quantiles(histograms: Histograms, ranks: NDArray[np.int64], out: NDArray[np.float64]) -> None:
    """The values of the given ranks (1 is the least; rising) in every cell, spread evenly within a bin; shape ``(cells, ranks)``."""
    for c in range(len(out)):
        shift, least, largest = histograms.shift[c], histograms.least[c], histograms.largest[c]
        offset = least >> shift
        b, before = 0, np.int64(0)
        for k in range(len(ranks)):
            while before + histograms.counts[c, b] < ranks[k]:
                before += histograms.counts[c, b]
                b += 1
            begin = (offset + b) << shift
            width = (np.int64(1) << shift) - 1
            place = (ranks[k] - before - 0.5) / histograms.counts[c, b]
            out[c, k] = min(max(np.rint(begin + width * place), least), largest)
