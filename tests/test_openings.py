from __future__ import annotations

import datetime as dt
import pickle
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programmes import plan_of, run

from sim.analysis.openings import OpeningTally, count_dates, month_ends, open_count, opening_density, openings
from sim.plan import Plan
from sim.runner import Block
from sim.sampling import Sampler

DAY = {"activities": {"open": {"calendar": "days", "duration": 1}}}
OFFICES: dict[str, Any] = {
    "a": {"name": "Aby", "round": 1, "county": "North", "target": dt.date(2022, 1, 8)},
    "b": {"name": "By", "round": 1, "county": "South", "target": dt.date(2022, 2, 1)},
    "c": {"name": "Cy", "round": 2, "county": "South"},
}


def block(plan: Plan, opening: list[list[int]], types: list[list[int]] | None = None) -> Any:
    """A block with given opening days (and type codes)."""
    codes = np.array(types, np.int16)[:, :, np.newaxis] if types else np.zeros((len(opening), len(plan.offices), 1), np.int16)
    return SimpleNamespace(opening=np.array(opening, np.int32), draws=SimpleNamespace(codes=codes), replications=len(opening))


def tally_of(plan: Plan, opening: list[list[int]], types: list[list[int]] | None = None) -> OpeningTally:
    tally = OpeningTally(plan)
    tally.add(block(plan, opening, types))
    return tally


@pytest.fixture
def three() -> Plan:
    return plan_of({**DAY, "offices": OFFICES})


def test_an_office_row_by_hand(three: Plan) -> None:
    """Opening of Aby on days 3, 4, 5, 6 and 12 after Monday 3 January; planned for day 5."""
    table = openings(three, tally_of(three, [[3, 9, 1], [12, 9, 1], [4, 9, 2], [6, 9, 3], [5, 9, 3]]))
    row = next(table.rows())
    dates = {name: str(row[name]) for name in ("target", "p05", "p10", "p50", "p80", "p90", "p95", "mean")}
    assert dates == {
        "target": "2022-01-08",
        "p05": "2022-01-06",
        "p10": "2022-01-06",
        "p50": "2022-01-08",
        "p80": "2022-01-09",
        "p90": "2022-01-15",
        "p95": "2022-01-15",
        "mean": "2022-01-09",
    }
    assert (row["office"], row["name"], row["round"], row["type"], row["replications"]) == ("a", "Aby", 1, None, 5)
    assert row["sd"] == pytest.approx(12.5**0.5)  # deviations from 6: -3, -2, -1, 0, 6; 50 / 4
    assert row["mean_se_days"] == pytest.approx(2.5**0.5)
    assert row["p_on_time"] == 0.6
    assert row["p_on_time_low"] < 0.6 < row["p_on_time_high"]
    assert row["expected_delay_days"] == 4.0  # 1 and 7 days late


def test_an_office_without_a_date_holds_none(three: Plan) -> None:
    *_, row = openings(three, tally_of(three, [[3, 9, 1], [4, 9, 2]])).rows()
    assert [row[name] for name in ("target", "p_on_time", "p_on_time_low", "p_on_time_high", "expected_delay_days")] == [None] * 5


def test_one_that_is_never_late_has_no_expected_delay(three: Plan) -> None:
    row = next(openings(three, tally_of(three, [[3, 9, 1], [4, 9, 2]])).rows())
    assert (row["p_on_time"], row["expected_delay_days"]) == (1.0, None)


def test_the_last_of_a_round_is_counted_with_those_that_open_with_it(three: Plan) -> None:
    table = openings(three, tally_of(three, [[3, 9, 1], [9, 9, 1], [12, 9, 2], [12, 11, 2]]))
    assert list(table["p_last"]) == [0.75, 0.5, 1.0]


def test_one_replication_has_no_intervals(three: Plan) -> None:
    row = next(openings(three, tally_of(three, [[3, 9, 1]])).rows())
    assert [row[name] for name in ("p50_low", "p50_high", "p80_low", "p80_high")] == [None] * 4
    assert row["sd"] == 0.0


def test_a_drawn_type_is_told_with_its_share() -> None:
    plan = plan_of({**DAY, "office_types": {"large": {}, "small": {}}, "offices": {"a": {"type": {"large": 0.5, "small": 0.5}}}})
    row = next(openings(plan, tally_of(plan, [[1], [2], [3]], [[1], [0], [1]])).rows())
    assert (row["type"], row["type_share"]) == ("small", pytest.approx(2 / 3))


def test_a_certain_type_has_share_one() -> None:
    plan = plan_of({**DAY, "office_types": {"large": {}, "small": {}}, "offices": {"a": {"type": "large"}}})
    row = next(openings(plan, tally_of(plan, [[1], [2]])).rows())
    assert (row["type"], row["type_share"]) == ("large", 1.0)


