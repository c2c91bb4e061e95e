"""A plan laid out in a few flat tables, as the compiled engine reads it.

Few, because every array that a compiled function is given costs time to compile. Lists of different lengths lie end to end
in one table, :attr:`Packed.item`; a row of another table says where its list begins (``X``) and ends (the column after it).
Moments are numbered ``2 * activity + end``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.plan import ActivityPlan, Plan

I32 = NDArray[np.int32]
U32 = NDArray[np.uint32]
"""Tables without negative numbers: the compiler then need not see to indices that count from the end."""

LIMITS = {
    "loops": 30,
    "resources": 30,
    "activities": 1 << 10,
    "offices": 1 << 21,
    "priorities": 1 << 10,
    "days": 1 << 22,
    "nodes": 1 << 30,
    "passes": 1 << 15,
    "predecessors": 127,
}
"""What fits into the bits that the compiled engine has for it."""


# Columns of :attr:`Packed.act`.
ACT_KIND = 0
ACT_CALENDAR = 1
ACT_WEEK = 2
ACT_NOT_BEFORE = 3
ACT_SERIES = 4
ACT_LEAD = 5
ACT_FIRST_PASS = 6
ACT_LOOPS = 7
"""Bits of the redo loops around it."""
ACT_TAKES = 8
"""Bits of the pools whose held span begins here."""
ACT_STRIDES = 9
"""Items (loop, stride)."""
ACT_STRIDES_END = 10
ACT_USES = 11
"""Items (pool, units)."""
ACT_USES_END = 12
ACT_NEEDS = 13
"""Items (line,), by the number of the subset of its ``TAKES`` that is asked for."""
ACT_RISKS = 14
"""Items (risk,)."""
ACT_RISKS_END = 15
ACT_COLUMNS = 16

# Columns of :attr:`Packed.moment`.
MOMENT_WAITS = 0
"""How many moments it waits for."""
MOMENT_RELATIONS = 1
"""Items (source activity, source end, lag)."""
MOMENT_RELATIONS_END = 2
MOMENT_SUCCESSORS = 3
"""Items (moment that waits for it, loops exited, loops entered)."""
MOMENT_SUCCESSORS_END = 4
MOMENT_GIVES = 5
"""Items (pool, loops exited)."""
MOMENT_GIVES_END = 6
MOMENT_COLUMNS = 7

# Columns of :attr:`Packed.line`: requests with the same needs.
LINE_UNITS = 0
"""Items (pool, units)."""
LINE_UNITS_END = 1
LINE_POOLS = 2
"""Bits of the pools."""
LINE_STRICT = 3
"""Bits of those that nobody may pass in."""
LINE_PLACE = 4
"""Where its requests begin among all waiting requests."""
LINE_COLUMNS = 5

# Columns of :attr:`Packed.loop`; loops stand with inner ones first in ``INNER_FIRST``.
LOOP_ACTIVITY = 0
LOOP_INSIDE = 1
LOOP_MEMBERS = 2
"""Items (activity,), in the order of the process."""
LOOP_MEMBERS_END = 3
LOOP_INNER_FIRST = 4
"""Not of this row's loop: the loops in the order of this column, inner ones before those around them."""
LOOP_COLUMNS = 5

# Columns of :attr:`Packed.risk`.
RISK_FIRST = 0
RISK_LAST = 1
RISK_WEEKS = 2
RISK_COLUMNS = 3

# Columns of :attr:`Packed.office`.
OFFICE_START = 0
OFFICE_RANK = 1
OFFICE_HELD = 2
"""Bits of the pools held on entry."""
OFFICE_ENTERS = 3
"""Whether it is under way when it enters."""
OFFICE_FACTS = 4
"""Whether something is known of it on the status date."""
OFFICE_COLUMNS = 5

# Columns of :attr:`Packed.fact`.
FACT_START = 0
"""-1 where nothing is known of a pass."""
FACT_FINISH = 1
FACT_WORK = 2
FACT_HAPPENS = 3
"""Whether it took place, and takes the pools held from its start."""
FACT_COLUMNS = 4


