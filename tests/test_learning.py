"""What a status teaches about what is still to come: closed forms, direction of effect, and what must not change.

Day 0 is Monday 3 January 2022; calendar ``days`` counts every day. Lengths are lognormal, so that scores are normal numbers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from programmes import Tables, plan_of, run_plan
from random_programmes import facts_until
from scipy.stats import norm, truncnorm
from test_status import day, fact, on, work
from typer.testing import CliRunner

from sim.analysis.learning import lessons
from sim.cli import app
from sim.engine import process
from sim.errors import InputError
from sim.plan import Plan
from sim.results.learning import learn as learn_from
from sim.sampling import Sampler
from sim.sampling.propagation import Scores, _inside
from sim.sampling.sampler import learn
from sim.scenario import load_scenario

MEDIAN, SIGMA = 400.0, 0.5
"""So long that rounding to whole days hardly matters."""

LAW = {"lognormal": {"median": MEDIAN, "sigma": SIGMA}}
OFFICES: Tables = {f"o{i}": {} for i in range(6)}


def programme(correlation: Tables, **more: Any) -> Tables:
    """Six offices with one activity."""
    return {"offices": OFFICES, "activities": {"permit": work(LAW)}, "correlation": correlation, **more}


def plan_with(lengths: list[int], correlation: Tables, going: int = 0, learning: bool = True, **more: Any) -> Plan:
    """A plan whose first offices took some days, and the next of which some still go on after 1300."""
    done = [fact("permit", 1300 - days, 1300, f"o{i}") for i, days in enumerate(lengths)]
    under_way = [fact("permit", 0, office=f"o{i}") for i in range(len(lengths), len(lengths) + going)]
    return plan_of(on(1300, done + under_way, programme(correlation, **more), learn=learning))


def scores(lengths: list[int]) -> Any:
    """Normal scores of lengths."""
    return np.log(np.array(lengths) / MEDIAN) / SIGMA


def test_one_shared_factor_is_the_conjugate_normal() -> None:
    """Mean of the factor √c·Σz/(1-c) / (1 + n·c/(1-c)), variance 1 / (1 + n·c/(1-c))."""
    lengths, c = [640, 840, 360, 1200], 0.4
    found = learn(plan_with(lengths, {"activity": c}))
    precision = 1 + len(lengths) * c / (1 - c)
    assert found.mean == pytest.approx([np.sqrt(c) * scores(lengths).sum() / (1 - c) / precision], abs=2e-3)
    assert found.covariance == pytest.approx(np.array([[1 / precision]]), abs=1e-3)


def test_several_layers_are_conditioned_as_one_normal_vector() -> None:
    """The factors given z = A·F + own: cov(F, z) · cov(z)⁻¹ · z."""
    lengths, shares = [640, 840, 280], {"programme": 0.2, "county": 0.3, "activity": 0.1}
    offices = {f"o{i}": {"county": "north" if i < 2 else "south"} for i in range(4)}
    plan = plan_with(lengths, shares, offices=offices)
    found = learn(plan)
    load = np.zeros((3, len(plan.factor_names)))
    for layer in plan.layers:
        for i in range(3):
            load[i, layer.factor[i, 0]] += np.sqrt(layer.share)
    together = load @ load.T + np.diag(1 - (load**2).sum(axis=1))
    assert found.mean == pytest.approx(load.T @ np.linalg.solve(together, scores(lengths)), abs=2e-3)
    assert found.covariance == pytest.approx(np.eye(load.shape[1]) - load.T @ np.linalg.solve(together, load), abs=2e-3)


def test_one_that_still_goes_on_teaches_as_the_integral_has_it() -> None:
    """One office has not finished after 1300 days: p(f) ∝ φ(f)·P(√c·f + √(1-c)·ε > z)."""
    c, z = 0.4, float(scores([1300])[0])
    f = np.linspace(-8, 8, 20_001)
    density = norm.pdf(f) * norm.sf((z - np.sqrt(c) * f) / np.sqrt(1 - c))
    mean = (f * density).sum() / density.sum()
    found = learn(plan_with([], {"activity": c}, going=1))
    assert found.mean == pytest.approx([mean], abs=2e-3)
    assert found.covariance[0, 0] == pytest.approx(((f - mean) ** 2 * density).sum() / density.sum(), abs=2e-3)


@pytest.mark.parametrize(("low", "high"), [(0.5, 2.0), (9.0, 9.5), (-9.5, -9.0), (12.0, 13.0)])
@pytest.mark.parametrize("centre", [0.0, -9.5])
def test_a_normal_number_within_bounds_has_the_moments_that_scipy_gives(low: float, high: float, centre: float) -> None:
    """Far out too, where one less the chance has no digits left; bounds so far out that their chance is 0 change nothing."""
    none = np.zeros(1)
    bounds = Scores(load=np.zeros((1, 1)), own=none, low=np.array([[low, 29.0]]), high=np.array([[high, 29.5]]), weight=np.ones((1, 2)))
    share, mean, variance = _inside(bounds, none + centre, none + 1)
    a, b = low - centre, high - centre
    assert share[0] == pytest.approx(norm.sf(a) - norm.sf(b) if a > 0 else norm.cdf(b) - norm.cdf(a), rel=1e-9)
    assert mean[0] == pytest.approx(centre + truncnorm(a, b).mean(), rel=1e-6)
    assert variance[0] == pytest.approx(truncnorm(a, b).var(), rel=1e-2)


def test_an_unknown_risk_weighs_as_it_is_likely() -> None:
    """It took twice the median: either the risk (half of all offices, factor 2) struck, or the draw was long."""
    risk = {"r": {"probability": 0.5, "scope": "office", "activities": ["permit"], "factor": 2.0}}
    c, z = 0.5, float(scores([800])[0])
    f = np.linspace(-8, 8, 20_001)
    both = sum(norm.pdf(at, np.sqrt(c) * f, np.sqrt(1 - c)) for at in (z, 0.0))
    density = norm.pdf(f) * both
    found = learn(plan_with([800], {"activity": c}, risks=risk))
    assert found.mean == pytest.approx([(f * density).sum() / density.sum()], abs=0.05)  # 512 futures tell how likely the risk is


def fresh(plan: Plan, replications: int = 4000) -> Any:
    """Lengths drawn for the last office, of which nothing is known."""
    return Sampler(plan).draw(0, replications).duration[:, -1, 0].astype(float)


def test_the_forecast_of_the_others_is_the_conditional_distribution() -> None:
    lengths, c = [640, 840, 360, 1200], 0.4
    plan = plan_with(lengths, {"activity": c})
    precision = 1 + len(lengths) * c / (1 - c)
    mean = c * scores(lengths).sum() / (1 - c) / precision
    sd = np.sqrt(c / precision + 1 - c)
    drawn = np.log(fresh(plan) / MEDIAN) / SIGMA
    assert drawn.mean() == pytest.approx(mean, abs=4 * sd / np.sqrt(4000))
    assert drawn.std() == pytest.approx(sd, rel=0.05)
    (lesson,) = lessons(plan, learn(plan))
    assert (lesson.mean, lesson.sd) == pytest.approx((mean, sd), abs=2e-3)


def test_what_is_learnt_from_a_future_of_the_scenario_itself_is_as_sure_as_it_says() -> None:
    """Facts of futures whose common factors are known: these lie about the learnt means as the learnt spreads say."""
    steps = {"permit": work({"lognormal": {"p10": 20, "p90": 90}}), "works": work({"triangular": [10, 30, 90]}, "permit", probability=0.8)}
    offices = {f"o{i}": {"county": "north" if i < 3 else "south"} for i in range(6)}
    tables = {"offices": offices, "activities": steps, "correlation": {"county": 0.2, "activity": 0.3}}
    free = plan_of(tables | {"scenario": {"calendar": "days"}})
    draws = Sampler(free).draw(0, 30)
    timeline = process.simulate(free, draws)
    off = []
    for future in range(draws.replications):
        rows = facts_until(free, timeline, 70, replication=future)
        found = learn(plan_of(on(70, rows, tables, learn=True)))
        off.append(np.linalg.solve(found.root, draws.factors[future] - found.mean))
    assert np.mean(off) == pytest.approx(0, abs=4 / np.sqrt(np.size(off)))
    assert np.mean(np.square(off)) == pytest.approx(1, abs=4 * np.sqrt(2 / np.size(off)))


def test_late_ones_make_the_others_later_and_quick_ones_earlier_the_more_the_more_there_are() -> None:
    medians = [float(np.median(fresh(plan_with(lengths, {"activity": 0.3})))) for lengths in ([800] * 4, [800], [400], [200], [200] * 4)]
    assert medians == sorted(medians, reverse=True)
    assert medians[0] > 1.15 * MEDIAN > 0.95 * MEDIAN > medians[-1]


def test_work_under_way_is_drawn_beside_what_is_learnt() -> None:
    """Together with the factor, whose density they have part in, the office that goes on is the conditional distribution."""
    c, z = 0.4, float(scores([1300])[0])
    drawn = Sampler(plan_with([], {"activity": c}, going=1)).draw(0, 20_000).duration[:, 0, 0].astype(float)
    assert drawn.min() > 1300
    level = np.log(drawn / MEDIAN) / SIGMA
    assert level.mean() == pytest.approx(norm.pdf(z) / norm.sf(z), abs=0.02)


def test_without_the_switch_without_facts_or_without_shares_nothing_changes() -> None:
    lengths, c = [640, 840], {"activity": 0.4}
    plain = Sampler(plan_with(lengths, c, learning=False)).draw(0, 50)
    assert Sampler(plan_with(lengths, c)).draw(0, 50).differences(plain) != []
    for other in ({"scenario": {"calendar": "days", "learn": True}}, {"scenario": {"calendar": "days"}}):
        found = Sampler(plan_of(programme(c) | other)).draw(0, 50)
        assert np.array_equal(found.duration[:, 2:], plain.duration[:, 2:])
    alone = Sampler(plan_with(lengths, {})).draw(0, 50)
    assert alone.differences(Sampler(plan_with(lengths, {}, learning=False)).draw(0, 50)) == []


def test_both_engines_agree_and_opened_alone_teaches_nothing() -> None:
    plan = plan_with([640, 840], {"activity": 0.4, "programme": 0.1}, going=2, scenario={"calendar": "days", "horizon": day(20_000)})
    run_plan(plan, Sampler(plan).draw(0, 20))
    opened = plan_of(on(1300, [{"office": "o0", "opened": day(10)}], programme({"activity": 0.4}), learn=True))
    assert learn(opened).used == ()


# --- from the command line ---------------------------------------------------------------------------------------------------------

SCENARIO = """
[scenario]
name = "Permits"
start = 2022-01-03
status_date = 2022-12-01
status_file = "status.csv"
calendar = "week"
replications = 200
[calendars.week]
country = "SE"
[office_types.small]
[office_types.large]
[offices]
a = { type = "small" }
b = { type = "large" }
c = { type = "small" }
d = { type = "large" }
[correlation]
activity = 0.3
[activities.drawings]
duration = { triangular = [10, 20, 40] }
[activities.permit]
after = ["drawings"]
duration = { lognormal = { p10 = 4, p90 = 12 }, unit = "weeks" }
by_type.large = { lognormal = { p10 = 6, p90 = 16 } }
[activities.works]
after = ["permit"]
duration = { exponential = { mean = 60 } }
"""

STATUS = """office,activity,started,finished
a,drawings,2022-01-03,2022-02-01
a,permit,2022-02-01,2022-07-01
b,drawings,2022-01-03,2022-02-10
b,permit,2022-02-10,2022-10-03
c,drawings,2022-01-03,2022-01-31
c,permit,2022-02-01,
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "permits.toml").write_text(SCENARIO)
    (tmp_path / "status.csv").write_text(STATUS)
    return tmp_path / "permits.toml"


