"""Small programmes for the tests of the engines: written as TOML, compiled, drawn, and run through both engines at once.

Days are shown as ``Mon 3 Jan`` (the year is added when it is not 2022), so that an expected date can be checked against a wall
calendar. Unless a case says otherwise it starts on Monday 3 January 2022, has one office, ``a``, and works Monday to Friday
without holidays (calendar ``week``); on calendar ``days`` all days count.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.engine import kernel, process
from sim.errors import DeadEndError
from sim.plan import End, Kind, Plan, Relation, compile_scenario
from sim.sampling import Draws, Sampler
from sim.scenario.checks import check
from sim.scenario.schema import Scenario
from sim.timeline import Driver, Field, Timeline

Tables = dict[str, Any]
Span = tuple[str, str]
"""Start and finish."""

MONDAY = dt.date(2022, 1, 3)
USUAL: Tables = {
    "scenario": {"name": "case", "start": MONDAY, "horizon": dt.date(2026, 1, 1), "calendar": "week"},
    "calendars": {"week": {}, "days": {"every_day": True}},
}


def scenario_of(tables: Tables) -> Scenario:
    """A scenario from tables; what is not given is as usual, and ``duration = 3`` is short for ``{ fixed = 3 }``."""
    whole = {"offices": {"a": {}}} | tables | {name: usual | tables.get(name, {}) for name, usual in USUAL.items()}
    whole["activities"] = {id_: _written_out(activity) for id_, activity in tables["activities"].items()}
    return Scenario.model_validate(whole)


def _written_out(activity: Tables) -> Tables:
    length = activity.get("duration")
    return activity | {"duration": {"fixed": length}} if isinstance(length, (int, float)) else activity


def plan_of(tables: Tables | str) -> Plan:
    """The plan of a programme without faults, given as tables or as TOML."""
    scenario = scenario_of(tomllib.loads(tables) if isinstance(tables, str) else tables)
    assert check(scenario) == ()
    return compile_scenario(scenario)


def run(tables: Tables | str, replications: int = 1) -> Outcome:
    """Compile, draw and simulate by both engines, which must agree in everything."""
    plan = plan_of(tables)
    return run_plan(plan, Sampler(plan).draw(0, replications))


def run_plan(plan: Plan, draws: Draws) -> Outcome:
    """Simulate by both engines, which must agree in everything."""
    timeline = process.simulate(plan, draws)
    assert kernel.simulate(plan, draws).differences(timeline) == []
    return Outcome(plan, draws, timeline)


def attempt(engine: Any, plan: Plan, draws: Draws) -> tuple[Timeline | None, str]:
    """A timeline, or why there is none."""
    try:
        return engine.simulate(plan, draws), ""
    except DeadEndError as error:
        return None, str(error)


def written(date: dt.date) -> str:
    """A date as ``Mon 3 Jan``, with the year when it is not 2022."""
    text = f"{date:%a} {date.day} {date:%b}"
    return text if date.year == 2022 else f"{text} {date.year}"


@dataclass(frozen=True)
class Outcome:
    """What became of a programme, by names and dates."""

    plan: Plan
    draws: Draws
    timeline: Timeline

    def date(self, day: int) -> str:
        return written(self.plan.date(day))

    def record(self, activity: str, office: str = "a", pass_: int = 0, replication: int = 0) -> dict[str, int]:
        """The record of one pass, by the names of its fields in small letters."""
        here = self.plan.activities[self.plan.activity_index[activity]].first_pass + pass_
        values = self.timeline.record[replication, self.plan.office_index[office], here]
        return {field.name.lower(): int(values[field]) for field in Field}

    def spans(self, office: str = "a", replication: int = 0) -> dict[str, Span]:
        """Start and finish of the first pass of every activity."""
        records = {a.id: self.record(a.id, office, 0, replication) for a in self.plan.activities}
        return {id_: (self.date(r["start"]), self.date(r["finish"])) for id_, r in records.items()}

    def passes(self, activity: str, office: str = "a") -> list[Span]:
        """Start and finish of every pass that was made, in the order of time."""
        count = self.plan.activities[self.plan.activity_index[activity]].pass_count
        records = [self.record(activity, office, i) for i in range(count)]
        made = sorted((r["start"], r["finish"]) for r in records if r["start"] >= 0)
        return [(self.date(start), self.date(finish)) for start, finish in made]

    def starts(self, activity: str) -> dict[str, str]:
        """Start of an activity's first pass, by office."""
        return {office.id: self.spans(office.id)[activity][0] for office in self.plan.offices}

    def happens(self, activity: str, office: str = "a") -> bool:
        here = self.plan.activities[self.plan.activity_index[activity]].first_pass
        return bool(self.timeline.happens[0, self.plan.office_index[office], here])

    def start_reason(self, activity: str, office: str = "a", pass_: int = 0) -> tuple[Driver, str]:
        """What decided a start, and the office and activity that it points at."""
        record = self.record(activity, office, pass_)
        return Driver(record["start_driver"]), self.name(record["start_cause"])

    def finish_reason(self, activity: str, office: str = "a", pass_: int = 0) -> tuple[Driver, str]:
        """What decided a finish, and the office and activity that it points at."""
        record = self.record(activity, office, pass_)
        return Driver(record["finish_driver"]), self.name(record["finish_cause"])

    def name(self, node: int) -> str:
        """A node as ``office.activity``, further passes with their label; empty for none."""
        if node < 0:
            return ""
        office, here = self.plan.node(node)
        pass_ = self.plan.passes[here]
        label = f"[{pass_.label}]" if pass_.label else ""
        return f"{self.plan.offices[office].id}.{self.plan.activities[pass_.activity].id}{label}"

    def chain(self, office: str = "a", replication: int = 0) -> list[tuple[str, str, Driver]]:
        """The moments that decided an opening, from it back to the start: moment, date, what decided it."""
        steps = walk_back(self, self.plan.office_index[office], replication)
        return [(f"{self.name(node)}.{end.name.lower()}", self.date(day), driver) for node, end, day, driver in steps]


