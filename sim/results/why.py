"""Futures that are simulated once more to say why: with one cause switched off at a time, or for a second opinion.

They are the first of a run, so that each is compared with itself. They come after the run, by the compiled engine whichever the run took:
both give the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

from sim.analysis import leave_one_out, sensitivity
from sim.plan import Plan
from sim.runner import GLANCE, CancelledError

WHY = leave_one_out.REPLICATIONS
"""Futures that are simulated again without each cause, unless told otherwise."""

LEAVE_ONE_OUT, SENSITIVITY = "leave_one_out", "inputs"
"""Names of what is gathered here."""


@dataclass(frozen=True)
class Again:
    """How futures are simulated once more.

    Attributes
    ----------
    why
        How many without each cause; 0: none.
    workers, executor, progress
        As in :func:`sim.results.run`.
    """

    why: int = WHY
    workers: int | None = None
    executor: Executor | None = None
    progress: Callable[[int], None] | None = None

    def is_asked(self, names: Collection[str]) -> bool:
        """Whether there is anything to simulate once more for what is gathered."""
        return SENSITIVITY in names or (LEAVE_ONE_OUT in names and self.why > 0)


def gather_again(plan: Plan, replications: int, names: Collection[str], how: Again) -> dict[str, Any]:
    """What is known of the first of some futures when they are simulated once more, by name."""
    found: dict[str, Any] = {}
    why = min(how.why, replications)
    if LEAVE_ONE_OUT in names and why:
        found[LEAVE_ONE_OUT] = leave_one_out.gather(plan, why, workers=how.workers, executor=how.executor, progress=how.progress)
    if SENSITIVITY in names:
        found[SENSITIVITY] = sensitivity.gather(plan, replications, workers=how.workers, executor=how.executor, progress=how.progress)
    return found


def gather_beside(plan: Plan, replications: int, names: Collection[str], how: Again, meanwhile: Callable[[], None]) -> dict[str, Any]:
    """The same in a thread, while this one does something in Python: the engine leaves the interpreter to it.

    Whatever ends this thread's work, Ctrl-C too, stops the other.
    """
    stopped = Event()

    def go_on(_: int) -> None:
        if stopped.is_set():
            raise CancelledError("stopped")

    with ThreadPoolExecutor(1) as thread:
        found = thread.submit(gather_again, plan, replications, names, replace(how, progress=go_on))
        try:
            meanwhile()
            while not wait([found], timeout=GLANCE).done:  # in short turns, so that Ctrl-C is heard on every system
                pass
            return found.result()
        except BaseException:
            stopped.set()
            raise
