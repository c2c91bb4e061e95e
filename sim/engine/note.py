"""What the readable engine notes of a pass while it goes on."""

from __future__ import annotations

from dataclasses import dataclass

from sim.engine.waiting import NOBODY
from sim.timeline import Driver


@dataclass(frozen=True, slots=True)
class SentBack:
    """What sent an office back, and when."""

    by: int
    """Node of the redo activity's pass."""
    day: int


@dataclass(slots=True)
class Note:
    """What becomes known of one pass while it is carried out; written to the timeline when it has finished."""

    here: int
    """The pass, as a place on the timeline's pass axis."""
    happens: bool
    ready: int
    start: int
    finish: int
    start_driver: Driver
    start_cause: int
    work: int = 0
    finish_driver: Driver = Driver.WORK
    finish_cause: int = NOBODY

    @property
    def record(self) -> tuple[int, ...]:
        """As the timeline has it, in the order of :class:`sim.timeline.Field`."""
        times = self.start, self.finish, self.ready, self.work
        return (*times, self.start_driver, self.start_cause, self.finish_driver, self.finish_cause)


def done(here: int, start: int, finish: int | None = None, work: int = 0, *, happens: bool = False) -> Note:
    """The note of a pass that is a fact; one without a finish takes no time."""
    return Note(here, happens, start, start, start if finish is None else finish, Driver.DONE, NOBODY, work, Driver.DONE)
