"""Families without a largest value. Each is a fixed number when its spread is 0."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from sim.distributions.base import Distribution, Fixed, require
from sim.distributions.tails import Array, by_tail, normal_cdf

Z90 = 1.2815515655446004
"""Standard normal score of P90."""

SMALLEST_SHAPE = 0.02
"""Smallest Weibull shape: below it the moments leave the range of floating-point numbers."""

LARGEST_SIGMA = 15.0
"""Largest sigma of a lognormal: above it the variance leaves the range of floating-point numbers."""


@dataclass(frozen=True, slots=True, init=False)
class Normal(Distribution):
    """A normal law cut at 0: the part above 0, scaled up to a whole.

    ``mean`` and ``variance`` are those of what is left, so they are a little above and below the parameters.

    Parameters
    ----------
    mean, sd
        Mean and standard deviation before the cut; kept as ``location`` and ``sd``.
    """

    location: float
    sd: float

    def __init__(self, mean: float, sd: float) -> None:
        require("mean", mean)
        require("standard deviation", sd)
        object.__setattr__(self, "location", mean)
        object.__setattr__(self, "sd", sd)

    @property
    def mean(self) -> float:
        """location + sd · h, with h the normal density over the upper tail at the cut (Johnson, Kotz & Balakrishnan 1994, 13.10)."""
        return self.location + self.sd * self._hazard()

    @property
    def variance(self) -> float:
        """sd² (1 − h · (h + location / sd)), same source."""
        hazard = self._hazard()
        return self.sd**2 * (1 - hazard * (hazard + self.location / self.sd)) if self.sd else 0.0

    @property
    def bounds(self) -> tuple[float, float]:
        """0 and ``inf``."""
        return (0.0, math.inf) if self.sd else (float(self.location), float(self.location))

    def simplify(self) -> Distribution:
        """Fixed when sd = 0."""
        return self if self.sd else Fixed(self.location)

    def _cut(self) -> tuple[float, float]:
        """Probability that the law before the cut has below 0 and above 0."""
        score = self.location / self.sd
        return float(normal_cdf(-score)), float(normal_cdf(score))

    def _hazard(self) -> float:
        if not self.sd:
            return 0.0
        score = self.location / self.sd
        return math.exp(-score * score / 2) / math.sqrt(2 * math.pi) / self._cut()[1]

    def _inverse(self, p: Array, q: Array) -> Array:
        from scipy.special import ndtri

        below, above = self._cut()
        score = by_tail(below + p * above, q * above, ndtri, lambda t: -ndtri(t))
        return np.maximum(self.location + self.sd * score, 0.0)

    def _tails(self, x: Array) -> tuple[Array, Array]:
        from scipy.special import ndtr

        below, above = self._cut()
        score = (np.maximum(x, 0.0) - self.location) / self.sd
        return np.clip((ndtr(score) - below) / above, 0.0, 1.0), np.minimum(ndtr(-score) / above, 1.0)


# In a class with slots a field must be written `= field()` to take the place of a property of the base: its bare annotation
# would make dataclasses read the inherited property as a default.


@dataclass(frozen=True, slots=True)
class Exponential(Distribution):
    """Exponential with the given ``mean``."""

    mean: float = field()

    def __post_init__(self) -> None:
        require("mean", self.mean)

    @property
    def variance(self) -> float:
        """mean²."""
        return self.mean**2

    @property
    def bounds(self) -> tuple[float, float]:
        """0 and ``inf``."""
        return (0.0, math.inf) if self.mean else (0.0, 0.0)

    def simplify(self) -> Distribution:
        """Fixed when the mean is 0."""
        return self if self.mean else Fixed(0.0)

    def _inverse(self, p: Array, q: Array) -> Array:
        return self.mean * _exponential_score(p, q)

    def _tails(self, x: Array) -> tuple[Array, Array]:
        passed = np.maximum(x, 0.0) / self.mean
        return -np.expm1(-passed), np.exp(-passed)


def _exponential_score(p: Array, q: Array) -> Array:
    """Value of the exponential law of mean 1."""
    with np.errstate(divide="ignore"):
        return by_tail(p, q, lambda t: -np.log1p(-t), lambda t: -np.log(t))


@dataclass(frozen=True, slots=True)
class Gamma(Distribution):
    """Gamma with the given ``mean`` and standard deviation ``sd``: shape (mean/sd)², scale sd²/mean."""

    mean: float = field()
    sd: float

    def __post_init__(self) -> None:
        require("mean", self.mean, positive=True)
        require("standard deviation", self.sd)

    @property
    def variance(self) -> float:
        """sd²."""
        return self.sd**2

    @property
    def bounds(self) -> tuple[float, float]:
        """0 and ``inf``."""
        return (0.0, math.inf) if self.sd else (float(self.mean), float(self.mean))

    def simplify(self) -> Distribution:
        """Fixed when sd = 0."""
        return self if self.sd else Fixed(self.mean)

    def _inverse(self, p: Array, q: Array) -> Array:
        from scipy.special import gammainccinv, gammaincinv

        shape, scale = (self.mean / self.sd) ** 2, self.sd**2 / self.mean
        return scale * by_tail(p, q, lambda t: gammaincinv(shape, t), lambda t: gammainccinv(shape, t))

    def _tails(self, x: Array) -> tuple[Array, Array]:
        from scipy.special import gammainc, gammaincc

        shape, scale = (self.mean / self.sd) ** 2, self.sd**2 / self.mean
        scores = np.maximum(x, 0.0) / scale
        return gammainc(shape, scores), gammaincc(shape, scores)


@dataclass(frozen=True, slots=True)
class Weibull(Distribution):
    """Weibull: P(X > x) = exp(−(x/scale)^shape)."""

    shape: float
    scale: float

    def __post_init__(self) -> None:
        require("shape", self.shape, positive=True)
        require("scale", self.scale, positive=True)
        if self.shape < SMALLEST_SHAPE:
            raise ValueError(f"the shape is {self.shape:g}; it must be at least {SMALLEST_SHAPE:g}")

    @property
    def mean(self) -> float:
        """scale · Γ(1 + 1/shape)."""
        return self.scale * math.gamma(1 + 1 / self.shape)

    @property
    def variance(self) -> float:
        """scale² (Γ(1 + 2/shape) − Γ(1 + 1/shape)²), as a ratio to the squared mean so that large shapes lose no digits."""
        return self.mean**2 * max(math.expm1(math.lgamma(1 + 2 / self.shape) - 2 * math.lgamma(1 + 1 / self.shape)), 0.0)

    @property
    def bounds(self) -> tuple[float, float]:
        """0 and ``inf``."""
        return 0.0, math.inf

    def _inverse(self, p: Array, q: Array) -> Array:
        return self.scale * _exponential_score(p, q) ** (1 / self.shape)

    def _tails(self, x: Array) -> tuple[Array, Array]:
        passed = (np.maximum(x, 0.0) / self.scale) ** self.shape
        return -np.expm1(-passed), np.exp(-passed)


@dataclass(frozen=True, slots=True)
class Lognormal(Distribution):
    """``median`` times the exponential of a normal number with standard deviation ``sigma``.

    >>> Lognormal.from_p10_p90(4, 9).median
    6.0
    """

    median: float = field()
    sigma: float

    def __post_init__(self) -> None:
        require("median", self.median, positive=True)
        require("sigma", self.sigma)
        if self.sigma > LARGEST_SIGMA:
            raise ValueError(f"sigma is {self.sigma:g}; it must be at most {LARGEST_SIGMA:g}")

    @classmethod
    def from_p10_p90(cls, p10: float, p90: float) -> Self:
        """The lognormal law with these quantiles; ValueError unless 0 < p10 < p90."""
        require("P10", p10, positive=True)
        require("P90", p90, positive=True)
        if p10 >= p90:
            raise ValueError(f"P10 ({p10:g}) must be below P90 ({p90:g})")
        return cls(median=math.sqrt(p10) * math.sqrt(p90), sigma=math.log(p90 / p10) / (2 * Z90))

    @property
    def mean(self) -> float:
        """median · exp(σ²/2)."""
        return self.median * math.exp(self.sigma**2 / 2)

    @property
    def variance(self) -> float:
        """mean² (exp(σ²) − 1)."""
        return self.mean**2 * math.expm1(self.sigma**2)

    @property
    def bounds(self) -> tuple[float, float]:
        """0 and ``inf``."""
        return (0.0, math.inf) if self.sigma else (float(self.median), float(self.median))

    def simplify(self) -> Distribution:
        """Fixed when sigma = 0."""
        return self if self.sigma else Fixed(self.median)

    def _inverse(self, p: Array, q: Array) -> Array:
        from scipy.special import ndtri

        return self._at_score(by_tail(p, q, ndtri, lambda t: -ndtri(t)))

    def _tails(self, x: Array) -> tuple[Array, Array]:
        from scipy.special import ndtr

        with np.errstate(divide="ignore"):
            score = np.log(np.maximum(x, 0.0) / self.median) / self.sigma
        return ndtr(score), ndtr(-score)

    def _at_score(self, z: Array) -> Array:
        return self.median * np.exp(self.sigma * z)
