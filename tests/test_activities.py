"""Measures of activities: a case of ten runs by hand, and that nothing depends on how the futures are grouped."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from programmes import Tables, attempt, plan_of
from random_programmes import plan_if_valid, programmes
from scipy import stats

from sim.analysis.activities import COLUMNS, ActivityTally, activity_table, is_counted, rank_correlation
from sim.analysis.activity_counts import group_of
from sim.analysis.chains import LinkKind, chain
from sim.analysis.day_counts import count_days, days_of_ranks, find_days, in_order, merge_days, no_days, quantile, total
from sim.analysis.estimates import jackknife
from sim.analysis.table import Table
from sim.engine import kernel
from sim.plan import Plan
from sim.runner import Block, Job, run
from sim.sampling import Draws, Sampler

FIRST = (2, 4, 6, 8, 12, 2, 4, 6, 8, 10)
SECOND = (5, 5, 5, 5, 5, 7, 7, 7, 7, 7)
PARALLEL: Tables = {
    "activities": {
        "first": {"calendar": "days", "duration": {"uniform": [1, 12]}},
        "second": {"calendar": "days", "duration": {"uniform": [1, 12]}},
        "open": {"calendar": "days", "duration": 0, "after": ["first", "second"]},
    },
    "offices": {"a": {"start": "2022-01-13", "round": 1}},
}
"""Opens 5, 5, 6, 8, 12, 7, 7, 7, 8, 10 days after its start; the first decides in runs 3, 4, 5, 9 and 10."""


def block_of(plan: Plan, draws: Draws) -> Block:
    return Block(plan, draws, kernel.simulate(plan, draws))


def ten_runs() -> Block:
    plan = plan_of(PARALLEL)
    draws = Sampler(plan).draw(0, 10)
    days = np.array([(x, y, 0) for x, y in zip(FIRST, SECOND, strict=True)], np.float32)
    return block_of(plan, replace(draws, duration=days[:, np.newaxis]))


def table_of(*blocks: Block) -> Table:
    tally = ActivityTally(blocks[0].plan)
    for block in blocks:
        tally.add(block)
    return activity_table(tally)


def row(table: Table, activity: str, office: str = "a") -> dict[str, object]:
    (found,) = table.where(office=office, activity=activity).rows()
    return found


def test_ten_runs_by_hand() -> None:
    table = table_of(ten_runs())
    first, second, opening = (row(table, name) for name in ("first", "second", "open"))
    assert tuple(table.columns) == COLUMNS
    assert (first["criticality"], second["criticality"], opening["criticality"]) == (0.5, 0.5, 1.0)
    assert first["criticality_round"] == 0.5
    assert first["significance"] == pytest.approx(62 / 75, abs=1e-6)  # with d + float = length, the sum of d over the sum of lengths
    assert second["significance"] == pytest.approx(60 / 75, abs=1e-6)
    assert first["ssi"] == pytest.approx(0.5 * (996 / 425) ** 0.5)
    assert second["ssi"] == pytest.approx(0.5 * (100 / 425) ** 0.5)
    assert first["cruciality"] == pytest.approx(570 / (996 * 425) ** 0.5)
    assert second["cruciality"] == pytest.approx(30 / (100 * 425) ** 0.5)
    lengths = np.maximum(FIRST, SECOND)
    assert first["spearman"] == pytest.approx(stats.spearmanr(FIRST, lengths).statistic)
    assert opening["merge_bias"] == pytest.approx(7.5 - 6.2)
    assert (first["merge_bias"], first["duration_mean"], first["wait_mean"], first["happens"], first["n"]) == (None, 6.2, 0.0, 1.0, 10)


def test_dates_of_ten_runs() -> None:
    first = row(table_of(ten_runs()), "first")
    day = dt.date(2022, 1, 13)
    assert (first["start_p50"], first["finish_p10"]) == (day, day + dt.timedelta(2))
    assert first["finish_p50"] == day + dt.timedelta(6)  # the fifth of 2, 2, 4, 4, 6, 6, 8, 8, 10, 12
    assert first["finish_p90"] == day + dt.timedelta(10)
    assert (first["finish_p50_low"], first["finish_p50_high"]) == (day + dt.timedelta(2), day + dt.timedelta(10))  # 2nd and 9th


def test_an_activity_that_does_not_happen_has_no_dates() -> None:
    tables = PARALLEL | {"activities": PARALLEL["activities"] | {"second": PARALLEL["activities"]["second"] | {"probability": 0.0}}}
    plan = plan_of(tables)
    second = row(table_of(block_of(plan, Sampler(plan).draw(0, 4))), "second")
    assert (second["happens"], second["start_p50"], second["duration_mean"], second["criticality"], second["ssi"]) == (0, None, None, 0, 0)


def test_a_redo_counts_all_passes_and_waits_within() -> None:
    plan = plan_of({"activities": {"work": {"calendar": "days", "duration": 4, "redo": {"probability": 1, "back_to": "work"}}}})
    work = row(table_of(block_of(plan, Sampler(plan).draw(0, 2))), "work")
    assert (work["duration_mean"], work["wait_mean"], work["criticality"]) == (8, 0, 1)
    assert (work["finish_p50"] - work["start_p50"]).days == 8  # type: ignore[operator]


def test_a_queue_is_a_wait_and_the_round_is_decided_by_who_held_the_pool() -> None:
    plan = plan_of(
        {
            "activities": {
                "pour": {"calendar": "days", "duration": 6, "uses": {"mixer": 1}},
                "open": {"calendar": "days", "duration": 0, "after": ["pour"]},
            },
            "resources": {"mixer": {"capacity": 1}},
            "offices": {"a": {"round": 1}, "b": {"round": 1}},
        }
    )
    table = table_of(block_of(plan, Sampler(plan).draw(0, 2)))
    a, b = row(table, "pour", "a"), row(table, "pour", "b")
    assert (a["wait_mean"], b["wait_mean"], b["criticality"]) == (0, 6, 1)
    assert (a["criticality_round"], b["criticality_round"]) == (1, 1)


def test_grouping_changes_nothing() -> None:
    plan = plan_of(PARALLEL)
    job = Job(plan, {"activities": partial(ActivityTally, plan)})
    one = activity_table(run(job, 1000, workers=1)["activities"])
    two = activity_table(run(job, 1000, workers=2)["activities"])
    pieces = [block_of(plan, Sampler(plan).draw(first, count)) for first, count in ((600, 400), (0, 7), (7, 593))]
    assert one.csv() == two.csv() == table_of(*pieces).csv()


def test_groups_of_many_replications_are_even() -> None:
    counted = np.flatnonzero(is_counted(np.arange(2**20)))
    groups = np.bincount([group_of(int(r), 16) for r in counted[::64]])
    assert len(counted) < 2**16
    assert groups.max() <= groups.min() + 8


def test_later_runs_are_counted_one_in_four() -> None:
    plan = plan_of(PARALLEL)
    tally = ActivityTally(plan)
    for first in (0, 4000, 5120, 5376):  # the last is left out
        tally.add(block_of(plan, Sampler(plan).draw(first, 200)))
    assert tally.counted == 200 + 200 + 200 == int(is_counted(np.r_[0:200, 4000:4200, 5120:5320, 5376:5576]).sum())
    assert len(tally.samples()[0]) == 200 + 96


def test_standard_errors_are_of_the_size_that_theory_gives() -> None:
    plan = plan_of(PARALLEL)
    tally = run(Job(plan, {"x": partial(ActivityTally, plan)}), 4096, workers=1)["x"]
    first = row(activity_table(tally), "first")
    expected = (first["criticality"] * (1 - first["criticality"]) / 4096) ** 0.5  # type: ignore[operator]
    assert expected * 0.5 < first["criticality_se"] < expected * 2  # type: ignore[operator]


@given(programmes())
def test_criticality_counts_the_chains(tables: Tables) -> None:
    plan = plan_if_valid(tables)
    timeline, _ = attempt(kernel, plan, draws := Sampler(plan).draw(0, 3))
    if timeline is None:
        return
    tally = ActivityTally(plan)
    tally.add(Block(plan, draws, timeline))
    table = list(activity_table(tally).rows())
    counted = np.zeros((len(plan.offices), len(plan.activities)))
    for r in range(3):
        for office in range(len(plan.offices)):
            links = chain(plan, timeline, r, office)
            for a in {plan.passes[link.pass_].activity for link in links if link.kind is LinkKind.WORK}:
                counted[office, a] += 1
    for line, count in zip(table, counted.ravel(), strict=True):
        assert line["criticality"] >= count / 3 - 1e-9  # work of no days is critical too, but has no link
        assert line["significance"] is None or 0 <= line["significance"] <= 1


# --- counting days ------------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 5000), min_size=1), st.lists(st.integers(0, 5000)), st.sampled_from([8, 64, 8192]))
def test_day_counts_depend_on_the_days_alone(some: list[int], more: list[int], bins: int) -> None:
    one, two, both = no_days(1, bins), no_days(1, bins), no_days(1, bins)
    count_days(one, 0, 0, np.array(some, np.int32))
    count_days(two, 0, 0, np.array(more, np.int32))
    count_days(both, 0, 0, np.array(more + some, np.int32))
    merge_days(one, two)
    assert np.array_equal(one.counts, both.counts)
    assert np.array_equal(one.span, both.span)
    assert total(one)[0] == len(some + more)
    width = in_order(one, 0)[2]
    ordered = sorted(some + more)
    for wanted in {1, len(ordered) // 2 + 1, len(ordered)}:
        assert abs(days_of_ranks(one, 0, [wanted])[0] - ordered[wanted - 1]) < width


def test_quantiles_by_the_stated_rule_on_tiny_samples() -> None:
    days = no_days(2, 64)
    count_days(days, 0, 0, np.array([3, 1, 2, 5, 4], np.int32))
    assert [quantile(days, 0, level) for level in (0.2, 0.5, 0.8, 0.81, 1.0)] == [1, 3, 4, 5, 5]
    assert quantile(days, 1, 0.5) is None


# --- estimates ----------------------------------------------------------------------------------------------------------------


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    values = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0])
    left_out = (values.sum() - values) / (len(values) - 1)
    assert jackknife(left_out) == pytest.approx(values.std(ddof=1) / len(values) ** 0.5)
    assert np.isnan(jackknife(np.array([1.0])))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3))
def test_rank_correlation_against_scipy(pairs: list[tuple[int, int]]) -> None:
    x, y = np.array(pairs).T
    constant = len(set(x)) == 1 or len(set(y)) == 1
    assert rank_correlation(x, y) == pytest.approx(0 if constant else stats.spearmanr(x, y).statistic)


@pytest.mark.parametrize("bins", [8, 256])
def test_days_of_many_ranks_at_once_are_those_found_one_by_one(bins: int) -> None:
    """Also with bins of several days (8 bins for a range of 100 days); rank 0 asks for nothing."""
    days = no_days(3, bins)
    values = np.random.default_rng(7).integers(40, 140, 200).astype(np.int32)
    count_days(days, 1, 0, values)
    wanted = np.array([[1, 57, 200], [0, 100, 0]], np.int64)
    found = np.empty_like(wanted)
    find_days(days, np.array([1, 1]), wanted, found)
    assert found[0].tolist() == days_of_ranks(days, 1, [1, 57, 200])
    assert found[1].tolist() == [-1, *days_of_ranks(days, 1, [100]), -1]
