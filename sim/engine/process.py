"""The model as one reads it: a discrete-event simulation in SimPy, one process per office.

An office's process enters its activities as their predecessors let them begin; each activity then runs through the same
six steps (:meth:`Establishment.carry_out`): wait for the day, ask for the pools, begin, work, wait for what holds back
its finish, finish. What all offices share is one :class:`Desk`, where requests for pools are served in one total order.

This module is the meaning of the program. :mod:`sim.engine.kernel` gives the same timeline faster and is tested against it.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from math import floor
from typing import Any

import simpy

from sim.errors import DeadEndError
from sim.plan import ActivityPlan, End, Kind, Loop, OfficePlan, Plan, Relation
from sim.sampling import Draws
from sim.timeline import Driver, Timeline

AFTER_ALL_ELSE = 2
"""SimPy priority of the desk's round: after everything else that can happen on that day."""

NOBODY = -1
"""No node is the cause."""

Steps = Generator[simpy.Event, Any, None]


def simulate(plan: Plan, draws: Draws) -> Timeline:
    """Run every replication of a block.

    Parameters
    ----------
    plan, draws
        The compiled scenario and all its randomness; nothing is drawn here.

    Returns
    -------
    Timeline

    Raises
    ------
    DeadEndError
        When a future cannot go on: pools in a circle, no meeting left, the horizon passed.
    """
    timeline = Timeline.empty(draws.replications, len(plan.offices), len(plan.passes))
    successors = find_successors(plan)
    for replication in range(draws.replications):
        Future(plan, draws, replication, timeline, successors).run()
    return timeline


@dataclass(frozen=True, slots=True)
class Successor:
    """An end of an activity that waits for the moment it is listed under."""

    activity: int
    end: End
    exits: int


def find_successors(plan: Plan) -> dict[tuple[int, End], list[Successor]]:
    """Who waits for each start and finish."""
    waiting: dict[tuple[int, End], list[Successor]] = {(a.index, end): [] for a in plan.activities for end in End}
    for activity in plan.activities:
        for end, relations in ((End.START, activity.holds_start), (End.FINISH, activity.holds_finish)):
            for relation in relations:
                waiting[relation.source, relation.source_end].append(Successor(activity.index, end, relation.exits))
    return waiting


@dataclass(slots=True)
class Note:
    """What becomes known of one pass while it is carried out; written to the timeline when it has finished."""

    node: int
    here: int
    """The pass, as a place on the timeline's pass axis."""
    happens: bool
    snaps: bool
    """Begins on a working day (work of some length does)."""
    ready: int = -1
    start: int = -1
    finish: int = -1
    work: int = 0
    start_driver: Driver = Driver.NONE
    start_cause: int = NOBODY
    finish_driver: Driver = Driver.WORK
    finish_cause: int = NOBODY


@dataclass(eq=False, slots=True)
class Request:
    """A wish for units of one or several pools, all at once."""

    key: tuple[int, int, int, int]
    """Place in the order: (priority of the office, request day, office, activity)."""
    units: dict[int, int]
    granted: simpy.Event


@dataclass(slots=True)
class Round:
    """What has become free since the last walk through the queue."""

    releases: list[tuple[int, int]] = field(default_factory=list)
    """(node that released, pool)."""
    changed: set[int] = field(default_factory=set)
    """Pools whose capacity changed."""

    def cause_for(self, pools: dict[int, int]) -> tuple[Driver, int]:
        """What let a request with these pools through: the first of their releases, a change of theirs, else any release."""
        own = [node for node, pool in self.releases if pool in pools]
        if own:
            return Driver.POOL, min(own)
        if self.changed & pools.keys() or not self.releases:
            return Driver.CAPACITY, -1
        return Driver.POOL, min(self.releases)[0]


