"""Sobol sequences in a run: intervals from independent randomisations, the same answer however it is divided, a passport that says so."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from programmes import plan_of
from typer.testing import CliRunner

from sim.analysis.randomised import day_interval, half_width, parts_of, share_interval
from sim.cli import app
from sim.errors import InputError
from sim.results import ask, load, run
from sim.results.session import Session
from sim.results.until import run_until
from sim.results.verify import verify
from sim.runner import Job
from sim.runner import run as run_job
from sim.sampling import SobolSpec
from tests.test_runner import Openings

WORK = """
[scenario]
name = "one"
start = 2022-01-01
replications = 2048
sampling = "sobol"
[calendars.any]
every_day = true
[offices.a]
target = 2022-02-20
[activities.first]
calendar = "any"
duration = { triangular = [10, 20, 30] }
[activities.second]
calendar = "any"
duration = { triangular = [10, 20, 30] }
after = "first"
[targets.soon]
by = 2022-02-09
confidence = 0.5
"""
"""Forty days on average: until the morning of 10 February."""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "one.toml"
    path.write_text(WORK, "utf-8")
    return path


def test_a_run_is_made_of_randomisations_of_equal_length() -> None:
    assert SobolSpec.for_run(10_000).length * 16 >= 10_000
    pieces = list(SobolSpec(0, 8).pieces(6, 12))
    assert pieces == [(0, 6, 2), (1, 0, 8), (2, 0, 2)]


def test_the_interval_of_a_mean_of_three_values() -> None:
    """By hand: mean 2, deviation 1, Student's t with 2 degrees of freedom 4.302653."""
    assert half_width(np.array([1.0, 2.0, 3.0])) == pytest.approx(4.302653 / 3**0.5)


def test_randomisations_that_agree_have_the_interval_of_wilson() -> None:
    low, high = share_interval(np.ones(32, np.bool_), [slice(0, 16), slice(16, 32)])
    assert high == 1
    assert 0.85 < low < 0.95


def test_days_are_rounded_outwards() -> None:
    days = np.array([10, 10, 11, 11])
    low, high = day_interval(days, 0.5, [slice(0, 2), slice(2, 4)])
    assert (low, high) == (3, 17)  # 10 ± 12.706 · 0.7071 / 1.4142 = 10 ± 6.35


def test_blocks_and_workers_make_no_difference(scenario: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = ask(scenario).loaded
    from sim.plan import compile_scenario

    job = Job(compile_scenario(plan.scenario), {"openings": Openings})
    whole = run_job(job, 2048, workers=1)["openings"].all()
    monkeypatch.setattr("sim.runner.BLOCK_NODES", 200)
    assert np.array_equal(run_job(job, 2048, workers=2)["openings"].all(), whole)
    assert np.array_equal(run_job(job, 100, first=121, workers=1)["openings"].all(), whole[121:221])


def test_intervals_come_from_the_randomisations_and_are_narrower(scenario: Path) -> None:
    sobol, plain = run(scenario), run(scenario, overrides={"scenario.sampling": "independent"})
    for name, columns in (("openings", ("p_on_time_low", "p_on_time_high")), ("targets", ("low", "high"))):
        (a, b), (c, d) = ([result[name][column][0] for column in columns] for result in (sobol, plain))
        assert (b - a) < (d - c) / 2
    assert sobol["openings"]["mean_se_days"][0] < plain["openings"]["mean_se_days"][0] / 3


def test_intervals_hold_the_truth_as_often_as_they_say(scenario: Path) -> None:
    """Of 40 runs 38 intervals should hold the value that very many futures give."""
    big = run(scenario, replications=200_000, overrides={"scenario.sampling": "independent"}, gather=("openings", "targets"))
    session = Session(scenario, replications=256)
    held = 0
    for seed in range(40):
        row = session.answer({"scenario.seed": seed}, gather=("openings", "targets"))["targets"]
        held += row["low"][0] - 0.002 <= big["targets"]["probability"][0] <= row["high"][0] + 0.002
    assert held >= 34, "the chance of fewer is below 1 %"


def test_the_passport_tells_and_the_run_can_be_made_again(scenario: Path, tmp_path: Path) -> None:
    folder = run(scenario).save(tmp_path / "out")
    passport = json.loads((folder / "run.json").read_text("utf-8"))
    assert passport["sampling"]["method"] == "sobol"
    assert passport["sampling"]["randomisations"] == 16
    assert passport["sampling"]["points"] == 128
    assert verify(load(folder)).equal


def test_the_command_line_asks_for_it_and_the_address_is_another(scenario: Path, tmp_path: Path) -> None:
    plain = scenario.with_name("plain.toml")
    plain.write_text(WORK.replace('sampling = "sobol"\n', ""), "utf-8")
    assert ask(plain).id != ask(plain, overrides=['scenario.sampling="sobol"']).id
    found = CliRunner().invoke(app, ["run", str(plain), "--sampling", "sobol", "--no-report", "--out", str(tmp_path / "out")])
    assert found.exit_code == 0
    assert "Sobol" in found.output
    (passport,) = (tmp_path / "out").rglob("run.json")
    assert json.loads(passport.read_text("utf-8"))["scenario"]["scenario"]["sampling"] == "sobol"


def test_running_until_something_is_known_is_refused(scenario: Path) -> None:
    with pytest.raises(InputError, match="sobol needs the number of futures"):
        run_until(ask(scenario), "targets.soon ±1%")


def test_independent_futures_have_no_randomisations() -> None:
    assert parts_of(plan_of("[offices]\na = {}\n[activities]\nx = { duration = 1 }\n"), 100) == []
