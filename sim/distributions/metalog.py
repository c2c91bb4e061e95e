"""The metalog law through three quantiles, bounded below at 0."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sim.distributions.base import Distribution, require
from sim.distributions.quadrature import panels
from sim.distributions.tails import Array, expit

FEASIBLE_RATIO = 1.66711311920
"""Bound of |a3| / a2 below which the quantile function still rises everywhere (Keelin 2016 gives 1.66711): 1 / max over y of
(y − ½) + y(1 − y) logit y."""

LOGIT_90 = math.log(9)
"""Logit of P90."""

FAR = 60.0
"""Logit from which on the tail is a power law to the last digit."""

HALVINGS = 80
"""Steps of the bisection for the distribution function: enough for all digits."""


@dataclass(frozen=True, slots=True)
class Metalog(Distribution):
    """The semi-bounded metalog law with the given P10, P50 and P90 and lower bound 0.

    Its quantile function is Q(y) = exp(a1 + a2 logit y + a3 (y − ½) logit y), the symmetric-percentile-triplet form of Keelin,
    "The Metalog Distributions", Decision Analysis 13(4), 2016, sections 4 and 6, with the three quantiles met exactly:

        a1 = ln P50,   a2 = ln(P90/P10) / (2 ln 9),   a3 = ln(P90·P10/P50²) / (0.8 ln 9).

    The law exists when |a3| < 1.66711 a2, so P50 must not be too near P10 or P90 (on a logarithmic scale). Its upper tail is a
    power law with index 1/(a2 + a3/2): the variance is infinite when that is 2 or less, and a law without a mean is refused.

    Raises
    ------
    ValueError
        Quantiles out of order, an infeasible triplet, or a P90 so far out that the mean is infinite.

    >>> Metalog(4, 6, 9).quantile([0.1, 0.5, 0.9]).round(9).tolist()
    [4.0, 6.0, 9.0]
    """

    p10: float
    p50: float
    p90: float

    def __post_init__(self) -> None:
        for name, value in (("P10", self.p10), ("P50", self.p50), ("P90", self.p90)):
            require(name, value, positive=True)
        if self.p10 >= self.p90:
            raise ValueError(f"P10 ({self.p10:g}) must be below P90 ({self.p90:g})")
        if not self.p10 < self.p50 < self.p90:
            raise ValueError(f"P50 ({self.p50:g}) must be between P10 ({self.p10:g}) and P90 ({self.p90:g})")
        _require_feasible(self)

    @property
    def coefficients(self) -> tuple[float, float, float]:
        """a1, a2 and a3."""
        up, down = math.log(self.p90 / self.p50), math.log(self.p50 / self.p10)
        return math.log(self.p50), (up + down) / (2 * LOGIT_90), (up - down) / (0.8 * LOGIT_90)

    @property
    def mean(self) -> float:
        """Integral of the quantile function (no closed form)."""
        return _moments(self)[0]

    @property
    def variance(self) -> float:
        """Integral of the squared deviation; ``inf`` when the tail is too heavy."""
        return _moments(self)[1]

    @property
    def bounds(self) -> tuple[float, float]:
        """0 and ``inf``."""
        return 0.0, math.inf

    def _inverse(self, p: Array, q: Array) -> Array:
        with np.errstate(divide="ignore"):
            logit = np.log(p) - np.log(q)
        a1, a2, a3 = self.coefficients
        return np.exp(a1 + logit * (a2 + a3 * (p - 0.5)))

    def _tails(self, x: Array) -> tuple[Array, Array]:
        logit = np.where(x > 0, np.inf, -np.inf)
        inside = (x > 0) & np.isfinite(x)
        logit[inside] = self._logit(np.log(x[inside] / self.p50))
        return expit(logit), expit(-logit)

    def _logit(self, target: Array) -> Array:
        """Solve logit · (a2 + a3 (y − ½)) = target by bisection; the factor in brackets lies within a2 ± |a3|/2."""
        _, a2, a3 = self.coefficients
        nearest, furthest = target / (a2 + abs(a3) / 2), target / (a2 - abs(a3) / 2)
        for _ in range(HALVINGS):
            middle = (nearest + furthest) / 2
            beyond = np.abs(middle * (a2 + a3 * (expit(middle) - 0.5))) >= np.abs(target)
            furthest = np.where(beyond, middle, furthest)
            nearest = np.where(beyond, nearest, middle)
        return furthest


def _require_feasible(law: Metalog) -> None:
    """Raise ValueError unless the quantile function rises everywhere and the mean is finite."""
    _, a2, a3 = law.coefficients
    if abs(a3) >= FEASIBLE_RATIO * a2:
        # With a share r of the logarithmic distance from P10 to P90 below P50, |a3| / a2 = 2.5 |1 - 2r|.
        least, most = (law.p10 ** (1 - r) * law.p90**r for r in (0.5 - FEASIBLE_RATIO / 5, 0.5 + FEASIBLE_RATIO / 5))
        raise ValueError(
            f"no metalog distribution has P10 {law.p10:g}, P50 {law.p50:g} and P90 {law.p90:g}; "
            f"with this P10 and P90, P50 must be between {least:.4g} and {most:.4g}"
        )
    if a2 + a3 / 2 >= 1:
        raise ValueError(
            f"with P10 {law.p10:g}, P50 {law.p50:g} and P90 {law.p90:g} the tail is so heavy that the mean is infinite; "
            "move P90 nearer to P50 or use a lognormal"
        )


@lru_cache(maxsize=1024)
def _moments(law: Metalog) -> tuple[float, float]:
    """Mean and variance: panels in the logit up to ``FAR``, and the power-law tail beyond it in closed form."""
    a1, a2, a3 = law.coefficients
    logits, weights = panels(np.arange(-FAR, FAR + 0.5))
    p, q = expit(logits), expit(-logits)
    values, weights = np.exp(a1 + logits * (a2 + a3 * (p - 0.5))), weights * p * q
    slope = a2 + a3 / 2

    def beyond(power: int) -> float:
        """Integral of x**power over the tail; the density of the logit is exp(-logit) there."""
        decay = 1 - power * slope
        return math.exp(power * a1 - decay * FAR) / decay

    mean = float(weights @ values) + beyond(1)
    if slope >= 0.5:
        return mean, math.inf
    return mean, float(weights @ (values - mean) ** 2) + beyond(2) - 2 * mean * beyond(1) + mean**2 * beyond(0)
