from __future__ import annotations

import datetime as dt
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim import runner
from sim.analysis.table import Table
from sim.errors import InputError, ResultsError
from sim.plan import compile_scenario
from sim.results import Result, ask, blocks, load, run
from sim.results.gather import ALL
from sim.results.question import options
from sim.results.saved import kind_of, read_table
from sim.results.session import Session, same_draws
from sim.results.tables import evidence
from sim.results.until import parse_aim, run_until
from sim.results.verify import first_difference, verify
from sim.results.why import SENSITIVITY
from sim.scenario import load_scenario

ROOT = Path(__file__).parent.parent
DEFAULT = ROOT / "scenarios" / "programme-2021.toml"
STARTER = ROOT / "sim" / "cli" / "starter" / "scenario.toml"
WORKSHOP = ROOT / "scenarios" / "examples" / "two-machine-workshop.toml"
GOLDEN = Path(__file__).parent / "golden"


@cache
def starter() -> Result:
    return run(STARTER, replications=300)


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def csv_of(result: Result) -> dict[str, str]:
    return {name: table.csv() for name, table in result.tables().items()}


# --- a question has one address ----------------------------------------------------------------------------------------------


def test_the_same_question_has_the_same_address() -> None:
    assert ask(STARTER, replications=50).id == ask(STARTER, overrides=["scenario.replications=50"]).id
    assert ask(STARTER, engine="simpy").id == ask(STARTER, engine="kernel").id


@pytest.mark.parametrize("other", [{"seed": 2}, {"replications": 50}, {"overrides": {"resources.crew.capacity": 2}}])
def test_another_question_has_another_address(other: dict[str, Any]) -> None:
    assert ask(STARTER, **other).id != ask(STARTER).id


def test_a_comment_in_the_file_changes_no_address(tmp_path: Path) -> None:
    shutil.copytree(STARTER.parent, tmp_path / "s")
    copy = tmp_path / "s" / "scenario.toml"
    copy.write_text(copy.read_text("utf-8") + "\n# a remark\n", "utf-8")
    assert ask(copy).id == ask(STARTER).id


def test_seed_and_replications_go_over_other_changes() -> None:
    question = ask(STARTER, replications=7, seed=0, overrides={"scenario.seed": 3, "scenario.replications": 9})
    assert (question.replications, question.seed) == (7, 0)


def test_values_are_written_as_toml() -> None:
    change = {"resources.leaders.changes": [{"from": dt.date(2025, 9, 1), "capacity": 6}], "offices.alvik.name": 'A "quoted" name'}
    scenario = ask(STARTER, overrides=change).loaded.scenario
    assert scenario.resources["leaders"].changes[0].capacity == 6
    assert scenario.offices["alvik"].name == 'A "quoted" name'


def test_one_text_is_not_taken_for_a_list_of_changes() -> None:
    with pytest.raises(InputError, match="give a list"):
        options("resources.crew.capacity=2")


# --- the answer does not depend on how it is found ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [STARTER, WORKSHOP])
def test_files_are_the_same_byte_for_byte_whatever_the_engine_and_the_workers(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = csv_of(run(path, replications=300, workers=1))
    assert csv_of(run(path, replications=300, workers=2)) == expected
    assert csv_of(run(path, replications=300, engine="simpy", workers=1)) == expected
    monkeypatch.setattr(runner, "BLOCK_NODES", 900)
    monkeypatch.setitem(runner.LARGEST_CHUNK, "kernel", 64)
    assert csv_of(run(path, replications=300, workers=2)) == expected


@pytest.mark.parametrize("executor", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_files_are_the_same_whatever_the_executor(executor: Any) -> None:
    with executor(2) as workers:
        assert csv_of(run(STARTER, replications=300, executor=workers)) == csv_of(starter())


def test_a_session_answers_as_a_run_does() -> None:
    session = Session(STARTER, replications=300)
    for change in ({}, {"resources.crew.capacity": 2}, {"activities.move_in.duration": {"fixed": 12}}):
        answer, fresh = session.answer(change), run(STARTER, replications=300, overrides=change)
        told = [name for name in answer.names if name != "changes"]  # these stand in the order in which they were made
        assert {name: answer[name] for name in told} == {name: fresh[name] for name in told}
        assert {"openings", "targets", "cost_by_year"} <= set(answer.names)


def test_a_session_goes_on_after_a_fault() -> None:
    session = Session(STARTER, replications=20)
    with pytest.raises(InputError):
        session.answer({"resources.crew.capacity": -1})
    assert len(session.answer()["openings"]) == 6


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ("resources.crew.capacity=2", True),
        ("meetings.board.lead=8", True),
        ("costs.project.share=0.4", True),
        ("activities.move_in.after=works", True),
        ("activities.move_in.duration={ fixed = 9 }", False),
        ("risks.material.probability=0.3", False),
        ("correlation.programme=0.2", False),
        ("scenario.seed=2", False),
        ("offices.alvik.type=large", False),
    ],
)
def test_the_sampler_is_kept_where_the_draws_are_the_same(change: str, same: bool) -> None:
    base = load_scenario(STARTER)
    assert same_draws(compile_scenario(base.scenario), compile_scenario(base.with_overrides([change]).scenario)) is same


