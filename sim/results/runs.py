"""From a question to its answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path

from sim.plan import compile_scenario
from sim.results.gather import ALL, Setup
from sim.results.memory import give_back
from sim.results.model import Result
from sim.results.question import Overrides, Question, ask
from sim.results.why import WHY, Again, gather_beside
from sim.runner import Block, Engine, Job, draw_with, prepared
from sim.runner import run as run_job
from sim.sampling import Sampler
from sim.scenario import LoadedScenario

Progress = Callable[[int], None]
"""Called with the number of replications done so far."""


def run(
    scenario: str | Path | LoadedScenario,
    *,
    replications: int | None = None,
    seed: int | None = None,
    overrides: Overrides = (),
    engine: Engine = "kernel",
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    gather: tuple[str, ...] = ALL,
    why: int = WHY,
) -> Result:
    """Simulate a scenario.

    Parameters
    ----------
    scenario
        A scenario file, or a scenario loaded already.
    replications, seed
        Instead of those in the scenario.
    overrides
        Changes to the scenario: ``["resources.crews.capacity=4"]`` or ``{"resources.crews.capacity": 4}``.
    engine
        ``kernel`` (compiled) or ``simpy``; both give the same answer.
    workers
        Threads, each with a process of its own where SimPy simulates; default: one a core.
    executor
        Where to work instead, e.g. a Dask client's.
    progress
        Called with the number of replications done so far.
    gather
        What to gather, see :data:`sim.results.gather.TALLIES`; default: all.
    why
        How many of the futures are simulated once more without each cause (risk, pool limit, actor's variability, …); 0: none.

    Returns
    -------
    Result
        The same for any engine, number of workers and executor.

    Raises
    ------
    InputError
        The scenario, or a change to it, is at fault.
    DeadEndError
        A future cannot go on.
    """
    clock = Clock()
    with clock("load"):
        question = ask(scenario, replications=replications, seed=seed, overrides=overrides, engine=engine)
    return answer(question, gather=gather, why=why, workers=workers, executor=executor, progress=progress, clock=clock)


class Clock:
    """Seconds of each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Add the time of a block to a stage."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - begin


def make_ready(question: Question) -> Setup:
    """Compile a question's scenario."""
    plan = compile_scenario(question.loaded.scenario)
    return Setup(plan, question.engine, Sampler(plan))


def job_of(setup: Setup, gather: tuple[str, ...]) -> Job:
    """The work that answers a question; it draws with the setup's sampler in this process."""
    job = Job(setup.plan, setup.makers(gather), setup.engine)
    draw_with(job, setup.sampler)
    return job


def answer(
    question: Question,
    *,
    gather: tuple[str, ...] = ALL,
    why: int = WHY,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    setup: Setup | None = None,
    clock: Clock | None = None,
) -> Result:
    """Answer a question; with a ``setup`` its scenario is not compiled again."""
    clock = clock or Clock()
    with clock("compile"):
        setup = setup or make_ready(question)
        job = job_of(setup, gather)
    with clock("simulate"):
        tallies = run_job(job, question.replications, workers=workers, executor=executor, progress=progress)
    result, again = Result(question, setup.plan, tallies, clock.seconds), Again(why, workers, executor)
    if again.is_asked(gather):
        give_back()
        with clock("why"):
            tallies |= gather_beside(setup.plan, question.replications, gather, again, result.make_settled)
    return result


def blocks(question: Question, setup: Setup | None = None) -> Iterator[Block]:
    """All futures of a question in order, block by block; a block's timeline is written over by the next."""
    setup = setup or make_ready(question)
    job = job_of(setup, ())
    sampler, simulate = prepared(job)
    for first in range(0, question.replications, job.block):
        draws = sampler.draw(first, min(job.block, question.replications - first))
        yield Block(setup.plan, draws, simulate(draws))
