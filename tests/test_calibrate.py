"""Durations from records of past work."""

from __future__ import annotations

import csv
import datetime as dt
import json
import math
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from programmes import plan_of, scenario_of
from typer.testing import CliRunner, Result

import sim
from sim.calibration.families import FAMILIES
from sim.calibration.fitting import fit_activity, without_unfinished
from sim.calibration.goodness import distance, survival
from sim.calibration.groups import fit_groups
from sim.calibration.likelihood import fit
from sim.calibration.piece import POINTS, Setting, common_error
from sim.calibration.piece import piece as write_piece
from sim.calibration.records import read_records
from sim.calibration.spans import Lengths
from sim.cli import app
from sim.errors import InputError
from sim.sampling import Sampler
from sim.scenario.build import in_days
from sim.scenario.schema import Activity, Scenario

EXAMPLE = Path(__file__).parent.parent / "scenarios" / "examples" / "records" / "invented-history.csv"


def cases(law, rng: np.random.Generator, n: int = 60, limit: tuple[int, int] = (5, 90)) -> Lengths:
    """Cases that began on different days of the past, some of them unfinished."""
    limits = rng.integers(*limit, n)
    return Lengths(np.zeros(n, int), np.ones(n, bool), limits).seen(law.quantile(rng.random(n)))


def finished(*days: int) -> Lengths:
    values = np.array(days)
    return Lengths(values, np.ones(len(days), bool), values)


# --- the likelihood ---


def test_the_exponential_estimate_is_all_days_over_the_finished_cases() -> None:
    days = np.array([400, 900, 300, 1200, 700])
    some = Lengths(days, np.array([True, True, True, False, False]), days)
    found = fit(FAMILIES["exponential"], some)
    assert found.law.mean == pytest.approx(3501 / 3, rel=1e-4)  # the two unfinished have lasted half a day more than seen
    assert found.median_error == pytest.approx(1 / math.sqrt(3), rel=1e-3)


@pytest.mark.parametrize(("name", "parameters"), [("lognormal", (2, 0)), ("gamma", (0, 2)), ("weibull", (0, 2))])
def test_the_estimates_are_those_of_scipy(name: str, parameters: tuple[int, int]) -> None:
    from scipy import stats

    some = cases(FAMILIES["gamma"].law(30, 0.5), np.random.default_rng(3))
    low, high = some.bounds
    data = stats.CensoredData(interval=np.stack([low, high], axis=1)[some.finished], right=low[~some.finished])
    theirs = {"lognormal": stats.lognorm, "gamma": stats.gamma, "weibull": stats.weibull_min}[name]
    with np.errstate(divide="ignore"):
        expected = theirs(*theirs.fit(data, floc=0))
    law = fit(FAMILIES[name], some).law
    assert law.quantile([0.1, 0.5, 0.9]) == pytest.approx(expected.ppf([0.1, 0.5, 0.9]), rel=1e-3)


def test_known_parameters_come_back_from_cases_of_which_a_quarter_is_unfinished() -> None:
    """60 cases a time, 40 times. Dropping the unfinished ones makes the work look quicker, by far more than chance."""
    rng, law = np.random.default_rng(11), FAMILIES["lognormal"].law(30, 0.5)
    kept, dropped, widths, errors, unfinished = [], [], [], [], []
    for _ in range(40):
        some = cases(law, rng)
        one = fit(FAMILIES["lognormal"], some)
        kept.append(one.at[0])
        widths.append(one.at[1])
        errors.append(one.median_error)
        dropped.append(fit(FAMILIES["lognormal"], without_unfinished(some)).at[0])
        unfinished.append(1 - some.finished.mean())
    sure = 4 * np.std(kept) / math.sqrt(40)
    assert 0.2 < np.mean(unfinished) < 0.4
    assert np.mean(kept) == pytest.approx(math.log(30), abs=sure)
    assert np.exp(np.mean(widths)) == pytest.approx(0.5, rel=0.06)
    assert np.mean(dropped) < math.log(30) - 2 * sure, "finished cases alone are short"
    assert np.mean(errors) == pytest.approx(np.std(kept), rel=0.3), "the standard error is the spread of the estimates"