def test_density_counts_every_future_once(three: Plan) -> None:
    table = opening_density(three, tally_of(three, [[3, 9, 1], [3, 9, 2]]))
    assert [(row["office"], str(row["date"]), row["count"]) for row in table.rows()] == [
        ("a", "2022-01-06", 2),
        ("b", "2022-01-12", 2),
        ("c", "2022-01-04", 1),
        ("c", "2022-01-05", 1),
    ]


# --- how many are open ---------------------------------------------------------------------------------------------------------


def test_counts_by_hand(three: Plan) -> None:
    """Days 28 (31 January) and 29 (1 February) lie on either side of the end of the month."""
    table = open_count(three, tally_of(three, [[28, 29, 3], [29, 29, 28]]))
    row = next(table.where(date=dt.date(2022, 1, 31), filter="all").rows())
    assert (row["of"], row["planned"], row["mean"], row["p10"], row["p50"], row["p90"]) == (3, 1, 1.5, 1, 1, 2)
    last = next(table.where(date=dt.date(2022, 2, 28), filter="all").rows())
    assert (last["planned"], last["mean"], last["p05"], last["p95"]) == (2, 3.0, 3, 3)
    south = next(table.where(date=dt.date(2022, 1, 31), filter="county=South").rows())
    assert (south["of"], south["mean"]) == (2, 1.0)


def test_every_filter_has_every_date(three: Plan) -> None:
    table = open_count(three, tally_of(three, [[28, 29, 3]]))
    assert list(dict.fromkeys(table["filter"])) == ["all", "round=1", "round=2", "county=North", "county=South"]
    assert len(table) == 5 * 2


def test_dates_of_targets_are_counted_too() -> None:
    plan = plan_of({**DAY, "offices": {"a": {}}, "targets": {"t": {"by": dt.date(2022, 2, 10)}}})
    assert [str(date) for date in count_dates(plan, 40)] == ["2022-01-31", "2022-02-10", "2022-02-28"]


def test_types_are_counted_by_what_was_drawn() -> None:
    plan = plan_of(
        {**DAY, "office_types": {"large": {}, "small": {}}, "offices": {k: {"type": {"large": 0.5, "small": 0.5}} for k in ("a", "b")}}
    )
    table = open_count(plan, tally_of(plan, [[1, 2], [3, 99]], [[0, 0], [1, 0]]))
    january = {row["filter"]: (row["mean"], row["planned"]) for row in table.where(date=dt.date(2022, 1, 31)).rows()}
    assert january == {"all": (1.5, 0), "type=large": (1.0, None), "type=small": (0.5, None)}


@settings(max_examples=25)
@given(st.lists(st.lists(st.integers(0, 400), min_size=3, max_size=3), min_size=1, max_size=30))
def test_counts_are_those_of_counting(days: list[list[int]]) -> None:
    plan = plan_of({**DAY, "offices": OFFICES})
    table = open_count(plan, tally_of(plan, days))
    for row in table.where(filter="all").rows():
        counts = sorted(sum(day <= plan.day(row["date"]) for day in future) for future in days)
        assert row["mean"] == pytest.approx(sum(counts) / len(counts))
        assert row["p50"] == counts[-(-len(counts) // 2) - 1]
    assert row["mean"] == 3, "the last month end comes after every opening"


def test_month_ends_know_leap_years() -> None:
    assert [str(day) for day in month_ends(dt.date(2024, 2, 29), dt.date(2024, 2, 29))] == ["2024-02-29"]


# --- the tally -----------------------------------------------------------------------------------------------------------------


def test_the_tally_keeps_what_the_engine_says() -> None:
    outcome = run({"activities": {"open": {"duration": {"uniform": [1, 20]}}}, "offices": {"a": {}, "b": {}}}, 7)
    tally = OpeningTally(outcome.plan)
    tally.add(Block(outcome.plan, outcome.draws, outcome.timeline))
    assert np.array_equal(tally.days, outcome.timeline.opening(outcome.plan))


def test_grouping_changes_nothing_and_order_is_kept() -> None:
    plan = plan_of({"activities": {"open": {"duration": {"uniform": [1, 20]}}}, "offices": {"a": {}, "b": {}}})
    from sim.engine import kernel

    def gathered(first: int, count: int) -> OpeningTally:
        draws = Sampler(plan).draw(first, count)
        tally = OpeningTally(plan)
        tally.add(Block(plan, draws, kernel.simulate(plan, draws)))
        return tally

    whole, parts = gathered(0, 12), gathered(0, 5)
    parts.merge(pickle.loads(pickle.dumps(gathered(5, 3))))  # noqa: S301  as a worker process sends it
    parts.merge(gathered(8, 4))
    assert np.array_equal(whole.days, parts.days)
    assert openings(plan, whole) == openings(plan, parts)