Step = tuple[int, End, int, Driver]
"""Node, end, day, and what decided it."""


def walk_back(outcome: Outcome, office: int, replication: int) -> Iterator[Step]:
    """Follow drivers from an office's opening back to where nothing earlier decides."""
    plan = outcome.plan
    passes = plan.activities[plan.opening].passes
    finishes = outcome.timeline.finish[replication, office, passes]
    node = office * len(plan.passes) + passes.start + int(np.argmax(finishes))
    at: tuple[int, End] | None = (node, End.FINISH)
    while at is not None:
        node, end = at
        record = outcome.timeline.record[replication].reshape(-1, len(Field))[node]
        driver = Driver(record[Field.FINISH_DRIVER if end is End.FINISH else Field.START_DRIVER])
        yield node, end, int(record[Field.FINISH if end is End.FINISH else Field.START]), driver
        at = _decided_by(outcome, replication, node, end, driver)


def _decided_by(outcome: Outcome, replication: int, node: int, end: End, driver: Driver) -> tuple[int, End] | None:
    """The moment before it in the chain."""
    record = outcome.timeline.record[replication].reshape(-1, len(Field))[node]
    if driver is Driver.DONE:
        return None
    if end is End.FINISH and driver in (Driver.WORK, Driver.MEETING, Driver.OPENING_DAY, Driver.STATUS):
        return node, End.START
    cause = int(record[Field.FINISH_CAUSE if end is End.FINISH else Field.START_CAUSE])
    if cause < 0:
        return None
    if driver in (Driver.PREDECESSOR_FINISH, Driver.PREDECESSOR_START):
        return cause, End.FINISH if driver is Driver.PREDECESSOR_FINISH else End.START
    if driver is Driver.POOL:
        return cause, _released_at(outcome, replication, node, cause)
    return cause, _waited_for(outcome, replication, node, cause)


def _released_at(outcome: Outcome, replication: int, node: int, cause: int) -> End:
    """Whether a pass gave the pool back at its start or its finish: the release is the day on which the request was granted."""
    records = outcome.timeline.record[replication].reshape(-1, len(Field))
    start, finish = int(records[node, Field.START]), int(records[cause, Field.FINISH])
    activity, giver = _activity(outcome.plan, node), _activity(outcome.plan, cause)
    if giver.gives_at_start and records[cause, Field.START] == start:
        return End.START
    snaps = activity.kind is Kind.WORK and records[node, Field.WORK] > 0
    begins = outcome.plan.calendars[activity.calendar].first_on_or_after(finish) if snaps and finish <= start else finish
    return End.FINISH if begins == start else End.START


def _waited_for(outcome: Outcome, replication: int, node: int, cause: int) -> End:
    """Which end of a predecessor let an activity begin that then waited for its calendar or a date."""
    records = outcome.timeline.record[replication].reshape(-1, len(Field))
    activity, source = _activity(outcome.plan, node), _activity(outcome.plan, cause)
    days = {End.START: int(records[cause, Field.START]), End.FINISH: int(records[cause, Field.FINISH])}

    def fits(relation: Relation) -> bool:
        lagged = outcome.plan.calendars[activity.calendar].finish(days[relation.source_end], relation.lag)
        return relation.source == source.index and lagged == records[node, Field.READY]

    return next((r.source_end for r in activity.holds_start if fits(r)), End.FINISH)


def _activity(plan: Plan, node: int) -> Any:
    return plan.activities[plan.passes[plan.node(node)[1]].activity]