def test_a_case_that_began_on_the_last_day_says_nothing() -> None:
    some = finished(10, 20, 30, 40, 50, 60)
    more = Lengths(np.append(some.days, 0), np.append(some.finished, False), np.append(some.limit, 0))
    assert fit(FAMILIES["gamma"], more).at == pytest.approx(fit(FAMILIES["gamma"], some).at, abs=1e-4)


def test_equal_lengths_give_a_narrow_law_and_no_error() -> None:
    found = fit_activity("permit", finished(*[20] * 8), resamples=20)
    assert found is not None
    assert found.overall.quantile([0.01, 0.99]) == pytest.approx([20, 20], abs=1)


# --- goodness of fit ---


def test_kaplan_and_meier_by_hand() -> None:
    days = np.array([2, 4, 4, 5, 7])
    found = survival(Lengths(days, np.array([True, True, False, True, False]), days))
    assert found.days.tolist() == [2, 4, 5]
    assert found.share == pytest.approx([1 - 4 / 5, 1 - 4 / 5 * 3 / 4, 1 - 4 / 5 * 3 / 4 * 1 / 2])


def test_the_distance_is_taken_on_both_sides_of_each_step() -> None:
    law = FAMILIES["exponential"].law(10, 1.0)  # half by 10 days
    expected = max(float(law.cdf(19.5)), 1 - float(law.cdf(20.5)))
    assert distance(finished(20, 20), law) == pytest.approx(expected)


def test_the_right_family_is_found_and_a_wrong_law_is_doubted() -> None:
    rng = np.random.default_rng(5)
    waiting = fit_activity("waiting", cases(FAMILIES["exponential"].law(20, 1.0), rng, 150), resamples=20)
    assert waiting is not None
    assert waiting.best.family.name == "exponential"
    assert waiting.goodness.p > 0.05
    two_kinds = np.concatenate([rng.normal(10, 1, 40), rng.normal(60, 2, 40)])
    mixed = fit_activity("mixed", Lengths(np.zeros(80, int), np.ones(80, bool), np.full(80, 100)).seen(two_kinds), resamples=40)
    assert mixed is not None
    assert mixed.goodness.p < 0.05
    assert sum(mixed.weights) == pytest.approx(1)


def test_too_few_finished_cases_are_not_fitted() -> None:
    assert fit_activity("permit", finished(10, 20, 30, 40)) is None


# --- groups ---


def grouped(
    medians: dict[str, tuple[float, int]], rng: np.random.Generator, limit: tuple[int, int] = (20, 120)
) -> tuple[Lengths, list[str]]:
    names = [name for name, (_, n) in medians.items() for _ in range(n)]
    law = FAMILIES["lognormal"].law(1, 0.4)
    drawn = law.quantile(rng.random(len(names))) * [medians[name][0] for name in names]
    return Lengths(np.zeros(len(names), int), np.ones(len(names), bool), rng.integers(*limit, len(names))).seen(drawn), names


def test_small_groups_are_drawn_towards_the_others_and_large_ones_hardly() -> None:
    some, names = grouped({"a": (15.0, 60), "b": (30.0, 60), "c": (45.0, 60), "d": (80.0, 2)}, np.random.default_rng(2), (200, 300))
    found = fit_groups(FAMILIES["lognormal"], some, names, fit(FAMILIES["lognormal"], some))
    factor = {group.name: group for group in found.groups}
    assert found.tau > 0.3
    assert factor["a"].factor == pytest.approx(factor["a"].alone, rel=0.03)
    assert 1 < factor["d"].factor < factor["d"].alone * 0.97
    assert factor["d"].error > 2.5 * factor["a"].error
    assert found.fit.median * factor["a"].factor == pytest.approx(15, rel=3.5 * factor["a"].error)


def test_groups_that_are_alike_are_one() -> None:
    some, names = grouped({"a": (30.0, 40), "b": (30.0, 40), "c": (30.0, 40)}, np.random.default_rng(3))
    whole = fit(FAMILIES["lognormal"], some)
    found = fit_groups(FAMILIES["lognormal"], some, names, whole)
    assert found.tau == 0
    assert {group.factor for group in found.groups} == {1.0}
    assert found.fit.at == pytest.approx(whole.at, abs=1e-3)


