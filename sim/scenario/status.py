"""What is known on the status date: facts, what follows from them, and where they contradict the process or one another.

From the facts follows more than they say. What an activity waited for is over when it has begun: if that may have been left out
(``when``, ``probability``) and no fact tells of it, it did not happen; if it cannot have been left out, the facts are against
the order of the process. When an office has opened, all that comes before its opening is done, on days that need not be known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sim.errors import Fault
from sim.scenario.attributes import Attributes, same_among
from sim.scenario.facts import FINISH, OUTCOME, START, Facts, Known, rounds_of
from sim.scenario.graph import moment
from sim.scenario.paths import dotted
from sim.scenario.schema import Filter, Scalar, Scenario

_ENDS = {"S": START, "F": FINISH}

Moment = tuple[str, str, str]
"""An activity, ``start`` or ``finish``, and the label of a pass."""


class Chances:
    """Values that the attributes and branches of each office may have."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario, self.attributes = scenario, Attributes(scenario)

    def of(self, office_id: str) -> dict[str, tuple[Scalar, ...]]:
        """Possible values by name."""
        values = dict(self.attributes.of[office_id])
        own = dict(values)
        return values | {id_: self._outcomes(id_, own) for id_ in self.scenario.branches}

    def _outcomes(self, id_: str, values: dict[str, tuple[Scalar, ...]]) -> tuple[Scalar, ...]:
        branch = self.scenario.branches[id_]
        round_ = str(next(iter(values.get("round", ())), ""))
        tables = [branch.by_round[round_]] if round_ in branch.by_round else []
        if not tables:
            tables = [branch.by_type.get(str(t), branch.options) for t in values.get("type", ())] or [branch.options]
        return tuple(dict.fromkeys(option for table in tables for option, weight in table.items() if weight > 0))


def fitting(values: dict[str, tuple[Scalar, ...]], wanted: Filter) -> dict[str, tuple[Scalar, ...]]:
    """Of the possible values of what a filter asks for those that it allows."""
    return {name: tuple(v for v in values.get(name, ()) if same_among(v, allowed)) for name, allowed in wanted.items()}


