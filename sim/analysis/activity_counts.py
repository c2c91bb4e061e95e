"""The compiled part of :mod:`sim.analysis.activities`: one pass over the records of a block, whole numbers only."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.analysis.chain_steps import (
    AT_AN_END,
    AT_FINISH,
    AT_START,
    BY_DONE,
    BY_OWN_WORK,
    FINISH,
    I32,
    NOBODY,
    READY,
    START,
    START_DRIVER,
    STEP_WAITS,
    STEP_WAITS_END,
    Flags,
    Net,
    arrival,
    before,
    last_pass,
)
from sim.analysis.chains import queue_of
from sim.analysis.day_counts import LARGEST, DayCounts, make_room, place_of
from sim.analysis.floats import ENDLESS, Backwards, backwards_of, find_floats
from sim.compiled import inlined, jit_plain
from sim.plan import Plan

# Columns of :attr:`Sums.cell`.
HAPPENED = 0
DURATION = 1
DURATION_SQUARED = 2
DURATION_TIMES_OPENING = 3
WAITED = 4
CRITICAL = 5
ROUND_CRITICAL = 6
SIGNIFICANT = 7
"""Share of the duration in itself and its float, in millionths, times the days from the office's first day to its opening."""
CELL_COLUMNS = 8
"""As many as fill a line of the processor's cache."""

# Columns of :attr:`Sums.opening`.
COUNTED = 0
OPENING = 1
OPENING_SQUARED = 2
WEIGHED, LENGTH = 3, 4
"""Replications with floats, and the sum of days from the office's first day to its opening in these."""
OPENING_COLUMNS = 5

# A merge's part of :attr:`Sums.merge`: how often it was seen, the day on which it let go, then the day of each predecessor.
MERGED = 0
LET_GO = 1
ARRIVED = 2

# Columns of :attr:`Room.notes`.
NOTE_FIRST = 0
"""First start, and last finish, or -1 when it did not happen."""
NOTE_LAST = 1
NOTE_DURATION = 2
NOTE_WAITED = 3
"""Times 4, and the two bits of being critical."""

MILLION = 1_000_000
FLOATS = 1024
"""Replications, from the first on, in which floats are computed."""

GROUP_RUN = 64
"""Replications that follow on each other in a group."""


class Where(NamedTuple):
    """Where things stand."""

    net: Net
    back: Backwards
    activity: I32
    """First pass, end of the passes, and place of its merge in :attr:`Sums.merge` or -1; shape ``(activities, 3)``."""
    opening: int
    round_: I32
    """Number of each office's round."""
    rounds: int


class Sums(NamedTuple):
    """What is added up, by group of replications."""

    cell: NDArray[np.int64]
    """Shape ``(groups, offices, activities, CELL_COLUMNS)``."""
    opening: NDArray[np.int64]
    """Shape ``(groups, offices, OPENING_COLUMNS)``."""
    merge: NDArray[np.int64]
    """Shape ``(groups, offices, places)``."""


class Room(NamedTuple):
    """Room to work in."""

    notes: I32
    """Shape ``(replications, activities, 4)``."""
    on: Flags
    """Passes on the chain to their own office's opening, shape ``(passes,)``."""
    late: Flags
    """Passes on the chain to the last opening of a round, shape ``(replications, offices, passes)``."""
    floats: I32
    """See :mod:`sim.analysis.floats`."""

    @classmethod
    def of(cls, plan: Plan, replications: int) -> Room:
        """Room enough for a block."""
        offices, passes = len(plan.offices), len(plan.passes)
        notes = np.empty((replications, len(plan.activities), 4), np.int32)
        late = np.zeros((replications, offices, passes), np.bool_)
        return cls(notes, np.zeros(passes, np.bool_), late, np.zeros((passes, 2), np.int32))


def where_of(plan: Plan) -> tuple[Where, int]:
    """The places of a plan, and how many there are for merges."""
    back = backwards_of(plan)
    rows, places = [], 0
    for a in plan.activities:
        merges = len(a.holds_start) > 1
        rows.append((a.first_pass, a.passes.stop, places if merges else NOBODY))
        places += ARRIVED + len(a.holds_start) if merges else 0
    names = [plan.scenario.offices[o.id].round for o in plan.offices]
    numbers = {name: i for i, name in enumerate(dict.fromkeys(names))}
    where = Where(back.net, back, np.array(rows, np.int32), plan.opening, np.array([numbers[n] for n in names], np.int32), len(numbers))
    return where, places


