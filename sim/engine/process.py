"""The model as one reads it: a discrete-event simulation in SimPy, one process per office.

An office enters, and begins its activities as their predecessors let them. Each activity then runs through the same six steps
(:meth:`Establishment.carry_out`): find its day, ask for the pools, begin, work, wait for what holds back its finish, finish.
Where it waits for a SimPy event, its office goes on with it when that has come (:meth:`Establishment.go_on`). What all offices
share is one :class:`Desk`, where requests for pools are served in one total order.

This module is the meaning of the program. :mod:`sim.engine.kernel` gives the same timeline faster and is tested against it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from math import floor

import simpy
from simpy.events import EventPriority

from sim.engine.chance import Chance
from sim.engine.days import Days
from sim.engine.network import Moment, Network
from sim.engine.note import NEVER_MADE, Note, SentBack, done, write
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
        write(Future(network, Chance(draws, replication)).run(), timeline, replication)
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

    def __init__(self, network: Network, chance: Chance) -> None:
        self.network, self.plan, self.chance = network, network.plan, chance
        self.env = simpy.Environment()
        self.desk = Desk(self.env, self.plan)

    def run(self) -> list[Note]:
        """Let all offices live their lives, and see that none is left stuck; what became of each pass of each office."""
        offices = [Establishment(self, office) for office in self.plan.offices]
        for office in offices:
            self.env.process(office.live())
        self.env.run()
        if self.desk.queue.waiting:
            raise self.desk.queue.dead_end(self.plan, self.chance.replication)
        assert not any(any(office.missing) for office in offices), "only a pool can keep an office waiting for ever"
        return [note for office in offices for note in office.notes]


class Establishment:
    """One office on its way through the process."""

    def __init__(self, future: Future, office: OfficePlan) -> None:
        self.office, self.plan, self.network = office, future.plan, future.network
        self.env, self.desk, self.chance = future.env, future.desk, future.chance
        self.happens, self.duration = self.chance.happens[office.index], self.chance.duration[office.index]
        self.first_node = office.index * len(self.plan.passes)  # of its passes, among those of all offices
        self.passes = Passes(self.network, self.chance.again[office.index])
        self.notes = [NEVER_MADE] * len(self.plan.passes)
        """What is known of each pass."""
        self.held: set[int] = set()
        """Pools of which the office holds a unit over a span."""
        self.done = list(office.done)
        """Activities that lie before the point where the office entered or are facts, and are not to be begun in their present pass."""
        self.missing = self.network.waits.copy()
        """How many moments each moment still waits for."""
        self.ready: list[tuple[ActivityPlan, SentBack | None]] = []
        """Activities that nothing holds back any more, each with what sent the office back to it."""
        self.let_finish: dict[int, simpy.Event] = {}
        """Fires when nothing more holds back the finish of an activity under way."""
        self.days = Days(self.network.tables, office.id, self.chance.replication)

    def live(self) -> Steps:
        """The office's process: enter, take up what is known, and begin all that waits for nothing."""
        yield self.env.timeout(self.office.enters)
        for pool in self.office.held:
            self.hold(pool)
        self.take_up_facts(self.network.process if self.office.facts else ())
        for activity in self.plan.activities:
            if self.office.done[activity.index]:
                self.pass_over(activity, done(self.passes.present[activity.index], self.office.start))
            elif not activity.holds_start and activity.first_pass not in self.office.facts:
                self.ready.append((activity, None))
        self.begin_what_is_ready()

    def begin_what_is_ready(self) -> None:
        """Begin what nothing holds back any more; what does not happen passes on at once."""
        while self.ready:
            activity, sent_back = self.ready.pop()
            note = self.logic(activity, sent_back)
            if note.happens or activity.holds_finish:
                self.go_on(self.carry_out(activity, note))
            else:
                self.pass_over(activity, note)

    def go_on(self, steps: Steps) -> None:
        """Take an activity up to its next wait; when that is over, SimPy calls back."""
        if (event := next(steps, None)) is not None:
            event.callbacks.append(lambda _: self.wake(steps))

    def wake(self, steps: Steps) -> None:
        """What an activity has waited for has come: it goes on, and so does what that lets begin."""
        self.go_on(steps)
        self.begin_what_is_ready()

    # --- one activity, step by step -----------------------------------------------------------------------------------

    def carry_out(self, activity: ActivityPlan, note: Note) -> Steps:
        """One pass of an activity, from the moment on which its predecessors let it begin."""
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
        for pool, units in activity.uses if note.happens else ():
            self.desk.release(self.first_node + note.here, pool, units)
        self.finish(activity, note)

    def logic(self, activity: ActivityPlan, sent_back: SentBack | None) -> Note:
        """When predecessors let it begin."""
        here = self.passes.present[activity.index]
        happens = self.happens[here]
        if sent_back:
            ready, driver, cause = sent_back.day, Driver.REDO, sent_back.by
        elif relations := self.network.waits_for[here][START]:
            ready, driver, cause = self.latest(activity, relations, lags=happens)
        else:
            ready, driver, cause = self.office.start, Driver.OFFICE_START, NOBODY
        self.notes[here] = note = Note(here, happens, ready, ready, ready, 0, driver, cause)
        return note

    def find_day(self, activity: ActivityPlan, note: Note) -> None:
        """Find the day on which dates and the calendar let it begin; on it the pools are asked for."""
        earliest = max(note.ready, activity.not_before, self.plan.status_day)
        note.start = self.may_start(activity, note, earliest)
        if note.start > note.ready:
            allowed = max(note.ready, activity.not_before)
            by_date = Driver.NOT_BEFORE if allowed > note.ready else Driver.CALENDAR
            note.start_driver = Driver.STATUS if earliest > allowed else by_date

    def may_start(self, activity: ActivityPlan, note: Note, day: int) -> int:
        """The first day from a day on on which it may start: a working day, unless it is a meeting or takes no time."""
        return self.days.working_day(activity, day) if activity.kind is WORK and self.duration[note.here] > 0 else day

    def wait_for_pools(self, activity: ActivityPlan, note: Note) -> Steps:
        """Ask for the pools on the day on which it could begin, and wait until all units are granted."""
        if note.start > self.env.now:
            yield self.morning(note.start)
        if not (units := self.needs(activity)):
            return
        request = Request((self.office.priority, note.start, self.office.index, activity.index), units, self.env.event())
        yield self.desk.request(request)
        self.held.update(activity.takes)
        if (today := int(self.env.now)) > note.start:
            note.start_driver, note.start_cause = request.granted.value
            note.start = self.may_start(activity, note, today)

    def settle(self, activity: ActivityPlan, note: Note) -> None:
        """Settle how long it takes from its start on, and when it would finish."""
        note.work = self.days_of_work(activity, note) if activity.kind is WORK else activity.lead
        if note.work and activity.kind is WORK and not self.duration[note.here] > 0:  # only risks make it take any time
            today, note.start = note.start, self.days.working_day(activity, note.start)
            note.start_driver = Driver.CALENDAR if note.start > today == note.ready else note.start_driver
        note.finish = self.days.worked(activity, note.start, note.work)

    def days_of_work(self, activity: ActivityPlan, note: Note) -> int:
        """Whole days of work: what was drawn, with the risks in whose window it starts; a positive length is at least 1."""
        factor, delay, office, struck = 1.0, 0.0, self.office.index, self.chance.struck
        for risk in self.network.risks[activity.index]:
            member = risk.member[office]
            if member in struck and risk.first <= note.start <= risk.last:
                factor *= self.chance.risk_factor[member]
                delay += self.chance.risk_delay[member] * (activity.week if risk.delay_in_weeks else 1)
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
            yield self.let_finish.setdefault(activity.index, self.env.event())
        if relations := self.network.waits_for[note.here][End.FINISH]:
            day, driver, cause = self.latest(activity, relations, lags=note.happens)
            if day > note.finish:
                note.finish, note.finish_driver, note.finish_cause = day, driver, cause

    def move_to_next_date(self, activity: ActivityPlan, note: Note) -> None:
        """Finish on the next date of a meeting or opening."""
        day = self.days.next_date(activity, note.finish)
        if day > note.finish:
            note.finish, note.finish_cause = day, NOBODY
            note.finish_driver = Driver.MEETING if activity.kind is Kind.MEETING else Driver.OPENING_DAY

    def finish(self, activity: ActivityPlan, note: Note) -> None:
        """It is over: let the successors know, see whether it is to be done again."""
        self.reach(self.network.finishes[activity.index], note)
        if activity.loops & self.passes.sent_back:
            self.do_again_if_this_was_last(activity)

    # --- starts and finishes ------------------------------------------------------------------------------------------------------

    def reach(self, moment: Moment, note: Note) -> None:
        """A start or finish is reached: give back what is held up to here, let the successors know."""
        sent_back, begun_again = self.passes.sent_back, self.passes.begun_again
        for give in moment.gives:
            if give.pool in self.held and not give.exits & sent_back:
                self.held.remove(give.pool)
                self.desk.release(self.first_node + note.here, give.pool, 1)
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
                self.ready.append((activity, None))
        elif activity.index in self.let_finish:
            self.let_finish.pop(activity.index).succeed()

    def latest(self, activity: ActivityPlan, relations: tuple[Relation, ...], lags: bool) -> tuple[int, Driver, int]:
        """The last of some moments, lags included; of those on the same day the first listed decides."""
        latest, by, notes, present = -1, relations[0], self.notes, self.passes.present
        for relation in relations:
            source = notes[present[relation.source]]
            day = source.start if relation.source_end is START else source.finish
            if relation.lag and lags:
                day = self.days.worked(activity, day, relation.lag)
            if day > latest:
                latest, by = day, relation
        return latest, BY_PREDECESSOR[by.source_end], self.first_node + present[by.source]

    def pass_over(self, activity: ActivityPlan, note: Note) -> None:
        """It does not happen or lies behind: start and finish it at once."""
        self.notes[note.here] = note
        self.reach(self.network.starts[activity.index], note)
        self.finish(activity, note)

    def do_again_if_this_was_last(self, activity: ActivityPlan) -> None:
        """Begin the next pass of a span when this was its last finish: nothing outside it holds it back any more."""
        if not (loop := self.passes.count_finish(activity)):
            return
        present = self.passes.present
        sent_back = SentBack(self.first_node + present[loop.activity], max(self.notes[present[m]].finish for m in loop.members))
        self.passes.begin_next(loop)
        members = self.network.members[loop.index]
        for member in members:
            self.done[member.index] = False
            for end, relations in enumerate(self.network.waits_for[present[member.index]]):
                self.missing[2 * member.index + end] = len(relations)
            if not self.missing[2 * member.index + End.START] and present[member.index] not in self.office.facts:
                self.ready.append((member, sent_back))
        self.take_up_facts(members)

    # --- what is known on the status date ---------------------------------------------------------------------------------

    def take_up_facts(self, activities: Iterable[ActivityPlan]) -> None:
        """Take up what is known of the present passes of activities in the order of the process: first the pools they hold, then each."""
        facts, present = self.office.facts, self.passes.present
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
                self.go_on(self.resume(activity, note))

    def resume(self, activity: ActivityPlan, note: Note) -> Steps:
        """Go on with what is under way; it does not finish before the status date."""
        self.notes[note.here] = note
        note.work = self.days_of_work(activity, note) if activity.kind is WORK else activity.lead
        note.finish, note.finish_driver = self.days.worked(activity, note.start, note.work), Driver.WORK
        if note.finish < self.plan.status_day:
            note.finish, note.finish_driver = self.plan.status_day, Driver.STATUS
        for pool, units in activity.uses:
            self.desk.queue.free[pool] -= units
        self.reach(self.network.starts[activity.index], note)
        yield self.env.timeout(0)  # all that is known is taken up first
        yield from self.see_through(activity, note)

    def hold(self, pool: int) -> None:
        """Hold a unit without asking for it: it has been held since before the office entered."""
        self.held.add(pool)
        self.desk.queue.free[pool] -= 1

    def morning(self, day: int) -> simpy.Event:
        """The morning of a day to come."""
        if day > self.plan.last:
            raise self.days.past_horizon()
        return self.env.timeout(day - self.env.now)
