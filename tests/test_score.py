"""How good a forecast was, when the outcome has come."""

from __future__ import annotations

import datetime as dt
import json
import math
import subprocess
import sys
from dataclasses import replace
from html import escape
from pathlib import Path
from re import sub
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programmes import MONDAY, plan_of
from report_data import report_input
from typer.testing import CliRunner, Result

import sim
from sim.analysis.outcomes import Actuals, Count, reached
from sim.analysis.rivals import count_forecast, of_class
from sim.analysis.score import Scoring, score_coverage, score_offices, score_pit, score_rivals, score_summary
from sim.analysis.score_chances import score_brier, score_chances, score_counts, score_reliability
from sim.analysis.scores import NEVER, Forecast, Outcome, crps, crps_of_each, pit, share_within
from sim.analysis.table import Table
from sim.cli import app
from sim.errors import InputError
from sim.plan import Plan
from sim.report.charts.track import charts_of
from sim.report.formats import formats
from sim.report.verdict import verdict
from sim.results.actuals import read_actuals
from sim.results.score import tables_of
from sim.scenario.schema import ReferenceClass

WHOLE = st.integers(-50, 50)


def exact(day: int) -> Outcome:
    return Outcome(day, day)


# --- the score of one forecast ---


@pytest.mark.parametrize(
    ("values", "outcome", "expected"),
    [
        ([10, 14], exact(10), 4 * 0.25),  # ¼ on each of the days 10 to 13
        ([10, 14], exact(8), 2 * 1 + 4 * 0.25),
        ([10, 14], exact(14), 4 * 0.25),
        ([10, 14], exact(17), 4 * 0.25 + 3 * 1),
        ([10, 10, 10, 14], exact(14), 4 * 0.75**2),
        ([10, 14], Outcome(11, 13), 0.25 + 0.25),  # day 10 it was not open; 11 and 12 are not known; 13 it was
    ],
)
def test_the_score_of_two_points_by_hand(values: list[int], outcome: Outcome, expected: float) -> None:
    assert crps(Forecast.of_futures(np.array(values)), outcome) == pytest.approx(expected)


def fine(law, n: int = 4000) -> Forecast:
    """A law in thousandths."""
    return Forecast.of_futures(np.rint([1000 * law((i + 0.5) / n) for i in range(n)]).astype(int))


def test_the_score_tends_to_the_closed_forms() -> None:
    normal = NormalDist()
    for y in (-0.7, 0.2, 0.9):
        z = y
        expected = z * (2 * normal.cdf(z) - 1) + 2 * normal.pdf(z) - 1 / math.sqrt(math.pi)
        assert crps(fine(normal.inv_cdf), exact(round(1000 * y))) / 1000 == pytest.approx(expected, abs=2e-3)
    for y in (0.1, 1.0, 2.5):
        expected = y - 2 * (1 - math.exp(-y)) + 0.5
        assert crps(fine(lambda p: -math.log(1 - p)), exact(round(1000 * y))) / 1000 == pytest.approx(expected, abs=2e-3)
    for y in (0.25, 0.8):
        assert crps(fine(lambda p: p), exact(round(1000 * y))) / 1000 == pytest.approx((y**3 + (1 - y) ** 3) / 3, abs=2e-3)


LIBRARY = """
import sys
sys.modules["numba"] = None  # its compiled functions take half a minute to import
import numpy as np
import scoringrules
rng = np.random.default_rng(1)
futures, outcomes = rng.integers(0, 60, (6, 200)), rng.integers(-5, 70, 6)
own = scoringrules.crps_ensemble(outcomes, futures, backend="numpy")
hidden = scoringrules.twcrps_ensemble(outcomes, futures, v_func=lambda x: np.minimum(x, 31), backend="numpy")
print(*own, *hidden)
"""