@jit_plain
def mark(net: Net, office: I32, happens: Flags, here: int, on: Flags) -> None:
    """Mark the passes whose work lies on the chain to a finish, within the office."""
    end, how = AT_FINISH, NOBODY
    while how != AT_AN_END:
        if end == AT_FINISH:  # each end has its own call, so that the compiler makes the most of knowing which
            source, end, how, _ = before(net, office, here, AT_FINISH, happens[here])
            on[here] |= how == BY_OWN_WORK
            here = source
        else:
            here, end, how, _ = before(net, office, here, AT_START, happens[here])


@jit_plain
def mark_across(net: Net, future: I32, happens: Flags, office: int, here: int, on: Flags) -> None:
    """The same, following pools into the offices that gave them back."""
    end, how, passes = AT_FINISH, NOBODY, future.shape[1]
    while how != AT_AN_END:
        cause, its_end, _ = queue_of(net, future, office, here, end)
        if cause != NOBODY:
            office, here, end = cause // passes, cause % passes, its_end
            continue
        source, its_end, how, _ = before(net, future[office], here, end, happens[office, here])
        on[office, here] |= how == BY_OWN_WORK
        here, end = source, its_end


@jit_plain
def mark_rounds(w: Where, future: I32, happens: Flags, on: Flags) -> None:
    """Mark the chains to the last opening of each round; what lies in other rounds is not marked."""
    first, stop = w.activity[w.opening, 0], w.activity[w.opening, 1]
    for round_ in range(w.rounds):
        last, its_pass = NOBODY, NOBODY
        for office in range(future.shape[0]):
            if w.round_[office] == round_:
                here = last_pass(future[office], first, stop)
                if last == NOBODY or future[office, here, FINISH] > future[last, its_pass, FINISH]:
                    last, its_pass = office, here
        mark_across(w.net, future, happens, last, its_pass, on)


@inlined
def count_merge(w: Where, office: I32, a: int, happens: Flags, merge: NDArray[np.int64]) -> None:
    """Days on which the predecessors of a first pass let it go, and the last of them."""
    here, place = w.activity[a, 0], w.activity[a, 2]
    if place == NOBODY or office[here, START_DRIVER] == BY_DONE:
        return
    merge[place + MERGED] += 1
    merge[place + LET_GO] += office[here, READY]
    begin = w.net.step[here, STEP_WAITS]
    for wait in range(begin, w.net.step[here, STEP_WAITS_END]):
        merge[place + ARRIVED + wait - begin] += arrival(w.net, office, here, wait, happens[here])


@inlined
def note(w: Where, office: I32, happens: Flags, a: int, on: Flags, late: Flags, line: I32) -> None:
    """What is to be known of all passes of an activity in one future."""
    duration, waited, first, last = 0, 0, NOBODY, NOBODY
    critical, round_critical = False, False
    for here in range(w.activity[a, 0], w.activity[a, 1]):
        if happens[here]:
            start, finish = office[here, START], office[here, FINISH]
            duration += finish - start
            waited += start - office[here, READY]
            first = start if first == NOBODY else first
            last = max(last, finish)
            critical |= on[here]
            round_critical |= late[here]
    line[NOTE_FIRST], line[NOTE_LAST], line[NOTE_DURATION] = first, last, duration
    line[NOTE_WAITED] = waited << 2 | critical << 1 | round_critical


@inlined
def make_room_for(notes: I32, a: int, days: DayCounts, number: int) -> None:
    """Make room for the days of an activity's notes over a run."""
    least, largest, earliest, latest_ = LARGEST, NOBODY, LARGEST, NOBODY
    for r in range(notes.shape[0]):
        first, last = notes[r, a, NOTE_FIRST], notes[r, a, NOTE_LAST]
        if last != NOBODY:
            least, largest = min(least, first), max(largest, first)
            earliest, latest_ = min(earliest, last), max(latest_, last)
    if latest_ != NOBODY:
        make_room(days, 2 * number, least, largest)
        make_room(days, 2 * number + 1, earliest, latest_)


@inlined
def add_up(notes: I32, opening: I32, office: int, a: int, cell: NDArray[np.int64], days: DayCounts, number: int) -> None:
    """Add the notes of one activity of an office, over the futures of a run."""
    make_room_for(notes, a, days, number)
    happened, waited, critical, round_critical = 0, 0, 0, 0
    total, squares, products = np.int64(0), np.int64(0), np.int64(0)
    for r in range(notes.shape[0]):
        line = notes[r, a]
        if line[NOTE_LAST] == NOBODY:
            continue
        duration, rest = np.int64(line[NOTE_DURATION]), line[NOTE_WAITED]
        happened += 1
        total += duration
        squares += duration * duration
        products += duration * opening[r, office]
        waited += rest >> 2
        critical += rest >> 1 & 1
        round_critical += rest & 1
        days.counts[2 * number, 0, place_of(days, 2 * number, line[NOTE_FIRST])] += 1
        days.counts[2 * number + 1, 0, place_of(days, 2 * number + 1, line[NOTE_LAST])] += 1
    sums = (happened, total, squares, products, waited, critical, round_critical)
    for column in range(len(sums)):
        cell[column] += sums[column]


