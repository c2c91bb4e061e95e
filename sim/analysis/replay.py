"""One future, told: what every day of every activity went to, and all that happened, in order.

A *span* is some days of one pass of an activity that went to the same thing: waiting for a date, for working days, for a pool, then the
work, then waiting for other work, a meeting or a day to open on. The spans of a pass lie end to end from the day on which logic let it
begin (``ready``) to its finish. One future is what it is, so nothing here has a sampling error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.analysis.chain_steps import (
    BY_CAPACITY,
    BY_DONE,
    BY_MEETING,
    FINISH,
    FINISH_DRIVER,
    I32,
    NOBODY,
    READY,
    START,
    START_DRIVER,
    STEP_SERIES,
    Net,
    held_until,
    lay_out,
    waits_of_start,
    work_ends,
)
from sim.analysis.chains import (
    CALENDAR,
    CAPACITY,
    DONE,
    HOLD,
    MEETING,
    MOST_LINKS,
    NOT_BEFORE,
    OPENING_DAY,
    POOL,
    STATUS,
    WORK,
    LinkKind,
    chain,
    put,
    queue_of,
)
from sim.analysis.table import Table
from sim.compiled import jit_plain
from sim.plan import Plan
from sim.timeline import Timeline

BEFORE_START = {LinkKind.NOT_BEFORE, LinkKind.STATUS, LinkKind.CALENDAR, LinkKind.POOL, LinkKind.CAPACITY}
"""What a start can have waited for; all else lies between start and finish."""


@jit_plain
def spans_of_pass(net: Net, future: I32, office: int, here: int, happens: bool, links: I32) -> int:
    """Spans of a pass in order of time; how many. Columns: pass that gave a pool's unit back or -1, kind, days, pool or series."""
    records, count = future[office], 0
    start, finish = records[here, START], records[here, FINISH]
    if records[here, START_DRIVER] != BY_DONE:
        allowed, known, request = waits_of_start(net, records, here)
        giver, _, pool = queue_of(net, future, office, here, 0)
        count = put(links, count, NOBODY, NOT_BEFORE, allowed - records[here, READY], NOBODY)
        count = put(links, count, NOBODY, STATUS, known - allowed, NOBODY)
        count = put(links, count, NOBODY, CALENDAR, request - known, NOBODY)
        count = put(links, count, giver, CAPACITY if records[here, START_DRIVER] == BY_CAPACITY else POOL, start - request, pool)
    if records[here, FINISH_DRIVER] == BY_DONE:
        return put(links, count, NOBODY, DONE, finish - start, NOBODY)
    own, free = work_ends(net, records, here)
    _, day = held_until(net, records, here, happens)
    count = put(links, count, NOBODY, WORK, own - start, NOBODY)
    count = put(links, count, NOBODY, STATUS, free - own, NOBODY)
    count = put(links, count, NOBODY, HOLD, day - free, NOBODY)
    kind = MEETING if records[here, FINISH_DRIVER] == BY_MEETING else OPENING_DAY
    return put(links, count, NOBODY, kind, finish - day, net.step[here, STEP_SERIES])


@dataclass(frozen=True, slots=True)
class Span:
    """Some days of a pass that went to the same thing.

    Attributes
    ----------
    kind
        What they went to.
    begin, days
        First day, counted from the start of the scenario, and how many.
    detail
        Pool or series that was waited for, else -1.
    giver
        Pass that gave a unit of the pool back (a node, see :meth:`sim.plan.Plan.node`), else -1.
    """

    kind: LinkKind
    begin: int
    days: int
    detail: int
    giver: int


@dataclass(frozen=True, slots=True)
class Told:
    """A pass that was made.

    Attributes
    ----------
    office, pass_
        Which.
    ready, start, finish
        Days after the start of the scenario.
    spans
        From ``ready`` to ``finish``.
    sends_back
        Whether its finish sent the office back.
    on_chain
        Whether it is part of what led to its office's opening.
    """

    office: int
    pass_: int
    ready: int
    start: int
    finish: int
    spans: tuple[Span, ...]
    sends_back: bool
    on_chain: bool

    @property
    def waits(self) -> tuple[Span, ...]:
        """What the start waited for."""
        return tuple(span for span in self.spans if span.begin < self.start)

    @property
    def rest(self) -> tuple[Span, ...]:
        """What lies between start and finish."""
        return tuple(span for span in self.spans if span.begin >= self.start)


def told(plan: Plan, timeline: Timeline, row: int, offices: Iterable[int] | None = None) -> list[Told]:
    """Every pass that took place in one future, and each opening, in order of start, then finish, then place in the plan.

    Parameters
    ----------
    row
        Row of the block of futures.
    offices
        Which; default: all.
    """
    net = lay_out(plan)
    wanted = range(len(plan.offices)) if offices is None else offices
    return sorted((one for office in wanted for one in _told(plan, net, timeline, row, office)), key=_order)


def _order(one: Told) -> tuple[int, ...]:
    return one.start, one.finish, one.office, one.pass_


