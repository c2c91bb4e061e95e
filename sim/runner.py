"""Many replications: in blocks, over any executor, with the same answer to the last bit.

Replications are handed out in *chunks*; a chunk is worked off in small *blocks* that fit the processor's cache. What is to be
known of the futures is gathered in *tallies*: integers only, so that adding up in any grouping gives the same. No timeline
is kept unless a tally keeps it, so memory does not grow with the number of replications.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Protocol, Self
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from sim.errors import EtableraError
from sim.plan import Plan
from sim.sampling import Draws, Sampler, SobolSpec
from sim.timeline import Timeline

Engine = Literal["kernel", "simpy"]

BLOCK_NODES = 1 << 17
"""Passes of activities in a block: about 4 MB of timeline."""
CHUNKS_PER_WORKER = 4
LARGEST_CHUNK = 8192
"""Replications; keeps progress lively and Ctrl-C prompt."""


class WorkerError(EtableraError):
    """A worker process died, twice in the same place; nothing was written. Exit status 1."""


class Cancelled(EtableraError):
    """The run was stopped by the user; nothing was written."""


@dataclass(frozen=True, eq=False)
class Block:
    """Some replications and all that is known of them.

    Attributes
    ----------
    plan, draws, timeline
        What was simulated, its randomness and its outcome.
    """

    plan: Plan
    draws: Draws
    timeline: Timeline

    @cached_property
    def opening(self) -> NDArray[np.int32]:
        """Day on which each office opens, shape ``(replications, offices)``."""
        return np.ascontiguousarray(self.timeline.opening(self.plan))

    @property
    def replications(self) -> int:
        """Number of replications."""
        return self.draws.replications


class Tally(Protocol):
    """Gathers what is to be known of the futures. It must not depend on how they are grouped: integers, not floats."""

    def add(self, block: Block) -> None:
        """Count a block; its timeline must not be kept, its memory is used again."""

    def merge(self, other: Self) -> None:
        """Add what another tally has gathered of the replications that follow on this one's."""


