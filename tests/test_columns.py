"""The catalogue of tables and columns says what each means, and no more than there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.analysis import (
    chains,
    compare,
    delay,
    leave_one_out,
    moves,
    reference_class,
    replay,
    safe_dates,
    score,
    score_chances,
    sensitivity,
    solve,
    sweep,
)
from sim.results import Result, calibrate, run
from sim.results.columns import catalogue, meaning
from sim.results.replay import CAUSE_COLUMNS, OFFICE_COLUMNS
from sim.results.tables import ANSWERS

STARTER = Path(__file__).parent.parent / "sim" / "cli" / "starter" / "scenario.toml"

FURTHER = {
    "delay_by_cause": delay.OFFICE_COLUMNS,
    "drivers": (*delay.COLUMNS, *delay.EFFECTS),
    "leave_one_out": leave_one_out.COLUMNS,
    "layer_shares": leave_one_out.LAYER_COLUMNS,
    "sensitivity": sensitivity.COLUMNS,
    "ranking_check": sensitivity.RANKING_COLUMNS,
    "safe_dates": safe_dates.COLUMNS,
    "chance_by_finish": safe_dates.CURVE_COLUMNS,
    "reference_class": reference_class.COLUMNS,
    "reference_curve": ("reference", "view", "weeks", "share"),
    "diff": moves.COLUMNS,
    "diff_inputs": moves.INPUT_COLUMNS,
    "fits": calibrate.FIT_COLUMNS,
    "families": calibrate.FAMILY_COLUMNS,
    "groups": calibrate.GROUP_COLUMNS,
    "survival": calibrate.SURVIVAL_COLUMNS,
    "score_summary": score.SUMMARY_COLUMNS,
    "score_coverage": score.COVERAGE_COLUMNS,
    "score_rivals": score.RIVAL_COLUMNS,
    "score_offices": score.OFFICE_COLUMNS,
    "score_pit": score.PIT_COLUMNS,
    "score_chances": score_chances.CHANCE_COLUMNS,
    "score_brier": score_chances.BRIER_COLUMNS,
    "score_reliability": score_chances.RELIABILITY_COLUMNS,
    "score_counts": score_chances.COUNT_COLUMNS,
    "compare": compare.COLUMNS,
    "earlier": compare.EARLIER_COLUMNS,
    "input_changes": compare.CHANGE_COLUMNS,
    "sweep": sweep.LAST_COLUMNS,
    "sweep_offices": ("office", *sweep.OFFICE_ANSWERS, "replications"),
    "solve": solve.COLUMNS,
    "events": replay.EVENT_COLUMNS,
    "spans": replay.SPAN_COLUMNS,
    "chain": chains.COLUMNS,
    "causes": CAUSE_COLUMNS,
    "offices": OFFICE_COLUMNS,
}
"""Tables that only some scenarios or commands have, with their columns."""


@pytest.fixture(scope="module")
def result() -> Result:
    return run(STARTER, replications=20, overrides=["scenario.status_date=2025-06-01"])


def test_every_table_is_in_the_catalogue() -> None:
    assert set(ANSWERS) - set(catalogue()) == set(), "say what they are in sim/results/columns.toml"
    assert all(about.per and about.tells.endswith(".") for about in catalogue().values())


def test_the_starter_has_every_table(result: Result) -> None:
    assert set(ANSWERS) - set(result.names) - set(FURTHER) == set(), "give the test a scenario that has it too"


def test_every_column_has_its_meaning(result: Result) -> None:
    without = [f"{name}.{column}" for name, table in result.tables().items() for column in table.columns if not _means(name, column)]
    assert without == [], "say what they mean in sim/results/columns.toml"


def test_the_catalogue_tells_of_no_column_that_is_not_there(result: Result) -> None:
    there = {name: tuple(table.columns) for name, table in result.tables().items()}
    there |= {name: columns for name, columns in FURTHER.items() if name not in there}
    assert [f"{n}.{column}" for n, about in catalogue().items() for column in about.columns if column not in there[n]] == []


@pytest.mark.parametrize("name", FURTHER)
def test_every_column_of_a_table_for_other_scenarios_has_its_meaning(name: str) -> None:
    assert [column for column in FURTHER[name] if not _means(name, column)] == []


def _means(table: str, column: str) -> bool:
    try:
        return bool(meaning(table, column))
    except KeyError:
        return False


@pytest.mark.parametrize("column", ["colour", "colour_low", "colour_se"])
def test_an_unknown_column_is_seen(column: str) -> None:
    with pytest.raises(KeyError, match=r"columns\.toml"):
        meaning("openings", column)
