"""Delay by cause: worked examples by hand, and parts that add up to the delay in every future."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from programmes import Tables, attempt, plan_of
from random_programmes import plan_if_valid, programmes

from sim.analysis.causes import CauseKind
from sim.analysis.delay import DelayTally, Splitter, delay_by_cause, drivers, is_split, part_at, planned_opening
from sim.analysis.estimates import GROUP_RUN, GROUPS
from sim.engine import kernel
from sim.plan import Plan, compile_scenario
from sim.runner import Block, Job, run
from sim.sampling import Draws, Sampler, medians_given
from sim.scenario import load_scenario

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"


def block_of(plan: Plan, draws: Draws) -> Block:
    return Block(plan, draws, kernel.simulate(plan, draws))


def split(plan: Plan, draws: Draws, office: int = 0) -> dict[str, int]:
    """Parts other than 0 of the first future, by kind and id."""
    splitter = Splitter(plan)
    parts = splitter.split(block_of(plan, draws))[0, office]
    return {f"{kind} {id_}".strip(): int(days) for (kind, id_), days in zip(splitter.names, parts, strict=True) if days}


def with_days(plan: Plan, draws: Draws, days: dict[str, list[float]], office: int = 0) -> Draws:
    """Draws with other durations of an office's activities, pass by pass."""
    duration = draws.duration.copy()
    for id_, values in days.items():
        first = plan.activities[plan.activity_index[id_]].first_pass
        duration[:, office, first : first + len(values)] = values
    return replace(draws, duration=duration)


EXAMPLE = """
    [offices.early]
    [offices.late]
    [activities.design]
    actor = "architect"
    calendar = "days"
    duration = { uniform = [5, 15] }
    [activities.permit]
    actor = "municipality"
    calendar = "days"
    duration = { uniform = [15, 25] }
    uses = { officers = 1 }
    after = ["design"]
    [activities.decide]
    calendar = "days"
    meeting = "board"
    after = ["permit"]
    [resources.officers]
    capacity = 1
    [meetings.board]
    dates = [2022-02-07, 2022-03-07]     # days 35 and 63
    rule = "first Monday of every month"
    [risks.backlog]
    probability = 1
    activities = ["permit"]
    delay = { fixed = 2 }
    scope = "office"
    """


def test_the_example_of_the_module() -> None:
    plan = plan_of(EXAMPLE)
    draws = with_days(plan, Sampler(plan).draw(0, 1), {"design": [1], "permit": [14]}, office=0)  # gives back on day 17
    draws = with_days(plan, draws, {"design": [13], "permit": [23]}, office=1)
    assert planned_opening(plan).tolist() == [35, 35]
    assert split(plan, draws, 1) == {
        "actor architect": 3,
        "pool officers": 4,
        "actor municipality": 3,
        "risk backlog": 2,
        "meeting board": 16,
    }


def test_an_early_office_has_negative_parts() -> None:
    plan = plan_of(EXAMPLE.replace("[offices.late]", ""))
    draws = with_days(plan, Sampler(plan).draw(0, 1), {"design": [6], "permit": [18]})
    assert split(plan, draws) == {"actor architect": -4, "actor municipality": -2, "risk backlog": 2, "meeting board": 4}


def test_slack_swallows_what_the_plan_had_to_spare() -> None:
    plan = plan_of("""
        [activities.long]
        actor = "us"
        calendar = "days"
        duration = { uniform = [10, 20] }
        [activities.short]
        actor = "them"
        calendar = "days"
        duration = { uniform = [5, 15] }
        [activities.open]
        calendar = "days"
        duration = 0
        after = ["long", "short"]
        """)
    draws = with_days(plan, Sampler(plan).draw(0, 1), {"long": [12], "short": [22]})
    assert split(plan, draws) == {"actor them": 12, "slack": -5}  # 22 against 15


def test_the_same_work_in_another_season_is_calendar() -> None:
    plan = plan_of("""
        [activities.first]
        actor = "us"
        duration = { uniform = [3, 7] }    # Monday to Friday: the plan is done on Saturday morning
        [activities.second]
        actor = "us"
        duration = 2
        after = ["first"]
        """)
    draws = with_days(plan, Sampler(plan).draw(0, 1), {"first": [8]})
    # planned Saturday 8 January + 2 days off, then Monday and Tuesday; now Thursday 13 January, Thursday and Friday
    assert split(plan, draws) == {"actor us": 5, "calendar": -2}


