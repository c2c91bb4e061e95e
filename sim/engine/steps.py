"""The steps of one activity in the compiled engine: they bear the names that they have in :mod:`sim.engine.process`."""

from __future__ import annotations

import numpy as np

from sim.compiled import inlined, jit_plain, merged
from sim.engine.desk import add_event, ask
from sim.engine.pack import (
    ACT_CALENDAR,
    ACT_KIND,
    ACT_LEAD,
    ACT_LOOPS,
    ACT_NOT_BEFORE,
    ACT_RISKS,
    ACT_RISKS_END,
    ACT_SERIES,
    ACT_TAKES,
    ACT_USES,
    ACT_USES_END,
    ACT_WEEK,
    FACT_FINISH,
    FACT_HAPPENS,
    FACT_START,
    FACT_WORK,
    LOOP_ACTIVITY,
    LOOP_INNER_FIRST,
    LOOP_INSIDE,
    LOOP_MEMBERS,
    LOOP_MEMBERS_END,
    MOMENT_GIVES,
    MOMENT_GIVES_END,
    MOMENT_RELATIONS,
    MOMENT_RELATIONS_END,
    MOMENT_SUCCESSORS,
    MOMENT_SUCCESSORS_END,
    MOMENT_WAITS,
    OFFICE_FACTS,
    OFFICE_START,
    RISK_FIRST,
    RISK_LAST,
    RISK_WEEKS,
    Packed,
)
from sim.engine.state import (
    BACK_BY,
    BACK_DAY,
    BEGIN,
    COUNT_ERROR,
    COUNT_FACTS,
    DOING_DONE,
    DOING_PASS,
    DOING_UNDER_WAY,
    FACT,
    FINISHED,
    LOOPING_PASS,
    LOOPING_UNFINISHED,
    NONE,
    OWNED_BEGUN_AGAIN,
    OWNED_FREE,
    OWNED_HELD,
    OWNED_SENT_BACK,
    RELEASE_HELD,
    RELEASE_USES,
    STARTED,
    WAIT,
    Input,
    State,
    find_pass,
    push,
    whole,
)
from sim.plan import End, Kind
from sim.timeline import Driver, Field, Int

WORK, MEETING = int(Kind.WORK), int(Kind.MEETING)
FROM_START = int(End.START)
F_FINISH = int(Field.FINISH)
F_FINISH_CAUSE = int(Field.FINISH_CAUSE)
F_FINISH_DRIVER = int(Field.FINISH_DRIVER)
F_READY = int(Field.READY)
F_START = int(Field.START)
F_START_CAUSE = int(Field.START_CAUSE)
F_START_DRIVER = int(Field.START_DRIVER)
F_WORK = int(Field.WORK)
BY_CALENDAR = int(Driver.CALENDAR)
BY_DONE = int(Driver.DONE)
BY_MEETING = int(Driver.MEETING)
BY_NOT_BEFORE = int(Driver.NOT_BEFORE)
BY_OFFICE_START = int(Driver.OFFICE_START)
BY_OPENING_DAY = int(Driver.OPENING_DAY)
BY_PREDECESSOR_FINISH = int(Driver.PREDECESSOR_FINISH)
BY_PREDECESSOR_START = int(Driver.PREDECESSOR_START)
BY_REDO = int(Driver.REDO)
BY_STATUS = int(Driver.STATUS)
BY_WORK = int(Driver.WORK)


# --- days -------------------------------------------------------------------------------------------------------------------


@inlined
def working_day(p: Packed, s: State, calendar: int, day: int) -> int:
    """First working day from a day on."""
    found = p.calendar[calendar, day, 1] if day < p.calendar.shape[1] else NONE
    if found == NONE:
        s.number[COUNT_ERROR] = 1
        found = 0
    return found


@inlined
def worked(p: Packed, s: State, calendar: int, start: int, days: int) -> int:
    """Morning after the last of some days of work."""
    if days == 0:
        return start
    found = NONE
    if start < p.calendar.shape[1] - 1:
        i = whole(p.calendar[calendar, start, 0]) + days - 1
        if i < p.worked.shape[1]:
            found = p.worked[calendar, i]
    if found == NONE:
        s.number[COUNT_ERROR] = 1
        found = 0
    return found + 1


