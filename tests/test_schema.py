"""The JSON Schema that editors read says the same as the program that reads the scenarios."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from doc_pages import ROOT, misfits
from test_scenario_shape import test_one_wrong_shape as wrong_shapes
from typer.testing import CliRunner

from sim.cli import app

SCENARIOS = [
    *sorted((ROOT / "scenarios").rglob("*.toml")),
    ROOT / "sim" / "cli" / "starter" / "scenario.toml",
    ROOT / "tests" / "scenario_cases" / "good.toml",
    *sorted((ROOT / "validation" / "scenarios").glob("*.toml")),
]
WIRED = [path for path in SCENARIOS if path.is_relative_to(ROOT / "scenarios")]
OVERLAYS = [case[0] for case in wrong_shapes.pytestmark[0].args[1]]
BEYOND = re.compile(
    r"replications = 10\.0|start = 1066|T08:00:00|\d-\d\d-\d\d\]|-13-|nan|inf|2401|2201|from|weeks|base|yearly|options|weights|values"
    r"|round = \[\]|\n \{ type",
    re.DOTALL,
)
"""What a JSON Schema cannot refuse: bounds of dates, whole numbers written as 10.0, what a table lacks (a base may have it), and what is
checked across fields."""


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_scenario_of_the_project_fits_the_schema(path: Path) -> None:
    assert misfits(tomllib.loads(path.read_text("utf-8"))) == []


@pytest.mark.parametrize("path", WIRED, ids=lambda path: path.stem)
def test_the_first_line_names_the_schema(path: Path) -> None:
    first = path.read_text("utf-8").splitlines()[0]
    assert first.startswith("#:schema ")
    schema = json.loads((path.parent / first.removeprefix("#:schema ")).read_text("utf-8"))
    assert schema["title"] == "etablera scenario"


@pytest.mark.parametrize("overlay", [overlay for overlay in OVERLAYS if not BEYOND.search(overlay)])
def test_the_schema_refuses_what_the_program_refuses(overlay: str) -> None:
    assert misfits(tomllib.loads(overlay)), overlay


def test_most_wrong_shapes_are_looked_at() -> None:
    assert sum(not BEYOND.search(overlay) for overlay in OVERLAYS) > len(OVERLAYS) / 2


@pytest.mark.parametrize("text", ['risks.x = "remove"', 'costs.y.share = "remove"', 'resources.z.changes = "remove"', 'phases = "remove"'])
def test_what_a_base_has_may_be_removed(text: str) -> None:
    assert misfits(tomllib.loads(text)) == []
    assert misfits(tomllib.loads(text.replace("remove", "removed"))) != []


def test_a_new_scenario_has_its_schema_beside_it(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["new", str(tmp_path)])
    assert told.exit_code == 0
    first = (tmp_path / "scenario.toml").read_text("utf-8").splitlines()[0]
    named = tmp_path / first.removeprefix("#:schema ")
    assert json.loads(named.read_text("utf-8")) == json.loads(CliRunner().invoke(app, ["schema"]).stdout)
