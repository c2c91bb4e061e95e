"""One step back from any moment of a future to the moment that decided it, within the same office.

The logic of a plan is laid out by pass: for each relation the passes of its source that may decide it, so that following a
chain needs no pass numbers. The step is computed anew from the days, because a record names only the last thing that decided a
start: who waited for the calendar, a date or a pool would else have lost its predecessor.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import inlined
from sim.plan import ActivityPlan, End, Kind, Plan, Relation
from sim.timeline import Driver, Field

I32 = NDArray[np.int32]
Flags = NDArray[np.bool_]

START, FINISH, READY, WORK = int(Field.START), int(Field.FINISH), int(Field.READY), int(Field.WORK)
START_DRIVER, START_CAUSE = int(Field.START_DRIVER), int(Field.START_CAUSE)
FINISH_DRIVER, FINISH_CAUSE = int(Field.FINISH_DRIVER), int(Field.FINISH_CAUSE)
AT_START, AT_FINISH = int(End.START), int(End.FINISH)
BY_PREDECESSOR_FINISH, BY_PREDECESSOR_START = int(Driver.PREDECESSOR_FINISH), int(Driver.PREDECESSOR_START)
BY_POOL, BY_CAPACITY, BY_DONE, BY_WORK = int(Driver.POOL), int(Driver.CAPACITY), int(Driver.DONE), int(Driver.WORK)
BY_STATUS, BY_MEETING, BY_NOT_BEFORE = int(Driver.STATUS), int(Driver.MEETING), int(Driver.NOT_BEFORE)
IS_WORK, IS_MEETING = int(Kind.WORK), int(Kind.MEETING)
NOBODY = -1

# Columns of :attr:`Net.step`.
STEP_ACTIVITY = 0
STEP_KIND = 1
STEP_CALENDAR = 2
STEP_NOT_BEFORE = 3
STEP_SERIES = 4
STEP_SENDER = 5
"""Passes of the redo activity that may begin this pass by sending the office back: the last of them that was made does; -1: none."""
STEP_SENDER_END = 6
STEP_LOOP = 7
"""Innermost redo loop that is not in its first round, or -1."""
STEP_FIRST = 8
"""First pass of the same activity."""
STEP_WAITS = 9
"""Rows of :attr:`Net.wait` for the start."""
STEP_WAITS_END = 10
STEP_HOLDS = 11
"""Rows of :attr:`Net.wait` for the finish."""
STEP_HOLDS_END = 12
STEP_NEEDS = 13
"""Bits of the pools it uses or takes."""
STEP_FREES_START = 14
"""Bits of the pools that its start may give back."""
STEP_FREES_FINISH = 15

# Columns of :attr:`Net.wait`: one relation into one pass.
WAIT_FIRST = 0
"""Passes of the source that may decide: the last of them that was made does."""
WAIT_END = 1
WAIT_FROM = 2
"""End of the source."""
WAIT_LAG = 3

# How a moment was decided.
AT_AN_END = 0
"""By nothing before it: the office's first day, or a fact."""
BY_OWN_WORK = 1
"""A finish, by the start of the same pass."""
BY_HOLD = 2
"""A finish, by another pass (FF, SF)."""
BY_LOGIC = 3
"""A start, by a predecessor (FS, SS)."""
BY_SENDER = 4
"""A start, by the pass that sent the office back."""

Step = tuple[int, int, int, int]
"""Pass, end, how (see above), and the row of :attr:`Net.wait` or -1."""


class Net(NamedTuple):
    """What following chains reads of a plan."""

    step: I32
    wait: I32
    days: I32
    """Working days before each day, a row for each calendar; then day of each working day, as many rows."""
    size: I32
    """Number of working days of each calendar."""
    start: I32
    """First day of each office."""
    status: int
    """Nothing but facts starts or finishes before this day."""


def lay_out(plan: Plan) -> Net:
    """The logic of a plan by pass."""
    waits: list[tuple[int, int, int, int]] = []
    steps = [_step(plan, here, waits) for here in range(len(plan.passes))]
    tables = [c.before for c in plan.calendars] + [c.day_of for c in plan.calendars]
    days = np.zeros((len(tables), plan.last + 3), np.int32)
    for row, table in zip(days, tables, strict=True):
        row[: len(table)] = table
    return Net(
        np.array(steps, np.int32),
        np.array(waits, np.int32).reshape(-1, 4),
        days,
        np.array([len(c.day_of) for c in plan.calendars], np.int32),
        np.array([o.start for o in plan.offices], np.int32),
        plan.status_day,
    )