@inlined
def latest(p: Packed, s: State, future: Int, office: int, moment: int, lags: bool) -> tuple[int, int, int]:
    """The last of the moments that a moment waits for: day, driver, cause; of those on the same day the first listed.

    A pass that is begun again waits only for what lies within the loop, see :meth:`sim.plan.Plan.relations`.
    """
    day, driver, cause = NONE, 0, NONE
    again = whole(p.act[moment >> 1, ACT_LOOPS]) & whole(s.office[office, OWNED_BEGUN_AGAIN])
    while again & (again - 1):
        again &= again - 1  # the innermost of the loops that are begun again has the highest bit
    for i in range(p.moment[moment, MOMENT_RELATIONS], p.moment[moment, MOMENT_RELATIONS_END]):
        if again and not whole(p.act[p.item[i, 0], ACT_LOOPS]) & again:
            continue
        source = s.act[office, p.item[i, 0], DOING_PASS]
        from_start = p.item[i, 1] == FROM_START
        at = future[office, source, F_START if from_start else F_FINISH]
        if lags and p.item[i, 2] > 0:
            at = worked(p, s, p.act[moment >> 1, ACT_CALENDAR], at, whole(p.item[i, 2]))
        if at > day:
            day, cause = at, office * future.shape[1] + source
            driver = BY_PREDECESSOR_START if from_start else BY_PREDECESSOR_FINISH
    return day, driver, cause


# --- one activity, step by step ---------------------------------------------------------------------------------------------


@merged
def logic(p: Packed, s: State, future: Int, office: int, a: int, here: int, happens: bool) -> int:
    """When predecessors let it begin; written into its record, and returned."""
    cause = s.sent_back[office, a, BACK_BY] if p.act[a, ACT_LOOPS] else NONE
    if cause != NONE:
        ready, driver = s.sent_back[office, a, BACK_DAY], BY_REDO
        s.sent_back[office, a, BACK_BY] = NONE
    elif p.moment[2 * a, MOMENT_WAITS] > 0:
        ready, driver, cause = latest(p, s, future, office, 2 * a, happens)
    else:
        ready, driver = p.office[office, OFFICE_START], BY_OFFICE_START
    note = future[office, here]
    note[F_START] = note[F_FINISH] = note[F_READY] = ready
    note[F_WORK] = 0
    note[F_START_DRIVER], note[F_START_CAUSE] = driver, cause
    return whole(ready)


@merged
def begin(p: Packed, s: State, given: Input, future: Int, r: int, office: int, a: int, here: int) -> int:
    """From the day on which logic lets it begin: wait for dates, calendar and pools; returns the next step."""
    happens = given.happens[r, office, here]
    ready = logic(p, s, future, office, a, here, happens)
    if not happens:
        return STARTED
    allowed = max(whole(ready), whole(p.act[a, ACT_NOT_BEFORE]))
    earliest = max(allowed, p.status_day)
    request_day = earliest
    if p.act[a, ACT_KIND] == WORK and given.duration[r, office, here] > 0:
        request_day = working_day(p, s, p.act[a, ACT_CALENDAR], earliest)
    if earliest > allowed:
        future[office, here, F_START_DRIVER] = BY_STATUS
    elif allowed > ready:
        future[office, here, F_START_DRIVER] = BY_NOT_BEFORE
    elif request_day > allowed:
        future[office, here, F_START_DRIVER] = BY_CALENDAR
    future[office, here, F_START] = request_day
    return ask(p, s, office, a, request_day)


@merged
def settle(p: Packed, s: State, given: Input, future: Int, r: int, office: int, a: int, here: int, today: int, waited: bool) -> None:
    """Start and finish of work that may begin today; when it has waited for pools, today may be a day off."""
    calendar = p.act[a, ACT_CALENDAR]
    note, start, days = future[office, here], today, whole(p.act[a, ACT_LEAD])
    if p.act[a, ACT_KIND] == WORK:
        snaps = given.duration[r, office, here] > 0
        if snaps and waited:
            start = working_day(p, s, calendar, today)
        days = days_of_work(p, given, r, office, a, here, start)
        if days > 0 and not snaps:  # only risks make it take any time
            start = working_day(p, s, calendar, today)
            if start > today and today == note[F_READY]:
                note[F_START_DRIVER] = BY_CALENDAR
    note[F_START], note[F_WORK] = start, days
    note[F_FINISH] = worked(p, s, calendar, start, days)


@merged
def days_of_work(p: Packed, given: Input, r: int, office: int, a: int, here: int, start: int) -> int:
    """Whole days of work: what was drawn, with the risks in whose window it starts; a positive length is at least 1."""
    factor, delay = 1.0, 0.0
    for i in range(p.act[a, ACT_RISKS], p.act[a, ACT_RISKS_END]):
        risk = p.item[i, 0]
        member = p.risk_member[risk, office]
        if member >= 0 and p.risk[risk, RISK_FIRST] <= start <= p.risk[risk, RISK_LAST]:
            factor *= given.risk_factor[r, member]
            delay += given.risk_delay[r, member] * (whole(p.act[a, ACT_WEEK]) if p.risk[risk, RISK_WEEKS] else 1)
    length = np.float64(given.duration[r, office, here]) * factor + delay
    return max(int(np.floor(length + 0.5)), 1) if length > 0 else 0


