"""Many replications: in blocks, over any executor, with the same answer to the last bit.

Replications are handed out in *chunks*; a chunk is worked off in small *blocks* that fit the processor's cache. What is to be
known of the futures is gathered in *tallies*: integers only, so that adding up in any grouping gives the same. No timeline
is kept unless a tally keeps it, so memory does not grow with the number of replications.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from multiprocessing import get_context
from typing import Any, Literal, Protocol, Self
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from sim.engine.elsewhere import simulating, without_interrupt
from sim.errors import EtableraError
from sim.plan import Plan
from sim.sampling import Draws, Sampler, SobolSpec
from sim.timeline import Timeline

Engine = Literal["kernel", "simpy"]

BLOCK_NODES = 1 << 19
"""Passes of activities in a block: about 16 MB of timeline. Smaller blocks fetch what tallies count in from memory more often."""
BLOCK_OF_SIMPY = 64  # a second or so of work, after which progress is told
LARGEST_CHUNK = {"kernel": 8192, "simpy": 512}
"""Replications that are gathered in one go: a process of another's executor cannot be told to stop in between."""
TWO_ROUNDS = 2000
"""From so many replications a worker on, each gets two chunks at least: the first futures take longer, since more is counted of them."""
GLANCE = 0.1
"""Seconds between two looks at how far threads have come."""

log = logging.getLogger(__name__)


class WorkerError(EtableraError):
    """A worker process died, twice in the same place; nothing was written. Exit status 1."""