def test_the_command_shows_before_and_after_and_writes_piece_and_picture(file: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["learn", str(file), "--out", str(tmp_path / "out"), "--toml", str(tmp_path / "piece.toml")])
    assert done.exit_code == 0, done.output
    permit = next(line for line in done.output.splitlines() if line.startswith("permit"))
    assert permit.split()[1:4] == ["2", "+", "1"]
    (folder,) = (tmp_path / "out" / "permits").iterdir()
    assert {path.name for path in folder.iterdir()} == {"learn.json", "lessons.csv", "factors.csv", "learnt.toml", "learnt.svg"}
    assert (tmp_path / "piece.toml").read_text() == (folder / "learnt.toml").read_text()


def test_the_piece_is_the_scenario_after(file: Path, tmp_path: Path) -> None:
    found = learn_from(file)
    (tmp_path / "learnt.toml").write_text(found.piece)
    (tmp_path / "next.toml").write_text('extends = ["permits.toml", "learnt.toml"]\n[scenario]\nname = "Next round"\n')
    after = load_scenario(tmp_path / "next.toml").scenario
    row = next(row for row in found["lessons"].rows() if row["activity"] == "permit")
    law = after.activities["permit"].duration
    assert law is not None
    assert law.unit == "days"
    assert law.lognormal is not None
    assert law.lognormal.median == pytest.approx(row["posterior_p50"], rel=1e-4)
    assert row["posterior_p50"] > 1.2 * row["prior_p50"]
    large = after.activities["permit"].by_type["large"]
    assert large.lognormal is not None
    power = np.log(16 / 6) / np.log(12 / 4)  # the same score moves a narrower law less
    assert large.lognormal.median == pytest.approx(row["factor"] ** power * 5 * np.sqrt(6 * 16), rel=1e-3)
    assert after.activities["drawings"].duration.quantiles is not None  # type: ignore[union-attr]
    assert after.activities["works"].duration.exponential is not None  # type: ignore[union-attr]
    assert not after.scenario.learn
    assert "2 finished, 1 under way, finished ones took" in found.piece


def test_json_has_the_tables(file: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["learn", str(file), "--out", str(tmp_path / "out"), "--json"])
    found = json.loads(done.output)
    assert [row["activity"] for row in found["lessons"]] == ["drawings", "permit", "works"]
    assert [row["factor"] for row in found["factors"]] == ["activity:drawings", "activity:permit", "activity:works"]


def test_nothing_to_learn_from_is_told() -> None:
    with pytest.raises(InputError) as told:
        learn_from("scenarios/examples/two-machine-workshop.toml")
    assert [fault.path for fault in told.value.faults] == ["scenario.status", "correlation"]
