"""Both engines give the same timelines, and these obey the rules as somebody reads them who knows neither engine."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from programmes import Outcome, Tables, attempt, run, run_plan, scenario_of, walk_back
from random_programmes import plan_if_valid, programmes, programmes_under_way

from sim.engine import kernel, process
from sim.plan import ActivityPlan, End, Kind, Plan, Relation, compile_scenario
from sim.sampling import Draws, Sampler, median_draws
from sim.scenario.load import load_scenario
from sim.timeline import Driver, Field

SCENARIOS = Path(__file__).parent.parent / "scenarios"
WHOLE = sorted(path.relative_to(SCENARIOS).as_posix() for path in SCENARIOS.rglob("*.toml") if path.name != "process.toml")
FUTURES = 4


def compare(plan: Plan, draws: Draws) -> None:
    """Both engines give the same timeline, or stop at the same replication with the same message."""
    expected, reason = attempt(process, plan, draws)
    found, why = attempt(kernel, plan, draws)
    assert why == reason
    if expected is not None and found is not None:
        assert found.differences(expected) == []


@pytest.mark.parametrize("name", WHOLE)
def test_equal_on_the_scenarios(name: str) -> None:
    plan = compile_scenario(load_scenario(SCENARIOS / name).scenario)
    compare(plan, Sampler(plan).draw(0, 40 if name == "programme-2021.toml" else 10))
    compare(plan, median_draws(plan))


@given(programmes())
def test_equal_on_random_programmes(tables: Tables) -> None:
    plan = plan_if_valid(tables)
    compare(plan, Sampler(plan).draw(0, FUTURES))


KNOWN_LATE = """
[scenario]
calendar = "days"
status_date = 2022-01-10
status = [
    { office = "a", activity = "search", started = 2022-01-03, finished = 2022-01-03 },
    { office = "a", activity = "search", started = 2022-01-03, finished = 2022-01-03, pass = 2 },
    { office = "a", activity = "lease", started = 2022-01-03, finished = 2022-01-03 },
    { office = "a", activity = "lease", started = 2022-01-03, finished = 2022-01-03, pass = 2 },
    { office = "a", activity = "draw", started = 2022-01-03, finished = 2022-01-10 },
    { office = "a", activity = "draw", started = 2022-01-10, pass = 2 },
    { office = "a", activity = "permit", started = 2022-01-10, finished = 2022-01-10 },
]
[activities]
search = { duration = 0 }
lease = { duration = 0, after = "search", redo = { probability = 0.5, back_to = "search", at_most = 1 } }
draw = { duration = 5 }
permit = { duration = 0, after = ["draw", { activity = "lease", lag = 1 }], redo = { probability = 1, back_to = "draw", at_most = 1 } }
"""


def test_equal_when_what_follows_from_work_under_way_waits_for_something_known() -> None:
    """The second permit follows on the second draw, and on the lease, whose facts are then still on the stack."""
    assert run(KNOWN_LATE).record("permit", pass_=1)["start"] == 12


@given(programmes_under_way())
def test_equal_on_programmes_under_way(tables: Tables) -> None:
    """Of every office or of some it is told what had happened on a day; the median future is one more."""
    plan = compile_scenario(scenario_of(tables))
    compare(plan, Sampler(plan).draw(0, FUTURES))
    compare(plan, median_draws(plan))


@given(programmes(short=True))
def test_dead_ends_are_the_same(tables: Tables) -> None:
    plan = plan_if_valid(tables)
    draws = Sampler(plan).draw(0, FUTURES)
    compare(plan, draws)
    for i in range(FUTURES):
        compare(plan, draws.take([i]))


def test_a_timeline_that_is_written_over_keeps_nothing_of_the_one_before() -> None:
    plan = compile_scenario(load_scenario(SCENARIOS / "programme-2021.toml").scenario)
    sampler = Sampler(plan)
    first = kernel.simulate(plan, sampler.draw(0, 20))
    again = kernel.simulate(plan, sampler.draw(20, 20), into=first)
    assert again.differences(kernel.simulate(plan, sampler.draw(20, 20))) == []


def test_a_future_is_the_same_in_every_block() -> None:
    plan = compile_scenario(load_scenario(SCENARIOS / "programme-2021.toml").scenario)
    draws = Sampler(plan).draw(0, 30)
    whole = kernel.simulate(plan, draws)
    for rows in (slice(0, 7), slice(7, 30), slice(29, 30)):
        part = kernel.simulate(plan, draws.take(rows))
        assert np.array_equal(part.record, whole.record[rows])


# --- the rules, looked at from outside --------------------------------------------------------------------------------------


def outcome_of(tables: Tables) -> Outcome | None:
    """What becomes of a random programme, unless it comes to a dead end."""
    plan = plan_if_valid(tables)
    draws = Sampler(plan).draw(0, FUTURES)
    return None if attempt(kernel, plan, draws)[1] else run_plan(plan, draws)


@given(programmes())
def test_every_chain_leads_back_to_a_start_and_leaves_no_day_out(tables: Tables) -> None:
    if (case := outcome_of(tables)) is None:
        return
    for replication in range(FUTURES):
        for office in case.plan.offices:
            steps = list(walk_back(case, office.index, replication))
            assert steps[0][2] == case.timeline.opening(case.plan)[replication, office.index]
            assert all(earlier[2] <= later[2] for later, earlier in pairwise(steps))
            assert_begins_well(case, steps[-1])


def assert_begins_well(case: Outcome, step: tuple[int, End, int, Driver]) -> None:
    """A chain begins on an office's first day, with what was done before it, with a date, or with a rise of capacity."""
    node, end, day, driver = step
    office = case.plan.offices[case.plan.node(node)[0]]
    if driver in (Driver.OFFICE_START, Driver.DONE):
        assert day == office.start
    else:
        assert end is End.START
        assert driver in (Driver.CAPACITY, Driver.CALENDAR, Driver.NOT_BEFORE)
        assert day > office.start


