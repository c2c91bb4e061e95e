"""The compiled twin of :mod:`sim.engine.process`: the same timeline, hundreds of times faster.

The idea is *look-ahead*. Only requests and releases of pools need the order of time. All between two of them is settled
as soon as it is known, long before its day comes: finishes are looked up in tables of days, successors follow at once.
What is left for the clock is a list of events for each day: releases, capacity changes, requests. A day is dealt with in
rounds, just as in SimPy: first all that becomes free, then one walk through the queue; what a grant sets off on the same
day makes the next round.

The steps of an activity are in :mod:`sim.engine.steps`, the queue is in :mod:`sim.engine.desk`, what one future is made of
in :mod:`sim.engine.state`, and the plan as the compiled code reads it in :mod:`sim.engine.pack`.
"""

from __future__ import annotations

import numpy as np

from sim.compiled import inlined, jit_plain, merged
from sim.engine.desk import add_event, take_events, walk
from sim.engine.pack import LOOP_MEMBERS, LOOP_MEMBERS_END, OFFICE_ENTERS, OFFICE_FACTS, OFFICE_HELD, OFFICE_START, Packed, pack
from sim.engine.state import (
    BEGIN,
    CHANGE,
    COUNT_ERROR,
    COUNT_FACTS,
    COUNT_HEIGHT,
    COUNT_LEFT,
    DOING_COLUMNS,
    DOING_DONE,
    DOING_PASS,
    DOING_UNDER_WAY,
    ENTER,
    FACT,
    FINISHED,
    LOOPING_PASS,
    LOOPING_UNFINISHED,
    NONE,
    OWNED_BEGUN_AGAIN,
    OWNED_CAPACITY,
    OWNED_FREE,
    OWNED_HELD,
    OWNED_SENT_BACK,
    SETTLE,
    STARTED,
    WAIT,
    Input,
    State,
    make_state,
    push,
    whole,
)
from sim.engine.steps import begin, count_finish, finish, look_ahead, pass_over, reach, settle, take_up_fact
from sim.plan import Plan
from sim.sampling import Draws
from sim.timeline import Driver, Field, Int, Timeline

__all__ = ["pack", "simulate"]

F_FINISH = int(Field.FINISH)
F_FINISH_CAUSE = int(Field.FINISH_CAUSE)
F_FINISH_DRIVER = int(Field.FINISH_DRIVER)
F_READY = int(Field.READY)
F_START = int(Field.START)
F_START_CAUSE = int(Field.START_CAUSE)
F_START_DRIVER = int(Field.START_DRIVER)
F_WORK = int(Field.WORK)
BY_DONE = int(Driver.DONE)


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
    failed = run_block(packed, given, timeline.record, make_state(plan, packed))
    np.logical_and(draws.happens, timeline.start != NONE, out=timeline.happens)
    if failed >= 0:
        from sim.engine import process

        process.simulate(plan, draws.take(np.array([failed])))
        raise AssertionError(f"replication {draws.first + failed} stops in the compiled engine but not in the readable one")
    return timeline


# --- one future -------------------------------------------------------------------------------------------------------------


@merged
def work_off(p: Packed, s: State, given: Input, future: Int, r: int, today: int) -> None:
    """Settle everything on the stack, and what follows from it, as far as it needs no pool."""
    while s.number[COUNT_HEIGHT] > 0 and s.number[COUNT_ERROR] == 0:
        s.number[COUNT_HEIGHT] -= 1
        entry = s.stack[s.number[COUNT_HEIGHT]]
        if s.number[COUNT_FACTS] > 0:
            entry = known_first(s, entry)
        office, a, step = entry >> 16, (entry >> 3) & 0x1FFF, entry & 7
        here = s.act[office, a, DOING_PASS]
        node = office * future.shape[1] + here
        day, waited = today, step == SETTLE
        if step == FACT:
            step = pass_over(p, s, given, future, r, office, a, here)
            if step == STARTED:  # it goes on when all that is known is taken up
                push(s, office, a, STARTED)
                step = WAIT
        if step == BEGIN:
            step = begin(p, s, given, future, r, office, a, here)
            day = future[office, here, F_START]
        if step == SETTLE:
            settle(p, s, given, future, r, office, a, here, day, waited)
            step = STARTED
        if step == STARTED:
            reach(p, s, office, 2 * a, future[office, here, F_START], node)
            step = FINISHED if s.missing[office, 2 * a + 1] == 0 else WAIT
            s.act[office, a, DOING_UNDER_WAY] = step == WAIT
        if step == FINISHED:
            s.act[office, a, DOING_UNDER_WAY] = 0
            finish(p, s, future, office, a, here, given.happens[r, office, here])
            reach(p, s, office, 2 * a + 1, future[office, here, F_FINISH], node)
            count_finish(p, s, given, future, r, office, a)