def _step(plan: Plan, here: int, waits: list[tuple[int, int, int, int]]) -> tuple[int, ...]:
    from sim.engine.pack import bits  # late: the machine code of this room need not change with the engine's

    activity = plan.activities[plan.passes[here].activity]
    spans = []
    for end in End:
        begin = len(waits)
        waits += [_wait(plan, here, relation) for relation in plan.relations(here, end)]
        spans += [begin, len(waits)]
    frees = [[g.pool for g in gives] for gives in (activity.gives_at_start, activity.gives_at_finish)]
    frees[1] += [pool for pool, _ in activity.uses]
    needs = [*(pool for pool, _ in activity.uses), *activity.takes]
    pools = (bits(needs), bits(frees[0]), bits(frees[1]))
    fixed = (activity.index, activity.kind, activity.calendar, activity.not_before, activity.series)
    return (*fixed, *senders_of(plan, here), plan.passes[here].last_loop, activity.first_pass, *spans, *pools)


def _wait(plan: Plan, here: int, relation: Relation) -> tuple[int, int, int, int]:
    """Passes of the source in the same rounds of the loops that both are in: these stand together, as shared loops are the outer ones."""
    numbers = dict(plan.passes[here].numbers)
    source = plan.activities[relation.source]
    return *_fitting(plan, source, numbers), relation.source_end, relation.lag


def _fitting(plan: Plan, activity: ActivityPlan, numbers: dict[int, int]) -> tuple[int, int]:
    """First and end of the passes of an activity in some rounds of loops."""
    fitting = [
        i for i in range(activity.first_pass, activity.passes.stop) if all(numbers.get(loop, n) == n for loop, n in plan.passes[i].numbers)
    ]
    return fitting[0], fitting[-1] + 1


def senders_of(plan: Plan, here: int) -> tuple[int, int]:
    """First and end of the passes that may send the office back to this one; -1 when it is a first pass or waits within the same span.

    They differ by the rounds of loops inside: the redo activity may itself have been done again before.
    """
    step = plan.passes[here]
    if step.last_loop == NOBODY or plan.relations(here, End.START):
        return NOBODY, NOBODY
    loop = plan.loops[step.last_loop]
    numbers = {number: n for number, n in step.numbers if not loop.inside >> number & 1}
    numbers[loop.index] -= 1
    return _fitting(plan, plan.activities[loop.activity], numbers)


# --- days -------------------------------------------------------------------------------------------------------------------


@inlined
def first_working_day(net: Net, calendar: int, day: int) -> int:
    """First working day from a day on; past the horizon the last there is."""
    i = min(net.days[calendar, day], net.size[calendar] - 1)
    return int(net.days[net.size.size + calendar, i])


@inlined
def worked(net: Net, calendar: int, start: int, days: int) -> int:
    """Morning after the last of some days of work; past the horizon after the last there is."""
    if days <= 0:
        return start
    i = min(net.days[calendar, start] + days, net.size[calendar]) - 1
    return int(net.days[net.size.size + calendar, i]) + 1


@inlined
def moment(office: I32, here: int, end: int) -> int:
    """Day of a pass's start or finish."""
    return int(office[here, START] if end == AT_START else office[here, FINISH])


# --- what decided ------------------------------------------------------------------------------------------------------------


@inlined
def last_made(office: I32, first: int, end: int) -> int:
    """The last of some passes that was made."""
    here = int(end) - 1
    while here > first and office[here, START] < 0:
        here -= 1
    return here


@inlined
def source_of(net: Net, office: I32, wait: int) -> int:
    """The pass that a relation comes from: the last that was made of those that may be it."""
    return last_made(office, net.wait[wait, WAIT_FIRST], net.wait[wait, WAIT_END])


@inlined
def sender_of(net: Net, office: I32, here: int) -> int:
    """The pass that sent the office back to this one, or -1."""
    if net.step[here, STEP_SENDER] == NOBODY:
        return NOBODY
    return last_made(office, net.step[here, STEP_SENDER], net.step[here, STEP_SENDER_END])


@inlined
def arrival(net: Net, office: I32, here: int, wait: int, lags: bool) -> int:
    """Day on which a relation lets a pass go on."""
    day = moment(office, source_of(net, office, wait), net.wait[wait, WAIT_FROM])
    return worked(net, net.step[here, STEP_CALENDAR], day, net.wait[wait, WAIT_LAG]) if lags else day


@inlined
def latest(net: Net, office: I32, here: int, column: int, lags: bool) -> tuple[int, int]:
    """The relation that decides among those of a start or finish, and its day; of those on the same day the first listed."""
    best, best_day = NOBODY, NOBODY
    for wait in range(net.step[here, column], net.step[here, column + 1]):
        day = arrival(net, office, here, wait, lags)
        if day > best_day:
            best, best_day = wait, day
    return best, best_day


@inlined
def work_ends(net: Net, office: I32, here: int) -> tuple[int, int]:
    """Day on which the own work of a pass ends, and the same but not before the status date for what was under way then."""
    own = worked(net, net.step[here, STEP_CALENDAR], office[here, START], office[here, WORK])
    under_way = office[here, START_DRIVER] == BY_DONE and office[here, FINISH_DRIVER] != BY_DONE
    return own, max(own, net.status) if under_way else own


