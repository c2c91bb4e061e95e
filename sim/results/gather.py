"""What a run gathers of its futures: which tallies there are, and what each needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from sim.analysis import delay
from sim.analysis.activities import ActivityTally
from sim.analysis.openings import OpeningTally
from sim.analysis.reference_class import ReferenceTally
from sim.analysis.resources import ResourceTally
from sim.analysis.safe_dates import SafeDatesTally
from sim.analysis.targets import TargetTally
from sim.costs import CostPlan, CostSampler, CostTally, DelayTally, compile_costs
from sim.plan import Plan
from sim.runner import Block, Engine, Tally
from sim.sampling import Draws, Sampler
from sim.timeline import Timeline


class MoneyTally:
    """The costs of the futures, gathered as the runner asks for it."""

    def __init__(self, sampler: CostSampler) -> None:
        self.sampler = sampler
        self.costs = CostTally(sampler.costs)

    def add(self, block: Block) -> None:
        """Count the money of a block."""
        self.costs.add_block(self.sampler, block.draws, block.timeline)

    def merge(self, other: MoneyTally) -> None:
        """Add what another tally has counted."""
        self.costs.merge(other.costs)


class DelayCostTally:
    """What a month of delay costs, gathered as the runner asks for it; undelayed plans by the compiled engine, whichever the run takes."""

    def __init__(self, sampler: CostSampler) -> None:
        self.pairs = DelayTally(sampler, simulate_with("kernel"))

    def add(self, block: Block) -> None:
        """Count the money of a block."""
        self.pairs.add(block.draws, block.timeline)

    def merge(self, other: DelayCostTally) -> None:
        """Add what another tally has counted."""
        self.pairs.merge(other.pairs)


def simulate_with(engine: Engine) -> Callable[[Plan, Draws], Timeline]:
    """The engine as a function of a plan and its draws."""
    if engine == "simpy":
        from sim.engine.process import simulate as process

        return process
    from sim.engine.kernel import simulate as kernel

    return kernel


@dataclass(frozen=True)
class Setup:
    """A plan, made ready for simulation once.

    Attributes
    ----------
    plan
        The compiled scenario.
    engine
        Which engine runs.
    sampler
        Draws its futures.
    """

    plan: Plan
    engine: Engine
    sampler: Sampler

    @cached_property
    def costs(self) -> CostPlan:
        """The compiled money; its undelayed futures by the compiled engine, whichever the run takes: both give the same."""
        return compile_costs(self.plan, simulate_with("kernel"), self.sampler)

    def makers(self, names: tuple[str, ...]) -> dict[str, Callable[[], Tally]]:
        """How to make each tally asked for that the scenario has something for; can be pickled."""
        return {name: TALLIES[name](self) for name in names if name in TALLIES and has_something(self.plan, name)}


TALLIES: Mapping[str, Callable[[Setup], Callable[[], Any]]] = {
    "openings": lambda setup: partial(OpeningTally, setup.plan),
    "targets": lambda setup: partial(TargetTally, setup.plan),
    "resources": lambda setup: partial(ResourceTally, setup.plan),
    "money": lambda setup: partial(MoneyTally, CostSampler(setup.costs)),
    "delay_cost": lambda setup: partial(DelayCostTally, CostSampler(setup.costs)),
    "activities": lambda setup: partial(ActivityTally, setup.plan),
    "reference": lambda setup: partial(ReferenceTally, setup.plan),
    "delay": lambda setup: partial(delay.DelayTally, setup.plan, delay.Splitter(setup.plan)),
    "safe_dates": lambda setup: partial(SafeDatesTally, setup.plan),
}
"""How to make each tally for a plan. A new answer that needs something of every future adds its tally here."""

ALL = (*TALLIES, "leave_one_out")
"""What a whole run gathers; see :mod:`sim.results.why` for what is not in :data:`TALLIES`."""

QUICK = ("openings", "targets", "money")
"""What a first answer in a session needs."""


def has_something(plan: Plan, name: str) -> bool:
    """Whether a scenario has what a tally is about."""
    if name in {"money", "delay_cost"}:
        return bool(plan.scenario.costs)
    if name == "reference":
        return bool(plan.scenario.reference_class)
    if name == "safe_dates":
        return any(office.target >= 0 for office in plan.offices)
    return bool(plan.pools) if name == "resources" else True
