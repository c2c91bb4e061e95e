"""What the readable engine notes of a pass while it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from struct import pack

import numpy as np

from sim.engine.waiting import NOBODY
from sim.timeline import NEVER, Driver, Field, Timeline


@dataclass(frozen=True, slots=True)
class SentBack:
    """What sent an office back, and when."""

    by: int
    """Node of the redo activity's pass."""
    day: int


@dataclass(slots=True)
class Note:
    """What becomes known of one pass while it is carried out; written to the timeline when all offices are done."""

    here: int
    """The pass, as a place on the timeline's pass axis."""
    happens: bool
    start: int
    finish: int
    ready: int
    work: int
    start_driver: Driver
    start_cause: int
    finish_driver: Driver = Driver.WORK
    finish_cause: int = NOBODY


AS_RECORD = attrgetter(*(field.name.lower() for field in Field))
"""A note as the timeline has it."""

NEVER_MADE = Note(-1, False, *NEVER)
"""The note of a pass that was not made, or not yet."""


def done(here: int, start: int, finish: int | None = None, work: int = 0, *, happens: bool = False) -> Note:
    """The note of a pass that is a fact; one without a finish takes no time."""
    return Note(here, happens, start, start if finish is None else finish, start, work, Driver.DONE, NOBODY, Driver.DONE)


def write(notes: list[Note], timeline: Timeline, replication: int) -> None:
    """Write the notes of all passes of all offices into a timeline; all at once, which is much faster than one by one."""
    record, happens = timeline.record[replication], timeline.happens[replication]
    values = chain.from_iterable(map(AS_RECORD, notes))
    record[:] = np.frombuffer(pack(f"{record.size}i", *values), np.int32).reshape(record.shape)
    happens[:] = np.array([note.happens for note in notes]).reshape(happens.shape)