def test_a_library_finds_the_same_scores_hidden_days_included() -> None:
    done = subprocess.run([sys.executable, "-c", LIBRARY], capture_output=True, text=True, check=True)
    theirs = [float(x) for x in done.stdout.split()]
    rng = np.random.default_rng(1)
    futures, outcomes = rng.integers(0, 60, (6, 200)), rng.integers(-5, 70, 6)
    forecasts = [Forecast.of_futures(row) for row in futures]
    ours = [crps(f, exact(y)) for f, y in zip(forecasts, outcomes, strict=True)]
    seen = [exact(y) if y <= 30 else Outcome(31, NEVER) for y in outcomes]
    hidden = [crps(f, y, horizon=30) for f, y in zip(forecasts, seen, strict=True)]
    assert [*ours, *hidden] == pytest.approx(theirs)


@settings(max_examples=40)
@given(values=st.lists(WHOLE, min_size=1, max_size=30), y=WHOLE, horizon=st.none() | WHOLE)
def test_a_score_is_that_of_a_promise_or_better_on_average_and_never_negative(values: list[int], y: int, horizon: int | None) -> None:
    forecast = Forecast.of_futures(np.array(values))
    end = None if horizon is None else horizon + 200
    assert 0 <= crps(forecast, exact(y), end) <= np.mean([abs(v - y) for v in values]) + 1e-9
    assert crps_of_each(forecast, np.array(values), horizon) == pytest.approx(
        [crps(forecast, exact(v) if horizon is None or v <= horizon else Outcome(horizon + 1, NEVER), horizon) for v in values]
    )


@settings(max_examples=30)
@given(law=st.lists(WHOLE, min_size=2, max_size=12), other=st.lists(WHOLE, min_size=1, max_size=12), horizon=st.none() | WHOLE)
def test_no_other_forecast_scores_better_than_the_law_itself(law: list[int], other: list[int], horizon: int | None) -> None:
    right, wrong = Forecast.of_futures(np.array(law)), Forecast.of_futures(np.array(other))

    def expected(forecast: Forecast) -> float:
        seen = [exact(y) if horizon is None or y <= horizon else Outcome(horizon + 1, NEVER) for y in law]
        return float(np.mean([crps(forecast, y, horizon) for y in seen]))

    assert expected(right) <= expected(wrong) + 1e-9


def test_what_is_not_known_takes_up_all_the_probability_it_may() -> None:
    forecast = Forecast.of_futures(np.arange(1, 11))
    assert pit(forecast, exact(3)) == pytest.approx((0.2, 0.3))
    assert pit(forecast, Outcome(8, NEVER)) == pytest.approx((0.7, 1.0))
    assert pit(forecast, Outcome(3, 5)) == pytest.approx((0.2, 0.5))
    assert pit(forecast, exact(0)) == (0.0, 0.0)
    spans = np.array([[0.7, 1.0], [0.2, 0.3], [0.0, 0.0], [0.05, 0.15]])
    assert share_within(spans, 0.1, 0.9) == pytest.approx([2 / 3, 1, 0, 0.5])


# --- a forecast that is right ---

OFFICES = [f"o{i:02d}" for i in range(20)]
TARGETS = {"half": {"at_least": 10, "by": MONDAY + dt.timedelta(90)}}


def programme(**more: object) -> Plan:
    offices = {id_: {"round": 1 + i % 2, "target": MONDAY + dt.timedelta(80)} for i, id_ in enumerate(OFFICES)}
    return plan_of({"activities": {"work": {"duration": 30}}, "offices": offices, "targets": TARGETS, **more})


def drawn(n: int, rng: np.random.Generator, spread: float = 20.0, late: float = 0.0) -> np.ndarray:
    """Openings that move together: part of each delay is common."""
    common, own = rng.normal(0, 1, (n, 1)), rng.normal(0, 1, (n, len(OFFICES)))
    return np.rint(np.maximum(100 + late + spread * (0.4 * common + 0.9 * own), 0)).astype(int)


def seen(days: np.ndarray, plan: Plan, as_of: int | None = None) -> Actuals:
    """One future as it would be seen on a day."""
    waiting = as_of is not None
    found = {
        id_: exact(d) if not waiting or d <= as_of else Outcome(as_of + 1, NEVER) for id_, d in zip(OFFICES, days.tolist(), strict=True)
    }
    return Actuals(found, (), plan.date(as_of) if as_of is not None else None)


