"""Laws whose number is one of a list: given values with weights, and observed values."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sim.distributions.base import Atoms, Distribution, Fixed, require
from sim.distributions.tails import Array

SUM_TOLERANCE = 1e-9
"""How far from 1 weights may sum: room for decimals that binary numbers cannot hold, not for mistakes."""

SLACK = 1e-12
"""A probability this little above a step counts as at the step: sums of weights are off by their last digits."""


def checked_weights(weights: Iterable[float], count: int, what: str) -> tuple[float, ...]:
    """The weights as a tuple; ValueError unless there are ``count``, none negative, and they sum to 1 (never scaled to do so)."""
    numbers = tuple(float(w) for w in weights)
    if count == 0:
        raise ValueError(f"there are no {what}; give at least one")
    if len(numbers) != count:
        raise ValueError(f"there are {count} {what} but {len(numbers)} weights; give one weight for each")
    for number in numbers:
        require("weight", number)
    total = math.fsum(numbers)
    if abs(total - 1) > SUM_TOLERANCE:
        raise ValueError(f"the weights sum to {total:.10g}; they must sum to 1")
    return numbers


def _checked_values(values: Iterable[float]) -> tuple[float, ...]:
    numbers = tuple(float(v) for v in values)
    for number in numbers:
        require("value", number)
    return numbers


@dataclass(frozen=True, slots=True)
class Discrete(Distribution):
    """One of ``values``, by ``weights`` that sum to 1.

    >>> Discrete((0, 10), (0.8, 0.2)).mean
    2.0
    """

    values: tuple[float, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _checked_values(self.values))
        object.__setattr__(self, "weights", checked_weights(self.weights, len(self.values), "values"))

    @property
    def mean(self) -> float:
        """Weighted mean of the values."""
        return math.fsum(w * v for v, w in zip(self.values, self.weights, strict=True))

    @property
    def variance(self) -> float:
        """Weighted mean of the squared deviations."""
        mean = self.mean
        return math.fsum(w * (v - mean) ** 2 for v, w in zip(self.values, self.weights, strict=True))

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest value with a weight above 0."""
        values = self.atoms()[0]
        return float(values[0]), float(values[-1])

    def scaled(self, factor: float) -> Distribution:
        """The values times the factor."""
        require("factor", factor)
        return Discrete(tuple(factor * v for v in self.values), self.weights)

    def given(self, elapsed: float) -> Distribution:
        """What remains of the values above ``elapsed``, by their weights among these."""
        left = [(v - elapsed, w) for v, w in zip(self.values, self.weights, strict=True) if v > elapsed and w > 0]
        if not left:
            raise ValueError(f"{elapsed:g} has already passed, but the distribution ends at {self.bounds[1]:g}")
        total = math.fsum(w for _, w in left)
        return Discrete(tuple(v for v, _ in left), tuple(w / total for _, w in left))

    def atoms(self) -> Atoms:
        """Different values with a weight above 0, in rising order, and their weights."""
        values, place = np.unique(self.values, return_inverse=True)
        weights = np.bincount(place, self.weights)
        # The sum was checked on the way in; dividing by it only takes away the last digits that decimals leave.
        return values[weights > 0], weights[weights > 0] / weights.sum()

    def _inverse(self, p: Array, q: Array) -> Array:
        values, weights = self.atoms()
        first = np.searchsorted(np.cumsum(weights), p - SLACK)
        return values[np.minimum(first, values.size - 1)]

    def _tails(self, x: Array) -> tuple[Array, Array]:
        values, weights = self.atoms()
        up_to = np.searchsorted(values, x, side="right")
        below = np.minimum(np.append(0.0, np.cumsum(weights)), 1.0)
        above = np.minimum(np.append(np.cumsum(weights[::-1])[::-1], 0.0), 1.0)
        return below[up_to], above[up_to]


@dataclass(frozen=True, slots=True)
class Empirical(Distribution):
    """One of the observed ``values``, each as likely: the law whose distribution function is that of the sample.

    ``quantile`` is the inverse of that step function: the smallest value that at least a share ``p`` of the sample is not above.

    >>> Empirical((3, 1, 2, 2)).quantile([0.25, 0.5, 0.76]).tolist()
    [1.0, 2.0, 3.0]
    """

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _checked_values(self.values))
        if not self.values:
            raise ValueError("there are no observed values; give at least one")

    @property
    def mean(self) -> float:
        """Mean of the sample."""
        return math.fsum(self.values) / len(self.values)

    @property
    def variance(self) -> float:
        """Mean squared deviation in the sample (divided by its size: the law is the sample itself)."""
        mean = self.mean
        return math.fsum((v - mean) ** 2 for v in self.values) / len(self.values)

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest observation."""
        return min(self.values), max(self.values)

    def simplify(self) -> Distribution:
        """Different values with their shares."""
        values, counts = np.unique(self.values, return_counts=True)
        return Fixed(values.item()) if values.size == 1 else Discrete(tuple(values.tolist()), tuple((counts / counts.sum()).tolist()))

    def _inverse(self, p: Array, q: Array) -> Array:
        return self.simplify()._inverse(p, q)

    def _tails(self, x: Array) -> tuple[Array, Array]:
        return self.simplify()._tails(x)
