"""What the compiled engine is given, and where one future stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import inlined
from sim.engine.pack import ACT_FIRST_PASS, ACT_STRIDES, ACT_STRIDES_END, MOMENT_WAITS, Packed
from sim.plan import Plan

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

whole: Callable[[object], int] = np.int64  # type: ignore[assignment]
"""A signed whole number, for a checker of types a plain ``int``."""

NONE = -1
"""No day, node or event."""
NO_LINE = 2**32 - 1
"""No line, in an unsigned table."""


BEGIN, SETTLE, STARTED, FINISHED, WAIT, FACT = range(6)
"""Steps of an activity on the stack of things to settle."""
RELEASE_USES, RELEASE_HELD, CHANGE, REQUEST, ENTER = range(5)
"""Kinds of events in a day's list."""


# Columns of :attr:`State.act`.
DOING_PASS = 0
"""The pass that it is in, or is to make next."""
DOING_DONE = 1
"""Lies before the point where the office entered, or is a fact: not to be begun in its present pass."""
DOING_UNDER_WAY = 2
"""Started, and waiting for leave to finish."""
DOING_LINE = 3
"""Line in which it waits."""
DOING_COLUMNS = 4

# Columns of :attr:`State.sent_back`.
BACK_BY = 0
"""Node that began this pass by a redo, or -1."""
BACK_DAY = 1

# Columns of :attr:`State.loop`.
LOOPING_PASS = 0
LOOPING_UNFINISHED = 1

# Columns of :attr:`State.office` (first three) and of :attr:`State.pool`.
OWNED_SENT_BACK = 0
"""Bits of the redo loops whose present pass is not the last."""
OWNED_HELD = 1
"""Bits of the pools of which the office holds a unit over a span."""
OWNED_BEGUN_AGAIN = 2
"""Bits of the redo loops that are not in their first pass."""
OWNED_FREE = 0
OWNED_CAPACITY = 1
OWNED_RELEASER = 2
"""Least node that has released the pool in this round."""
OWNED_CHANGED = 3
"""Whether its capacity has changed in this round."""

# Places in :attr:`State.number`.
COUNT_HEIGHT = 0
"""Of the stack."""
COUNT_EVENTS = 1
COUNT_LEFT = 2
"""Events not yet dealt with."""
COUNT_ERROR = 3
COUNT_FACTS = 4
"""Facts on the stack."""

# Columns of :attr:`State.event`.
EVENT_KIND = 0
EVENT_NODE = 1
EVENT_POOL = 2
EVENT_NEXT = 3


class Input(NamedTuple):
    """What one call reads of the draws."""

    happens: NDArray[np.bool_]
    duration: NDArray[np.float32]
    redo: NDArray[np.bool_]
    risk_factor: F64
    risk_delay: F64


class State(NamedTuple):
    """Where one future stands; used again for the next."""

    missing: NDArray[np.int8]
    """How many moments each moment still waits for, shape (offices, moments)."""
    act: NDArray[np.int16]
    """Shape (offices, activities, ``DOING_…``)."""
    sent_back: I32
    """Shape (offices, activities, ``BACK_…``)."""
    loop: I32
    """Shape (offices, loops, ``LOOPING_…``)."""
    office: I32
    """Shape (offices, 3), see ``OWNED_…``."""
    pool: I32
    """Shape (pools + 1, 4), see ``OWNED_…``; the last row stands for any pool."""
    stack: I64
    event: I32
    """Shape (events, ``EVENT_…``)."""
    first_event: I32
    """First event of each day, or -1."""
    line: I32
    """Requests that wait in each line, and whether the line has failed in this walk; shape (lines, 2)."""
    key: I64
    """Keys of the waiting requests, each line a binary heap."""
    number: I64
    """See ``COUNT_…``."""
    fresh_missing: NDArray[np.int8]
    """``missing`` before anything has happened."""
    fresh_act: NDArray[np.int16]
    """``act`` before anything has happened."""


def make_state(plan: Plan, packed: Packed) -> State:
    """Room for one future."""
    offices, activities, loops = len(plan.offices), len(plan.activities), len(plan.loops)
    act = np.zeros((offices, activities, DOING_COLUMNS), np.int16)
    act[..., DOING_DONE] = packed.office_done
    act[..., DOING_PASS] = packed.act[:, ACT_FIRST_PASS]
    missing = np.tile(packed.moment[:, MOMENT_WAITS].astype(np.int8), (offices, 1))
    return State(
        missing=missing.copy(),
        act=act.copy(),
        sent_back=np.full((offices, activities, 2), NONE, np.int32),
        loop=np.zeros((offices, loops, 2), np.int32),
        office=np.zeros((offices, 3), np.int32),
        pool=np.zeros((len(plan.pools) + 1, 4), np.int32),
        stack=np.zeros(offices * activities + 1, np.int64),
        event=np.zeros((packed.events, 4), np.int32),
        first_event=np.full(plan.last + 2, NONE, np.int32),
        line=np.zeros((len(packed.line), 2), np.int32),
        key=np.zeros(packed.waiting, np.int64),
        number=np.zeros(5, np.int64),
        fresh_missing=missing,
        fresh_act=act,
    )


@inlined
def push(s: State, office: int, activity: int, step: int) -> None:
    """Put a step on the stack of things to settle."""
    s.stack[s.number[COUNT_HEIGHT]] = (whole(office) << 16) | (activity << 3) | step
    s.number[COUNT_HEIGHT] += 1


@inlined
def find_pass(p: Packed, s: State, office: int, activity: int) -> int:
    """The pass that an activity is in by the pass numbers of the loops around it."""
    here = whole(p.act[activity, ACT_FIRST_PASS])
    for i in range(p.act[activity, ACT_STRIDES], p.act[activity, ACT_STRIDES_END]):
        here += s.loop[office, p.item[i, 0], LOOPING_PASS] * p.item[i, 1]
    return here
