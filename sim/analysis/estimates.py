"""How far off an estimate from a number of futures may be.

All intervals are for a confidence of 95 % and describe the sampling error alone: that more replications would give a somewhat
different number. What is not known about the world is in the scenario's distributions, not here.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, floor, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

Z = 1.959964
"""Normal score of a two-sided interval of 95 %."""


def rank(level: float, n: int) -> int:
    """Rank, from 1, of the value that at least a share ``level`` of ``n`` sorted values does not exceed.

    >>> rank(0.8, 10), rank(0.8, 11), rank(0.5, 1)
    (8, 9, 1)
    """
    return min(max(ceil(round(level * n, 9)), 1), n)


def rank_interval(level: float, n: int) -> tuple[int, int]:
    """Ranks of the values between which the quantile lies with 95 %, by the normal approximation of the binomial.

    Source: David and Nagaraja, Order Statistics (2003), section 7.1.

    >>> rank_interval(0.5, 100)
    (40, 61)
    """
    half = Z * sqrt(n * level * (1 - level))
    return max(floor(n * level - half), 1), min(ceil(n * level + half) + 1, n)


def wilson(successes: Any, n: Any) -> tuple[Any, Any]:
    """Interval of a probability by Wilson (1927), numbers or arrays; (0, 1) when there is nothing to judge by.

    >>> [round(float(x), 4) for x in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    k, n = np.asarray(successes, np.float64), np.asarray(n, np.float64)
    known = np.maximum(n, 1e-9)
    p, scale = k / known, 1 + Z * Z / known
    middle = (p + Z * Z / (2 * known)) / scale
    half = Z * np.sqrt(p * (1 - p) / known + Z * Z / (4 * known * known)) / scale
    low, high = np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)
    return np.where(n > 0, low, 0.0), np.where(n > 0, high, 1.0)


def jackknife(left_out: Real) -> Real:
    """Standard error of a statistic from its values with one group of the futures left out at a time, groups on the first axis.

    ``se² = (m - 1) / m · Σ (θ₍ᵢ₎ - mean θ)²`` for *m* groups (Shao and Tu, The Jackknife and Bootstrap, 1995, section 2.3). It makes no
    assumption about the form of the distribution, and with 16 groups it is itself known to about a fifth. NaN with fewer than 2.

    >>> float(jackknife(np.array([2.0, 3.0, 4.0])))  # the mean of 5, 3, 1 without one of them each
    1.1547005383792515
    """
    m = len(left_out)
    if m < 2:
        return np.full(left_out.shape[1:], np.nan)
    around = left_out - left_out.mean(axis=0)
    result: Real = np.sqrt((m - 1) / m * (around**2).sum(axis=0))
    return result


def groups_left_out(sums: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sums of all groups (axis 0) but one, for each group that has any replication."""
    result: NDArray[np.int64] = (sums.sum(axis=0) - sums)[counts > 0]
    return result


def mean_interval(values: Real) -> tuple[float, float, float]:
    """Mean of independent values and its interval, the latter as wide as nothing when there is but one.

    >>> mean_interval(np.array([1.0, 1.0, 1.0]))
    (1.0, 1.0, 1.0)
    """
    n = len(values)
    if n == 0:
        return 0.0, 0.0, 0.0
    mean = float(values.mean())
    half = Z * float(values.std(ddof=1)) / sqrt(n) if n > 1 else 0.0
    return mean, mean - half, mean + half


def known(value: Any) -> Any:
    """A number as a Python float, or None for what is not known.

    >>> known(np.float64(0.5)), known(float("nan"))
    (0.5, None)
    """
    return None if np.isnan(value) else float(value)


def columns_of(names: Iterable[str], arrays: Iterable[Real]) -> dict[str, list[Any]]:
    """Flat columns of a table by name, with None for NaN."""
    return {name: [known(value) for value in np.ravel(array)] for name, array in zip(names, arrays, strict=True)}
