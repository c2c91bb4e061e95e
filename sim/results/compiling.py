"""Compiling ahead: the machine code of a run that is not kept yet, made by two processes at once.

The engine takes as long to compile as all else together, and nothing of it is needed to compile the rest: futures to
compile with come from the readable engine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from functools import cached_property
from importlib import import_module
from multiprocessing import get_context
from typing import Any

from sim.analysis.activities import activity_table
from sim.analysis.openings import open_count
from sim.analysis.safe_dates import safe_dates
from sim.costs import CostPlan, compile_costs, cost_by_month
from sim.plan import Plan
from sim.results.gather import TALLIES, Setup, simulate_with
from sim.results.question import Question
from sim.results.runs import make_ready
from sim.runner import Block, Tally
from sim.sampling import Sampler

COMPILED = ("sim.engine.kernel", "sim.sampling.kernel", "sim.costs.kernel", "sim.analysis.counting", "sim.analysis.pools")
"""Modules of the compiled functions that a run spends its time in."""

BY_KERNEL = ("delay", "delay_cost")
"""Tallies that run the compiled engine; the others are compiled beside it."""

COUNTED: Mapping[str, Callable[[Plan, Any], object]] = {
    "openings": open_count,
    "activities": lambda _, tally: activity_table(tally),
    "safe_dates": lambda _, tally: safe_dates(tally),
    "money": lambda _, tally: cost_by_month(tally.costs),
}
"""For each tally a table that is counted by compiled functions."""

FUTURES = 4
"""Futures to compile with."""


def is_compiled() -> bool:
    """Whether the machine code of a run is kept from an earlier one; else the first run takes a minute or two more, once."""
    for module in COMPILED:
        import_module(module)
    from sim.compiled import is_cached

    return is_cached(COMPILED)


def compile_ahead(question: Question) -> None:
    """Compile what answers a question, the engine here and the rest beside it; what is missed is compiled when it is called."""
    from sim.engine import kernel

    if (os.cpu_count() or 1) < 2:
        return
    setup = make_ready(question)
    try:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as another:
            rest = another.submit(compile_rest, setup.plan)
            kernel.simulate(setup.plan, setup.sampler.none())
            gather_with(setup, BY_KERNEL)
            rest.result()
    except BrokenExecutor:  # memory may be short: one after the other, then
        return


class WithoutKernel(Setup):
    """A plan whose money is made ready by the readable engine."""

    @cached_property
    def costs(self) -> CostPlan:
        """The compiled money."""
        return compile_costs(self.plan, simulate_with("simpy"), self.sampler)


def compile_rest(plan: Plan) -> None:
    """Compile drawing, counting, money and tables."""
    setup = WithoutKernel(plan, "simpy", Sampler(plan))
    for name, tally in gather_with(setup, tuple(name for name in TALLIES if name not in BY_KERNEL)).items():
        if name in COUNTED:
            COUNTED[name](plan, tally)


def gather_with(setup: Setup, names: tuple[str, ...]) -> dict[str, Tally]:
    """Gather a few futures, in two parts that are put together."""
    simulate, makers = simulate_with(setup.engine), setup.makers(names)
    parts = [{name: make() for name, make in makers.items()} for _ in range(2)]
    for i, tallies in enumerate(parts):
        draws = setup.sampler.draw(i * FUTURES, FUTURES)
        block = Block(setup.plan, draws, simulate(setup.plan, draws))
        for tally in tallies.values():
            tally.add(block)
    for name, tally in parts[0].items():
        tally.merge(parts[1][name])
    return parts[0]
