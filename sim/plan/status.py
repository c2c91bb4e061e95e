"""A plan on its status date: what has happened is fixed, what is under way has lasted so long, what cannot be any more is left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from sim.plan.evidence import given_evidence
from sim.plan.model import ActivityPlan, End, FactPlan, Give, Kind, OfficePlan, Plan, Relation
from sim.scenario.facts import Known, OfficeStatus
from sim.scenario.status import Status


def with_status(plan: Plan) -> Plan:
    """The plan, given the facts of its scenario.

    Parameters
    ----------
    plan
        A plan compiled without regard to the status.

    Returns
    -------
    Plan
        The same plan when the scenario has no status.

    Raises
    ------
    InputError
        Facts exclude every value of an attribute or branch, or every way to deal out the types of a mix.
    """
    info = plan.scenario.scenario
    if info.status is None or info.status_date is None:
        return plan
    known = Status(plan.scenario).offices
    today = plan.day(info.status_date)
    offices = tuple(_Given(plan, o, known[o.id], today).office() if o.id in known else o for o in plan.offices)
    return given_evidence(replace(plan, offices=offices, status_day=today))


class _Given:
    """One office, given what is known of it."""

    def __init__(self, plan: Plan, office: OfficePlan, known: OfficeStatus, today: int) -> None:
        self.plan, self.before, self.known, self.today = plan, office, known, today
        self.expects = plan.scenario.scenario.use_expected_finish
        self.place = {(step.activity, step.label): here for here, step in enumerate(plan.passes)}
        self.absent = {self.here(activity, label) for activity, label in known.absent}
        days = [plan.day(fact.started) for fact in known.facts.values()]
        self.start = min([office.start, *days])

    def office(self) -> OfficePlan:
        """The office with its facts."""
        facts = {self.here(f.activity, f.label): f for f in self.known.facts.values()}
        days = {here: (self.plan.day(f.started), -1 if f.finished is None else self.plan.day(f.finished)) for here, f in facts.items()}
        found = {here: self.fact(here, fact, days) for here, fact in facts.items()}
        behind = {self.here(id_, "") for id_ in self.known.done if not self.before.done[self.plan.activity_index[id_]]} - found.keys()
        found |= {here: FactPlan(self.start, self.start, happens=False, takes=False) for here in behind}
        found = {here: replace(fact, takes=fact.takes and not self.holds_already(here, found)) for here, fact in found.items()}
        return replace(
            self.before,
            start=self.start,
            enters=self.today,
            facts=dict(sorted(found.items())),
            absent=frozenset(self.absent),
            again=self.again(found),
        )

    def holds_already(self, here: int, facts: Mapping[int, FactPlan]) -> bool:
        """Whether an earlier pass took the pools held from a pass's start, and their spans end outside what was done again."""
        activity, numbers = self.plan.activities[self.plan.passes[here].activity], dict(self.plan.passes[here].numbers)
        again = [(loop, stride) for loop, stride in activity.strides if numbers[loop] > 0]
        if not again or not activity.takes:
            return False
        loop, stride = again[-1]
        earlier = (facts.get(here - stride * back) for back in range(1, numbers[loop] + 1))
        ends = {give.pool for m in self.plan.loops[loop].members for give in self.gives(m)}
        return ends.isdisjoint(activity.takes) and any(fact is not None and fact.happens for fact in earlier)

    def gives(self, activity: int) -> tuple[Give, ...]:
        """Held units that an activity gives back."""
        return (*self.plan.activities[activity].gives_at_start, *self.plan.activities[activity].gives_at_finish)

    def here(self, activity: str, label: str) -> int:
        """A pass by names; an activity without a name is the outcome."""
        index = self.plan.activity_index[activity] if activity else self.plan.opening
        return self.place[index, label]

    def fact(self, here: int, fact: Known, days: Mapping[int, tuple[int, int]]) -> FactPlan:
        """What a fact says of a pass."""
        activity = self.plan.activities[self.plan.passes[here].activity]
        start, finish = days[here]
        if finish >= 0:
            return FactPlan(start, finish, self.worked(activity, start, finish) if activity.kind is Kind.WORK else activity.lead)
        if activity.kind is not Kind.WORK:
            return FactPlan(start)
        free = self.takes_time(activity) and all(self.has_come(relation, activity, days) for relation in activity.holds_finish)
        outlasted = self.worked(activity, start, self.today) if free else 0
        return FactPlan(start, outlasted=outlasted, expected=self.expected(activity, start, fact.expected))

    def takes_time(self, activity: ActivityPlan) -> bool:
        """Whether an activity may go on at all; a milestone that is begun and not said to be over is over on the status date."""
        if activity.duration is None or activity.risks:
            return True
        laws = activity.duration.default, *(law for _, law in activity.duration.cases)
        return any(self.plan.distributions[law].bounds[1] > 0 for law in laws)

    def expected(self, activity: ActivityPlan, start: int, finish: dt.date | None) -> int:
        """Working days until the expected finish, 0 without."""
        if finish is None or not self.expects:
            return 0
        return max(self.worked(activity, start, min(self.plan.day(finish), self.plan.last)), 1)

    def worked(self, activity: ActivityPlan, start: int, end: int) -> int:
        """Working days of an activity's calendar from one morning to another."""
        return self.plan.calendars[activity.calendar].work_between(start, end)

    def has_come(self, relation: Relation, activity: ActivityPlan, days: Mapping[int, tuple[int, int]]) -> bool:
        """Whether it is certain that a relation holds back a finish no more; what may be sent back never is.

        Only then does the work itself last longer than the days that have passed.
        """
        source = self.plan.activities[relation.source]
        if relation.exits:
            return False
        if self.before.done[source.index] or source.first_pass in self.absent or source.id in self.known.done:
            return True
        own = [days[here] for here in range(source.first_pass, source.passes.stop) if here in days]
        day = own[-1][0 if relation.source_end is End.START else 1] if own else -1
        return day >= 0 and self.worked(activity, day, self.today) >= relation.lag

    def again(self, facts: Mapping[int, FactPlan]) -> dict[int, bool]:
        """Whether each pass of a redo activity that has finished was followed by another round."""
        found = {}
        for here, fact in facts.items():
            loop = self.plan.activities[self.plan.passes[here].activity].redo
            if loop >= 0 and fact.finish >= 0:
                numbers = dict(self.plan.passes[here].numbers)
                following = numbers | {loop: numbers[loop] + 1}
                found[here] = any(_is_in(dict(self.plan.passes[other].numbers), following, loop) for other in facts)
        return found


def _is_in(numbers: Mapping[int, int], rounds: Mapping[int, int], loop: int) -> bool:
    """Whether a pass lies in a round of a loop, by the rounds of the loops that both are in."""
    return loop in numbers and all(numbers.get(other, n) == n for other, n in rounds.items() if other in numbers)
