"""How sure an answer is: intervals of probabilities, quantiles and means that rest on a finite number of replications.

Every interval here covers the truth with 95 % unless told otherwise. None assumes a shape of what is estimated.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from sim.costs.intervals import CONFIDENCE, binomial, quantile_ranks, rank, wilson

HOLDS, MISSES, UNKNOWN = "yes", "no", "cannot tell"
"""Verdicts on a probability against the one that is asked for."""

__all__ = [
    "CONFIDENCE",
    "HOLDS",
    "MISSES",
    "UNKNOWN",
    "binomial",
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
