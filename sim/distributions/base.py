"""What every distribution can do, and the three laws that all others lean on: fixed, scaled and conditional.

A law gives two functions, each for both tails at once so that neither loses digits far out: :meth:`Distribution._inverse` takes
the probability below and the probability above, :meth:`Distribution._tails` returns them. All else is derived here.

SciPy is imported by the functions that need it: its special functions take about 150 ms to import, and a run with lognormal,
triangular, uniform and step laws needs none of them.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from sim.distributions.quadrature import logistic_rule
from sim.distributions.tails import Array, normal_cdf

Atoms = tuple[Array, Array]
"""Values in rising order and the probability of each, both of shape (k,)."""

SMALLEST_SURVIVAL = 1e-200
"""Smallest chance of lasting longer than the elapsed time that a conditional law is built on; below it, digits run out."""

NO_ATOMS: Atoms = (np.empty(0), np.empty(0))


def require(name: str, value: float, *, positive: bool = False) -> None:
    """Raise ValueError unless ``value`` is a finite number of at least 0 (above 0 when ``positive``)."""
    fits = math.isfinite(value) and (value > 0 if positive else value >= 0)
    if not fits:
        raise ValueError(f"the {name} is {value:g}; it must be a finite number {'above' if positive else 'of at least'} 0")


class Distribution(ABC):
    """The law of one uncertain number of at least 0, in whatever unit its parameters are.

    All laws are frozen, can be compared, hashed and pickled, and work when their parameters leave no uncertainty.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def mean(self) -> float:
        """Expected value."""

    @property
    @abstractmethod
    def variance(self) -> float:
        """Variance; ``inf`` where the law has none."""

    @property
    @abstractmethod
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest value; the highest may be ``inf``."""

    @property
    def median(self) -> float:
        """The value that is as likely exceeded as not: ``quantile(0.5)``."""
        return float(self.at_score(0.0))  # the same, and for many laws without scipy

    @property
    def steps(self) -> bool:
        """Whether the quantile function has flat stretches or jumps (single values with a probability of their own, gaps)."""
        return self.simplify().atoms()[0].size > 0

    def quantile(self, p: ArrayLike) -> Array:
        """Smallest value that is not exceeded with probability ``p`` (0 to 1); same shape as ``p``."""
        below = _probabilities(p)
        return self.simplify()._inverse(below, 1 - below)

    def isf(self, q: ArrayLike) -> Array:
        """Value that is exceeded with probability ``q``: ``quantile(1 - q)``, precise for small ``q``."""
        above = _probabilities(q)
        return self.simplify()._inverse(1 - above, above)

    def at_score(self, z: ArrayLike) -> Array:
        """Value at a standard normal score: ``quantile(Φ(z))``, precise in both tails; same shape as ``z``."""
        return self.simplify()._at_score(np.asarray(z, dtype=float))

    def cdf(self, x: ArrayLike) -> Array:
        """Probability of at most ``x``; same shape as ``x``."""
        return self.tails(x)[0]

    def sf(self, x: ArrayLike) -> Array:
        """Probability of more than ``x``: ``1 - cdf(x)``, precise far out; same shape as ``x``."""
        return self.tails(x)[1]

    def tails(self, x: ArrayLike) -> tuple[Array, Array]:
        """Probability of at most ``x`` and of more than ``x``, at the cost of one; same shape as ``x``."""
        return self.simplify()._tails(np.asarray(x, dtype=float))

    def scaled(self, factor: float) -> Distribution:
        """The law of ``factor`` times this number."""
        return self if factor == 1 else Scaled(self, factor)

    def given(self, elapsed: float) -> Distribution:
        """The law of what remains when ``elapsed`` has passed and more is known to come, see :class:`Conditional`."""
        return Conditional(self, elapsed)

    def simplify(self) -> Distribution:
        """The same law in its plainest form: a step law, a mixture of plain laws, or a law without steps."""
        return self

    def atoms(self) -> Atoms:
        """Single values of a plain law with a probability of their own; empty for a law without."""
        return NO_ATOMS

    @abstractmethod
    def _inverse(self, p: Array, q: Array) -> Array:
        """Value with probability ``p`` below and ``q`` above (p + q = 1, the smaller precise). Called on plain laws only."""

    @abstractmethod
    def _tails(self, x: Array) -> tuple[Array, Array]:
        """Probability of at most ``x`` and of more than ``x``. Called on plain laws only."""

    def _at_score(self, z: Array) -> Array:
        return self._inverse(normal_cdf(z), normal_cdf(-z))


def _probabilities(p: ArrayLike) -> Array:
    values = np.asarray(p, dtype=float)
    if not np.all((values >= 0) & (values <= 1)):
        raise ValueError("a probability must be between 0 and 1")
    return values


@dataclass(frozen=True, slots=True)
class Fixed(Distribution):
    """Always ``value``."""

    value: float

    def __post_init__(self) -> None:
        require("value", self.value)

    @property
    def mean(self) -> float:
        """The value."""
        return float(self.value)

    @property
    def variance(self) -> float:
        """Zero."""
        return 0.0

    @property
    def bounds(self) -> tuple[float, float]:
        """The value, twice."""
        return float(self.value), float(self.value)

    def scaled(self, factor: float) -> Distribution:
        """Fixed again."""
        require("factor", factor)
        return Fixed(factor * self.value)

    def given(self, elapsed: float) -> Distribution:
        """Fixed again: the rest of the value."""
        _require_more(self, elapsed)
        return Fixed(self.value - elapsed)

    def atoms(self) -> Atoms:
        """The value, with certainty."""
        return np.array([float(self.value)]), np.ones(1)

    def _inverse(self, p: Array, q: Array) -> Array:
        return np.full(p.shape, float(self.value))

    def _tails(self, x: Array) -> tuple[Array, Array]:
        return (x >= self.value).astype(float), (x < self.value).astype(float)


@dataclass(frozen=True, slots=True)
class Scaled(Distribution):
    """``factor`` times a number of law ``base``."""

    base: Distribution
    factor: float

    def __post_init__(self) -> None:
        require("factor", self.factor)

    @property
    def mean(self) -> float:
        """The base's mean times the factor."""
        return self.factor * self.base.mean

    @property
    def variance(self) -> float:
        """The base's variance times the square of the factor."""
        return self.factor**2 * self.base.variance if self.factor else 0.0

    @property
    def bounds(self) -> tuple[float, float]:
        """The base's bounds times the factor."""
        lowest, highest = self.base.bounds
        return (self.factor * lowest, self.factor * highest) if self.factor else (0.0, 0.0)

    def scaled(self, factor: float) -> Distribution:
        """The base with both factors in one."""
        return Scaled(self.base, self.factor * factor)

    def simplify(self) -> Distribution:
        """The plain base scaled, or fixed at 0 when the factor is 0."""
        return self.base.simplify().scaled(self.factor) if self.factor else Fixed(0.0)

    def _inverse(self, p: Array, q: Array) -> Array:
        return self.factor * self.base._inverse(p, q)

    def _tails(self, x: Array) -> tuple[Array, Array]:
        return self.base._tails(x / self.factor)

    def _at_score(self, z: Array) -> Array:
        return self.factor * self.base._at_score(z)