@pytest.mark.parametrize("as_of", [None, 95], ids=["all open", "some not yet open"])
def test_a_forecast_that_is_right_is_calibrated(as_of: int | None) -> None:
    """Outcomes from the law of the forecast itself: coverage is 80 %, the PIT even, and the verdicts hardly ever find a fault."""
    plan, rng = programme(), np.random.default_rng(7)
    futures = drawn(1000, rng)
    coverage, tenths, faults, randomised = [], [], [], []
    trials = 120
    for outcome in drawn(trials, rng):
        scoring = Scoring(plan, futures, [30] * 20, seen(outcome, plan, as_of))
        row = next(score_coverage(scoring).rows())
        coverage.append(row["coverage"])
        faults.append(row["verdict"] != "as it should")
        tenths.append([share_within(scoring.told, k / 10, k / 10 + 0.1).mean() for k in range(10)])
        randomised.append(scoring.spans[:, 0] + (scoring.spans[:, 1] - scoring.spans[:, 0]) * rng.random(20))
    assert np.mean(coverage) == pytest.approx(0.8, abs=0.04)
    assert np.mean(tenths, axis=0) == pytest.approx(np.full(10, 0.1), abs=0.03)
    assert np.quantile(np.concatenate(randomised), [0.1, 0.25, 0.5, 0.75, 0.9]) == pytest.approx([0.1, 0.25, 0.5, 0.75, 0.9], abs=0.06)
    assert np.mean(faults) < 0.12, "the range allows for offices that move together"


def test_a_forecast_that_is_too_sure_or_too_early_is_found_out() -> None:
    plan, rng = programme(), np.random.default_rng(9)
    outcome = drawn(1, rng, spread=60)[0]
    sure = Scoring(plan, drawn(1500, rng, spread=5), [30] * 20, seen(outcome, plan))
    assert next(score_coverage(sure).rows())["verdict"] == "too few"
    assert score_summary(sure)["verdict"][0] == "worse"
    early = Scoring(plan, drawn(1500, rng), [30] * 20, seen(drawn(1, rng, late=60)[0], plan))
    summary = {row["measure"]: row for row in score_summary(early).rows()}
    assert summary["pit_mean"]["verdict"] == "later"
    assert summary["pit_distance"]["verdict"] == "uneven"


# --- tables by hand ---


def small(days: list[list[int]], actuals: Actuals, **more: object) -> Scoring:
    """Offices a, b and c, planned for days 20, 30 and 40; futures by row."""
    offices = {id_: {"target": MONDAY + dt.timedelta(10 * k), "round": k % 2} for k, id_ in enumerate("abc", 2)}
    plan = plan_of({"activities": {"work": {"duration": 5}}, "offices": offices, **more})
    return Scoring(plan, np.array(days), [7, 7, 7], actuals)


FUTURES = [[20, 30, 44], [20, 34, 44], [24, 34, 48], [24, 34, 48]]


def day(n: int) -> dt.date:
    return MONDAY + dt.timedelta(n)


def test_offices_and_the_plan_by_hand() -> None:
    scoring = small(FUTURES, Actuals({"a": exact(22), "b": exact(30), "c": Outcome(46, NEVER)}, (), day(45)))
    table = score_offices(scoring)
    assert table["crps"] == pytest.approx([4 * 0.25, 4 * 0.75**2, 2 * 0.25])  # of c the days 44 and 45 are known
    assert table["crps_plan"] == [2.0, 0.0, 6.0]  # of c the days 40 to 45
    assert table["pit_low"] == pytest.approx([0.5, 0, 0.5])
    assert table["pit_high"] == pytest.approx([0.5, 0.25, 1])
    assert table["in_p10_p90"] == [True, True, None]
    assert table["by_p80"] == [True, True, None]
    rivals = score_rivals(scoring)
    assert (rivals["rival"], rivals["offices"]) == (["plan"], [3])
    assert rivals["gain"] == pytest.approx([(1 - 2.25 + 5.5) / 3])
    assert rivals["skill"] == pytest.approx([(1 - 2.25 + 5.5) / 8])


def test_what_the_forecast_knew_already_is_not_scored() -> None:
    scoring = small([[20, 30, 44], [20, 34, 44]], Actuals({"a": exact(20), "b": exact(31)}))
    assert score_offices(scoring)["office"] == ["b"]


