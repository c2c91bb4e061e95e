"""What an engine returns: when everything happened in every future, and what held it up.

Axes are replication × office × *pass*. A pass is one execution of an activity: most activities have one, those inside a
redo span have several (see :class:`sim.plan.ActivityPlan`). All days are whole days after ``scenario.start``; -1 means
that the pass was never made.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sim.plan import Plan

Int = NDArray[np.int32]


class Driver(IntEnum):
    """What finally decided a start or a finish. ``cause`` says which node it points at (``-1``: none)."""

    NONE = 0
    """The pass was never made."""
    OFFICE_START = 1
    """The office's own first day; no predecessor."""
    PREDECESSOR_FINISH = 2
    """The finish of a predecessor (FS, or FF for a finish)."""
    PREDECESSOR_START = 3
    """The start of a predecessor (SS, or SF for a finish)."""
    REDO = 4
    """The office was sent back; the cause is the pass of the redo activity that did it."""
    CALENDAR = 5
    """Days off, after the predecessor in ``cause``."""
    NOT_BEFORE = 6
    """A not-before date, after the predecessor in ``cause``."""
    POOL = 7
    """A pool unit; the cause is the pass whose end released it."""
    CAPACITY = 8
    """A pool unit; the pool's capacity rose."""
    WORK = 9
    """A finish decided by the work itself."""
    MEETING = 10
    """A finish decided by the dates of a meeting series."""
    OPENING_DAY = 11
    """A finish decided by the days on which an office may open."""
    DONE = 12
    """Done before the office entered the simulation, or a fact given by the status."""
    STATUS = 13
    """Nothing unfinished starts or finishes before the status date."""


class Field(IntEnum):
    """What a record holds of one pass."""

    START = 0
    FINISH = 1
    READY = 2
    """Day on which logic alone (predecessors with their lags, the office's start) would have let it start."""
    WORK = 3
    """Days of work on the activity's calendar, after risks and rounding; lead or notice for meetings and openings."""
    START_DRIVER = 4
    START_CAUSE = 5
    """Node (``office * passes + pass``), or -1."""
    FINISH_DRIVER = 6
    FINISH_CAUSE = 7


NEVER = (-1, -1, -1, 0, Driver.NONE, -1, Driver.NONE, -1)
"""The record of a pass that was never made."""


@dataclass(frozen=True, eq=False)
class Timeline:
    """Outcome of a block of replications.

    Attributes
    ----------
    record
        A record for each pass, see :class:`Field`; shape ``(replications, offices, passes, fields)``. Records are kept
        together because whoever asks for one part of a pass soon asks for the next.
    happens
        Whether the activity took place in that pass; one that does not passes on when its predecessors are done.
        Shape ``(replications, offices, passes)``.
    """

    record: Int
    happens: NDArray[np.bool_]

    @classmethod
    def empty(cls, replications: int, offices: int, passes: int) -> Timeline:
        """A timeline in which nothing has happened yet."""
        record = np.empty((replications, offices, passes, len(Field)), np.int32)
        record[:] = np.array(NEVER, np.int32)
        return cls(record, np.zeros(record.shape[:3], np.bool_))

    @property
    def start(self) -> Int:
        """Morning of the first day, shape ``(replications, offices, passes)``; a view, like the next ones."""
        return self.record[..., Field.START]

    @property
    def finish(self) -> Int:
        """Morning after the last day."""
        return self.record[..., Field.FINISH]

    @property
    def ready(self) -> Int:
        """Day on which logic alone would have let it start."""
        return self.record[..., Field.READY]

    @property
    def work(self) -> Int:
        """Days of work on the activity's calendar."""
        return self.record[..., Field.WORK]

    @property
    def start_driver(self) -> Int:
        """:class:`Driver` of the start."""
        return self.record[..., Field.START_DRIVER]

    @property
    def start_cause(self) -> Int:
        """Node that the driver of the start points at, or -1."""
        return self.record[..., Field.START_CAUSE]

    @property
    def finish_driver(self) -> Int:
        """:class:`Driver` of the finish."""
        return self.record[..., Field.FINISH_DRIVER]

    @property
    def finish_cause(self) -> Int:
        """Node that the driver of the finish points at, or -1."""
        return self.record[..., Field.FINISH_CAUSE]

    @property
    def replications(self) -> int:
        """Number of replications in the block."""
        return int(self.record.shape[0])

    def first_start(self, plan: Plan, activity: int) -> Int:
        """Start of the first pass of an activity, shape ``(replications, offices)``."""
        return self.start[:, :, plan.activities[activity].first_pass]

    def last_finish(self, plan: Plan, activity: int) -> Int:
        """Finish of the last pass that was made of an activity, shape ``(replications, offices)``."""
        latest: Int = self.finish[:, :, plan.activities[activity].passes].max(axis=2)
        return latest

    def took_place(self, plan: Plan, activity: int) -> NDArray[np.bool_]:
        """Whether an activity happened in any pass, shape ``(replications, offices)``."""
        happened: NDArray[np.bool_] = np.any(self.happens[:, :, plan.activities[activity].passes], axis=2)
        return happened

    def opening(self, plan: Plan) -> Int:
        """Day on which each office opens, shape ``(replications, offices)``."""
        return self.last_finish(plan, plan.opening)

    def differences(self, other: Timeline) -> list[str]:
        """Names of what differs between two timelines; empty when they are equal in everything."""
        names = [field.name.lower() for field in Field if not np.array_equal(self.record[..., field], other.record[..., field])]
        return names if np.array_equal(self.happens, other.happens) else [*names, "happens"]
