"""How sure an answer is: intervals of probabilities, quantiles and means that rest on a finite number of replications.

Every interval here covers the truth with 95 % unless told otherwise. None assumes a shape of what is estimated.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import ceil, floor, inf, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from sim.costs.joint import wilson

CONFIDENCE = 0.95
"""Of every interval in the tables."""

HOLDS, MISSES, UNKNOWN = "yes", "no", "cannot tell"
"""Verdicts on a probability against the one that is asked for."""

TAIL = 9.0
"""Standard deviations beyond which a binomial probability is taken as 0 (below 1e-18)."""

__all__ = [
    "CONFIDENCE",
    "HOLDS",
    "MISSES",
    "UNKNOWN",
    "mean_and_sd",
    "quantile_day",
    "quantile_interval",
    "quantile_ranks",
    "rank",
    "standard_error",
    "verdict",
    "wilson",
    "z_score",
]


def z_score(confidence: float = CONFIDENCE) -> float:
    """Half-width of a normal interval in standard errors: 1.96 for 95 %."""
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def rank(p: float, n: int) -> int:
    """Rank of the quantile ``p`` among ``n`` ordered values, from 1: the first value that at least a share ``p`` has reached.

    What binary fractions add (``0.07 * 100`` is a little more than 7) is taken off first.

    >>> rank(0.8, 5), rank(0.8, 4), rank(0.07, 100), rank(0.5, 1)
    (4, 4, 7, 1)
    """
    return min(max(ceil(round(p * n, 6)), 1), n)


def quantile_day(counts: NDArray[np.int64], p: float) -> int:
    """The first day that at least a share ``p`` of the replications have reached; P80 is ``quantile_day(counts, 0.8)``.

    Parameters
    ----------
    counts
        Number of replications that reach what is asked on each day, shape ``(days,)``.
    p
        A share, 0 to 1.

    Examples
    --------
    Of five futures one opens on day 0, two on day 2 and two on day 3; three of five have opened by day 2:

    >>> [quantile_day(np.array([1, 0, 2, 2]), p) for p in (0.2, 0.6, 0.8)]
    [0, 2, 3]
    """
    reached = np.cumsum(counts)
    if not reached.size or reached[-1] == 0:
        raise ValueError("no replication has been counted")
    return int(np.searchsorted(reached, rank(p, int(reached[-1]))))


@lru_cache(maxsize=1024)
def quantile_ranks(n: int, p: float, confidence: float = CONFIDENCE) -> tuple[int | None, int | None]:
    """Ranks of the order statistics between which the quantile ``p`` lies with a confidence, from 1; ``None`` where n is too small.

    The number of values at or below the true quantile is binomial (n, p), whatever the distribution. So the interval from the l-th to
    the u-th value covers it with probability P(l ≤ B ≤ u - 1) at least; l is the largest and u the smallest with at most half of the
    error on their side. Source: H. A. David and H. N. Nagaraja, Order Statistics, 3rd ed. (2003), section 7.1.

    Examples
    --------
    The median of ten values lies between the 2nd and the 9th with 97.9 %; of five values no interval is wide enough:

    >>> quantile_ranks(10, 0.5), quantile_ranks(5, 0.5), quantile_ranks(10, 0.9)
    ((2, 9), (None, None), (7, None))
    """
    first, cumulative = binomial(n, p)
    error = (1 - confidence) / 2 * (1 + 1e-12)
    below = int(np.searchsorted(cumulative, error, side="right"))  # P(B ≤ first + below - 1) is still within the error
    low = first + below
    above = int(np.searchsorted(-(1 - cumulative), -error))  # P(B > first + above) is within the error
    high = first + above + 1
    return (low if low >= 1 else None, high if high <= n else None)


def binomial(n: int, p: float) -> tuple[int, NDArray[np.float64]]:
    """Distribution function of a binomial variable as (first value, P(B ≤ first), P(B ≤ first + 1), …).

    By the ratio of neighbouring probabilities, over the values that matter.

    >>> first, cumulative = binomial(2, 0.5)
    >>> first, cumulative.round(6).tolist()
    (0, [0.25, 0.75, 1.0])
    """
    if not 0 < p < 1:
        raise ValueError(f"a quantile lies between 0 and 1, not at {p}")
    reach = TAIL * sqrt(n * p * (1 - p)) + 40
    first, last = max(floor(n * p - reach), 0), min(ceil(n * p + reach), n)
    k = np.arange(first, last, dtype=np.float64)
    logs = np.concatenate([[0.0], np.cumsum(np.log((n - k) / (k + 1)) + np.log(p / (1 - p)))])
    weights = np.exp(logs - logs.max())
    cumulative = np.cumsum(weights)
    return first, cumulative / cumulative[-1]


def quantile_interval(value_at: Callable[[int], int], n: int, p: float) -> tuple[int | None, int | None]:
    """Interval of a quantile from its order statistics.

    Parameters
    ----------
    value_at
        Gives the value of a rank from 1 to ``n``.
    """
    low, high = quantile_ranks(n, p)
    return (None if low is None else value_at(low), None if high is None else value_at(high))


def mean_and_sd(total: int, squares: int, n: int) -> tuple[float, float]:
    """Mean and sample standard deviation from whole sums, rounded only at the end; the deviation of a single value is 0.

    >>> mean_and_sd(2 + 4 + 9, 4 + 16 + 81, 3)  # deviations -3, -1, 4; 26 / 2
    (5.0, 3.605551275463989)
    """
    if n < 2:
        return total / n, 0.0
    return total / n, sqrt((n * squares - total * total) / (n * (n - 1)))


def standard_error(sd: float, n: int) -> float:
    """Standard error of a mean of ``n`` independent values; not known (infinite) from a single one.

    >>> standard_error(3.0, 9), standard_error(0.0, 1)
    (1.0, inf)
    """
    return sd / sqrt(n) if n > 1 else inf


def verdict(low: float, high: float, asked: float) -> str:
    """Whether a probability reaches the one asked for, by its interval.

    >>> verdict(0.81, 0.85, 0.8), verdict(0.70, 0.75, 0.8), verdict(0.78, 0.82, 0.8)
    ('yes', 'no', 'cannot tell')
    """
    if low >= asked:
        return HOLDS
    return MISSES if high < asked else UNKNOWN
