"""Maximum likelihood with unfinished cases.

The likelihood of a case is the probability of what is known of it: of lasting so many whole days, or longer than so far. An unfinished
case thus counts as long as it has lasted, and no longer; to drop it would make work look quicker than it is, because long
work is what is unfinished. (J. F. Lawless, Statistical Models and Methods for Lifetime Data, 2nd ed. 2003, chapter 2.) SciPy's
``fit`` for ``CensoredData`` finds the same estimates, as a test says, but neither their uncertainty nor groups.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.calibration.families import NARROWEST, WIDEST, Family
from sim.calibration.spans import Lengths, Real
from sim.distributions import Distribution

LEAST = 1e-300
"""Least probability, so that a logarithm can be taken."""

FINE, COARSE = 1e-5, 2e-3
"""How near the largest likelihood is found, in logarithms; coarsely for bootstrap samples, whose spread is far larger."""

STEP = 1e-3
"""Step of numerical derivatives, in logarithms."""

FAR = math.log(1e6)
"""How far the search goes from the middle of the data, as a logarithm."""


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of some lengths, equal ones taken together: bounds and the number of cases, each of shape ``(distinct,)``."""

    low: Real
    high: Real
    count: Real

    @classmethod
    def of(cls, lengths: Lengths) -> Known:
        """What is known of lengths."""
        return cls.between(*lengths.bounds)

    @classmethod
    def between(cls, low: Real, high: Real) -> Known:
        """Lengths between bounds, a pair a case."""
        pairs, count = np.unique(np.stack([low, high], axis=1), axis=0, return_counts=True)
        return cls(pairs[:, 0], pairs[:, 1], count.astype(float))

    @cached_property
    def middle(self) -> float:
        """A length in the middle of what has been seen, to begin a search with."""
        seen = np.where(np.isfinite(self.high), (self.low + self.high) / 2, np.maximum(self.low, 1))
        return float(np.exp(np.average(np.log(seen), weights=self.count)))

    def log_likelihood(self, law: Distribution) -> float:
        """Logarithm of the probability of what is known."""
        return float(self.count @ np.log(between(law, self.low, self.high)))


def between(law: Distribution, low: Real, high: Real) -> Real:
    """Probability of more than ``low`` and at most ``high``, from whichever tail has the digits; above 0 always."""
    ends = np.stack([low, high])
    below, above = law.tails(ends)
    found: Real = np.maximum(np.maximum(below[1] - below[0], above[0] - above[1]), LEAST)
    return found


@dataclass(frozen=True, eq=False)
class Fit:
    """A family fitted to lengths.

    Attributes
    ----------
    family
        Which.
    at
        Logarithms of median and width (of the median alone for a family without width), shape ``(parameters,)``.
    log_likelihood
        At the maximum.
    covariance
        Of ``at``: the inverse of the observed information, shape ``(parameters, parameters)``.
    cases
        How many.
    """

    family: Family
    at: Real
    log_likelihood: float
    covariance: Real
    cases: int

    @property
    def median(self) -> float:
        """Half of the work takes longer."""
        return math.exp(self.at[0])

    @property
    def median_error(self) -> float:
        """Standard error of the logarithm of the median: about the relative error of all lengths."""
        return math.sqrt(self.covariance[0, 0])

    @property
    def width(self) -> float:
        """How wide the distribution is, see :class:`sim.calibration.families.Family`."""
        return math.exp(self.at[1]) if self.family.shaped else 1.0

    @property
    def law(self) -> Distribution:
        """The fitted law."""
        return self.family.law(self.median, self.width)

    @property
    def aic(self) -> float:
        """Akaike's criterion, corrected for few cases: 2k − 2 log L + 2k(k + 1)/(n − k − 1) (Hurvich and Tsai 1989)."""
        k = self.family.parameters
        return 2 * k - 2 * self.log_likelihood + 2 * k * (k + 1) / max(self.cases - k - 1, 1)


def fit(family: Family, lengths: Lengths, begin: Real | None = None) -> Fit:
    """Fit a family to lengths, some of which must have finished.

    Parameters
    ----------
    begin
        Where the search begins; default: in the middle of the data.

    Examples
    --------
    Of an exponential law the estimate of the mean is all days over the number of finished cases (here almost: days are whole):

    >>> from sim.calibration.families import FAMILIES
    >>> days = np.array([100, 300, 200, 400])
    >>> found = fit(FAMILIES["exponential"], Lengths(days, np.array([True, True, True, False]), days))
    >>> round(found.law.mean)
    334
    """
    known = Known.of(lengths)
    at = best(family, known, begin)
    covariance = inverse(information(lambda x: known.log_likelihood(law_at(family, x)), at))
    return Fit(family, at, known.log_likelihood(law_at(family, at)), covariance, len(lengths))


def best(family: Family, known: Known, begin: Real | None = None, *, tolerance: float = FINE) -> Real:
    """Logarithms of median and width at which the likelihood is largest."""
    middle = math.log(known.middle)
    first = [middle, math.log(0.5)][: family.parameters] if begin is None else begin
    bounds = [(middle - FAR, middle + FAR), (NARROWEST, WIDEST)][: family.parameters]
    return maximum(lambda x: known.log_likelihood(law_at(family, x)), np.array(first), bounds, tolerance)


def law_at(family: Family, at: Real) -> Distribution:
    """The law with given logarithms of median and width."""
    return family.law(math.exp(at[0]), math.exp(at[1]) if family.shaped else 1.0)


def maximum(of: Callable[[Real], float], begin: Real, bounds: list[tuple[float, float]], tolerance: float = FINE) -> Real:
    """Where a smooth function of one to three numbers is largest, by Nelder and Mead: so few need no derivatives, nor threads."""
    from scipy.optimize import minimize

    found = minimize(lambda x: -of(x), begin, method="Nelder-Mead", bounds=bounds, options={"xatol": tolerance, "fatol": tolerance**2})
    at: Real = found.x
    return at


def information(of: Callable[[Real], float], at: Real) -> Real:
    """Observed information: minus the second derivatives of a log-likelihood, by central differences."""
    n = len(at)
    steps = np.eye(n) * STEP
    found = np.empty((n, n))
    for i in range(n):
        for j in range(i, n):
            a, b = steps[i], steps[j]
            found[i, j] = found[j, i] = -(of(at + a + b) - of(at + a - b) - of(at - a + b) + of(at - a - b)) / (4 * STEP**2)
    return found


def inverse(information: Real) -> Real:
    """Covariance of estimates; a direction of which the data say nothing (at a bound, or flat) is taken as known.

    >>> inverse(np.diag([4.0, 0.0])).tolist()
    [[0.25, 0.0], [0.0, 0.0]]
    """
    values, vectors = np.linalg.eigh(information)
    turned = np.where(values > 1e-6 * max(values.max(), 1e-12), 1 / np.maximum(values, 1e-12), 0.0)
    found: Real = (vectors * turned) @ vectors.T
    return found
