"""Groups of cases that share what they can: partial pooling.

The logarithm of the median of group *g* is ``m + b_g``, and the ``b_g`` are normal with mean 0 and standard deviation ``tau``: a model of
accelerated life with a random effect. ``m``, the width and ``tau`` are those of the largest marginal likelihood

    ∏_g ∫ ∏_i P(what is known of case i | m + b, width) φ(b; tau) db,

with the integrals by even sums over the range of ``b``; and each group gets its posterior mean given these (empirical Bayes: B. P.
Carlin and T. A. Louis, Bayes and Empirical Bayes Methods, 2nd ed. 2000, chapter 3). So a group of two cases is drawn far towards the
others and a group of fifty hardly, a group all of whose cases are unfinished needs nothing of its own, and when the groups do not
differ by more than chance, ``tau`` is 0 and all factors are 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.calibration.families import NARROWEST, WIDEST, Family
from sim.calibration.likelihood import Fit, Known, between, information, inverse, law_at, maximum
from sim.calibration.spans import Lengths, Real

SCORES = np.linspace(-4.8, 4.8, 97)
"""Effects that are summed over, in standard deviations."""

WEIGHTS = np.exp(-(SCORES**2) / 2) / np.exp(-(SCORES**2) / 2).sum()
"""Weight of each: the normal density, evenly summed."""

SMALLEST, LARGEST = math.log(1e-3), math.log(3.0)
"""Between which the logarithm of ``tau`` lies; at the smallest, groups differ by a thousandth, and count as equal."""

ALIKE = 2e-3
"""A ``tau`` below this is none."""


@dataclass(frozen=True)
class Group:
    """What has been found of a group.

    Attributes
    ----------
    name
        Value of the attribute.
    cases, finished
        How many.
    factor
        On the median of a mean group: the exponential of the posterior mean of its logarithm.
    error
        Standard error of the logarithm of the group's own median.
    alone
        Factor from the group's own cases alone, at the width of all; ``None`` when none has finished.
    """

    name: str
    cases: int
    finished: int
    factor: float
    error: float
    alone: float | None


@dataclass(frozen=True, eq=False)
class GroupFit:
    """A family fitted to groups.

    Attributes
    ----------
    fit
        The mean group; the likelihood is the marginal one.
    tau
        Standard deviation between groups of the logarithm of the median.
    groups
        In order of their names.
    """

    fit: Fit
    tau: float
    groups: tuple[Group, ...]

    def factors(self, names: Sequence[str]) -> Real:
        """Factor of each case, by the name of its group."""
        known = {group.name: group.factor for group in self.groups}
        return np.array([known[name] for name in names])


def fit_groups(family: Family, lengths: Lengths, names: Sequence[str], begin: Fit) -> GroupFit:
    """Fit a family to groups.

    Parameters
    ----------
    names
        Group of each case.
    begin
        The fit to all cases as one.
    """
    parts = {name: _part(lengths, np.array([n == name for n in names])) for name in sorted(set(names))}
    cases = _Cases.of(list(parts.values()))

    def marginal(at: Real) -> float:
        return float(_log_sum(cases.log_given(family, at)).sum())

    bounds = [*_around(begin), (SMALLEST, LARGEST)]
    at = maximum(marginal, np.append(begin.at, math.log(0.2)), bounds)
    equal = np.append(begin.at, SMALLEST)
    at = at if marginal(at) > marginal(equal) + 1e-3 else equal
    tau = math.exp(at[-1])
    free = at[:-1] if tau < ALIKE else at  # a tau of 0 is at its bound
    covariance = inverse(information(lambda x: marginal(np.append(x, at[-1]) if len(x) < len(at) else x), free))
    k = family.parameters
    fit = Fit(family, at[:-1], marginal(at), covariance[:k, :k], len(lengths))
    if tau < ALIKE:
        return GroupFit(fit, 0.0, tuple(_same(name, part, fit) for name, part in parts.items()))
    given = cases.log_given(family, at)
    return GroupFit(fit, tau, tuple(_group(name, part, fit, at[-1], given[:, i]) for i, (name, part) in enumerate(parts.items())))


def _around(begin: Fit) -> list[tuple[float, float]]:
    return [(begin.at[0] - 3, begin.at[0] + 3), (NARROWEST, WIDEST)][: begin.family.parameters]


@dataclass(frozen=True, eq=False)
class _Cases:
    """What is known of the cases of all groups, one group after the other; group ``g`` begins at ``first[g]``."""

    low: Real
    high: Real
    count: Real
    first: list[int]

    @classmethod
    def of(cls, parts: Sequence[Lengths]) -> _Cases:
        known = [Known.of(part) for part in parts]
        low, high, count = (np.concatenate([getattr(one, name) for one in known]) for name in ("low", "high", "count"))
        return cls(low, high, count, np.cumsum([0, *(len(one.low) for one in known[:-1])]).tolist())

    def log_given(self, family: Family, at: Real) -> Real:
        """Log-likelihood of each group's cases at each effect, the weight of that effect in it, shape ``(nodes, groups)``."""
        shrunk = np.exp(-_effects(at[-1]))[:, None]
        chances = np.log(between(law_at(family, at), self.low * shrunk, self.high * shrunk)) * self.count
        found: Real = np.add.reduceat(chances, self.first, axis=1) + np.log(WEIGHTS)[:, None]
        return found


def _effects(log_tau: float) -> Real:
    return math.exp(log_tau) * SCORES


def _log_sum(log_given: Real) -> Real:
    """Logarithm of the sum over the effects, by group."""
    top = log_given.max(axis=0)
    found: Real = top + np.log(np.exp(log_given - top).sum(axis=0))
    return found


def _group(name: str, part: Lengths, fit: Fit, log_tau: float, log_given: Real) -> Group:
    """A group's posterior, by sums over its effect.

    The error of ``m + b`` has two parts: the posterior of ``b`` given ``m``, of variance v, and what is left of the error of ``m`` when
    ``b`` makes up for it: its posterior mean moves by all but v / tau² of what ``m`` moves by, the other way.
    """
    effects = _effects(log_tau)
    weights = np.exp(log_given - log_given.max())
    weights /= weights.sum()
    mean = float(weights @ effects)
    variance = float(weights @ (effects - mean) ** 2)
    left = variance / math.exp(2 * log_tau)
    error = math.sqrt(variance + left**2 * fit.covariance[0, 0])
    return Group(name, len(part), int(part.finished.sum()), math.exp(mean), error, _alone(part, fit))


def _same(name: str, part: Lengths, fit: Fit) -> Group:
    """A group that differs from the others by chance alone."""
    return Group(name, len(part), int(part.finished.sum()), 1.0, fit.median_error, _alone(part, fit))


def _alone(part: Lengths, fit: Fit) -> float | None:
    """Factor of a group by its own cases, without the others."""
    if not part.finished.any():
        return None
    known, at = Known.of(part), fit.at
    shifted = maximum(lambda b: known.log_likelihood(law_at(fit.family, np.append(at[0] + b[0], at[1:]))), np.zeros(1), [(-5.0, 5.0)])
    return math.exp(float(shifted[0]))


def _part(lengths: Lengths, which: np.ndarray) -> Lengths:
    return Lengths(lengths.days[which], lengths.finished[which], lengths.limit[which])
