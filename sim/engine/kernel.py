"""The compiled twin of :mod:`sim.engine.process`: the same timeline, hundreds of times faster.

The idea is *look-ahead*. Only requests and releases of pools need the order of time. All between two of them is settled
as soon as it is known, long before its day comes: finishes are looked up in tables of days, successors follow at once.
What is left for the clock is a list of events for each day: releases, capacity changes, requests. A day is dealt with in
rounds, just as in SimPy: first all that becomes free, then one walk through the queue; what a grant sets off on the same
day makes the next round.

The steps of an activity are here, and bear the names that they have in the readable engine; the queue is in
:mod:`sim.engine.desk`, what one future is made of in :mod:`sim.engine.state`.
"""

from __future__ import annotations

import numpy as np

from sim.compiled import inlined, jit_plain
from sim.engine.desk import add_event, ask, take_events, walk
from sim.engine.pack import Act, LoopColumn, Moment, Off, Packed, RiskColumn, pack
from sim.engine.state import (
    BEGIN,
    CHANGE,
    ENTER,
    FINISHED,
    NONE,
    RELEASE_HELD,
    RELEASE_USES,
    SETTLE,
    STARTED,
    WAIT,
    Count,
    Doing,
    Input,
    Looping,
    Owned,
    State,
    current_pass,
    make_state,
    push,
)
from sim.plan import End, Kind, Plan
from sim.sampling import Draws
from sim.timeline import Driver, Field, Int, Timeline

WORK, MEETING = int(Kind.WORK), int(Kind.MEETING)
FROM_START = int(End.START)
BY_CALENDAR = int(Driver.CALENDAR)
BY_DONE = int(Driver.DONE)
BY_MEETING = int(Driver.MEETING)
BY_NOT_BEFORE = int(Driver.NOT_BEFORE)
BY_OFFICE_START = int(Driver.OFFICE_START)
BY_OPENING_DAY = int(Driver.OPENING_DAY)
BY_PREDECESSOR_FINISH = int(Driver.PREDECESSOR_FINISH)
BY_PREDECESSOR_START = int(Driver.PREDECESSOR_START)
BY_REDO = int(Driver.REDO)
BY_WORK = int(Driver.WORK)


def simulate(plan: Plan, draws: Draws, packed: Packed | None = None, into: Timeline | None = None) -> Timeline:
    """Run every replication of a block; equal to :func:`sim.engine.process.simulate` in every value.

    Parameters
    ----------
    plan, draws
        The compiled scenario and all its randomness; nothing is drawn here.
    packed
        The plan as :func:`sim.engine.pack.pack` lays it out, when it is at hand.
    into
        A timeline of the right shape to be written over.

    Returns
    -------
    Timeline

    Raises
    ------
    DeadEndError
        When a future cannot go on; the readable engine runs that one again to say why.
    """
    packed = pack(plan) if packed is None else packed
    timeline = into or Timeline.empty(draws.replications, len(plan.offices), len(plan.passes))
    given = Input(draws.happens, draws.duration, draws.redo, draws.risk_factor, draws.risk_delay)
    failed = run_block(packed, given, timeline.record, timeline.happens, make_state(plan, packed))
    if failed >= 0:
        from sim.engine import process

        process.simulate(plan, draws.take(np.array([failed])))
        raise AssertionError(f"replication {draws.first + failed} stops in the compiled engine but not in the readable one")
    return timeline


# --- days -------------------------------------------------------------------------------------------------------------------


@inlined
def working_day(p: Packed, s: State, calendar: int, day: int) -> int:
    """First working day from a day on."""
    found = NONE
    if day < p.days.shape[1] - 1:
        found = p.days[p.calendars + calendar, p.days[calendar, day]]
    if found == NONE:
        s.count[Count.ERROR] = 1
        found = 0
    return found


