"""What a case is, and how its scenario is run."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine import kernel
from sim.plan import Plan, compile_scenario
from sim.sampling import Draws, Sampler
from sim.scenario import Scenario
from sim.scenario.checks import check
from sim.timeline import Timeline

SCENARIOS = Path(__file__).parent / "scenarios"
ERRORS = 4.0
"""Tolerance of a sampled number in standard errors; a right program fails one such case in about 16 000."""
SAMPLED = "4 standard errors of the sample"
EXACT = "exact: whole days or öre"
ROUNDED = "4 standard errors, and half a day for rounding to whole days"
Days = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """One number asked of the program, and the answer from outside."""

    id: str
    source: str
    asked: str
    expected: float
    found: float
    tolerance: float
    reason: str

    @property
    def passes(self) -> bool:
        """Whether the answer is as expected, within the tolerance."""
        return bool(abs(self.found - self.expected) <= self.tolerance)


def raw_of(name: str) -> dict[str, Any]:
    """The scenario of a file, as it was written."""
    return tomllib.loads((SCENARIOS / f"{name}.toml").read_text("utf-8"))


def compiled(raw: dict[str, Any]) -> Plan:
    """A scenario, checked and compiled."""
    scenario = Scenario.model_validate(raw)
    if faults := check(scenario):
        raise ValueError(f"{scenario.scenario.name}: {faults}")
    return compile_scenario(scenario)


def plan_of(name: str, **correlation: float) -> Plan:
    """The compiled scenario of a file, perhaps with other correlations."""
    return compiled(raw_of(name) | ({"correlation": correlation} if correlation else {}))


def simulated(plan: Plan, size: int) -> tuple[Draws, Timeline]:
    """Draws and timeline of a number of futures."""
    draws = Sampler(plan).draw(0, size)
    return draws, kernel.simulate(plan, draws)


def openings(name: str, size: int, **correlation: float) -> Days:
    """Opening days of the only office of a scenario."""
    plan = plan_of(name, **correlation)
    return simulated(plan, size)[1].opening(plan)[:, 0].astype(np.float64)


def mean_case(id_: str, source: str, asked: str, expected: float, sample: Days, slack: float = 0.0) -> Case:
    """A mean, within standard errors."""
    error = float(sample.std(ddof=1) / np.sqrt(sample.size))
    return Case(id_, source, asked, expected, float(sample.mean()), ERRORS * error + slack, ROUNDED if slack else SAMPLED)


def variance_case(id_: str, source: str, asked: str, expected: float, sample: Days) -> Case:
    """A variance, within standard errors; shown as standard deviation squared."""
    squares = (sample - sample.mean()) ** 2
    return mean_case(id_, source, asked, expected, squares)


def exact_case(id_: str, source: str, asked: str, expected: float, found: float) -> Case:
    """A number that must be met exactly."""
    return Case(id_, source, asked, float(expected), float(found), 0.0, EXACT)
