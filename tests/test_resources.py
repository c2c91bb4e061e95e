from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from programmes import plan_of, run, run_plan
from random_programmes import plan_if_valid, programmes
from simpy.events import EventPriority

from sim.analysis.chain_steps import STEP_FREES_FINISH, STEP_FREES_START, STEP_NEEDS, lay_out, lets_begin
from sim.analysis.pools import capacities
from sim.analysis.resources import ResourceTally, capacity_by_day, mean_wait, queue_by_month, resources, utilisation
from sim.engine.chance import Chance
from sim.engine.network import Network
from sim.engine.process import Future
from sim.errors import DeadEndError
from sim.plan import Plan
from sim.runner import Block
from sim.sampling import Draws, Sampler
from sim.timeline import Driver, Field, Timeline

AT_NIGHT = EventPriority(9)

SATURDAY, SUNDAY = dt.date(2022, 1, 8), dt.date(2022, 1, 9)


def tally_of(tables: dict[str, Any], replications: int = 1) -> tuple[Plan, ResourceTally]:
    outcome = run(tables, replications)
    tally = ResourceTally(outcome.plan)
    tally.add(Block(outcome.plan, outcome.draws, outcome.timeline))
    return outcome.plan, tally


def units(tally: ResourceTally, days: int, pool: int = 0) -> list[int]:
    return tally.held[pool].cumsum()[:days].tolist()


def waiting(tally: ResourceTally, days: int, pool: int = 0) -> list[int]:
    return tally.waiting[pool].cumsum()[:days].tolist()


def work(days: float, **more: Any) -> dict[str, Any]:
    return {"calendar": "days", "duration": days, **more}


def test_a_single_pool_by_hand() -> None:
    """Three offices ask on day 0 for one unit that each needs for four days."""
    tables = {"activities": {"x": work(4, uses={"p": 1})}, "resources": {"p": {"capacity": 1}}, "offices": {k: {} for k in "abc"}}
    plan, tally = tally_of(tables)
    assert units(tally, 13) == [1] * 12 + [0]
    assert waiting(tally, 9) == [2] * 4 + [1] * 4 + [0]
    [row] = resources(plan, tally).rows()
    assert (row["utilisation"], row["requests_mean"], row["p_wait"], row["queue_days_mean"]) == (1.0, 3.0, pytest.approx(2 / 3), 4.0)
    assert (row["queue_days_p90"], row["peak_month"], row["peak_waiting_mean"]) == (8, "2022-01", pytest.approx(12 / 29))


def test_a_unit_is_held_from_its_grant_over_the_days_off_before_the_work() -> None:
    """The first is done on Saturday morning: the second has its unit from then, works from Monday, and has waited five days."""
    tables = {"activities": {"x": {"duration": 5, "uses": {"p": 1}}}, "resources": {"p": {"capacity": 1}}, "offices": {"a": {}, "b": {}}}
    _, tally = tally_of(tables)
    assert units(tally, 13) == [1] * 12 + [0]
    assert waiting(tally, 6) == [1] * 5 + [0]


def test_a_held_span_covers_what_lies_between() -> None:
    tables = {
        "activities": {"x": work(2), "y": work(3, after="x"), "z": work(1, after="y")},
        "resources": {"p": {"capacity": 1, "held": {"from": "x.start", "until": "y.finish"}}},
        "offices": {"a": {}, "b": {}},
    }
    _, tally = tally_of(tables)
    assert units(tally, 11) == [1] * 10 + [0]
    assert waiting(tally, 6) == [1] * 5 + [0]


def test_a_span_done_again_within_the_loop_is_held_twice() -> None:
    """x and y again at once: the unit goes back and is asked for anew."""
    tables = {
        "activities": {"x": work(2), "y": work(3, after="x", redo={"probability": 1, "back_to": "x", "at_most": 1})},
        "resources": {"p": {"capacity": 1, "held": {"from": "x.start", "until": "y.start"}}},
    }
    _, tally = tally_of(tables)
    assert units(tally, 9) == [1, 1, 0, 0, 0, 1, 1, 0, 0]
    assert tally.waits[0, 0] == 2