class CancelledError(EtableraError):
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
        most = max(4, BLOCK_NODES // (len(self.plan.offices) * len(self.plan.passes)) // 4 * 4)
        return min(most, BLOCK_OF_SIMPY) if self.engine == "simpy" else most


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
        Number of threads, each with a process of its own where SimPy simulates; default: one a core.
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
    chunks = list(cut(first, replications, workers, job.engine))
    watch = Watch(progress)
    if executor is not None:
        return _merged(job, _submitted(job, chunks, executor, workers, watch))
    if workers == 1 or len(chunks) <= 1:
        return _merged(job, (run_chunk(job, a, n, watch) for a, n in chunks))
    with _own_executor(job, workers) as own:
        return _merged(job, _submitted(job, chunks, own, workers, watch))


class Watch:
    """How far a run has come, and whether it is to stop; shared by the threads of one process."""

    def __init__(self, progress: Callable[[int], None] | None = None) -> None:
        self.progress = progress
        self.stopped = False
        self._done = 0
        self._lock = threading.Lock()
        self._teller = threading.get_ident()

    def advance(self, replications: int) -> None:
        """Count replications; raises :class:`CancelledError` when the run is to stop. The thread that made the watch tells of them."""
        with self._lock:
            self._done += replications
        if threading.get_ident() == self._teller:
            self.tell()
        if self.stopped:
            raise CancelledError("stopped")

    def tell(self) -> None:
        """Report the progress."""
        if self.progress is not None:
            self.progress(self._done)


def cut(first: int, replications: int, workers: int, engine: Engine) -> Iterator[tuple[int, int]]:
    """Chunks as (first, count), about as many for each worker; they begin at multiples of 4, so that streams are read in whole groups."""
    rounds = max(-(-replications // (workers * LARGEST_CHUNK[engine])), 2 if workers > 1 and replications >= workers * TWO_ROUNDS else 1)
    size = -(-max(1, replications) // (rounds * workers))
    size = -(-size // 4) * 4
    end = first + replications
    while first < end:
        count = min(size - first % 4, end - first)
        yield first, count
        first += count


def run_chunk(job: Job, first: int, count: int, watch: Watch | None = None) -> dict[str, Tally]:
    """Work off a chunk, block by block; a watch only reaches threads of this process."""
    sampler, simulate = prepared(job)
    tallies = {name: make() for name, make in job.tallies.items()}
    end, block = first + count, job.block
    while first < end:
        draws = sampler.draw(first, min(block, end - first))
        known = Block(job.plan, draws, simulate(draws))
        for tally in tallies.values():
            tally.add(known)
        first += draws.replications
        if watch is not None:
            watch.advance(draws.replications)
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


def draw_with(job: Job, sampler: Sampler, simulate: Callable[[Draws], Timeline] | None = None) -> None:
    """Let a job draw with a sampler that is at hand, in this process, and simulate elsewhere; both must do what the job's own would."""
    with _preparing:
        _prepared[job.token] = sampler, simulate or engine_of(job.plan, job.engine, job.block)


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


@contextmanager
def _own_executor(job: Job, workers: int) -> Iterator[Executor]:
    """Threads: the kernel leaves them the interpreter lock. SimPy does not, so there each has its futures simulated by a process."""
    with ExitStack() as stack:
        if job.engine == "simpy":
            processes = stack.enter_context(simulating(job.plan, workers))
            draw_with(job, prepared(job)[0], processes.simulate)
            stack.callback(_prepared.pop, job.token, None)
        yield stack.enter_context(_left_at_once(ThreadPoolExecutor(workers)))


@contextmanager
def _left_at_once(threads: ThreadPoolExecutor) -> Iterator[ThreadPoolExecutor]:
    """Threads that are not waited for when something goes wrong: they end after their block, or when what they compile is done."""
    try:
        yield threads
    except BaseException:
        threads.shutdown(wait=False, cancel_futures=True)
        raise
    threads.shutdown()


def _submitted(job: Job, chunks: list[tuple[int, int]], executor: Executor, workers: int, watch: Watch) -> Iterator[dict[str, Tally]]:
    """Results of the chunks, in order, with no more in flight than is useful."""
    shared = watch if isinstance(executor, ThreadPoolExecutor) else None
    waiting: deque[tuple[tuple[int, int], Future[dict[str, Tally]]]] = deque()
    try:
        for chunk in chunks:
            waiting.append((chunk, _submit(executor, job, chunk, shared)))
            if len(waiting) > workers:
                yield _result(job, *waiting.popleft(), watch, shared)
        while waiting:
            yield _result(job, *waiting.popleft(), watch, shared)
    finally:
        watch.stopped = True
        for _, future in waiting:
            future.cancel()


def _submit(executor: Executor, job: Job, chunk: tuple[int, int], shared: Watch | None) -> Future[dict[str, Tally]]:
    """Hand out a chunk; a pool that is broken already gives a future that says so."""
    try:
        with without_interrupt():
            return executor.submit(run_chunk, job, *chunk, shared)
    except BrokenExecutor as error:
        failed: Future[dict[str, Tally]] = Future()
        failed.set_exception(error)
        return failed


def _result(job: Job, chunk: tuple[int, int], future: Future[dict[str, Tally]], watch: Watch, shared: Watch | None) -> dict[str, Tally]:
    """What a worker gathered. Waits in short turns, so that progress is told and Ctrl-C is heard on every system."""
    while True:
        try:
            gathered = future.result(timeout=GLANCE)
        except TimeoutError:
            if future.done():  # the worker's own
                raise
            watch.tell()
            continue
        except BrokenExecutor:
            gathered = _once_more(job, chunk)
        if shared is None:
            watch.advance(chunk[1])
        return gathered


def _once_more(job: Job, chunk: tuple[int, int]) -> dict[str, Tally]:
    """Work off a chunk whose process died, in a process of its own."""
    first, last = chunk[0], chunk[0] + chunk[1] - 1
    log.warning("a worker process died on replications %d–%d; they are run once more", first, last)
    try:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as another:
            return another.submit(run_chunk, job, *chunk).result()
    except BrokenExecutor as error:
        raise WorkerError(
            f"a worker process died twice on replications {first}–{last}; memory may be short: try fewer --workers"
        ) from error


def _merged(job: Job, results: Iterator[dict[str, Tally]]) -> dict[str, Tally]:
    total = {name: make() for name, make in job.tallies.items()}
    for i, gathered in enumerate(results):
        if i == 0:
            total = gathered
            continue
        for name, tally in total.items():
            tally.merge(gathered[name])
    return total
