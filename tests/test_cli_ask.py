"""Questions to several scenarios, and to one future, on the command line."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sim.cli import app
from sim.cli.screen import WIDTH
from sim.report.compared import CALLED

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
    assert "Intervall, 95 %" in found.stdout
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


# --- compare ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def what_if(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A what-if scenario: a second crew."""
    folder = tmp_path_factory.mktemp("scenarios")
    assert etablera("new", folder).exit_code == 0
    path = folder / "two-crews.toml"
    path.write_text('extends = "scenario.toml"\n[scenario]\nname = "Two crews"\n[resources.crew]\ncapacity = 2\n', "utf-8")
    return path


def test_a_comparison_says_what_differs_and_keeps_it(tmp_path: Path, what_if: Path) -> None:
    found = etablera("compare", STARTER, what_if, "-n", 200, "--out", tmp_path, "--language", "en")
    assert found.exit_code == 0, found.output
    assert found.stdout.startswith("two-crews against scenario\n")
    assert "  resources.crew.capacity: 1 → 2" in found.stdout
    assert "Differences\n" in found.stdout
    assert "The date held with 80 %" in found.stdout
    assert told_columns(found.stdout, tmp_path) == []
    folder = folder_in(tmp_path)
    assert {path.name for path in folder.iterdir()} == {"compare.csv", "earlier.csv", "input_changes.csv", "compare.json", "compare.html"}
    page = (folder / "compare.html").read_text("utf-8")
    for heading in ("What was changed", "Which is earlier", "All questions"):
        assert f">{heading}</h2>" in page
    verdicts = {row["question"]: row["verdict"] for row in rows_of(folder / "compare.csv")}
    assert set(verdicts.values()) <= {*CALLED, "no difference", "cannot tell"}
    assert verdicts["costs.total.mean"] in CALLED


def test_three_scenarios_are_each_compared_with_the_first(tmp_path: Path, what_if: Path) -> None:
    told = json.loads(etablera("compare", STARTER, what_if, STARTER, "-n", 60, "--out", tmp_path, "--json", "--no-costs").stdout)
    assert told["names"] == ["scenario", "two-crews", "scenario (2)"]
    assert {row["scenario"] for row in told["compare"]} == {"two-crews", "scenario (2)"}
    assert {row["difference"] for row in told["compare"] if row["scenario"] == "scenario (2)"} == {0}
    assert {"compare-1.html", "compare-2.html"} <= {path.name for path in folder_in(tmp_path).iterdir()}


def test_a_comparison_in_swedish_and_in_silence(tmp_path: Path, what_if: Path) -> None:
    common = ("compare", STARTER, what_if, "-n", 60, "--no-report", "--out", tmp_path)
    found = etablera(*common, "--language", "sv")
    assert "Vad som ändrats" in found.stdout
    assert "Båda är körda på samma slumpade framtider" in found.stdout
    assert "Bedömning" in found.stdout
    quiet = etablera(*common, "--quiet")
    assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [((STARTER,), "two or more"), ((STARTER, "nowhere.toml"), "nowhere.toml"), ((STARTER, STARTER, "--answers", "x"), "no question")],
)
def test_a_comparison_of_what_is_not_there_is_a_fault(tmp_path: Path, arguments: tuple[object, ...], told: str) -> None:
    found = etablera("compare", *arguments, "-n", 20, "--out", tmp_path)
    assert (found.exit_code, told in found.stderr, "Traceback" in found.stderr, list(tmp_path.iterdir())) == (2, True, False, [])


# --- solve -----------------------------------------------------------------------------------------------------------------------