def test_an_office_that_no_future_has_open_so_early_tells_nothing_of_the_spread() -> None:
    scoring = small(FUTURES, Actuals({"a": exact(20), "c": Outcome(26, NEVER)}, (), day(25)))
    coverage = score_coverage(scoring)
    assert (coverage["offices"][0], len(score_offices(scoring))) == (1, 2)
    assert score_pit(scoring)["share"] == pytest.approx([0.2] * 5 + [0] * 5)


def test_chances_by_hand() -> None:
    targets = {
        "two": {"at_least": 2, "by": day(32)},
        "all": {"by": day(46)},
        "none_known": {"by": day(60)},
    }
    scoring = small(FUTURES, Actuals({"a": exact(22), "b": exact(30), "c": Outcome(47, NEVER)}, (), day(46)), targets=targets)
    told = [("two", "Two", day(32), 0.25), ("all", "All", day(46), 0.5), ("none_known", "None", day(60), 0.9)]
    chances = score_chances(scoring, Table.of_rows("targets", ("target", "name", "by", "probability"), told))
    found = {row["id"]: (row["kind"], row["chance"], row["happened"], row["brier"], row["brier_plan"]) for row in chances.rows()}
    assert found == {
        "two": ("target", 0.25, True, 0.75**2, 0.0),
        "all": ("target", 0.5, False, 0.25, 1.0),
        "a": ("on time", 0.5, False, 0.25, 1.0),
        "b": ("on time", 0.25, True, 0.75**2, 0.0),
        "c": ("on time", 0.0, False, 0.0, 1.0),
    }
    brier = {row["kind"]: row for row in score_brier(chances).rows()}
    assert brier["target"]["brier"] == pytest.approx((0.75**2 + 0.25) / 2)
    assert brier["on time"]["expected"] == pytest.approx((0.25 + 0.25 * 0.75) / 3)
    assert [(row["chances"], row["happened"]) for row in score_reliability(chances).rows()] == [(1, 0.0), (2, 1.0), (2, 0.0)]


def test_a_target_can_be_told_from_counts_or_not_at_all() -> None:
    scoring = small(FUTURES, Actuals({}))
    plan = small(FUTURES, Actuals({}), targets={"two": {"at_least": 3, "existing": 1, "by": day(32)}}).plan
    target = plan.scenario.targets["two"]

    def known(*counts: Count, **openings: Outcome) -> bool | None:
        return reached(plan, target, Actuals(openings, counts))

    assert known() is None
    assert known(Count(day(30), 2)) is True
    assert known(Count(day(33), 1)) is False
    assert known(Count(day(33), 2)) is None
    assert known(Count(day(30), 2, {"round": (1,)}, "round=1")) is None
    assert known(a=exact(20), b=Outcome(28, 32)) is True
    assert known(a=Outcome(40, NEVER), b=exact(33)) is False
    assert scoring.offices == []


def test_counts_by_hand() -> None:
    """On day 34 two offices are open in every future; on day 20 one in two futures, none in the others."""
    counts = (Count(day(34), 3), Count(day(20), 1), Count(day(34), 1, {"round": (1,)}, "round=1"))
    table = score_counts(small(FUTURES, Actuals({}, counts)))
    assert table["open"] == [3, 1, 1]
    assert table["of"] == [3, 3, 1]
    assert table["p50"] == [2, 0, 1]
    assert table["rps"] == pytest.approx([1.0, 0.25, 0.0])
    assert table["rps_plan"] == [1.0, 0.0, 0.0]
    assert table["rps_reference"] == [None, None, None]


def test_a_reference_class_by_hand() -> None:
    reference = ReferenceClass(weeks=(10, 10, 20), unfinished_weeks=(30,))
    forecast = of_class(reference, 5)
    assert forecast.values.tolist() == [75, 145, 215]  # what took longer than 30 weeks counts as 30
    assert forecast.reached == pytest.approx([0.5, 0.75, 1])
    assert count_forecast([0.5, 0.2]).reached == pytest.approx([0.4, 0.9, 1])
    scoring = small(
        FUTURES, Actuals({"a": exact(70), "b": exact(80)}), reference_class={"old": {"weeks": [10, 12], "offices": {"round": 0}}}
    )
    rivals = {row["rival"]: row for row in score_rivals(scoring).rows()}
    assert rivals["reference"]["offices"] == 1  # a alone is of round 0
    assert rivals["reference"]["rival_score"] == pytest.approx(14 * 0.25)


