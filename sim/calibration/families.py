"""The families that are tried, each by the logarithm of its median and of a number that says how wide it is.

All are families of the scenario language without a largest value, in which a factor on the length moves the median alone: so a group
that is slower than others by a factor has the same family and width.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sim.distributions import Distribution, Exponential, Gamma, Lognormal, Weibull

NARROWEST, WIDEST = math.log(0.01), math.log(3.0)
"""Between which the logarithm of the width lies; for all but the exponential it is about that of the relative spread."""


@dataclass(frozen=True)
class Family:
    """A family of distributions.

    Attributes
    ----------
    name
        As in the scenario language.
    shaped
        Whether it has a width of its own; the exponential has not.
    law
        The law with a given median and width.
    toml
        That law as a scenario has it.
    """

    name: str
    shaped: bool
    law: Callable[[float, float], Distribution]
    toml: Callable[[float, float], str]

    @property
    def parameters(self) -> int:
        """Number of parameters."""
        return 1 + self.shaped


def _lognormal(median: float, width: float) -> Lognormal:
    return Lognormal(median, width)


def _weibull(median: float, width: float) -> Weibull:
    return Weibull(1 / width, median / math.log(2) ** width)


def _gamma(median: float, width: float) -> Gamma:
    from scipy.special import gammaincinv

    shape = width**-2
    mean = median * shape / float(gammaincinv(shape, 0.5))
    return Gamma(mean, mean * width)


def _exponential(median: float, _width: float = 1.0) -> Exponential:
    return Exponential(median / math.log(2))


def digits(value: float) -> str:
    """Five significant digits, which no duration deserves more than.

    >>> digits(31.24159), digits(0.5), digits(1234567.0), digits(12.0)
    ('31.242', '0.5', '1234600.0', '12.0')
    """
    rounded = round(value, 4 - math.floor(math.log10(abs(value)))) if value else 0.0
    return f"{rounded:.10f}".rstrip("0").rstrip(".") if rounded % 1 else f"{rounded:.1f}"


def _table(**values: float) -> str:
    return "{ " + ", ".join(f"{name} = {digits(value)}" for name, value in values.items()) + " }"


def _lognormal_toml(median: float, width: float) -> str:
    return f"lognormal = {_table(median=median, sigma=width)}"


def _weibull_toml(median: float, width: float) -> str:
    law = _weibull(median, width)
    return f"weibull = {_table(shape=law.shape, scale=law.scale)}"


def _gamma_toml(median: float, width: float) -> str:
    law = _gamma(median, width)
    return f"gamma = {_table(mean=law.mean, sd=law.sd)}"


def _exponential_toml(median: float, _width: float) -> str:
    return f"exponential = {_table(mean=_exponential(median).mean)}"


FAMILIES: Mapping[str, Family] = {
    family.name: family
    for family in (
        Family("lognormal", True, _lognormal, _lognormal_toml),
        Family("gamma", True, _gamma, _gamma_toml),
        Family("weibull", True, _weibull, _weibull_toml),
        Family("exponential", False, _exponential, _exponential_toml),
    )
}
"""By name, in the order in which one is taken of several that fit equally well."""
