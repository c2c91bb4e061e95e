"""Why dates moved between two runs: the parts, worked by hand and summed."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import sim
from sim.analysis.moves import ORDER, between, category_of, differences
from sim.cli import app
from sim.cli.diff import input_of
from sim.errors import InputError
from sim.report.moved import figures, rows_of, told
from sim.results.diff import Moves, diff
from sim.scenario import LoadedScenario, load_scenario

HEAD = """
[scenario]
name = "Three houses"
start = 2022-01-03
replications = 200
seed = 3
[calendars.days]
every_day = true
"""

BASE = (
    HEAD
    + """
[offices]
a = { round = 1, target = 2022-02-01 }
b = { round = 1 }
c = { round = 2 }
[activities.plan]
duration = { fixed = 10 }
[activities.build]
duration = { fixed = 20 }
after = "plan"
[targets.both]
offices = { round = 1 }
by = 2022-02-03
"""
)
"""Without chance: every house is open on day 30, the 2nd of February."""

RISKY = """
extends = "base.toml"
[activities.plan]
duration = { triangular = [5, 10, 25] }
[activities.build]
duration = { triangular = [10, 20, 40] }
uses = { crews = 1 }
[resources.crews]
capacity = 2
"""

FACTS = "\n".join(
    f'[[scenario.status]]\noffice = "{id_}"\nactivity = "plan"\nstarted = 2022-01-03\nfinished = 2022-01-{day}'
    for id_, day in (("a", 13), ("b", 13), ("c", 20))
)
CHANGES = {
    "outcomes": "[scenario]\nstatus_date = 2022-01-20\n" + FACTS,
    "risks": '[risks]\nfrost = { probability = 1, activities = ["build"], delay = { fixed = 4 } }',
    "estimates": "[activities.plan]\nduration = { fixed = 13 }",
    "rules": "[resources.crews]\ncapacity = 1\n[activities.build]\nuses = { crews = 1 }",
    "scope": "[offices.c]\nstart = 2022-01-08",
}
MOVES = {"outcomes": 7, "risks": 4, "estimates": 3, "rules": 40, "scope": 5}
"""Days by which the last opening moves with each change alone, by hand: c's plan was 7 days late and no house was begun before that was
known; 4 days of frost; 3 more days of planning; two houses before the last; c begins on the 8th."""


def scenario(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("scenarios")
    scenario(made, "base", BASE)
    scenario(made, "risky", RISKY)
    return made


def changed(folder: Path, name: str, *more: str, base: str = "base") -> LoadedScenario:
    return load_scenario(scenario(folder, name, "\n".join((f'extends = "{base}.toml"', *more))))


def parts(moves: Moves, key: str) -> dict[str, Any]:
    return {row["category"]: row["change"] for row in moves["diff"].where(question=key).rows()}


# --- worked by hand --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("category", CHANGES)
def test_a_change_of_one_kind_alone_moves_only_its_own_part(folder: Path, category: str) -> None:
    moves = diff(folder / "base.toml", changed(folder, category, CHANGES[category]), answers=["programme.p80", "programme.mean"])
    for key in moves.headlines:
        assert parts(moves, key) == {name: MOVES[category] if name in {category, "total"} else 0 for name in (*ORDER, "total")}
    assert set(moves["diff_inputs"]["category"]) == {category}


def test_changes_of_all_kinds_come_one_after_the_other(folder: Path) -> None:
    """Building begins on day 17, when it is known that all is planned; frost makes 4 days more; that planning takes longer moves
    nothing, as it is over; one crew builds a and b first, 24 days each; c's start is past."""
    new = changed(folder, "all", *CHANGES.values())
    moves = diff(folder / "base.toml", new, answers=["offices.c.p50", "targets.both"])
    found = parts(moves, "offices.c.p50")
    assert found == {"outcomes": 7, "risks": 4, "estimates": 0, "rules": 48, "scope": 0, "noise": 0, "total": 59}
    assert [row["after"] for row in rows_of(moves["diff"], "targets.both")] == [0] * 7
    assert parts(moves, "targets.both")["outcomes"] == -100


def test_nothing_changed_is_nothing_moved(folder: Path) -> None:
    moves = diff(folder / "risky.toml", folder / "risky.toml")
    assert {value for name in ("change", "standard_error", "low", "high") for value in moves["diff"][name]} == {0}
    assert len(moves["diff_inputs"]) == 0
    given = input_of(moves, None)
    assert told(given, rows_of(moves["diff"], "programme.p80")).endswith("as before.")


def test_texts_and_money_are_no_changes(folder: Path) -> None:
    more = ('scenario.name = "Another name"', 'activities.plan.source = "a survey"', 'costs.work = { at = "plan.finish", amount = 10 }')
    moves = diff(folder / "base.toml", changed(folder, "texts", *more))
    assert len(moves["diff_inputs"]) == 0
    assert set(moves["diff"]["change"]) == {0}