def test_solve_says_the_value_and_shows_the_curve(tmp_path: Path) -> None:
    command = ("solve", WORKSHOP, "--target", "gear", "--vary", "offices.gear.start=2024-03-18:2024-04-20", "-n", 100, "--out", tmp_path)
    found = etablera(*command)
    assert found.exit_code == 0, found.output
    value = re.search(r"Latest offices\.gear\.start: (\d{4}-\d\d-\d\d)\. The chance is then", found.stdout)
    assert value is not None
    assert "Asked: Gear holds its date, with at least 80%." in found.stdout
    assert f"→ {value[1]}" in found.stdout
    assert told_columns(found.stdout, tmp_path) == []
    folder = folder_in(tmp_path)
    assert {path.name for path in folder.iterdir()} == {"solve.csv", "solve.json", "solve.html"}
    [mark] = [row for row in rows_of(folder / "solve.csv") if row["found"] == "true"]
    assert mark["value"] == value[1]


def test_solve_says_when_there_is_no_such_value(tmp_path: Path) -> None:
    command = ("solve", WORKSHOP, "--target", "all_in_april", "--vary", "resources.lathe.capacity=1:3", "--confidence", "0.9999")
    found = etablera(*command, "-n", 100, "--out", tmp_path, "--language", "sv", "--no-report")
    assert found.exit_code == 0, found.output
    assert "Inget värde från 1 till 3 räcker." in found.stdout
    told = json.loads(etablera(*command, "-n", 100, "--out", tmp_path, "--json", "--no-report").stdout)
    assert (told["status"], told["value"], told["sure"]) == ("none", None, "no")
    assert [row["value"] for row in told["solve"]] == [1, 2, 3]


def test_solve_for_what_is_not_there_is_a_fault(tmp_path: Path) -> None:
    found = etablera("solve", WORKSHOP, "--target", "all_in_may", "--vary", "resources.lathe.capacity=1:3", "--out", tmp_path)
    assert (found.exit_code, "all_in_april" in found.stderr, list(tmp_path.iterdir())) == (2, True, [])


# --- replay ----------------------------------------------------------------------------------------------------------------------


def test_a_replay_tells_every_event_and_draws_it(tmp_path: Path) -> None:
    found = etablera("replay", WORKSHOP, "--at", "P80", "--office", "gear", "-n", 100, "--out", tmp_path)
    assert found.exit_code == 0, found.output
    assert "in 80% of the futures Gear opens as early or earlier." in found.stdout
    assert re.search(r"^2024-\d\d-\d\d Gear: OPENS \(pack, 1 day\)$", found.stdout, re.MULTILINE)
    assert told_columns(found.stdout, tmp_path) == []
    folder = folder_in(tmp_path)
    tables = {"events.csv", "spans.csv", "chain.csv", "causes.csv", "offices.csv"}
    assert {path.name for path in folder.iterdir()} == tables | {"replay.txt", "replay.svg", "replay.json"}
    assert (folder / "replay.svg").read_text("utf-8").startswith("<svg")
    text = (folder / "replay.txt").read_text("utf-8").splitlines()
    assert [line for line in found.stdout.splitlines() if re.match(r"\d{4}-", line)] == text[2:]


def test_a_replay_of_all_shows_what_became_of_each_office(tmp_path: Path) -> None:
    found = etablera("replay", WORKSHOP, "--replication", 3, "-n", 50, "--out", tmp_path, "--language", "sv", "--no-report")
    assert found.exit_code == 0, found.output
    assert "Framtid nummer 3." in found.stdout
    assert "Flest dagar gick till" in found.stdout
    assert "replay.svg" not in {path.name for path in folder_in(tmp_path).iterdir()}
    told = json.loads(etablera("replay", WORKSHOP, "--replication", 3, "-n", 50, "--out", tmp_path, "--json", "--no-report").stdout)
    assert (told["replication"], len(told["offices"])) == (3, 6)


@pytest.mark.parametrize(
    ("options", "told"),
    [((), "give one of"), (("--at", "P800"), "no quantile"), (("--at", "P80", "--office", "geer"), 'did you mean "gear"')],
)
def test_a_replay_of_what_is_not_there_is_a_fault(tmp_path: Path, options: tuple[str, ...], told: str) -> None:
    found = etablera("replay", WORKSHOP, *options, "-n", 20, "--out", tmp_path)
    assert (found.exit_code, told in found.stderr, list(tmp_path.iterdir())) == (2, True, [])
