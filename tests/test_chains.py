"""Chains: their days add up, their links are what really held an opening up, in hand-made and in random programmes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from programmes import Outcome, Tables, attempt, plan_of, run, run_plan
from random_programmes import plan_if_valid, programmes

from sim.analysis.chain_steps import BY_LOGIC, BY_SENDER, before, lay_out
from sim.analysis.chains import LinkKind, chain, chain_table
from sim.engine import kernel
from sim.plan import End, Plan
from sim.sampling import Sampler
from sim.timeline import Driver


def links(outcome: Outcome, office: str = "a", *, across: bool = False) -> list[tuple[str, str, int]]:
    """Office and activity, kind and days of each link, in order of time."""
    found = chain(outcome.plan, outcome.timeline, 0, outcome.plan.office_index[office], across=across)
    return [(outcome.name(link.office * len(outcome.plan.passes) + link.pass_), link.kind.name, link.days) for link in found]


TWO_OFFICES: Tables = {
    "activities": {
        "dig": {"calendar": "days", "duration": 3},
        "pour": {"calendar": "days", "duration": 6, "after": ["dig"], "uses": {"mixer": 1}},
        "open": {"calendar": "days", "duration": 0, "after": ["pour"]},
    },
    "resources": {"mixer": {"capacity": 1}},
    "offices": {"a": {}, "b": {}},
}


def test_a_queue_is_a_link_within_the_office() -> None:
    assert links(run(TWO_OFFICES), "b") == [("b.dig", "WORK", 3), ("b.pour", "POOL", 6), ("b.pour", "WORK", 6)]


def test_across_offices_the_chain_follows_the_one_that_gave_back() -> None:
    assert links(run(TWO_OFFICES), "b", across=True) == [("a.dig", "WORK", 3), ("a.pour", "WORK", 6), ("b.pour", "WORK", 6)]


def test_waits_of_every_kind_are_told_apart() -> None:
    outcome = run("""
        [offices.a]
        start = 2022-01-05           # Wednesday: 2 days after the start
        [activities.plan]
        duration = 3                 # Wednesday to Saturday morning: 3 days
        [activities.build]
        duration = 2
        not_before = 2022-01-15      # Saturday: 7 days, then 2 days off
        after = ["plan"]
        [activities.decide]
        meeting = "board"            # from Wednesday the 19th on: 6 days to the 25th
        after = ["build"]
        [activities.rest]
        duration = 1                 # 4 working days after Tuesday the 25th: Saturday the 29th, 4 days; 2 days off
        after = [{ activity = "decide", lag = 4 }]
        [activities.open]            # Tuesday 1 February to Thursday: 2 days
        opening_days = { weekdays = ["thu"] }
        after = ["rest"]
        [meetings.board]
        dates = [2022-01-25]
        """)
    assert links(outcome) == [
        ("a.plan", "OFFICE_START", 2),
        ("a.plan", "WORK", 3),
        ("a.build", "NOT_BEFORE", 7),
        ("a.build", "CALENDAR", 2),
        ("a.build", "WORK", 2),
        ("a.decide", "MEETING", 6),
        ("a.rest", "LAG", 4),
        ("a.rest", "CALENDAR", 2),
        ("a.rest", "WORK", 1),
        ("a.open", "OPENING_DAY", 2),
    ]
    assert sum(days for _, _, days in links(outcome)) == 31  # 3 February


def test_a_finish_may_be_held_back_by_another_activity() -> None:
    outcome = run("""
        [activities.long]
        calendar = "days"
        duration = 9
        [activities.short]
        calendar = "days"
        duration = 1
        after = [{ activity = "long", type = "FF", lag = 2 }]
        """)
    assert links(outcome) == [("a.long", "WORK", 9), ("a.short", "HOLD", 2)]


def test_a_start_may_wait_for_a_start() -> None:
    outcome = run("""
        [activities.first]
        calendar = "days"
        duration = 9
        [activities.second]
        calendar = "days"
        duration = 20
        after = [{ activity = "first", type = "SS", lag = 4 }]
        [activities.open]
        calendar = "days"
        duration = 0
        after = ["first", "second"]
        """)
    assert links(outcome) == [("a.second", "LAG", 4), ("a.second", "WORK", 20)]


def test_a_rising_capacity_is_a_link_and_the_chain_stays_in_the_office() -> None:
    tables = TWO_OFFICES | {"resources": {"mixer": {"capacity": 0, "changes": [{"from": "2022-01-10", "capacity": 2}]}}}
    expected = [("b.dig", "WORK", 3), ("b.pour", "CAPACITY", 4), ("b.pour", "WORK", 6)]
    assert links(run(tables), "b") == links(run(tables), "b", across=True) == expected


def test_a_redo_goes_back_through_the_pass_that_sent_back() -> None:
    outcome = run("""
        [activities.search]
        calendar = "days"
        duration = 5
        [activities.survey]
        calendar = "days"
        duration = 4
        after = ["search"]
        [activities.lease]
        calendar = "days"
        duration = 2
        after = ["search"]
        redo = { probability = 1, back_to = "search" }
        [activities.sign]
        calendar = "days"
        duration = 1
        after = ["lease", "survey"]
        """)
    assert links(outcome) == [
        ("a.search", "WORK", 5),
        ("a.lease", "WORK", 2),
        ("a.search[lease.2]", "WORK", 5),
        ("a.survey", "WORK", 4),
        ("a.sign", "WORK", 1),
    ]


def test_what_was_done_before_ends_a_chain() -> None:
    outcome = run(TWO_OFFICES | {"offices": {"a": {"start": "2022-01-10", "enters_at": ["pour"]}}})
    assert links(outcome) == [("a.dig", "DONE", 7), ("a.pour", "WORK", 6)]


def test_on_a_status_date_facts_end_a_chain_and_nothing_else_begins_before_it() -> None:
    outcome = run("""
        [scenario]
        status_date = 2022-01-20         # day 17
        status = [
            { office = "a", activity = "design", started = 2022-01-03, finished = 2022-01-10 },
            { office = "a", activity = "lease", started = 2022-01-12 },
        ]
        [offices.a]
        [offices.b]
        [activities.design]
        calendar = "days"
        duration = 5
        [activities.lease]
        calendar = "days"
        duration = 12
        after = ["design"]
        """)
    assert links(outcome, "a") == [("a.lease", "DONE", 9), ("a.lease", "WORK", 12)]
    assert links(outcome, "b") == [("b.design", "STATUS", 17), ("b.design", "WORK", 5), ("b.lease", "WORK", 12)]


def test_the_table_names_and_dates_the_links() -> None:
    outcome = run(TWO_OFFICES)
    table = chain_table(outcome.plan, outcome.timeline, 0, [1])
    row = list(table.rows())[1]
    assert row | {"from": str(row["from"]), "until": str(row["until"])} == {
        "office": "b",
        "step": 2,
        "at_office": "b",
        "activity": "pour",
        "pass": "",
        "kind": "pool",
        "detail": "mixer",
        "from": "2022-01-06",
        "until": "2022-01-12",
        "days": 6,
    }
    assert len(chain_table(outcome.plan, outcome.timeline, 0)) == 2 + 3


@given(programmes())
def test_days_add_up_to_the_opening_on_random_programmes(tables: Tables) -> None:
    plan = plan_if_valid(tables)
    timeline, _ = attempt(kernel, plan, Sampler(plan).draw(0, 4))
    if timeline is None:
        return
    opening = timeline.opening(plan)
    for r, o in np.ndindex(opening.shape):
        for across in (False, True):
            found = chain(plan, timeline, r, o, across=across)
            assert sum(link.days for link in found) == opening[r, o]
            assert all(link.days > 0 for link in found)
            assert {link.kind for link in found[1:]}.isdisjoint({LinkKind.OFFICE_START, LinkKind.DONE})


@given(programmes())
def test_the_step_back_agrees_with_what_the_engine_recorded(tables: Tables) -> None:
    check_steps(plan_if_valid(tables), 2)


@pytest.mark.parametrize("back_to", ["a", "s"])
def test_who_sends_the_office_back_may_itself_have_been_done_again(back_to: str) -> None:
    """s begins, t begins, s ends; t sends back to s, and s beyond both, from whichever of its passes was the last."""
    again = {"probability": 0.5, "at_most": 2, "scale": 1.0}
    tables = {
        "activities": {
            "a": {"calendar": "days", "duration": 2},
            "s": {
                "after": ["a", {"activity": "t", "type": "SF", "lag": 0}],
                "calendar": "days",
                "duration": 1,
                "redo": {"back_to": back_to, **again},
            },
            "t": {
                "after": [{"activity": "s", "type": "SS", "lag": 1}],
                "calendar": "days",
                "duration": 3,
                "redo": {"back_to": "s", **again},
            },
        },
        "offices": {"x": {}},
    }
    check_steps(plan_of(tables), 60)


def check_steps(plan: Plan, replications: int) -> None:
    """Of every start and finish the step back is what the engine recorded."""
    timeline, _ = attempt(kernel, plan, Sampler(plan).draw(0, replications))
    if timeline is None:
        return
    net, passes = lay_out(plan), len(plan.passes)
    for r, o, here in np.argwhere(timeline.start >= 0).tolist():
        records, takes_place = timeline.record[r, o], bool(timeline.happens[r, o, here])
        source, end, how, _ = before.py_func(net, records, here, int(End.START), takes_place)  # type: ignore[attr-defined]
        driver, cause = Driver(timeline.start_driver[r, o, here]), timeline.start_cause[r, o, here]
        if driver in (Driver.CALENDAR, Driver.NOT_BEFORE, Driver.PREDECESSOR_FINISH, Driver.PREDECESSOR_START, Driver.REDO):
            assert cause == (o * passes + source if how in (BY_LOGIC, BY_SENDER) else -1)
        if driver in (Driver.PREDECESSOR_FINISH, Driver.PREDECESSOR_START):
            assert end == (End.FINISH if driver is Driver.PREDECESSOR_FINISH else End.START)
        assert (how == BY_SENDER) == (driver is Driver.REDO) or driver in (Driver.CALENDAR, Driver.NOT_BEFORE, Driver.POOL, Driver.CAPACITY)
        check_finish(net, plan, timeline, r, o, here)


def check_finish(net, plan, timeline, r, o, here) -> None:  # type: ignore[no-untyped-def]
    """The same for a finish that another pass held back."""
    driver = Driver(timeline.finish_driver[r, o, here])
    if driver in (Driver.PREDECESSOR_FINISH, Driver.PREDECESSOR_START):
        takes_place = bool(timeline.happens[r, o, here])
        source, end, _, _ = before.py_func(net, timeline.record[r, o], here, int(End.FINISH), takes_place)  # type: ignore[attr-defined]
        assert timeline.finish_cause[r, o, here] == o * len(plan.passes) + source
        assert end == (End.FINISH if driver is Driver.PREDECESSOR_FINISH else End.START)


def test_run_plan_gives_the_same_chain_whatever_the_block() -> None:
    plan = run(TWO_OFFICES).plan
    outcome = run_plan(plan, Sampler(plan).draw(0, 3))
    assert {chain(plan, outcome.timeline, r, 1) for r in range(3)} == {chain(plan, outcome.timeline, 0, 1)}