def test_all_of_a_redo_is_redo() -> None:
    plan = plan_of("""
        [activities.search]
        actor = "us"
        calendar = "days"
        duration = { uniform = [5, 15] }
        [activities.lease]
        actor = "landlord"
        calendar = "days"
        duration = { uniform = [5, 15] }
        after = ["search"]
        redo = { probability = 1, back_to = "search" }
        [activities.open]
        calendar = "days"
        duration = 0
        after = ["lease"]
        """)
    draws = with_days(plan, Sampler(plan).draw(0, 1), {"search": [12, 6], "lease": [10, 7]})
    assert split(plan, draws) == {"actor us": 2, "redo lease": 13}


def test_what_the_plan_leaves_out_or_in_is_occurrence() -> None:
    tables: Tables = {
        "activities": {
            "maybe": {"calendar": "days", "duration": 6, "probability": 0.5},
            "likely": {"calendar": "days", "duration": 8, "probability": 0.75, "after": ["maybe"]},
        }
    }
    plan = plan_of(tables)
    draws = Sampler(plan).draw(0, 1)
    yes, no = (
        replace(draws, happens=np.array([[[first, second]]]), duration=np.array([[[6.0, 8.0]]], np.float32))
        for first, second in ((1, 1), (0, 0))
    )
    yes, no = (replace(d, happens=d.happens.astype(np.bool_)) for d in (yes, no))
    assert split(plan, yes) == {"occurrence maybe": 6}
    assert split(plan, no) == {"occurrence likely": -8}


def test_types_other_than_the_likeliest_are_outcome() -> None:
    plan = plan_of("""
        [office_types.small]
        [office_types.large]
        [offices.a]
        type = { small = 0.6, large = 0.4 }
        [activities.work]
        calendar = "days"
        duration = { fixed = 10 }
        by_type.large = { fixed = 17 }
        """)
    sampler = Sampler(plan)
    large = next(r for r in range(50) if sampler.draw(r, 1).codes[0, 0, plan.type_variable] == 1)
    assert split(plan, sampler.draw(large, 1)) == {"outcome": 7}


def test_a_date_that_comes_anyway_counts_for_less() -> None:
    plan = plan_of("""
        [activities.first]
        actor = "us"
        calendar = "days"
        duration = { uniform = [5, 15] }
        [activities.second]
        calendar = "days"
        duration = 2
        not_before = 2022-01-18      # day 15
        after = ["first"]
        """)
    draws = with_days(plan, Sampler(plan).draw(0, 1), {"first": [19]})
    assert split(plan, draws) == {"actor us": 9, "not_before": -5}


def test_risks_are_charged_one_after_the_other() -> None:
    plan = plan_of("""
        [activities.work]
        actor = "us"
        calendar = "days"
        duration = 10
        [risks.twice]
        probability = 1
        scope = "programme"
        activities = ["work"]
        factor = 2
        [risks.more]
        probability = 1
        scope = "programme"
        activities = ["work"]
        factor = 1.5
        """)
    assert split(plan, Sampler(plan).draw(0, 1)) == {"risk twice": 10, "risk more": 10}


def test_facts_are_in_the_plan_too() -> None:
    plan = plan_of("""
        [scenario]
        status_date = 2022-01-20         # day 17
        status = [{ office = "a", activity = "design", started = 2022-01-03, finished = 2022-01-18 }]
        [offices.a]
        [activities.design]
        actor = "us"
        calendar = "days"
        duration = { uniform = [5, 6] }
        [activities.lease]
        actor = "landlord"
        calendar = "days"
        duration = { uniform = [10, 20] }
        after = ["design"]
        """)
    assert planned_opening(plan).tolist() == [17 + 15]
    assert split(plan, with_days(plan, Sampler(plan).draw(0, 1), {"lease": [19]})) == {"actor landlord": 4}


@given(programmes())
def test_parts_add_up_and_slack_is_never_positive(tables: Tables) -> None:
    plan = plan_if_valid(tables)
    draws = Sampler(plan).draw(0, 3)
    timeline, _ = attempt(kernel, plan, draws)
    if timeline is None:
        return
    splitter = Splitter(plan)
    parts = splitter.split(Block(plan, draws, timeline))
    assert np.array_equal(parts.sum(axis=2), timeline.opening(plan) - splitter.planned)
    kinds = [kind for kind, _ in splitter.names]
    assert (parts[..., kinds.index(CauseKind.SLACK)] <= 0).all()
    assert (parts[..., [kind is CauseKind.POOL for kind in kinds]] >= 0).all()
    assert (parts[..., kinds.index(CauseKind.STATUS)] == 0).all()