class Status:
    """The status of a scenario, thought through.

    Attributes
    ----------
    offices
        What is known, by office; only offices of which something is.
    faults
        What cannot be.
    out_of_sequence
        What is against the order of the process, but can be accepted.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario, self.facts = scenario, Facts(scenario)
        self.offices = self.facts.offices
        self.faults: list[Fault] = list(self.facts.faults)
        self.out_of_sequence: list[Fault] = []
        self.chances = Chances(scenario)
        for office_id in self.offices:
            _Sequence(self, office_id).check()


class _Sequence:
    """The facts of one office against the order of the process."""

    def __init__(self, status: Status, office_id: str) -> None:
        self.status, self.facts, self.id, self.scenario = status, status.facts, office_id, status.scenario
        self.known = status.offices[office_id]
        self.entered = status.facts.entered(status.scenario.offices[office_id].enters_at)
        self.values = status.chances.of(office_id)

    def check(self) -> None:
        """Note what cannot be, and what did not happen."""
        for fact in self.known.facts.values():
            self._can_happen(fact)
        for fact in self.known.facts.values():
            self.seen: set[Moment] = set()
            for end in (START, FINISH):
                day = fact.day(end)
                if day is not None:
                    for source in self._sources(fact.activity, end, fact.label):
                        self._require(source, day, fact, f"{fact.activity or 'the opening'} {end}ed")
            self._require_earlier_rounds(fact)
        self._spans_begun()

    def _can_happen(self, fact: Known) -> None:
        """What has happened excludes values of attributes and branches; some must be left."""
        activity = self.scenario.activities.get(fact.activity)
        if activity is None:
            return
        left = fitting(self.values, activity.when)
        wrong = [name for name, values in left.items() if not values]
        if wrong or activity.probability == 0:
            before = fitting(self.status.chances.of(self.id), activity.when)
            why = "another fact says otherwise" if all(before.values()) and activity.probability else "it cannot happen for this office"
            message = f"{self.id}: {fact.activity} has begun, and {why}" + (f" ({', '.join(wrong)})" if wrong else "")
            self.status.faults.append(Fault(dotted("scenario", "status", fact.row, "activity"), message))
        else:
            self.values |= left

    def _may_be_left_out(self, id_: str) -> bool:
        activity = self.scenario.activities[id_]
        left = fitting(self.values, activity.when)
        return activity.probability < 1 or any(len(v) < len(self.values.get(name, ())) or not v for name, v in left.items())

    def _sources(self, id_: str, end: str, label: str) -> Iterator[Moment]:
        """Moments that a moment waited for; those inside a span of which it is not a part at their last known pass."""
        if id_ == OUTCOME:
            yield from ((last, FINISH, self._last_label(last, {})) for last in (self.facts.last if end == FINISH else ()))
            return
        spans, rounds = self.facts.spans, rounds_of(label)
        around = spans.around(id_)
        for after in self.scenario.activities[id_].after:
            if _ENDS[after.type[1]] != end:
                continue
            shared = spans.around(after.activity)
            if any(rounds.get(loop, 1) > 1 for loop in around if loop not in shared):
                continue  # it began because it was sent back
            known = {loop: rounds.get(loop, 1) for loop in around}
            yield after.activity, _ENDS[after.type[0]], self._last_label(after.activity, known)

    def _last_label(self, id_: str, rounds: dict[str, int]) -> str:
        """Label of the last pass of an activity that facts tell of, in given rounds of the spans around."""
        own: dict[str, int] = {}
        for loop in self.facts.spans.around(id_):
            begun = [rounds_of(f.label) for f in self.known.facts.values() if f.activity in self.facts.spans.members[loop]]
            agreeing = [other for other in begun if all(other.get(outer, 1) == n for outer, n in own.items())]
            own[loop] = rounds.get(loop) or max((other.get(loop, 1) for other in agreeing), default=1)
        return self.facts.spans.label(id_, own)

    def _require(self, moment_: Moment, day: dt.date, by: Known, what: str, *, always: bool = False) -> None:
        """A moment must have been reached by a day; ``always``: its activity cannot have been left out, and the order cannot be another."""
        id_, end, label = moment_
        if moment_ in self.seen or (id_ in self.entered and not label):
            return
        self.seen.add(moment_)
        fact = self.known.facts.get((id_, label))
        if fact is None and (id_ in self.known.done or (not always and self._may_be_left_out(id_))):
            if id_ not in self.known.done:
                self.known.absent.add((id_, label))
            for passed in (START, FINISH) if end == FINISH else (START,):
                for source in self._sources(id_, passed, label):
                    self._require(source, day, by, what)
            return
        reached = fact.day(end) if fact else None
        if reached is None or reached > day:
            state = f"{end}ed on {reached}" if reached else f"has not {end}ed" if fact else "has no fact"
            self._complain(by, what, day, f"{id_}, which it waits for, {state}", acceptable=not always)

    def _complain(self, by: Known, what: str, day: dt.date, reason: str, *, acceptable: bool) -> None:
        message = f"{self.id}: {what} on {day}, but {reason}"
        path = dotted("scenario", "status", by.row)
        if acceptable:
            self.status.out_of_sequence.append(Fault(path, message))
        else:
            self.status.faults.append(Fault(path, message))

    def _require_earlier_rounds(self, fact: Known) -> None:
        """A span is done again when all of it has finished, and the activity that sends back has happened."""
        rounds = rounds_of(fact.label)
        around = self.facts.spans.around(fact.activity)
        for place, loop in enumerate(around):
            if rounds.get(loop, 1) == 1:
                continue
            outer = {o: rounds.get(o, 1) for o in around[:place]} | {loop: rounds[loop] - 1}
            for member in sorted(self.facts.spans.members[loop]):
                label = self._last_label(member, outer)
                what = f"{fact.activity} was begun again"
                left_out = member != loop and (member, label) not in self.known.facts and self._may_be_left_out(member)
                if left_out:
                    self.known.absent.add((member, label))
                else:
                    self._require((member, FINISH, label), fact.started, fact, what, always=True)

    def _spans_begun(self) -> None:
        """A pool cannot be given back at the end of a span that has not begun."""
        reached = {(f.activity, end): f for f in self.known.facts.values() for end in (START, FINISH) if f.day(end)}
        for resource in self.scenario.resources.values():
            if resource.held is None:
                continue
            first, last = moment(resource.held.from_), moment(resource.held.until)
            begun = first in reached or first[0] in self.entered | self.known.done
            if last in reached and not begun and not self._may_be_left_out(first[0]):
                fact, reason = reached[last], f"{first[0]} has not started, where a pool's span begins"
                self._complain(fact, f"{last[0]} {last[1]}ed", fact.day(last[1]) or fact.started, reason, acceptable=False)