class Packed(NamedTuple):
    """All that one compiled call reads of a plan."""

    act: U32
    moment: U32
    item: U32
    line: U32
    loop: U32
    root: U32
    """Activities that wait for nothing."""
    process: U32
    """Activities in the order of the process."""
    inner_waits: I32
    """How many moments within a loop each moment waits for, shape (loops, moments)."""
    risk: I32
    risk_member: I32
    """Member of each risk that an office belongs to, shape (risks, offices)."""
    calendar: I32
    """For each calendar and day the working days before it, and the first working day from it on; shape (calendars, days, 2)."""
    worked: I32
    """For each calendar the day of each of its working days, counted from 0."""
    series: I32
    """For each series the first of its dates from each day on."""
    office: I32
    office_done: NDArray[np.bool_]
    capacity: I32
    change: I32
    """(day, pool, new capacity)."""
    later_pass: U32
    """Passes that are not made in every future."""
    fact: I32
    """What is known of each pass, shape (offices, passes, ``FACT_…``); no offices where nothing is known at all."""
    status_day: int
    """Nothing but facts starts or finishes before this day."""
    events: int
    """The most events that a future can have."""
    waiting: int
    """The most requests that can wait at once."""


class Items:
    """Lists laid end to end."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, ...]] = []

    def add(self, rows: Iterable[Sequence[int]]) -> tuple[int, int]:
        """Append a list; where it begins and ends."""
        begin = len(self.rows)
        self.rows.extend(tuple(row) for row in rows)
        return begin, len(self.rows)

    def table(self) -> U32:
        """All lists, rows filled up with 0."""
        return _unsigned(((*row, 0, 0, 0)[:3] for row in self.rows), 3)


def bits(numbers: Iterable[int]) -> int:
    """One bit per number."""
    return sum(1 << p for p in set(numbers))


def subsets(takes: Sequence[int]) -> list[tuple[int, ...]]:
    """All subsets of the held pools that an activity may ask for, as binary numbers over their order in the plan."""
    takes = sorted(takes)
    every = (chosen for n in range(len(takes) + 1) for chosen in combinations(takes, n))
    return sorted(every, key=lambda chosen: sum(1 << takes.index(pool) for pool in chosen))


def units_of(activity: ActivityPlan, asked: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Pools and units of a request: what the activity uses, and one unit of each held pool asked for."""
    units = dict(activity.uses)
    for pool in asked:
        units[pool] = units.get(pool, 0) + 1
    return tuple(sorted(units.items()))


def check_limits(plan: Plan) -> None:
    """Refuse what does not fit, before anything is computed."""
    sizes = {
        "loops": len(plan.loops),
        "resources": len(plan.pools),
        "activities": len(plan.activities),
        "offices": len(plan.offices),
        "priorities": len({office.priority for office in plan.offices}),
        "days": plan.last + 2,
        "nodes": len(plan.offices) * len(plan.passes),
        "passes": len(plan.passes),
        "predecessors": max(max(len(a.holds_start), len(a.holds_finish)) for a in plan.activities),
    }
    over = [f"{name}: {sizes[name]} are more than the {most} that can be simulated" for name, most in LIMITS.items() if sizes[name] > most]
    if over:
        raise InputError(*over)


def pack(plan: Plan, like: Packed | None = None) -> Packed:
    """Lay out a plan.

    Parameters
    ----------
    like
        A plan with the same calendars and meetings, laid out: its tables of days serve both.

    Raises
    ------
    InputError
        When the plan has more of something than there are bits for it.
    """
    check_limits(plan)
    items = Items()
    line, needs, waiting = _lines(plan, items)
    # A day's list is read from its end, and all changes up to the start fall on day 0: the last of them must hold.
    changes = [(max(day, 0), pool.index, capacity) for pool in plan.pools for day, capacity in reversed(pool.changes) if day <= plan.last]
    asking = sum(a.pass_count * (2 + len(a.takes)) for a in plan.activities if a.uses or a.takes)
    giving = sum(a.pass_count * (len(a.gives_at_start) + len(a.gives_at_finish)) for a in plan.activities)
    return Packed(
        act=_acts(plan, items, needs),
        moment=_moments(plan, items),
        line=line,
        loop=_loops(plan, items),
        inner_waits=_inner_waits(plan),
        risk=_table(((r.first, r.last, int(r.delay_in_weeks)) for r in plan.risks), RISK_COLUMNS),
        risk_member=_table((r.member for r in plan.risks), len(plan.offices)),
        calendar=like.calendar if like else _calendars(plan),
        worked=like.worked if like else _days(plan, [c.day_of for c in plan.calendars]),
        series=like.series if like else _days(plan, plan.series),
        office=_offices(plan),
        office_done=np.array([o.done for o in plan.offices], np.bool_),
        capacity=np.array([p.capacity for p in plan.pools], np.int32),
        change=_table(changes, 3),
        later_pass=np.array([i for i, p in enumerate(plan.passes) if p.label], np.uint32),
        item=items.table(),
        root=np.array([a.index for a in plan.activities if not a.holds_start], np.uint32),
        process=np.array(plan.process, np.uint32),
        fact=_facts(plan),
        status_day=plan.status_day,
        events=len(plan.offices) * (asking + giving + 1) + len(changes) + 1,
        waiting=waiting,
    )


