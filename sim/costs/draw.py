"""The compiled drawing of money's own chance: four replications at a time, as in :mod:`sim.sampling.kernel`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import inlined, jit_plain
from sim.costs.layout import Real
from sim.sampling.generator import fetch, normal
from sim.sampling.kernel import value_at
from sim.sampling.layout import Index, Laws, Source


class Chances(NamedTuple):
    """What is drawn, one stream each."""

    scores: Real
    """The table of :func:`sim.sampling.generator.normal_table`."""
    laws: Laws
    stream: Index
    law: Index
    column: Index
    """Where it is put."""
    office: Index
    correlation: Real
    """With the office's own common factor."""
    own: Real
    """Coefficient of the own part."""
    first: Index
    """Ragged over the offices: the common factors that make up their own."""
    factor: Index
    weight: Real


@jit_plain
def draw_chances(chances: Chances, source: Source, first: int, factors: NDArray[np.float32], shared: Real, out: Real) -> None:
    """Fill ``out``, whose first row is replication ``first``; ``factors`` are the common factors of durations in the same rows.

    ``shared`` is room for each office's own common factor.
    """
    count, laws = len(chances.stream), chances.laws
    table, limit, smooth, steps, threshold, value = laws.table, laws.limit, laws.smooth, laws.first, laws.threshold, laws.value
    for group in range(first // 4, (first + len(out) + 3) // 4):
        fetch(source, chances.stream, count, group, 0)
        for k in range(4):
            row = 4 * group + k - first
            if 0 <= row < len(out):
                find_shared(chances, factors[row], shared)
                for c in range(count):
                    z = normal(source.words[k, c], chances.scores)
                    if chances.correlation[c] != 0.0:
                        z = chances.own[c] * z + chances.correlation[c] * shared[chances.office[c]]
                    out[row, chances.column[c]] = value_at(table, limit, smooth, steps, threshold, value, chances.law[c], z)


@inlined
def find_shared(chances: Chances, factors: NDArray[np.float32], shared: Real) -> None:
    """Each office's own common factor."""
    for office in range(len(shared)):
        shared[office] = 0.0
        for part in range(chances.first[office], chances.first[office + 1]):
            shared[office] += chances.weight[part] * factors[chances.factor[part]]
