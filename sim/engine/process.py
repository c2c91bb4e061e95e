"""The model as one reads it: a discrete-event simulation in SimPy, one process per office.

An office's process enters its activities as their predecessors let them begin; each activity then runs through the same
six steps (:meth:`Establishment.carry_out`): wait for the day, ask for the pools, begin, work, wait for what holds back
its finish, finish. What all offices share is one :class:`Desk`, where requests for pools are served in one total order.

This module is the meaning of the program. :mod:`sim.engine.kernel` gives the same timeline faster and is tested against it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from math import floor
from typing import Any

import simpy
from simpy.events import EventPriority

from sim.engine.days import Days
from sim.engine.network import Network
from sim.engine.note import Note, SentBack, done
from sim.engine.redo import Passes
from sim.engine.waiting import NOBODY, Queue, Request
from sim.plan import ActivityPlan, End, Kind, OfficePlan, Plan, Relation
from sim.sampling import Draws
from sim.timeline import Driver, Timeline

AFTER_ALL_ELSE = EventPriority(2)
"""SimPy priority of the desk's round: after everything else that can happen on that day."""

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
    network = Network(plan)
    for replication in range(draws.replications):
        Future(network, draws, replication, timeline).run()
    return timeline


class Desk:
    """Where the pools are asked for and given back: what becomes free on a day comes before any grant."""

    def __init__(self, env: simpy.Environment, plan: Plan) -> None:
        self.env = env
        self.queue = Queue(plan.pools)
        self.round_is_set = False
        for pool in plan.pools:
            for day, capacity in pool.changes:
                if day <= plan.last:
                    env.process(self.change(pool.index, max(day, 0), capacity))

    def change(self, pool: int, day: int, capacity: int) -> Steps:
        """Change a capacity on a day."""
        yield self.env.timeout(day)
        self.queue.change(pool, capacity)
        self.call_round()

    def request(self, request: Request) -> simpy.Event:
        """Join the queue; the event fires on the day the units are granted, with (driver, cause)."""
        self.queue.join(request)
        self.call_round()
        event: simpy.Event = request.granted
        return event

    def release(self, node: int, pool: int, units: int) -> None:
        """Give units back."""
        self.queue.give_back(node, pool, units)
        self.call_round()

    def call_round(self) -> None:
        """Have the queue walked when all else that can happen today has happened."""
        if not self.round_is_set:
            self.round_is_set = True
            event = self.env.event()
            event._ok, event._value = True, None
            event.callbacks = [lambda _: self.serve()]
            self.env.schedule(event, priority=AFTER_ALL_ELSE)

    def serve(self) -> None:
        """Walk the queue once; what a grant sets off on the same day makes the next round."""
        self.round_is_set = False
        for request, reason in self.queue.walk():
            request.granted.succeed(reason)


class Future:
    """One replication: the environment, the desk and the offices."""

    def __init__(self, network: Network, draws: Draws, row: int, timeline: Timeline) -> None:
        self.network, self.plan, self.row, self.timeline = network, network.plan, row, timeline
        self.number = draws.first + row
        self.happens = draws.happens[row].tolist()
        self.duration = draws.duration[row].tolist()
        self.redo = draws.redo[row].tolist()
        self.risk_factor = draws.risk_factor[row].tolist()
        self.risk_delay = draws.risk_delay[row].tolist()
        self.env = simpy.Environment()
        self.desk = Desk(self.env, self.plan)

    def run(self) -> None:
        """Let all offices live their lives, and see that none is left stuck."""
        offices = [Establishment(self, office) for office in self.plan.offices]
        for office in offices:
            self.env.process(office.live())
        self.env.run()
        if self.desk.queue.waiting:
            raise self.desk.queue.dead_end(self.plan, self.number)
        assert not any(any(office.missing) for office in offices), "only a pool can keep an office waiting for ever"


