"""Differences between two scenarios from pairs of futures, each with its interval and a test.

A pair differs only by the change (:mod:`sim.analysis.futures`), so much of the chance cancels: differences are known far better than
either answer. Every estimate changes its sign, and nothing else, when the two scenarios change places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.futures import NEVER
from sim.analysis.precision import binomial, rank, z_score

Values = NDArray[Any]

SECTIONS = 20
"""Into how many parts the futures are cut for the error of a difference of quantiles."""

LEAST = 5
"""Futures that a section must have."""


@dataclass(frozen=True)
class Difference:
    """Of b against a: how much more, its 95 % interval, how likely so much would be if there were no difference, and its standard error."""

    value: float | None
    low: float | None
    high: float | None
    p: float | None
    error: float | None = None


NONE = Difference(0.0, 0.0, 0.0, 1.0, 0.0)
"""What two scenarios whose futures are all alike differ by."""


def difference_of_means(a: Values, b: Values) -> Difference:
    """Mean of the paired differences, with Student's interval and test.

    >>> difference_of_means(np.array([1, 2, 3, 4]), np.array([2, 4, 4, 6])).value
    1.5
    """
    if max(a.max(), b.max()) == NEVER:
        return Difference(None, None, None, None)
    differences = b.astype(np.float64) - a
    n, mean = len(differences), float(differences.mean())
    return _student(mean, float(differences.std(ddof=1)) / sqrt(n) if n > 1 else None, n - 1)


def _student(value: float, error: float | None, freedom: int) -> Difference:
    from scipy.special import stdtr, stdtrit  # late: a run does not need it

    if error is None:
        return Difference(value, None, None, None)
    half = float(stdtrit(freedom, 0.975)) * error
    p = 2 * float(stdtr(freedom, -abs(value) / error)) if error else float(value == 0)
    return Difference(value, value - half, value + half, p, error)


def difference_of_chances(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> Difference:
    """Difference of two shares of the same futures.

    Only the *discordant* futures count, those in which one holds and the other does not. The interval adds half a future to each of the
    four cells: A. Agresti and Y. Min, Simple improved confidence intervals for comparing matched proportions, Statist. Med. 24 (2005)
    729–740. The test is the exact one of McNemar (1947): without a difference each discordant future is as likely to be of either kind.

    Examples
    --------
    Of 100 futures b gains 9 and loses 1; if both were as likely, 1 of 10 or less would come with 11/1024, either way with twice that:

    >>> a, b = np.zeros(100, bool), np.zeros(100, bool)
    >>> a[0], b[1:10] = True, True
    >>> found = difference_of_chances(a, b)
    >>> found.value, round(found.p, 6)
    (0.08, 0.021484)
    """
    n, gained, lost = len(a), int((b & ~a).sum()), int((a & ~b).sum())
    centre = (gained - lost) / (n + 2)
    half = z_score() * sqrt(gained + lost + 1 - (gained - lost) ** 2 / (n + 2)) / (n + 2)
    error = sqrt(gained + lost - (gained - lost) ** 2 / n) / n
    return Difference((gained - lost) / n, max(centre - half, -1.0), min(centre + half, 1.0), sign_test(gained, lost), error)


def sign_test(plus: int, minus: int) -> float:
    """How likely so uneven a split is if either way is as likely; both tails.

    >>> sign_test(3, 0), sign_test(2, 2), sign_test(0, 0)
    (0.25, 1.0, 1.0)
    """
    if plus + minus == 0:
        return 1.0
    first, cumulative = binomial(plus + minus, 0.5)
    place = min(plus, minus) - first
    return min(2 * float(cumulative[place]), 1.0) if place >= 0 else 0.0


def difference_of_quantiles(a: Values, b: Values, level: float) -> Difference:
    """Difference of two quantiles of the same futures, with an interval by sectioning.

    The futures are cut into ``SECTIONS`` parts; the spread of the difference over the parts, around the difference of the whole, gives
    the error of the latter, and Student's t the interval: M. K. Nakayama, Confidence intervals for quantiles using sectioning when applying
    variance-reduction techniques, ACM Trans. Model. Comput. Simul. 24(4) (2014) 19. Common random numbers are one of these techniques.
    """
    whole = _quantile_difference(a, b, level)
    if whole is None:
        return Difference(None, None, None, None)
    if len(a) < SECTIONS * LEAST:
        return Difference(whole, None, None, None)
    parts = [_quantile_difference(x, y, level) for x, y in zip(np.array_split(a, SECTIONS), np.array_split(b, SECTIONS), strict=True)]
    known = np.array([part for part in parts if part is not None])
    if len(known) < SECTIONS:
        return Difference(whole, None, None, None)
    error = sqrt(float(((known - whole) ** 2).sum()) / (SECTIONS - 1) / SECTIONS)
    found = _student(whole, error, SECTIONS - 1)
    return Difference(whole, found.low, found.high, max(found.p or 0.0, 2.0 ** (1 - SECTIONS)), error)


def _quantile_difference(a: Values, b: Values, level: float) -> float | None:
    """``None`` where either never comes."""
    at = rank(level, len(a)) - 1
    first, second = int(np.partition(a, at)[at]), int(np.partition(b, at)[at])
    return None if NEVER in (first, second) else float(second - first)


def holm(ps: Sequence[float | None]) -> list[float | None]:
    """Probabilities of error when many are tested, so that not even one of all false alarms is likelier than said.

    S. Holm, A simple sequentially rejective multiple test procedure, Scand. J. Statist. 6 (1979) 65–70: the smallest times their number,
    the next times one less, and never less than one before it.

    >>> holm([0.01, None, 0.04, 0.03])
    [0.03, None, 0.06, 0.06]
    """
    order = sorted((p, i) for i, p in enumerate(ps) if p is not None)
    result: list[float | None] = [None] * len(ps)
    so_far = 0.0
    for place, (p, i) in enumerate(order):
        so_far = max(so_far, min((len(order) - place) * p, 1.0))
        result[i] = so_far
    return result