@inlined
def held_until(net: Net, office: I32, here: int, happens: bool) -> tuple[int, int]:
    """The relation that held back the finish beyond the own work, or -1; and the day from which only its dates hold it back."""
    _, free = work_ends(net, office, here)
    best, day = latest(net, office, here, STEP_HOLDS, happens)
    return (best, day) if day > free else (NOBODY, free)


@inlined
def before(net: Net, office: I32, here: int, end: int, happens: bool) -> Step:
    """The moment of the same office that decided a moment: the step back."""
    if end == AT_FINISH:
        if office[here, FINISH_DRIVER] == BY_DONE:
            return here, end, AT_AN_END, NOBODY
        wait = NOBODY
        if net.step[here, STEP_HOLDS] < net.step[here, STEP_HOLDS_END]:
            wait, _ = held_until(net, office, here, happens)
        if wait == NOBODY:
            return here, AT_START, BY_OWN_WORK, NOBODY
        return source_of(net, office, wait), net.wait[wait, WAIT_FROM], BY_HOLD, wait
    if office[here, START_DRIVER] == BY_DONE:
        return here, end, AT_AN_END, NOBODY
    sender = sender_of(net, office, here)
    if sender != NOBODY:
        return sender, AT_FINISH, BY_SENDER, NOBODY
    wait, waits = net.step[here, STEP_WAITS], net.step[here, STEP_WAITS_END] - net.step[here, STEP_WAITS]
    if waits == 0:
        return here, end, AT_AN_END, NOBODY
    if waits > 1:
        wait, _ = latest(net, office, here, STEP_WAITS, happens)
    return source_of(net, office, wait), net.wait[wait, WAIT_FROM], BY_LOGIC, wait


@inlined
def last_pass(office: I32, first: int, end: int) -> int:
    """The pass of an activity that finished last; of several the first."""
    best = first
    for here in range(first + 1, end):
        if office[here, FINISH] > office[best, FINISH]:
            best = here
    return best


@inlined
def waits_of_start(net: Net, office: I32, here: int) -> tuple[int, int, int]:
    """Days on which a pass could begin by its own date, by the status date, and by its calendar: from the last on it waited for pools.

    All lie between the day on which logic let it begin and its start; without a wait for pools the last is the start.
    """
    ready, start = office[here, READY], office[here, START]
    allowed = min(max(ready, net.step[here, STEP_NOT_BEFORE]), start)
    driver = office[here, START_DRIVER]
    known = min(max(allowed, net.status), start) if driver in (BY_POOL, BY_CAPACITY, BY_STATUS) else allowed
    if driver not in (BY_POOL, BY_CAPACITY):
        return allowed, known, start
    if net.step[here, STEP_KIND] == IS_WORK and office[here, WORK] > 0:
        return allowed, known, min(first_working_day(net, net.step[here, STEP_CALENDAR], known), start)
    return allowed, known, known


@inlined
def asked(net: Net, office: I32, here: int) -> tuple[int, int]:
    """Days on which a pass could begin by all dates, and by its calendar: from the second on it waited for pools."""
    _, known, request = waits_of_start(net, office, here)
    return known, request


@inlined
def lowest(bits: int) -> int:
    """Number of the lowest bit that is set, or -1."""
    if bits == 0:
        return NOBODY
    n = 0
    while not bits >> n & 1:
        n += 1
    return n


@inlined
def lets_begin(net: Net, record: I32, here: int, day: int) -> bool:
    """Whether a pass that is granted its pools on a day begins when this one did."""
    if net.step[here, STEP_KIND] == IS_WORK and record[WORK] > 0:
        day = first_working_day(net, net.step[here, STEP_CALENDAR], day)
    return bool(day == record[START])


@inlined
def released(net: Net, needs: int, record: I32, here: int, passes: I32, cause: int) -> tuple[int, int]:
    """Which end of the cause gave back what a pass waited for, and the pool, of those that it asked for (bits ``needs``).

    The record names the pass that released; the pool is the first that it can have given back and the other asked for. Where
    none is (a release let an earlier request through, and that let this one), it is the first that was asked for. Where both ends
    may have let it begin, one after the other on days off, it is taken to be the first.
    """
    at_start, at_finish = net.step[cause, STEP_FREES_START], net.step[cause, STEP_FREES_FINISH]
    by_start, by_finish = lets_begin(net, record, here, passes[cause, START]), lets_begin(net, record, here, passes[cause, FINISH])
    if by_start and at_start & needs:
        return AT_START, lowest(at_start & needs)
    if by_finish and at_finish & needs:
        return AT_FINISH, lowest(at_finish & needs)
    return AT_FINISH if by_finish and at_finish and not (by_start and at_start) else AT_START, lowest(needs)
