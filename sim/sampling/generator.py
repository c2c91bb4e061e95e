"""Counter-based random numbers: Philox4x32-10, and the normal scores made from them.

Philox is a keyed bijection of a 128-bit counter (Salmon, Moraes, Dror and Shaw: Parallel random numbers: as easy as 1, 2, 3.
SC11, 2011). The n-th number of a stream needs no state and no numbers before it; the key is the stream. A replication takes
word ``replication % 4`` of counter ``replication // 4``, so one call serves four replications.
"""

from __future__ import annotations

import numpy as np

from sim.compiled import inlined, jit_plain
from sim.sampling.layout import Index, Real, Source, Words

Four = tuple[np.uint64, np.uint64, np.uint64, np.uint64]

M0 = np.uint64(0xD2511F53)
M1 = np.uint64(0xCD9E8D57)
W0 = np.uint64(0x9E3779B9)
W1 = np.uint64(0xBB67AE85)
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)

CELL_BITS = 9
"""The normal table has 2**9 cells for each halving of the probability."""
OCTAVES = 32
"""Probabilities go down to 2**-33."""
DROPPED_BITS = 52 - CELL_BITS
"""Bits of a float that say where in its cell it lies."""
FIRST_CELL = 1022 << CELL_BITS
"""What the other bits of 0.5 are, the smallest argument."""


def normal_table() -> Real:
    """Straight lines ``table[0] + table[1] * d`` for Φ⁻¹(2**-32 · d), d from 0.5 to 2**31, shape ``(2, OCTAVES * 2**CELL_BITS)``.

    Cells are even within each doubling of d. The ends of the lines are rounded to multiples of 2**-40, so that mathematical
    libraries that differ in the last bit give the same table.
    """
    from scipy.special import ndtri  # late: only sampling needs it

    cell = np.arange((OCTAVES << CELL_BITS) + 1)
    d = (1.0 + (cell & ((1 << CELL_BITS) - 1)) / (1 << CELL_BITS)) * 2.0 ** ((cell >> CELL_BITS) - 1)
    ends = np.round(ndtri(d * 2.0**-32) * 2.0**40) * 2.0**-40
    slopes = np.diff(ends) / np.diff(d)
    return np.stack([ends[:-1] - slopes * d[:-1], slopes])


@inlined
def turn(number: int, c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64) -> Four:
    """One round of Philox4x32, counted from 0; the key moves on by a Weyl constant each round."""
    p0 = M0 * c0
    p1 = M1 * c2
    k0 = (k0 + np.uint64(number) * W0) & LOW
    k1 = (k1 + np.uint64(number) * W1) & LOW
    return (p1 >> HALF) ^ c1 ^ k0, p1 & LOW, (p0 >> HALF) ^ c3 ^ k1, p0 & LOW


@jit_plain
def philox(start: Four, w0: Words, w1: Words, w2: Words, w3: Words, count: int) -> None:
    """Philox4x32-10 of one counter under many keys, in place.

    The two words of each key stand in ``w0`` and ``w1``; afterwards the four words drawn stand in ``w0 … w3`` (32-bit words, held
    in 64-bit integers). The rounds are written out: with a loop here the compiler would not do several keys in one vector, and
    it would be four times slower.
    """
    for j in range(count):
        k0, k1 = w0[j], w1[j]
        c0, c1, c2, c3 = start
        c0, c1, c2, c3 = turn(0, c0, c1, c2, c3, k0, k1)
        c0, c1, c2, c3 = turn(1, c0, c1, c2, c3, k0, k1)
        c0, c1, c2, c3 = turn(2, c0, c1, c2, c3, k0, k1)
        c0, c1, c2, c3 = turn(3, c0, c1, c2, c3, k0, k1)
        c0, c1, c2, c3 = turn(4, c0, c1, c2, c3, k0, k1)
        c0, c1, c2, c3 = turn(5, c0, c1, c2, c3, k0, k1)
        c0, c1, c2, c3 = turn(6, c0, c1, c2, c3, k0, k1)
        c0, c1, c2, c3 = turn(7, c0, c1, c2, c3, k0, k1)
        c0, c1, c2, c3 = turn(8, c0, c1, c2, c3, k0, k1)
        w0[j], w1[j], w2[j], w3[j] = turn(9, c0, c1, c2, c3, k0, k1)


@jit_plain
def fetch(source: Source, chosen: Index, count: int, group: int, row: int) -> None:
    """Words of the first ``count`` of the chosen streams for replications ``4 * group …``, into ``source.words[:, :count]``.

    Streams with a quasi-random dimension get theirs from the points, whose row ``row`` belongs to the first of the four.
    """
    zero, counter = np.uint64(0), np.uint64(group)
    key, words = source.key, source.words
    for j in range(count):
        words[0, j] = key[chosen[j]] & LOW
        words[1, j] = key[chosen[j]] >> HALF
    philox((counter & LOW, counter >> HALF, zero, zero), words[0], words[1], words[2], words[3], count)
    if source.points.shape[1] > 0:
        for j in range(count):
            dimension = source.dimension[chosen[j]]
            if dimension >= 0:
                for k in range(4):
                    words[k, j] = source.points[row + k, dimension]


@inlined
def uniform(word: np.uint64) -> float:
    """(word + 1/2) / 2**32: the middle of its cell, never 0 or 1."""
    return (np.float64(word) + 0.5) * 2.0**-32


@inlined
def normal(word: np.uint64, table: Real) -> float:
    """Φ⁻¹(uniform(word)) by the lines of the table; symmetric, error below 3e-7 of itself.

    The probability of the nearer tail is a float whose exponent and first bits name the cell: cells shrink with the probability,
    so that the far tails are as exact as the middle.
    """
    signed = np.int64(word) - np.int64(1 << 31)
    nearer = np.int64((1 << 31) - 1) - (signed ^ (signed >> 63))  # the same for a word and its mirror image
    d = np.float64(np.float64(nearer) + 0.5)
    cell = np.uint64((d.view(np.int64) >> DROPPED_BITS) - FIRST_CELL)
    z: float = table[0, cell] + table[1, cell] * d
    return -z if signed >= 0 else z
