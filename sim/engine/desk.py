"""The queue for the pools in the compiled engine: events by day, and the walk through the waiting requests.

Requests with the same needs stand in one line, a binary heap by the key of the order. In a line only the first can be
granted: when it fails, so do all behind it. So a walk looks at the first of each line, not at every request.
"""

from __future__ import annotations

from sim.compiled import inlined, merged
from sim.engine.pack import (
    ACT_NEEDS,
    ACT_TAKES,
    ACT_USES,
    ACT_USES_END,
    LINE_PLACE,
    LINE_POOLS,
    LINE_STRICT,
    LINE_UNITS,
    LINE_UNITS_END,
    OFFICE_HELD,
    OFFICE_RANK,
    Packed,
)
from sim.engine.state import (
    CHANGE,
    COUNT_ERROR,
    COUNT_EVENTS,
    COUNT_LEFT,
    DOING_LINE,
    DOING_PASS,
    EVENT_KIND,
    EVENT_NEXT,
    EVENT_NODE,
    EVENT_POOL,
    NO_LINE,
    NONE,
    OWNED_CAPACITY,
    OWNED_CHANGED,
    OWNED_FREE,
    OWNED_HELD,
    OWNED_RELEASER,
    RELEASE_HELD,
    RELEASE_USES,
    REQUEST,
    SETTLE,
    WAIT,
    State,
    push,
    whole,
)
from sim.timeline import Driver, Field, Int

BY_POOL, BY_CAPACITY = int(Driver.POOL), int(Driver.CAPACITY)
F_START, F_START_DRIVER, F_START_CAUSE = int(Field.START), int(Field.START_DRIVER), int(Field.START_CAUSE)
OFFICE_BITS, ACTIVITY_BITS, DAY_BITS = 21, 10, 22
"""Parts of the key that puts requests in order: priority, request day, office, activity (see ``pack.LIMITS``)."""
NOBODY = 2**31 - 1
"""Greater than any node."""
LAST_KEY = 2**63 - 1
"""Not less than any key."""


@inlined
def add_event(s: State, day: int, kind: int, node: int, pool: int) -> None:
    """Put an event into a day's list; past the horizon is a dead end."""
    if day >= s.first_event.size - 1:
        s.number[COUNT_ERROR] = 1
        return
    e = s.number[COUNT_EVENTS]
    event = s.event[e]
    event[EVENT_KIND], event[EVENT_NODE], event[EVENT_POOL] = kind, node, pool
    event[EVENT_NEXT] = s.first_event[day]
    s.first_event[day] = e
    s.number[COUNT_EVENTS] += 1
    s.number[COUNT_LEFT] += 1


@merged
def ask(p: Packed, s: State, office: int, a: int, day: int) -> int:
    """Ask for the pools it needs; none needed means that it can be settled at once. Returns the next step."""
    takes = whole(p.act[a, ACT_TAKES])
    if p.act[a, ACT_USES] == p.act[a, ACT_USES_END] and takes == 0:
        return SETTLE
    subset, place = 0, 0
    for pool in range(p.capacity.size):
        if takes >> pool & 1:
            subset |= (~s.office[office, OWNED_HELD] >> pool & 1) << place
            place += 1
    line = p.item[p.act[a, ACT_NEEDS] + subset, 0]
    if line == NO_LINE:
        return SETTLE
    s.act[office, a, DOING_LINE] = line
    add_event(s, day, REQUEST, office, a)
    return WAIT


@merged
def take_events(p: Packed, s: State, day: int) -> None:
    """Take what a day's list holds: what becomes free, and who asks."""
    s.pool[:, OWNED_RELEASER] = NOBODY
    s.pool[:, OWNED_CHANGED] = 0
    e = s.first_event[day]
    s.first_event[day] = NONE
    while e != NONE:
        s.number[COUNT_LEFT] -= 1
        kind, node, pool = s.event[e, EVENT_KIND], s.event[e, EVENT_NODE], s.event[e, EVENT_POOL]
        if kind == REQUEST:
            join_line(p, s, node, pool, day)
        elif kind == RELEASE_USES:
            for i in range(p.act[pool, ACT_USES], p.act[pool, ACT_USES_END]):
                free_units(s, p.item[i, 0], whole(p.item[i, 1]), node)
        elif kind == RELEASE_HELD:
            free_units(s, pool, 1, node)
        elif kind == CHANGE:
            s.pool[pool, OWNED_FREE] += p.change[node, 2] - s.pool[pool, OWNED_CAPACITY]
            s.pool[pool, OWNED_CAPACITY] = p.change[node, 2]
            s.pool[pool, OWNED_CHANGED] = 1
        else:
            for held in range(p.capacity.size):
                s.pool[held, OWNED_FREE] -= p.office[node, OFFICE_HELD] >> held & 1
        e = s.event[e, EVENT_NEXT]