@inlined
def worked(p: Packed, s: State, calendar: int, start: int, days: int) -> int:
    """Morning after the last of some days of work."""
    if days == 0:
        return start
    found = NONE
    if start < p.days.shape[1] - 1:
        i = np.int64(p.days[calendar, start]) + days - 1
        if i < p.days.shape[1]:
            found = p.days[p.calendars + calendar, i]
    if found == NONE:
        s.count[Count.ERROR] = 1
        found = 0
    return found + 1


@inlined
def latest(p: Packed, s: State, future: Int, office: int, moment: int, lags: bool) -> tuple[int, int, int]:
    """The last of the moments that a moment waits for: day, driver, cause; of those on the same day the first listed."""
    day, driver, cause = NONE, 0, NONE
    for i in range(p.moment[moment, Moment.RELATIONS], p.moment[moment, Moment.RELATIONS_END]):
        source = current_pass(p, s, office, p.item[i, 0])
        from_start = p.item[i, 1] == FROM_START
        at = future[office, source, Field.START if from_start else Field.FINISH]
        if lags and p.item[i, 2] > 0:
            at = worked(p, s, p.act[moment >> 1, Act.CALENDAR], at, p.item[i, 2])
        if at > day:
            day, cause = at, office * future.shape[1] + source
            driver = BY_PREDECESSOR_START if from_start else BY_PREDECESSOR_FINISH
    return day, driver, cause


# --- one activity, step by step ---------------------------------------------------------------------------------------------


@inlined
def logic(p: Packed, s: State, future: Int, office: int, a: int, here: int, happens: bool) -> int:
    """When predecessors let it begin; written into its record, and returned."""
    cause = s.act[office, a, Doing.SENT_BACK_BY]
    if cause != NONE:
        ready, driver = s.act[office, a, Doing.SENT_BACK_DAY], BY_REDO
        s.act[office, a, Doing.SENT_BACK_BY] = NONE
    elif p.moment[2 * a, Moment.WAITS] > 0:
        ready, driver, cause = latest(p, s, future, office, 2 * a, happens)
    else:
        ready, driver = p.office[office, Off.START], BY_OFFICE_START
    note = future[office, here]
    note[Field.START] = note[Field.FINISH] = note[Field.READY] = ready
    note[Field.WORK] = 0
    note[Field.START_DRIVER], note[Field.START_CAUSE] = driver, cause
    return ready


@inlined
def begin(p: Packed, s: State, given: Input, future: Int, r: int, office: int, a: int, here: int) -> int:
    """From the day on which logic lets it begin: wait for dates, calendar and pools; returns the next step."""
    happens = given.happens[r, office, here]
    ready = logic(p, s, future, office, a, here, happens)
    if not happens:
        return STARTED
    allowed = max(ready, p.act[a, Act.NOT_BEFORE])
    request_day = allowed
    if p.act[a, Act.KIND] == WORK and given.duration[r, office, here] > 0:
        request_day = working_day(p, s, p.act[a, Act.CALENDAR], allowed)
    if allowed > ready:
        future[office, here, Field.START_DRIVER] = BY_NOT_BEFORE
    elif request_day > allowed:
        future[office, here, Field.START_DRIVER] = BY_CALENDAR
    future[office, here, Field.START] = request_day
    return ask(p, s, office, a, request_day)


@inlined
def settle(p: Packed, s: State, given: Input, future: Int, r: int, office: int, a: int, here: int, today: int) -> None:
    """Start and finish of work that may begin today."""
    calendar = p.act[a, Act.CALENDAR]
    start, days = today, p.act[a, Act.LEAD]
    if p.act[a, Act.KIND] == WORK:
        if given.duration[r, office, here] > 0:
            start = working_day(p, s, calendar, today)
        days = days_of_work(p, given, r, office, a, here, start)
        if days > 0:
            start = working_day(p, s, calendar, start)
    note = future[office, here]
    note[Field.START], note[Field.WORK] = start, days
    note[Field.FINISH] = worked(p, s, calendar, start, days)