class Desk:
    """Where the pools are asked for and given back: one queue for all of them."""

    def __init__(self, env: simpy.Environment, plan: Plan) -> None:
        self.env = env
        self.pools = plan.pools
        self.capacity = [pool.capacity for pool in plan.pools]
        self.free = list(self.capacity)
        self.queue: list[Request] = []
        self.round = Round()
        self.round_is_set = False
        for pool in plan.pools:
            for day, capacity in pool.changes:
                env.process(self.change(pool.index, day, capacity))

    def change(self, pool: int, day: int, capacity: int) -> Steps:
        """Change a capacity on a day; work under way keeps its units, so ``free`` may fall below 0."""
        yield self.env.timeout(max(day, 0))
        self.free[pool] += capacity - self.capacity[pool]
        self.capacity[pool] = capacity
        self.round.changed.add(pool)
        self.call_round()

    def request(self, request: Request) -> simpy.Event:
        """Join the queue; the event fires on the day the units are granted, with (driver, cause)."""
        self.queue.append(request)
        self.call_round()
        return request.granted

    def release(self, node: int, pool: int, units: int) -> None:
        """Give units back."""
        self.free[pool] += units
        self.round.releases.append((node, pool))
        self.call_round()

    def call_round(self) -> None:
        """Have the queue walked when all else that can happen today has happened."""
        if not self.round_is_set:
            self.round_is_set = True
            event = self.env.event()
            event._ok, event._value = True, None
            event.callbacks = [lambda _: self.walk()]
            self.env.schedule(event, priority=AFTER_ALL_ELSE)

    def walk(self) -> None:
        """Walk the order once: grant what is free, unless an earlier request still waits for one of its pools."""
        round_, self.round, self.round_is_set = self.round, Round(), False
        blocked: set[int] = set()
        still_waiting = []
        for request in sorted(self.queue, key=lambda r: r.key):
            enough = all(self.free[pool] >= units for pool, units in request.units.items())
            if enough and blocked.isdisjoint(request.units):
                for pool, units in request.units.items():
                    self.free[pool] -= units
                request.granted.succeed(round_.cause_for(request.units))
            else:
                blocked.update(pool for pool in request.units if self.pools[pool].strict)
                still_waiting.append(request)
        self.queue = still_waiting


class Future:
    """One replication: the environment, the desk and the offices."""

    def __init__(
        self, plan: Plan, draws: Draws, replication: int, timeline: Timeline, successors: dict[tuple[int, End], list[Successor]]
    ) -> None:
        self.plan, self.draws, self.row, self.timeline, self.successors = plan, draws, replication, timeline, successors
        self.env = simpy.Environment()
        self.desk = Desk(self.env, plan)

    def run(self) -> None:
        """Let all offices live their lives, and see that none is left stuck."""
        offices = [Establishment(self, office) for office in self.plan.offices]
        for office in offices:
            self.env.process(office.live())
        self.env.run()
        if self.desk.queue:
            self.explain_stuck()

    def explain_stuck(self) -> None:
        """Say who still waits for which pool when nothing more can happen."""
        request = min(self.desk.queue, key=lambda r: r.key)
        office, activity = self.plan.offices[request.key[2]], self.plan.activities[request.key[3]]
        pools = ", ".join(
            f"{self.plan.pools[p].id} ({units} needed, {self.desk.free[p]} free of {self.desk.capacity[p]})" for p, units in request.units.items()
        )
        raise DeadEndError(
            f"offices.{office.id}: {activity.id} waits for ever for {pools} since {self.plan.date(request.key[1])} "
            f"in replication {self.number}; raise the capacity, or see which activities hold the pool without giving it back"
        )

    @property
    def number(self) -> int:
        """Number of this replication in the whole run."""
        return self.draws.first + self.row


