from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from programmes import plan_of

from sim.analysis.targets import TargetTally, counts_in, most, target_density, targets, targets_joint, together
from sim.plan import Plan

DAY = {"activities": {"open": {"calendar": "days", "duration": 1}}}
OFFICES = {"a": {"round": 1}, "b": {"round": 1}, "c": {"round": 2}}
LAST_OF_JANUARY = dt.date(2022, 1, 31)
"""Day 28."""


def plan_with(**wanted: dict[str, Any]) -> Plan:
    return plan_of({**DAY, "offices": OFFICES, "targets": wanted})


def tally_of(plan: Plan, opening: list[list[int]], codes: Any = None) -> TargetTally:
    codes = np.array([[o.codes for o in plan.offices]] * len(opening), np.int16) if codes is None else np.array(codes, np.int16)
    tally = TargetTally(plan)
    tally.add(SimpleNamespace(opening=np.array(opening, np.int32), draws=SimpleNamespace(codes=codes), replications=len(opening)))
    return tally


def row_of(plan: Plan, opening: list[list[int]], codes: Any = None) -> dict[str, Any]:
    [row] = targets(plan, tally_of(plan, opening, codes)).rows()
    return row


def test_a_target_by_hand() -> None:
    """Two of three by day 28: reached on days 5, 28, 29, 30, so in two of four futures."""
    plan = plan_with(t={"at_least": 2, "by": LAST_OF_JANUARY, "confidence": 0.75})
    row = row_of(plan, [[1, 5, 90], [28, 27, 90], [29, 90, 3], [90, 30, 2]])
    assert (row["at_least"], row["of"], row["existing"], row["probability"], row["replications"]) == (2, 3, 0, 0.5, 4)
    assert row["standard_error"] == 0.25
    assert row["holds"] == "cannot tell"
    assert row["date_at_confidence"] == dt.date(2022, 2, 1)  # day 29: three of four
    assert row["k_at_confidence"] == 1  # open on day 28: 2, 2, 1, 1; at least 1 in all, at least 2 in half


def test_all_of_a_round() -> None:
    plan = plan_with(t={"offices": {"round": 1}, "by": LAST_OF_JANUARY})
    row = row_of(plan, [[1, 28, 90], [28, 29, 1]])
    assert (row["at_least"], row["of"], row["probability"]) == (2, 2, 0.5)


def test_existing_offices_count_from_the_start() -> None:
    plan = plan_with(t={"existing": 117, "at_least": 119, "by": LAST_OF_JANUARY})
    row = row_of(plan, [[1, 28, 90], [28, 29, 90]])
    assert (row["of"], row["probability"], row["k_at_confidence"]) == (120, 0.5, 118)
    assert row_of(plan_with(t={"existing": 5, "at_least": 4, "by": LAST_OF_JANUARY}), [[90, 90, 90]])["probability"] == 1.0


def test_all_means_existing_ones_too() -> None:
    plan = plan_with(t={"existing": 117, "by": LAST_OF_JANUARY})
    row = row_of(plan, [[1, 28, 28], [28, 29, 3]])
    assert (row["at_least"], row["probability"]) == (120, 0.5)


def test_verdicts_need_enough_replications() -> None:
    plan = plan_with(t={"by": LAST_OF_JANUARY})
    assert row_of(plan, [[1, 2, 3]] * 100)["holds"] == "yes"
    assert row_of(plan, [[1, 2, 3]] * 3)["holds"] == "cannot tell"
    assert row_of(plan, [[1, 2, 90]] * 100)["holds"] == "no"


TYPED = {
    **DAY,
    "office_types": {"large": {}, "small": {}},
    "offices": {key: {"type": {"large": 0.5, "small": 0.5}} for key in ("a", "b")},
}


def test_a_filter_by_drawn_types_counts_what_was_drawn() -> None:
    plan = plan_of({**TYPED, "targets": {"t": {"offices": {"type": "small"}, "by": LAST_OF_JANUARY}}})
    large, small = 0, 1
    codes = [[[small], [large]], [[small], [small]], [[large], [large]]]
    tally = tally_of(plan, [[28, 90], [28, 90], [1, 1]], codes)
    assert tally.reached[0].tolist() == [28, 90, 0], "all of none is all there are"
    assert targets(plan, tally)["of"] == [2]


def test_more_than_were_drawn_are_never_reached() -> None:
    plan = plan_of({**TYPED, "targets": {"t": {"offices": {"type": "small"}, "at_least": 1, "by": dt.date(2200, 1, 1)}}})
    tally = tally_of(plan, [[28, 90], [3, 4]], [[[1], [0]], [[0], [0]]])
    [row] = targets(plan, tally).rows()
    assert (row["probability"], row["date_at_confidence"]) == (0.5, None)
    assert [(str(r["date"]), r["count"]) for r in target_density(plan, tally).rows()] == [("2022-01-31", 1)]


def test_certain_filters_need_one_row_only() -> None:
    plan = plan_with(t={"offices": {"round": 1}, "by": LAST_OF_JANUARY})
    codes = np.array([[o.codes for o in plan.offices]] * 3, np.int16)
    assert counts_in(plan, plan.scenario.targets["t"].offices, codes).tolist() == [[True, True, False]]
    assert (most(plan, {"round": (1,)}), most(plan, {"round": (2,)})) == (2, 0), "no rule asks for round 2, so the plan does not know it"


def test_targets_together() -> None:
    plan = plan_with(
        one={"offices": {"round": 1}, "by": LAST_OF_JANUARY},
        two={"offices": {"round": 2}, "by": LAST_OF_JANUARY},
        all={"by": LAST_OF_JANUARY},
    )
    tally = tally_of(plan, [[1, 1, 1], [1, 1, 90], [90, 1, 1], [90, 90, 90]])
    rows = {row["targets"]: (row["probability"], row["if_independent"]) for row in targets_joint(plan, tally).rows()}
    assert rows == {
        "one + two": (0.25, 0.25),
        "one + all": (0.25, 0.125),
        "two + all": (0.25, 0.125),
        "one + two + all": (0.25, 0.0625),
    }
    assert together(plan, tally, ["one", "two"])[2] == 0.25


@pytest.mark.parametrize("count", [3, 80])
def test_the_kth_opening_is_found_among_few_and_many(count: int) -> None:
    rng = np.random.default_rng(5)
    days = rng.integers(0, 500, (20, count))
    offices = {f"o{i}": {} for i in range(count)}
    for k in (1, 2, count - 1, count):
        plan = plan_of({**DAY, "offices": offices, "targets": {"t": {"at_least": k, "by": LAST_OF_JANUARY}}})
        tally = tally_of(plan, days.tolist())
        assert tally.reached[0].tolist() == np.sort(days, axis=1)[:, k - 1].tolist()
        assert tally.open_by[0].tolist() == np.bincount((days <= 28).sum(axis=1), minlength=count + 1).tolist()