@inlined
def days_of_work(p: Packed, given: Input, r: int, office: int, a: int, here: int, start: int) -> int:
    """Whole days of work: what was drawn, with the risks in whose window it starts; a positive length is at least 1."""
    factor, delay = 1.0, 0.0
    for i in range(p.act[a, Act.RISKS], p.act[a, Act.RISKS_END]):
        risk = p.item[i, 0]
        member = p.risk_member[risk, office]
        if member >= 0 and p.risk[risk, RiskColumn.FIRST] <= start <= p.risk[risk, RiskColumn.LAST]:
            factor *= given.risk_factor[r, member]
            delay += given.risk_delay[r, member] * (p.act[a, Act.WEEK] if p.risk[risk, RiskColumn.WEEKS] else 1)
    length = np.float64(given.duration[r, office, here]) * factor + delay
    return max(int(np.floor(length + 0.5)), 1) if length > 0 else 0


@inlined
def finish(p: Packed, s: State, future: Int, office: int, a: int, here: int, happens: bool) -> None:
    """What holds back the finish (FF, SF), then the next date of a meeting or opening; then it gives back what it uses."""
    note = future[office, here]
    day, driver, cause = note[Field.FINISH], BY_WORK, NONE
    if p.moment[2 * a + 1, Moment.WAITS] > 0:
        held_until, by, source = latest(p, s, future, office, 2 * a + 1, happens)
        if held_until > day:
            day, driver, cause = held_until, by, source
    kind = p.act[a, Act.KIND]
    if happens and kind != WORK:
        date = p.days[2 * p.calendars + p.act[a, Act.SERIES], day] if day < p.days.shape[1] else NONE
        if date == NONE:
            s.count[Count.ERROR] = 1
        elif date > day:
            day, driver, cause = date, (BY_MEETING if kind == MEETING else BY_OPENING_DAY), NONE
    note[Field.FINISH], note[Field.FINISH_DRIVER], note[Field.FINISH_CAUSE] = day, driver, cause
    if happens and p.act[a, Act.USES] < p.act[a, Act.USES_END]:
        add_event(s, day, RELEASE_USES, office * future.shape[1] + here, a)


@inlined
def reach(p: Packed, s: State, office: int, moment: int, day: int, node: int) -> None:
    """A start or finish is known: give back what is held up to here, let the successors know."""
    for i in range(p.moment[moment, Moment.GIVES], p.moment[moment, Moment.GIVES_END]):
        bit = 1 << p.item[i, 0]
        if s.office[office, Owned.HELD] & bit and not p.item[i, 1] & s.office[office, Owned.SENT_BACK]:
            s.office[office, Owned.HELD] &= ~bit
            add_event(s, day, RELEASE_HELD, node, p.item[i, 0])
    for i in range(p.moment[moment, Moment.SUCCESSORS], p.moment[moment, Moment.SUCCESSORS_END]):
        if p.item[i, 1] & s.office[office, Owned.SENT_BACK]:
            continue
        waiting = p.item[i, 0]
        s.missing[office, waiting] -= 1
        if s.missing[office, waiting] == 0:
            activity = waiting >> 1
            if waiting & 1 == FROM_START:
                if not s.act[office, activity, Doing.DONE]:
                    push(s, office, activity, BEGIN)
            elif s.act[office, activity, Doing.UNDER_WAY]:
                push(s, office, activity, FINISHED)


# --- redo -------------------------------------------------------------------------------------------------------------------


@inlined
def look_ahead(p: Packed, s: State, given: Input, r: int, office: int, loop: int) -> None:
    """Whether the present pass of a loop is the last; its draw tells."""
    bit = 1 << loop
    again = given.redo[r, office, current_pass(p, s, office, p.loop[loop, LoopColumn.ACTIVITY])]
    bits = s.office[office, Owned.SENT_BACK]
    s.office[office, Owned.SENT_BACK] = bits | bit if again else bits & ~bit


