"""Quasi-random futures: scrambled Sobol sequences instead of independent numbers, for smoother estimates.

Each point alone is uniform, so that every estimate is unbiased; its error is judged from independent randomisations, which share the
replications: of 10 000 the first 628 are those of the first, and so on. Within one, replication ``r`` is point ``r``, so blocks agree.
The streams that matter most get a dimension, the most far-reaching
first: common factors, whether risks occur and their size, mixes, attributes, branches, then durations of first passes, as far as
the 21 201 dimensions of the table by Joe and Kuo (2008) reach. All else stays with Philox. Unlike with Philox, another set of
streams gives other points: two scenarios share their futures only as far as their streams are the same.

Sources. Owen, Randomly permuted (t,m,s)-nets and (t,s)-sequences (1995); the error from randomisations: L'Ecuyer and Lemieux, Recent
advances in randomized quasi-Monte Carlo methods (2002), section 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.sampling.streams import stream_key

DIMENSIONS = 21_201
"""Dimensions of the direction numbers in SciPy."""

BITS = 32
"""Bits of a point, as many as a word of Philox."""


RANDOMISATIONS = 16
"""Independent sequences that a run is made of: enough for Student's t, few enough that each is long."""


@dataclass(frozen=True, slots=True)
class SobolSpec:
    """Which scrambled Sobol sequences.

    Attributes
    ----------
    randomisation
        That of replication 0; each (0, 1, …) is an independent one.
    length
        Replications of a randomisation, after which the next one begins; 0: there is only one.
    """

    randomisation: int = 0
    length: int = 0

    @classmethod
    def for_run(cls, replications: int) -> SobolSpec:
        """Randomisations of equal length for a run; the last may be shorter.

        >>> SobolSpec.for_run(10_000)
        SobolSpec(randomisation=0, length=628)
        """
        return cls(0, 4 * -(-max(replications, 1) // (4 * RANDOMISATIONS)))

    def pieces(self, first: int, count: int) -> Iterator[tuple[int, int, int]]:
        """Randomisation, first point and number of points of each piece of some replications.

        >>> list(SobolSpec(0, 8).pieces(4, 8))
        [(0, 4, 4), (1, 0, 4)]
        """
        while count:
            number, point = divmod(first, self.length) if self.length else (0, first)
            here = min(count, self.length - point) if self.length else count
            yield self.randomisation + number, point, here
            first, count = first + here, count - here


def dimensions_of(streams: Sequence[str]) -> NDArray[np.int32]:
    """Dimension of each stream, -1 for those without, shape ``(streams,)``."""
    ranks = {i: rank for i, name in enumerate(streams) if (rank := _rank(name)) is not None}
    chosen = sorted(ranks, key=ranks.__getitem__)[:DIMENSIONS]  # a stable sort: within a rank in the order of the plan
    dimensions = np.full(len(streams), -1, np.int32)
    dimensions[chosen] = np.arange(len(chosen))
    return dimensions


def _rank(name: str) -> int | None:
    """Place of a kind of stream in the order of importance, None for those left to Philox."""
    first, last = name.split("/", 1)[0], name.rsplit("/", 1)[-1]
    if first == "factor" and name.count("/") == 1:
        return 0
    return {"occurs": 1, "size": 1, "counts": 2, "attribute": 3, "branch": 4, "duration": 5}.get(last)


def sobol_words(seed: int, spec: SobolSpec, dimensions: int, first: int, count: int) -> NDArray[np.uint32]:
    """Points of replications ``first … first + count - 1``, shape ``(count, dimensions)``, as 32-bit words."""
    if not dimensions or not count:
        return np.zeros((count, dimensions), np.uint32)
    parts = [_points(seed, number, dimensions, point, here) for number, point, here in spec.pieces(first, count)]
    return (np.concatenate(parts) * 2.0**BITS).astype(np.uint32)


def _points(seed: int, randomisation: int, dimensions: int, first: int, count: int) -> NDArray[np.float64]:
    engine = deepcopy(_sequence(seed, randomisation, dimensions))
    if first:
        engine.fast_forward(first)
        points: NDArray[np.float64] = engine.random(count)
        return points
    begin = engine.random(1)  # the first point alone: SciPy warns of a first batch that is not a power of two
    return np.concatenate([begin, engine.random(count - 1)]) if count > 1 else begin


@lru_cache(maxsize=2 * RANDOMISATIONS)
def _sequence(seed: int, randomisation: int, dimensions: int) -> Any:
    """A scrambled sequence at its beginning; to scramble takes longer than to draw a block."""
    from scipy.stats import qmc  # late: 0.6 s

    generator = np.random.default_rng(stream_key(seed, f"sobol/{randomisation}"))
    return qmc.Sobol(dimensions, scramble=True, bits=BITS, rng=generator)