def test_a_group_without_a_finished_case_is_slower_and_not_endless() -> None:
    some, names = grouped({"a": (20.0, 40), "b": (35.0, 40), "c": (20.0, 40)}, np.random.default_rng(6))
    going = Lengths(np.append(some.days, [50, 60]), np.append(some.finished, [False, False]), np.append(some.limit, [50, 60]))
    found = fit_groups(FAMILIES["lognormal"], going, [*names, "d", "d"], fit(FAMILIES["lognormal"], going))
    last = found.groups[-1]
    assert (last.name, last.finished, last.alone) == ("d", 0, None)
    assert 1 < last.factor < 3


def test_the_marginal_likelihood_is_the_integral() -> None:
    from scipy.integrate import quad
    from scipy.stats import norm

    from sim.calibration.groups import _Cases, _log_sum
    from sim.calibration.likelihood import Known, law_at

    family, known = FAMILIES["lognormal"], Known.of(finished(12, 30, 31))
    at = np.array([math.log(20), math.log(0.4), math.log(0.3)])

    def at_effect(b: float) -> float:
        return math.exp(known.log_likelihood(law_at(family, np.add(at, [b, 0, 0])))) * norm.pdf(b, 0, 0.3)

    expected = quad(at_effect, -1.5, 1.5, epsabs=0, epsrel=1e-8)[0]
    [found] = _log_sum(_Cases.of([finished(12, 30, 31)]).log_given(family, at))
    assert found == pytest.approx(math.log(expected), abs=1e-5)


# --- the piece ---


HISTORY = "\n".join(["activity,start,finish", *(f"work,2022-01-03,{dt.date(2022, 1, 3) + dt.timedelta(d)}" for d in range(14, 50, 3))])
BASE = """
scenario = { name = "many", start = 2022-01-03 }
calendars.days.every_day = true
activities.work = { duration = { pert = [10, 20, 30] }, adjustments = [{ when = { size = 1 }, factor = 2 }] }
offices = { OFFICES }
""".replace("OFFICES", ", ".join(f"o{i} = {{ size = {i % 2} }}" for i in range(60)))


@pytest.fixture
def history(tmp_path: Path) -> Path:
    path = tmp_path / "history.csv"
    path.write_text(HISTORY, "utf-8")
    return path


@pytest.fixture
def base(tmp_path: Path) -> Path:
    path = tmp_path / "base.toml"
    path.write_text(BASE, "utf-8")
    return path


def test_a_scenario_takes_the_piece_in(history: Path, base: Path) -> None:
    found = sim.calibrate(history, scenario=base, resamples=20)
    (base.parent / "piece.toml").write_text(found.piece, "utf-8")
    (base.parent / "both.toml").write_text('extends = ["base.toml", "piece.toml"]', "utf-8")
    scenario = sim.load_scenario(base.parent / "both.toml").scenario
    activity = scenario.activities["work"]
    assert activity.duration is not None
    assert in_days(activity.duration, 7).quantile([0.1, 0.9]) == pytest.approx(found.fits[0].overall.quantile([0.1, 0.9]), rel=1e-4)
    assert activity.adjustments == ()
    assert (activity.duration.grade, activity.duration.source) == ("B", "history.csv: 12 cases, 12 finished")
    assert found["fits"]["scenario_median"] == pytest.approx([20.0])


def test_the_error_of_the_estimate_does_not_average_out_over_offices(history: Path, base: Path) -> None:
    """Mean length of 60 offices: alone its variance is that of one over 60; with the error it is that of the common factor."""
    found = sim.calibrate(history, scenario=base, resamples=20, uncertain=True)
    spread = {}
    for name in ("uncertain", "plain"):
        whole = tomllib.loads(BASE)
        piece = tomllib.loads(write_piece(found.fits, replace(found.setting, uncertain=name == "uncertain")))
        whole["activities"]["work"] = piece["activities"]["work"]
        plan = plan_of({**whole, "risks": piece.get("risks", {})})
        draws = Sampler(plan).draw(0, 4000)
        days = draws.duration[:, :, 0] * (draws.risk_factor if plan.risk_members else 1)
        spread[name] = float(np.log(days.mean(axis=1)).std())
    best = found.fits[0].best
    law = best.law
    alone = math.sqrt(law.variance / 60) / law.mean
    assert spread["plain"] == pytest.approx(alone, rel=0.06)
    assert spread["uncertain"] == pytest.approx(math.hypot(common_error(best), alone), rel=0.06)
    assert common_error(best) > 2 * alone