def _unsigned(rows: Iterable[Sequence[int]], width: int) -> U32:
    """A table in which -1 (nothing) stands as the greatest number."""
    return _table(rows, width).astype(np.uint32)


def _table(rows: Iterable[Sequence[int]], width: int) -> I32:
    return np.array([tuple(row) for row in rows], np.int32).reshape(-1, width)


def _acts(plan: Plan, items: Items, needs: list[int]) -> U32:
    rows = []
    for a in plan.activities:
        fixed = (a.kind, a.calendar, a.week, max(a.not_before, 0), max(a.series, 0), a.lead, a.first_pass, a.loops, bits(a.takes))
        risks = items.add((r,) for r in a.risks)
        rows.append((*fixed, *items.add(a.strides), *items.add(a.uses), needs[a.index], *risks))
    return _unsigned(rows, ACT_COLUMNS)


def _moments(plan: Plan, items: Items) -> U32:
    holds = [relations for a in plan.activities for relations in (a.holds_start, a.holds_finish)]
    gives = [g for a in plan.activities for g in (a.gives_at_start, a.gives_at_finish)]
    successors: list[list[tuple[int, int, int]]] = [[] for _ in holds]
    for moment, relations in enumerate(holds):
        for r in relations:
            enters = plan.activities[moment // 2].loops & ~plan.activities[r.source].loops
            successors[2 * r.source + r.source_end].append((moment, r.exits, enters))
    rows = []
    for relations, waiting, giving in zip(holds, successors, gives, strict=True):
        into = items.add((r.source, r.source_end, r.lag) for r in relations)
        rows.append((len(relations), *into, *items.add(waiting), *items.add((g.pool, g.exits) for g in giving)))
    return _unsigned(rows, MOMENT_COLUMNS)


def _lines(plan: Plan, items: Items) -> tuple[U32, list[int], int]:
    """Lines, where the needs of each activity begin among the items, and how many requests can wait at once."""
    lines: dict[tuple[tuple[int, int], ...], int] = {}
    members: list[set[int]] = []
    needs = []
    for a in plan.activities:
        row = []
        for asked in subsets(a.takes):
            units = units_of(a, asked)
            line = lines.setdefault(units, len(lines)) if units else -1
            row.append((line,))
            if line == len(members):
                members.append(set())
            if line >= 0:
                members[line].add(a.index)
        needs.append(items.add(row)[0])
    place, rows = 0, []
    for units, line in lines.items():
        strict = bits(p for p, _ in units if plan.pools[p].strict)
        rows.append((*items.add(units), bits(p for p, _ in units), strict, place))
        place += len(members[line]) * len(plan.offices)
    return _unsigned(rows, LINE_COLUMNS), needs, place


def _loops(plan: Plan, items: Items) -> U32:
    inner_first = [loop.index for loop in reversed(plan.loops)]
    members = [items.add((m,) for m in plan.process if m in loop.members) for loop in plan.loops]
    rows = [(loop.activity, loop.inside, *members[loop.index], inner_first[loop.index]) for loop in plan.loops]
    return _unsigned(rows, LOOP_COLUMNS)


def _inner_waits(plan: Plan) -> I32:
    holds = [relations for a in plan.activities for relations in (a.holds_start, a.holds_finish)]
    return _table(([sum(r.source in loop.members for r in relations) for relations in holds] for loop in plan.loops), len(holds))


def _days(plan: Plan, rows: Sequence[I32]) -> I32:
    """Tables over days; past the end of what is known stands -1."""
    table = np.full((len(rows), plan.last + 3), -1, np.int32)
    for row, values in zip(table, rows, strict=True):
        row[: len(values)] = values
    return table


def _calendars(plan: Plan) -> I32:
    before = _days(plan, [c.before for c in plan.calendars])
    following = _days(plan, [np.append(c.day_of, -1)[c.before] for c in plan.calendars])
    return np.stack([before, following], axis=2)


def _offices(plan: Plan) -> I32:
    ranks = {priority: rank for rank, priority in enumerate(sorted({o.priority for o in plan.offices}))}
    return _table(((o.start, ranks[o.priority], bits(o.held), any(o.done), bool(o.facts)) for o in plan.offices), OFFICE_COLUMNS)


def _facts(plan: Plan) -> I32:
    offices = len(plan.offices) if any(o.facts for o in plan.offices) else 0
    table = np.full((offices, len(plan.passes), FACT_COLUMNS), -1, np.int32)
    for office in plan.offices:
        for here, fact in office.facts.items():
            table[office.index, here] = fact.start, fact.finish, fact.work, fact.takes
    return table
