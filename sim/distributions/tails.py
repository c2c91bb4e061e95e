"""Probabilities of both tails at once, so that neither loses digits far out."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def normal_cdf(z: ArrayLike) -> Array:
    """Standard normal distribution function, to full relative precision in the lower tail; same shape as ``z``.

    >>> normal_cdf([0.0, -1.96]).round(4).tolist()
    [0.5, 0.025]
    """
    scores = np.asarray(z, dtype=float)
    halves = map(math.erfc, (scores / -math.sqrt(2)).ravel().tolist())
    return np.fromiter(halves, float, scores.size).reshape(scores.shape) / 2


def normal_score(p: float, q: float) -> float:
    """Standard normal score with probability ``p`` below and ``q`` above; -inf and inf where one is 0.

    >>> round(normal_score(0.9, 0.1), 6)
    1.281552
    """
    from statistics import NormalDist

    if min(p, q) <= 0:
        return math.copysign(math.inf, p - q)
    return NormalDist().inv_cdf(p) if p < q else -NormalDist().inv_cdf(q)


def expit(logit: Array) -> Array:
    """Probability of a logit, precise and without overflow in both tails.

    >>> expit(np.array([0.0, -np.log(9), 1000.0])).round(12).tolist()
    [0.5, 0.1, 1.0]
    """
    return np.exp(-np.logaddexp(0.0, -logit))


def by_tail(p: Array, q: Array, lower: Callable[[Array], Array], upper: Callable[[Array], Array]) -> Array:
    """``lower(p)`` where p is the smaller and ``upper(q)`` elsewhere: each half is reckoned from the tail that has all its digits."""
    below = p < q
    found = np.empty(p.shape)
    found[below] = lower(p[below])
    found[~below] = upper(q[~below])
    return found
