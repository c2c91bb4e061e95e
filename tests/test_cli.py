"""The command line as a person uses it."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sim.cli import COMMANDS, app
from sim.cli.export import spreadsheet
from sim.cli.screen import WIDTH, Screen, bar, clean
from sim.cli.words import SWEDISH, Words
from sim.scenario.schema import Scenario

ROOT = Path(__file__).parent.parent
STARTER = ROOT / "sim" / "cli" / "starter" / "scenario.toml"
DEFAULT = ROOT / "scenarios" / "programme-2021.toml"
WORKSHOP = ROOT / "scenarios" / "examples" / "two-machine-workshop.toml"


def etablera(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def process(*arguments: object, encoding: str = "utf-8") -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sim", *map(str, arguments)]
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, encoding=encoding)


def ended(child: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = child.communicate(timeout=120)
    return child.returncode, out, err


def run_folder(out: Path) -> Path:
    [folder] = [path for scenario in out.iterdir() for path in scenario.iterdir()]
    return folder


# --- run -------------------------------------------------------------------------------------------------------------------------


def test_run_shows_offices_targets_and_money_and_keeps_them(tmp_path: Path) -> None:
    result = etablera("run", STARTER, "-n", 200, "--out", tmp_path, "--no-report")
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "My programme"
    assert lines[2].split() == ["Office", "Type", "Planned", "P50", "P80", "Chance", "to", "hold"]
    alvik = next(line for line in lines if line.startswith("Alvik"))
    assert "2025-10-01" in alvik
    assert " ±" in alvik
    assert "█" in alvik
    assert any(line.startswith("  Four open by the end of 2025: ") for line in lines)
    assert any(line.startswith("2026  ") and line.count(" ±") == 4 for line in lines)
    assert {"run.json", "openings.csv", "targets.csv", "cost_by_year.csv", "openings.parquet"} <= {
        p.name for p in run_folder(tmp_path).iterdir()
    }
    assert str(run_folder(tmp_path)) in result.stdout


def test_run_writes_its_report(tmp_path: Path) -> None:
    assert etablera("run", STARTER, "-n", 50, "--out", tmp_path, "--quiet").exit_code == 0
    files = {path.name for path in run_folder(tmp_path).iterdir()}
    assert {"report.html", "report.xlsx", "open_offices.svg", "cost_over_time.svg"} <= files


@pytest.mark.parametrize("scenario", [STARTER, DEFAULT, WORKSHOP])
@pytest.mark.parametrize("command", ["run", "check"])
def test_everything_fits_a_hundred_columns(tmp_path: Path, scenario: Path, command: str) -> None:
    options = ["-n", "50", "--out", str(tmp_path / "r"), "--no-report"] if command == "run" else []
    result = etablera(command, scenario, *options)
    assert result.exit_code == 0
    too_long = [line for line in result.stdout.splitlines() if len(line) > WIDTH and str(tmp_path) not in line]
    assert too_long == []


def test_run_speaks_swedish_and_writes_numbers_as_swedes_do(tmp_path: Path) -> None:
    result = etablera("run", STARTER, "-n", 200, "--out", tmp_path, "--language", "sv", "--no-report")
    assert "Chans att hålla" in result.stdout
    assert "200 framtider" in result.stdout
    assert " ±" in result.stdout
    assert "%" in result.stdout


def test_quiet_says_nothing(tmp_path: Path) -> None:
    result = etablera("run", STARTER, "-n", 20, "--out", tmp_path, "--quiet", "--no-report")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_json_is_for_machines(tmp_path: Path) -> None:
    result = etablera("run", STARTER, "-n", 100, "--out", tmp_path, "--json", "--set", "resources.crew.capacity=2", "--no-report")
    told = json.loads(result.stdout)
    assert told["replications"] == 100
    assert Path(told["folder"]) == run_folder(tmp_path)
    assert [row["target"] for row in told["targets"]] == ["first_four", "all"]
    assert {"office", "p80", "p_on_time"} <= set(told["openings"][0])


def test_the_seed_and_the_number_are_options(tmp_path: Path) -> None:
    told = json.loads(etablera("run", STARTER, "-n", 64, "--seed", 0, "--out", tmp_path, "--json", "--no-report").stdout)
    assert (told["seed"], told["replications"]) == (0, 64)


def test_the_engines_give_the_same_files(tmp_path: Path) -> None:
    folders = []
    for engine in ("kernel", "simpy"):
        assert (
            etablera(
                "run", STARTER, "-n", 60, "--engine", engine, "--workers", 1, "--out", tmp_path / engine, "-q", "--no-report"
            ).exit_code
            == 0
        )
        folders.append(run_folder(tmp_path / engine))
    files = [{path.name: path.read_bytes() for path in folder.glob("*.csv")} for folder in folders]
    assert files[0] == files[1]


def test_a_timeline_is_kept_on_request(tmp_path: Path) -> None:
    assert etablera("run", STARTER, "-n", 20, "--out", tmp_path, "-q", "--timeline", "--no-report").exit_code == 0
    assert (run_folder(tmp_path) / "timeline.parquet").exists()


@pytest.mark.parametrize(("target", "status"), [(0.999, 4), (0.001, 0)])
def test_fail_below_tells_by_its_status(tmp_path: Path, target: float, status: int) -> None:
    sets = [f"--set=targets.{name}.confidence={target}" for name in ("first_four", "all")]
    assert etablera("run", STARTER, "-n", 200, "--out", tmp_path, "-q", "--fail-below", "--no-report", *sets).exit_code == status


def test_until_says_what_it_took(tmp_path: Path) -> None:
    result = etablera("run", STARTER, "--until", "offices.alvik.p50 ±60d", "--out", tmp_path, "--no-report")
    assert "reached with 1 000 futures" in result.stderr
    assert result.exit_code == 0


# --- faults ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "check"])
def test_faults_are_told_all_at_once_without_a_traceback_and_nothing_is_written(tmp_path: Path, command: str) -> None:
    result = etablera(
        command,
        STARTER,
        "--set",
        "offices.alvik.type=smal",
        "--set",
        "targets.all.at_least=9",
        *(["--out", tmp_path / "r"] if command == "run" else []),
    )
    assert result.exit_code == 2
    assert 'offices.alvik.type: "smal" is not an office type' in result.stderr
    assert 'did you mean "small"?' in result.stderr
    assert "targets.all.at_least" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "no-such.toml"],
        ["run", STARTER, "--set", "nonsense"],
        ["run", STARTER, "-n", "0"],
        ["run", STARTER, "--engine", "petrol"],
        ["run", STARTER, "--until", "soon"],
        ["run", STARTER, "--cluster", "nowhere"],
        ["verify", "no-such-run"],
        ["export", "no-such-run", "--csv"],
        ["export", "no-such-run"],
        ["dance"],
    ],
)
def test_what_cannot_be_done_exits_with_two(arguments: list[Any]) -> None:
    result = etablera(*arguments)
    assert result.exit_code == 2
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", "utf-8")
    result = etablera("run", STARTER, "-n", 20, "--out", tmp_path / "out", "--no-report")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_a_dead_end_is_told_with_its_place(tmp_path: Path) -> None:
    result = etablera("run", STARTER, "-n", 20, "--out", tmp_path, "--set", "scenario.horizon=2025-03-01")
    assert result.exit_code == 2
    assert "horizon" in result.stderr
    assert not list(tmp_path.iterdir())


# --- check -------------------------------------------------------------------------------------------------------------------------


def test_check_shows_what_was_understood() -> None:
    result = etablera("check", STARTER)
    assert result.exit_code == 0
    for text in ("6 offices", "7 activities", "Undelayed", "meeting board", "Project leaders: 3 units", "Assumptions", "Warnings"):
        assert text in result.stdout


def test_check_gives_the_plan_by_hand() -> None:
    """Each job of one day's length opens on the next morning; nobody queues in the plan without delays."""
    told = json.loads(etablera("check", WORKSHOP, "--json").stdout)
    by_office = {row["office"]: row for row in told["offices"]}
    assert by_office["bracket"]["start"] == "2024-03-04"
    assert by_office["bracket"]["days_to_spare"] > 0
    assert by_office["shaft"]["undelayed"] == by_office["bracket"]["undelayed"], (
        "both start on the same day, and nobody waits for the lathe"
    )
    assert [row["activity"] for row in told["activities"]] == ["set_up_lathe", "turn", "set_up_mill", "mill", "inspect", "pack"]