@merged
def finish(p: Packed, s: State, future: Int, office: int, a: int, here: int, happens: bool) -> None:
    """What holds back the finish (FF, SF), then the next date of a meeting or opening; then it gives back what it uses."""
    note = future[office, here]
    day, driver, cause = note[F_FINISH], BY_WORK, NONE
    if s.act[office, a, DOING_DONE]:  # it was under way on the status date
        driver = note[F_FINISH_DRIVER]
    if p.moment[2 * a + 1, MOMENT_WAITS] > 0:
        held_until, by, source = latest(p, s, future, office, 2 * a + 1, happens)
        if held_until > day:
            day, driver, cause = held_until, by, source
    kind = p.act[a, ACT_KIND]
    if happens and kind != WORK:
        date = p.series[p.act[a, ACT_SERIES], day] if day < p.series.shape[1] else NONE
        if date == NONE:
            s.number[COUNT_ERROR] = 1
        elif date > day:
            day, driver, cause = date, (BY_MEETING if kind == MEETING else BY_OPENING_DAY), NONE
    if day >= s.first_event.size - 1:  # past the last day: a dead end, also when no pool waits for it
        s.number[COUNT_ERROR] = 1
    note[F_FINISH], note[F_FINISH_DRIVER], note[F_FINISH_CAUSE] = day, driver, cause
    if happens and p.act[a, ACT_USES] < p.act[a, ACT_USES_END]:
        add_event(s, day, RELEASE_USES, office * future.shape[1] + here, a)


@inlined
def reach(p: Packed, s: State, office: int, moment: int, day: int, node: int) -> None:
    """A start or finish is known: give back what is held up to here, let the successors know."""
    for i in range(p.moment[moment, MOMENT_GIVES], p.moment[moment, MOMENT_GIVES_END]):
        bit = 1 << whole(p.item[i, 0])
        if s.office[office, OWNED_HELD] & bit and not whole(p.item[i, 1]) & s.office[office, OWNED_SENT_BACK]:
            s.office[office, OWNED_HELD] &= ~bit
            add_event(s, day, RELEASE_HELD, node, whole(p.item[i, 0]))
    for i in range(p.moment[moment, MOMENT_SUCCESSORS], p.moment[moment, MOMENT_SUCCESSORS_END]):
        if whole(p.item[i, 1]) & s.office[office, OWNED_SENT_BACK] or whole(p.item[i, 2]) & s.office[office, OWNED_BEGUN_AGAIN]:
            continue
        waiting = p.item[i, 0]
        s.missing[office, waiting] -= 1
        if s.missing[office, waiting] == 0:
            activity = waiting >> 1
            if waiting & 1 == FROM_START:
                if not s.act[office, activity, DOING_DONE]:
                    push(s, office, activity, BEGIN)
            elif s.act[office, activity, DOING_UNDER_WAY]:
                push(s, office, activity, FINISHED)


# --- what is known on the status date ---------------------------------------------------------------------------------------


@inlined
def is_known(p: Packed, office: int, here: int) -> bool:
    """Whether something is known of a pass."""
    return bool(p.office[office, OFFICE_FACTS]) and p.fact[office, here, FACT_START] >= 0


@inlined
def take_up_fact(p: Packed, s: State, office: int, a: int) -> None:
    """Take up what is known of an activity's present pass: first the pools held, whose spans may end with others."""
    here = s.act[office, a, DOING_PASS]
    if not is_known(p, office, here):
        return
    s.act[office, a, DOING_DONE] = 1
    if p.fact[office, here, FACT_HAPPENS]:
        new = whole(p.act[a, ACT_TAKES]) & ~whole(s.office[office, OWNED_HELD])
        s.office[office, OWNED_HELD] |= new
        for pool in range(p.capacity.size):
            s.pool[pool, OWNED_FREE] -= new >> pool & 1
    push(s, office, a, FACT)
    s.number[COUNT_FACTS] += 1


@merged
def pass_over(p: Packed, s: State, given: Input, future: Int, r: int, office: int, a: int, here: int) -> int:
    """What is known of a pass: over, or to be seen through; returns the next step."""
    fact, note = p.fact[office, here], future[office, here]
    note[F_START] = note[F_READY] = fact[FACT_START]
    note[F_FINISH], note[F_WORK] = fact[FACT_FINISH], fact[FACT_WORK]
    note[F_START_DRIVER] = note[F_FINISH_DRIVER] = BY_DONE
    note[F_START_CAUSE] = note[F_FINISH_CAUSE] = NONE
    if fact[FACT_FINISH] < 0:
        resume(p, s, given, future, r, office, a, here)
        return STARTED
    for moment in range(2 * a, 2 * a + 2):
        reach(p, s, office, moment, note[F_START if moment == 2 * a else F_FINISH], office * future.shape[1] + here)
    count_finish(p, s, given, future, r, office, a)
    return WAIT


