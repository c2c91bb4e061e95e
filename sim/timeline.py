"""What an engine returns: when everything happened in every future, and what held it up.

Axes are replication × office × *pass*. A pass is one execution of an activity: most activities have one, those inside a
redo span have several (see :class:`sim.plan.ActivityPlan`). All days are whole days after ``scenario.start``; -1 means
that the pass was never made.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sim.plan import Plan

Int = NDArray[np.int32]
Code = NDArray[np.int8]


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


@dataclass(frozen=True)
class Timeline:
    """Outcome of a block of replications.

    Attributes
    ----------
    start, finish
        Morning of the day, shape ``(replications, offices, passes)``.
    ready
        Day on which logic alone (predecessors with their lags, the office's start) would have let it start.
    work
        Days of work on the activity's calendar, after risks and rounding; lead or notice for meetings and openings.
    happens
        Whether the activity took place in that pass; one that does not passes on when its predecessors are done.
    start_driver, start_cause
        :class:`Driver` of the start and the node (``office * passes + pass``) it points at, or -1.
    finish_driver, finish_cause
        The same for the finish.
    """

    start: Int
    finish: Int
    ready: Int
    work: Int
    happens: NDArray[np.bool_]
    start_driver: Code
    start_cause: Int
    finish_driver: Code
    finish_cause: Int

    @classmethod
    def empty(cls, replications: int, offices: int, passes: int) -> Timeline:
        """A timeline in which nothing has happened yet."""
        shape = (replications, offices, passes)

        def days() -> Int:
            return np.full(shape, -1, np.int32)

        def codes() -> Code:
            return np.zeros(shape, np.int8)

        return cls(days(), days(), days(), np.zeros(shape, np.int32), np.zeros(shape, np.bool_), codes(), days(), codes(), days())

    @property
    def replications(self) -> int:
        """Number of replications in the block."""
        return int(self.start.shape[0])

    def first_start(self, plan: Plan, activity: int) -> Int:
        """Start of the first pass of an activity, shape ``(replications, offices)``."""
        return self.start[:, :, plan.activities[activity].first_pass]

    def last_finish(self, plan: Plan, activity: int) -> Int:
        """Finish of the last pass that was made of an activity, shape ``(replications, offices)``."""
        passes = plan.activities[activity].passes
        return self.finish[:, :, passes].max(axis=2)

    def took_place(self, plan: Plan, activity: int) -> NDArray[np.bool_]:
        """Whether an activity happened in any pass, shape ``(replications, offices)``."""
        return self.happens[:, :, plan.activities[activity].passes].any(axis=2)

    def opening(self, plan: Plan) -> Int:
        """Day on which each office opens, shape ``(replications, offices)``."""
        return self.last_finish(plan, plan.opening)

    def differences(self, other: Timeline) -> list[str]:
        """Names of the arrays in which two timelines are not equal; empty when they are the same."""
        return [f.name for f in fields(self) if not np.array_equal(getattr(self, f.name), getattr(other, f.name))]
