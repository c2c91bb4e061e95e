"""Compiling ahead: that all of it can be done with no more than a few futures of the readable engine."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.cli.first_use import compile_first
from sim.engine import kernel
from sim.results import Question, ask, compiling
from sim.results.compiling import BY_KERNEL, compile_ahead, compile_rest, gather_with, is_compiled
from sim.results.runs import make_ready

ROOT = Path(__file__).parents[1]
STARTER = ROOT / "sim" / "cli" / "starter" / "scenario.toml"
UNDER_WAY = ROOT / "scenarios" / "examples" / "living" / "forecast-2022-09.toml"


@pytest.mark.parametrize("scenario", [STARTER, UNDER_WAY], ids=["starter", "under-way"])
def test_engine_and_rest_are_called_with_what_a_run_has(scenario: Path) -> None:
    setup = make_ready(ask(scenario, overrides=["scenario.learn=true"]))
    assert kernel.simulate(setup.plan, setup.sampler.none()).replications == 0
    assert set(gather_with(setup, BY_KERNEL)) <= set(BY_KERNEL)
    compile_rest(setup.plan)
    assert is_compiled()


def test_a_process_that_dies_leaves_the_work_to_the_first_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    class Dead:
        def __init__(self, *_: object, **__: object) -> None:
            raise BrokenExecutor

    monkeypatch.setattr(compiling, "ProcessPoolExecutor", Dead)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    compile_ahead(ask(STARTER))


# --- the first use, from the command line ------------------------------------------------------------------------------------------

WORKSHOP = ROOT / "scenarios" / "examples" / "two-machine-workshop.toml"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """What is compiled for, on a machine where nothing is compiled yet."""
    found: list[Question] = []
    monkeypatch.setattr(compiling, "is_compiled", lambda: False)
    monkeypatch.setattr(compiling, "compile_ahead", found.append)
    return found


def etablera(*arguments: object) -> int:
    return CliRunner().invoke(app, [str(argument) for argument in arguments]).exit_code


def test_every_command_that_simulates_compiles_first(asked: list[Question], tmp_path: Path) -> None:
    few = ("-n", 20, "--quiet", "--no-report", "--out", tmp_path)
    assert etablera("run", WORKSHOP, *few) == 0
    [folder] = (tmp_path / WORKSHOP.stem).iterdir()
    assert etablera("run", WORKSHOP, "--engine", "simpy", *few) == 0
    assert etablera("compare", WORKSHOP, folder, *few) == 0
    assert etablera("sweep", WORKSHOP, "--vary", "resources.lathe.capacity=1,2", *few) == 0
    assert etablera("replay", WORKSHOP, "--replication", 3, *few) == 0
    assert etablera("diff", folder, folder, "--quiet", "--no-report", "--out", tmp_path) == 0
    assert etablera("verify", folder, "--quiet") == 0
    assert [question.loaded.path.stem for question in asked] == [WORKSHOP.stem] * 7
    [target, *_] = ask(WORKSHOP).loaded.scenario.targets
    assert etablera("solve", WORKSHOP, "--target", target, "--vary", "resources.lathe.capacity=1:2", *few) == 0
    assert len(asked) == 8


def test_with_machine_code_at_hand_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "is_compiled", lambda: True)
    compile_first(lambda: pytest.fail("asked"), shown=True)


def test_a_fault_is_left_to_the_command_which_tells_it_once(asked: list[Question], tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("[offices.a]\n")
    result = CliRunner().invoke(app, ["sweep", str(tmp_path / "broken.toml"), "--vary", "scenario.seed=1,2"])
    assert (result.exit_code, asked) == (2, [])
    assert result.stderr.count("activities: is missing") == 1


def test_who_waits_is_told_in_the_language_of_the_scenario(
    asked: list[Question], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    compile_first(lambda: ask(STARTER, overrides=['scenario.language="sv"']), shown=True)
    assert capsys.readouterr().err == "Kompilerar motorn, en gång; det kan ta en minut.\n"
    compile_first(lambda: ask(STARTER), shown=False)
    assert (capsys.readouterr().err, len(asked)) == ("", 2)
