"""Intervals of probabilities and quantiles, for tables of money and of dates; see :mod:`sim.analysis.precision` for what else is said."""

from __future__ import annotations

from functools import lru_cache
from math import ceil, floor, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
"""Of every interval in the tables."""

TAIL = 9.0
"""Standard deviations beyond which a binomial probability is taken as 0 (below 1e-18)."""


def wilson(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's interval for a probability.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference. JASA 22 (1927).

    >>> [round(bound, 4) for bound in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, spread = successes / trials, z * z / trials
    centre = (share + spread / 2) / (1 + spread)
    half = sqrt(spread * (share * (1 - share) + spread / 4)) / (1 + spread)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def rank(p: float, n: int) -> int:
    """Rank of the quantile ``p`` among ``n`` ordered values, from 1: the first value that at least a share ``p`` has reached.

    What binary fractions add (``0.07 * 100`` is a little more than 7) is taken off first.

    >>> rank(0.8, 5), rank(0.8, 4), rank(0.07, 100), rank(0.5, 1)
    (4, 4, 7, 1)
    """
    return min(max(ceil(round(p * n, 6)), 1), n)


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
