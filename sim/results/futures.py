"""Simulating a scenario for questions by name: only what these need is gathered."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sim.analysis.futures import Futures, YearCostTally
from sim.costs import CostSampler
from sim.errors import DeadEndError
from sim.results.gather import Setup
from sim.results.passport import NAME, read_passport
from sim.results.question import Question, ask
from sim.results.runs import Progress, make_ready
from sim.runner import Job, Tally, draw_with
from sim.runner import run as run_job
from sim.scenario import Change, LoadedScenario


@dataclass(frozen=True)
class Means:
    """How futures are simulated.

    Attributes
    ----------
    costs
        Whether money is followed too; it takes about as long as all the rest.
    workers, executor, progress
        As in :func:`sim.results.run`.
    """

    costs: bool = False
    workers: int | None = None
    executor: Executor | None = None
    progress: Progress | None = None


def simulate_futures(question: Question, means: Means, *, setup: Setup | None = None, name: str = "") -> Futures:
    """The futures of a question.

    Raises
    ------
    DeadEndError
        A future cannot go on.
    """
    setup = setup or make_ready(question)
    makers: dict[str, Callable[[], Tally]] = setup.makers(("openings", "targets"))
    if means.costs and setup.plan.scenario.costs:
        makers["costs"] = partial(YearCostTally, CostSampler(setup.costs))
    job = Job(setup.plan, makers, setup.engine)
    draw_with(job, setup.sampler)
    found: dict[str, Any] = run_job(job, question.replications, workers=means.workers, executor=means.executor, progress=means.progress)
    label = name or question.loaded.path.stem
    return Futures.of(label, setup.plan, question.loaded.raw, found["openings"], found["targets"], found.get("costs"))


def ask_again(where: str | Path | LoadedScenario, like: Question | None = None, **options: Any) -> Question:
    """A question about a scenario file or a run folder; with ``like``, to the same futures as that.

    Raises
    ------
    InputError
        The scenario is at fault.
    ResultsError
        A folder is not that of a whole run.
    """
    if like is not None:
        options |= {"replications": like.replications, "seed": like.seed}
    if isinstance(where, LoadedScenario) or not Path(where).is_dir():
        return ask(where, **options)
    passport = read_passport(Path(where))
    changes = [Change(**change) for change in passport["changes"]]
    file = Path(where) / NAME if not passport.get("scenario_file") else Path(passport["scenario_file"])
    return ask(LoadedScenario.of_raw(passport["scenario"], file, passport["inputs"], changes), **options)


def try_futures(question: Question, means: Means, setup: Setup) -> Futures | str:
    """The futures, or why there are none: that a future cannot go on is an answer too when values are tried."""
    try:
        return simulate_futures(question, means, setup=setup)
    except DeadEndError as error:
        return str(error)