@dataclass(frozen=True)
class Job:
    """What every worker has to know; can be pickled.

    Attributes
    ----------
    plan
        The compiled scenario.
    tallies
        How to make each tally, by name.
    engine
        ``kernel`` or ``simpy``.
    quasi
        Quasi-random points instead of pseudo-random ones.
    """

    plan: Plan
    tallies: Mapping[str, Callable[[], Tally]]
    engine: Engine = "kernel"
    quasi: SobolSpec | None = None
    token: str = field(default_factory=lambda: uuid4().hex)

    @property
    def block(self) -> int:
        """Replications in a block."""
        return max(4, BLOCK_NODES // (len(self.plan.offices) * len(self.plan.passes)) // 4 * 4)


def run(
    job: Job,
    replications: int,
    *,
    first: int = 0,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Simulate ``replications`` futures from number ``first`` on.

    Parameters
    ----------
    job
        What to simulate and what to gather.
    workers
        Number of threads (kernel) or processes (SimPy); default: one a core.
    executor
        Where to work instead, e.g. a Dask client's; stays open.
    progress
        Called with the number of replications done so far.

    Returns
    -------
    dict
        The tallies by name; the same for any number of workers, executor and block size.

    Raises
    ------
    DeadEndError
        When a future cannot go on.
    WorkerError
        When a worker process died and so did the one that took over.
    """
    workers = workers or os.cpu_count() or 1
    chunks = list(cut(first, replications, workers))
    if executor is None and (workers == 1 or len(chunks) == 1):
        return _merged(job, (run_chunk(job, a, n) for a, n in chunks), chunks, progress)
    if executor is not None:
        return _merged(job, _submitted(job, chunks, executor, workers), chunks, progress)
    with _own_executor(job, workers) as own:
        return _merged(job, _submitted(job, chunks, own, workers), chunks, progress)


def cut(first: int, replications: int, workers: int) -> Iterator[tuple[int, int]]:
    """Chunks as (first, count); starts are multiples of 4 so that streams are read in whole groups."""
    size = min(LARGEST_CHUNK, max(256, -(-replications // (workers * CHUNKS_PER_WORKER))))
    size = -(-size // 4) * 4
    end = first + replications
    while first < end:
        count = min(size - first % 4, end - first)
        yield first, count
        first += count


def run_chunk(job: Job, first: int, count: int, stop: threading.Event | None = None) -> dict[str, Tally]:
    """Work off a chunk, block by block."""
    sampler, simulate = prepared(job)
    tallies = {name: make() for name, make in job.tallies.items()}
    end, block = first + count, job.block
    while first < end:
        if stop is not None and stop.is_set():
            raise Cancelled("stopped")
        draws = sampler.draw(first, min(block, end - first))
        known = Block(job.plan, draws, simulate(draws))
        for tally in tallies.values():
            tally.add(known)
        first += draws.replications
    return tallies


_prepared: dict[str, tuple[Sampler, Callable[[Draws], Timeline]]] = {}
_preparing = threading.Lock()


def prepared(job: Job) -> tuple[Sampler, Callable[[Draws], Timeline]]:
    """Sampler and engine of a job, made once in each process."""
    with _preparing:
        if job.token not in _prepared:
            while len(_prepared) >= 4:
                _prepared.pop(next(iter(_prepared)))
            _prepared[job.token] = Sampler(job.plan, quasi=job.quasi), engine_of(job.plan, job.engine, job.block)
        return _prepared[job.token]


def draw_with(job: Job, sampler: Sampler) -> None:
    """Let a job draw with a sampler that is at hand, in this process; it must draw what the job's own would."""
    with _preparing:
        _prepared[job.token] = sampler, engine_of(job.plan, job.engine, job.block)


def engine_of(plan: Plan, engine: Engine, block: int) -> Callable[[Draws], Timeline]:
    """A function from draws to their timeline. A timeline of the kernel is written over by the next one of the same thread."""
    if engine == "simpy":
        from sim.engine import process

        return lambda draws: process.simulate(plan, draws)
    from sim.engine import kernel

    packed, own = kernel.pack(plan), threading.local()

    def simulate(draws: Draws) -> Timeline:
        if not hasattr(own, "timeline"):
            own.timeline = Timeline.empty(block, len(plan.offices), len(plan.passes))
        whole: Timeline = own.timeline
        into = Timeline(whole.record[: draws.replications], whole.happens[: draws.replications])
        return kernel.simulate(plan, draws, packed, into)

    return simulate


def _own_executor(job: Job, workers: int) -> Executor:
    """Threads for the kernel, which leaves the interpreter lock; processes for SimPy."""
    return ThreadPoolExecutor(workers) if job.engine == "kernel" else ProcessPoolExecutor(workers)


def _submitted(job: Job, chunks: list[tuple[int, int]], executor: Executor, workers: int) -> Iterator[dict[str, Tally]]:
    """Results of the chunks, in order, with no more in flight than is useful."""
    stop = threading.Event() if isinstance(executor, ThreadPoolExecutor) else None
    waiting: deque[tuple[tuple[int, int], Future[dict[str, Tally]]]] = deque()
    rest = iter(chunks)
    try:
        for chunk in rest:
            waiting.append((chunk, executor.submit(run_chunk, job, *chunk, stop)))
            if len(waiting) > workers:
                yield _result(job, *waiting.popleft())
        while waiting:
            yield _result(job, *waiting.popleft())
    finally:
        if stop is not None:
            stop.set()
        for _, future in waiting:
            future.cancel()


def _result(job: Job, chunk: tuple[int, int], future: Future[dict[str, Tally]]) -> dict[str, Tally]:
    """What a worker gathered; a chunk whose process died is worked off once more, by a process of its own."""
    try:
        return future.result()
    except BrokenProcessPool:
        try:
            with ProcessPoolExecutor(1) as another:
                return another.submit(run_chunk, job, *chunk).result()
        except BrokenProcessPool as error:
            last = chunk[0] + chunk[1] - 1
            raise WorkerError(f"a worker process died twice on replications {chunk[0]}–{last}; memory may be short: try fewer --workers") from error


def _merged(
    job: Job, results: Iterator[dict[str, Tally]], chunks: list[tuple[int, int]], progress: Callable[[int], None] | None
) -> dict[str, Tally]:
    total: dict[str, Tally] | None = None
    done = 0
    for (_, count), gathered in zip(chunks, results, strict=True):
        if total is None:
            total = gathered
        else:
            for name, tally in total.items():
                tally.merge(gathered[name])
        done += count
        if progress is not None:
            progress(done)
    return total if total is not None else {name: make() for name, make in job.tallies.items()}