def test_the_three_widths_are_those_of_a_normal_number() -> None:
    points, weights = np.array(POINTS).T
    assert weights.sum() == pytest.approx(1, abs=1e-15)
    assert [weights @ points**k for k in (1, 2, 3, 4)] == pytest.approx([0, 1, 0, 3], abs=2e-3)


def test_groups_become_what_the_language_has_for_them() -> None:
    whole: dict = {
        "activities": {"work": {"duration": 10}},
        "office_types": {"small": {}, "large": {}},
        "offices": {"a": {"type": "small", "county": "X", "round": 1}, "b": {"type": "large", "county": "Y", "round": 2}},
    }
    for by, values, place in (("type", ("small", "large"), "by_type"), ("round", ("1", "2"), "by_round"), ("county", ("X", "Y"), "")):
        activity = _grouped_piece(scenario_of(whole), by, values)
        if place:
            first, second = (in_days(getattr(activity, place)[value], 5).median for value in values)
        else:
            first, second = (a.factor for a in activity.adjustments)
            assert [a.when for a in activity.adjustments] == [{by: (value,)} for value in values]
        assert second > 1.5 * first


def _grouped_piece(scenario: Scenario, by: str, values: tuple[str, str]) -> Activity:
    some, names = grouped({values[0]: (15.0, 12), values[1]: (40.0, 12)}, np.random.default_rng(8))
    found = fit_activity("work", some, names, ("lognormal",), 20)
    assert found is not None
    text = write_piece([found], Setting("x.csv", {"work": "week"}, by, True, "B", scenario))
    tables = tomllib.loads(text)
    assert [risk["offices"][by] for risk in tables["risks"].values()] == [int(v) if v.isdecimal() else v for v in sorted(values)]
    raw = scenario.model_dump(by_alias=True, exclude_unset=True)
    raw["activities"] = {"work": {"calendar": "week", **tables["activities"]["work"]}}
    return Scenario.model_validate({**raw, "risks": tables["risks"]}).activities["work"]


# --- the records ---


def records(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "records.csv"
    path.write_text(text, "utf-8")
    return path


def test_all_faults_of_the_records_are_told_at_once(tmp_path: Path) -> None:
    text = (
        "activity;start;finish;as_of\nwork;2022-01-10;2022-01-03;\nwork;3/1 2022;;2022-05-01\n;2022-01-03;2022-02-01;\n"
        "work;;2022-02-01;\nwork;2022-01-03;2022-06-01;2022-05-01\nwork;2022-06-03;;2022-05-01\nwork;2022-01-04;;\nwork;44564;44570,5;\n"
        "work;1822-01-04;;2022-05-01\nwork;;;\n"
    )
    with pytest.raises(InputError) as caught:
        read_records(records(tmp_path, text))
    found = {(fault.line, fault.message.split(";")[0]) for fault in caught.value.faults}
    assert found == {
        (2, "finish: 2022-01-03 is before the start, 2022-01-10"),
        (3, 'start: "3/1 2022" is not a date'),
        (4, "the row names no activity"),
        (5, "the row has a finish and no start"),
        (6, "finish: 2022-06-01 is after 2022-05-01, the day on which the records were taken"),
        (7, "start: 2022-06-03 is after 2022-05-01, the day on which the records were taken"),
        (8, "the row is unfinished, and nothing says on which day"),
        (9, 'finish: "44570,5" is not a date but a moment of a day'),
        (10, "start: 1822-01-04 is not between 1900-01-01 and 2200-01-01"),
    }


def test_a_status_file_and_excel_days_will_do(tmp_path: Path) -> None:
    text = "office,activity,started,finished,County\na,work,44564,2022-01-10,Skåne\nb,work,2022-01-04,,Skåne\nc,work,,,\n"
    found = read_records(records(tmp_path, text), dt.date(2022, 2, 1))
    assert [(case.start, case.finish, case.as_of) for case in found.cases] == [
        (dt.date(2022, 1, 3), dt.date(2022, 1, 10), dt.date(2022, 2, 1)),
        (dt.date(2022, 1, 4), None, dt.date(2022, 2, 1)),
    ]
    assert found.cases[0].attributes == {"office": "a", "county": "Skåne"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; the first row names the columns"),
        ("activity,begin,finish\n", "must name a column start"),
        ("activity,start,finish,start\n", 'the column "start" stands twice'),
        ("activity,start,finish\n", "holds no case"),
        ("activity,start,finish\nwork,2022-01-03,2022-01-10,x\n", "more cells than columns"),
    ],
)
def test_a_table_that_is_none_is_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_records(records(tmp_path, text))


