"""One of several laws, by weight: a single law in itself, so that one uniform number draws from it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.distributions.base import SMALLEST_SURVIVAL, Distribution
from sim.distributions.steps import SLACK, Discrete, checked_weights
from sim.distributions.tails import Array

HALVINGS = 300
"""Most steps of the bisection for a quantile; it stops when all digits are right, mostly after about 60."""

PRECISION = 1e-15
"""Width of the last bracket, relative to the value (and never below 1e-18)."""


@dataclass(frozen=True, slots=True)
class Mixture(Distribution):
    """A number whose law is one of ``components``, by ``weights`` that sum to 1.

    Quantiles are found by bisection on the mixed distribution function; values with a probability of their own are met exactly.

    >>> from sim.distributions.base import Fixed
    >>> Mixture((Fixed(0), Fixed(10)), (0.9, 0.1)).quantile([0.9, 0.91]).tolist()
    [0.0, 10.0]
    """

    components: tuple[Distribution, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "components", tuple(self.components))
        object.__setattr__(self, "weights", checked_weights(self.weights, len(self.components), "components"))

    @property
    def mean(self) -> float:
        """Weighted mean of the means."""
        return math.fsum(weight * law.mean for weight, law in self._parts())

    @property
    def variance(self) -> float:
        """Weighted mean of the variances and of the squared distances between means."""
        mean = self.mean
        return math.fsum(weight * (law.variance + (law.mean - mean) ** 2) for weight, law in self._parts())

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest bound of the components with a weight above 0."""
        bounds = [law.bounds for _, law in self._parts()]
        return min(low for low, _ in bounds), max(high for _, high in bounds)

    @property
    def steps(self) -> bool:
        """Whether a component has steps, or no component reaches some stretch between the bounds."""
        plain = self.simplify()
        if not isinstance(plain, Mixture):
            return plain.steps
        return any(law.steps for law in plain.components) or _has_gap([law.bounds for law in plain.components])

    def scaled(self, factor: float) -> Distribution:
        """The mixture of the scaled components."""
        return Mixture(tuple(law.scaled(factor) for law in self.components), self.weights)

    def given(self, elapsed: float) -> Distribution:
        """The mixture of the components given ``elapsed``, each by how likely it is to last that long."""
        chances = [(weight * float(law.sf(elapsed)), law) for weight, law in self._parts()]
        left = [(chance, law) for chance, law in chances if chance >= SMALLEST_SURVIVAL]
        if not left:
            raise ValueError(f"{elapsed:g} has already passed, but the distribution ends at {self.bounds[1]:g}")
        total = math.fsum(chance for chance, _ in left)
        return Mixture(tuple(law.given(elapsed) for _, law in left), tuple(chance / total for chance, _ in left))

    def simplify(self) -> Distribution:
        """One component alone, one step law when all components are, or a mixture of plain laws that are not mixtures."""
        parts = list(self._flat())
        if len(parts) == 1:
            return parts[0][1]
        if all(law.atoms()[0].size for _, law in parts):
            atoms = [(value, weight * share) for weight, law in parts for value, share in zip(*law.atoms(), strict=True)]
            return Discrete(tuple(value for value, _ in atoms), tuple(chance for _, chance in atoms))
        return Mixture(tuple(law for _, law in parts), tuple(weight for weight, _ in parts))

    def breaks(self) -> Array:
        """Probabilities, in rising order, at which the quantile function of a plain mixture may jump or begin or end a flat stretch."""
        values, chances = self._steps()
        edges = [bound for law in self.components for bound in law.bounds if math.isfinite(bound)]
        up_to = self._tails(values)[0]
        return np.unique(np.concatenate([up_to, up_to - chances, self._tails(np.array(edges))[0]]))

    def _parts(self) -> Iterator[tuple[float, Distribution]]:
        """Weights above 0 and their laws."""
        return ((weight, law) for weight, law in zip(self.weights, self.components, strict=True) if weight > 0)

    def _flat(self) -> Iterator[tuple[float, Distribution]]:
        """Weights and plain laws, mixtures within the mixture taken apart."""
        for weight, law in self._parts():
            plain = law.simplify()
            if isinstance(plain, Mixture):
                yield from ((weight * share, part) for share, part in plain._parts())
            else:
                yield weight, plain

    def _steps(self) -> tuple[Array, Array]:
        """Values with a probability of their own, in rising order, and these."""
        pairs = [(law.atoms(), weight) for weight, law in self._parts()]
        values, place = np.unique(np.concatenate([values for (values, _), _ in pairs]), return_inverse=True)
        chances: Array = np.zeros(values.size)
        np.add.at(chances, place, np.concatenate([weight * shares for (_, shares), weight in pairs]))
        return values, chances

    def _tails(self, x: Array) -> tuple[Array, Array]:
        below, above = np.zeros(x.shape), np.zeros(x.shape)
        for weight, law in self._parts():
            part_below, part_above = law._tails(x)
            below += weight * part_below
            above += weight * part_above
        return np.minimum(below, 1.0), np.minimum(above, 1.0)

    def _inverse(self, p: Array, q: Array) -> Array:
        quantiles = np.array([law._inverse(p, q) for _, law in self._parts()])
        lowest, highest = quantiles.min(axis=0), quantiles.max(axis=0)
        found: Array = np.where(p <= 0, lowest, highest)
        inside = (p > 0) & (q > 0)
        found[inside] = self._bisect(p[inside], q[inside], lowest[inside], highest[inside])
        values, chances = self._steps()
        for value, up_to, chance in zip(values, self._tails(values)[0], chances, strict=True):
            found[inside & (p > up_to - chance + SLACK) & (p <= up_to + SLACK)] = value
        return found

    def _bisect(self, p: Array, q: Array, low: Array, high: Array) -> Array:
        """Smallest values at which the distribution function reaches ``p``, known to lie from ``low`` to ``high``."""
        from_below = p < q
        for _ in range(HALVINGS):
            if np.all(high - low <= np.maximum(PRECISION * high, 1e-18)):
                break
            middle = (low + high) / 2
            below, above = self._tails(middle)
            reached = np.where(from_below, below >= p, above <= q)
            high = np.where(reached, middle, high)
            low = np.where(reached, low, middle)
        return high


def _has_gap(bounds: list[tuple[float, float]]) -> bool:
    """Whether the union of the intervals is in more than one piece."""
    reach = -math.inf
    for count, (low, high) in enumerate(sorted(bounds)):
        if count and low > reach:
            return True
        reach = max(reach, high)
    return False