def test_strict_takes_warnings_for_faults() -> None:
    assert etablera("check", STARTER, "--strict", "--quiet").exit_code == 3
    assert etablera("check", STARTER, "--quiet").exit_code == 0
    calm = ["--set", "resources.leaders.capacity=6", "--set", "resources.leaders.changes=[]"]
    result = etablera("check", STARTER, "--strict", *calm)
    assert result.exit_code == 0, result.stdout
    assert "No warnings." in result.stdout


def test_changes_are_told_old_and_new() -> None:
    result = etablera("check", ROOT / "scenarios" / "fewer-slots.toml", "--changes", "--language", "en")
    assert "resources.establishment_slots.changes: none → " in result.stdout
    assert "[fewer-slots.toml]" in result.stdout
    assert "No changes" in etablera("check", STARTER, "--changes").stdout


# --- new, schema, export, verify ---------------------------------------------------------------------------------------------------


def test_new_writes_a_scenario_that_runs_at_once(tmp_path: Path) -> None:
    assert etablera("new", tmp_path / "mine").exit_code == 0
    assert etablera("check", tmp_path / "mine" / "scenario.toml", "--quiet").exit_code == 0
    assert etablera("run", tmp_path / "mine" / "scenario.toml", "-n", 20, "--out", tmp_path / "r", "--quiet", "--no-report").exit_code == 0
    again = etablera("new", tmp_path / "mine")
    assert again.exit_code == 2
    assert "has offices.csv and scenario.toml already" in again.stderr


