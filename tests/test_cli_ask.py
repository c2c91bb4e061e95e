"""Questions to several scenarios, and to one future, on the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sim.cli import app
from sim.cli.screen import WIDTH

ROOT = Path(__file__).parent.parent
STARTER = ROOT / "sim" / "cli" / "starter" / "scenario.toml"
WORKSHOP = ROOT / "scenarios" / "examples" / "two-machine-workshop.toml"


def etablera(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def folder_in(out: Path) -> Path:
    [folder] = [path for scenario in out.iterdir() for path in scenario.iterdir()]
    return folder


def rows_of(path: Path) -> list[dict[str, Any]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def told_columns(text: str, out: Path) -> list[str]:
    return [line for line in text.splitlines() if len(line) > WIDTH and str(out) not in line]


# --- sweep -----------------------------------------------------------------------------------------------------------------------


def test_a_sweep_shows_each_answer_and_keeps_them_all(tmp_path: Path) -> None:
    found = etablera("sweep", WORKSHOP, "--vary", "resources.lathe.capacity=1:3:1", "-n", 100, "--out", tmp_path)
    assert found.exit_code == 0, found.output
    assert "All six by the end of April  [targets.all_in_april]" in found.stdout
    assert "Last opening (P80)  [programme.p80]" in found.stdout
    assert told_columns(found.stdout, tmp_path) == []
    folder = folder_in(tmp_path)
    assert {path.name for path in folder.iterdir()} == {
        *("sweep.csv", "sweep.parquet", "sweep_offices.csv", "sweep_offices.parquet", "sweep.json", "sweep.html"),
    }
    rows = rows_of(folder / "sweep.csv")
    assert [row["resources.lathe.capacity"] for row in rows] == ["1", "2", "3"]
    assert [row["note"] for row in rows] == ["", "", ""]
    about = json.loads((folder / "sweep.json").read_text("utf-8"))
    assert about["asked"]["vary"] == [["resources.lathe.capacity", "1", "2", "3"]]


def test_a_sweep_for_machines_and_for_nobody(tmp_path: Path) -> None:
    common = ("sweep", WORKSHOP, "--vary", "factor:all=1,1.5", "--answers", "programme.p80,offices.gear.on_time", "-n", 50, "--no-report")
    told = json.loads(etablera(*common, "--json", "--out", tmp_path / "a").stdout)
    assert [row["factor:all"] for row in told["sweep"]] == [1, 1.5]
    assert {"programme.p80", "programme.p80_low", "offices.gear.on_time_high"} <= set(told["sweep"][0])
    assert Path(told["folder"]) == folder_in(tmp_path / "a")
    assert not (folder_in(tmp_path / "a") / "sweep.html").exists()
    quiet = etablera(*common, "--quiet", "--out", tmp_path / "b")
    assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (0, "", "")


def test_a_sweep_speaks_swedish(tmp_path: Path) -> None:
    found = etablera(
        "sweep", WORKSHOP, "--vary", "resources.mill.capacity=1,2", "-n", 50, "--language", "sv", "--out", tmp_path, "--no-report"
    )
    assert "95-procentigt intervall" in found.stdout
    assert "2 punkter, 50 framtider var" in found.stdout


@pytest.mark.parametrize(
    ("vary", "told"), [("resources.lath.capacity=1,2", "lathe"), ("resources.lathe.capacity", "cannot be read"), ("factor:tur=1,2", "turn")]
)
def test_a_sweep_over_what_is_not_there_is_a_fault_and_writes_nothing(tmp_path: Path, vary: str, told: str) -> None:
    found = etablera("sweep", WORKSHOP, "--vary", vary, "--out", tmp_path)
    assert found.exit_code == 2
    assert told in found.stderr
    assert "Traceback" not in found.stderr
    assert not list(tmp_path.iterdir())