@inlined
def count_finish(p: Packed, s: State, given: Input, future: Int, r: int, office: int, a: int) -> None:
    """Count a finish in the loops around the activity, inner ones first; when a whole span has finished it may be done again."""
    around = p.act[a, Act.LOOPS]
    if around == 0:
        return
    again = s.office[office, Owned.SENT_BACK]
    for i in range(p.loop.shape[0]):
        loop = p.loop[i, LoopColumn.INNER_FIRST]
        if around >> loop & 1 and not again & p.loop[loop, LoopColumn.INSIDE] & around:
            s.loop[office, loop, Looping.UNFINISHED] -= 1
            if s.loop[office, loop, Looping.UNFINISHED] == 0 and again >> loop & 1:
                do_again(p, s, given, future, r, office, loop)


@jit_plain
def do_again(p: Packed, s: State, given: Input, future: Int, r: int, office: int, loop: int) -> None:
    """Begin the next pass of a span: nothing outside it holds it back any more."""
    node = office * future.shape[1] + current_pass(p, s, office, p.loop[loop, LoopColumn.ACTIVITY])
    first, end = p.loop[loop, LoopColumn.MEMBERS], p.loop[loop, LoopColumn.MEMBERS_END]
    day = NONE
    for i in range(first, end):
        day = max(day, future[office, current_pass(p, s, office, p.item[i, 0]), Field.FINISH])
    s.loop[office, loop, Looping.PASS] += 1
    for other in range(p.loop.shape[0]):
        if p.loop[loop, LoopColumn.INSIDE] >> other & 1:
            s.loop[office, other, Looping.PASS] = 0
    for other in range(p.loop.shape[0]):
        if other == loop or p.loop[loop, LoopColumn.INSIDE] >> other & 1:
            s.loop[office, other, Looping.UNFINISHED] = p.loop[other, LoopColumn.MEMBERS_END] - p.loop[other, LoopColumn.MEMBERS]
            look_ahead(p, s, given, r, office, other)
    for i in range(first, end):
        a = p.item[i, 0]
        s.act[office, a, Doing.DONE] = 0
        for moment in range(2 * a, 2 * a + 2):
            s.missing[office, moment] = p.inner_waits[loop, moment]
        if s.missing[office, 2 * a] == 0:
            s.act[office, a, Doing.SENT_BACK_BY], s.act[office, a, Doing.SENT_BACK_DAY] = node, day
            push(s, office, a, BEGIN)


# --- one future -------------------------------------------------------------------------------------------------------------


@inlined
def work_off(p: Packed, s: State, given: Input, future: Int, r: int, today: int) -> None:
    """Settle everything on the stack, and what follows from it, as far as it needs no pool."""
    while s.count[Count.HEIGHT] > 0 and s.count[Count.ERROR] == 0:
        s.count[Count.HEIGHT] -= 1
        entry = s.stack[s.count[Count.HEIGHT]]
        office, a, step = entry >> 16, (entry >> 3) & 0x1FFF, entry & 7
        here = current_pass(p, s, office, a)
        node = office * future.shape[1] + here
        day = today
        if step == BEGIN:
            step = begin(p, s, given, future, r, office, a, here)
            day = future[office, here, Field.START]
        if step == SETTLE:
            settle(p, s, given, future, r, office, a, here, day)
            step = STARTED
        if step == STARTED:
            reach(p, s, office, 2 * a, future[office, here, Field.START], node)
            step = FINISHED if s.missing[office, 2 * a + 1] == 0 else WAIT
            s.act[office, a, Doing.UNDER_WAY] = step == WAIT
        if step == FINISHED:
            s.act[office, a, Doing.UNDER_WAY] = 0
            finish(p, s, future, office, a, here, given.happens[r, office, here])
            reach(p, s, office, 2 * a + 1, future[office, here, Field.FINISH], node)
            count_finish(p, s, given, future, r, office, a)


