"""What the planner writes: the scenario language, how files lie over one another, and every check on them."""

from sim.scenario.checks import check, warnings
from sim.scenario.load import LoadedScenario, from_raw, load_scenario
from sim.scenario.merge import Change
from sim.scenario.reference import json_schema, reference_markdown
from sim.scenario.schema import Scenario

__all__ = [
    "Change",
    "LoadedScenario",
    "Scenario",
    "check",
    "from_raw",
    "json_schema",
    "load_scenario",
    "reference_markdown",
    "warnings",
]
