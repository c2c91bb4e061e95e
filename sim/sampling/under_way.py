"""Work under way on the status date: how long it takes in all, given that it has already lasted so long.

The total of a pass is *T = f·X + d*: a draw *X* of its distribution with the factor *f* and delay *d* of the risks drawn for it. It
is known that *T*, rounded to whole days, is more than the *e* working days that have passed; so *X* is drawn from what its
distribution has from *(e + ½ - d) / f* on, by inversion: with the normal score *z* that the pass has in any case,

    P(X > x) = P(X ≥ (e + ½ - d) / f) · (1 - Φ(z)).

The score stays the one of the pass's own stream, common factors included: correlation is that of a normal copula whose margins
are the conditional distributions. How late finished work was does not change the common factors or the risks of what is to come.

With ``scenario.learn`` it changes the common factors (:mod:`sim.sampling.learning`), and the elapsed days are part of what these are
learnt from. Then only the own part of the score is drawn from what is left: with the common part *s* and the variance *v* of the own,

    P(z > t) = P(ε ≥ (t - s)/√v given that z is above the score of the elapsed days).

Where no draw lasts so long (a distribution with an end, and no risk), the work takes one working day more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.distributions import Distribution
from sim.distributions.base import SMALLEST_SURVIVAL
from sim.distributions.tails import normal_cdf
from sim.errors import Fault
from sim.plan import ActivityPlan, FactPlan, Kind, OfficePlan, Plan
from sim.sampling.cases import Cases
from sim.sampling.draws import Draws
from sim.sampling.layers import load_of, own_of

Real = NDArray[np.float64]

MARGIN = 1e-3
"""Days by which a total is kept above the half day that rounds up; totals that near round to the same whole day."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A pass whose length is conditioned.

    Attributes
    ----------
    office, here
        Office and pass.
    risks
        Risk members in whose window it started, each with the days of its unit of delay.
    """

    office: int
    here: int
    activity: int
    fact: FactPlan
    risks: tuple[tuple[int, int], ...]


def under_way(plan: Plan) -> list[UnderWay]:
    """Passes under way of whose length something is known."""
    return [found for office in plan.offices for found in _of_office(plan, office)]


def _of_office(plan: Plan, office: OfficePlan) -> Iterator[UnderWay]:
    for here, fact in office.facts.items():
        activity = plan.activities[plan.passes[here].activity]
        if fact.finish < 0 and activity.kind is Kind.WORK and (fact.outlasted or fact.expected):
            yield UnderWay(office.index, here, activity.index, fact, risks_of(plan, activity, office.index, fact.start))


def risks_of(plan: Plan, activity: ActivityPlan, office: int, start: int) -> tuple[tuple[int, int], ...]:
    """Risk members that may hit work which started on a day, each with the days of its unit of delay."""
    risks = (plan.risks[i] for i in activity.risks)
    hit = (r for r in risks if r.member[office] >= 0 and r.first <= start <= r.last)
    return tuple((r.member[office], activity.week if r.delay_in_weeks else 1) for r in hit)


def condition(plan: Plan, cases: Cases, draws: Draws) -> None:
    """Put conditional lengths where the scores of passes under way stand, in place.

    Parameters
    ----------
    draws
        ``duration`` has the normal score of each pass of :func:`under_way`.
    """
    for found in under_way(plan):
        f, d = np.ones(draws.replications), np.zeros(draws.replications)
        for member, days in found.risks:
            f *= draws.risk_factor[:, member]
            d += draws.risk_delay[:, member] * days
        cell = draws.duration[:, found.office, found.here]
        given = Given(cell.astype(np.float64), f, d, *(_parts(plan, found, draws) if plan.learn else ()))
        cell[:] = lengths(plan, cases, found, draws.codes, given)


@dataclass(frozen=True, slots=True)
class Given:
    """What is drawn of one pass beside its length.

    Attributes
    ----------
    z
        Its normal score.
    f, d
        Factor and delay of its risks.
    common
        Common part of the score, which stays as it is.
    own
        Standard deviation of the own part.
    """

    z: Real
    f: Real
    d: Real
    common: Real | float = 0.0
    own: float = 1.0

    def at(self, here: NDArray[np.bool_]) -> Given:
        """Some of the replications."""
        common = self.common[here] if isinstance(self.common, np.ndarray) else self.common
        return Given(self.z[here], self.f[here], self.d[here], common, self.own)


def median_given(n: int) -> Given:
    """Nothing but medians, and no risks."""
    return Given(np.zeros(n), np.ones(n), np.zeros(n))


def _parts(plan: Plan, found: UnderWay, draws: Draws) -> tuple[Real, float]:
    """Common part of a pass's score, and the standard deviation of its own part."""
    load = load_of(plan, found.office, found.activity)
    return draws.factors @ load, float(np.sqrt(own_of(load)))