def test_a_span_around_a_loop_is_held_once() -> None:
    tables = {
        "activities": {
            "x": work(1),
            "y": work(2, after="x", redo={"probability": 1, "back_to": "y", "at_most": 1}),
            "z": work(1, after="y"),
        },
        "resources": {"p": {"capacity": 1, "held": {"from": "x.start", "until": "y.finish"}}},
    }
    _, tally = tally_of(tables)
    assert units(tally, 6) == [1] * 5 + [0]
    assert tally.waits[0, 0] == 1


def test_an_office_under_way_holds_its_unit_from_its_first_day() -> None:
    tables = {
        "activities": {"x": work(2), "y": work(3, after="x"), "z": work(1, after="y")},
        "resources": {"p": {"capacity": 1, "held": {"from": "x.start", "until": "y.finish"}}},
        "offices": {"a": {"enters_at": ["y"], "start": dt.date(2022, 1, 5)}},
    }
    _, tally = tally_of(tables)
    assert units(tally, 6) == [0, 0, 1, 1, 1, 0]
    assert tally.waits.sum() == 0, "it does not ask"


def test_a_rise_of_the_capacity_ends_the_wait() -> None:
    tables = {
        "activities": {"x": work(10, uses={"p": 1})},
        "resources": {"p": {"capacity": 1, "changes": [{"from": dt.date(2022, 1, 6), "capacity": 2}]}},
        "offices": {"a": {}, "b": {}},
    }
    plan, tally = tally_of(tables)
    assert waiting(tally, 4) == [1, 1, 1, 0]
    assert units(tally, 14) == [1] * 3 + [2] * 7 + [1] * 3 + [0]
    assert utilisation(plan, tally, 0) == pytest.approx(20 / 23)  # to day 13: 3 days of one unit, 10 of two


def test_a_rise_of_another_pool_may_let_the_next_in_line_through() -> None:
    """The first in line waits for p until day 10, and the second behind it for q, which only then has its unit, for no time at all."""
    tables = {
        "activities": {"x": work(5, uses={"p": 1, "q": 1}), "y": work(0)},
        "resources": {
            "p": {"capacity": 0, "changes": [{"from": dt.date(2022, 1, 13), "capacity": 1}]},
            "q": {"capacity": 2, "held": {"from": "y.start", "until": "y.finish"}},
        },
        "offices": {"a": {}},
    }
    _, tally = tally_of(tables)
    assert units(tally, 16, pool=0) == [0] * 10 + [1] * 5 + [0]
    assert units(tally, 16, pool=1) == [0] * 10 + [1] * 5 + [0]
    assert waiting(tally, 11, pool=1) == [1] * 10 + [0]


def test_a_fall_before_the_work_begins_is_not_what_let_it_through() -> None:
    """The unit comes on Saturday and is taken away on Sunday from whoever asks then; it was granted by then, for work from Monday on."""
    tables = {
        "activities": {"x": work(3, uses={"p": 1}, calendar="week")},
        "resources": {"p": {"capacity": 0, "changes": [{"from": SATURDAY, "capacity": 1}, {"from": SUNDAY, "capacity": 0}]}},
        "offices": {"a": {}},
    }
    _, tally = tally_of(tables)
    assert units(tally, 11) == [0] * 5 + [1] * 5 + [0]
    assert waiting(tally, 6) == [1] * 5 + [0]


def test_of_two_rises_on_days_off_the_first_is_taken() -> None:
    tables = {
        "activities": {"x": work(3, uses={"p": 1}, calendar="week")},
        "resources": {"p": {"capacity": 0, "changes": [{"from": SATURDAY, "capacity": 1}, {"from": SUNDAY, "capacity": 2}]}},
        "offices": {"a": {}},
    }
    _, tally = tally_of(tables)
    assert units(tally, 11) == [0] * 5 + [1] * 5 + [0]


def test_nor_is_the_fall_of_another_pool() -> None:
    """The second behind the first in line waits for q alone; what lets the first through, and so the second, is the rise of p."""
    tables = {
        "activities": {"x": work(0, uses={"p": 1, "q": 1}), "y": work(3, uses={"q": 1}, calendar="week")},
        "resources": {
            "p": {"capacity": 0, "changes": [{"from": SATURDAY, "capacity": 1}, {"from": SUNDAY, "capacity": 0}]},
            "q": {"capacity": 2},
        },
        "offices": {"a": {}},
    }
    _, tally = tally_of(tables)
    assert units(tally, 11, pool=1) == [0] * 5 + [1] * 5 + [0]
    assert waiting(tally, 6, pool=1) == [1] * 5 + [0]


