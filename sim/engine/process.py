"""The model as one reads it: a discrete-event simulation in SimPy, one process per office.

An office's process enters, and begins its activities as their predecessors let them. Each activity then runs through the same
six steps (:meth:`Establishment.carry_out`): find its day, ask for the pools, begin, work, wait for what holds back its finish,
finish. Where it has to wait it yields a SimPy event, and its office goes on with it when that has come
(:meth:`Establishment.go_on`). What all offices share is one :class:`Desk`, where requests for pools are served in one total order.

This module is the meaning of the program. :mod:`sim.engine.kernel` gives the same timeline faster and is tested against it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from functools import partial
from itertools import chain
from math import floor

import numpy as np
import simpy
from simpy.events import EventPriority

from sim.engine.days import Days
from sim.engine.network import Moment, Network
from sim.engine.note import NEVER_MADE, Note, SentBack, done, record_of
from sim.engine.redo import Passes
from sim.engine.waiting import NOBODY, Queue, Request
from sim.plan import ActivityPlan, End, Kind, OfficePlan, Plan, Relation
from sim.sampling import Draws
from sim.timeline import Driver, Timeline

AFTER_ALL_ELSE = EventPriority(2)
"""SimPy priority of the desk's round: after everything else that can happen on that day."""

START, WORK = End.START, Kind.WORK
BY_PREDECESSOR = Driver.PREDECESSOR_START, Driver.PREDECESSOR_FINISH
"""Members of enumerations that every activity meets: to look one up takes Python as long as a call."""

NOT_YET = -1
"""The day of what has not been reached."""

Steps = Generator[simpy.Event, None, None]
"""What is done one after the other, with a SimPy event at each place where it has to wait."""


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
        future = Future(network, draws, replication)
        future.run()
        future.write(timeline, replication)
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

    def __init__(self, network: Network, draws: Draws, row: int) -> None:
        self.network, self.plan = network, network.plan
        self.number = draws.first + row
        self.happens = draws.happens[row].tolist()
        self.duration = draws.duration[row].tolist()
        self.redo = draws.redo[row].tolist()
        self.risk_factor = draws.risk_factor[row].tolist()
        self.risk_delay = draws.risk_delay[row].tolist()
        self.env = simpy.Environment()
        self.desk = Desk(self.env, self.plan)
        self.offices = [Establishment(self, office) for office in self.plan.offices]

    def run(self) -> None:
        """Let all offices live their lives, and see that none is left stuck."""
        for office in self.offices:
            self.env.process(office.live())
        self.env.run()
        if self.desk.queue.waiting:
            raise self.desk.queue.dead_end(self.plan, self.number)
        assert not any(any(office.missing) for office in self.offices), "only a pool can keep an office waiting for ever"

    def write(self, timeline: Timeline, row: int) -> None:
        """Write into the timeline what became of every pass."""
        record, happens = timeline.record[row], timeline.happens[row]
        notes = [note for office in self.offices for note in office.notes]
        record[:] = np.fromiter(chain.from_iterable(map(record_of, notes)), np.int32, record.size).reshape(record.shape)
        happens[:] = np.array([note.happens for note in notes]).reshape(happens.shape)


