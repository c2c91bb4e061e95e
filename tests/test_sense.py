"""Warnings that take the plan to judge: silent on good scenarios, and heard, with their whole text, on bad ones."""

from __future__ import annotations

import ast
import inspect
import json
from itertools import pairwise
from pathlib import Path

import pytest
from scenario_cases import GOOD, load_case
from typer.testing import CliRunner

from sim.cli import app
from sim.plan import compile_scenario
from sim.results import sense
from sim.results.sense import Outlook, warned_of
from sim.scenario import load_scenario
from sim.scenario import warnings as warnings_of_scenario

ROOT = Path(__file__).parent.parent
SMALL = """
[scenario]
name = "One after the other"
start = 2022-01-03
opening = "opening"
[calendars.all]
every_day = true
[offices.north]
[offices.south]
[activities.search]
duration = { triangular = [70, 105, 175], grade = "B" }
[activities.works]
duration = { triangular = [70, 140, 280], grade = "B" }
after = "search"
[activities.opening]
duration = { fixed = 0 }
after = "works"
"""
"""By the triangles' own formula: P1 is 76 and 82 days, P10 89 and 108 (28 weeks together), the medians 115 and 160, P90 148 and 226
(53 weeks together)."""


def warned(tmp_path: Path, extra: str) -> dict[str, list[str]]:
    path = tmp_path / "small.toml"
    path.write_text(SMALL + extra, "utf-8")
    return {name: [str(fault) for fault in faults] for name, faults in warned_of(load_scenario(path)).items()}


@pytest.mark.parametrize("extra", ["", "[offices.north]".replace("north", "east") + "\ntarget = 2022-12-01\n"])
def test_a_good_scenario_has_no_warning(tmp_path: Path, extra: str) -> None:
    assert warned(tmp_path, extra) == {}


def test_the_scenario_with_every_section_has_no_warning() -> None:
    assert warned_of(load_scenario(GOOD)) == {}


def test_a_date_before_the_earliest_possible_is_told(tmp_path: Path) -> None:
    """At P1 the steps take 76 and 82 days: 158 days after 3 January is 10 June."""
    told = warned(
        tmp_path, "[offices.east]\ntarget = 2022-06-07\n[offices.west]\ntarget = 2022-06-10\n[targets.t]\nby = 2022-06-01\nat_least = 2\n"
    )
    assert told == {
        "dates_can_be_held": [
            "offices.east.target: 2022-06-07 is before 2022-06-10, the earliest with all work at its shortest and no queue"
            "  [small.toml, line 19]",
            "targets.t.by: 2022-06-01 cannot be held: 2 offices are open on 2022-06-10 at the earliest, "
            "with all work at its shortest and no queue  [small.toml, line 23]",
        ]
    }


def test_a_target_that_counts_what_is_open_already_needs_fewer(tmp_path: Path) -> None:
    assert warned(tmp_path, "[targets.t]\nby = 2022-06-01\nat_least = 7\nexisting = 7\n") == {}


@pytest.mark.parametrize(
    ("weeks", "told"),
    [
        ("weeks = [30, 35, 38, 52]", []),
        (
            "weeks = [24, 30, 38, 90]",
            [
                "start to opening takes 28 to 53 weeks when all work is short (P10) or long (P90) together, without queues and risks; "
                "2 of 4 similar ones lie outside, at 24 to 90: the ranges may be too narrow"
            ],
        ),
        (
            "weeks = [30, 31, 38]\nunfinished_weeks = [70]",
            [
                "start to opening takes 28 to 53 weeks when all work is short (P10) or long (P90) together, without queues and risks; "
                "1 of 4 similar ones lie outside, at 70 to 70: the ranges may be too narrow"
            ],
        ),
        ("weeks = [90, 91, 92]", []),
    ],
)
def test_ranges_that_do_not_cover_history_are_told(tmp_path: Path, weeks: str, told: list[str]) -> None:
    found = warned(tmp_path, f'[reference_class.earlier]\n{weeks}\ngrade = "A"\n').get("ranges_cover_history", [])
    assert found == [f"reference_class.earlier: {text}  [small.toml, line 18]" for text in told]


@pytest.mark.parametrize(
    ("weeks", "told"),
    [
        ("weeks = [30, 35, 40, 44]", ""),
        ("weeks = [50, 52, 60, 61]", "less than the quickest of 4 similar ones, 50"),
        ("weeks = [20, 25, 26, 28]", "more than the slowest of 4 similar ones, 28"),
        ("weeks = [20, 25, 26, 28]\nunfinished_weeks = [29]", ""),
    ],
)
def test_a_middle_outside_the_evidence_is_told(tmp_path: Path, weeks: str, told: str) -> None:
    found = warned(tmp_path, f'[reference_class.earlier]\n{weeks}\ngrade = "A"\n').get("middles_fit_evidence", [])
    assert len(found) == bool(told)
    assert all(
        told in fault and fault.startswith("reference_class.earlier: the plan without queues and risks takes 39 weeks") for fault in found
    )


def test_every_check_of_the_plan_is_registered() -> None:
    written = {
        node.name
        for node in ast.parse(inspect.getsource(sense)).body
        if isinstance(node, ast.FunctionDef) and [a.arg for a in node.args.args] == ["outlook"]
    }
    assert written == {one.__name__ for one in sense.PLAN_WARNINGS}


def test_levels_are_in_order_and_the_middle_is_the_plan(tmp_path: Path) -> None:
    outlook = Outlook(compile_scenario(load_scenario(ROOT / "scenarios" / "programme-2021.toml").scenario))
    days = [outlook.days(level) for level in (0.01, 0.1, 0.5, 0.9)]
    assert all((a <= b).all() for a, b in pairwise(days))
    assert (days[0] < days[3]).all()


def test_a_check_can_be_made_strict_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL + "[resources.vans]\ncapacity = 2\ngrade = 'C'\n", "utf-8")

    def status(*options: str) -> int:
        return CliRunner().invoke(app, ["check", str(tmp_path / "small.toml"), "--quiet", *options]).exit_code

    assert (status(), status("--strict"), status("--strict-about", "pools_are_used")) == (0, 3, 3)
    assert (status("--strict-about", "ranges_are_wide"), status("--strict-about", "ranges_are_wyde")) == (0, 2)
    told = json.loads(CliRunner().invoke(app, ["check", str(tmp_path / "small.toml"), "--json"]).stdout)["warnings"]
    assert [(row["check"], row["path"]) for row in told] == [("pools_are_used", "resources.vans")]


def test_the_scenarios_that_come_with_the_program_warn_of_nothing_but_queues() -> None:
    """More offices than units is what they are about; whoever reads that agrees."""
    found = set()
    for name in ("scenarios/programme-2021.toml", "scenarios/mobile-first.toml", "sim/cli/starter/scenario.toml"):
        found |= set(warned_of(load_scenario(ROOT / name)))
    for path in ROOT.glob("scenarios/examples/*.toml"):
        found |= set(warned_of(load_scenario(path)))
    assert found == {"offices_fit_the_pools"}


def test_warnings_about_the_scenario_alone_are_among_them(tmp_path: Path) -> None:
    loaded = load_case(tmp_path, "resources.slots.changes = []")
    assert [fault for faults in warned_of(loaded).values() for fault in faults] == [
        loaded.locate(f) for f in warnings_of_scenario(loaded.scenario)
    ]
