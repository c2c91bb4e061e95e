"""Every warning: silent on the good scenario, and heard, with its whole text, on a bad one."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from scenario_cases import GOOD, load_case, warnings_of

from sim.scenario import checks as register
from sim.scenario import load_scenario, warnings

CASES = tomllib.loads((GOOD.parent / "warnings.toml").read_text(encoding="utf-8"))["case"]


def test_good_scenario_has_no_warning() -> None:
    assert warnings(load_scenario(GOOD).scenario) == ()


@pytest.mark.parametrize("case", CASES, ids=[f"{i}-{case['check']}" for i, case in enumerate(CASES)])
def test_bad_case_is_told_in_full(tmp_path: Path, case: dict[str, Any]) -> None:
    found = warnings_of(tmp_path, case["overlay"])
    assert [re.sub(r"good\.toml, line \d+", "good.toml", fault) for fault in found] == case["faults"]


def test_every_warning_has_a_bad_case() -> None:
    assert {case["check"] for case in CASES} == {check_one.__name__ for check_one in register.WARNINGS}


def test_closed_pool_without_changes_is_told(tmp_path: Path) -> None:
    found = warnings_of(tmp_path, 'resources.vans = { capacity = 0, grade = "C" }')
    assert "resources.vans: has no units always, for ever; whoever needs one then waits in vain  [case.toml, line 2]" in found


def test_nothing_is_said_of_waiting_without_a_named_outcome(tmp_path: Path) -> None:
    overlay = 'scenario.opening = "remove"\nactivities.sign = { duration = { fixed = 0 }, after = ["lease"] }'
    assert warnings_of(tmp_path, overlay) == []


def test_a_grade_anywhere_in_an_entry_is_enough(tmp_path: Path) -> None:
    overlay = '[activities.lease]\nduration.grade = "remove"\nredo.grade = "C"'
    assert warnings_of(tmp_path, overlay) == []


def test_a_cost_filtered_by_type_needs_only_those_types(tmp_path: Path) -> None:
    overlay = 'costs.project.by_type.large = "remove"\ncosts.project.offices = { type = "small" }'
    assert warnings_of(tmp_path, overlay) == []


def test_locate_leaves_a_placed_fault_alone(tmp_path: Path) -> None:
    loaded = load_case(tmp_path, "scenario.seed = 7")
    placed = loaded.locate(warnings(load_case(tmp_path, "resources.slots.changes = []").scenario)[0])
    assert placed.file == "good.toml"
    assert loaded.locate(placed) is placed