@given(programmes(most_pools=0))
def test_an_undelayed_future_has_nothing_but_its_outcome(tables: Tables) -> None:
    plan = plan_if_valid(tables)
    draws = medians_given(plan, Sampler(plan).draw(0, 2))
    timeline, _ = attempt(kernel, plan, draws)
    if timeline is None:
        return
    splitter = Splitter(plan)
    parts = splitter.split(Block(plan, draws, timeline))
    others = [kind is not CauseKind.OUTCOME for kind, _ in splitter.names]
    assert not parts[..., others].any()


@pytest.fixture(scope="module")
def default_tally() -> DelayTally:
    plan = compile_scenario(load_scenario(SCENARIOS / "programme-2021.toml").scenario)
    tally: DelayTally = run(Job(plan, {"delay": partial(DelayTally, plan)}), 600, workers=1)["delay"]
    return tally


def test_parts_add_up_on_the_default_scenario() -> None:
    plan = compile_scenario(load_scenario(SCENARIOS / "programme-2021.toml").scenario)
    block = block_of(plan, Sampler(plan).draw(0, 96))
    splitter = Splitter(plan)
    assert np.array_equal(splitter.split(block).sum(axis=2), block.opening - splitter.planned)


def total_and_rest(rows: list[dict[str, Any]], column: str) -> tuple[float, float]:
    return rows[0][column], sum(row[column] for row in rows[1:])


def test_columns_of_the_tables_add_up(default_tally: DelayTally) -> None:
    table = drivers(default_tally)
    for scope in ("all", "round 0", "round 1", "round 2"):
        rows = list(table.where(scope=scope).rows())
        assert (rows[0]["kind"], rows[0]["n"]) == ("total", 600)
        for column in ("delay_days_mean", "share_of_variance", "delay_days_p80"):
            assert rows[0][column] == pytest.approx(sum(row[column] for row in rows[1:]))
        means = [row["delay_days_mean"] for row in rows[1:]]
        assert means == sorted(means, reverse=True)
        assert all(row["delay_days_low"] <= row["delay_days_mean"] <= row["delay_days_high"] for row in rows)
    by_office = delay_by_cause(default_tally)
    for office in ("are", "boden"):
        rows = list(by_office.where(office=office).rows())
        assert rows[0]["delay_days_mean"] == pytest.approx(sum(row["delay_days_mean"] for row in rows[1:]))
        assert sum(row["share_of_variance"] for row in rows[1:]) == pytest.approx(1)


def test_grouping_changes_nothing() -> None:
    plan = plan_of(EXAMPLE)
    job = Job(plan, {"delay": partial(DelayTally, plan)})
    one = run(job, 700, workers=1)["delay"]
    two = run(job, 700, workers=2)["delay"]
    pieces = DelayTally(plan)
    for first, count in ((300, 400), (0, 300)):
        pieces.add(block_of(plan, Sampler(plan).draw(first, count)))
    assert drivers(one).csv() == drivers(two).csv() == drivers(pieces).csv()
    assert delay_by_cause(one).csv() == delay_by_cause(two).csv() == delay_by_cause(pieces).csv()


def test_of_many_replications_every_17th_run_is_split() -> None:
    plan = plan_of(EXAMPLE)
    tally = DelayTally(plan)
    for first, count, split in ((1000, 20, 20), (1080, 20, 12), (2150, 100, 64), (65_280, 20, 20), (17 * 61 * 64, 20, 0)):
        before = tally.counted
        tally.add(block_of(plan, Sampler(plan).draw(first, count)))
        assert tally.counted - before == split


def test_a_tally_of_nothing_gives_empty_tables() -> None:
    tally = DelayTally(plan_of(EXAMPLE))
    assert len(drivers(tally)) == 0


def test_the_part_at_a_quantile_adds_up() -> None:
    generator = np.random.default_rng(1)
    a, b = generator.integers(0, 50, (2, 500)).astype(float)
    of_a, of_b, of_both = part_at(np.column_stack([a, b, a + b]), a + b, 0.8)
    assert of_a + of_b == pytest.approx(of_both)
    assert of_both == pytest.approx(np.quantile(a + b, 0.8), abs=2)


def test_groups_of_many_replications_are_even() -> None:
    groups = np.bincount(np.flatnonzero(is_split(np.arange(65_536))) // GROUP_RUN % GROUPS)
    assert groups.max() - groups.min() <= 2 * GROUP_RUN
