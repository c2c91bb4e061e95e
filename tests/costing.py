"""Small scenarios with money, and what the tests of money ask of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.costs import CostPlan, Costs, CostSampler, CostTally, accrue, compile_costs, neutral
from sim.engine.process import simulate
from sim.plan import Plan, compile_scenario
from sim.sampling import Draws, Sampler
from sim.scenario.schema import Scenario
from sim.timeline import Timeline

KRONA = 100
"""Öre."""

TYPES = {"small": {"budget": 1_550_000.0, "operating_cost": 3_200_000.0}, "large": {"budget": 3_850_000.0, "operating_cost": 15_300_000.0}}


def scenario(costs: dict[str, Any], *, activities: dict[str, Any] | None = None, start: str = "2021-01-01", **more: Any) -> Scenario:
    """One office on calendar time, opening when its work is done; anything else as given."""
    info = {"name": "Money", "start": start, "seed": 3, "opening": "work"} | more.pop("info", {})
    tables = {
        "scenario": info,
        "calendars": {"any": {"every_day": True}},
        "offices": {"boden": {}},
        "activities": activities or {"work": {"duration": {"fixed": 10}}},
        "costs": costs,
    }
    return Scenario.model_validate_json(_json(tables | more))


def _json(tables: dict[str, Any]) -> str:
    import json

    return json.dumps(tables)


class Money:
    """A scenario run through everything, some replications of it."""

    def __init__(self, spec: Scenario, replications: int = 1) -> None:
        self.plan: Plan = compile_scenario(spec)
        self.sampler = Sampler(self.plan)
        self.draws: Draws = self.sampler.draw(0, replications)
        self.timeline: Timeline = simulate(self.plan, self.draws)
        self.costs: CostPlan = compile_costs(self.plan, simulate, self.sampler)
        self.chance = CostSampler(self.costs)

    def accrue(self, *, certain: bool = False) -> Costs:
        """Money of all replications; certain: without its own uncertainty."""
        drawn = neutral(self.costs, self.draws.replications) if certain else self.chance.draw(self.draws)
        return accrue(self.costs, self.draws, self.timeline, drawn)

    def tally(self, block: int = 10_000) -> CostTally:
        """All replications, in blocks of a size."""
        result = CostTally(self.costs)
        for first in range(0, self.draws.replications, block):
            rows = slice(first, first + block)
            part = Timeline(**{name: getattr(self.timeline, name)[rows] for name in Timeline.__dataclass_fields__})
            result.add_block(self.chance, self.draws.take(rows), part)
        return result

    def kronor(self, item: str) -> list[float]:
        """Kronor of an item by month in the first replication, without zeros at the end."""
        months = self.accrue().item[0, self.costs.items.index(item)]
        return [ore / KRONA for ore in np.trim_zeros(months, "b")]


def rows(table: dict[str, list[object]], **wanted: object) -> list[dict[str, object]]:
    """Rows of a table with the wanted values."""
    all_rows = [dict(zip(table, values, strict=True)) for values in zip(*table.values(), strict=True)]
    return [row for row in all_rows if all(row[name] == value for name, value in wanted.items())]