@inlined
def group_of(replication: int, groups: int) -> int:
    """Group of a replication: runs in turn, such that the groups stay even when later runs are left out (see ``activities.DENSE``)."""
    return (replication // GROUP_RUN + 4 * (replication // (16 * GROUP_RUN))) % groups


@jit_plain
def note_office(w: Where, record: I32, happens: Flags, office: int, first: int, merge: NDArray[np.int64], room: Room) -> None:
    """Notes of an office in every future of a block."""
    for r in range(room.notes.shape[0]):
        records, here = record[r, office], happens[r, office]
        room.on[:] = False
        mark(w.net, records, here, last_pass(records, w.activity[w.opening, 0], w.activity[w.opening, 1]), room.on)
        group = group_of(first + r, merge.shape[0])
        for a in range(w.activity.shape[0]):
            note(w, records, here, a, room.on, room.late[r, office], room.notes[r, a])
            count_merge(w, records, a, here, merge[group, office])


@jit_plain
def count_office(w: Where, notes: I32, opening: I32, office: int, first: int, sums: Sums, days: DayCounts) -> None:
    """Add the notes of an office, group by group."""
    begin, groups, activities = 0, sums.cell.shape[0], w.activity.shape[0]
    while begin < opening.shape[0]:
        group, end = group_of(first + begin, groups), begin
        while end < opening.shape[0] and group_of(first + end, groups) == group:
            day = np.int64(opening[end, office])
            sums.opening[group, office, COUNTED] += 1
            sums.opening[group, office, OPENING] += day
            sums.opening[group, office, OPENING_SQUARED] += day * day
            end += 1
        for a in range(activities):
            add_up(notes[begin:end], opening[begin:end], office, a, sums.cell[group, office, a], days, office * activities + a)
        begin = end


@inlined
def add_significance(w: Where, office: I32, happens: Flags, length: int, floats: I32, cells: NDArray[np.int64]) -> None:
    """Add the shares of durations in durations and floats; a pass counts with the least float of all passes of its activity."""
    for a in range(w.activity.shape[0]):
        duration, least = 0, ENDLESS
        for here in range(w.activity[a, 0], w.activity[a, 1]):
            spare = floats[here, AT_FINISH]
            if happens[here] and spare != ENDLESS:
                duration += office[here, FINISH] - office[here, START]
                least = spare if least == ENDLESS else min(least, spare)
        if duration > 0:
            cells[a, SIGNIFICANT] += (np.int64(duration) * MILLION + (duration + least) // 2) // (duration + least) * length


@jit_plain
def weigh(w: Where, record: I32, happens: Flags, office: int, first: int, sums: Sums, room: Room) -> None:
    """Significance of an office's activities in the first replications."""
    for r in range(min(room.notes.shape[0], FLOATS - first)):
        records, here = record[r, office], happens[r, office]
        its_pass = last_pass(records, w.activity[w.opening, 0], w.activity[w.opening, 1])
        find_floats(w.back, records, here, its_pass, room.floats)
        length = records[its_pass, FINISH] - w.net.start[office]
        group = group_of(first + r, sums.cell.shape[0])
        sums.opening[group, office, WEIGHED] += 1
        sums.opening[group, office, LENGTH] += length
        add_significance(w, records, here, length, room.floats, sums.cell[group, office])


@jit_plain
def count_block(
    w: Where, record: I32, happens: Flags, opening: I32, first: int, sums: Sums, days: DayCounts, sample: I32, room: Room
) -> None:
    """Count replications that follow on each other, as many as ``room`` has rows; ``sample`` takes the durations of the first of them.

    It goes office by office: what is read and written for one stays near the processor.
    """
    room.late[:] = False
    for r in range(room.late.shape[0]):
        mark_rounds(w, record[r], happens[r], room.late[r])
    for office in range(record.shape[1]):
        note_office(w, record, happens, office, first, sums.merge, room)
        count_office(w, room.notes, opening, office, first, sums, days)
        weigh(w, record, happens, office, first, sums, room)
        for r in range(sample.shape[0]):
            for a in range(sample.shape[2]):
                sample[r, office, a] = room.notes[r, a, NOTE_DURATION]
