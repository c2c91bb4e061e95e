"""A scenario compiled: who waits for what, in numbers."""

from sim.plan.compile import compile_scenario
from sim.plan.model import (
    ActivityPlan,
    Condition,
    DurationPlan,
    End,
    Give,
    Kind,
    Layer,
    Loop,
    MixPlan,
    OfficePlan,
    PassPlan,
    Plan,
    PoolPlan,
    Relation,
    RiskPlan,
    Variable,
    Weights,
)

__all__ = [
    "ActivityPlan",
    "Condition",
    "DurationPlan",
    "End",
    "Give",
    "Kind",
    "Layer",
    "Loop",
    "MixPlan",
    "OfficePlan",
    "PassPlan",
    "Plan",
    "PoolPlan",
    "Relation",
    "RiskPlan",
    "Variable",
    "Weights",
    "compile_scenario",
]
