"""Families between a smallest and a largest value. Each is a fixed number when the two are the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.distributions.base import Distribution, Fixed, require
from sim.distributions.tails import Array, by_tail

TINY = 1e-80
"""A tail probability at which a quantile of the PERT law is its bound to the last digit."""


def require_order(smallest: float, largest: float, likely: float | None = None) -> None:
    """Raise ValueError unless smallest <= likely <= largest, all finite and none negative."""
    require("smallest value", smallest)
    require("largest value", largest)
    if smallest > largest:
        raise ValueError(f"the smallest value {smallest:g} is above the largest {largest:g}; give the smallest first")
    if likely is None:
        return
    require("most likely value", likely)
    if likely < smallest:
        raise ValueError(f"the most likely value {likely:g} is below the smallest {smallest:g}; give smallest, most likely, largest")
    if likely > largest:
        raise ValueError(f"the most likely value {likely:g} is above the largest {largest:g}; give smallest, most likely, largest")


@dataclass(frozen=True, slots=True)
class Uniform(Distribution):
    """Any value from ``a`` to ``b``, all as likely."""

    a: float
    b: float

    def __post_init__(self) -> None:
        require_order(self.a, self.b)

    @property
    def mean(self) -> float:
        """(a + b) / 2."""
        return (self.a + self.b) / 2

    @property
    def variance(self) -> float:
        """(b − a)² / 12."""
        return (self.b - self.a) ** 2 / 12

    @property
    def bounds(self) -> tuple[float, float]:
        """a and b."""
        return float(self.a), float(self.b)

    def simplify(self) -> Distribution:
        """Fixed when a = b."""
        return Fixed(self.a) if self.a == self.b else self

    def _inverse(self, p: Array, q: Array) -> Array:
        return np.clip(self.a * q + self.b * p, self.a, self.b)

    def _tails(self, x: Array) -> tuple[Array, Array]:
        inside = np.clip(x, self.a, self.b)
        return (inside - self.a) / (self.b - self.a), (self.b - inside) / (self.b - self.a)


@dataclass(frozen=True, slots=True)
class Triangular(Distribution):
    """From ``a`` to ``b`` with the peak of a triangular density at ``m``."""

    a: float
    m: float
    b: float

    def __post_init__(self) -> None:
        require_order(self.a, self.b, self.m)

    @property
    def mean(self) -> float:
        """(a + m + b) / 3."""
        return (self.a + self.m + self.b) / 3

    @property
    def variance(self) -> float:
        """((b − a)² − (m − a)(b − m)) / 18."""
        return ((self.b - self.a) ** 2 - (self.m - self.a) * (self.b - self.m)) / 18

    @property
    def bounds(self) -> tuple[float, float]:
        """a and b."""
        return float(self.a), float(self.b)

    def simplify(self) -> Distribution:
        """Fixed when a = b."""
        return Fixed(self.a) if self.a == self.b else self

    def _inverse(self, p: Array, q: Array) -> Array:
        rise, fall, width = self.m - self.a, self.b - self.m, self.b - self.a
        before = p * width <= rise
        return np.clip(np.where(before, self.a + np.sqrt(p * width * rise), self.b - np.sqrt(q * width * fall)), self.a, self.b)

    def _tails(self, x: Array) -> tuple[Array, Array]:
        inside = np.clip(x, self.a, self.b)
        width = self.b - self.a
        up, down = np.minimum(inside, self.m) - self.a, self.b - np.maximum(inside, self.m)
        rising = up / width * (up / ((self.m - self.a) or 1.0))
        falling = down / width * (down / ((self.b - self.m) or 1.0))
        before = inside < self.m
        return np.where(before, rising, 1 - falling), np.where(before, 1 - rising, falling)


@dataclass(frozen=True, slots=True)
class Pert(Distribution):
    """From ``a`` to ``b``, most likely ``m``: a beta law whose mean is (a + 4m + b) / 6.

    Its shapes are 1 + 4(m − a)/(b − a) and 1 + 4(b − m)/(b − a) (Vose, *Risk Analysis*, on the PERT of Malcolm et al. 1959).

    >>> Pert(1, 3, 8).mean
    3.5
    """

    a: float
    m: float
    b: float

    def __post_init__(self) -> None:
        require_order(self.a, self.b, self.m)

    @property
    def mean(self) -> float:
        """(a + 4m + b) / 6."""
        return (self.a + 4 * self.m + self.b) / 6

    @property
    def variance(self) -> float:
        """(mean − a)(b − mean) / 7: that of the beta law, whose shapes sum to 6."""
        return (self.mean - self.a) * (self.b - self.mean) / 7

    @property
    def bounds(self) -> tuple[float, float]:
        """a and b."""
        return float(self.a), float(self.b)

    @property
    def shapes(self) -> tuple[float, float]:
        """Both shapes of the beta law."""
        width = self.b - self.a
        return 1 + 4 * (self.m - self.a) / width, 1 + 4 * (self.b - self.m) / width

    def simplify(self) -> Distribution:
        """Fixed when a = b."""
        return Fixed(self.a) if self.a == self.b else self

    def _inverse(self, p: Array, q: Array) -> Array:
        (left, right), width = self.shapes, self.b - self.a
        return by_tail(
            p, q, lambda t: self.a + width * _beta_quantile(left, right, t), lambda t: self.b - width * _beta_quantile(right, left, t)
        )

    def _tails(self, x: Array) -> tuple[Array, Array]:
        from scipy.special import betainc

        (left, right), width = self.shapes, self.b - self.a
        inside = np.clip(x, self.a, self.b)
        return betainc(left, right, (inside - self.a) / width), betainc(right, left, (self.b - inside) / width)


def _beta_quantile(left: float, right: float, p: Array) -> Array:
    """Quantiles of a beta law with shapes from 1 to 5; 0 where ``p`` is below ``TINY``, where SciPy (1.17) may answer nan."""
    from scipy.special import betaincinv

    return np.where(p < TINY, 0.0, betaincinv(left, right, np.maximum(p, TINY)))