@inlined
def known_first(s: State, entry: int) -> int:
    """The next fact on the stack instead of another entry, which takes its place: what follows looks at all that is known."""
    place, fact = s.number[COUNT_HEIGHT], entry
    while fact & 7 != FACT:
        place -= 1
        fact = s.stack[place]
    s.stack[place] = entry
    s.number[COUNT_FACTS] -= 1
    return fact


@merged
def enter(p: Packed, s: State, given: Input, future: Int, r: int, office: int) -> None:
    """An office enters on its first day: what lies before is done, what waits for nothing begins."""
    for loop in range(p.loop.shape[0]):
        s.loop[office, loop, LOOPING_UNFINISHED] = p.loop[loop, LOOP_MEMBERS_END] - p.loop[loop, LOOP_MEMBERS]
        look_ahead(p, s, given, r, office, loop)
    day = p.office[office, OFFICE_START]
    if p.office[office, OFFICE_HELD]:
        add_event(s, day, ENTER, office, 0)
    if p.office[office, OFFICE_FACTS]:
        for i in range(p.process.size - 1, -1, -1):  # the stack turns their order round
            take_up_fact(p, s, office, whole(p.process[i]))
    if p.office[office, OFFICE_ENTERS]:
        count_as_done(p, s, given, future, r, office, day)
    for i in range(p.root.size):
        if not s.act[office, p.root[i], DOING_DONE]:
            push(s, office, whole(p.root[i]), BEGIN)


@jit_plain
def count_as_done(p: Packed, s: State, given: Input, future: Int, r: int, office: int, day: int) -> None:
    """What lies before the point where the office enters."""
    for a in range(p.act.shape[0]):
        if p.office_done[office, a]:
            here = s.act[office, a, DOING_PASS]
            note = future[office, here]
            note[F_START] = note[F_FINISH] = note[F_READY] = day
            note[F_WORK], note[F_START_CAUSE], note[F_FINISH_CAUSE] = 0, NONE, NONE
            note[F_START_DRIVER] = note[F_FINISH_DRIVER] = BY_DONE
            for moment in range(2 * a, 2 * a + 2):
                reach(p, s, office, moment, day, office * future.shape[1] + here)
            count_finish(p, s, given, future, r, office, a)


@merged
def reset(p: Packed, s: State, future: Int) -> None:
    """Make the state ready for a new future."""
    for office in range(s.act.shape[0]):
        for moment in range(s.missing.shape[1]):
            s.missing[office, moment] = s.fresh_missing[office, moment]
        for a in range(s.act.shape[1]):
            for column in range(DOING_COLUMNS):
                s.act[office, a, column] = s.fresh_act[office, a, column]
        s.office[office, OWNED_HELD] = p.office[office, OFFICE_HELD]
        s.office[office, OWNED_SENT_BACK] = s.office[office, OWNED_BEGUN_AGAIN] = 0
        for loop in range(p.loop.shape[0]):
            s.loop[office, loop, LOOPING_PASS] = 0
        for i in range(p.later_pass.size):
            note = future[office, p.later_pass[i]]
            note[:] = NONE
            note[F_WORK] = note[F_START_DRIVER] = note[F_FINISH_DRIVER] = 0
    s.number[:] = 0
    for pool in range(p.capacity.size):
        s.pool[pool, OWNED_FREE] = s.pool[pool, OWNED_CAPACITY] = p.capacity[pool]
    for i in range(p.change.shape[0]):
        add_event(s, p.change[i, 0], CHANGE, i, p.change[i, 1])


@merged
def run_future(p: Packed, s: State, given: Input, future: Int, r: int) -> bool:
    """One replication; False when it comes to a dead end."""
    reset(p, s, future)
    for office in range(s.act.shape[0]):
        enter(p, s, given, future, r, office)
    day = 0
    work_off(p, s, given, future, r, day)
    while s.number[COUNT_LEFT] > 0 and s.number[COUNT_ERROR] == 0:
        while s.first_event[day] == NONE:
            day += 1
        take_events(p, s, day)
        walk(p, s, future, day)
        work_off(p, s, given, future, r, day)
    waiting = whole(0)  # also counts spans that wait for each other's last pass
    for office in range(s.missing.shape[0]):
        for moment in range(s.missing.shape[1]):
            waiting |= s.missing[office, moment]
    for line in range(p.line.shape[0]):
        waiting |= s.line[line, 0]
    return s.number[COUNT_ERROR] == 0 and waiting == 0


@jit_plain
def run_block(p: Packed, given: Input, record: Int, s: State) -> int:
    """Every replication of a block; the first that comes to a dead end, or -1."""
    for r in range(record.shape[0]):
        if not run_future(p, s, given, record[r], r):
            return r
    return NONE