def test_of_two_units_that_one_gives_back_on_days_off_the_first_is_taken() -> None:
    """a gives back its held unit when y begins, on Sunday, and what y uses on Monday, when that ends: b begins on Monday with the first."""
    tables = {
        "activities": {"x": work(2, calendar="week"), "y": work(1, after="x", uses={"p": 1})},
        "resources": {"p": {"capacity": 0, "changes": [{"from": SUNDAY, "capacity": 2}], "held": {"from": "x.start", "until": "y.start"}}},
        "offices": {"a": {"enters_at": ["y"]}, "b": {}},
    }
    _, tally = tally_of(tables)
    assert units(tally, 11) == [1] * 6 + [2] + [1] * 3 + [0]
    assert waiting(tally, 8) == [2] * 6 + [0, 0]


def test_a_wait_for_several_pools_is_one_of_the_pool_that_let_it_through() -> None:
    tables = {
        "activities": {"x": work(4, uses={"p": 1}, when={"id": "a"}), "y": work(1, uses={"p": 1, "q": 1}, when={"id": "b"})},
        "resources": {"q": {"capacity": 1}, "p": {"capacity": 1}},
        "offices": {"a": {}, "b": {}},
    }
    plan, tally = tally_of(tables)
    mean = {row["resource"]: row["queue_days_mean"] for row in resources(plan, tally).rows()}
    assert mean == {"q": 0.0, "p": 2.0}


def test_a_pool_that_nobody_asks_for_has_no_queue() -> None:
    plan, tally = tally_of({"activities": {"x": work(1)}, "resources": {"p": {"capacity": 2}}})
    [row] = resources(plan, tally).rows()
    assert (row["capacity"], row["utilisation"], row["queue_days_mean"], row["peak_month"]) == (2, None, None, None)


def test_months_add_up_to_the_whole() -> None:
    tables = {"activities": {"x": work(20, uses={"p": 1})}, "resources": {"p": {"capacity": 1}}, "offices": {k: {} for k in "abc"}}
    plan, tally = tally_of(tables)
    rows = list(queue_by_month(plan, tally).rows())
    assert [str(row["month"]) for row in rows] == ["2022-01-31", "2022-02-28", "2022-03-31"]
    days = [29, 28, 31]  # the first month begins on the 3rd
    assert sum(n * row["in_use_mean"] for n, row in zip(days, rows, strict=True)) == pytest.approx(60)
    assert sum(n * row["waiting_mean"] for n, row in zip(days, rows, strict=True)) == pytest.approx(20 + 40)


def test_the_interval_of_the_mean_wait_covers_it() -> None:
    """Two requests a future, of which one waits: futures are independent, the requests of one are not."""
    rng = np.random.default_rng(4)
    hits = 0
    for _ in range(1000):
        wait = rng.poisson(10, 50)
        sums = [100, int(wait.sum()), 200, int((wait**2).sum()), int((2 * wait).sum())]
        _, low, high = mean_wait(sums, 50)
        assert low is not None
        assert high is not None
        hits += low <= 5 <= high
    assert 930 <= hits <= 970


def test_grouping_changes_nothing() -> None:
    tables = {
        "activities": {"x": work(0, duration={"uniform": [1, 9]}, uses={"p": 1})} | {},
        "resources": {"p": {"capacity": 1}},
        "offices": {k: {} for k in "abc"},
    }
    plan = plan_of(tables)
    from sim.engine import kernel

    def gathered(first: int, count: int) -> ResourceTally:
        tally, draws = ResourceTally(plan), Sampler(plan).draw(first, count)
        tally.add(Block(plan, draws, kernel.simulate(plan, draws)))
        return tally

    whole, parts = gathered(0, 40), gathered(0, 13)
    parts.merge(gathered(13, 27))
    assert resources(plan, whole) == resources(plan, parts)
    assert queue_by_month(plan, whole) == queue_by_month(plan, parts)


