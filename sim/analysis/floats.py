"""Total float: by how many days a moment of a future could have come later without moving the office's opening.

Only other work gives float: where several predecessors meet, those that were not the last have the days up to the last one. Waits for
meetings, dates, the calendar and pools are not counted as float, so what lies on the chain to the opening has none. Work
that leads to no opening has float without end, written as -1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.analysis.chain_steps import (
    AT_FINISH,
    AT_START,
    BY_DONE,
    FINISH_DRIVER,
    I32,
    NOBODY,
    READY,
    START,
    START_DRIVER,
    STEP_HOLDS,
    STEP_SENDER,
    STEP_WAITS,
    WAIT_FROM,
    Flags,
    Net,
    arrival,
    held_until,
    lay_out,
    moment,
    sender_of,
    source_of,
    work_ends,
)
from sim.compiled import inlined, jit_plain
from sim.plan import Plan

ENDLESS = -1


class Backwards(NamedTuple):
    """The moments of a plan from the last to the first."""

    net: Net
    order: I32
    """Activity's first pass, end of its passes, and which end; shape ``(2 * activities, 3)``."""


def backwards_of(plan: Plan) -> Backwards:
    """Make a plan ready for :func:`find_floats`."""
    rows = [(plan.activities[a].first_pass, plan.activities[a].passes.stop, end) for a, end in reversed(plan.order)]
    return Backwards(lay_out(plan), np.array(rows, np.int32))


@inlined
def lower(floats: I32, here: int, end: int, days: int) -> bool:
    """Lower the float of a moment; whether that changed it."""
    if floats[here, end] != ENDLESS and floats[here, end] <= days:
        return False
    floats[here, end] = days
    return True


@inlined
def pass_back(net: Net, office: I32, here: int, end: int, happens: bool, floats: I32) -> bool:
    """Give what waited for by a moment the float of that moment and the days in between; whether that changed anything."""
    left = floats[here, end]
    if left == ENDLESS or office[here, FINISH_DRIVER if end == AT_FINISH else START_DRIVER] == BY_DONE:
        return False
    changed, column, day = False, STEP_WAITS, office[here, READY]
    if end == AT_FINISH:
        column, (_, day) = STEP_HOLDS, held_until(net, office, here, happens)
        changed |= lower(floats, here, AT_START, left + day - work_ends(net, office, here)[1])
    elif net.step[here, STEP_SENDER] != NOBODY:
        sender = sender_of(net, office, here)
        return lower(floats, sender, AT_FINISH, left + day - moment(office, sender, AT_FINISH))
    for wait in range(net.step[here, column], net.step[here, column + 1]):
        slack = day - arrival(net, office, here, wait, happens)
        changed |= lower(floats, source_of(net, office, wait), net.wait[wait, WAIT_FROM], left + slack)
    return changed


@jit_plain
def find_floats(b: Backwards, office: I32, happens: Flags, opening: int, floats: I32) -> None:
    """Total float of the starts and finishes of an office's passes, shape ``(passes, 2)``; ``opening`` is the pass that opened it.

    One sweep from the last moment to the first does for a process without redo; a pass after a redo may come later in the sweep than
    what it follows from, so sweeps are repeated until nothing changes.
    """
    floats[:] = ENDLESS
    floats[opening, AT_FINISH] = 0
    changed = True
    while changed:
        changed = False
        for i in range(len(b.order)):
            for here in range(b.order[i, 1] - 1, b.order[i, 0] - 1, -1):
                if office[here, START] >= 0:
                    changed |= pass_back(b.net, office, here, b.order[i, 2], happens[here], floats)
