"""Quasi-random futures: a scrambled Sobol sequence instead of independent numbers, for smoother estimates.

Replication ``r`` is point ``r`` of the sequence, so blocks agree. The streams that matter most get a dimension, the most far-reaching
first: common factors, whether risks occur and their size, mixes, attributes, branches, then durations of first passes, as far as
the 21 201 dimensions of the table by Joe and Kuo (2008) reach. All else stays with Philox. Each point alone is uniform, so that
every estimate is unbiased; its error is to be judged from several randomisations. Unlike with Philox, another set of
streams gives other points: two scenarios share their futures only as far as their streams are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.sampling.streams import stream_key

DIMENSIONS = 21_201
"""Dimensions of the direction numbers in SciPy."""

BITS = 32
"""Bits of a point, as many as a word of Philox."""


@dataclass(frozen=True, slots=True)
class SobolSpec:
    """Which scrambled Sobol sequence: each ``randomisation`` (0, 1, …) is an independent one."""

    randomisation: int = 0


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
    """Points ``first … first + count - 1``, shape ``(count, dimensions)``, as 32-bit words."""
    from scipy.stats import qmc  # late: 0.6 s

    generator = np.random.default_rng(stream_key(seed, f"sobol/{spec.randomisation}"))
    if not dimensions:
        return np.zeros((count, 0), np.uint32)
    engine = qmc.Sobol(dimensions, scramble=True, bits=BITS, rng=generator)
    points = np.empty((count, dimensions))
    done = 0
    if first:
        engine.fast_forward(first)
    elif count:  # the first point alone: SciPy warns of a first batch that is not a power of two
        points[:1], done = engine.random(1), 1
    if count > done:
        points[done:] = engine.random(count - done)
    return (points * 2.0**BITS).astype(np.uint32)