# --- sums ------------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def much(folder: Path) -> Moves:
    more = [
        "scenario.status_date = 2022-01-20",
        'scenario.status = [{ office = "a", activity = "plan", started = 2022-01-03, finished = 2022-01-20 }]',
        "scenario.seed = 9",
        "scenario.replications = 300",
        'risks.frost = { probability = 0.4, activities = ["build"], delay = { fixed = 6 } }',
        "correlation = { office = 0.3 }",
        "resources.crews.capacity = 1",
        "offices.d = { round = 2 }",
        "targets.both.by = 2022-02-10",
    ]
    keys = [
        "programme.p50",
        "programme.p80",
        "programme.mean",
        "rounds.1.p80",
        "targets.both",
        "offices.a.on_time",
        "programme.open.2022-02-15",
    ]
    return diff(folder / "risky.toml", changed(folder, "much", *more, base="risky"), answers=keys)


def test_the_parts_add_up_to_the_change_between_the_two_runs(folder: Path, much: Moves) -> None:
    for key in dict.fromkeys(much["diff"]["question"]):
        *steps, whole = rows_of(much["diff"], key)
        assert sum(row["change"] for row in steps) == pytest.approx(whole["change"], abs=1e-9), key
        assert [row["before"] for row in steps[1:]] == [row["after"] for row in steps[:-1]]
        assert (whole["before"], whole["after"]) == (steps[0]["before"], steps[-1]["after"])
    alone = [sim.run(folder / f"{name}.toml", gather=("openings", "targets")) for name in ("risky", "much")]
    chances = [100 * run["targets"]["probability"][0] for run in alone]
    assert parts(much, "targets.both")["total"] == pytest.approx(chances[1] - chances[0])
    p80 = [run["openings"].where(office="b")["p80"][0] for run in alone]
    assert parts(much, "offices.b.p80")["total"] == (p80[1] - p80[0]).days


def test_every_part_has_an_error_and_those_of_the_same_futures_a_small_one(much: Moves) -> None:
    rows = {row["category"]: row for row in rows_of(much["diff"], "programme.mean")}
    assert all(row["standard_error"] > 0 for row in rows.values())
    assert all(row["low"] < row["change"] < row["high"] for row in rows.values())
    assert rows["estimates"]["standard_error"] < rows["noise"]["standard_error"] / 2


def test_only_common_offices_are_asked_for(much: Moves) -> None:
    assert {key.split(".")[1] for key in much["diff"]["question"] if key.startswith("offices.")} == {"a", "b", "c"}


# --- scenarios in between that cannot be -----------------------------------------------------------------------------------------


def test_a_scenario_in_between_that_cannot_be_makes_two_kinds_one_step(folder: Path) -> None:
    """The plan is decided at a meeting now: without its duration (an estimate) and without the meeting (a rule) there is nothing."""
    more = ('activities.plan = { meeting = "board" }', "meetings.board = { dates = [2022-01-20] }")
    moves = diff(folder / "base.toml", changed(folder, "board", *more), answers=["programme.p80"])
    assert parts(moves, "programme.p80") == {"outcomes": 0, "risks": 0, "estimates + rules": 7, "scope": 0, "noise": 0, "total": 7}
    [why] = {row["why_merged"] for row in moves["diff"].rows() if row["why_merged"]}
    assert why.startswith("activities.plan")


def test_facts_of_a_new_office_wait_for_the_office(folder: Path) -> None:
    more = (
        "scenario.status_date = 2022-01-20",
        'scenario.status = [{ office = "d", activity = "plan", started = 2022-01-10, finished = 2022-01-20 }]',
        "offices.d = {}",
    )
    moves = diff(folder / "base.toml", changed(folder, "new", *more), answers=["programme.open.2022-02-10"])
    found = parts(moves, "programme.open.2022-02-10")
    assert found == {"outcomes": -3, "risks": 0, "estimates": 0, "rules": 0, "scope": 1, "noise": 0, "total": -2}, (
        "three not begun, one new"
    )


def test_what_is_taken_over_in_full_is_the_new_scenario(folder: Path) -> None:
    old, new = (load_scenario(folder / f"{name}.toml").raw for name in ("base", "risky"))
    for taken, whole in (((), old), (ORDER, new)):
        assert {name: section for name, section in between(old, new, taken).items() if section} == whole
    assert list(between(old, {**old, "offices": dict(reversed(old["offices"].items()))}, ("scope",))["offices"]) == ["c", "b", "a"]


# --- kinds -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "category"),
    [
        ("scenario.status_date", "outcomes"),
        ("scenario.replications", "noise"),
        ("scenario.horizon", "scope"),
        ("scenario.learn", "estimates"),
        ("activities.x", "rules"),
        ("activities.x.after", "rules"),
        ("activities.x.redo", "rules"),
        ("activities.x.redo.back_to", "rules"),
        ("activities.x.redo.probability", "estimates"),
        ("activities.x.by_type.small.fixed", "estimates"),
        ("branches.x.options.yes", "estimates"),
        ("meetings.board.dates", "rules"),
        ("offices.a.priority", "rules"),
        ("offices.a.type", "scope"),
        ("type_mix.x.counts.small", "scope"),
        ("activities.x.duration.grade", None),
        ("targets.x.name.sv", None),
        ("budgets.x", None),
    ],
)
def test_kinds_of_changes(place: str, category: str | None) -> None:
    assert category_of(tuple(place.split("."))) == category


