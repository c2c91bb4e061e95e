"""The same futures with one cause switched off: what is changed in the draws or in the plan, and in which futures it can matter.

Nothing is drawn anew, except for a layer of common factors: there each duration is drawn from the same streams, with the layer's
factor left out and the own part grown so that its distribution stays what it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.analysis.causes import CauseKind
from sim.analysis.undelayed import median_durations, without_pools
from sim.plan import Kind, Plan
from sim.runner import Block
from sim.sampling import Draws, Sampler, medians_given
from sim.sampling.cases import Cases
from sim.timeline import Driver

LAYER = "layer"
"""Kind of a layer of common factors: not a cause of delay, but of futures that are late together."""

KINDS = (CauseKind.RISK, CauseKind.POOL, CauseKind.ACTOR, CauseKind.REDO, LAYER)
"""What can be switched off."""


@dataclass(frozen=True)
class Variant:
    """One cause switched off.

    Attributes
    ----------
    kind, id
        Which.
    plan
        The plan to simulate.
    change
        The draws without it, from a block's draws.
    touched
        Futures of a block that it can change: all others stay as they are to the day.
    """

    kind: str
    id: str
    plan: Plan
    change: Callable[[Draws], Draws]
    touched: Callable[[Block], NDArray[np.bool_]]


def variants_of(plan: Plan, kinds: tuple[str, ...] = KINDS) -> tuple[Variant, ...]:
    """All that can be switched off in a plan, one at a time."""
    makers = {
        CauseKind.RISK: _risks,
        CauseKind.POOL: _pools,
        CauseKind.ACTOR: _actors,
        CauseKind.REDO: _redos,
        LAYER: _layers,
    }
    return tuple(variant for kind, make in makers.items() if kind in kinds for variant in make(plan))


def _everywhere(block: Block) -> NDArray[np.bool_]:
    return np.ones(block.replications, np.bool_)


def _risks(plan: Plan) -> Iterator[Variant]:
    for risk in plan.risks:
        members = slice(risk.first_member, risk.first_member + len(risk.names))
        yield Variant(CauseKind.RISK, risk.id, plan, *_without_risk(members))


def _without_risk(members: slice) -> tuple[Callable[[Draws], Draws], Callable[[Block], NDArray[np.bool_]]]:
    def change(draws: Draws) -> Draws:
        factor, delay = draws.risk_factor.copy(), draws.risk_delay.copy()
        factor[:, members], delay[:, members] = 1.0, 0.0
        return replace(draws, risk_factor=factor, risk_delay=delay)

    def touched(block: Block) -> NDArray[np.bool_]:
        occurs = (block.draws.risk_factor[:, members] != 1) | (block.draws.risk_delay[:, members] != 0)
        return np.asarray(occurs.any(axis=1))

    return change, touched


def _pools(plan: Plan) -> Iterator[Variant]:
    for pool in plan.pools:
        yield Variant(CauseKind.POOL, pool.id, without_pools(plan, [pool.index]), lambda draws: draws, _waited_for(plan, pool.index))


def _waited_for(plan: Plan, pool: int) -> Callable[[Block], NDArray[np.bool_]]:
    """Futures in which a request with this pool had to wait: in the others its limit was never felt."""
    asking = [a for a in plan.activities if pool in a.takes or pool in dict(a.uses)]
    passes = [here for a in asking for here in range(a.first_pass, a.passes.stop)]

    def touched(block: Block) -> NDArray[np.bool_]:
        driver = block.timeline.start_driver[:, :, passes]
        return np.asarray(((driver == Driver.POOL) | (driver == Driver.CAPACITY)).any(axis=(1, 2)))

    return touched


def _actors(plan: Plan) -> Iterator[Variant]:
    cases = Cases.of(plan)
    for actor in dict.fromkeys(a.actor for a in plan.activities if a.kind is Kind.WORK):
        own = [a.index for a in plan.activities if a.actor == actor and a.kind is Kind.WORK]
        yield Variant(CauseKind.ACTOR, actor, plan, _at_median(plan, cases, own), _everywhere)


def _at_median(plan: Plan, cases: Cases, activities: list[int]) -> Callable[[Draws], Draws]:
    passes = np.array([p.activity in activities for p in plan.passes])

    def change(draws: Draws) -> Draws:
        calm = medians_given(plan, draws, cases)  # knows what is under way; of further passes it has none
        median = np.where(calm.happens, calm.duration, median_durations(plan, cases, draws.codes, activities))
        return replace(draws, duration=np.where(passes & draws.happens, median, draws.duration))

    return change


def _redos(plan: Plan) -> Iterator[Variant]:
    for loop in plan.loops:
        own = np.zeros((len(plan.offices), len(plan.passes)), np.bool_)
        own[:, plan.activities[loop.activity].passes] = True
        for office in plan.offices:
            own[office.index, list(office.again)] = False  # what has happened stays
        yield Variant(CauseKind.REDO, plan.activities[loop.activity].id, plan, *_without_redo(own))


def _without_redo(own: NDArray[np.bool_]) -> tuple[Callable[[Draws], Draws], Callable[[Block], NDArray[np.bool_]]]:
    def change(draws: Draws) -> Draws:
        return replace(draws, redo=draws.redo & ~own)

    def touched(block: Block) -> NDArray[np.bool_]:
        return np.asarray((block.draws.redo & own).any(axis=(1, 2)))

    return change, touched


def _layers(plan: Plan) -> Iterator[Variant]:
    for layer in plan.layers:
        apart = replace(plan, layers=tuple(other for other in plan.layers if other is not layer))
        yield Variant(LAYER, layer.name, plan, _drawn_by(Sampler(apart)), _everywhere)


def _drawn_by(sampler: Sampler) -> Callable[[Draws], Draws]:
    def change(draws: Draws) -> Draws:
        return sampler.draw(draws.first, draws.replications)

    return change
