"""The compiled part of :mod:`sim.analysis.delay`: the delay of each opening, split along its chain."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.analysis.causes import CALENDAR, NOT_BEFORE, OPENING_DAY, OUTCOME, SLACK, STATUS, Places
from sim.analysis.chain_steps import (
    AT_AN_END,
    AT_FINISH,
    AT_START,
    BY_DONE,
    BY_LOGIC,
    BY_OWN_WORK,
    FINISH,
    FINISH_DRIVER,
    I32,
    IS_MEETING,
    IS_WORK,
    NOBODY,
    READY,
    START,
    START_DRIVER,
    STEP_ACTIVITY,
    STEP_CALENDAR,
    STEP_FIRST,
    STEP_KIND,
    STEP_LOOP,
    STEP_SERIES,
    WAIT_LAG,
    WORK,
    Flags,
    Net,
    Step,
    before,
    held_until,
    last_pass,
    moment,
    waits_of_start,
    work_ends,
    worked,
)
from sim.analysis.chains import queue_of
from sim.analysis.estimates import GROUP_RUN, GROUPS
from sim.compiled import inlined, jit_plain
from sim.plan import Plan

Whole = NDArray[np.int64]


class Hits(NamedTuple):
    """Which risks may change the work of an activity."""

    first: I32
    """Ragged over the activities: their risks."""
    risk: I32
    window: I32
    """First and last day of each risk, and whether its delay is in weeks."""
    member: I32
    """Member of each risk that an office belongs to, shape ``(risks, offices)``."""
    week: I32
    """Days in a week, by activity."""


class Case(NamedTuple):
    """A future beside its undelayed plan."""

    now: I32
    """Records of the future, shape ``(offices, passes, fields)``."""
    happens: Flags
    then: I32
    """Records of the undelayed plan."""
    planned: Flags
    duration: NDArray[np.float32]
    """Drawn durations, shape ``(offices, passes)``."""
    factor: NDArray[np.float64]
    """Of each risk member, like the next."""
    delay: NDArray[np.float64]


class Law(NamedTuple):
    """What the split reads of a plan."""

    net: Net
    places: Places
    hits: Hits


def hits_of(plan: Plan) -> Hits:
    """The risks of a plan by activity."""
    first = np.cumsum([0, *(len(a.risks) for a in plan.activities)]).astype(np.int32)
    return Hits(
        first,
        np.array([r for a in plan.activities for r in a.risks], np.int32),
        np.array([(r.first, r.last, r.delay_in_weeks) for r in plan.risks], np.int32).reshape(-1, 3),
        np.array([r.member for r in plan.risks], np.int32).reshape(-1, len(plan.offices)),
        np.array([a.week for a in plan.activities], np.int32),
    )


@inlined
def counterpart(net: Net, then: I32, here: int) -> int:
    """The pass of the undelayed plan that a pass is compared with: the same, else the last that the plan makes before it."""
    while here > net.step[here, STEP_FIRST] and then[here, START] < 0:
        here -= 1
    return here


@inlined
def whole(length: float) -> int:
    """Whole days of a length, as the engines round it."""
    return max(int(np.floor(length + 0.5)), 1) if length > 0 else 0


@inlined
def split_risks(law: Law, case: Case, office: int, here: int, parts: I32) -> int:
    """Days that risks add to the work of a pass, one risk after the other; their sum."""
    net, hits = law.net, law.hits
    a, calendar, start = net.step[here, STEP_ACTIVITY], net.step[here, STEP_CALENDAR], case.now[office, here, START]
    drawn = np.float64(case.duration[office, here])
    factor, delay = 1.0, 0.0
    begin = worked(net, calendar, start, whole(drawn))
    end = begin
    for i in range(hits.first[a], hits.first[a + 1]):
        risk = hits.risk[i]
        member = hits.member[risk, office]
        if member >= 0 and hits.window[risk, 0] <= start <= hits.window[risk, 1]:
            factor *= case.factor[member]
            delay += case.delay[member] * (hits.week[a] if hits.window[risk, 2] else 1)
            with_it = worked(net, calendar, start, whole(drawn * factor + delay))
            parts[law.places.risk[risk]] += with_it - end
            end = with_it
    return int(end - begin)


@inlined
def split_work(law: Law, case: Case, office: int, here: int, parts: I32) -> int:
    """Days of own work beyond those of the plan: another season, the actor, the risks; their sum."""
    net, calendar = law.net, law.net.step[here, STEP_CALENDAR]
    start, then = case.now[office, here, START], case.then[office, counterpart(net, case.then[office], here)]
    planned = worked(net, calendar, then[START], then[WORK]) - then[START]
    same_work = worked(net, calendar, start, then[WORK]) - start
    own, free = work_ends(net, case.now[office], here)
    was_own, was_free = work_ends(net, case.then[office], counterpart(net, case.then[office], here))
    total, status = own - start, (free - own) - (was_free - was_own)
    parts[law.places.single[CALENDAR]] += same_work - planned
    parts[law.places.single[STATUS]] += status
    if net.step[here, STEP_KIND] == IS_WORK:
        by_risks = split_risks(law, case, office, here, parts)
        parts[law.places.actor[net.step[here, STEP_ACTIVITY]]] += total - same_work - by_risks
    return int(total - planned + status)


@inlined
def split_lag(law: Law, case: Case, office: int, here: int, back: Step, parts: I32) -> int:
    """Days of a lag beyond those of the plan: the same working days at another time."""
    source, its_end, _, wait = back
    net, lag = law.net, law.net.wait[wait, WAIT_LAG]
    if lag == 0 or not case.happens[office, here]:
        return 0
    day = moment(case.now[office], source, its_end)
    then = moment(case.then[office], counterpart(net, case.then[office], source), its_end)
    calendar = net.step[here, STEP_CALENDAR]
    days = (worked(net, calendar, day, lag) - day) - (worked(net, calendar, then, lag) - then)
    parts[law.places.single[CALENDAR]] += days
    return int(days)


@inlined
def split_finish(law: Law, case: Case, office: int, here: int, back: Step, parts: I32) -> int:
    """Parts of a finish: its date, then its work or what held it back; their sum."""
    net, places = law.net, law.places
    now, then = case.now[office], case.then[office]
    first = counterpart(net, then, here)
    _, day = held_until(net, now, here, case.happens[office, here])
    _, planned = held_until(net, then, first, case.planned[office, first])
    cause = places.single[OPENING_DAY]
    if net.step[here, STEP_KIND] == IS_MEETING:
        cause = places.meeting[net.step[here, STEP_SERIES]]
    date = (now[here, FINISH] - day) - (then[first, FINISH] - planned)
    parts[cause] += date
    if back[2] == BY_OWN_WORK:
        return int(date + split_work(law, case, office, here, parts))
    return int(date + split_lag(law, case, office, here, back, parts))


@inlined
def split_start(law: Law, case: Case, office: int, here: int, back: Step, parts: I32) -> int:
    """Parts of a start: pools, the calendar, dates, a lag; their sum."""
    net, places = law.net, law.places
    now, then = case.now[office], case.then[office]
    first = counterpart(net, then, here)
    allowed, known, request = waits_of_start(net, now, here)
    was_allowed, was_known, _ = waits_of_start(net, then, first)
    waited = now[here, START] - request
    if waited > 0:
        parts[places.pool[queue_of(net, case.now, office, here, AT_START)[2]]] += waited
    calendar = (request - known) - (then[first, START] - was_known)
    status = (known - allowed) - (was_known - was_allowed)
    not_before = (allowed - now[here, READY]) - (was_allowed - then[first, READY])
    parts[places.single[CALENDAR]] += calendar
    parts[places.single[STATUS]] += status
    parts[places.single[NOT_BEFORE]] += not_before
    lag = split_lag(law, case, office, here, back, parts) if back[2] == BY_LOGIC else 0
    return int(waited + calendar + status + not_before + lag)


@inlined
def gap(law: Law, case: Case, office: int, here: int, end: int) -> int:
    """How much later a moment is than in the plan."""
    then = case.then[office]
    return moment(case.now[office], here, end) - moment(then, counterpart(law.net, then, here), end)


@inlined
def split_step(law: Law, case: Case, office: int, here: int, end: int, back: Step, later: int, parts: I32) -> None:
    """Split what one step of the chain adds to the delay; what is left over is slack of the plan."""
    places, net = law.places, law.net
    first = counterpart(net, case.then[office], here)
    if first != here:
        parts[places.redo[net.step[here, STEP_LOOP]]] += later
        return
    if case.happens[office, here] != case.planned[office, first]:
        parts[places.occurrence[net.step[here, STEP_ACTIVITY]]] += later
        return
    driver = case.now[office, here, FINISH_DRIVER] if end == AT_FINISH else case.now[office, here, START_DRIVER]
    if driver == BY_DONE:
        parts[places.single[STATUS]] += later
    elif end == AT_FINISH:
        parts[places.single[SLACK]] += later - split_finish(law, case, office, here, back, parts)
    else:
        parts[places.single[SLACK]] += later - split_start(law, case, office, here, back, parts)


@jit_plain
def split_office(law: Law, case: Case, office: int, here: int, parts: I32) -> None:
    """Split the delay of an opening against the undelayed plan, from the opening back to its beginning."""
    end, how = AT_FINISH, NOBODY
    while how != AT_AN_END:
        back = before(law.net, case.now[office], here, end, case.happens[office, here])
        how = back[2]
        later = gap(law, case, office, here, end)
        if how != AT_AN_END:
            later -= gap(law, case, office, back[0], back[1])
        split_step(law, case, office, here, end, back, later, parts)
        here, end = back[0], back[1]


@jit_plain
def split_block(
    law: Law,
    cases: Case,
    opening: tuple[int, int],
    reference: I32,
    parts: I32,
) -> None:
    """Split the delays of a block: all arrays of ``cases`` have one more axis in front; ``parts``: ``(n, offices, causes)``, from 0.

    Parameters
    ----------
    opening
        First pass of the opening activity and the end of its passes.
    reference
        Opening day of each office in the deterministic plan.
    """
    for r in range(parts.shape[0]):
        case = Case(cases.now[r], cases.happens[r], cases.then[r], cases.planned[r], cases.duration[r], cases.factor[r], cases.delay[r])
        for office in range(parts.shape[1]):
            of_office = parts[r, office]
            here = last_pass(case.now[office], opening[0], opening[1])
            of_office[law.places.single[OUTCOME]] += (
                moment(case.then[office], counterpart(law.net, case.then[office], here), AT_FINISH) - reference[office]
            )
            split_office(law, case, office, here, of_office)


class Added(NamedTuple):
    """Sums over the futures of a block that are gathered; what each part of it means is told in :class:`sim.analysis.delay.DelayTally`."""

    parts: Whole
    products: Whole
    delays: Whole
    kept: I32


@jit_plain
def add_up(parts: I32, first: int, scopes: Flags, into: Added) -> None:
    """Add the parts of futures to the sums of their groups, and note each future's sums over scopes.

    Parameters
    ----------
    parts
        Days by cause, shape ``(n, offices, causes)``.
    first
        Number of the first future.
    scopes
        Which offices belong to each scope, shape ``(scopes, offices)``.
    """
    for r in range(parts.shape[0]):
        group = (first + r) // GROUP_RUN % GROUPS
        for office in range(parts.shape[1]):
            days = parts[r, office]
            delay = np.int64(0)
            for c in range(days.size):
                delay += days[c]
            for c in range(days.size):
                if days[c] != 0:
                    into.parts[group, office, c] += days[c]
                    into.products[group, office, c] += days[c] * delay
                    for scope in range(scopes.shape[0]):
                        if scopes[scope, office]:
                            into.kept[r, scope, c] += days[c]
            into.delays[group, office, 0] += 1
            into.delays[group, office, 1] += delay
            into.delays[group, office, 2] += delay * delay
