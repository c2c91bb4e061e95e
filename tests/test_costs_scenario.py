"""Money of the default scenario: without chance it is what the report budgets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.costs import Costs, accrue, compile_costs, neutral
from sim.engine.kernel import simulate
from sim.plan import compile_scenario
from sim.sampling import Sampler, medians_given
from sim.scenario import load_scenario

SCENARIO = Path(__file__).parent.parent / "scenarios" / "programme-2021.toml"
BEFORE_OPENING = ('costs.rent_before_opening="remove"', 'costs.pay_before_opening="remove"')
THOUSAND = 100_000
"""Kronor in öre."""


@pytest.fixture(scope="module")
def undelayed() -> Costs:
    """Each future's own plan: its types and branches, medians, no risks, no queues, no chance in money."""
    plan = compile_scenario(load_scenario(SCENARIO, list(BEFORE_OPENING)).scenario)
    sampler = Sampler(plan)
    costs = compile_costs(plan, simulate, sampler)
    calm = medians_given(costs.as_planned, sampler.draw(0, 60))
    return accrue(costs, calm, simulate(costs.as_planned, calm), neutral(costs, 60))


def round_one(values: np.ndarray) -> np.ndarray:
    return values[:, :14].sum(axis=1)


def test_without_chance_round_1_costs_what_the_report_says_for_the_types_drawn(undelayed: Costs) -> None:
    """24.65 MSEK with two medium offices and one large, 25.625 with one and two; fixed prices, to the öre."""
    assert set(round_one(undelayed.once[:, :, 3])) == {24_650 * THOUSAND, 25_625 * THOUSAND}


def test_a_year_of_operation_of_round_1_costs_what_the_report_says(undelayed: Costs) -> None:
    """2025: all are open and closed as projects, so nothing but a year's operation is left; fixed prices, to the öre."""
    year = undelayed.years[:, : undelayed.types.shape[1], 2025 - 2021]
    assert set(round_one(year)) == {57_300 * THOUSAND, 64_600 * THOUSAND}


def test_dear_types_are_dear_in_both(undelayed: Costs) -> None:
    dear = round_one(undelayed.once[:, :, 3]) > 25_000 * THOUSAND
    assert np.array_equal(dear, round_one(undelayed.years[:, : undelayed.types.shape[1], 4]) > 60_000 * THOUSAND)
