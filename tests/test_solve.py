"""Backward questions: what the search finds is what trying every value finds."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.analysis.solve import Trial
from sim.analysis.solve import solve as search
from sim.errors import InputError
from sim.results.solve import Solved, solve
from sim.results.sweep import sweep

WORKSHOP = Path(__file__).parent.parent / "scenarios" / "examples" / "two-machine-workshop.toml"
N = 300


def every_value(vary: str, target: str) -> list[tuple[object, float]]:
    table = sweep(WORKSHOP, [vary], answers=[target], replications=N)["sweep"]
    return list(zip(table[vary.partition("=")[0]], table[target], strict=True))


def tried(found: Solved) -> dict[object, float | None]:
    return dict(zip(found["solve"]["value"], found["solve"]["probability"], strict=True))


def test_the_smallest_capacity_is_that_of_a_sweep() -> None:
    chances = every_value("resources.lathe.capacity=1:6:1", "targets.all_in_april")
    asked = (chances[0][1] + chances[-1][1]) / 2
    found = solve(WORKSHOP, "all_in_april", "resources.lathe.capacity=1:6", confidence=asked, replications=N)
    assert found.solution.rises
    assert found.solution.value == min(value for value, chance in chances if chance >= asked)
    assert tried(found).items() <= dict(chances).items()


def test_the_latest_start_is_that_of_a_sweep() -> None:
    chances = every_value("offices.gear.start=2024-03-18:2024-04-20:1d", "offices.gear.on_time")
    found = solve(WORKSHOP, "gear", "offices.gear.start=2024-03-18:2024-04-20", replications=N)
    assert not found.solution.rises
    assert found.solution.value == max(value for value, chance in chances if chance >= 0.8)
    assert isinstance(found.solution.value, dt.date)
    assert len(found.solution.curve) < len(chances) / 2


def test_the_latest_day_to_begin_an_activity_is_that_of_a_sweep() -> None:
    key = "activities.inspect.not_before=2024-04-01:2024-05-10"
    chances = every_value(f"{key}:1d", "targets.all_in_april")
    found = solve(WORKSHOP, "targets.all_in_april", key, confidence=0.5, replications=N)
    assert found.solution.value == max(value for value, chance in chances if chance >= 0.5)


def test_the_largest_factor_is_that_of_a_sweep() -> None:
    chances = every_value("factor:all=0.5:2:0.05", "targets.all_in_april")
    found = solve(WORKSHOP, "all_in_april", "factor:all=0.5:2:0.05", confidence=0.6, replications=N)
    assert not found.solution.rises
    best = max(value for value, chance in chances if chance >= 0.6)
    if not found.solution.turns:
        assert all(chance >= 0.6 for value, chance in chances if value <= best)
    assert found.solution.value == best


def test_it_says_when_there_is_none_and_when_all_will_do() -> None:
    none = solve(WORKSHOP, "all_in_april", "resources.lathe.capacity=1:2", confidence=0.9999, replications=N)
    assert (none.solution.status, none.solution.value, none.solution.sure) == ("none", None, "no")
    every = solve(WORKSHOP, "all_in_april", "resources.lathe.capacity=1:2", confidence=0.0001, replications=N)
    assert (every.solution.status, every.solution.value) == ("all", 1)


def test_a_range_a_target_and_a_confidence_are_checked() -> None:
    for target, vary, confidence, told in (
        ("all_in_may", "resources.lathe.capacity=1:2", None, "is no target"),
        ("all_in_april", "resources.lathe.capacity=2", None, "is no range"),
        ("all_in_april", "resources.lathe.capacity=1:2", 80.0, "not between 0 and 1"),
        ("offices.gear.p80", "resources.lathe.capacity=1:2", None, "is no chance"),
        ("all_in_april", "resources.lath.capacity=1:2", None, "lathe"),
    ):
        with pytest.raises(InputError, match=told):
            solve(WORKSHOP, target, vary, confidence=confidence, replications=10)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=40), st.booleans(), st.sampled_from([0.1, 0.5, 0.9]))
@settings(max_examples=60)
def test_on_any_curve_that_goes_one_way_halving_finds_what_trying_all_finds(steps: list[int], falls: bool, asked: float) -> None:
    heights = sorted(steps, reverse=falls)
    found = search(range(len(heights)), lambda place: Trial(place, np.arange(60) < heights[place]), asked)
    enough = [place for place, height in enumerate(heights) if height / 60 >= asked]
    if not enough:
        assert found.status == "none"
    elif len(set(heights)) > 1:
        assert found.value == (max(enough) if falls else min(enough))
    assert not found.turns


def test_a_curve_that_turns_is_searched_through_and_said_to_turn() -> None:
    heights = [0, 0, 90, 0, 0, 0, 90, 90, 90]
    found = search(range(9), lambda place: Trial(place, np.arange(100) < heights[place]), 0.8)
    assert found.turns
    assert found.value == 6
    assert len(found.curve) == 9