def test_the_starter_shows_every_section() -> None:
    sections = set(tomllib.loads(STARTER.read_text("utf-8"))) - {"offices_file"}
    assert set(Scenario.model_fields) - sections == {"type_mix", "reference_class"} & set(Scenario.model_fields) | (
        set(Scenario.model_fields) & {"actors"}
    )


def test_schema_is_json_schema() -> None:
    schema = json.loads(etablera("schema").stdout)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert "[activities.ID]" in etablera("schema", "--markdown").stdout


def test_how_many_futures_say_why_and_a_second_opinion_are_chosen(tmp_path: Path) -> None:
    run = ["run", STARTER, "-n", 100, "--out", tmp_path, "--quiet", "--no-report"]
    assert etablera(*run, "--why", 40, "--sensitivity").exit_code == 0
    [folder] = (tmp_path / "scenario").iterdir()
    assert json.loads((folder / "run.json").read_text("utf-8"))["why"] == 40
    with (folder / "leave_one_out.csv").open(encoding="utf-8") as file:
        assert {row["n"] for row in csv.DictReader(file)} == {"40"}
    assert (folder / "sensitivity.csv").exists()
    assert (folder / "ranking_check.csv").exists()
    assert etablera("verify", folder).exit_code == 0
    assert etablera(*run, "--why", 0).exit_code == 0
    assert not (folder / "leave_one_out.csv").exists()
    assert not (folder / "sensitivity.csv").exists()
    with (folder / "drivers.csv").open(encoding="utf-8") as file:
        assert {row["effect_days_p80"] for row in csv.DictReader(file)} == {""}


def test_export_and_verify_a_run(tmp_path: Path) -> None:
    assert etablera("run", STARTER, "-n", 50, "--out", tmp_path, "--quiet", "--no-report").exit_code == 0
    folder = run_folder(tmp_path)
    assert etablera("export", folder, "--csv", "--xlsx", "--charts", "svg", "--language", "sv").exit_code == 0
    assert (folder / "export" / "report.xlsx").read_bytes().startswith(b"PK")
    assert (folder / "export" / "openings.csv").read_text("utf-8-sig").startswith("office;name;")
    assert (folder / "export" / "open_offices.svg").read_text("utf-8").startswith("<svg")
    verified = etablera("verify", folder)
    assert verified.exit_code == 0
    assert "byte for byte" in verified.stdout
    told = json.loads(etablera("verify", folder, "--json").stdout)
    assert (told["equal"], told["difference"]) == (True, "")
    path = folder / "openings.csv"
    path.write_text(path.read_text("utf-8").replace("Alvik", "Elvik"), "utf-8")
    spoilt = etablera("verify", folder)
    assert spoilt.exit_code == 1
    assert "DIFFERENT. openings.csv: row 1 (alvik), column name: Elvik in the folder, Alvik made again" in spoilt.stderr


def test_export_needs_something_to_do(tmp_path: Path) -> None:
    assert "nothing to export" in etablera("export", tmp_path).stderr


