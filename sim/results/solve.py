"""Backward questions to a scenario: which value makes a target hold."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.analysis.questions import Question as Asked
from sim.analysis.questions import question as asked_by_name
from sim.analysis.solve import Solution, Trial, curve_table
from sim.analysis.solve import solve as search
from sim.analysis.vary import Vary, parse_vary
from sim.errors import Fault, InputError
from sim.results.futures import Means
from sim.results.question import Overrides
from sim.results.session import Session
from sim.results.sweep import Trials
from sim.results.tried import Tried
from sim.runner import Engine
from sim.scenario import LoadedScenario, Scenario

USUAL = 0.8
"""Chance asked for where a target does not say."""


@dataclass(frozen=True)
class Solved(Tried):
    """A backward question and its answer.

    Attributes
    ----------
    key
        What was varied.
    target
        What was to hold: ``targets.ID`` or ``offices.ID.on_time``.
    solution
        What was found.
    """

    key: str
    target: str
    solution: Solution


def solve(
    scenario: str | Path | LoadedScenario,
    target: str,
    vary: str | Vary,
    *,
    confidence: float | None = None,
    replications: int | None = None,
    seed: int | None = None,
    overrides: Overrides = (),
    engine: Engine = "kernel",
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[Any], None] | None = None,
) -> Solved:
    """Find the smallest (or largest) value of a key with which a target holds.

    Parameters
    ----------
    target
        A target, or an office: then its own date.
    vary
        ``KEY=LO:HI`` or ``KEY=LO:HI:STEP``: whole numbers, numbers or dates, see :mod:`sim.analysis.vary`.
    confidence
        The chance that is asked for; default: the target's own, 0.8 for an office.
    progress
        Called with each value before it is tried.

    Returns
    -------
    Solved
        Table ``solve`` is the curve that was searched.

    Raises
    ------
    InputError
        The scenario, the target or the key is at fault.
    """
    varied = parse_vary(vary, need_range=True) if isinstance(vary, str) else vary
    session = Session(scenario, replications=replications, seed=seed, overrides=overrides, engine=engine, workers=workers)
    known = session.question.loaded.scenario
    asked = chance_of(known, target)
    wanted = confidence_of(known, asked.key, confidence)
    trials = Trials(session, Means(False, workers, executor))
    for end in (varied.values[0], varied.values[-1]):
        trials.question((varied.key,), (end,))

    def attempt(value: Any) -> Trial:
        if progress is not None:
            progress(value)
        return _trial(trials, varied.key, value, asked)

    solution = search(varied.values, attempt, wanted)
    settings = {"target": asked.key, "vary": [varied.key, str(varied.values[0]), str(varied.values[-1])], "confidence": wanted}
    tables = {"solve": curve_table(solution)}
    return Solved("solve", (session.question,), tables, varied.key, asked.key, solution, asked=settings)


def _trial(trials: Trials, key: str, value: Any, asked: Asked) -> Trial:
    found = trials.futures(trials.question((key,), (value,)))
    return Trial(value, np.zeros(0, np.bool_), found) if isinstance(found, str) else Trial(value, asked.values(found))


def chance_of(scenario: Scenario, target: str) -> Asked:
    """The chance that is meant by a target's id, an office's id, or the name of a question.

    Raises
    ------
    InputError
        There is no such thing, or it is no chance.
    """
    name = target
    if "." not in target:
        name = f"offices.{target}.on_time" if target in scenario.offices and target not in scenario.targets else f"targets.{target}"
    elif target.startswith("offices.") and target.count(".") == 1:
        name = f"{target}.on_time"
    asked = asked_by_name(scenario, name, "--target")
    if asked.kind != "chance":
        raise InputError(Fault("--target", f'"{target}" is no chance; name a target or an office'))
    return asked


def confidence_of(scenario: Scenario, name: str, given: float | None) -> float:
    """The chance that is asked for.

    Raises
    ------
    InputError
        It is not between 0 and 1.
    """
    if given is None:
        head, id_, *_ = name.split(".")
        return scenario.targets[id_].confidence if head == "targets" else USUAL
    if not 0 < given < 1:
        raise InputError(Fault("--confidence", f"{given} is not between 0 and 1; write e.g. 0.8"))
    return given