# --- the run folder ----------------------------------------------------------------------------------------------------------------


def test_a_folder_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    folder = starter().save(tmp_path)
    saved = load(folder)
    assert folder == tmp_path / "scenario" / starter().id
    assert (saved.id, saved.replications, saved.names) == (starter().id, 300, starter().names)
    assert {name: table.csv() for name, table in saved.tables().items()} == csv_of(starter())
    assert np.array_equal(saved.days, starter().days)
    assert saved.scenario == starter().scenario
    assert [type(value) for value in saved["targets"]["by"]] == [dt.date] * 2


def test_the_passport_says_all_that_is_needed(tmp_path: Path) -> None:
    result = run(STARTER, replications=20, overrides={"resources.crew.capacity": 2})
    passport = json.loads((result.save(tmp_path) / "run.json").read_text("utf-8"))
    assert passport["status"] == "complete"
    assert passport["scenario"]["resources"]["crew"]["capacity"] == 2
    assert [change["path"] for change in passport["changes"]] == ["resources.crew.capacity", "scenario.replications"]
    assert (passport["seed"], passport["replications"], passport["engine"]) == (1, 20, "kernel")
    assert set(passport["inputs"]) == {"scenario.toml", "offices.csv"}
    assert {"etablera", "python", "numpy", "numba", "simpy"} <= set(passport["versions"])
    assert {"load", "compile", "simulate"} <= set(passport["timings"])
    assert len(passport["result_digest"]) == 64


def test_the_same_run_writes_the_same_files(tmp_path: Path) -> None:
    folders = [starter().save(tmp_path / name) for name in ("one", "two")]
    one, two = (files_of(folder) for folder in folders)
    assert {n: t for n, t in one.items() if n != "run.json"} == {n: t for n, t in two.items() if n != "run.json"}
    digests = [json.loads(files["run.json"])["result_digest"] for files in (one, two)]
    assert digests[0] == digests[1]


def test_whole_timelines_are_kept_on_request(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    result = starter()
    folder = result.save(tmp_path, timeline=lambda: blocks(result.question))
    table = pq.read_table(folder / "timeline.parquet")
    assert table.column_names == ["replication", "office", "activity", "happens", "start", "finish", "wait", "driver"]
    assert len(table) == 300 * 6 * len(result.plan.activities)
    columns = {name: np.array(table[name].to_pylist()) for name in ("activity", "finish", "start", "replication", "office")}
    last = columns["activity"] == "opening"
    assert np.array_equal(columns["finish"][last].reshape(300, 6), result.days)
    assert list(columns["office"][last][:6]) == list(result.scenario.offices)
    assert list(columns["replication"][last][[0, -1]]) == [0, 299]


def test_a_notebook_shows_targets_and_openings() -> None:
    text = starter()._repr_html_()
    assert text.startswith("<h3>My programme: 300 futures, seed ")
    assert text.index("<caption>targets") < text.index("<caption>openings")


def test_no_table_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="use one of openings"):
        starter()["opening"]
    with pytest.raises(KeyError, match="use one of openings"):
        load(starter().save(tmp_path))["opening"]


def test_a_scenario_without_money_or_pools_has_no_tables_of_them() -> None:
    assert not {"cost_by_year", "resources"} & set(run(ROOT / "scenarios" / "examples" / "pert-network.toml", replications=20).names)


# --- whole or not at all ------------------------------------------------------------------------------------------------------------


def only(folder: Path, name: str) -> bool:
    return [path.name for path in folder.iterdir()] == [name]