@merged
def resume(p: Packed, s: State, given: Input, future: Int, r: int, office: int, a: int, here: int) -> None:
    """Go on with what is under way; it does not finish before the status date."""
    note, days = future[office, here], whole(p.act[a, ACT_LEAD])
    start = whole(note[F_START])
    if p.act[a, ACT_KIND] == WORK:
        days = days_of_work(p, given, r, office, a, here, start)
    note[F_WORK], note[F_FINISH_DRIVER] = days, BY_WORK
    note[F_FINISH] = worked(p, s, p.act[a, ACT_CALENDAR], start, days)
    if note[F_FINISH] < p.status_day:
        note[F_FINISH], note[F_FINISH_DRIVER] = p.status_day, BY_STATUS
    for i in range(p.act[a, ACT_USES], p.act[a, ACT_USES_END]):
        s.pool[p.item[i, 0], OWNED_FREE] -= whole(p.item[i, 1])


# --- redo -------------------------------------------------------------------------------------------------------------------


@inlined
def look_ahead(p: Packed, s: State, given: Input, r: int, office: int, loop: int) -> None:
    """Whether the present pass of a loop is the last; its draw tells."""
    bit = 1 << loop
    again = given.redo[r, office, s.act[office, p.loop[loop, LOOP_ACTIVITY], DOING_PASS]]
    bits = s.office[office, OWNED_SENT_BACK]
    s.office[office, OWNED_SENT_BACK] = bits | bit if again else bits & ~bit


@inlined
def count_finish(p: Packed, s: State, given: Input, future: Int, r: int, office: int, a: int) -> None:
    """Count a finish in the loops around the activity, inner ones first; when a whole span has finished it may be done again."""
    around = whole(p.act[a, ACT_LOOPS])
    if around == 0:
        return
    again = s.office[office, OWNED_SENT_BACK]
    for i in range(p.loop.shape[0]):
        loop = whole(p.loop[i, LOOP_INNER_FIRST])
        if around >> loop & 1 and not again & whole(p.loop[loop, LOOP_INSIDE]) & around:
            s.loop[office, loop, LOOPING_UNFINISHED] -= 1
            if s.loop[office, loop, LOOPING_UNFINISHED] == 0 and again >> loop & 1:
                do_again(p, s, given, future, r, office, loop)


@jit_plain
def do_again(p: Packed, s: State, given: Input, future: Int, r: int, office: int, loop: int) -> None:
    """Begin the next pass of a span: nothing outside it holds it back any more."""
    node = office * future.shape[1] + s.act[office, p.loop[loop, LOOP_ACTIVITY], DOING_PASS]
    first, end = p.loop[loop, LOOP_MEMBERS], p.loop[loop, LOOP_MEMBERS_END]
    day = NONE
    for i in range(first, end):
        day = max(day, future[office, s.act[office, p.item[i, 0], DOING_PASS], F_FINISH])
    s.loop[office, loop, LOOPING_PASS] += 1
    s.office[office, OWNED_BEGUN_AGAIN] = s.office[office, OWNED_BEGUN_AGAIN] & ~whole(p.loop[loop, LOOP_INSIDE]) | 1 << loop
    for other in range(p.loop.shape[0]):
        if whole(p.loop[loop, LOOP_INSIDE]) >> other & 1:
            s.loop[office, other, LOOPING_PASS] = 0
    for i in range(first, end):
        s.act[office, p.item[i, 0], DOING_PASS] = find_pass(p, s, office, p.item[i, 0])
    for other in range(p.loop.shape[0]):
        if other == loop or whole(p.loop[loop, LOOP_INSIDE]) >> other & 1:
            s.loop[office, other, LOOPING_UNFINISHED] = p.loop[other, LOOP_MEMBERS_END] - p.loop[other, LOOP_MEMBERS]
            look_ahead(p, s, given, r, office, other)
    for i in range(first, end):
        a = whole(p.item[i, 0])
        s.act[office, a, DOING_DONE] = 0
        for moment in range(2 * a, 2 * a + 2):
            s.missing[office, moment] = p.inner_waits[loop, moment]
        if s.missing[office, 2 * a] == 0 and not is_known(p, office, whole(s.act[office, a, DOING_PASS])):
            s.sent_back[office, a, BACK_BY], s.sent_back[office, a, BACK_DAY] = node, day
            push(s, office, a, BEGIN)
    if p.office[office, OFFICE_FACTS]:
        for i in range(whole(end) - 1, whole(first) - 1, -1):  # the stack turns their order round
            take_up_fact(p, s, office, whole(p.item[i, 0]))