class Establishment:
    """One office on its way through the process."""

    def __init__(self, future: Future, office: OfficePlan) -> None:
        self.future, self.office, self.plan, self.network = future, office, future.plan, future.network
        self.env, self.desk = future.env, future.desk
        self.happens, self.duration = future.happens[office.index], future.duration[office.index]
        self.passes = Passes(self.network, future.redo[office.index])
        self.notes = [NEVER_MADE] * len(self.plan.passes)
        """What is known of each pass."""
        self.held: set[int] = set()
        """Pools of which the office holds a unit over a span."""
        self.done = list(office.done)
        """Activities that lie before the point where the office entered or are facts, and are not to be begun in their present pass."""
        self.missing = self.network.waits.copy()
        """How many moments each moment still waits for."""
        self.ready: list[Steps] = []
        """Activities that can go on."""
        self.let_finish: dict[int, simpy.Event] = {}
        """Fires when nothing more holds back the finish of an activity under way."""
        self.days = Days(self.network.tables, office.id, future.number)

    def live(self) -> Steps:
        """The office's process: enter, take up what is known, and begin all that waits for nothing."""
        yield self.env.timeout(self.office.enters)
        for pool in self.office.held:
            self.hold(pool)
        self.take_up_facts(self.plan.activities)
        for activity in self.plan.activities:
            if self.office.done[activity.index]:
                self.pass_over(activity, done(self.passes.present[activity.index], self.office.start))
            elif not activity.holds_start and activity.first_pass not in self.office.facts:
                self.ready.append(self.carry_out(activity))
        self.go_on()

    def go_on(self) -> None:
        """Take what can go on up to its next wait, then what that lets begin; SimPy calls back when a wait is over."""
        while self.ready:
            steps = self.ready.pop()
            event = next(steps, None)
            if event is not None:
                event.callbacks.append(partial(self.wake, steps))

    def wake(self, steps: Steps, _: simpy.Event) -> None:
        """What an activity has waited for has come."""
        self.ready.append(steps)
        self.go_on()

    # --- one activity, step by step -----------------------------------------------------------------------------------

    def carry_out(self, activity: ActivityPlan, sent_back: SentBack | None = None) -> Steps:
        """One pass of an activity, from the moment on which its predecessors let it begin."""
        note = self.logic(activity, sent_back)
        if note.happens:
            self.find_day(activity, note)
            if activity.uses or activity.takes:
                yield from self.wait_for_pools(activity, note)
            self.settle(activity, note)
        start = self.network.starts[activity.index]
        if start.gives or start.successors:  # else nothing follows from it, and nobody need be there
            if note.start > self.env.now:
                yield self.morning(note.start)
            self.reach(start, note)
        yield from self.see_through(activity, note)

    def see_through(self, activity: ActivityPlan, note: Note) -> Steps:
        """The rest of a pass that has started."""
        if activity.holds_finish:
            yield from self.wait_for_leave_to_finish(activity, note)
        if activity.kind is not WORK and note.happens:
            self.move_to_next_date(activity, note)
        if note.finish > self.env.now:
            yield self.morning(note.finish)
        self.finish(activity, note)

    def logic(self, activity: ActivityPlan, sent_back: SentBack | None) -> Note:
        """When predecessors let it begin."""
        here = self.passes.present[activity.index]
        happens = self.happens[here]
        if sent_back:
            ready, driver, cause = sent_back.day, Driver.REDO, sent_back.by
        elif activity.holds_start:
            ready, driver, cause = self.latest(activity, activity.holds_start, lags=happens)
        else:
            ready, driver, cause = self.office.start, Driver.OFFICE_START, NOBODY
        self.notes[here] = note = Note(here, happens, ready, ready, ready, 0, driver, cause)
        return note

    def find_day(self, activity: ActivityPlan, note: Note) -> None:
        """Find the day on which dates and the calendar let it begin; on it the pools are asked for."""
        day = earliest = max(note.ready, activity.not_before, self.plan.status_day)
        if activity.kind is WORK and self.duration[note.here] > 0:
            day = self.days.working_day(activity, earliest)
        if day > note.ready:
            allowed = max(note.ready, activity.not_before)
            if earliest > allowed:
                note.start_driver = Driver.STATUS
            else:
                note.start_driver = Driver.NOT_BEFORE if allowed > note.ready else Driver.CALENDAR
        note.start = day

    def wait_for_pools(self, activity: ActivityPlan, note: Note) -> Steps:
        """Ask for the pools on the day on which it could begin, and wait until all units are granted."""
        if note.start > self.env.now:
            yield self.morning(note.start)
        units = self.needs(activity)
        if not units:
            return
        place = (self.office.priority, note.start, self.office.index, activity.index)
        request = Request(place, units, self.env.event())
        yield self.desk.request(request)
        self.held.update(activity.takes)
        today = int(self.env.now)
        if today > note.start:
            note.start_driver, note.start_cause = request.granted.value
            note.start = self.days.working_day(activity, today) if activity.kind is WORK and self.duration[note.here] > 0 else today

    def settle(self, activity: ActivityPlan, note: Note) -> None:
        """Settle how long it takes from its start on, and when it would finish."""
        if activity.kind is WORK:
            note.work = self.days_of_work(activity, note)
            if note.work and not self.duration[note.here] > 0:  # only risks make it take any time
                today, note.start = note.start, self.days.working_day(activity, note.start)
                note.start_driver = Driver.CALENDAR if note.start > today == note.ready else note.start_driver
        else:
            note.work = activity.lead
        note.finish = self.days.worked(activity, note.start, note.work)

    def days_of_work(self, activity: ActivityPlan, note: Note) -> int:
        """Whole days of work: what was drawn, with the risks in whose window it starts; a positive length is at least 1."""
        factor, delay = 1.0, 0.0
        for risk in self.network.risks[activity.index]:
            member = risk.member[self.office.index]
            if member >= 0 and risk.first <= note.start <= risk.last:
                factor *= self.future.risk_factor[member]
                delay += self.future.risk_delay[member] * (activity.week if risk.delay_in_weeks else 1)
        length = self.duration[note.here] * factor + delay
        return (floor(length + 0.5) or 1) if length > 0 else 0

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
        """It is over: give back what it used, let the successors know, see whether it is to be done again."""
        if note.happens:
            for pool, units in activity.uses:
                self.desk.release(self.node(note.here), pool, units)
        self.reach(self.network.finishes[activity.index], note)
        if activity.loops:
            self.do_again_if_sent_back(activity)

    # --- moments ------------------------------------------------------------------------------------------------------

    def reach(self, moment: Moment, note: Note) -> None:
        """A start or finish is reached: give back what is held up to here, let the successors know."""
        sent_back, begun_again = self.passes.sent_back, self.passes.begun_again
        for give in moment.gives:
            if give.pool in self.held and not give.exits & sent_back:
                self.held.remove(give.pool)
                self.desk.release(self.node(note.here), give.pool, 1)
        missing = self.missing
        for successor in moment.successors:
            if not successor.exits & sent_back and not successor.enters & begun_again:
                missing[successor.moment] -= 1
                if not missing[successor.moment]:
                    self.let_go(successor.activity, successor.end)

    def let_go(self, activity: ActivityPlan, end: End) -> None:
        """Nothing holds back a start or finish any more."""
        if end is START:
            if not self.done[activity.index]:
                self.ready.append(self.carry_out(activity))
        elif activity.index in self.let_finish:
            self.let_finish.pop(activity.index).succeed()

    def latest(self, activity: ActivityPlan, relations: tuple[Relation, ...], lags: bool) -> tuple[int, Driver, int]:
        """The last of some moments, lags included; of those on the same day the first listed decides."""
        latest, by, present = NOT_YET, relations[0], self.passes.present
        for relation in relations:
            source = self.notes[present[relation.source]]
            day = source.start if relation.source_end is START else source.finish
            if relation.lag and lags:
                day = self.days.worked(activity, day, relation.lag)
            if day > latest:
                latest, by = day, relation
        return latest, BY_PREDECESSOR[by.source_end], self.node(present[by.source])

    def pass_over(self, activity: ActivityPlan, note: Note) -> None:
        """It lies behind: let the successors know, see whether it has been done again."""
        self.notes[note.here] = note
        self.reach(self.network.starts[activity.index], note)
        self.reach(self.network.finishes[activity.index], note)
        if activity.loops:
            self.do_again_if_sent_back(activity)

    def do_again_if_sent_back(self, activity: ActivityPlan) -> None:
        """Begin the next pass of a span when this was its last finish: nothing outside it holds it back any more."""
        loop = self.passes.count_finish(activity)
        if loop is None:
            return
        present = self.passes.present
        day = max(self.notes[present[member]].finish for member in loop.members)
        sent_back = SentBack(self.node(present[loop.activity]), day)
        self.passes.begin_next(loop)
        members = [self.plan.activities[m] for m in loop.members]
        for member in members:
            self.done[member.index] = False
            for moment in (2 * member.index + end for end in End):
                self.missing[moment] = sum(r.source in loop.members for r in self.network.holds[moment])
            if not self.missing[2 * member.index + End.START] and present[member.index] not in self.office.facts:
                self.ready.append(self.carry_out(member, sent_back))
        self.take_up_facts(members)

    # --- what is known on the status date ---------------------------------------------------------------------------------

    def take_up_facts(self, activities: Iterable[ActivityPlan]) -> None:
        """Take up what is known of the present passes of some activities: first the pools held, whose spans may end with others."""
        facts, present = self.office.facts, self.passes.present
        if not facts:
            return
        known = [(a, present[a.index], facts[present[a.index]]) for a in activities if present[a.index] in facts]
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
        self.notes[note.here] = note
        note.work = self.days_of_work(activity, note) if activity.kind is WORK else activity.lead
        note.finish, note.finish_driver = self.days.worked(activity, note.start, note.work), Driver.WORK
        if note.finish < self.plan.status_day:
            note.finish, note.finish_driver = self.plan.status_day, Driver.STATUS
        for pool, units in activity.uses:
            self.desk.queue.free[pool] -= units
        self.reach(self.network.starts[activity.index], note)
        self.ready.append(self.see_through(activity, note))

    def hold(self, pool: int) -> None:
        """Hold a unit without asking for it: it has been held since before the office entered."""
        self.held.add(pool)
        self.desk.queue.free[pool] -= 1

    def morning(self, day: int) -> simpy.Event:
        """The morning of a day to come."""
        if day > self.plan.last:
            raise self.days.past_horizon()
        return self.env.timeout(day - self.env.now)

    def node(self, here: int) -> int:
        """Number of one of this office's passes among those of all offices."""
        return self.office.index * len(self.plan.passes) + here