# --- what has happened ---


@pytest.fixture(scope="module")
def plan() -> Plan:
    return programme()


def records(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "actuals.csv"
    path.write_text(text, "utf-8")
    return path


def test_all_faults_of_what_has_happened_are_told_at_once(tmp_path: Path, plan: Plan) -> None:
    text = (
        "office;opened;not_open_on;open_by;date;open;filter\n"
        "o00;3/4 2022;;;;;\no99;2022-02-01;;;;;\no01;2022-02-01;;;;;\no01;2022-02-02;;;;;\no02;2021-02-01;;;;;\no03;2022-07-01;;;;;\n"
        "o04;2022-02-01;2022-01-05;;;;\no05;;2022-02-01;2022-01-10;;;\n;2022-02-01;;;;;\n;;;;2022-02-01;2,5;\n;;;;2022-02-01;11;round=1\n"
        ";;;;2022-02-01;1;round=7\n;;;;2022-02-01;1;size=7\no06;;;;2022-02-01;1;\n;;;;2022-02-01;;\n"
    )
    with pytest.raises(InputError) as caught:
        read_actuals(records(tmp_path, text), plan, dt.date(2022, 6, 1))
    found = [(fault.line, fault.message.split(";")[0]) for fault in caught.value.faults]
    assert found == [
        (2, 'opened: "3/4 2022" is not a date'),
        (3, '"o99" is not an office of the run'),
        (5, "o01 stands twice, first in line 4"),
        (6, "opened: 2021-02-01 is before the start of the scenario, 2022-01-03"),
        (7, "opened: 2022-07-01 is after 2022-06-01, the day up to which facts are known"),
        (8, "o04: opened says it all"),
        (9, "o05: open_by is not after not_open_on"),
        (10, "names no office"),
        (11, 'open: "2,5" is not a whole number'),
        (12, "open: 11 is more than the 10 offices that round=1 has in the run"),
        (13, 'filter: no office has the round "7"'),
        (14, 'filter: "size=7" is none'),
        (15, "is about an office and a count"),
        (16, "a count needs date and open"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("office,opend\no01,2022-02-01\n", 'must name a column opened; it names office, opend (did you mean "opend"?)'),
        ("office,opened,cost\no01,2022-02-01,3\n", '"cost" is not a column'),
        ("office,opened\n", "says nothing"),
        ("office,opened\no01,\no02,\n", "2 offices have not opened, and nothing says by which day; give --as-of DATE"),
    ],
)
def test_a_table_of_nothing_is_told(tmp_path: Path, plan: Plan, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_actuals(records(tmp_path, text), plan)
    assert message in str(caught.value)


def test_excel_days_bounds_and_counts_are_read(tmp_path: Path, plan: Plan) -> None:
    head = "office,opened,not_open_on,open_by,date,open,filter"
    text = f"{head}\no01,44593,,,,,\no02,,2022-02-01,2022-02-10,,,\no03,,,,,,\n,,,,2022-02-01,1,round=2\n"
    found = read_actuals(records(tmp_path, text), plan, dt.date(2022, 3, 1))
    assert found.openings == {"o01": exact(29), "o02": Outcome(30, 38), "o03": Outcome(58, NEVER)}
    assert found.counts == (Count(dt.date(2022, 2, 1), 1, {"round": (2,)}, "round=2"),)


# --- verdict, pictures, command ---


def test_the_verdict_is_told_in_both_languages_and_drawn(plan: Plan) -> None:
    rng = np.random.default_rng(3)
    actuals = seen(drawn(1, rng, late=60)[0], plan, 170)
    told = Table.of_rows("targets", ("target", "name", "by", "probability"), [("half", "Half", day(90), 0.4)])
    tables = tables_of(Scoring(plan, drawn(800, rng), [30] * 20, actuals), told)
    about = {"known": 20, "scored": 20, "as_of": plan.date(170)}
    english, swedish = (" ".join(verdict(replace(report_input(language), tables=tables), about)) for language in ("en", "sv"))
    assert "Openings came later than forecast, by more than chance explains." in english
    assert "Öppningarna kom senare än prognosen, mer än slumpen förklarar." in swedish
    assert "{" not in english + swedish
    for chart in charts_of(formats("sv"), tables):
        assert chart.altair().to_dict()["description"] == chart.description
        assert chart.svg().startswith("<svg")


SCENARIO = """
scenario = { name = "small", start = 2022-01-03, replications = 200 }
calendars.days.every_day = true
activities.work.duration = { uniform = [20, 60] }
offices = { a = { target = 2022-02-10 }, b = { target = 2022-02-10 } }
targets.both.by = 2022-02-20
"""


def etablera(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    (folder / "small.toml").write_text(SCENARIO, "utf-8")
    return sim.run(folder / "small.toml", gather=("openings", "targets")).save(folder)


def test_the_command_says_how_good_a_run_was_and_keeps_it(run: Path, tmp_path: Path) -> None:
    actuals = records(tmp_path, "office,opened\na,2022-02-08\nb,\n")
    result = etablera("score", run, actuals, "--as-of", "2022-02-20", "--language", "sv", "--out", tmp_path)
    assert result.exit_code == 0, result.stderr
    assert "Till och med 2022-02-20 hade 1 av 2 kontor öppnat." in result.stdout
    [folder] = tmp_path.glob("score-*")
    names = {path.name for path in folder.iterdir()}
    assert names >= {
        "score.json",
        "score_offices.csv",
        "score_coverage.csv",
        "score_rivals.csv",
        "pit.svg",
        "outcomes.svg",
        "reliability.svg",
        "score.html",
        "verdict.txt",
    }
    page = (folder / "score.html").read_text("utf-8")
    assert all(escape(line) in sub(r"</?span[^>]*>", "", page) for line in (folder / "verdict.txt").read_text("utf-8").splitlines())
    assert '<html lang="sv">' in page
    assert f"<dd>{sim.load(run).id}</dd>" in page
    assert f"<dd>{folder.name.removeprefix('score-')}</dd>" in page
    again = sim.score(run, actuals, as_of=dt.date(2022, 2, 20))
    assert folder.name == f"score-{again.id}"
    assert again["score_offices"]["crps_plan"] == [2.0, 11.0]
    assert again["score_chances"].where(kind="target")["happened"] == [False]


def test_faults_end_with_2_and_write_nothing(run: Path, tmp_path: Path) -> None:
    wrong = etablera("score", run, records(tmp_path, "office,opened\nc,2022-02-08\n"), "--out", tmp_path / "out")
    no_run = etablera("score", tmp_path, records(tmp_path, "office,opened\na,2022-02-08\n"), "--out", tmp_path / "out")
    assert (wrong.exit_code, no_run.exit_code, (tmp_path / "out").exists()) == (2, 2, False)
    assert '"c" is not an office of the run; use one of a, b' in wrong.stderr
    assert "is not a run folder" in no_run.stderr


def test_machines_get_the_tables_and_quiet_says_nothing(run: Path, tmp_path: Path) -> None:
    common = ("score", run, records(tmp_path, "office,opened\na,2022-02-08\nb,\n"), "--as-of", "2022-02-20", "--out", tmp_path / "out")
    found = json.loads(etablera(*common, "--json").stdout)
    assert found["verdict"][0].startswith("Up to 2022-02-20, 1 of 2 offices had opened")
    assert "plan" in {row["rival"] for row in found["score_rivals"]}
    assert Path(found["folder"]).parent == tmp_path / "out"
    quiet = etablera(*common, "--quiet")
    assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (0, "", "")


def test_without_the_report_there_are_tables_and_the_verdict(run: Path, tmp_path: Path) -> None:
    actuals = records(tmp_path, "office,opened\na,2022-02-08\nb,\n")
    assert etablera("score", run, actuals, "--as-of", "2022-02-20", "--out", tmp_path, "--no-report", "-q").exit_code == 0
    [folder] = tmp_path.glob("score-*")
    assert {path.suffix for path in folder.iterdir()} == {".csv", ".json", ".txt"}
