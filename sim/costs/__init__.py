"""Money: what costs how much, when it arises, against which frames, and how that goes with time.

A timeline is turned into money by :func:`accrue`, exactly and by day; a :class:`CostTally` keeps what many replications have in
common; the tables are made from it. All amounts are whole öre until they stand in a table, which is in kronor.
"""

from sim.costs.accrue import Costs, accrue
from sim.costs.compile import Engine, compile_costs
from sim.costs.delay import DelayPairs, DelayTally, cost_of_delay, pair_with_plan
from sim.costs.intervals import wilson
from sim.costs.joint import (
    JointSample,
    Table,
    contingency,
    frontier,
    futures_near,
    joint,
    joint_probability,
    joint_sample,
    uplift,
    whole_futures,
)
from sim.costs.model import CostPlan, Group, Reference
from sim.costs.sampler import CostSampler, neutral
from sim.costs.tables import budgets, cost_by_month, cost_by_year, debt_by_month, forecast, tertials
from sim.costs.tally import CostTally

__all__ = [
    "CostPlan",
    "CostSampler",
    "CostTally",
    "Costs",
    "DelayPairs",
    "DelayTally",
    "Engine",
    "Group",
    "JointSample",
    "Reference",
    "Table",
    "accrue",
    "budgets",
    "compile_costs",
    "contingency",
    "cost_by_month",
    "cost_by_year",
    "cost_of_delay",
    "debt_by_month",
    "forecast",
    "frontier",
    "futures_near",
    "joint",
    "joint_probability",
    "joint_sample",
    "neutral",
    "pair_with_plan",
    "tertials",
    "uplift",
    "whole_futures",
    "wilson",
]