def test_who_still_holds_one_unit_waits_for_the_other_alone() -> None:
    """``c`` works on Monday and does it again: for a crew it stands behind ``d``, which waits for a leader until Thursday."""
    plan = plan_of({
        "activities": {
            "ready": {"duration": 0},
            "build": work(1, after=["ready"], uses={"crew": 1}, redo={"back_to": "ready", "probability": 1, "at_most": 1}),
            "open": {"duration": 0, "after": ["build"]},
        },
        "resources": {
            "crew": {"capacity": 2, "queue": "strict"},
            "leader": {
                "capacity": 1,
                "changes": [{"from": dt.date(2022, 1, 6), "capacity": 2}],
                "held": {"from": "build.start", "until": "open.finish"},
            },
        },
        "offices": {"c": {}, "d": {}},
    })  # fmt: skip
    from sim.engine import kernel

    draws, tally = Sampler(plan).draw(0, 1), ResourceTally(plan)
    tally.add(Block(plan, draws, kernel.simulate(plan, draws)))
    crew, leader = (tally.waits[pool.index].tolist() for pool in plan.pools)
    assert [n for n in enumerate(crew) if n[1]] == [(0, 3), (2, 1)]
    assert [n for n in enumerate(leader) if n[1]] == [(0, 1), (3, 1)]


# --- against what the readable engine has at its desk every night ---------------------------------------------------------------


def nights(plan: Plan, draws: Draws, last: int) -> tuple[dict[int, list[int]], list[int]]:
    """Units in use of each pool, and requests waiting, when everything of a day has happened; for days 0 to ``last``."""
    future = Future(Network(plan), Chance(draws, 0))
    used: dict[int, list[int]] = defaultdict(list)
    queue: list[int] = []

    def look() -> None:
        for pool in plan.pools:
            used[pool.index].append(future.desk.queue.capacity[pool.index] - future.desk.queue.free[pool.index])
        queue.append(len(future.desk.queue.waiting))

    for day in range(last + 1):
        event = future.env.event()
        event._ok, event._value = True, None
        event.callbacks = [lambda _: look()]
        future.env.schedule(event, priority=AT_NIGHT, delay=day)
    future.run()
    return used, queue


def is_told(plan: Plan, timeline: Timeline) -> bool:
    """Whether the record tells the day of every grant: not where two releases or rises fit, one after the other on days off."""
    net, steps = lay_out(plan), timeline.record.reshape(-1, len(plan.passes), len(Field))
    for records in steps:
        for here in np.flatnonzero(records[:, Field.START] >= 0).tolist():
            record, needs = records[here], net.step[here, STEP_NEEDS]
            if record[Field.START_DRIVER] == Driver.POOL:
                office, cause = divmod(int(record[Field.START_CAUSE]), len(plan.passes))
                frees = {Field.START: net.step[cause, STEP_FREES_START], Field.FINISH: net.step[cause, STEP_FREES_FINISH]}
                days = {steps[office, cause, end] for end, pools in frees.items() if pools & needs}
            elif record[Field.START_DRIVER] == Driver.CAPACITY:
                days = {day for pool in plan.pools for day, before, after in capacities(pool) if after > before}
            else:
                continue
            if sum(record[Field.READY] <= day and lets_begin.py_func(net, record, here, day) for day in days) > 1:  # type: ignore[attr-defined]
                return False
    return True


@given(programmes())
def test_use_and_queue_are_what_stands_at_the_desk(tables: dict[str, Any]) -> None:
    """Without risks: a record does not tell work of length 0 that a risk made longer, and that asks for its pools on a day off."""
    tables = {**tables, "risks": {}}
    plan = plan_if_valid(tables)
    assume(plan.pools)
    try:
        outcome = run_plan(plan, Sampler(plan).draw(0, 1))
    except DeadEndError:
        assume(False)
    assume(is_told(plan, outcome.timeline))
    last = min(int(outcome.timeline.finish.max()) + 1, plan.last)
    used, queue = nights(plan, outcome.draws, last)
    tally = ResourceTally(plan)
    tally.add(Block(plan, outcome.draws, outcome.timeline))
    for pool in plan.pools:
        held = tally.held[pool.index].cumsum()[: plan.last + 1].tolist()
        assert held[: last + 1] == used[pool.index], pool.id
        assert not any(held[last:]), pool.id
    waiting = tally.waiting.sum(axis=0).cumsum()[: plan.last + 1].tolist()
    assert waiting[: last + 1] == queue
    assert not any(waiting[last:])


def test_capacity_follows_its_changes() -> None:
    tables = {"activities": {"x": work(1)}, "resources": {"p": {"capacity": 1, "changes": [{"from": dt.date(2022, 1, 5), "capacity": 3}]}}}
    assert capacity_by_day(plan_of(tables), 0)[:4].tolist() == [1, 1, 3, 3]
