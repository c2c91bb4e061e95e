"""Scores of a forecast of a whole number, such as an opening day or a count of open offices, when the outcome has come.

All are exact for whole numbers. A library computes the ranked probability score of an ensemble too (``scoringrules``; a test holds the two
equal), but not of weighted steps with part of the outcome hidden, and takes half a minute to import.

What is not known of an outcome is left out of its score (threshold weighting; T. Gneiting and R. Ranjan, J. Bus. Econ. Stat. 29,
2011): a day on which one cannot tell whether the office was open counts nothing. When some office has not opened yet, the days after
the last one that is known are left out for all offices, early ones too, so that no forecast gains by what is not yet seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]
Whole = NDArray[np.int64]

NEVER = 2**31 - 2
"""Stands for a day that has not come."""


@dataclass(frozen=True, eq=False)
class Forecast:
    """A forecast of a whole number.

    Attributes
    ----------
    values
        What it may be, in rising order, shape ``(k,)``.
    reached
        Probability of at most each, the last being 1, shape ``(k,)``.
    """

    values: Whole
    reached: Real

    @classmethod
    def of_futures(cls, values: NDArray[np.signedinteger]) -> Forecast:
        """The futures of a run, each as likely."""
        found, counts = np.unique(values, return_counts=True)
        return cls(found.astype(np.int64), np.cumsum(counts) / len(values))

    @classmethod
    def at(cls, value: int) -> Forecast:
        """A number promised, without any doubt."""
        return cls(np.array([value]), np.ones(1))

    @property
    def is_certain(self) -> bool:
        """Whether there is but one value."""
        return len(self.values) == 1

    def cdf(self, value: Whole | int) -> Real:
        """Probability of at most a value; same shape as ``value``."""
        place = np.searchsorted(self.values, value, side="right")
        found: Real = np.where(place > 0, self.reached[np.maximum(place - 1, 0)], 0.0)
        return found

    def quantile(self, p: float) -> int:
        """The first value that at least a share ``p`` has reached."""
        return int(self.values[np.argmax(self.reached >= p - 1e-9)])


@dataclass(frozen=True)
class Outcome:
    """What is known of a whole number: it is from ``first`` to ``last``, both included; the same when it is known exactly.

    >>> Outcome(5, 5).is_exact, Outcome(6, NEVER).is_exact
    (True, False)
    """

    first: int
    last: int

    @property
    def is_exact(self) -> bool:
        """Whether the number is known."""
        return self.first == self.last


def pit(forecast: Forecast, outcome: Outcome) -> tuple[float, float]:
    """Probability integral transform, as the span of probability that the outcome takes up.

    A whole number takes up the probability of its value, a number beyond a bound all that is left; if the forecast is right, a number drawn
    evenly from the span is even between 0 and 1 (C. Czado, T. Gneiting and L. Held, Biometrics 65, 2009).

    >>> die = Forecast(np.arange(1, 7), np.arange(1, 7) / 6)
    >>> [round(x, 3) for x in (*pit(die, Outcome(3, 3)), *pit(die, Outcome(5, NEVER)))]
    [0.333, 0.5, 0.667, 1.0]
    """
    return float(forecast.cdf(outcome.first - 1)), float(forecast.cdf(outcome.last))


def crps(forecast: Forecast, outcome: Outcome, horizon: int | None = None) -> float:
    """Continuous ranked probability score, the sum over whole numbers d of (F(d) − 1 if the outcome is at most d)².

    In the unit of the number: for a promise without doubt it is the absolute error. Numbers d at which it is not known whether the outcome
    is at most d, and those above ``horizon``, are left out.

    Examples
    --------
    Two values as likely, 10 and 14; the outcome is 11: |F − 1|² is ¼ on days 11, 12, 13, and F² is ¼ on day 10:

    >>> crps(Forecast(np.array([10, 14]), np.array([0.5, 1.0])), Outcome(11, 11))
    1.0
    >>> crps(Forecast.at(10), Outcome(14, 14)), crps(Forecast.at(10), Outcome(13, NEVER), horizon=12)
    (4.0, 3.0)
    """
    known = [n for n in (outcome.first, outcome.last) if n < NEVER]
    end = max(int(forecast.values[-1]), *known) if horizon is None else horizon
    grid = np.arange(min(int(forecast.values[0]), outcome.first), end + 1)
    reached = forecast.cdf(grid)
    above, below = grid >= outcome.last, grid < outcome.first
    return float(((1 - reached[above]) ** 2).sum() + (reached[below] ** 2).sum())


def crps_of_each(forecast: Forecast, outcomes: NDArray[np.signedinteger], horizon: int | None = None) -> Real:
    """The score of each of many exact outcomes that the forecast holds possible, shape as ``outcomes``."""
    low, high = int(forecast.values[0]), int(forecast.values[-1])
    end = high if horizon is None else min(high, horizon)
    reached = forecast.cdf(np.arange(low, end + 1))
    before = np.concatenate([[0.0], np.cumsum(reached**2)])
    after = np.concatenate([np.cumsum(((1 - reached) ** 2)[::-1])[::-1], [0.0]])
    place = np.clip(np.asarray(outcomes, np.int64) - low, 0, max(end + 1 - low, 0))
    found: Real = (before + after)[place]
    return found


def share_within(spans: Real, low: float, high: float) -> Real:
    """Which part of each span of probability lies between two levels; a span without width is in or out.

    Parameters
    ----------
    spans
        As from :func:`pit`, shape ``(…, 2)``.
    """
    first, last = spans[..., 0], spans[..., 1]
    width = last - first
    inside = np.clip(np.minimum(last, high) - np.maximum(first, low), 0, None)
    point = ((first >= low) & (first <= high)).astype(float)
    found: Real = np.where(width > 0, inside / np.where(width > 0, width, 1), point)
    return found