class Establishment:
    """One office on its way through the process."""

    def __init__(self, future: Future, office: OfficePlan) -> None:
        self.future, self.office, self.plan, self.network = future, office, future.plan, future.network
        self.env, self.desk = future.env, future.desk
        self.happens, self.duration = future.happens[office.index], future.duration[office.index]
        self.day_of: dict[tuple[int, End], int] = {}
        """Day of each end of each pass, once reached."""
        self.held: set[int] = set()
        """Pools of which the office holds a unit over a span."""
        self.done = list(office.done)
        """Activities that lie before the point where the office entered or are facts, and are not to be begun in their present pass."""
        self.missing = [len(relations) for relations in self.network.holds]
        """How many moments each moment still waits for."""
        self.ready: list[tuple[ActivityPlan, SentBack | None]] = []
        """Activities that nothing holds back any more, each with what sent the office back to it."""
        self.let_finish: dict[int, simpy.Event] = {}
        """Fires when nothing more holds back the finish of an activity under way."""
        self.passes = Passes(self.plan, future.redo[office.index])
        self.days = Days(self.network.tables, office.id, future.number)

    def live(self) -> Steps:
        """The office's process: enter, take up what is known, and begin all that waits for nothing."""
        yield self.env.timeout(self.office.enters)
        for pool in self.office.held:
            self.hold(pool)
        self.take_up_facts(self.plan.activities)
        for activity in self.plan.activities:
            if self.office.done[activity.index]:
                self.pass_over(activity, done(self.passes.of(activity), self.office.start))
            elif not activity.holds_start and activity.first_pass not in self.office.facts:
                self.ready.append((activity, None))
        self.begin_what_is_ready()

    # --- one activity, step by step -----------------------------------------------------------------------------------

    def begin_what_is_ready(self) -> None:
        """Begin what nothing holds back any more; what does not happen passes on at once."""
        while self.ready:
            activity, sent_back = self.ready.pop()
            note = self.logic(activity, sent_back)
            if note.happens or activity.holds_finish:
                self.env.process(self.carry_out(activity, note))
            else:
                self.reach(activity, End.START, note)
                self.finish(activity, note)

    def carry_out(self, activity: ActivityPlan, note: Note) -> Steps:
        """One pass of an activity, from the day on which its predecessors let it begin."""
        if note.happens:
            yield from self.wait_for_day_and_pools(activity, note)
        if note.start > self.env.now:
            yield self.morning(note.start)
        self.reach(activity, End.START, note)
        self.begin_what_is_ready()
        yield from self.see_through(activity, note)

    def see_through(self, activity: ActivityPlan, note: Note) -> Steps:
        """The rest of a pass that has started."""
        if note.finish > self.env.now:
            yield self.morning(note.finish)
        if activity.holds_finish:
            yield from self.wait_for_leave_to_finish(activity, note)
        if note.happens and activity.kind is not Kind.WORK:
            self.move_to_next_date(activity, note)
        if note.finish > self.env.now:
            yield self.morning(note.finish)
        self.finish(activity, note)
        self.begin_what_is_ready()

    def logic(self, activity: ActivityPlan, sent_back: SentBack | None) -> Note:
        """When predecessors let it begin."""
        here = self.passes.of(activity)
        happens = self.happens[here]
        if sent_back:
            ready, driver, cause = sent_back.day, Driver.REDO, sent_back.by
        elif activity.holds_start:
            ready, driver, cause = self.latest(activity, activity.holds_start, lags=happens)
        else:
            ready, driver, cause = self.office.start, Driver.OFFICE_START, NOBODY
        return Note(here, happens, ready, ready, ready, driver, cause)

    def wait_for_day_and_pools(self, activity: ActivityPlan, note: Note) -> Steps:
        """Wait for dates, the calendar and the pools; then settle when the work starts and would finish."""
        snaps = activity.kind is Kind.WORK and self.duration[note.here] > 0
        allowed = max(note.ready, activity.not_before)
        earliest = max(allowed, self.plan.status_day)
        request_day = self.days.working_day(activity, earliest) if snaps else earliest
        if earliest > allowed:
            note.start_driver = Driver.STATUS
        elif allowed > note.ready:
            note.start_driver = Driver.NOT_BEFORE
        elif request_day > allowed:
            note.start_driver = Driver.CALENDAR
        if request_day > self.env.now:
            yield self.morning(request_day)
        if units := self.needs(activity):
            place = (self.office.priority, request_day, self.office.index, activity.index)
            driver, cause = yield self.desk.request(Request(place, units, self.env.event()))
            self.held.update(activity.takes)
            if self.env.now > request_day:
                note.start_driver, note.start_cause = driver, cause
        self.settle(activity, note, snaps)

    def settle(self, activity: ActivityPlan, note: Note, snaps: bool) -> None:
        """Start and finish of work that may begin today."""
        today = int(self.env.now)
        note.start = self.days.working_day(activity, today) if snaps else today
        note.work = self.days_of_work(activity, note) if activity.kind is Kind.WORK else activity.lead
        if note.work and activity.kind is Kind.WORK and not snaps:  # only risks make it take any time
            note.start = self.days.working_day(activity, today)
            note.start_driver = Driver.CALENDAR if note.start > today == note.ready else note.start_driver
        note.finish = self.days.worked(activity, note.start, note.work)

    def days_of_work(self, activity: ActivityPlan, note: Note) -> int:
        """Whole days of work: what was drawn, with the risks in whose window it starts; a positive length is at least 1."""
        factor, delay = 1.0, 0.0
        for index in activity.risks:
            risk = self.plan.risks[index]
            member = risk.member[self.office.index]
            if member >= 0 and risk.first <= note.start <= risk.last:
                factor *= self.future.risk_factor[member]
                delay += self.future.risk_delay[member] * (activity.week if risk.delay_in_weeks else 1)
        length = self.duration[note.here] * factor + delay
        return max(floor(length + 0.5), 1) if length > 0 else 0

    def needs(self, activity: ActivityPlan) -> dict[int, int]:
        """Units to ask for: what it uses, and one of each pool whose held span begins here and is not held yet."""
        units = dict(activity.uses)
        for pool in activity.takes:
            if pool not in self.held:
                units[pool] = units.get(pool, 0) + 1
        return units

    def wait_for_leave_to_finish(self, activity: ActivityPlan, note: Note) -> Steps:
        """Wait for what holds back the finish (FF, SF)."""
        if self.missing[2 * activity.index + End.FINISH]:
            self.let_finish[activity.index] = self.env.event()
            yield self.let_finish[activity.index]
        day, driver, cause = self.latest(activity, activity.holds_finish, lags=note.happens)
        if day > note.finish:
            note.finish, note.finish_driver, note.finish_cause = day, driver, cause

    def move_to_next_date(self, activity: ActivityPlan, note: Note) -> None:
        """Finish on the next date of a meeting or opening."""
        day = self.days.next_date(activity, note.finish)
        if day > note.finish:
            note.finish = day
            note.finish_driver = Driver.MEETING if activity.kind is Kind.MEETING else Driver.OPENING_DAY
            note.finish_cause = NOBODY

    def finish(self, activity: ActivityPlan, note: Note) -> None:
        """It is over: write it down, give back what it used, let the successors know, see whether it is to be done again."""
        self.write(note)
        if note.happens:
            for pool, units in activity.uses:
                self.desk.release(self.node(note.here), pool, units)
        self.reach(activity, End.FINISH, note)
        self.do_again_if_sent_back(activity)

    # --- moments ------------------------------------------------------------------------------------------------------

    def reach(self, activity: ActivityPlan, end: End, note: Note) -> None:
        """A start or finish is reached: give back what is held up to here, let the successors know."""
        self.day_of[note.here, end] = note.start if end is End.START else note.finish
        for give in activity.gives_at_start if end is End.START else activity.gives_at_finish:
            if give.pool in self.held and not give.exits & self.passes.sent_back:
                self.held.remove(give.pool)
                self.desk.release(self.node(note.here), give.pool, 1)
        for successor in self.network.successors[2 * activity.index + end]:
            if not successor.exits & self.passes.sent_back and not successor.enters & self.passes.begun_again:
                self.miss_one_less(successor.activity, successor.end)

    def miss_one_less(self, activity: ActivityPlan, end: End) -> None:
        """One moment less to wait for; the last one lets the activity begin or finish."""
        moment = 2 * activity.index + end
        self.missing[moment] -= 1
        if self.missing[moment]:
            return
        if end is End.START:
            if not self.done[activity.index]:
                self.ready.append((activity, None))
        elif activity.index in self.let_finish:
            self.let_finish.pop(activity.index).succeed()

    def latest(self, activity: ActivityPlan, relations: tuple[Relation, ...], lags: bool) -> tuple[int, Driver, int]:
        """The last of some moments, lags included; of those on the same day the first listed decides."""
        latest, by = -1, relations[0]
        for relation in relations:
            day = self.day_of[self.passes.of(self.plan.activities[relation.source]), relation.source_end]
            if lags and relation.lag:
                day = self.days.worked(activity, day, relation.lag)
            if day > latest:
                latest, by = day, relation
        driver = Driver.PREDECESSOR_START if by.source_end is End.START else Driver.PREDECESSOR_FINISH
        return latest, driver, self.node(self.passes.of(self.plan.activities[by.source]))

    def pass_over(self, activity: ActivityPlan, note: Note) -> None:
        """It lies behind: write it down, let the successors know, see whether it has been done again."""
        self.write(note)
        self.reach(activity, End.START, note)
        self.reach(activity, End.FINISH, note)
        self.do_again_if_sent_back(activity)

    def do_again_if_sent_back(self, activity: ActivityPlan) -> None:
        """Begin the next pass of a span when this was its last finish: nothing outside it holds it back any more."""
        loop = self.passes.count_finish(activity) if activity.loops else None
        if loop is None:
            return
        members = [self.plan.activities[m] for m in loop.members]
        day = max(self.day_of[self.passes.of(member), End.FINISH] for member in members)
        sent_back = SentBack(self.node(self.passes.of(self.plan.activities[loop.activity])), day)
        self.passes.begin_next(loop)
        for member in members:
            self.done[member.index] = False
            for moment in (2 * member.index + end for end in End):
                self.missing[moment] = sum(r.source in loop.members for r in self.network.holds[moment])
            if not self.missing[2 * member.index + End.START] and self.passes.of(member) not in self.office.facts:
                self.ready.append((member, sent_back))
        self.take_up_facts(members)

    # --- what is known on the status date ---------------------------------------------------------------------------------

    def take_up_facts(self, activities: Iterable[ActivityPlan]) -> None:
        """Take up what is known of the present passes of some activities: first the pools held, whose spans may end with others."""
        known = [(a, self.passes.of(a), self.office.facts[self.passes.of(a)]) for a in activities if self.passes.of(a) in self.office.facts]
        for activity, _, fact in known:
            self.done[activity.index] = True
            for pool in activity.takes if fact.takes else ():
                if pool not in self.held:
                    self.hold(pool)
        for activity, here, fact in known:
            note = done(here, fact.start, fact.finish, fact.work, happens=fact.happens)
            if fact.finish >= 0:
                self.pass_over(activity, note)
            else:
                self.resume(activity, note)

    def resume(self, activity: ActivityPlan, note: Note) -> None:
        """Go on with what is under way; it does not finish before the status date."""
        note.work = self.days_of_work(activity, note) if activity.kind is Kind.WORK else activity.lead
        note.finish, note.finish_driver = self.days.worked(activity, note.start, note.work), Driver.WORK
        if note.finish < self.plan.status_day:
            note.finish, note.finish_driver = self.plan.status_day, Driver.STATUS
        for pool, units in activity.uses:
            self.desk.queue.free[pool] -= units
        self.reach(activity, End.START, note)
        self.env.process(self.see_through(activity, note))

    def hold(self, pool: int) -> None:
        """Hold a unit without asking for it: it has been held since before the office entered."""
        self.held.add(pool)
        self.desk.queue.free[pool] -= 1

    def morning(self, day: int) -> simpy.Event:
        """The morning of a day to come."""
        if day > self.plan.last:
            raise self.days.past_horizon()
        return self.env.timeout(day - self.env.now)

    # --- notes --------------------------------------------------------------------------------------------------------

    def node(self, here: int) -> int:
        """Number of one of this office's passes among those of all offices."""
        return self.office.index * len(self.plan.passes) + here

    def write(self, note: Note) -> None:
        """Write a pass into the timeline."""
        at = self.future.row, self.office.index, note.here
        self.future.timeline.record[at] = note.record
        self.future.timeline.happens[at] = note.happens
