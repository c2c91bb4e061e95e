"""What the compiled engine is given, and where one future stands."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import inlined
from sim.engine.pack import Act, Packed
from sim.plan import Plan

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

NONE = -1
"""No day, node, line or event."""


BEGIN, SETTLE, STARTED, FINISHED, WAIT = range(5)
"""Steps of an activity on the stack of things to settle."""
RELEASE_USES, RELEASE_HELD, CHANGE, REQUEST, ENTER = range(5)
"""Kinds of events in a day's list."""


class Doing(IntEnum):
    """Columns of :attr:`State.act`."""

    UNDER_WAY = 0
    """Started, and waiting for leave to finish."""
    DONE = 1
    """Lies before the point where the office entered."""
    SENT_BACK_BY = 2
    """Node that began this pass by a redo, or -1."""
    SENT_BACK_DAY = 3
    LINE = 4
    """Line in which it waits."""


class Looping(IntEnum):
    """Columns of :attr:`State.loop`."""

    PASS = 0
    UNFINISHED = 1


class Owned(IntEnum):
    """Columns of :attr:`State.office` (first two) and of :attr:`State.pool`."""

    SENT_BACK = 0
    """Bits of the redo loops whose present pass is not the last."""
    HELD = 1
    """Bits of the pools of which the office holds a unit over a span."""
    FREE = 0  # noqa: PIE796  another table
    CAPACITY = 1  # noqa: PIE796
    RELEASER = 2
    """Least node that has released the pool in this round."""
    CHANGED = 3
    """Whether its capacity has changed in this round."""


class Count(IntEnum):
    """Places in :attr:`State.count`."""

    HEIGHT = 0
    """Of the stack."""
    EVENTS = 1
    LEFT = 2
    """Events not yet dealt with."""
    ERROR = 3


class Happening(IntEnum):
    """Columns of :attr:`State.event`."""

    KIND = 0
    NODE = 1
    POOL = 2
    NEXT = 3


class Input(NamedTuple):
    """What one call reads of the draws."""

    happens: NDArray[np.bool_]
    duration: NDArray[np.float32]
    redo: NDArray[np.bool_]
    risk_factor: F64
    risk_delay: F64


class State(NamedTuple):
    """Where one future stands; used again for the next."""

    missing: I32
    """How many moments each moment still waits for, shape (offices, moments)."""
    act: I32
    """Shape (offices, activities, :class:`Doing`)."""
    loop: I32
    """Shape (offices, loops, :class:`Looping`)."""
    office: I32
    """Shape (offices, 2), see :class:`Owned`."""
    pool: I32
    """Shape (pools + 1, 4), see :class:`Owned`; the last row stands for any pool."""
    stack: I64
    event: I32
    """Shape (events, :class:`Happening`)."""
    first_event: I32
    """First event of each day, or -1."""
    line: I32
    """Requests that wait in each line, and whether the line has failed in this walk; shape (lines, 2)."""
    key: I64
    """Keys of the waiting requests, each line a binary heap."""
    count: I64
    """See :class:`Count`."""


def make_state(plan: Plan, packed: Packed) -> State:
    """Room for one future."""
    offices, activities, loops = len(plan.offices), len(plan.activities), len(plan.loops)
    act = np.zeros((offices, activities, len(Doing)), np.int32)
    act[..., Doing.SENT_BACK_BY] = NONE
    return State(
        missing=np.zeros((offices, 2 * activities), np.int32),
        act=act,
        loop=np.zeros((offices, loops, len(Looping)), np.int32),
        office=np.zeros((offices, 2), np.int32),
        pool=np.zeros((len(plan.pools) + 1, 4), np.int32),
        stack=np.zeros(offices * activities + 1, np.int64),
        event=np.zeros((packed.events, len(Happening)), np.int32),
        first_event=np.full(plan.last + 2, NONE, np.int32),
        line=np.zeros((len(packed.line), 2), np.int32),
        key=np.zeros(packed.waiting, np.int64),
        count=np.zeros(len(Count), np.int64),
    )


@inlined
def push(s: State, office: int, activity: int, step: int) -> None:
    """Put a step on the stack of things to settle."""
    s.stack[s.count[Count.HEIGHT]] = (np.int64(office) << 16) | (activity << 3) | step
    s.count[Count.HEIGHT] += 1


@inlined
def current_pass(p: Packed, s: State, office: int, activity: int) -> int:
    """The pass that an activity is in, or is to make next."""
    here = p.act[activity, Act.FIRST_PASS]
    if p.act[activity, Act.LOOPS]:
        for i in range(p.act[activity, Act.STRIDES], p.act[activity, Act.STRIDES_END]):
            here += s.loop[office, p.item[i, 0], Looping.PASS] * p.item[i, 1]
    return here
