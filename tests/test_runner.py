"""Many replications: the same answer to the last bit, whoever does the work; nothing half-done when it stops."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from sim.plan import Plan
from sim.runner import Block, CancelledError, Job, Watch, WorkerError, cut, run, run_chunk
from tests.programmes import plan_of

CREWS = """
[resources]
crew = { capacity = 2 }
[offices]
a = {}
b = {}
c = {}
[activities]
plan = { duration = { lognormal = { p10 = 5, p90 = 30 } } }
dig = { duration = { exponential = { mean = 12 } }, after = "plan", uses = { crew = 1 } }
"""


class Openings:
    """A tally that keeps the openings, in order."""

    def __init__(self) -> None:
        self.days: list[np.ndarray] = []

    def add(self, block: Block) -> None:
        self.days.append(block.opening.copy())

    def merge(self, other: Openings) -> None:
        self.days += other.days

    def all(self) -> np.ndarray:
        return np.concatenate(self.days)


class DiesOnce(Openings):
    """A tally whose process ends without a word, the first time."""

    def __init__(self, mark: Path) -> None:
        super().__init__()
        self.mark = mark

    def add(self, block: Block) -> None:
        if not self.mark.exists():
            self.mark.write_text("died")
            os._exit(1)
        super().add(block)


class DiesAlways(Openings):
    """A tally whose process always ends without a word."""

    def add(self, block: Block) -> None:
        os._exit(1)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_of(CREWS)


@pytest.fixture(scope="module")
def expected(plan: Plan) -> np.ndarray:
    return run(Job(plan, {"openings": Openings}), 301, workers=1)["openings"].all()


def processes(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))


def test_chunks_cover_all_replications_once() -> None:
    for first, count, workers in ((0, 1, 1), (0, 10_000, 2), (3, 50, 4), (17, 100_000, 3), (0, 0, 2)):
        numbers = [i for a, n in cut(first, count, workers, "kernel") for i in range(a, a + n)]
        assert numbers == list(range(first, first + count))


@pytest.mark.parametrize("workers", [2, 3, 7])
def test_any_number_of_threads(plan: Plan, expected: np.ndarray, workers: int) -> None:
    found = run(Job(plan, {"openings": Openings}), 301, workers=workers)["openings"].all()
    assert np.array_equal(found, expected)


def test_simpy_in_processes(plan: Plan, expected: np.ndarray) -> None:
    found = run(Job(plan, {"openings": Openings}, engine="simpy"), 301, workers=2)["openings"].all()
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, processes])
def test_an_executor_of_the_caller(plan: Plan, expected: np.ndarray, pool: type[Executor]) -> None:
    with pool(2) as executor:
        job = Job(plan, {"openings": Openings})
        assert np.array_equal(run(job, 301, executor=executor, workers=2)["openings"].all(), expected)
        assert executor.submit(abs, -1).result() == 1, "it stays open"


def test_a_dask_cluster(plan: Plan, expected: np.ndarray) -> None:
    distributed = pytest.importorskip("distributed", reason="needs the extra etablera[cluster]")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        found = run(Job(plan, {"openings": Openings}), 301, executor=client.get_executor(), workers=2)["openings"].all()
    assert np.array_equal(found, expected)


def test_a_later_part_alone_and_any_size_of_blocks(plan: Plan, expected: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    assert np.array_equal(run(Job(plan, {"openings": Openings}), 100, first=57, workers=1)["openings"].all(), expected[57:157])
    monkeypatch.setattr("sim.runner.BLOCK_NODES", 1)
    assert np.array_equal(run(Job(plan, {"openings": Openings}), 301, workers=2)["openings"].all(), expected)


def test_progress_grows_to_the_end(plan: Plan) -> None:
    for workers in (1, 2):
        seen: list[int] = []
        run(Job(plan, {"openings": Openings}), 301, workers=workers, progress=seen.append)
        assert seen == sorted(seen)
        assert workers > 1 or seen[-1] == 301


def test_nothing_asked_nothing_run(plan: Plan) -> None:
    assert run(Job(plan, {"openings": Openings}), 0)["openings"].days == []


def test_threads_stop_between_blocks(plan: Plan) -> None:
    watch = Watch()
    watch.stopped = True
    with pytest.raises(CancelledError):
        run_chunk(Job(plan, {"openings": Openings}), 0, 1000, watch)


def test_an_interrupt_stops_the_threads_at_once(plan: Plan) -> None:
    def interrupt(done: int) -> None:
        raise KeyboardInterrupt

    class Slow(Openings):
        def add(self, block: Block) -> None:
            time.sleep(0.3)

    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(Job(plan, {"slow": Slow}), 10_000_000, workers=2, progress=interrupt)
    assert time.monotonic() - begin < 30, "ten million replications would take far longer"


def test_an_interrupt_waits_for_no_thread_that_is_held_up(plan: Plan) -> None:
    """As by the compiler, which cannot be told to stop."""
    go_on, held_up, done = threading.Event(), threading.Event(), threading.Event()

    class HeldUp(Openings):
        def add(self, block: Block) -> None:
            held_up.set()
            if go_on.wait(60):
                done.set()

    def interrupt(done: int) -> None:
        if held_up.is_set():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Job(plan, {"held_up": HeldUp}), 10_000_000, workers=2, progress=interrupt)
    assert not done.is_set()
    go_on.set()
    assert done.wait(60)


class Large(Openings):
    """A tally that takes a while to be sent."""

    def add(self, block: Block) -> None:
        self.days = [np.zeros(1 << 25, np.uint8)]


def test_an_interrupt_while_processes_send_what_they_have_gathered_ends_them(plan: Plan) -> None:
    """When nobody tells that the rest of a message will not come, this waits for it for ever."""

    def interrupt(done: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Job(plan, {"large": Large}, engine="simpy"), 1_000_000, workers=2, progress=interrupt)


def test_an_error_in_a_worker_ends_the_run(plan: Plan) -> None:
    class Breaks(Openings):
        def add(self, block: Block) -> None:
            raise ZeroDivisionError("in a tally")

    with pytest.raises(ZeroDivisionError):
        run(Job(plan, {"breaks": Breaks}), 301, workers=2)


def test_a_worker_that_dies_is_reported_and_its_part_run_again(
    plan: Plan, expected: np.ndarray, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    job = Job(plan, {"openings": partial(DiesOnce, tmp_path / "died")})
    with processes(1) as executor:  # with it dies the part that waits for it
        found = run(job, 301, executor=executor, workers=2)["openings"].all()
    assert np.array_equal(found, expected)
    assert "a worker process died on replications" in caplog.text


def test_a_worker_that_dies_twice_fails_the_run(plan: Plan) -> None:
    job = Job(plan, {"openings": DiesAlways})
    with processes(1) as executor, pytest.raises(WorkerError, match="died twice on replications 0–"):
        run(job, 8, executor=executor, workers=1)
