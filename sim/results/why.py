"""Futures that are simulated once more to say why: with one cause switched off at a time, or for a second opinion.

They are the first of a run, so that each is compared with itself. They come after the run, by the compiled engine whichever the run took:
both give the same.
"""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from sim.analysis import leave_one_out, sensitivity
from sim.plan import Plan

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
    workers, executor
        As in :func:`sim.results.run`.
    """

    why: int = WHY
    workers: int | None = None
    executor: Executor | None = None


def gather_again(plan: Plan, replications: int, names: Collection[str], how: Again) -> dict[str, Any]:
    """What is known of the first of some futures when they are simulated once more, by name."""
    found: dict[str, Any] = {}
    why = min(how.why, replications)
    if LEAVE_ONE_OUT in names and why:
        found[LEAVE_ONE_OUT] = leave_one_out.gather(plan, why, workers=how.workers, executor=how.executor)
    if SENSITIVITY in names:
        found[SENSITIVITY] = sensitivity.gather(plan, replications, workers=how.workers, executor=how.executor)
    return found