def _require_more(base: Distribution, elapsed: float) -> None:
    """Raise ValueError when no more than ``elapsed`` is possible (or so unlikely that it cannot be reckoned with)."""
    require("elapsed time", elapsed)
    if base.sf(elapsed) < SMALLEST_SURVIVAL:
        raise ValueError(f"{elapsed:g} has already passed, but the distribution ends at {_practical_end(base):g}")


def _practical_end(base: Distribution) -> float:
    highest = base.bounds[1]
    return highest if math.isfinite(highest) else float(base.isf(SMALLEST_SURVIVAL))


@dataclass(frozen=True, slots=True)
class Conditional(Distribution):
    """What remains of a number of law ``base`` when ``elapsed`` has passed: the law of X − elapsed given X > elapsed.

    Its mean and variance are integrals of its quantile function (relative error below 1e-6 for all families but a metalog
    whose own mean or variance is barely finite).

    >>> Conditional(Fixed(10), 4).mean
    6.0
    """

    base: Distribution
    elapsed: float

    def __post_init__(self) -> None:
        _require_more(self.base, self.elapsed)

    @property
    def mean(self) -> float:
        """Expected remainder."""
        plain = self.simplify()
        if not isinstance(plain, Conditional):
            return plain.mean
        values, weights = _integrand(plain)
        return float(weights @ values)

    @property
    def variance(self) -> float:
        """Variance of the remainder."""
        if math.isinf(self.base.variance):
            return math.inf
        plain = self.simplify()
        if not isinstance(plain, Conditional):
            return plain.variance
        values, weights = _integrand(plain)
        return float(weights @ (values - plain.mean) ** 2)

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest remainder."""
        plain = self.simplify()
        if not isinstance(plain, Conditional):
            return plain.bounds
        lowest, highest = self.base.bounds
        return max(lowest - self.elapsed, 0.0), highest - self.elapsed

    def given(self, elapsed: float) -> Distribution:
        """The base, given both elapsed times."""
        return Conditional(self.base, self.elapsed + elapsed)

    def simplify(self) -> Distribution:
        """The plain base, conditioned."""
        return self.base.simplify().given(self.elapsed)

    def _inverse(self, p: Array, q: Array) -> Array:
        below, above = self.base._tails(np.asarray(float(self.elapsed)))
        return np.maximum(self.base._inverse(below + p * above, q * above) - self.elapsed, 0.0)

    def _tails(self, x: Array) -> tuple[Array, Array]:
        _, at_least = self.base._tails(np.asarray(float(self.elapsed)))
        above = np.where(x < 0, 1.0, self.base._tails(np.maximum(x, 0) + self.elapsed)[1] / at_least)
        return 1 - above, above


@lru_cache(maxsize=1024)
def _integrand(law: Conditional) -> Atoms:
    """Values at the nodes of an integral over all probabilities (in the logit, see quadrature), and the weights of these."""
    above = float(law.base.sf(law.elapsed))
    p, q, weights = logistic_rule(furthest=math.log(above / 1e-299))
    return law._inverse(p, q), weights