def test_spreadsheets_read_what_they_are_given() -> None:
    assert spreadsheet("a,b\n2022-06-01,-0.5\n", "sv") == "a;b\n2022-06-01;-0,5\n"
    assert spreadsheet("a\n0.5\n", "en") == "a\n0.5\n"


# --- real processes ------------------------------------------------------------------------------------------------------------------


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    code = "import sys; sys.argv = ['etablera', '--help']\ntry:\n    import sim.cli; sim.cli.main()\nexcept SystemExit: pass\n"
    code += "print([m for m in ('numpy', 'pydantic', 'numba', 'rich', 'pandas') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert out.splitlines()[-1] == "[]"
    assert all(f"  {command.__name__} " in out for command in COMMANDS)


def test_version_and_no_arguments() -> None:
    assert etablera("--version").stdout.startswith("etablera ")
    assert "Commands:" in etablera().output


GOING = """
import sys
from sim.cli import main, progress

class Bar(progress.Bar):
    def __call__(self, done):
        print("going", flush=True)

progress.Bar.__call__ = Bar.__call__
main()
"""
"""The program, telling when the first replications are done."""


@pytest.mark.parametrize(
    ("engine", "sign", "to_all"),
    [("kernel", signal.SIGINT, True), ("kernel", signal.SIGTERM, False), ("simpy", signal.SIGINT, True), ("simpy", signal.SIGINT, False)],
)
def test_ctrl_c_stops_and_leaves_nothing(tmp_path: Path, engine: str, sign: signal.Signals, to_all: bool) -> None:
    """A terminal sends it to the worker processes too, ``kill`` only to the program. 50 million futures would take hours."""
    arguments = ["run", DEFAULT, "-n", 50_000_000, "--engine", engine, "--workers", 2, "--out", tmp_path / "out"]
    command = [sys.executable, "-c", GOING, *map(str, arguments)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "going\n"
    if to_all:
        os.killpg(child.pid, sign)
    else:
        child.send_signal(sign)
    status, _, err = ended(child)
    assert (status, err) == (130, "Stopped; nothing was written.\n")
    assert not (tmp_path / "out").exists()


HELD_UP = """
import time
from sim.analysis.openings import OpeningTally

OpeningTally.add = lambda tally, block: time.sleep(3600)
"""
"""What cannot be told to stop, as the compiler cannot."""


def test_ctrl_c_waits_for_nothing_that_cannot_be_stopped(tmp_path: Path) -> None:
    arguments = ["run", STARTER, "-n", 50_000_000, "--workers", 2, "--out", tmp_path / "out"]
    command = [sys.executable, "-c", HELD_UP + GOING, *map(str, arguments)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "going\n"
    child.send_signal(signal.SIGINT)
    status, _, err = ended(child)
    assert (status, err) == (130, "Stopped; nothing was written.\n")


def test_a_file_gets_no_colours_and_what_cannot_write_swedish_its_answer(tmp_path: Path) -> None:
    child = process("run", STARTER, "-n", 20, "--out", tmp_path, "--no-report", "--language", "sv", encoding="ascii")
    status, out, err = ended(child)
    assert status == 0
    assert "\x1b" not in out + err
    assert "Planerat" in out
    assert "Chans att h?lla" in out


# --- words and cells -----------------------------------------------------------------------------------------------------------------


def test_a_name_cannot_steer_the_terminal() -> None:
    assert clean("a\x1b]0;x\x07\nb") == "a ]0;x  b"


def test_bars_are_as_long_as_the_chance() -> None:
    assert [len(bar(share)) for share in (0, 0.5, 1)] == [0, 4, 8]


def test_every_text_of_the_terminal_is_translated() -> None:
    import re

    said = set()
    for path in (ROOT / "sim" / "cli").glob("*.py"):
        said |= set(re.findall(r'words\(\s*"([^"]+)"', path.read_text("utf-8")))
    assert said - set(SWEDISH) == set()


def test_money_and_numbers() -> None:
    assert Words("sv").money(1234567.4) == "1 234 567 kr"
    assert Words("sv").percent(0.805) == "80 %"
    assert Words("en").percent(None) == "–"


def test_colours_only_where_they_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.cli.status import colours

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert colours(True)
    assert not colours(False)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colours(True)
    assert Screen().paint("x", "31") == "x"