def test_a_full_disk_leaves_the_old_folder_as_it_was_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = starter().save(tmp_path)
    before = files_of(folder)

    def full(self: Path, *_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        with pytest.raises(ResultsError, match="No space left on device"):
            starter().save(tmp_path)
    assert files_of(folder) == before
    assert only(folder.parent, folder.name)


def test_what_cannot_be_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", "utf-8")
    with pytest.raises(ResultsError, match="cannot be written"):
        starter().save(tmp_path / "out")


def test_a_new_folder_replaces_the_old_one_as_a_whole(tmp_path: Path) -> None:
    folder = starter().save(tmp_path)
    (folder / "left-over.txt").write_text("of an older version", "utf-8")
    assert starter().save(tmp_path) == folder
    assert not (folder / "left-over.txt").exists()
    assert only(folder.parent, folder.name)


def test_an_error_in_a_report_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken(_result: Result, _folder: Path) -> list[Path]:
        raise RuntimeError("no report today")

    with pytest.raises(RuntimeError, match="no report today"):
        starter().save(tmp_path, extras=[broken])
    assert list(tmp_path.iterdir()) == []


def test_runs_at_once_do_not_hurt_each_other(tmp_path: Path) -> None:
    result = starter()
    result.tables()
    errors: list[BaseException] = []

    def save() -> None:
        try:
            for _ in range(5):
                result.save(tmp_path)
        except BaseException as error:  # noqa: BLE001  whatever it is, the test tells
            errors.append(error)

    threads = [threading.Thread(target=save) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert only(tmp_path / "scenario", result.id)
    assert load(tmp_path / "scenario" / result.id)["openings"] == load(result.save(tmp_path / "again"))["openings"]


KILLED = """
import sys, time
from pathlib import Path
from sim.results import run

def slow(result, folder):
    print("writing", flush=True)
    time.sleep(60)
    return []

run(sys.argv[1], replications=300).save(sys.argv[2], extras=[slow])
"""


def test_a_run_that_is_killed_while_it_writes_leaves_the_old_folder_whole(tmp_path: Path) -> None:
    folder = starter().save(tmp_path)
    before = files_of(folder)
    child = subprocess.Popen([sys.executable, "-c", KILLED, STARTER, tmp_path], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert child.stdout is not None
    assert child.stdout.readline() == "writing\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert files_of(folder) == before
    assert [path.name for path in folder.parent.iterdir() if not path.name.startswith(".")] == [folder.name]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"status": "complete"}', "not json"])
def test_what_is_no_passport_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ResultsError, match=r"no run\.json"):
        load(tmp_path)
    (tmp_path / "run.json").write_text(text, "utf-8")
    with pytest.raises(ResultsError):
        load(tmp_path)


# --- verify --------------------------------------------------------------------------------------------------------------------------


def test_a_run_verifies_itself_by_either_engine(tmp_path: Path) -> None:
    saved = load(run(STARTER, replications=100, overrides={"resources.crew.capacity": 2}).save(tmp_path))
    assert verify(saved).equal
    assert verify(saved, engine="simpy", workers=1).equal


def test_an_edited_file_is_found_with_its_place(tmp_path: Path) -> None:
    folder = starter().save(tmp_path)
    path = folder / "targets.csv"
    path.write_text(path.read_text("utf-8").replace("first_four", "first_five", 1), "utf-8")
    verdict = verify(load(folder))
    assert not verdict.equal
    assert verdict.difference.startswith("targets.csv: row 1 (first_five), column target: first_five in the folder, first_four made again")
    assert "has been changed since the run" in verdict.cause


def test_other_versions_are_named_as_the_cause(tmp_path: Path) -> None:
    from sim.results.passport import digest

    folder = starter().save(tmp_path)
    path = folder / "targets.csv"
    path.write_text(path.read_text("utf-8").replace("0.8", "0.9"), "utf-8")
    passport = json.loads((folder / "run.json").read_text("utf-8"))
    passport["files"]["targets.csv"] = digest(path.read_bytes())
    passport["versions"]["numpy"] = "1.0"
    (folder / "run.json").write_text(json.dumps(passport), "utf-8")
    assert verify(load(folder)).cause.startswith("made with other versions: numpy 1.0 → ")


def test_differences_in_length_are_told() -> None:
    assert first_difference("a\n1\n", "a\n1\n2\n") == "1 rows in the folder, 2 made again"
    assert first_difference("a\n1\n", "b\n1\n") == "other columns"


# --- until -----------------------------------------------------------------------------------------------------------------------------


def test_a_run_goes_on_until_the_answer_is_known_well_enough() -> None:
    result, width, enough = run_until(ask(STARTER), "targets.first_four ±1%", gather=())
    [row] = result["targets"].where(target="first_four").rows()
    assert enough
    assert width <= 0.01
    assert (row["high"] - row["low"]) / 2 == pytest.approx(width)
    assert row["replications"] == result.replications > 1000
    fresh = run(STARTER, replications=result.replications, gather=("targets",))
    assert fresh["targets"] == result["targets"]
    assert fresh.id == result.id


def test_an_easy_answer_takes_no_more_than_the_first_look() -> None:
    assert run_until(ask(STARTER), "offices.alvik.p50 +-60d", gather=())[0].replications == 1000


def test_what_cannot_be_reached_ends_at_the_most() -> None:
    result, width, enough = run_until(ask(STARTER), "offices.alvik.mean ±0.01d", gather=(), most=2000)
    assert (result.replications, enough) == (2000, False)
    assert width > 0.01


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("targets.none ±1%", "no target; use one of first_four, all"),
        ("offices.none.p80 ±3d", "no office"),
        ("offices.alvik.p80 ±3%", "asked for in %"),
        ("targets.all ±3d", "asked for in %"),
        ("targets.all ±0%", "ask for a width above 0"),
        ("targets.all", "cannot be read"),
        ("offices.alvik.p00 ±3d", "no quantile"),
    ],
)
def test_an_aim_that_makes_no_sense_is_explained(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_aim(starter().plan, text)


# --- tables --------------------------------------------------------------------------------------------------------------------------


def test_columns_keep_their_kinds_through_a_file() -> None:
    table = Table(
        "t", {"s": ["=1+1", "x"], "d": [dt.date(2022, 1, 3), None], "n": [1, 0.5], "w": [1, None], "b": [True, False], "e": [None, None]}
    )
    kinds = {name: kind_of(values) for name, values in table.columns.items()}
    assert kinds == {"s": "text", "d": "date", "n": "number", "w": "whole", "b": "truth", "e": "text"}
    back = read_table("t", table.csv(), kinds)
    assert back.columns == {**table.columns, "n": [1.0, 0.5]}


def test_a_table_with_other_columns_is_not_taken() -> None:
    with pytest.raises(ResultsError, match="other columns"):
        read_table("t", "a,b\n1,2\n", {"a": "whole"})
    with pytest.raises(ResultsError, match="cannot be read back"):
        read_table("t", "a\nx\n", {"a": "whole"})


def test_assumptions_tell_place_grade_and_source() -> None:
    default = load_scenario(ROOT / "scenarios" / "programme-2021.toml").scenario
    places = {path: entry.grade for path, entry, _ in evidence(default)}
    assert places["resources.establishment_slots"] == "assumption"
    assert places["office_types.large"] == "report"


# --- golden files --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.csv")), ids=lambda path: path.stem)
def test_answers_are_those_of_the_golden_files(path: Path) -> None:
    """A change here changes numbers for users: it belongs in the changelog. ``python scripts/renew_golden.py`` writes them anew."""
    result = golden()
    assert result[path.stem].csv() == path.read_text("utf-8")


@cache
def golden() -> Result:
    return run(WORKSHOP, replications=200)


def test_there_are_golden_files() -> None:
    assert {path.stem for path in GOLDEN.glob("*.csv")} == {"openings", "open_count", "targets", "resources", "queue_by_month"}


# --- the public names ----------------------------------------------------------------------------------------------------------------


def test_every_public_name_can_be_had() -> None:
    assert all(getattr(sim, name) for name in sim.__all__)
    with pytest.raises(AttributeError):
        sim.nothing  # noqa: B018


def test_the_package_itself_imports_nothing_heavy() -> None:
    code = "import sys, sim; print([m for m in ('numpy', 'pydantic', 'numba', 'pandas') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout == "[]\n"


def test_a_run_does_without_pandas(tmp_path: Path) -> None:
    code = f"import sys, sim; sim.run({str(STARTER)!r}, replications=20).save({str(tmp_path)!r}); print('pandas' in sys.modules)"
    env = {**os.environ}
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=env).stdout == "False\n"


def test_time_is_told_by_stage() -> None:
    begin = time.perf_counter()
    result = run(STARTER, replications=20)
    assert 0 < sum(result.timings.values()) <= time.perf_counter() - begin


@pytest.mark.parametrize(("scenario", "replications"), [(DEFAULT, 5), *((STARTER, n) for n in (1, 2, 3, 4, 7))])
def test_a_few_futures_are_answered_like_many(scenario: Path, replications: int) -> None:
    """Nobody decides by them, but a first try is a try."""
    result = run(scenario, replications=replications, why=replications, gather=(*ALL, SENSITIVITY), workers=1)
    assert {"openings", "uplift", "leave_one_out", "sensitivity"} <= set(result.names)
    assert all(table.csv() for table in result.tables().values())
