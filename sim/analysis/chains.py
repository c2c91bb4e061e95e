"""What led to an opening: the chain of work and waits behind it, followed back from the day of opening.

Every moment of a future was decided by one earlier moment: a finish by the work that began at the start or by what held it back, a
start by the predecessor that came last. Following these from an opening to where nothing earlier decides gives its chain.
Each link has a kind and a number of days, and the days of all links add up to the day of opening, to the day:

    first day of the office + work + lags + waits for calendar, dates, pools, meetings, … = day of opening

A wait for a pool has two readings, and both are offered. *Within the office* the wait is a link of its own, and the chain
goes on with the office's own predecessor: what did this office wait for? *Across offices* the chain follows the pass whose end gave the
unit back, in whatever office that was, to that office's first day: what had to go faster? A capacity that rose has nothing
behind it, so there the chain stays in the office in both.

Links of passes after the first are what a redo cost; ``REDO`` itself is only the wait, after the pass that sent the office back,
for the rest of the span to finish.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from sim.analysis.chain_steps import (
    AT_AN_END,
    AT_FINISH,
    BY_CAPACITY,
    BY_DONE,
    BY_MEETING,
    BY_OWN_WORK,
    BY_POOL,
    BY_SENDER,
    FINISH,
    FINISH_DRIVER,
    I32,
    NOBODY,
    READY,
    START,
    START_CAUSE,
    START_DRIVER,
    STEP_NEEDS,
    STEP_SERIES,
    Flags,
    Net,
    Step,
    before,
    held_until,
    last_pass,
    lay_out,
    lowest,
    moment,
    released,
    waits_of_start,
    work_ends,
)
from sim.analysis.table import Table
from sim.compiled import inlined, jit_plain
from sim.plan import Plan
from sim.timeline import Timeline


class LinkKind(IntEnum):
    """What the days of a link went to."""

    OFFICE_START = 0
    """From the start of the scenario to the first day of the office."""
    DONE = 1
    """From the start of the scenario to a fact, or to where an office under way begins."""
    WORK = 2
    """From the start to the end of the own work, days off within it included; of a meeting or opening the lead or notice."""
    LAG = 3
    """A lag after a predecessor, days off included."""
    CALENDAR = 4
    """Days off before the start."""
    NOT_BEFORE = 5
    """Until a date before which it may not begin."""
    POOL = 6
    """Until another pass gave a unit of a pool back; across offices only from there to the first working day."""
    CAPACITY = 7
    """Until the capacity of a pool rose."""
    MEETING = 8
    """Until the next meeting."""
    OPENING_DAY = 9
    """Until the next day on which an office may open."""
    HOLD = 10
    """A lag after what held back the finish (FF, SF)."""
    REDO = 11
    """After the pass that sent the office back, until the rest of the span had finished."""
    STATUS = 12
    """Until the status date."""


OFFICE_START, DONE, WORK, LAG = (int(LinkKind[name]) for name in ("OFFICE_START", "DONE", "WORK", "LAG"))
CALENDAR, NOT_BEFORE, POOL, CAPACITY = (int(LinkKind[name]) for name in ("CALENDAR", "NOT_BEFORE", "POOL", "CAPACITY"))
MEETING, OPENING_DAY, HOLD = (int(LinkKind[name]) for name in ("MEETING", "OPENING_DAY", "HOLD"))
REDO, STATUS = (int(LinkKind[name]) for name in ("REDO", "STATUS"))
MOST_LINKS = 6
"""Links that one pass can have."""


@inlined
def put(links: I32, count: int, node: int, kind: int, days: int, detail: int) -> int:
    """Add a link when it has days; the new number of links."""
    if days <= 0:
        return count
    links[count, 0], links[count, 1], links[count, 2], links[count, 3] = node, kind, days, detail
    return count + 1


@inlined
def leave_finish(net: Net, office: I32, here: int, node: int, happens: bool, back: Step, links: I32, count: int) -> int:
    """Links of a finish: what it waited for after its work or hold; then that."""
    source, end, how, _ = back
    driver, finish = office[here, FINISH_DRIVER], office[here, FINISH]
    if how == AT_AN_END:
        return put(links, count, node, DONE, finish, NOBODY)
    _, day = held_until(net, office, here, happens)
    kind = MEETING if driver == BY_MEETING else OPENING_DAY
    count = put(links, count, node, kind, finish - day, net.step[here, STEP_SERIES])
    if how != BY_OWN_WORK:
        return put(links, count, node, HOLD, day - moment(office, source, end), NOBODY)
    own, _ = work_ends(net, office, here)
    count = put(links, count, node, STATUS, day - own, NOBODY)
    return put(links, count, node, WORK, own - office[here, START], NOBODY)


@inlined
def leave_start(net: Net, office: I32, here: int, node: int, pool: int, back: Step, links: I32, count: int) -> int:
    """Links of a start: what it waited for after logic let it begin (pools, the calendar, a date); then that logic."""
    source, end, how, _ = back
    driver, ready = office[here, START_DRIVER], office[here, READY]
    if driver == BY_DONE:
        return put(links, count, node, DONE, office[here, START], NOBODY)
    allowed, known, request = waits_of_start(net, office, here)
    count = put(links, count, node, CAPACITY if driver == BY_CAPACITY else POOL, office[here, START] - request, pool)
    count = put(links, count, node, CALENDAR, request - known, NOBODY)
    count = put(links, count, node, STATUS, known - allowed, NOBODY)
    count = put(links, count, node, NOT_BEFORE, allowed - ready, NOBODY)
    if how == AT_AN_END:
        return put(links, count, node, OFFICE_START, ready, NOBODY)
    return put(links, count, node, REDO if how == BY_SENDER else LAG, ready - moment(office, source, end), NOBODY)


@inlined
def queue_of(net: Net, future: I32, office: int, here: int, end: int) -> tuple[int, int, int]:
    """Node and end that released what a start waited for, or -1, and the pool, or -1."""
    records = future[office, here]
    if end == AT_FINISH or records[START_DRIVER] not in (BY_POOL, BY_CAPACITY):
        return NOBODY, end, NOBODY
    if records[START_DRIVER] == BY_CAPACITY:
        return NOBODY, end, lowest(net.step[here, STEP_NEEDS])
    cause, passes = records[START_CAUSE], future.shape[1]
    its_end, pool = released(net, net.step[here, STEP_NEEDS], records, here, future[cause // passes], cause % passes)
    return cause, its_end, pool


@jit_plain
def walk(net: Net, future: I32, happens: Flags, office: int, here: int, across: bool, links: I32) -> int:
    """Links from a finish back to its beginning, latest first; how many. Columns: node, kind, days, detail."""
    passes = future.shape[1]
    end, count = AT_FINISH, 0
    while count + MOST_LINKS <= links.shape[0]:
        records, node = future[office], office * passes + here
        cause, its_end, pool = queue_of(net, future, office, here, end)
        if across and cause != NOBODY:
            day = records[here, START]
            office, here, end = cause // passes, cause % passes, its_end
            count = put(links, count, node, POOL, day - moment(future[office], here, end), pool)
            continue
        back = before(net, records, here, end, happens[office, here])
        if end == AT_FINISH:
            count = leave_finish(net, records, here, node, happens[office, here], back, links, count)
        else:
            count = leave_start(net, records, here, node, pool, back, links, count)
        if back[2] == AT_AN_END:
            return count
        here, end = back[0], back[1]
    return NOBODY


@dataclass(frozen=True, slots=True)
class Link:
    """Some days of a chain.

    Attributes
    ----------
    office, pass_
        Whose work or wait it was.
    kind
        What the days went to.
    begin, days
        First day, counted from the start of the scenario, and how many.
    detail
        Pool of a wait for one, series of a meeting or opening day, else -1.
    """

    office: int
    pass_: int
    kind: LinkKind
    begin: int
    days: int
    detail: int


def chain(
    plan: Plan, timeline: Timeline, replication: int, office: int, *, across: bool = False, net: Net | None = None
) -> tuple[Link, ...]:
    """The chain to an office's opening, in order of time.

    Parameters
    ----------
    plan, timeline
        What was simulated and a block of futures.
    replication
        Row of the block.
    office
        Index of the office that opens.
    across
        Follow pools into the offices that gave them back.
    net
        The plan as :func:`sim.analysis.chain_steps.lay_out` gives it, when it is at hand.

    Returns
    -------
    tuple of Link
        Links without days are left out; the days of the others add up to the day of opening.
    """
    net = lay_out(plan) if net is None else net
    future, happens = timeline.record[replication], timeline.happens[replication]
    offices = len(plan.offices) if across else 1
    links = np.empty((MOST_LINKS * (2 * len(plan.passes) * offices + 1), 4), np.int32)
    opening = plan.activities[plan.opening].passes
    here = int(last_pass.py_func(future[office], opening.start, opening.stop))  # type: ignore[attr-defined]
    count = walk(net, future, happens, office, here, across, links)
    if count == NOBODY:
        raise AssertionError(f"the chain of office {plan.offices[office].id} goes round in a circle in row {replication}")
    result, day = [], 0
    for node, kind, days, detail in links[:count][::-1].tolist():
        result.append(Link(*plan.node(node), LinkKind(kind), day, days, detail))
        day += days
    return tuple(result)


COLUMNS = ("office", "step", "at_office", "activity", "pass", "kind", "detail", "from", "until", "days")


def chain_table(plan: Plan, timeline: Timeline, replication: int, offices: Iterable[int] | None = None, *, across: bool = False) -> Table:
    """The chains to the openings of some offices (default: all) in one future, a link a row.

    ``from`` and ``until`` are mornings; ``detail`` names the pool or the meeting waited for; ``pass`` is empty for a first pass.
    One future is what it is, so there is no sampling error.
    """
    net = lay_out(plan)
    rows = []
    for office in range(len(plan.offices)) if offices is None else offices:
        for step, link in enumerate(chain(plan, timeline, replication, office, across=across, net=net), start=1):
            pass_ = plan.passes[link.pass_]
            place = (plan.offices[link.office].id, plan.activities[pass_.activity].id, pass_.label)
            dates = (plan.date(link.begin), plan.date(link.begin + link.days))
            rows.append((plan.offices[office].id, step, *place, link.kind.name.lower(), detail_of(plan, link), *dates, link.days))
    return Table.of_rows("chain", COLUMNS, rows)


def detail_of(plan: Plan, link: Link) -> str:
    """Name of the pool or meeting that a link waited for, else nothing."""
    if link.kind in (LinkKind.POOL, LinkKind.CAPACITY):
        return plan.pools[link.detail].id
    return plan.series_names[link.detail] if link.kind is LinkKind.MEETING else ""
