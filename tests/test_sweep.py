"""Many scenarios on the same futures."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.errors import InputError
from sim.results import run
from sim.results.session import Session
from sim.results.sweep import answers, parse_vary, points, sweep

SCENARIO = Path(__file__).parent.parent / "scenarios" / "examples" / "two-machine-workshop.toml"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b",
        "=1:2:1",
        "a.b=",
        "a.b=1:2:0",
        "a.b=1:2:-1",
        "a.b=5:1:1",
        "a.b=1:2022-01-01:1",
        "a.b=x:y:1",
        "a.b=1,nan",
        "a.b=1:2:2022-01-01",
    ],
)
def test_what_is_not_understood_is_said_in_one_line(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_vary(text)
    assert "write KEY=FROM:TO:STEP" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_combinations_the_last_key_fastest() -> None:
    assert points([parse_vary("a=1:2:1"), parse_vary("b=x,y")]) == [(1, "x"), (1, "y"), (2, "x"), (2, "y")]
    with pytest.raises(InputError, match="larger steps"):
        points([parse_vary("a=1:1000:1"), parse_vary("b=1:1000:1")])


def test_a_point_is_the_run_of_that_scenario() -> None:
    table = sweep(Session(SCENARIO, replications=200), [parse_vary("resources.lathe.capacity=1:2:1")])
    assert table["resources.lathe.capacity"] == [1, 2]
    for capacity, row in zip((1, 2), table.rows(), strict=True):
        alone = answers(run(SCENARIO, replications=200, overrides={"resources.lathe.capacity": capacity}, gather=("openings", "targets")))
        assert {name: row[name] for name in alone} == alone


def test_one_more_machine_helps_in_the_same_futures() -> None:
    table = sweep(Session(SCENARIO, replications=500), [parse_vary("resources.lathe.capacity=1,2")])
    first, second = table["last_opening_p80"]
    assert second <= first


def test_the_command_writes_a_table_that_can_be_read_back(tmp_path: Path) -> None:
    command = ["sweep", str(SCENARIO), "--vary", "resources.lathe.capacity=1,2", "--replications", "100", "--out", str(tmp_path)]
    found = CliRunner().invoke(app, command)
    assert found.exit_code == 0, found.output
    folder = next((tmp_path / "two-machine-workshop").iterdir())
    rows = list(csv.DictReader((folder / "sweep.csv").read_text("utf-8").splitlines()))
    assert [row["resources.lathe.capacity"] for row in rows] == ["1", "2"]
    assert pq.read_table(folder / "sweep.parquet").num_rows == 2


def test_a_key_that_is_not_there_is_a_fault_and_writes_nothing(tmp_path: Path) -> None:
    command = ["sweep", str(SCENARIO), "--vary", "resources.lath.capacity=1,2", "--out", str(tmp_path)]
    found = CliRunner().invoke(app, command)
    assert found.exit_code == 2
    assert "lathe" in found.stderr
    assert not list(tmp_path.iterdir())
