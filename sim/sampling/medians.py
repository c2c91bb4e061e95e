"""The deterministic plan: nothing is drawn, all is as likely or as long as at the median."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from sim.plan import ActivityPlan, Kind, OfficePlan, Plan
from sim.sampling.cases import Cases
from sim.sampling.draws import Draws
from sim.sampling.pack import certain_codes, parent_of
from sim.sampling.under_way import Given, lengths, under_way


def median_draws(plan: Plan, level: float = 0.5) -> Draws:
    """The deterministic plan as one replication: the most likely codes, median durations, no risks, no redo.

    An activity happens when its probability is above one half. With another ``level`` all durations are at that quantile, and
    an activity happens when its probability is above ``1 - level``: at 0.1 all is short, at 0.9 all is long.
    """
    return _medians(plan, Cases.of(plan), 0, certain_codes(plan)[np.newaxis], level)


def medians_given(plan: Plan, draws: Draws, cases: Cases | None = None) -> Draws:
    """The undelayed plan of each future: its own types and branches, and all else as in :func:`median_draws`.

    Who asks for many blocks gives the plan's ``cases``: finding them takes longer than using them.
    """
    return _medians(plan, cases or Cases.of(plan), draws.first, draws.codes)


def _medians(plan: Plan, cases: Cases, first: int, codes: NDArray[np.int16], level: float = 0.5) -> Draws:
    n = len(codes)
    shape = n, len(plan.offices), len(plan.passes)
    draws = Draws(
        first=first,
        codes=codes,
        happens=np.zeros(shape, np.bool_),
        duration=np.zeros(shape, np.float32),
        redo=np.zeros(shape, np.bool_),
        risk_factor=np.ones((n, plan.risk_members)),
        risk_delay=np.zeros((n, plan.risk_members)),
        factors=np.zeros((n, len(plan.factor_names)), np.float32),
    )
    medians = _Medians(plan, cases, draws, level)
    for activity in plan.activities:
        medians.first_passes(activity)
    for office in plan.offices:
        medians.facts(office)
    return draws


class _Medians:
    """Fills in draws."""

    def __init__(self, plan: Plan, cases: Cases, draws: Draws, level: float) -> None:
        self.plan, self.cases, self.draws = plan, cases, draws
        self.offsets = cases.offsets(draws.codes)
        middle = level == 0.5
        days = [law.median if middle else float(law.quantile(level)) for law in plan.distributions]
        self.days = np.array([*days, 0.0])[cases.law] * cases.factor
        """Duration in each case."""
        self.seldom = 1 - level
        """An activity happens when its probability is above this."""
        self.score = 0.0 if middle else NormalDist().inv_cdf(level)
        self.under_way = {(w.office, w.here): w for w in under_way(plan)}

    def first_passes(self, activity: ActivityPlan) -> None:
        """First passes of an activity, by all offices."""
        done = np.array([office.done[activity.index] for office in self.plan.offices])
        rows = self.cases.base[:, activity.index] + self.offsets[:, self.cases.profile[:, activity.index]]
        takes_place = self.cases.happens[rows] & ~done & (activity.probability > self.seldom)
        self.draws.happens[:, :, activity.first_pass] = takes_place
        if activity.kind is Kind.WORK:
            self.draws.duration[:, :, activity.first_pass] = np.where(takes_place, self.days[rows], 0)

    def facts(self, office: OfficePlan) -> None:
        """What is known of an office: rounds that have begun, what has happened and what has not."""
        for sender, again in office.again.items():
            self.draws.redo[:, office.index, sender] = again
            for here in range(len(self.plan.passes)) if again else ():
                if parent_of(self.plan, here) == sender:
                    self.put(office.index, here)
        for here in office.absent:
            self.draws.happens[:, office.index, here] = False
            self.draws.duration[:, office.index, here] = 0
        for here, fact in office.facts.items():
            self.put(office.index, here, known=True)
            self.draws.happens[:, office.index, here] = fact.happens
            if fact.finish >= 0:
                self.draws.duration[:, office.index, here] = 0

    def put(self, office: int, here: int, *, known: bool = False) -> None:
        """A pass that every future comes to, with its median length: given what has passed of it when it is under way."""
        step = self.plan.passes[here]
        activity = self.plan.activities[step.activity]
        rows = self.cases.rows(office, activity.index, self.draws.codes)
        takes_place = (self.cases.happens[rows] & (activity.probability > self.seldom)) | known
        self.draws.happens[:, office, here] = takes_place
        if activity.kind is not Kind.WORK:
            return
        found = self.under_way.get((office, here))
        length = self.days[rows] * step.scale
        if found:
            n = len(rows)
            given = Given(np.full(n, self.score), np.ones(n), np.zeros(n))
            length = lengths(self.plan, self.cases, found, self.draws.codes, given)
        self.draws.duration[:, office, here] = np.where(takes_place, length, 0)