def test_another_order_of_the_offices_is_a_change_of_scope(folder: Path) -> None:
    old = load_scenario(folder / "base.toml").raw
    [changed] = differences(old, {**old, "offices": dict(reversed(old["offices"].items()))})
    assert (changed.category, changed.path) == ("scope", ("offices", "(order)"))


# --- as a person uses it ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def runs(folder: Path) -> list[str]:
    changed(folder, "frost", CHANGES["risks"], base="risky")
    files = [sim.run(folder / f"{name}.toml", gather=("openings", "targets")).save(folder / "results") for name in ("risky", "frost")]
    return [str(path) for path in files]


def etablera(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_command_shows_and_keeps_the_parts(runs: list[str], tmp_path: Path) -> None:
    found = etablera("diff", *runs, "--answers", "programme.p80,targets.both", "--out", tmp_path, "--language", "sv")
    assert found.exit_code == 0, found.stderr
    assert "Varför det flyttade sig: från risky till frost" in found.stdout
    assert "Ändrade risker" in found.stdout
    assert "+8,0" in found.stdout
    [kept] = (tmp_path / "risky").iterdir()
    assert {path.name for path in kept.iterdir()} == {"diff.csv", "diff.html", "diff.json", "diff_0.svg", "diff_1.svg", "diff_inputs.csv"}
    assert "Ändrade risker" in (kept / "diff.html").read_text("utf-8")


def test_the_command_answers_machines(runs: list[str], tmp_path: Path) -> None:
    found = etablera("diff", *runs, "--json", "--no-report", "--out", tmp_path)
    assert found.exit_code == 0, found.stderr
    said = json.loads(found.stdout)
    assert said["redrawn"] == []
    [row] = [row for row in said["diff"] if row["question"] == "programme.p50" and row["category"] == "risks"]
    assert row["change"] == 8, "the last of three houses waits for one of two crews"
    assert said["diff_inputs"][0]["path"] == "risks.frost"
    quiet = etablera("diff", *runs, "--quiet", "--no-report", "--out", tmp_path)
    assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (0, "", "")


def test_a_run_that_this_version_does_not_make_again_is_named(runs: list[str], folder: Path, tmp_path: Path) -> None:
    other = sim.run(folder / "base.toml", replications=200, gather=("openings",)).save(tmp_path)
    kept = Path(runs[0]) / "openings.parquet"
    before = kept.read_bytes()
    kept.write_bytes((other / "openings.parquet").read_bytes())
    found = etablera("diff", *runs, "--no-report", "--out", tmp_path, "--answers", "programme.p80")
    kept.write_bytes(before)
    assert "risky was made by another version of the program" in " ".join(found.stdout.split())


@pytest.mark.parametrize(
    ("key", "said"),
    [("offices.x.p80", '"x" is no office'), ("costs.total.mean", "costs.total.mean"), ("nonsense", "is no question")],
)
def test_a_question_without_an_answer_is_a_fault(runs: list[str], tmp_path: Path, key: str, said: str) -> None:
    found = etablera("diff", *runs, "--answers", key, "--out", tmp_path / "out")
    assert found.exit_code == 2
    assert said in found.stderr
    assert not (tmp_path / "out").exists()


def test_money_is_not_what_moves_dates(folder: Path) -> None:
    paid = changed(folder, "paid", 'costs.work = { at = "plan.finish", amount = 10 }')
    with pytest.raises(InputError, match="is money"):
        diff(paid, paid, answers=["costs.total.mean"])


def test_what_is_no_run_is_a_fault(tmp_path: Path) -> None:
    found = etablera("diff", tmp_path, tmp_path, "--out", tmp_path / "out")
    assert found.exit_code == 2
    assert "is not a run folder" in found.stderr


def test_bars_of_the_picture_begin_where_the_one_before_ends(much: Moves) -> None:
    given = input_of(much, None)
    for _, chart in figures(given, much):
        first, *bars, last = chart.spec["data"]["values"]
        assert [bar["from"] for bar in bars] == pytest.approx([first["to"], *(bar["to"] for bar in bars[:-1])])
        assert last["to"] == pytest.approx(bars[-1]["to"])
        assert "{" not in chart.title + chart.description


def test_of_any_kinds_taken_over_those_and_no_others_differ(folder: Path, much: Moves) -> None:
    old, new = (question.loaded.raw for question in much.questions)
    for size in range(len(ORDER) + 1):
        for taken in combinations(ORDER, size):
            made = between(old, new, taken)
            assert {changed.category for changed in differences(old, made)} == set(taken)
            assert {changed.category for changed in differences(made, new)} == set(ORDER) - set(taken)