# --- the command ---


def etablera(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_command_writes_the_piece_the_tables_and_a_picture(tmp_path: Path) -> None:
    result = etablera("calibrate", EXAMPLE, "--as-of", "2022-06-01", "--resamples", 20, "--language", "sv", "--out", tmp_path)
    assert result.exit_code == 0, result.stderr
    assert "bygglov_decision    60" in result.stdout
    assert "utan de fall som pågår hade medianen blivit" in result.stdout
    [folder] = (tmp_path / "invented-history").iterdir()
    assert str(folder) in result.stdout
    names = {path.name for path in folder.iterdir()}
    assert names >= {
        "calibrated.toml",
        "calibrate.json",
        "fits.csv",
        "families.csv",
        "groups.csv",
        "survival.csv",
        "fit_bygglov_decision.svg",
    }
    assert "Andel avslutade" in (folder / "fit_bygglov_decision.svg").read_text("utf-8")
    assert set(tomllib.loads((folder / "calibrated.toml").read_text("utf-8"))["activities"]) >= {"bygglov_decision", "premises_search"}


def test_the_same_records_have_the_same_address(history: Path, tmp_path: Path) -> None:
    one, other = (sim.calibrate(history, resamples=20) for _ in range(2))
    assert (one.id, one.piece) == (other.id, other.piece)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--as-of", "1 June"], '--as-of: "1 June" is not a date'),
        (["--by", "county"], 'the records have no column "county"'),
        (["--calendar", "lunar"], '"lunar" is neither every-day nor weekdays nor a country'),
        (["--calendar", "ZZ"], "ZZ"),
        (["--scenario", "BASE", "--calendar", "SE"], "give --calendar or --scenario, not both"),
    ],
)
def test_options_at_fault_end_with_2_and_write_nothing(history: Path, base: Path, tmp_path: Path, options: list[str], message: str) -> None:
    given = [str(base) if option == "BASE" else option for option in options]
    result = etablera("calibrate", history, *given, "--out", tmp_path / "out")
    assert (result.exit_code, (tmp_path / "out").exists()) == (2, False)
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_an_activity_that_the_scenario_has_not_is_told_with_its_line(tmp_path: Path, base: Path) -> None:
    result = etablera(
        "calibrate", records(tmp_path, HISTORY + "\nwrok,2022-01-03,2022-02-01\n"), "--scenario", base, "--out", tmp_path / "out"
    )
    assert result.exit_code == 2
    assert 'did you mean "work"?' in result.stderr
    assert "line 14" in result.stderr


def test_machines_get_the_same_as_people_and_the_piece_goes_where_it_is_wanted(history: Path, tmp_path: Path) -> None:
    piece = tmp_path / "calibrated.toml"
    common = ("calibrate", history, "--resamples", 20, "--toml", piece, "--out", tmp_path)
    found = json.loads(etablera(*common, "--json").stdout)
    assert (Path(found["folder"]) / "calibrated.toml").read_text("utf-8") == piece.read_text("utf-8")
    with (Path(found["folder"]) / "fits.csv").open(encoding="utf-8") as file:
        assert [row["activity"] for row in found["fits"]] == [row["activity"] for row in csv.DictReader(file)]
    quiet = etablera(*common, "--quiet")
    assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (0, "", "")
