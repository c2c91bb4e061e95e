"""Frames, loans, forecasts, joint confidence, reserves and the cost of delay."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import cast

import numpy as np
import pytest
from costing import KRONA, Money, rows, scenario
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from test_costs import SPAN, rich

from sim.costs import (
    CostTally,
    DelayTally,
    JointSample,
    budgets,
    contingency,
    cost_by_month,
    cost_by_year,
    cost_of_delay,
    debt_by_month,
    forecast,
    frontier,
    futures_near,
    joint,
    joint_probability,
    joint_sample,
    pair_with_plan,
    tertials,
    uplift,
    whole_futures,
    wilson,
)
from sim.costs.delay import PAIRED
from sim.costs.histogram import count_rows, empty_histograms, find_quantiles, merge_histograms, room_for
from sim.costs.intervals import quantile_ranks
from sim.costs.joint import both_hold, frontier_of, rank_value, section_errors, split_reserve
from sim.costs.model import CostPlan
from sim.engine.process import simulate
from sim.timeline import Timeline

TWO_DATES = {"work": {"duration": {"discrete": {"values": [10, 400], "weights": [0.75, 0.25]}}}}


@pytest.fixture(scope="module")
def money() -> Money:
    return rich(1)


@pytest.fixture(scope="module")
def tally(money: Money) -> CostTally:
    return money.tally()


def late(money: Money) -> np.ndarray:
    return money.timeline.opening(money.plan)[:, 0] > 365


# --- histograms that grow ---

values = hnp.arrays(np.int64, st.tuples(st.integers(1, 60), st.just(2)), elements=st.integers(-(2**50), 2**50) | st.integers(-5, 5))


def counted(blocks: list[np.ndarray], bins: int = 16) -> tuple[np.ndarray, ...]:
    histograms = empty_histograms(2, bins)
    for block in blocks:
        count_rows(histograms, block, 0, 2, np.empty(bins, np.int32), np.empty((3, 2), np.int64))
    return histograms


@given(values=values, cut=st.integers(1, 59))
def test_a_histogram_depends_on_its_values_alone(values: np.ndarray, cut: int) -> None:
    whole = counted([values])
    for blocks in ([values[::-1].copy()], [part for part in (values[:cut], values[cut:]) if len(part)]):
        assert all(np.array_equal(a, b) for a, b in zip(counted(blocks), whole, strict=True))
    merged = empty_histograms(2, 16)
    for block in (values[cut:], values[:cut]):
        if len(block):
            merge_histograms(merged, counted([block]), np.empty(16, np.int32))
    assert all(np.array_equal(a, b) for a, b in zip(merged, whole, strict=True))
    assert [int(h) * 2**32 + int(part) for h, part in zip(whole.high, whole.low, strict=True)] == [sum(map(int, c)) for c in values.T]


@given(values=values)
def test_a_quantile_is_off_by_less_than_a_bin(values: np.ndarray) -> None:
    ranks = np.arange(1, len(values) + 1)
    found = np.empty((2, len(values)))
    histograms = counted([values])
    find_quantiles(histograms, ranks, found)
    for column, sought, shift in zip(values.T, found, histograms.shift, strict=True):
        assert np.abs(np.sort(column) - sought).max() <= 2.0**shift - 1
        span = int(column.max()) - int(column.min())
        assert 2**shift == 1 or 2 ** int(shift) <= 2 * span / (16 - 2)


# --- frames ---


def test_a_cost_frame_is_exceeded_as_often_as_the_cost_falls_in_its_year() -> None:
    frames = {"b": {"years": {"2021": 60, "2022": 100}}}
    money = Money(scenario({"a": {"at": "work.finish", "amount": 100}}, activities=TWO_DATES, budgets=frames), 200)
    early = 200 - int(late(money).sum())
    table = budgets(money.tally())
    [first], [second] = rows(table, year=2021), rows(table, year=2022)
    assert (first["budget"], first["kind"], first["frame"]) == ("b", "cost", 60)
    assert first["probability_over"] == early / 200
    assert (first["low"], first["high"]) == wilson(early, 200)
    assert first["expected_excess"] == pytest.approx(40 * early / 200, abs=0.005)
    assert first["mean_left"] == pytest.approx(60 * (1 - early / 200), abs=0.01)
    assert second["probability_over"] == 0
    assert second["mean_left"] == pytest.approx(100 * early / 200, abs=0.01)


def loan(kind: str, **more: object) -> CostTally:
    """1 200 kronor on 11 January 2021, written off in 24 months from February; 600 straight from the appropriation in the same month."""
    costs = {
        "it": {"at": "work.finish", "amount": 1200, "financing": "loan", "depreciation_years": 2},
        "wages": {"at": "work.finish", "amount": 600},
    }
    years = {str(year): 1000.0 for year in range(2021, 2025)}
    return Money(scenario(costs, budgets={"b": {"kind": kind, "years": years, **more}})).tally()


def test_a_loan_is_written_off_by_months() -> None:
    """50 a month: 11 months of 2021, 12 of 2022, 1 of 2023."""
    tally = loan("loan")
    assert [row["mean"] for row in rows(budgets(tally))] == [650, 50, 0, 0]
    months = cast("list[float]", debt_by_month(tally)["mean"])
    assert months[:3] == [1200, 1150, 1100]
    assert months[23:26] == [50, 0, 0]


def test_what_is_written_off_so_far_is_rounded_down_to_ore() -> None:
    """1 krona over three months: 100, 67, 34 and 0 öre are owed."""
    costs = {"a": {"at": "work.finish", "amount": 1, "financing": "loan", "depreciation_years": 0.25}}
    months = cast("list[float]", debt_by_month(Money(scenario(costs)).tally())["mean"])
    assert months[:5] == [1, 0.67, 0.34, 0, 0]


def test_an_appropriation_pays_as_it_arises_then_depreciation_and_interest() -> None:
    """Interest of 1 % a month on the debt at its beginning: 12, 11.50, …, 0.50; first 11 of them in 2021."""
    assert [row["mean"] for row in rows(budgets(loan("appropriation")))] == [600 + 550, 600, 50, 0]
    interest = [0.01 * (1200 - 50 * month) for month in range(24)]
    with_interest = [row["mean"] for row in rows(budgets(loan("appropriation", interest=0.12)))]
    assert with_interest == pytest.approx([1150 + sum(interest[:11]), 600 + sum(interest[11:23]), 50 + interest[23], 0], abs=0.001)
    assert [row["mean"] for row in rows(budgets(loan("cost")))] == [1800, 0, 0, 0]


def test_a_frame_counts_its_items_and_offices_alone(money: Money) -> None:
    block = money.accrue()
    spec = money.plan.scenario
    some = {"some": {"years": {"2022": 0}, "items": ["rent", "wages"], "offices": {"id": ["boden", "lund"]}}}
    other = Money(spec.model_validate(spec.model_dump(by_alias=True, exclude_unset=True) | {"budgets": some}), 60)
    alone = Money(
        spec.model_validate(
            spec.model_dump(by_alias=True, exclude_unset=True)
            | {"budgets": some, "costs": {id_: spec.costs[id_].model_dump(by_alias=True, exclude_unset=True) for id_ in ("rent", "wages")}}
        ),
        60,
    )
    both = alone.accrue().office[:, 1:3, 8:20].sum(axis=(1, 2))
    assert np.array_equal(other.accrue().budget[:, 0], both)
    assert block.budget.shape == (60, 2 + 1 + 2 + money.costs.grid.months)


# --- tables ---


def test_tables_have_the_columns_of_the_design(tally: CostTally) -> None:
    statistics = ["plan", "mean", "p10", "p50", "p80", "p90"]
    cumulative = ["cumulative_" + name for name in statistics]
    keys = ["period", "group", "item", "financing"]
    errors = ["mean_se", *(f"{p}_{end}" for p in statistics[2:] for end in ("low", "high"))]
    of_months = ["mean_se", "p50_low", "p50_high", "p80_low", "p80_high"]
    assert list(cost_by_month(tally)) == [*keys, *statistics, *cumulative, *of_months, *("cumulative_" + name for name in of_months)]
    assert list(cost_by_year(tally)) == [*keys, "prices", *statistics, *cumulative, *errors, *("cumulative_" + name for name in errors)]
    assert list(tertials(tally)) == [*keys, *statistics, *errors]
    for table in (cost_by_month(tally), cost_by_year(tally), tertials(tally), forecast(tally), budgets(tally), debt_by_month(tally)):
        assert len({len(column) for column in table.values()}) == 1


def test_means_and_quantiles_agree_with_all_futures(money: Money, tally: CostTally) -> None:
    total = money.accrue().total / KRONA
    [last] = rows(cost_by_month(tally), group="programme", item="", financing="", period=money.costs.grid.month_names[-1])
    assert last["cumulative_mean"] == pytest.approx(total.mean(), abs=0.01)
    for name, level in (("p10", 0.1), ("p50", 0.5), ("p80", 0.8), ("p90", 0.9)):
        exact = np.sort(total)[int(np.ceil(level * 60)) - 1]
        assert last["cumulative_" + name] == pytest.approx(exact, abs=np.ptp(total) * 2 / 256)


def test_errors_agree_with_all_futures(money: Money, tally: CostTally) -> None:
    total = np.sort(money.accrue().total / KRONA)
    [last] = rows(cost_by_month(tally), group="programme", item="", financing="", period=money.costs.grid.month_names[-1])
    assert last["cumulative_mean_se"] == pytest.approx(total.std(ddof=1) / len(total) ** 0.5, rel=0.02)
    off = np.ptp(total) * 2 / 256
    low, high = quantile_ranks(len(total), 0.5)
    assert low is not None
    assert high is not None
    assert last["cumulative_p50_low"] == pytest.approx(total[low - 1], abs=off)
    assert last["cumulative_p50_high"] == pytest.approx(total[high - 1], abs=off)
    [year] = rows(cost_by_year(tally), group="programme", item="", financing="", period=2021, prices="current")
    assert cast("float", year["p80_low"]) <= cast("float", year["p80"]) <= cast("float", year["p80_high"])


def test_months_make_years_in_the_means(tally: CostTally) -> None:
    months, years = cost_by_month(tally), cost_by_year(tally)
    for group in ("programme", "round:2", "type:small", "office:osby"):
        by_month = [row for row in rows(months, group=group, item="", financing="") if cast("str", row["period"]).startswith("2022")]
        [year] = rows(years, group=group, item="", financing="", period=2022, prices="current")
        assert sum(cast("float", row["mean"]) for row in by_month) == pytest.approx(cast("float", year["mean"]), abs=0.1)


def test_no_noise_digits(tally: CostTally) -> None:
    for table in (cost_by_month(tally), budgets(tally)):
        for name in ("mean", "p50"):
            assert all(round(cast("float", value), 2) == value for value in table[name])


def test_an_empty_tally_says_nothing(money: Money) -> None:
    with pytest.raises(ValueError, match="empty"):
        cost_by_year(CostTally(money.costs))


# --- the forecast ---


def test_the_forecast_splits_the_year_at_the_status_day() -> None:
    """365 000 a year over 2021, status 22 September: 264 days known; the plan is the same."""
    spec = scenario(
        {"a": {"over": SPAN, "amount": 365_000}, "b": {"at": "other.finish", "amount": 50}},
        activities={"other": {"duration": {"fixed": 264}}, "work": {"duration": {"fixed": 365}, "after": []}},
        info={"status_date": "2021-09-22"},
    )
    table = forecast(Money(spec).tally())
    parts = {row["part"]: (row["mean"], row["plan"], row["deviation"]) for row in rows(table, group="programme", item="", financing="")}
    assert parts == {"outcome": (264_000, 264_000, 0), "rest": (101_050, 101_050, 0), "year": (365_050, 365_050, 0)}
    assert {row["tertial"] for row in rows(table)} == {3}
    by_tertial = rows(tertials(Money(spec).tally()), group="programme", item="a")
    assert [row["mean"] for row in by_tertial[:3]] == [120_000, 123_000, 122_000]
    assert [row["period"] for row in by_tertial[:3]] == ["2021 T1", "2021 T2", "2021 T3"]


def test_the_status_year_may_be_a_later_one_and_the_first_tertial_short() -> None:
    """From April 2020 to the end of 2021, 1 000 a day; status 22 September 2021."""
    spec = scenario(
        {"a": {"over": SPAN, "amount": 640_000}},
        activities={"work": {"duration": {"fixed": 640}}},
        start="2020-04-01",
        info={"status_date": "2021-09-22"},
    )
    tally = Money(spec).tally()
    parts = {row["part"]: row["mean"] for row in rows(forecast(tally), group="programme", item="", financing="")}
    assert parts == {"outcome": 264_000, "rest": 101_000, "year": 365_000}
    by_tertial = rows(tertials(tally), group="programme", item="a")
    assert [row["period"] for row in by_tertial[:2]] == ["2020 T1", "2020 T2"]
    assert [row["mean"] for row in by_tertial[:6]] == [30_000, 123_000, 122_000, 120_000, 123_000, 122_000]


def test_without_a_status_date_there_is_no_forecast() -> None:
    assert rows(forecast(Money(scenario({"a": {"over": SPAN, "amount": 1}})).tally())) == []


# --- cost and date together ---


def gaussian(correlation: float, n: int = 200_000) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(5)
    z = generator.standard_normal((2, n))
    cost = z[0]
    day = correlation * z[0] + np.sqrt(1 - correlation**2) * z[1]
    return (1e6 * (10 + cost)).astype(np.int64), (100 * (10 + day)).astype(np.int64)


@pytest.mark.parametrize(("correlation", "both"), [(0.5, 1 / 3), (0.0, 1 / 4), (-0.5, 1 / 6)])
def test_both_medians_of_a_gaussian_pair(correlation: float, both: float) -> None:
    cost, day = gaussian(correlation)
    found = joint_probability(cost, day, rank_value(cost, 0.5), rank_value(day, 0.5))
    assert found == pytest.approx(both, abs=0.005)


def test_a_frontier_falls_and_holds_with_its_confidence() -> None:
    cost, day = gaussian(0.5, 5000)
    pairs = frontier_of(cost, day, 0.7)
    assert len(pairs) > 5
    assert all(a[0] < b[0] and a[1] > b[1] for a, b in pairwise(pairs))
    for last, most in pairs:
        assert joint_probability(cost, day, most, last) >= 0.7
        assert joint_probability(cost, day, most - 1, last) < 0.7


def test_reserves_that_hold_together_are_the_least() -> None:
    cost, day = gaussian(0.5, 4000)
    level, last, most = both_hold(cost, day, 0.8)
    assert joint_probability(cost, day, most, last) >= 0.8
    assert 0.8 < level < 0.9
    shorter = rank_value(day, level - 1 / 4000), rank_value(cost, level - 1 / 4000)
    assert joint_probability(cost, day, shorter[1], shorter[0]) < 0.8


@given(
    pairs=hnp.arrays(np.int64, st.tuples(st.integers(1, 30), st.just(2)), elements=st.integers(0, 12)),
    confidence=st.sampled_from((0.1, 0.5, 0.7, 0.8, 0.95)),
)
def test_the_least_level_is_the_first_that_holds_of_all(pairs: np.ndarray, confidence: float) -> None:
    cost, day = np.ascontiguousarray(pairs.T)
    n = len(cost)
    tried = [(k / n, rank_value(day, k / n), rank_value(cost, k / n)) for k in range(1, n + 1)]
    assert both_hold(cost, day, confidence) == next(
        found for found in tried if joint_probability(cost, day, found[2], found[1]) >= confidence - 1e-9
    )


def synthetic(seed: int, n: int) -> JointSample:
    """Futures without a plan: cost and day are a Gaussian pair, a third of the cost above 800 is time, the rest scope."""
    z = np.random.default_rng(seed).standard_normal((2, n))
    cost = (1e5 * (1000 + 100 * z[0])).astype(np.int64)[:, None]
    day = (1000 + 100 * (0.5 * z[0] + np.sqrt(0.75) * z[1])).astype(np.int64)[:, None]
    time = (cost - 80_000_000) // 3
    return JointSample(cast("CostPlan", None), np.arange(n), cost, cost, time, np.full_like(cost, 80_000_000), day)


def test_errors_by_sections_are_those_of_theory_and_of_many_seeds() -> None:
    """The error of the median of a normal is σ √(π / 2n); that of what holds together is the spread over seeds."""
    n, seeds = 2000, range(60)
    samples = [synthetic(seed, n) for seed in seeds]

    def split(sample: JointSample) -> tuple[float, ...]:
        return split_reserve(sample, 0, 0.5, 80_000_000.0)

    def held(sample: JointSample) -> tuple[float, ...]:
        return both_hold(sample.cost[:, 0], sample.day[:, 0], 0.8)

    for answers in (split, held):
        found = np.array([section_errors(sample, answers) for sample in samples], float)
        over_seeds = np.std([answers(sample) for sample in samples], axis=0, ddof=1)
        assert np.sqrt((found**2).mean(axis=0)) == pytest.approx(over_seeds, rel=0.3, abs=1e-9)
    median = np.array([section_errors(sample, split)[0] for sample in samples], float)
    assert np.sqrt((median**2).mean()) == pytest.approx(1e5 * np.sqrt(np.pi / 2 / n), rel=0.1), "kronor: σ is 10 000 000 öre"


def test_errors_by_sections_need_futures() -> None:
    def day(sample: JointSample) -> tuple[float]:
        return (float(sample.day.mean()),)

    assert section_errors(synthetic(1, 49), day) == [None]
    [error] = section_errors(synthetic(1, 50), day)
    halves = synthetic(1, 50).day[:, 0].reshape(2, 25).mean(axis=1)
    assert error == pytest.approx(abs(halves[0] - halves[1]) / 2), "two parts: half of their difference"


def test_wilsons_interval() -> None:
    assert wilson(0, 10) == pytest.approx((0, 0.27753), abs=1e-5)
    assert wilson(10, 10) == pytest.approx((0.72247, 1), abs=1e-5)


def test_the_sample_holds_the_programme_and_each_round(money: Money, tally: CostTally) -> None:
    sample = tally.joint()
    block = money.accrue()
    assert money.costs.joint_groups == ("programme", "round:1", "round:2")
    assert np.array_equal(sample.cost[:, 0], block.once[:, :, 0].sum(axis=1))
    assert np.array_equal(sample.cost[:, 1], block.once[:, :2, 0].sum(axis=1))
    assert np.array_equal(sample.day[:, 2], block.opening[:, 2])
    assert sample.replication.tolist() == list(range(60))
    table = joint(sample)
    assert len(table["group"]) == 3 * 10 * 10
    [row] = rows(table, group="round:1", date_level=0.5, cost_level=0.5)
    cost, day = sample.cost[:, 1], sample.day[:, 1]
    assert row["probability"] == joint_probability(cost, day, rank_value(cost, 0.5), rank_value(day, 0.5))
    assert row["date"] == money.plan.date(rank_value(day, 0.5))
    assert set(cast("list[float]", frontier(sample)["confidence"])) == {0.5, 0.7, 0.8}


def test_whole_futures_near_a_quantile_can_be_replayed(money: Money, tally: CostTally) -> None:
    sample = tally.joint()
    table = futures_near(sample, 0.8, count=3)
    [nearest, *_] = rows(table)
    assert round(cast("float", nearest["cost"]) * KRONA) == rank_value(sample.cost[:, 0], 0.8)
    number = cast("int", nearest["replication"])
    again = money.draws.take(slice(number, number + 1))
    assert money.plan.date(int(simulate(money.plan, again).opening(money.plan).max())) == nearest["last_opening"]


def test_every_group_has_its_whole_futures_and_its_scatter(money: Money, tally: CostTally) -> None:
    sample = tally.joint()
    found = whole_futures(sample, count=2)
    assert found["group"] == [group for group in money.costs.joint_groups for _ in range(4)]
    [first, *_] = rows(found, group="round:1", level=0.5)
    assert round(cast("float", first["cost"]) * KRONA) == rank_value(sample.cost[:, 1], 0.5)
    dots = joint_sample(sample, most=7)
    assert [len(list(rows(dots, group=group))) for group in money.costs.joint_groups] == [7, 7, 7]
    [dot] = rows(dots, group="round:2", replication=3)
    assert dot["date"] == money.plan.date(int(sample.day[3, 2]))


# --- reserves ---


def test_a_reserve_of_time_alone() -> None:
    """100 a day over 10 (planned) or 400 days: at P80 the reserve is 39 000, all of it time."""
    money = Money(scenario({"a": {"over": SPAN, "amount": 1000, "stretches": True}}, activities=TWO_DATES), 1000)
    [half, most] = rows(uplift(money.tally().joint()), group="programme")
    assert (half["planned"], half["reserve"], half["price"], half["scope"], half["time"]) == (1000, 0, 0, 0, 0)
    assert (most["reserve"], most["price"], most["scope"], most["time"]) == (39_000, 0, 0, 39_000)
    assert most["reserve_share"] == 39
    [both] = rows(contingency(money.tally().joint(), (0.8,)), group="programme")
    assert (both["days"], both["money"], both["planned_cost"]) == (390, 39_000, 1000)
    assert (both["planned_date"], both["date"]) == (dt.date(2021, 1, 11), dt.date(2022, 2, 5))


def test_a_reserve_of_price_alone() -> None:
    """The budget is in prices of 1 January; on the day that it is paid they have risen by half."""
    index = {"base": "2021-01-01", "points": {"2021-01-11": 1.5}}
    money = Money(scenario({"a": {"at": "work.finish", "amount": 1000, "price_index": "p"}}, price_index={"p": index}), 50)
    [half, _] = rows(uplift(money.tally().joint()), group="programme")
    assert (half["planned"], half["reserve"]) == (1000, 500)
    assert (half["price"], half["scope"], half["time"]) == (500, 0, 0)


def test_a_reserve_of_scope_alone() -> None:
    spec = scenario({"a": {"at": "work.finish", "amount": 1000, "uncertainty": {"discrete": {"values": [1, 3], "weights": [0.6, 0.4]}}}})
    [half, most] = rows(uplift(Money(spec, 1000).tally().joint()), group="programme")
    assert (half["reserve"], most["reserve"]) == (0, 2000)
    assert (most["price"], most["scope"], most["time"]) == (0, 2000, 0)


def test_the_parts_of_a_reserve_add_up(tally: CostTally) -> None:
    table = uplift(tally.joint(), (0.3, 0.5, 0.8))
    assert len(table["group"]) == 9
    for row in rows(table):
        parts = [cast("float", row[name]) for name in ("price", "scope", "time")]
        assert sum(parts) == pytest.approx(cast("float", row["reserve"]), abs=0.001)


def test_every_future_splits_into_plan_price_scope_and_time(money: Money, tally: CostTally) -> None:
    """Without own uncertainty and with one type, scope is what happens or not: here nothing of the kind."""
    costs = {"a": {"over": SPAN, "amount": 1000, "stretches": True, "price_index": "p"}, "b": {"at": "work.finish", "amount": 10}}
    index = {"p": {"base": "2021-01-01", "yearly": 0.1}}
    sample: JointSample = Money(scenario(costs, activities=TWO_DATES, price_index=index), 100).tally().joint()
    assert np.array_equal(sample.fixed - sample.time, sample.planned)
    assert (sample.planned == 101_000).all()


# --- cost of delay ---


def test_a_month_later_costs_rent_and_idle_hands() -> None:
    """Rent of 1 000 a day while the work goes on, 390 days longer in a quarter of the futures; 2 000 a day to run."""
    costs = {
        "rent": {"per_year_from": "work.start", "until": "work.finish", "amount": 365_000},
        "sign": {"at": "work.finish", "amount": 70_000, "uncertainty": {"uniform": [1, 2]}},
        "operation": {"per_year_from": "work.finish", "amount": 730_000},
    }
    money = Money(scenario(costs, activities=TWO_DATES, budgets={"b": {"years": {"2023": 0}}}), 200)
    pairs = pair_with_plan(money.costs, money.chance, simulate, money.draws, money.timeline)
    assert np.array_equal(pairs.days[:, 0], np.where(late(money), 390, 0))
    assert np.array_equal(pairs.extra[:, 0], np.where(late(money), 390_000 * KRONA, 0))
    assert np.array_equal(pairs.postponed[:, 0], np.where(late(money), 780_000 * KRONA, 0))
    [programme, office] = rows(cost_of_delay(money.costs, pairs))
    month = 365.25 / 12 * 1000
    assert programme["per_office_month"] == pytest.approx(month, abs=0.01)
    assert (programme["low"], programme["high"]) == pytest.approx((month, month), abs=0.02)
    assert programme["extra_cost"] == pytest.approx(390_000 * late(money).mean(), abs=0.01)
    assert {**office, "group": "programme"} == programme


def test_the_first_futures_are_paired_however_they_come(money: Money) -> None:
    whole, parts = DelayTally(money.chance, simulate), DelayTally(money.chance, simulate)
    whole.add(money.draws, money.timeline)
    for rows_ in (slice(7, None), slice(0, 7)):
        other = DelayTally(money.chance, simulate)
        other.add(money.draws.take(rows_), Timeline(money.timeline.record[rows_], money.timeline.happens[rows_]))
        parts.merge(other)
    assert whole.table() == parts.table()
    assert whole.table()["replications"][0] == min(PAIRED, money.draws.replications)


def test_no_delay_has_no_cost_per_month() -> None:
    money = Money(scenario({"a": {"over": SPAN, "amount": 1000}}), 10)
    pairs = pair_with_plan(money.costs, money.chance, simulate, money.draws, money.timeline)
    [row, _] = rows(cost_of_delay(money.costs, pairs))
    assert (row["delay_months"], row["extra_cost"], row["per_office_month"]) == (0, 0, None)


def test_counters_are_widened_before_they_are_full() -> None:
    """Two bytes count to 65 535; the 70 000 equal values of one cell are all there, also when two tallies are merged."""
    histograms, spare = empty_histograms(1, 4), np.empty(4, np.int32)
    rows, extremes = np.full((35_000, 1), 5, np.int64), np.empty((3, 1), np.int64)
    assert histograms.counts.dtype == np.uint16
    count_rows(histograms, rows, 0, 1, spare, extremes)
    wide = room_for(histograms, 70_000)
    assert wide.counts.dtype == np.int32
    merge_histograms(wide, histograms, spare)
    assert wide.counts.sum() == 70_000
    assert room_for(histograms, 65_535).counts is histograms.counts


@pytest.mark.parametrize("width", [1, 4, 7, 9])
@pytest.mark.parametrize("count", [1, 3, 4, 10])
def test_columns_are_counted_alike_alone_and_in_fours(width: int, count: int) -> None:
    rows = np.random.default_rng(width).integers(0, 100, (count, width)) * (np.arange(width) % 3 > 0)
    together, alone = empty_histograms(width, 16), empty_histograms(width, 16)
    spare, extremes = np.empty(16, np.int32), np.empty((3, width), np.int64)
    count_rows(together, rows, 0, width, spare, extremes)
    for c in range(width):
        count_rows(alone, np.ascontiguousarray(rows[:, c : c + 1]), c, 1, spare, extremes)
    for mine, its in zip(together, alone, strict=True):
        assert np.array_equal(mine, its)