class Establishment:
    """One office on its way through the process."""

    def __init__(self, future: Future, office: OfficePlan) -> None:
        plan, row, draws = future.plan, future.row, future.draws
        self.future, self.office, self.plan, self.env, self.desk = future, office, plan, future.env, future.desk
        self.happens = draws.happens[row, office.index]
        self.duration = draws.duration[row, office.index]
        self.redo = draws.redo[row, office.index]
        self.start = future.timeline.start[row, office.index]
        self.finish = future.timeline.finish[row, office.index]
        self.held: set[int] = set()
        """Pools of which the office holds a unit over a span."""
        self.done = list(office.done)
        """Activities that lie before the point where the office entered, and are not to be done again."""
        self.missing = {(a.index, End.START): len(a.holds_start) for a in plan.activities}
        self.missing |= {(a.index, End.FINISH): len(a.holds_finish) for a in plan.activities}
        """How many moments each start and finish still waits for."""
        self.let_finish: dict[int, simpy.Event] = {}
        """Fires when nothing more holds back the finish of an activity under way."""
        self.pass_number = [0] * len(plan.loops)
        self.unfinished = [len(loop.members) for loop in plan.loops]
        self.sent_back = 0
        """Bits of the redo loops whose present pass is not the last."""
        for loop in plan.loops:
            self.look_ahead(loop)

    def live(self) -> Steps:
        """The office's process: enter on its first day, and begin all that waits for nothing."""
        yield self.env.timeout(self.office.start)
        for pool in self.office.held:
            self.held.add(pool)
            self.desk.free[pool] -= 1
        for activity in self.plan.activities:
            if self.done[activity.index]:
                self.count_as_done(activity)
        for activity in self.plan.activities:
            if not activity.holds_start and not self.done[activity.index]:
                self.env.process(self.carry_out(activity))

    # --- one activity, step by step -----------------------------------------------------------------------------------

    def carry_out(self, activity: ActivityPlan, sent_back_by: int = NOBODY) -> Steps:
        """One pass of an activity, from the day on which logic lets it begin."""
        note = self.logic(activity, sent_back_by)
        if note.happens:
            yield from self.wait_for_day_and_pools(activity, note)
        yield from self.until(note.start)
        self.reach(activity, End.START, note)
        yield from self.until(note.finish)
        yield from self.wait_for_leave_to_finish(activity, note)
        self.write(note)
        if note.happens:
            for pool, units in activity.uses:
                self.desk.release(note.node, pool, units)
        self.reach(activity, End.FINISH, note)
        self.count_finish(activity)

    def logic(self, activity: ActivityPlan, sent_back_by: int) -> Note:
        """When predecessors let it begin; one that does not happen passes on at once."""
        here = self.current_pass(activity)
        note = Note(self.node(here), here, bool(self.happens[here]), snaps=activity.kind is Kind.WORK and self.duration[here] > 0)
        if sent_back_by != NOBODY:
            note.ready, note.start_driver, note.start_cause = int(self.env.now), Driver.REDO, sent_back_by
        elif activity.holds_start:
            note.ready, note.start_driver, note.start_cause = self.latest(activity, activity.holds_start, note.happens)
        else:
            note.ready, note.start_driver = int(self.env.now), Driver.OFFICE_START
        note.start = note.finish = note.ready
        return note

    def wait_for_day_and_pools(self, activity: ActivityPlan, note: Note) -> Steps:
        """Wait for dates, the calendar and the pools; then settle when the work starts and would finish."""
        allowed = max(note.ready, activity.not_before)
        request_day = self.working_day(activity, allowed) if note.snaps else allowed
        if allowed > note.ready:
            note.start_driver = Driver.NOT_BEFORE
        elif request_day > allowed:
            note.start_driver = Driver.CALENDAR
        yield from self.until(request_day)
        if units := self.needs(activity):
            key = (self.office.priority, request_day, self.office.index, activity.index)
            driver, cause = yield self.desk.request(Request(key, units, self.env.event()))
            self.held.update(activity.takes)
            if self.env.now > request_day:
                note.start_driver, note.start_cause = driver, cause
        self.settle(activity, note)

    def settle(self, activity: ActivityPlan, note: Note) -> None:
        """Start and finish of work that may begin today."""
        today = int(self.env.now)
        note.start = self.working_day(activity, today) if note.snaps else today
        note.work = activity.lead if activity.kind is not Kind.WORK else self.days_of_work(activity, note)
        if note.work and activity.kind is Kind.WORK:
            note.start = self.working_day(activity, note.start)
        note.finish = self.worked(activity, note.start, note.work)

    def wait_for_leave_to_finish(self, activity: ActivityPlan, note: Note) -> Steps:
        """Wait for what holds back the finish (FF, SF), then for the next date of a meeting or opening."""
        if activity.holds_finish:
            if self.missing[activity.index, End.FINISH]:
                self.let_finish[activity.index] = self.env.event()
                yield self.let_finish[activity.index]
            day, driver, cause = self.latest(activity, activity.holds_finish, note.happens)
            if day > note.finish:
                note.finish, note.finish_driver, note.finish_cause = day, driver, cause
        if note.happens and activity.kind is not Kind.WORK:
            day = self.next_date(activity, note.finish)
            if day > note.finish:
                note.finish = day
                note.finish_driver = Driver.MEETING if activity.kind is Kind.MEETING else Driver.OPENING_DAY
                note.finish_cause = NOBODY
        yield from self.until(note.finish)

    def days_of_work(self, activity: ActivityPlan, note: Note) -> int:
        """Whole days of work: what was drawn, with the risks in whose window it starts; a positive length is at least 1."""
        row, factor, delay = self.future.row, 1.0, 0.0
        for risk in (self.plan.risks[r] for r in activity.risks):
            member = risk.member[self.office.index]
            if member >= 0 and risk.first <= note.start <= risk.last:
                factor *= float(self.future.draws.risk_factor[row, member])
                delay += float(self.future.draws.risk_delay[row, member]) * (activity.week if risk.delay_in_weeks else 1)
        length = float(self.duration[note.here]) * factor + delay
        return max(floor(length + 0.5), 1) if length > 0 else 0

    def needs(self, activity: ActivityPlan) -> dict[int, int]:
        """Units to ask for: what it uses, and one of each pool whose held span begins here and is not held yet."""
        units = dict(activity.uses)
        for pool in activity.takes:
            if pool not in self.held:
                units[pool] = units.get(pool, 0) + 1
        return units

    # --- moments ------------------------------------------------------------------------------------------------------

    def reach(self, activity: ActivityPlan, end: End, note: Note) -> None:
        """A start or finish is reached: write it down, give back what is held up to here, let the successors know."""
        (self.start if end is End.START else self.finish)[note.here] = note.start if end is End.START else note.finish
        for give in activity.gives_at_start if end is End.START else activity.gives_at_finish:
            if give.pool in self.held and not give.exits & self.sent_back:
                self.held.remove(give.pool)
                self.desk.release(note.node, give.pool, 1)
        for successor in self.future.successors[activity.index, end]:
            if not successor.exits & self.sent_back:
                self.miss_one_less(successor)

    def miss_one_less(self, successor: Successor) -> None:
        """One moment less to wait for; the last one lets the successor begin or finish."""
        key = (successor.activity, successor.end)
        self.missing[key] -= 1
        if self.missing[key]:
            return
        if successor.end is End.START:
            if not self.done[successor.activity]:
                self.env.process(self.carry_out(self.plan.activities[successor.activity]))
        elif successor.activity in self.let_finish:
            self.let_finish.pop(successor.activity).succeed()

    def latest(self, activity: ActivityPlan, relations: tuple[Relation, ...], lags: bool) -> tuple[int, Driver, int]:
        """The last of some moments, lags included; of those on the same day the first listed decides."""
        best = (-1, Driver.NONE, NOBODY)
        for relation in relations:
            source = self.current_pass(self.plan.activities[relation.source])
            from_start = relation.source_end is End.START
            day = int(self.start[source] if from_start else self.finish[source])
            if lags and relation.lag:
                day = self.worked(activity, day, relation.lag)
            if day > best[0]:
                best = (day, Driver.PREDECESSOR_START if from_start else Driver.PREDECESSOR_FINISH, self.node(source))
        return best

    def count_as_done(self, activity: ActivityPlan) -> None:
        """It lies before the point where the office entered."""
        today, here = int(self.env.now), self.current_pass(activity)
        note = Note(self.node(here), here, False, False, today, today, today, 0, Driver.DONE, NOBODY, Driver.DONE, NOBODY)
        self.write(note)
        self.reach(activity, End.START, note)
        self.reach(activity, End.FINISH, note)
        self.count_finish(activity)

    # --- redo ---------------------------------------------------------------------------------------------------------

    def current_pass(self, activity: ActivityPlan) -> int:
        """The pass that the activity is in, or is to make next."""
        return activity.first_pass + sum(self.pass_number[loop] * stride for loop, stride in activity.strides)

    def look_ahead(self, loop: Loop) -> None:
        """Whether the present pass of a loop is the last; its draw tells."""
        again = self.redo[self.current_pass(self.plan.activities[loop.activity])]
        self.sent_back = self.sent_back | 1 << loop.index if again else self.sent_back & ~(1 << loop.index)

    def count_finish(self, activity: ActivityPlan) -> None:
        """Count a finish in the loops around the activity, inner ones first; when a whole span has finished it may have to be done again."""
        again = self.sent_back
        for loop in reversed(self.plan.loops) if activity.loops else ():
            if activity.loops >> loop.index & 1 and not again & loop.inside & activity.loops:
                self.unfinished[loop.index] -= 1
                if not self.unfinished[loop.index] and again >> loop.index & 1:
                    self.do_again(loop)

    def do_again(self, loop: Loop) -> None:
        """Begin the next pass of a span: nothing outside it holds it back any more."""
        sent_back_by = self.node(self.current_pass(self.plan.activities[loop.activity]))
        self.pass_number[loop.index] += 1
        inner = [other for other in self.plan.loops if loop.inside >> other.index & 1]
        for other in inner:
            self.pass_number[other.index] = 0
        for other in (loop, *inner):
            self.unfinished[other.index] = len(other.members)
            self.look_ahead(other)
        for member in (self.plan.activities[m] for m in loop.members):
            self.done[member.index] = False
            for end, relations in ((End.START, member.holds_start), (End.FINISH, member.holds_finish)):
                self.missing[member.index, end] = sum(r.source in loop.members for r in relations)
            if not self.missing[member.index, End.START]:
                self.env.process(self.carry_out(member, sent_back_by))

    # --- days ---------------------------------------------------------------------------------------------------------

    def until(self, day: int) -> Steps:
        """Wait for the morning of a day."""
        if day > self.plan.last:
            raise DeadEndError(
                f"offices.{self.office.id} goes on past the horizon, {self.plan.date(self.plan.last)}, in replication {self.future.number}; "
                "set a later scenario.horizon"
            )
        if day > self.env.now:
            yield self.env.timeout(day - self.env.now)

    def working_day(self, activity: ActivityPlan, day: int) -> int:
        """First working day from a day on."""
        try:
            return self.plan.calendars[activity.calendar].first_on_or_after(day)
        except DeadEndError as error:
            raise self.dead_end(activity, error) from None

    def worked(self, activity: ActivityPlan, start: int, days: int) -> int:
        """Morning after the last of some days of work."""
        try:
            return self.plan.calendars[activity.calendar].finish(start, days)
        except DeadEndError as error:
            raise self.dead_end(activity, error) from None

    def next_date(self, activity: ActivityPlan, day: int) -> int:
        """Next date of the activity's meeting or opening days."""
        date = int(self.plan.series[activity.series][day]) if day <= self.plan.last else NOBODY
        if date == NOBODY:
            name = self.plan.series_names[activity.series]
            raise self.dead_end(activity, f"{name} has no date left from {self.plan.date(day)} on; add dates, a rule or a later scenario.horizon")
        return date

    def dead_end(self, activity: ActivityPlan, reason: object) -> DeadEndError:
        """The error that says where this future came to its end."""
        return DeadEndError(f"offices.{self.office.id}: {activity.id} in replication {self.future.number}: {reason}")

    # --- notes --------------------------------------------------------------------------------------------------------

    def node(self, here: int) -> int:
        """Number of one of this office's passes among those of all offices."""
        return self.office.index * len(self.plan.passes) + here

    def write(self, note: Note) -> None:
        """Write a pass into the timeline."""
        timeline, at = self.future.timeline, (self.future.row, self.office.index, note.here)
        timeline.start[at], timeline.finish[at], timeline.ready[at] = note.start, note.finish, note.ready
        timeline.work[at], timeline.happens[at] = note.work, note.happens
        timeline.start_driver[at], timeline.start_cause[at] = note.start_driver, note.start_cause
        timeline.finish_driver[at], timeline.finish_cause[at] = note.finish_driver, note.finish_cause
