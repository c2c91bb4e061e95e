"""Comparing scenarios: each is run on the futures of the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from sim.analysis.compare import compare as compare_futures
from sim.errors import Fault, InputError
from sim.results.futures import Means, ask_again, simulate_futures
from sim.results.question import Overrides, Question
from sim.results.tried import Tried
from sim.runner import Engine
from sim.scenario import LoadedScenario


@dataclass(frozen=True)
class Comparison(Tried):
    """Scenarios compared.

    Attributes
    ----------
    names
        What the scenarios are called, that which the others are compared with first.
    """

    names: tuple[str, ...]


def compare(
    scenarios: Sequence[str | Path | LoadedScenario],
    *,
    replications: int | None = None,
    seed: int | None = None,
    overrides: Overrides = (),
    questions: Sequence[str] | None = None,
    costs: bool = True,
    engine: Engine = "kernel",
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Comparison:
    """Compare scenarios with the first of them, on the same futures.

    Parameters
    ----------
    scenarios
        Scenario files, run folders (run again), or scenarios loaded already: at least two.
    replications, seed
        Of all of them; default: those of the first.
    overrides
        Changes to all of them.
    questions
        What is compared, see :mod:`sim.analysis.questions`; default: everything.
    costs
        Whether money is compared too.

    Returns
    -------
    Comparison
        Its tables are those of :func:`sim.analysis.compare.compare`.

    Raises
    ------
    InputError
        A scenario is at fault, or there are fewer than two.
    """
    if len(scenarios) < 2:
        raise InputError(Fault("", "give two or more scenarios to compare"))
    first = ask_again(scenarios[0], replications=replications, seed=seed, overrides=overrides, engine=engine)
    asked = [first, *(ask_again(other, first, overrides=overrides, engine=engine) for other in scenarios[1:])]
    names, futures = names_of(asked), []
    for place, (question, name) in enumerate(zip(asked, names, strict=True)):
        told = progress and _from(progress, place * first.replications)
        futures.append(simulate_futures(question, Means(costs, workers, executor, told), name=name))
    return Comparison("compare", tuple(asked), compare_futures(futures, questions), names)


def _from(progress: Callable[[int], None], before: int) -> Callable[[int], None]:
    return lambda done: progress(before + done)


def names_of(questions: Sequence[Question]) -> tuple[str, ...]:
    """Names of the files without their ends; a number behind those that are there already."""
    names: list[str] = []
    for question in questions:
        stem, number = question.loaded.path.stem, 1
        while (name := stem if number == 1 else f"{stem} ({number})") in names:
            number += 1
        names.append(name)
    return tuple(names)
