"""SimPy in processes of their own: the interpreter's lock lets only one thread of a process run Python.

A process gets draws and sends their timeline. It never hears Ctrl-C: the process that started it ends it.
"""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from sim.plan import Plan
from sim.sampling import Draws
from sim.timeline import Timeline


class Processes:
    """Processes that simulate one plan."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self.pool = pool

    def simulate(self, draws: Draws) -> Timeline:
        """Have a block of futures simulated, and wait for it."""
        return self.pool.submit(_simulate, draws).result()

    def end(self) -> None:
        """End the processes. One may be sending: the thread that waits here for the rest hears that none comes by the pipe's end."""
        for process in list((self.pool._processes or {}).values()):
            process.terminate()
        self.pool._result_queue._writer.close()  # type: ignore[attr-defined]


@contextmanager
def simulating(plan: Plan, workers: int) -> Iterator[Processes]:
    """Processes that simulate a plan; they start meanwhile, and are ended when something goes wrong. They need not load the compiler."""
    context, known = get_context("spawn"), (plan, gc.get_threshold())
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=known) as pool:
        processes = Processes(pool)
        try:
            with without_interrupt():
                for _ in range(workers):  # each starts one, so that all are known here before any may have to be ended
                    pool.submit(int)
            yield processes
        except BaseException:
            processes.end()
            raise


@contextmanager
def without_interrupt() -> Iterator[None]:
    """Hold back Ctrl-C: processes that are started meanwhile never hear it, also not while they start. They are ended by us."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_plan_here: list[Plan] = []
"""In a process that simulates: the plan."""


def _begin(plan: Plan, threshold: tuple[int, int, int]) -> None:
    """Begin as a process that simulates; look for garbage as seldom as the one that started this one."""
    import sim.engine.process  # noqa: F401  # now, while nothing is asked for yet

    gc.set_threshold(*threshold)
    _plan_here.append(plan)


def _simulate(draws: Draws) -> Timeline:
    """Simulate in such a process."""
    from sim.engine import process

    return process.simulate(_plan_here[0], draws)
