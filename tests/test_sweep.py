"""Many scenarios on the same futures."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sim.analysis.vary import crossed, overrides_of, parse_vary
from sim.errors import InputError
from sim.results import run
from sim.results.arrow import column
from sim.results.sweep import Sweep, sweep

SCENARIO = Path(__file__).parent.parent / "scenarios" / "examples" / "two-machine-workshop.toml"


@pytest.fixture(scope="module")
def swept() -> Sweep:
    answers = ["targets.all_in_april", "programme.p80", "programme.open.2024-04-15"]
    return sweep(SCENARIO, ["resources.lathe.capacity=1:2:1", "factor:turn=0.5,1"], answers=answers, replications=300)


# --- what is varied ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "cannot be read"),
        ("a.b", "cannot be read"),
        ("=1:2:1", "cannot be read"),
        ("a.b=", "cannot be read"),
        ("a.b=1:2:0", "above 0"),
        ("a.b=1:2:-1", "above 0"),
        ("a.b=5:1:1", "ends before it begins"),
        ("a.b=1:inf:1", "not finite"),
        ("a.b=0:1:0.0000001", "at most 100000"),
        ("a.b=2022-01-01:2022-02-01:3h", "no step between dates"),
        ("a.b=1,,2", "a value is missing"),
    ],
)
def test_what_is_not_understood_is_said_in_one_line(text: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_vary(text)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_numbers_keep_their_kind_and_are_exact() -> None:
    assert parse_vary("a=2:8:3").values == (2, 5, 8)
    assert parse_vary("a=0.1:0.4:0.1").values == (0.1, 0.2, 0.3, 0.4)
    assert parse_vary("a=1,2.5,x,true").values == (1, 2.5, "x", True)
    assert parse_vary("a.start=2022-01-31:2022-03-01:4w").values == (dt.date(2022, 1, 31), dt.date(2022, 2, 28))
    assert parse_vary("factor:actor=crew=0.5,2").key == "factor:actor=crew"


def test_all_combinations_the_last_key_fastest() -> None:
    assert crossed([parse_vary("a=1:2:1"), parse_vary("b=x,y")]) == [(1, "x"), (1, "y"), (2, "x"), (2, "y")]
    with pytest.raises(InputError, match="more than 10000"):
        crossed([parse_vary("a=1:1000:1"), parse_vary("b=1:1000:1")])
    with pytest.raises(InputError, match="varied twice"):
        crossed([parse_vary("a=1,2"), parse_vary("a=3")])


def test_a_factor_goes_beside_those_that_are_there() -> None:
    raw = {"activities": {"paint": {"duration": {"fixed": 3}, "adjustments": [{"when": {"type": "small"}, "factor": 2.0}]}}}
    found = overrides_of(raw, {"factor:all": 1.5})["activities.paint.adjustments"]
    assert [one["factor"] for one in found] == [2.0, 1.5]
    with pytest.raises(InputError, match="no activity with a duration; use one of paint"):
        overrides_of(raw, {"factor:pain": 1.5})


# --- what comes out ---------------------------------------------------------------------------------------------------------------


def test_a_point_is_the_run_of_that_scenario(swept: Sweep) -> None:
    for row in swept["sweep"].rows():
        changes = {"resources.lathe.capacity": row["resources.lathe.capacity"]}
        changes["activities.turn.adjustments"] = [{"when": {}, "factor": row["factor:turn"]}]
        alone = run(SCENARIO, replications=300, overrides=changes, gather=("openings", "targets"))
        [target] = alone["targets"].rows()
        names = {"probability": "", "low": "_low", "high": "_high"}
        assert {name: row[f"targets.all_in_april{end}"] for name, end in names.items()} == {name: target[name] for name in names}
        here = {key: row[key] for key in swept.keys}
        offices = [point for point in swept["sweep_offices"].rows() if here.items() <= point.items()]
        assert [office["p80"] for office in offices] == alone["openings"]["p80"]
        assert [office["on_time"] for office in offices] == alone["openings"]["p_on_time"]


def test_every_answer_has_its_interval(swept: Sweep) -> None:
    for key in ("targets.all_in_april", "programme.p80", "programme.open.2024-04-15"):
        for row in swept["sweep"].rows():
            assert row[f"{key}_low"] <= row[key] <= row[f"{key}_high"]


def test_more_machines_and_shorter_work_help_in_the_same_futures(swept: Sweep) -> None:
    chance = dict(zip(zip(*(swept["sweep"][key] for key in swept.keys), strict=True), swept["sweep"]["targets.all_in_april"], strict=True))
    assert chance[1, 1] < chance[2, 1]
    assert chance[1, 1] < chance[1, 0.5] <= chance[2, 0.5]


def test_an_answer_does_not_depend_on_the_values_beside_it(swept: Sweep) -> None:
    alone = sweep(SCENARIO, ["factor:turn=0.5", "resources.lathe.capacity=2"], answers=["programme.p80"], replications=300, workers=2)
    [row] = alone["sweep"].rows()
    [same] = swept["sweep"].where(**{"factor:turn": 0.5, "resources.lathe.capacity": 2}).rows()
    assert [row["programme.p80" + end] for end in ("", "_low", "_high")] == [same["programme.p80" + end] for end in ("", "_low", "_high")]


def test_futures_that_cannot_go_on_are_an_answer_too() -> None:
    found = sweep(SCENARIO, ["scenario.horizon=2024-04-10,2024-12-31"], answers=["programme.p80"], replications=50)
    first, second = found["sweep"].rows()
    assert (first["programme.p80"], first["replications"], second["note"]) == (None, None, None)
    assert "2024-04-10" in first["note"]
    assert second["programme.p80"] is not None


def test_faults_of_all_values_come_at_once_before_anything_is_simulated() -> None:
    told: list[int] = []
    with pytest.raises(InputError) as caught:
        sweep(SCENARIO, ["resources.lath.capacity=1,2", "resources.mill.capacity=-1,1"], progress=lambda done, _: told.append(done))
    assert "lathe" in str(caught.value)
    assert "resources.mill.capacity" in str(caught.value)
    assert told == []
    with pytest.raises(InputError, match="is no target"):
        sweep(SCENARIO, ["resources.mill.capacity=1,2"], answers=["targets.nothing"])


# --- files ------------------------------------------------------------------------------------------------------------------------


def test_parquet_has_the_kinds_of_the_table(swept: Sweep, tmp_path: Path) -> None:
    folder = swept.save(tmp_path)
    kept = pq.read_table(folder / "sweep.parquet")
    assert {name: kept[name].to_pylist() for name in kept.column_names} == {k: list(v) for k, v in swept["sweep"].columns.items()}
    assert str(kept.schema.field("programme.p80").type) == "date32[day]"
    assert pq.read_table(folder / "sweep_offices.parquet").num_rows == 4 * 6


def test_columns_of_any_kind_keep_what_is_not_known() -> None:
    for values in ([1, None], [1.5, None, 2], [True, None, False], [dt.date(1969, 1, 1), None], ["å", None, ""], [None, None]):
        assert column(values).to_pylist() == values
    assert column([1, "x", 2.5, None]).to_pylist() == ["1", "x", "2.5", None]