def lengths(plan: Plan, cases: Cases, found: UnderWay, codes: NDArray[np.int16], given: Given) -> Real:
    """Lengths of one pass before risks, shape ``(n,)``."""
    rows = cases.rows(found.office, found.activity, codes)
    result = np.empty(len(codes))
    for row in np.unique(rows):
        here = rows == row
        scale = float(cases.factor[row]) * plan.passes[found.here].scale
        result[here] = conditional(plan.distributions[cases.law[row]], scale, found.fact, given.at(here))
    return result


def conditional(law: Distribution, scale: float, fact: FactPlan, given: Given) -> Real:
    """Lengths before risks, given that the rounded total is more than ``fact.outlasted`` days.

    >>> from sim.distributions import Exponential
    >>> given = Given(np.array([-1.0, 0.0, 1.0]), np.ones(3), np.zeros(3))
    >>> rest = conditional(Exponential(10), 1.0, FactPlan(0, outlasted=40), given) - 40.5
    >>> bool(np.allclose(rest, Exponential(10).at_score(given.z)))  # it knows no age
    True
    """
    if not scale:
        return np.zeros(given.z.shape)
    x = _outlasting(law, scale * given.f, fact.outlasted, given) if fact.outlasted else law.at_score(given.z)
    return x * scale if not fact.expected else _as_expected(law, scale, fact, x * scale, given)


def _outlasting(law: Distribution, scale: Real, outlasted: int, given: Given) -> Real:
    """Draws of a law of which ``scale`` times, with the delay added, lasts longer."""
    scale = np.maximum(scale, 1e-9)
    least = (outlasted + 0.5 - given.d) / scale
    left = np.where(least > 0, law.sf(np.nextafter(np.maximum(least, 1e-12), 0.0)), 1.0)
    drawn = law.isf(np.clip(left * normal_cdf(-given.z), SMALLEST_SURVIVAL, 1.0)) if given.own == 1.0 else _own_part(law, left, given)
    lowest = least + MARGIN / scale
    return np.where(left <= SMALLEST_SURVIVAL, lowest, np.maximum(np.maximum(drawn, lowest), 0.0))


def _own_part(law: Distribution, left: Real, given: Given) -> Real:
    """Draws of a law of which only the own part of the score is conditioned on lying where ``left`` is left of it."""
    from scipy.special import ndtri  # late: not needed by most runs

    at_least = -ndtri(np.clip(left, SMALLEST_SURVIVAL, 1.0))
    own = max(given.own, 1e-9)
    tail = normal_cdf((given.common - at_least) / own) * normal_cdf((given.common - given.z) / own)
    return law.at_score(given.common - own * ndtri(np.maximum(tail, SMALLEST_SURVIVAL)))


def _as_expected(law: Distribution, scale: float, fact: FactPlan, length: Real, given: Given) -> Real:
    """Lengths with the rest stretched so that, without risks, its median ends on the expected day."""
    median = float(conditional(law, scale, FactPlan(fact.start, outlasted=fact.outlasted), median_given(1))[0])
    gone = float(fact.outlasted)
    stretch = max(fact.expected - gone, 0.5) / max(median - gone, 0.5)
    total = gone + stretch * (length * given.f + given.d - gone)
    total = np.maximum(total, gone + 0.5 + MARGIN) if fact.outlasted else total
    return np.maximum(total - given.d, 0.0) / np.maximum(given.f, 1e-9)


def outlived(plan: Plan) -> tuple[Fault, ...]:
    """Warnings: work under way that has lasted longer than its distribution allows, by the likeliest type and branches."""
    cases, found = Cases.of(plan), []
    for w in under_way(plan):
        codes = np.array([[office.codes for office in plan.offices]], np.int16).reshape(1, len(plan.offices), -1)
        row = cases.rows(w.office, w.activity, codes)[0]
        law, scale = plan.distributions[cases.law[row]], float(cases.factor[row]) * plan.passes[w.here].scale
        if w.fact.outlasted and law.scaled(scale).sf(w.fact.outlasted) <= SMALLEST_SURVIVAL:
            office, activity = plan.offices[w.office].id, plan.activities[w.activity].id
            message = (
                f"{office} is at it since {plan.date(w.fact.start)}, longer than its duration allows; it is taken to end the day after"
            )
            found.append(Fault(f"activities.{activity}.duration", f"{message} unless a risk prolongs it; give a wider distribution"))
    return tuple(found)