@inlined
def enter(p: Packed, s: State, given: Input, future: Int, r: int, office: int) -> None:
    """An office enters on its first day: what lies before is done, what waits for nothing begins."""
    for loop in range(p.loop.shape[0]):
        s.loop[office, loop, Looping.UNFINISHED] = p.loop[loop, LoopColumn.MEMBERS_END] - p.loop[loop, LoopColumn.MEMBERS]
        look_ahead(p, s, given, r, office, loop)
    day = p.office[office, Off.START]
    if p.office[office, Off.HELD]:
        add_event(s, day, ENTER, office, 0)
    for a in range(p.act.shape[0]):
        if p.office_done[office, a]:
            here = current_pass(p, s, office, a)
            note = future[office, here]
            note[Field.START] = note[Field.FINISH] = note[Field.READY] = day
            note[Field.WORK], note[Field.START_CAUSE], note[Field.FINISH_CAUSE] = 0, NONE, NONE
            note[Field.START_DRIVER] = note[Field.FINISH_DRIVER] = BY_DONE
            for moment in range(2 * a, 2 * a + 2):
                reach(p, s, office, moment, day, office * future.shape[1] + here)
            count_finish(p, s, given, future, r, office, a)
    for a in range(p.act.shape[0]):
        if p.moment[2 * a, Moment.WAITS] == 0 and not s.act[office, a, Doing.DONE]:
            push(s, office, a, BEGIN)


@inlined
def reset(p: Packed, s: State, future: Int) -> None:
    """Make the state ready for a new future."""
    for office in range(s.act.shape[0]):
        for moment in range(p.moment.shape[0]):
            s.missing[office, moment] = p.moment[moment, Moment.WAITS]
        for a in range(p.act.shape[0]):
            s.act[office, a, Doing.DONE] = p.office_done[office, a]
        s.office[office, Owned.HELD] = p.office[office, Off.HELD]
        s.office[office, Owned.SENT_BACK] = 0
        for loop in range(p.loop.shape[0]):
            s.loop[office, loop, Looping.PASS] = 0
        for i in range(p.later_pass.size):
            note = future[office, p.later_pass[i]]
            note[:] = NONE
            note[Field.WORK] = note[Field.START_DRIVER] = note[Field.FINISH_DRIVER] = 0
    s.count[:] = 0
    for pool in range(p.capacity.size):
        s.pool[pool, Owned.FREE] = s.pool[pool, Owned.CAPACITY] = p.capacity[pool]
    for i in range(p.change.shape[0]):
        add_event(s, p.change[i, 0], CHANGE, i, p.change[i, 1])


@inlined
def run_future(p: Packed, s: State, given: Input, future: Int, r: int) -> bool:
    """One replication; False when it comes to a dead end."""
    reset(p, s, future)
    for office in range(s.act.shape[0]):
        enter(p, s, given, future, r, office)
    day = 0
    work_off(p, s, given, future, r, day)
    while s.count[Count.LEFT] > 0 and s.count[Count.ERROR] == 0:
        while s.first_event[day] == NONE:
            day += 1
        take_events(p, s, day)
        walk(p, s, future, day)
        work_off(p, s, given, future, r, day)
    for office in range(s.act.shape[0]):
        for moment in range(p.moment.shape[0]):
            if s.missing[office, moment] > 0:
                return False
    waiting = 0
    for line in range(p.line.shape[0]):
        waiting += s.line[line, 0]
    return s.count[Count.ERROR] == 0 and waiting == 0


@jit_plain
def run_block(p: Packed, given: Input, record: Int, happens: np.ndarray, s: State) -> int:
    """Every replication of a block; the first that comes to a dead end, or -1."""
    for r in range(record.shape[0]):
        if not run_future(p, s, given, record[r], r):
            return r
        for office in range(record.shape[1]):
            for here in range(record.shape[2]):
                happens[r, office, here] = given.happens[r, office, here] and record[r, office, here, Field.START] != NONE
    return NONE
