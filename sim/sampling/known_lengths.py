"""How long known work has taken, as intervals of normal scores.

A length *X* is drawn as the quantile of its distribution at Φ(*z*), and the work takes *T = f·X + d* days, rounded, with the factor and
delay of the risks in whose window it started. That it took *D* days says that *z* lies between the scores of
*(D - ½ - d)/f* and *(D + ½ - d)/f*; that it still goes on after *e* days, that it lies above that of *(e + ½ - d)/f*; that it is over, and
something else may have held it back, that it lies below. Type, branches and risks of the office are as likely as they are without
regard to this length: each case of them gives an interval, and has a weight.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.distributions import Distribution
from sim.plan import ActivityPlan, FactPlan, Kind, OfficePlan, Plan
from sim.sampling.cases import Cases
from sim.sampling.draws import Draws
from sim.sampling.under_way import risks_of

Real = NDArray[np.float64]

LEAST = 1e-9
"""Days: the least length that is not 0."""


@dataclass(frozen=True, slots=True)
class Length:
    """What is known of one pass: between ``least`` and ``most`` days, before rounding.

    Attributes
    ----------
    office, here, activity
        The pass.
    days
        Working days it took, or has taken up to now.
    finished
        Whether it is over.
    """

    office: int
    here: int
    activity: int
    fact: FactPlan
    days: int
    finished: bool
    least: float
    most: float


@dataclass(frozen=True, eq=False)
class Intervals:
    """Cases of one length: intervals of its score with weights that sum to 1, shape ``(cases,)`` each."""

    low: Real
    high: Real
    weight: Real

    @property
    def possible(self) -> bool:
        """Whether any case allows what is known."""
        return bool(((self.low < self.high) & (self.weight > 0)).any())


def known_lengths(plan: Plan) -> list[Length]:
    """All that is known of the lengths of work."""
    return [found for office in plan.offices for found in _of_office(plan, office)]


def _of_office(plan: Plan, office: OfficePlan) -> Iterator[Length]:
    for here, fact in office.facts.items():
        activity = plan.activities[plan.passes[here].activity]
        if activity.kind is not Kind.WORK or not fact.happens:
            continue
        if fact.finish >= 0:
            least, most = _limits(activity, fact)
            yield Length(office.index, here, activity.index, fact, fact.work, True, least, most)
        elif fact.outlasted:
            yield Length(office.index, here, activity.index, fact, fact.outlasted, False, fact.outlasted + 0.5, np.inf)


def _limits(activity: ActivityPlan, fact: FactPlan) -> tuple[float, float]:
    """Bounds of a total that was rounded to whole days, a positive one to at least 1; with FF or SF it may have been shorter."""
    if activity.holds_finish or not fact.work:
        return -np.inf, fact.work + 0.5 if fact.work else LEAST
    return (fact.work - 0.5 if fact.work > 1 else LEAST), fact.work + 0.5


def intervals(plan: Plan, cases: Cases, known: Length, prior: Draws) -> Intervals:
    """The intervals of one length, by the types, branches and risks of some futures drawn without regard to lengths."""
    rows = cases.rows(known.office, known.activity, prior.codes)
    f, d = np.ones(len(rows)), np.zeros(len(rows))
    for member, days in risks_of(plan, plan.activities[known.activity], known.office, known.fact.start):
        f *= prior.risk_factor[:, member]
        d += prior.risk_delay[:, member] * days
    kinds, counts = np.unique(np.stack([rows, f, d]), axis=1, return_counts=True)
    low, high = np.empty(len(counts)), np.empty(len(counts))
    for row in np.unique(kinds[0]).astype(int):
        here = kinds[0] == row
        scale = np.maximum(kinds[1, here] * float(cases.factor[row]) * plan.passes[known.here].scale, LEAST)
        law = plan.distributions[cases.law[row]]
        low[here] = score_of(law, (known.least - kinds[2, here]) / scale)
        high[here] = score_of(law, (known.most - kinds[2, here]) / scale)
    return Intervals(low, high, counts / counts.sum())


def score_of(law: Distribution, x: Real) -> Real:
    """Normal score at which a law begins to give at least ``x``; -inf and inf below and above all that it gives.

    >>> from sim.distributions import Exponential
    >>> score_of(Exponential(10), np.array([0.0, 6.0, 23.03, np.inf])).round(2).tolist()
    [-inf, -0.12, 1.28, inf]
    """
    from scipy.special import ndtri

    inside = np.isfinite(x)
    at = np.nextafter(np.where(inside, x, 0.0), -np.inf)
    below, above = law.cdf(at), law.sf(at)
    with np.errstate(divide="ignore"):
        z = np.where(below < above, ndtri(below), -ndtri(above))
    return np.where(inside, z, np.where(x > 0, np.inf, -np.inf))