def _told(plan: Plan, net: Net, timeline: Timeline, row: int, office: int) -> Iterator[Told]:
    future, happens = timeline.record[row], timeline.happens[row, office]
    links = np.empty((2 * MOST_LINKS, 4), np.int32)
    on_chain = {link.pass_ for link in chain(plan, timeline, row, office, net=net)}
    opening = plan.activities[plan.opening].passes
    finishes = future[office, opening, FINISH]
    opens = opening.start + int(np.flatnonzero(finishes == finishes.max())[-1])
    for here in sorted({opens, *np.flatnonzero(happens).tolist()}):
        count = spans_of_pass(net, future, office, here, bool(happens[here]), links)
        ready, start, finish = (int(future[office, here, field]) for field in (READY, START, FINISH))
        sent = sends_back(plan, future[office], here)
        yield Told(office, here, ready, start, finish, _spans(links[:count], ready), sent, here in on_chain)


def _spans(links: I32, ready: int) -> tuple[Span, ...]:
    spans, day = [], ready
    for giver, kind, days, detail in links.tolist():
        spans.append(Span(LinkKind(kind), day, days, detail, giver))
        day += days
    return tuple(spans)


def sends_back(plan: Plan, office: I32, here: int) -> bool:
    """Whether the finish of a pass sent the office back: the next round of its loop was made."""
    step = plan.passes[here]
    activity = plan.activities[step.activity]
    if activity.redo < 0 or dict(step.numbers)[activity.redo] >= plan.loops[activity.redo].at_most:
        return False
    return bool(office[here + dict(activity.strides)[activity.redo], START] >= 0)


# --- tables ------------------------------------------------------------------------------------------------------------------

SPAN_COLUMNS = ("office", "activity", "pass", "kind", "detail", "given_back_by", "from", "until", "days", "on_chain")
EVENT_COLUMNS = ("date", "office", "activity", "pass", "event", "days", "waited_days", "waited_for", "detail", "given_back_by", "on_chain")


def span_table(plan: Plan, passes: Sequence[Told]) -> Table:
    """What every day of every pass went to, a span a row; ``from`` and ``until`` are mornings."""
    rows = []
    for one in passes:
        for span in one.spans:
            dates = plan.date(span.begin), plan.date(span.begin + span.days)
            rows.append(
                (*_who(plan, one), span.kind.name.lower(), detail_of(plan, span), giver_of(plan, span), *dates, span.days, one.on_chain)
            )
    return Table.of_rows("spans", SPAN_COLUMNS, rows)


def event_table(plan: Plan, passes: Sequence[Told]) -> Table:
    """Every start and finish in order of time.

    ``event`` is ``start``, ``finish``, ``send_back`` (a finish that sends the office back) or ``open``. ``days`` of a finish are those from
    the start; ``waited_days`` the days until a start after logic had let it begin, or those of a finish after the work itself had
    ended; ``waited_for`` what most of these went to. What starts and finishes on one day without a wait has no start of its own.
    """
    return Table.of_rows("events", EVENT_COLUMNS, [_event(plan, *event) for event in events(plan, passes)])


Event = tuple[int, Told, str]
"""Day, pass, and what happens."""


def events(plan: Plan, passes: Sequence[Told]) -> list[Event]:
    """Starts and finishes in order of time; on one day finishes come first, as what follows on them begins on that day."""
    opening = plan.activities[plan.opening].passes
    of_opening = [one for one in passes if opening.start <= one.pass_ < opening.stop]
    last = {one.office: one.pass_ for one in sorted(of_opening, key=lambda one: (one.finish, one.pass_))}
    found = []
    for one in passes:
        if one.finish > one.start or one.waits:
            found.append((one.start, 1, int(one.finish == one.start), one, "start"))
        name = "send_back" if one.sends_back else "open" if last.get(one.office) == one.pass_ else "finish"
        found.append((one.finish, int(one.finish == one.start), 2, one, name))
    found.sort(key=lambda event: (event[0], event[1], event[3].office, event[3].pass_, event[2]))
    return [(day, one, name) for day, _, _, one, name in found]


def waited(one: Told, event: str) -> tuple[Span, ...]:
    """Waits that an event ends: before a start, or after the work."""
    return one.waits if event == "start" else tuple(span for span in one.rest if span.kind not in (LinkKind.WORK, LinkKind.DONE))


def _event(plan: Plan, day: int, one: Told, event: str) -> tuple[object, ...]:
    waits = waited(one, event)
    longest = max(waits, key=lambda span: span.days, default=None)
    why = ("", "", "") if longest is None else (longest.kind.name.lower(), detail_of(plan, longest), giver_of(plan, longest))
    days = None if event == "start" else one.finish - one.start
    return (plan.date(day), *_who(plan, one), event, days, sum(span.days for span in waits), *why, one.on_chain)


def _who(plan: Plan, one: Told) -> tuple[str, str, str]:
    step = plan.passes[one.pass_]
    return plan.offices[one.office].id, plan.activities[step.activity].id, step.label


def detail_of(plan: Plan, span: Span) -> str:
    """Id of the pool or meeting waited for, else nothing."""
    if span.kind in (LinkKind.POOL, LinkKind.CAPACITY):
        return plan.pools[span.detail].id
    return plan.series_names[span.detail] if span.kind is LinkKind.MEETING else ""


def giver_of(plan: Plan, span: Span) -> str:
    """Office and activity that gave a unit back, as ``office.activity``, else nothing."""
    if span.giver < 0:
        return ""
    office, here = plan.node(span.giver)
    return f"{plan.offices[office].id}.{plan.activities[plan.passes[here].activity].id}"
