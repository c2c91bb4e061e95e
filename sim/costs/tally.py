"""What is kept of the money of many replications, in constant memory."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sim.costs.accrue import Costs, accrue, chunks
from sim.costs.fold import Folder
from sim.costs.intervals import rank
from sim.costs.joint import JointSample
from sim.costs.layout import ONCE
from sim.costs.model import CostPlan
from sim.costs.sampler import CostSampler
from sim.sampling import Draws
from sim.timeline import Timeline

MOST_BINS, FEWEST_BINS = 256, 64
"""Bins of a histogram: as many as keep all of them within ``MEMORY``. More would be slower: 256 keep a group in the processor's cache."""

MEMORY = 64 * 2**20
"""Bytes for all histograms of a tally."""

SAMPLE = 10_000
"""Replications, from the first on, of which cost and opening are kept together."""


def bins_for(cells: int) -> int:
    """Number of bins, a power of two; a quantile is off by less than 2 / bins of the range of its cell.

    >>> bins_for(7000), bins_for(100_000)
    (256, 128)
    """
    bins = MOST_BINS
    while bins > FEWEST_BINS and 4 * cells * bins > MEMORY:
        bins //= 2
    return bins


class CostTally:
    """Money of all replications so far: means exact, quantiles from histograms, a joint sample, and how frames held.

    All sums are of whole numbers, so that a tally does not depend on the blocks in which the replications came, nor on their
    order, nor on which worker took them. One tally is not to be used by two threads at once: give each its own and merge them.
    """

    def __init__(self, costs: CostPlan) -> None:
        from sim.costs.histogram import empty_histograms  # late: needs the compiler

        self.costs = costs
        self.folder = Folder(costs)
        self.cells = self.folder.cells
        self.replications = 0
        self.histograms = empty_histograms(self.cells.count, bins_for(self.cells.count))
        self._spare = np.empty(self.histograms.counts.shape[1], np.int32)
        self.over = np.zeros(self.cells.budgets, np.int64)
        """Replications in which each frame was exceeded."""
        self.excess = [0] * self.cells.budgets
        """Sum of what was too much, öre."""
        self.said: tuple[int, object] | None = None
        """What tables say of the cells, and after how many replications."""
        self.sample: dict[int, NDArray[np.int64]] = {}
        """Rows of the joint sample by their first replication."""

    def add(self, block: Costs) -> None:
        """Count the replications of a block; blocks of some hundred are quickest."""
        if not block.replications:
            return
        self._make_room(block.replications)
        self.folder.count(block, self.histograms, self._spare)
        self._count_frames(block.budget)
        self._keep(block)
        self.replications += block.replications

    def add_block(self, sampler: CostSampler, draws: Draws, timeline: Timeline) -> None:
        """Draw, accrue and count the money of a block of any size."""
        for some_draws, some_time in chunks(draws, timeline):
            self.add(accrue(self.costs, some_draws, some_time, sampler.draw(some_draws)))

    def merge(self, other: CostTally) -> None:
        """Add what another tally of the same plan has counted, of other replications."""
        from sim.costs.histogram import merge_histograms

        self._make_room(other.replications)
        merge_histograms(self.histograms, other.histograms, self._spare)
        self.replications += other.replications
        self.over += other.over
        self.excess = [a + b for a, b in zip(self.excess, other.excess, strict=True)]
        self.sample |= other.sample

    def _make_room(self, more: int) -> None:
        from sim.costs.histogram import room_for

        self.histograms = room_for(self.histograms, self.replications + more)

    def _count_frames(self, values: NDArray[np.int64]) -> None:
        excess = np.maximum(values - self.costs.frames, 0)
        self.over += (excess > 0).sum(axis=0)
        self.excess = [so_far + int(more) for so_far, more in zip(self.excess, excess.sum(axis=0), strict=True)]

    def _keep(self, block: Costs) -> None:
        if block.first < SAMPLE:
            count = min(block.replications, SAMPLE - block.first)
            days = block.last_opening[:count, :, np.newaxis].astype(np.int64)
            self.sample[block.first] = np.concatenate([block.joint_once[:count], days], axis=2)

    def means(self) -> NDArray[np.float64]:
        """Mean of each cell in öre."""
        return exact_means(self.histograms.high, self.histograms.low, self.replications)

    def standard_errors(self) -> NDArray[np.float64]:
        """Standard error of the mean of each cell in öre, from the histogram with values in the middle of their bins; 0 from one future."""
        counts, n = self.histograms.counts, self.replications
        place = np.arange(counts.shape[1], dtype=np.float64)
        mean = counts @ place / n
        squares = counts @ place**2 / n - mean**2
        width = np.ldexp(1.0, self.histograms.shift.astype(np.int32))
        error: NDArray[np.float64] = width * np.sqrt(np.maximum(squares, 0.0) / max(n - 1, 1))
        return error

    def quantiles(self, levels: Iterable[float]) -> NDArray[np.float64]:
        """Quantiles of each cell in öre, shape ``(cells, levels)``: the value that at least that share of replications does not exceed.

        Off by less than about 2 / bins of the cell's range, see :func:`bins_for`.
        """
        return self.ranked([rank(level, self.replications) for level in levels])

    def ranked(self, ranks: Iterable[int]) -> NDArray[np.float64]:
        """The values of some ranks (1 is the least) of each cell in öre, shape ``(cells, ranks)``; as good as quantiles."""
        from sim.costs.histogram import find_quantiles

        wanted = np.array(list(ranks), np.int64)
        order = np.argsort(wanted, kind="stable")
        out = np.empty((self.cells.count, len(wanted)))
        find_quantiles(self.histograms, wanted[order], out)
        result = np.empty_like(out)
        result[:, order] = out
        return result

    def joint(self) -> JointSample:
        """Cost and last opening together, of the first replications."""
        blocks: list[NDArray[np.int64]] = [np.zeros((0, len(self.costs.joint_groups), ONCE + 1), np.int64)]
        numbers: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
        for first, rows in sorted(self.sample.items()):
            blocks += [rows]
            numbers += [np.arange(first, first + len(rows), dtype=np.int64)]
        return JointSample.of(self.costs, np.concatenate(blocks), np.concatenate(numbers))


def exact_means(high: NDArray[np.int64], low: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Mean of sums held in two words, rounded once, to a hundredth of an öre."""
    sums = ((int(h) << 32) + int(part) for h, part in zip(high, low, strict=True))
    return np.array([(200 * total + count) // (2 * count) / 100 for total in sums])