@given(programmes())
def test_work_is_done_on_working_days_and_waits_for_what_it_names(tables: Tables) -> None:
    if (case := outcome_of(tables)) is None:
        return
    for replication in range(FUTURES):
        for office in range(len(case.plan.offices)):
            for activity in case.plan.activities:
                assert_obeys(case, replication, office, activity)


def assert_obeys(case: Outcome, replication: int, office: int, activity: ActivityPlan) -> None:
    """Rules 2, 3 and 5 for the passes of one activity."""
    calendar = case.plan.calendars[activity.calendar]
    records = case.timeline.record[replication, office]
    for here in range(activity.passes.start, activity.passes.stop):
        record, happens = records[here], case.timeline.happens[replication, office, here]
        start, finish, ready, work = (int(record[field]) for field in (Field.START, Field.FINISH, Field.READY, Field.WORK))
        if not happens:
            assert work == 0
            continue
        assert start >= max(ready, activity.not_before)
        assert finish >= calendar.finish(start, work)
        if activity.kind is Kind.WORK and work:
            assert calendar.first_on_or_after(start) == start
        if activity.kind is not Kind.WORK:
            assert case.plan.series[activity.series][finish] == finish
        if not activity.holds_finish and activity.kind is Kind.WORK:
            assert finish == calendar.finish(start, work)
    for relation in (*activity.holds_start, *activity.holds_finish):
        assert_waited(case, replication, office, activity, relation)


def assert_waited(case: Outcome, replication: int, office: int, activity: ActivityPlan, relation: Relation) -> None:
    """The last pass of an activity is not before the last pass of what it waits for, unless a redo began after it had waited."""
    source, records = case.plan.activities[relation.source], case.timeline.record[replication, office]
    if activity.loops & ~source.loops or case.plan.offices[office].done[activity.index]:
        return
    lag = relation.lag if case.timeline.happens[replication, office, activity.passes].any() else 0
    came = records[source.passes, Field.START if relation.source_end is End.START else Field.FINISH].max()
    end = Field.START if relation in activity.holds_start else Field.FINISH
    if source.loops == activity.loops == 0:
        came = case.plan.calendars[activity.calendar].finish(int(came), lag)
    assert records[activity.passes, end].max() >= came


@given(programmes())
def test_no_pool_lends_more_than_it_has(tables: Tables) -> None:
    if (case := outcome_of(tables)) is None:
        return
    for pool in case.plan.pools:
        most = max([pool.capacity, *(capacity for _, capacity in pool.changes)])
        users = [(a, dict(a.uses)[pool.index]) for a in case.plan.activities if pool.index in dict(a.uses)]
        for replication in range(FUTURES):
            at_work = np.zeros(case.plan.last + 2, np.int64)
            for activity, units in users:
                for office in range(len(case.plan.offices)):
                    for here in range(activity.passes.start, activity.passes.stop):
                        if case.timeline.happens[replication, office, here]:
                            start, finish = case.timeline.record[replication, office, here, [Field.START, Field.FINISH]]
                            at_work[start:finish] += units
            assert at_work.max() <= most