@inlined
def free_units(s: State, pool: int, units: int, node: int) -> None:
    """Give units back, and remember who did."""
    s.pool[pool, OWNED_FREE] += units
    s.pool[pool, OWNED_RELEASER] = min(s.pool[pool, OWNED_RELEASER], node)
    s.pool[-1, OWNED_RELEASER] = min(s.pool[-1, OWNED_RELEASER], node)


@merged
def join_line(p: Packed, s: State, office: int, a: int, day: int) -> None:
    """Put a request into its line."""
    key = ((whole(p.office[office, OFFICE_RANK]) << DAY_BITS | day) << OFFICE_BITS | office) << ACTIVITY_BITS | a
    line = s.act[office, a, DOING_LINE]
    base, i = whole(p.line[line, LINE_PLACE]), whole(s.line[line, 0])
    s.line[line, 0] += 1
    while i > 0 and s.key[base + ((i - 1) >> 1)] > key:
        s.key[base + i] = s.key[base + ((i - 1) >> 1)]
        i = (i - 1) >> 1
    s.key[base + i] = key


@merged
def leave_line(p: Packed, s: State, line: int) -> None:
    """Take the first request out of its line."""
    s.line[line, 0] -= 1
    base, n = whole(p.line[line, LINE_PLACE]), whole(s.line[line, 0])
    key, i = s.key[base + n], whole(0)
    while 2 * i + 1 < n:
        child = 2 * i + 1
        if child + 1 < n and s.key[base + child + 1] < s.key[base + child]:
            child += 1
        if s.key[base + child] >= key:
            break
        s.key[base + i] = s.key[base + child]
        i = child
    s.key[base + i] = key


@merged
def first_in_order(p: Packed, s: State) -> int:
    """Line whose first request comes first of all that have not failed in this walk, or -1."""
    best, best_key = NONE, whole(LAST_KEY)
    for line in range(s.line.shape[0]):
        if s.line[line, 0] > 0 and not s.line[line, 1] and s.key[p.line[line, LINE_PLACE]] <= best_key:
            best, best_key = line, s.key[p.line[line, LINE_PLACE]]
    return best


@merged
def walk(p: Packed, s: State, future: Int, day: int) -> None:
    """Walk the order once: grant what is free, unless an earlier request still waits for one of its pools."""
    blocked = 0
    s.line[:, 1] = 0
    while True:
        line = first_in_order(p, s)
        if line == NONE:
            break
        enough = not blocked & whole(p.line[line, LINE_POOLS])
        for i in range(p.line[line, LINE_UNITS], p.line[line, LINE_UNITS_END]):
            enough &= s.pool[p.item[i, 0], OWNED_FREE] >= whole(p.item[i, 1])
        if enough:
            grant(p, s, future, day, line)
            leave_line(p, s, line)
        else:
            blocked |= whole(p.line[line, LINE_STRICT])
            s.line[line, 1] = 1


@merged
def grant(p: Packed, s: State, future: Int, day: int, line: int) -> None:
    """Give the first of a line its units, and let it begin."""
    key = s.key[p.line[line, LINE_PLACE]]
    a, office = key & ((1 << ACTIVITY_BITS) - 1), (key >> ACTIVITY_BITS) & ((1 << OFFICE_BITS) - 1)
    own, change = NOBODY, False
    for i in range(p.line[line, LINE_UNITS], p.line[line, LINE_UNITS_END]):
        pool = p.item[i, 0]
        s.pool[pool, OWNED_FREE] -= whole(p.item[i, 1])
        own = min(own, s.pool[pool, OWNED_RELEASER])
        change |= s.pool[pool, OWNED_CHANGED] != 0
    s.office[office, OWNED_HELD] |= whole(p.act[a, ACT_TAKES])
    note = future[office, s.act[office, a, DOING_PASS]]
    if day > note[F_START]:
        anyone = s.pool[-1, OWNED_RELEASER]
        by_release = own < NOBODY or (not change and anyone < NOBODY)
        note[F_START_DRIVER] = BY_POOL if by_release else BY_CAPACITY
        note[F_START_CAUSE] = (own if own < NOBODY else anyone) if by_release else NONE
    push(s, office, a, SETTLE)
