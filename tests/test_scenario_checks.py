"""Every check: silent on the good scenario, and heard, with its whole text, on a bad one."""

from __future__ import annotations

import ast
import inspect
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from scenario_cases import GOOD, faults_in, faults_of

from sim.errors import Fault
from sim.scenario import check, load_scenario
from sim.scenario import checks as register

CASES = tomllib.loads((GOOD.parent / "checks.toml").read_text(encoding="utf-8"))["case"]


def test_good_scenario_has_no_fault() -> None:
    assert faults_in(GOOD) == []


@pytest.mark.parametrize("case", CASES, ids=[f"{i}-{case['check']}" for i, case in enumerate(CASES)])
def test_bad_case_is_told_in_full(tmp_path: Path, case: dict[str, Any]) -> None:
    found = faults_of(tmp_path, case["overlay"])
    assert [re.sub(r"good\.toml, line \d+", "good.toml", fault) for fault in found] == case["faults"]
    assert all(_line_shows(fault) for fault in found)


def _line_shows(fault: str) -> bool:
    """Whether a line of the good scenario that a fault names is about what its path names."""
    place = re.search(r"good\.toml, line (\d+)", fault)
    if not place:
        return True
    line = GOOD.read_text(encoding="utf-8").splitlines()[int(place[1]) - 1]
    return any(part in line for part in re.split(r"[.\[\]]", fault.partition(": ")[0])[-3:])


def test_every_check_has_a_bad_case() -> None:
    assert {case["check"] for case in CASES} == {check_one.__name__ for check_one in register.CHECKS}


def test_every_check_is_registered() -> None:
    written = {
        node.name
        for module in (register.dates, register.references, register.network, register.offices, register.numbers, register.status)
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and "Fault" in ast.unparse(node.returns or ast.Constant(""))
    }
    assert written == {check_one.__name__ for check_one in register.CHECKS}


def test_faults_of_several_checks_come_together(tmp_path: Path) -> None:
    found = faults_of(tmp_path, 'offices.east.type = "smal"\ncorrelation.county = 0.9\nactivities.order.after = ["order"]')
    assert [fault.split(":")[0] for fault in found] == ["offices.east.type", "activities.order.after", "correlation"]


def test_check_gives_paths_without_places() -> None:
    scenario = load_scenario(GOOD).scenario
    broken = scenario.model_copy(update={"meetings": {}})
    assert check(broken) == (Fault("activities.decide.meeting", '"board" is not a series of meetings; the scenario has no [meetings.ID]'),)
