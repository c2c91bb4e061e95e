"""Rule 9, the status of a running programme: cases counted by hand, closed forms, and what must hold for every programme.

Day 0 is Monday 3 January 2022; calendar ``days`` counts every day, ``week`` Monday to Friday.
"""

from __future__ import annotations

import datetime as dt
from itertools import permutations
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from programmes import MONDAY, Outcome, Tables, plan_of, run, run_plan, scenario_of
from random_programmes import facts_until, plan_if_valid, programmes, programmes_under_way, with_status
from scipy.stats import norm

from sim.distributions import Exponential, Lognormal
from sim.engine import kernel
from sim.errors import DeadEndError, InputError
from sim.plan import Kind, Plan, compile_scenario
from sim.plan.mixed import given_likelihoods, marginals
from sim.plan.model import FactPlan, MixPlan
from sim.sampling import Draws, Sampler, median_draws, outlived
from sim.sampling.under_way import Given, conditional
from sim.scenario.checks import check
from sim.timeline import Driver, Field

DAY = dt.timedelta(1)


def day(number: int) -> dt.date:
    """The date of a day."""
    return MONDAY + number * DAY


def fact(activity: str, started: int, finished: int | None = None, office: str = "a", **more: Any) -> Tables:
    """A row of a status, with days as numbers."""
    ended = {} if finished is None else {"finished": day(finished)}
    return {"office": office, "activity": activity, "started": day(started), **ended, **more}


def on(status_day: int, rows: list[Tables], tables: Tables, **more: Any) -> Tables:
    """A programme on its status date, on calendar ``days`` unless it says otherwise."""
    info = {"calendar": "days"} | tables.get("scenario", {})
    return with_status(tables | {"scenario": info}, status_day, rows, **more)


def work(duration: Any, *after: str, **more: Any) -> Tables:
    """An activity with a duration."""
    return {"duration": duration, "after": list(after), **more}


CHAIN: Tables = {"activities": {"one": work(10), "two": work(4, "one"), "three": work(1, "two")}}


# --- facts, and what is not done yet -----------------------------------------------------------------------------------------


def test_what_is_finished_stands_and_what_follows_starts_on_the_status_date() -> None:
    case = run(on(20, [fact("one", 2, 15)], CHAIN))
    assert [case.record("one")[name] for name in ("start", "finish", "work")] == [2, 15, 13]
    assert case.start_reason("one") == case.finish_reason("one") == (Driver.DONE, "")
    assert (case.record("two")["ready"], case.record("two")["start"], case.record("two")["finish"]) == (15, 20, 24)
    assert case.start_reason("two") == (Driver.STATUS, "a.one")
    assert case.start_reason("three") == (Driver.PREDECESSOR_FINISH, "a.two")


def test_a_finish_on_the_status_date_itself_lets_go_by_logic() -> None:
    case = run(on(15, [fact("one", 2, 15)], CHAIN))
    assert case.record("two")["start"] == 15
    assert case.start_reason("two") == (Driver.PREDECESSOR_FINISH, "a.one")


def test_nothing_known_means_that_nothing_has_begun() -> None:
    case = run(on(20, [], CHAIN))
    assert case.record("one")["start"] == 20
    assert case.start_reason("one") == (Driver.STATUS, "")
    assert case.record("three")["finish"] == 35


def test_a_status_date_without_a_status_holds_back_nothing() -> None:
    info = {"calendar": "days", "status_date": day(20)}
    assert run(CHAIN | {"scenario": info}).record("one")["start"] == 0


def test_work_under_way_keeps_its_start_and_goes_on() -> None:
    case = run(on(6, [fact("one", 2)], CHAIN))
    assert (case.record("one")["start"], case.record("one")["finish"]) == (2, 12)
    assert case.start_reason("one") == (Driver.DONE, "")
    assert case.finish_reason("one") == (Driver.WORK, "")
    assert case.happens("one")


def test_working_days_that_have_passed_are_those_of_the_calendar() -> None:
    tables = {"scenario": {"calendar": "week"}, "activities": {"one": work({"uniform": [0, 20]})}}
    found = compile_scenario(scenario_of(on(9, [fact("one", 2)], tables))).offices[0].facts[0]
    assert found.outlasted == 5  # Wed to Fri, Mon and Tue; the status date is the morning of Wednesday


def test_what_has_lasted_longer_than_it_can_takes_one_day_more_and_is_told() -> None:
    tables = on(15, [fact("one", 2)], CHAIN)
    assert run(tables).record("one")["finish"] == 16
    (warning,) = outlived(plan_of(tables))
    assert warning.path == "activities.one.duration"
    assert "a is at it since 2022-01-05" in warning.message
    assert outlived(plan_of(on(11, [fact("one", 2)], CHAIN))) == ()


def test_work_without_length_under_way_finishes_on_the_status_date() -> None:
    case = run(on(6, [fact("gate", 2)], {"activities": {"gate": work(0), "end": work(1, "gate")}}))
    assert (case.record("gate")["finish"], case.record("end")["start"]) == (6, 6)
    assert case.finish_reason("gate") == (Driver.STATUS, "")


def test_a_meeting_under_way_takes_its_next_date() -> None:
    dates = [day(n) for n in (5, 12, 19)]
    tables = {"meetings": {"board": {"dates": dates, "lead": 3}}, "activities": {"decide": {"meeting": "board", "calendar": "days"}}}
    for status_day, finish in ((5, 5), (6, 12), (12, 12), (13, 19)):
        case = run(on(status_day, [fact("decide", 1)], tables))
        assert case.record("decide")["finish"] == finish
    assert case.finish_reason("decide") == (Driver.MEETING, "")
    assert run(on(6, [fact("decide", 5, 5)], tables)).record("decide")["work"] == 3


def test_the_office_is_taken_to_have_begun_with_its_first_fact() -> None:
    tables = CHAIN | {"offices": {"a": {"start": day(30)}, "b": {"start": day(30)}}}
    case = run(on(20, [fact("one", 2, 15)], tables))
    assert case.record("two")["start"] == 20
    assert case.record("one", "b")["start"] == 30


def test_entries_and_facts_go_together() -> None:
    tables = CHAIN | {"offices": {"a": {"enters_at": ["two"], "start": day(5)}}}
    case = run(on(8, [fact("two", 6)], tables))
    assert (case.record("one")["finish"], case.record("two")["finish"]) == (5, 10)
    assert not case.happens("one")


def test_opened_is_enough() -> None:
    tables = {"scenario": {"opening": "three"}, "activities": CHAIN["activities"] | {"close": work(2, "three")}}
    case = run(on(20, [{"office": "a", "opened": day(18)}], tables))
    assert int(case.timeline.opening(case.plan)[0, 0]) == 18
    assert (case.record("two")["start"], case.happens("two")) == (0, False)
    assert (case.record("close")["start"], case.record("close")["finish"]) == (20, 22)


def test_opened_without_a_named_outcome_ends_all() -> None:
    tables = {"activities": {"one": work(10), "two": work(4)}}
    case = run(on(20, [{"office": "a", "opened": day(18)}, fact("one", 3, 9)], tables))
    assert int(case.timeline.opening(case.plan)[0, 0]) == 18
    assert (case.record("one")["finish"], case.happens("two")) == (9, False)


# --- what follows from facts ------------------------------------------------------------------------------------------------


def test_what_was_passed_by_did_not_happen() -> None:
    steps = {"find": work(3), "repair": work(9, "find", probability=0.9), "move": work(5, "repair")}
    case = run(on(8, [fact("find", 0, 3), fact("move", 4)], {"activities": steps}), replications=20)
    assert not case.draws.happens[:, 0, 1].any()
    assert case.record("move")["finish"] == 9


def test_facts_against_the_order_are_faults_unless_they_are_accepted() -> None:
    tables = on(8, [fact("one", 2), fact("two", 5)], CHAIN)
    (fault,) = check(scenario_of(tables))
    assert fault.path == "scenario.status[1]"
    assert fault.message.startswith("a: two started on 2022-01-08, but one, which it waits for, has not finished")
    case = run(on(8, [fact("one", 2), fact("two", 5)], CHAIN, accept_out_of_sequence=True))
    assert [case.record(id_)["finish"] for id_ in ("one", "two", "three")] == [12, 9, 10]


BY_TYPE: Tables = {
    "office_types": {"small": {}, "large": {}, "flexi": {}},
    "offices": {"a": {"type": {"small": 0.5, "large": 0.3, "flexi": 0.2}}},
    "branches": {"permit": {"options": {"yes": 0.2, "no": 0.8}, "by_type": {"large": {"yes": 0.6, "no": 0.4}}}},
    "activities": {
        "start": work(1),
        "drawings": work(2, "start", when={"type": ["small", "large"]}),
        "permit_wait": work(5, "drawings", when={"permit": "yes"}),
        "build": work(9, "permit_wait"),
    },
}


def shares(draws: Draws, plan: Plan, name: str) -> dict[str, float]:
    """How often each value of the first office's variable is drawn."""
    variable = next(v for v in plan.variables if v.name == name)
    counts = np.bincount(draws.codes[:, 0, variable.index], minlength=len(variable.values))
    return {str(v): count / draws.replications for v, count in zip(variable.values, counts, strict=True)}


def test_values_that_contradict_the_facts_are_excluded_and_the_rest_scaled() -> None:
    plan = plan_of(on(8, [fact("start", 0, 1), fact("drawings", 1, 3)], BY_TYPE))
    draws = Sampler(plan).draw(0, 20_000)
    assert shares(draws, plan, "type") == pytest.approx({"small": 0.5 / 0.8, "large": 0.3 / 0.8, "flexi": 0}, abs=0.015)
    assert shares(draws, plan, "permit")["yes"] == pytest.approx((0.5 * 0.2 + 0.3 * 0.6) / 0.8, abs=0.015)


def test_a_branch_that_is_known_tells_of_the_type() -> None:
    plan = plan_of(on(8, [fact("start", 0, 1), fact("drawings", 1, 3), fact("permit_wait", 4)], BY_TYPE))
    draws = Sampler(plan).draw(0, 20_000)
    assert shares(draws, plan, "permit")["yes"] == 1
    assert shares(draws, plan, "type")["small"] == pytest.approx(0.5 * 0.2 / (0.5 * 0.2 + 0.3 * 0.6), abs=0.015)


def test_what_did_not_happen_tells_too() -> None:
    plan = plan_of(on(8, [fact("start", 0, 1), fact("build", 4)], BY_TYPE))
    draws = Sampler(plan).draw(0, 1000)
    assert shares(draws, plan, "type") == {"small": 0, "large": 0, "flexi": 1}
    assert shares(draws, plan, "permit")["yes"] == 0


def test_a_chance_that_did_not_come_true_weighs_as_bayes_has_it() -> None:
    steps = {"start": work(1), "repair": work(1, "start", probability=0.75, when={"old": True}), "move": work(1, "repair")}
    tables = {"activities": steps, "offices": {"a": {"old": {"true": 0.6, "false": 0.4}}}}
    plan = plan_of(on(8, [fact("start", 0, 1), fact("move", 1, 2)], tables))
    assert shares(Sampler(plan).draw(0, 20_000), plan, "old")["True"] == pytest.approx(0.15 / 0.55, abs=0.015)


def test_facts_that_no_branch_allows_are_a_fault() -> None:
    steps = {"x": work(1, when={"way": "long"}), "y": work(1, when={"way": "short"})}
    tables = on(8, [fact("x", 0), fact("y", 0)], {"activities": steps, "branches": {"way": {"options": {"long": 0.5, "short": 0.5}}}})
    (fault,) = check(scenario_of(tables))
    assert fault.message == "a: y has begun, and another fact says otherwise (way)"


MIX: Tables = {
    "office_types": {"small": {}, "large": {}, "flexi": {}},
    "offices": {id_: {"round": 1} for id_ in "abcd"},
    "type_mix": {"m": {"offices": {"round": 1}, "counts": {"small": [1, 2], "large": [1, 2], "flexi": [0, 1]}}},
    "branches": {"permit": {"options": {"yes": 0.5, "no": 0.5}, "by_type": {"large": {"yes": 0.9, "no": 0.1}}}},
    "activities": {
        "plan": work(2, when={"type": ["large", "flexi"]}),
        "wait": work(2, "plan", when={"permit": "yes"}, probability=0.5),
        "end": work(1, "wait"),
    },
}


def likelihood(rows: list[Tables], office: str, kind: str) -> float:
    """By hand: how likely what is told of an office is, given its type."""
    told = {row["activity"] for row in rows if row["office"] == office}
    yes = 0.9 if kind == "large" else 0.5
    fits = kind in ("large", "flexi")
    planned = float(fits) if "plan" in told else float(not fits) if told else 1.0
    waited = yes * 0.5 if "wait" in told else 1 - yes * 0.5 if "end" in told else 1.0
    return planned * waited


def exact_shares(rows: list[Tables]) -> dict[str, dict[str, float]]:
    """Of every way to deal out the types: a row of seats, each as likely, in any order, weighed by what is told."""
    weights: dict[tuple[str, ...], float] = {}
    for row in ((1, 2, 1), (2, 1, 1), (2, 2, 0)):
        kinds = [kind for kind, seats in zip(("small", "large", "flexi"), row, strict=True) for _ in range(seats)]
        ways = set(permutations(kinds))
        for way in ways:
            weights[way] = prod(likelihood(rows, office, kind) for office, kind in zip("abcd", way, strict=True)) / len(ways)
    total = sum(weights.values())
    return {
        office: {kind: sum(w for way, w in weights.items() if way[i] == kind) / total for kind in ("small", "large", "flexi")}
        for i, office in enumerate("abcd")
    }


def test_the_chances_of_a_mix_by_hand() -> None:
    """Two small and one large office, the first small for certain: before the second's facts (small, large) and (large, small) of the
    others are as likely; these facts are half as likely of a large one."""
    mix = given_likelihoods(MixPlan("mix", (3, 5, 8), ((2, 1),)), {3: (1.0, 0.0), 5: (1.0, 0.5)})
    chances = marginals(mix)
    assert chances[3] == [1, 0]
    assert chances[5] == pytest.approx([2 / 3, 1 / 3])
    assert chances[8] == pytest.approx([1 / 3, 2 / 3])


@settings(max_examples=30)
@given(
    st.lists(st.tuples(*[st.integers(0, 2)] * 3), min_size=1, max_size=3, unique=True),
    st.lists(st.tuples(*[st.sampled_from([0.0, 0.5, 1.0])] * 3), min_size=4, max_size=4),
    st.sets(st.integers(0, 3), max_size=3),
)
def test_the_chances_of_a_mix_are_those_of_all_its_ways_counted_up(
    rows: list[tuple[int, ...]], likelihoods: list[tuple[float, ...]], told: set[int]
) -> None:
    """Each row is as likely, and so is each way to deal out its seats; each way weighs as the facts are likely with it."""
    rows = [row for row in rows if sum(row) == 4] or [(2, 1, 1)]
    offered = [any(column) for column in zip(*rows, strict=True)]
    assume(all(any(p > 0 for p, seats in zip(likelihoods[office], offered, strict=True) if seats) for office in told))
    known = {office: likelihoods[office] for office in told}
    weights = {
        (row, way): prod((known[office][code] for office, code in enumerate(way) if office in told), start=1.0) / len(ways)
        for row in rows
        for ways in [set(permutations(code for code, seats in enumerate(row) for _ in range(seats)))]
        for way in ways
    }
    mix = MixPlan("mix", (0, 1, 2, 3), tuple(rows))
    if not any(weights.values()):
        with pytest.raises(InputError, match="no way to deal out its types"):
            given_likelihoods(mix, known)
        return
    found = given_likelihoods(mix, known)
    if not found.told:
        return
    for office, chances in marginals(found).items():
        shares = [sum(w for (_, way), w in weights.items() if way[office] == code) for code in range(3)]
        assert chances == pytest.approx([share / sum(weights.values()) for share in shares])


TOLD = [
    [fact("plan", 0)],
    [fact("plan", 0, 2), fact("wait", 2)],
    [fact("plan", 0, office="b"), fact("plan", 0, 2, "c"), fact("wait", 2, 4, "c"), fact("end", 3, office="d")],
]


@pytest.mark.parametrize("rows", TOLD)
def test_in_a_type_mix_the_types_of_all_are_dealt_out_as_bayes_has_it(rows: list[Tables]) -> None:
    plan = plan_of(on(8, rows, MIX))
    draws = Sampler(plan).draw(0, 20_000)
    types = [str(value) for value in plan.variables[plan.type_variable].values]
    expected = exact_shares(rows)
    for office in plan.offices:
        codes = draws.codes[:, office.index, plan.type_variable]
        found = {kind: float((codes == code).mean()) for code, kind in enumerate(types)}
        assert found == pytest.approx(expected[office.id], abs=0.015)
        assert types[office.codes[plan.type_variable]] == max(expected[office.id], key=expected[office.id].__getitem__)
    seats = np.stack([(draws.codes[:, :, plan.type_variable] == code).sum(axis=1) for code in range(len(types))], axis=1)
    by_type = dict(zip(types, seats.T, strict=True))
    rows_drawn = set(zip(*(by_type[kind].tolist() for kind in ("small", "large", "flexi")), strict=True))
    assert rows_drawn <= {(1, 2, 1), (2, 1, 1), (2, 2, 0)}


def test_facts_that_no_way_to_deal_out_the_types_allows_are_a_fault() -> None:
    rows = [fact("plan", 0, office=office) for office in "abcd"]
    with pytest.raises(InputError, match=r"type_mix\.m\.counts: no way to deal out its types agrees with the facts"):
        plan_of(on(8, rows, MIX))


def test_facts_that_tell_nothing_of_the_types_leave_a_mix_as_it_was() -> None:
    steps = MIX | {"activities": {"first": work(1), **MIX["activities"]}}
    plan = plan_of(on(8, [fact("first", 0, 1)], steps))
    assert plan.mixes[0].told == ()
    free = plan_of(steps | {"scenario": {"calendar": "days"}})
    assert np.array_equal(Sampler(plan).draw(0, 100).codes, Sampler(free).draw(0, 100).codes)


# --- pools --------------------------------------------------------------------------------------------------------------------


def test_a_unit_in_use_stays_so_until_the_work_is_done() -> None:
    tables = {
        "offices": {"a": {}, "b": {}},
        "resources": {"crew": {"capacity": 1}},
        "activities": {"build": work(10, uses={"crew": 1})},
    }
    case = run(on(6, [fact("build", 2, office="b")], tables))
    assert (case.record("build", "b")["finish"], case.record("build", "a")["start"]) == (12, 12)
    assert case.start_reason("build", "a") == (Driver.POOL, "b.build")
    done = run(on(6, [fact("build", 2, 5, office="b")], tables))
    assert done.record("build", "a")["start"] == 6


HELD: Tables = {
    "offices": {"a": {}, "b": {}},
    "resources": {"leader": {"capacity": 1, "held": {"from": "one.start", "until": "two.finish"}}},
    "activities": {"one": work(3), "two": work(4, "one"), "three": work(1, "two")},
}


@pytest.mark.parametrize(
    ("rows", "start_of_a"),
    [([], 10), ([fact("one", 2, 5, "b")], 14), ([fact("one", 2, 5, "b"), fact("two", 7, office="b")], 11)],
)
def test_a_pool_held_over_a_span_is_held(rows: list[Tables], start_of_a: int) -> None:
    case = run(on(10, rows, HELD))
    assert case.record("one", "a")["start"] == start_of_a


def test_a_pool_whose_span_is_over_is_free() -> None:
    case = run(on(10, [fact("one", 2, 5, "b"), fact("two", 5, 9, "b")], HELD))
    assert case.record("one", "a")["start"] == 10
    assert case.start_reason("one", "a") == (Driver.STATUS, "")


@pytest.mark.parametrize("at_most", [1, 2])
def test_a_span_begun_again_by_a_redo_within_it_holds_one_unit(at_most: int) -> None:
    """b has done "one" twice and is at "two", which gives the unit back on day 14: c may have the second unit at once."""
    steps = {"one": work(3, redo={"probability": 0.5, "back_to": "one", "at_most": at_most}), "two": work(4, "one")}
    leader = HELD["resources"]["leader"] | {"capacity": 2}
    tables = {"activities": steps, "offices": {"b": {}, "c": {}}, "resources": {"leader": leader}}
    rows = [fact("one", 0, 3, "b"), fact("one", 3, 6, "b", **{"pass": 2}), fact("two", 10, office="b")]
    case = run(on(10, rows, tables))
    assert case.record("two", "b")["finish"] == 14
    assert case.record("one", "c")["start"] == 10
    assert case.start_reason("one", "c") == (Driver.STATUS, "")


@pytest.mark.parametrize("listed", list(permutations(["dig", "lay", "close"])), ids="-".join)
def test_facts_are_taken_up_in_the_order_of_the_process_not_of_the_scenario(listed: tuple[str, ...]) -> None:
    """dig was done twice before close gave back the crew held since it began: the second time it took gear alone, and none is lost."""
    again = {"back_to": "dig", "probability": 0.5, "at_most": 1}
    process = {"dig": work(1, redo=again), "lay": work(1, "dig"), "close": work(1, "lay")}
    tables = {
        "activities": {id_: process[id_] for id_ in listed},
        "resources": {
            "crew": {"capacity": 1, "held": {"from": "dig.start", "until": "close.finish"}},
            "gear": {"capacity": 1, "held": {"from": "dig.start", "until": "dig.finish"}},
        },
        "offices": {"a": {}, "b": {}},
    }
    rows = [fact("dig", 0, 1), fact("dig", 1, 2, **{"pass": "dig.2"}), fact("lay", 2, 3), fact("close", 3, 4)]
    case = run(on(5, rows, tables))
    first = (case.record("dig", "b")["start"], case.start_reason("dig", "b"))
    assert first == (5, (Driver.STATUS, ""))


@pytest.mark.parametrize("listed", list(permutations(["plan", "dig", "test"])), ids="-".join)
def test_what_is_done_again_waits_only_for_what_lies_within(listed: tuple[str, ...]) -> None:
    """dig and test were done before plan, which both wait for; nobody waited for it then, and so nobody does the second time."""
    again = {"back_to": "dig", "probability": 1.0, "at_most": 1}
    process = {"plan": work(10), "dig": work(3, "plan"), "test": work(2, "plan", "dig", redo=again)}
    rows = [fact("dig", 0, 1), fact("test", 1, 3), fact("dig", 3, **{"pass": 2})]
    case = run(on(5, rows, {"activities": {id_: process[id_] for id_ in listed}}, accept_out_of_sequence=True))
    plan, dig, test = case.record("plan"), case.record("dig", pass_=1), case.record("test", pass_=1)
    assert [(one["start"], one["finish"]) for one in (plan, dig, test)] == [(5, 15), (3, 6), (6, 8)]
    assert case.start_reason("test", pass_=1) == (Driver.PREDECESSOR_FINISH, "a.dig[test.2]")


def test_more_units_in_use_than_there_are_does_no_harm() -> None:
    tables = HELD | {"offices": {"a": {}, "b": {}, "c": {}}}
    case = run(on(10, [fact("one", 2, 5, "b"), fact("one", 9, office="c")], tables))
    assert case.record("one", "a")["start"] == 16  # c: day 12, then 4 days; b: day 14


# --- redo ---------------------------------------------------------------------------------------------------------------------

REDO: Tables = {
    "activities": {
        "search": work(3),
        "lease": work(2, "search", redo={"probability": 0.5, "back_to": "search", "at_most": 2}),
        "build": work(5, "lease"),
    }
}


def test_a_redo_activity_that_has_finished_was_the_last_when_nothing_has_begun_again() -> None:
    case = run(on(10, [fact("search", 0, 3), fact("lease", 3, 5)], REDO), 30)
    assert not case.draws.redo.any()
    assert case.record("build")["start"] == 10


def test_a_span_that_has_begun_again_was_sent_back() -> None:
    rows = [fact("search", 0, 3), fact("lease", 3, 5), fact("search", 6, **{"pass": 2})]
    case = run(on(8, rows, REDO), 200)
    assert case.passes("search")[:2] == [("Mon 3 Jan", "Thu 6 Jan"), ("Sun 9 Jan", "Wed 12 Jan")]
    lease = case.plan.activities[1].first_pass
    assert case.draws.redo[:, 0, lease].all()
    assert case.draws.redo[:, 0, lease + 1].mean() == pytest.approx(0.5, abs=0.15)
    assert case.record("lease", pass_=1)["start"] == 9
    assert case.record("build")["ready"] >= 11


def test_in_nested_spans_a_pass_is_named() -> None:
    inner = {"probability": 0.5, "back_to": "draw", "at_most": 1}
    outer = {"probability": 0.5, "back_to": "search", "at_most": 1}
    steps = {"search": work(1), "draw": work(1, "search", redo=inner), "sign": work(1, "draw", redo=outer), "end": work(1, "sign")}
    rows = [
        *(fact("search", 0, 1), fact("draw", 1, 2), fact("draw", 2, 3, **{"pass": "draw.2"}), fact("sign", 3, 4)),
        *(fact("search", 4, 5, **{"pass": 2}), fact("draw", 5, 6, **{"pass": "sign.2"})),
    ]
    case = run(on(9, rows, {"activities": steps}), 30)
    assert len(case.passes("draw")) == 3
    assert case.record("sign", pass_=1)["start"] == 9
    assert case.record("end")["start"] == 10


# --- closed forms, draw by draw ------------------------------------------------------------------------------------------------


def lengths(duration: Any, status_day: int | None, replications: int = 2000, **more: Any) -> Any:
    """Drawn lengths of work that began on day 0, unconditioned or given that it still goes on."""
    tables = {"activities": {"one": work(duration)}, **more}
    whole = tables | {"scenario": {"calendar": "days"}} if status_day is None else on(status_day, [fact("one", 0)], tables)
    return Sampler(plan_of(whole)).draw(0, replications).duration[:, 0, 0].astype(float)


@pytest.mark.parametrize("gone", [1, 7, 30, 400])
def test_the_exponential_knows_no_age(gone: int) -> None:
    law = {"exponential": {"mean": 12}}
    assert lengths(law, gone) - (gone + 0.5) == pytest.approx(lengths(law, None), rel=2e-3, abs=2e-3)


@pytest.mark.parametrize("gone", [1, 7, 18])
def test_the_uniform_is_uniform_on_what_is_left(gone: int) -> None:
    before = lengths({"uniform": [0, 20]}, None)
    least = gone + 0.5
    assert lengths({"uniform": [0, 20]}, gone) == pytest.approx(least + before / 20 * (20 - least), abs=4e-3)


@pytest.mark.parametrize("gone", [1, 9, 60])
def test_the_lognormal_has_its_own_tail(gone: int) -> None:
    law = Lognormal.from_p10_p90(4, 15)
    before, after = (lengths({"lognormal": {"p10": 4, "p90": 15}}, d) for d in (None, gone))
    assert law.sf(after) / law.sf(gone + 0.5) == pytest.approx(law.sf(before), rel=5e-3, abs=1e-6)


def test_risks_that_were_drawn_have_their_say() -> None:
    risk = {"r": {"probability": 1, "activities": ["one"], "factor": 2, "delay": {"fixed": 3}}}
    before, after = (lengths({"exponential": {"mean": 12}}, d, risks=risk) for d in (None, 20))
    assert after == pytest.approx((20.5 - 3) / 2 + before, rel=2e-3, abs=2e-3)


def test_a_risk_whose_window_does_not_hold_the_start_has_none() -> None:
    risk = {"r": {"probability": 1, "activities": ["one"], "factor": 2, "window": [day(1), day(9)]}}
    before, after = (lengths({"exponential": {"mean": 12}}, d, risks=risk) for d in (None, 20))
    assert after == pytest.approx(20.5 + before, rel=2e-3, abs=2e-3)


def test_single_values_that_have_passed_are_gone() -> None:
    drawn = lengths({"discrete": {"values": [2, 5, 9, 30], "weights": [0.4, 0.3, 0.2, 0.1]}}, 5, 20_000)
    assert set(drawn) == {9, 30}
    assert (drawn == 9).mean() == pytest.approx(2 / 3, abs=0.015)


def test_of_a_score_that_is_shared_in_part_only_the_own_part_is_known_to_be_high() -> None:
    """The shared part says 0.4; the own part E, 0.6 times a normal number, must make up what the 30 days that have passed ask for.

    Of the own parts that do, each takes the place that it had among all: P(E > e' | E > least) = P(E > e).
    """
    shared, own, parts = 0.4, 0.6, np.array([-1.0, 0.0, 1.5])
    given = Given(shared + own * parts, np.ones(3), np.zeros(3), np.full(3, shared), own)
    found = conditional(Lognormal(20, 0.5), 1.0, FactPlan(0, outlasted=30), given)
    least = (np.log(30.5 / 20) / 0.5 - shared) / own
    placed = norm.isf(norm.sf(least) * norm.sf(parts))
    assert found == pytest.approx(20 * np.exp(0.5 * (shared + own * placed)), rel=1e-6)


def test_the_forecast_is_what_one_who_waited_would_have_seen() -> None:
    """Of all futures those that are not done on the status date are the forecast given that: the tower property."""
    law = {"lognormal": {"p10": 3, "p90": 12}}
    steps = {"activities": {"one": work(law)}}
    plans = (plan_of({"scenario": {"calendar": "days"}, **steps}), plan_of(on(6, [fact("one", 0)], steps)))
    fresh, later = (kernel.simulate(plan, Sampler(plan).draw(0, 20_000)).finish[:, 0, 0] for plan in plans)
    left = fresh[fresh > 6]
    assert later.min() == 7
    for level in range(7, 25):
        share = float((left <= level).mean())
        assert float((later <= level).mean()) == pytest.approx(share, abs=4 * (share * (1 - share) / len(left) + 1e-5) ** 0.5)


def test_work_that_waits_for_leave_to_finish_may_be_done_itself() -> None:
    tail = {"activity": "other", "type": "FF"}
    steps = {"other": work(30), "one": work({"exponential": {"mean": 5}}) | {"after": [tail]}}
    free = {"scenario": {"calendar": "days"}, "activities": steps}
    drawn = Sampler(plan_of(on(20, [fact("other", 0), fact("one", 0)], {"activities": steps}))).draw(0, 500).duration[:, 0, 1]
    assert np.array_equal(drawn, Sampler(plan_of(free)).draw(0, 500).duration[:, 0, 1])
    gone = plan_of(on(20, [fact("other", 0, 10), fact("one", 0)], {"activities": steps}))
    assert Sampler(gone).draw(0, 500).duration[:, 0, 1].min() > 20.5


@pytest.mark.parametrize(
    ("tail", "status_day", "outlasted"),
    [(("FF", 5), 14, 0), (("FF", 5), 15, 15), (("SF", 12), 11, 0), (("SF", 12), 12, 12)],
)
def test_the_days_that_have_passed_count_once_the_lag_is_over(tail: tuple[str, int], status_day: int, outlasted: int) -> None:
    """Until then it is not known whether the work is done and only waits: the other began on day 0 and ended on day 10."""
    after = {"activity": "other", "type": tail[0], "lag": tail[1]}
    steps = {"other": work(30), "one": work({"exponential": {"mean": 5}}) | {"after": [after]}}
    rows = [fact("other", 0, 10), fact("one", 0)]
    assert plan_of(on(status_day, rows, {"activities": steps})).offices[0].facts[1].outlasted == outlasted


def test_an_expected_finish_is_used_only_when_asked_for() -> None:
    row = fact("one", 0, expected_finish=day(40))
    tables = {"activities": {"one": work({"exponential": {"mean": 10}})}}
    plain, hinted = (plan_of(on(20, [row], tables, use_expected_finish=use)) for use in (False, True))
    assert np.median(Sampler(plain).draw(0, 4000).duration) == pytest.approx(20.5 + 10 * np.log(2), abs=0.5)
    drawn = Sampler(hinted).draw(0, 4000).duration
    assert np.median(drawn) == pytest.approx(40, abs=1)
    assert drawn.min() > 20.5


def test_twice_the_work_is_the_work_of_a_law_twice_as_long_with_an_expected_finish_too() -> None:
    scores = Given(np.linspace(-2, 2, 9), np.ones(9), np.zeros(9))
    known = FactPlan(0, outlasted=20, expected=40)
    assert conditional(Exponential(10), 2.0, known, scores) == pytest.approx(conditional(Exponential(20), 1.0, known, scores))


def test_the_deterministic_plan_knows_the_facts() -> None:
    steps = {"one": work({"exponential": {"mean": 10}}), "two": work(4, "one")}
    plan = plan_of(on(20, [fact("one", 0)], {"activities": steps}))
    assert median_draws(plan).duration[0, 0].tolist() == pytest.approx([20.5 + float(Exponential(10).median), 4], rel=1e-5)
    again = plan_of(on(8, [fact("search", 0, 3), fact("lease", 3, 5), fact("search", 6, **{"pass": 2})], REDO))
    case = run_plan(again, median_draws(again))
    assert case.record("build")["start"] == 11


# --- what must hold for every programme ------------------------------------------------------------------------------------------


def test_a_status_that_says_nothing_changes_nothing() -> None:
    tables = REDO | {"offices": {"a": {}, "b": {"start": day(4)}}}
    plain = plan_of(tables | {"scenario": {"calendar": "days"}})
    told = plan_of(on(0, [], tables))
    draws = Sampler(plain).draw(0, 50)
    assert Sampler(told).draw(0, 50).differences(draws) == []
    assert kernel.simulate(told, draws).differences(kernel.simulate(plain, draws)) == []


@given(programmes(), st.integers(0, 200))
def test_facts_of_one_office_change_no_draw_of_the_others(tables: Tables, on_day: int) -> None:
    plan = plan_if_valid(tables)
    draws = Sampler(plan).draw(0, 4)
    try:
        rows = facts_until(plan, kernel.simulate(plan, draws), on_day, [0])
    except DeadEndError:
        return
    told = Sampler(compile_scenario(scenario_of(with_status(tables, min(on_day, plan.last), rows)))).draw(0, 4)
    for name in ("codes", "happens", "duration", "redo"):
        assert np.array_equal(getattr(told, name)[:, 1:], getattr(draws, name)[:, 1:])
    assert np.array_equal(told.risk_factor, draws.risk_factor)
    assert np.array_equal(told.risk_delay, draws.risk_delay)


@given(programmes())
def test_when_all_is_finished_the_facts_are_the_answer(tables: Tables) -> None:
    plan = plan_if_valid(tables)
    try:
        timeline = kernel.simulate(plan, Sampler(plan).draw(7, 1))
    except DeadEndError:
        return
    last = int(timeline.finish.max())
    told = with_status(tables, last, facts_until(plan, timeline, last))
    try:
        case = run(told, 3)
    except DeadEndError:  # what did not happen, and nothing had to wait for, may still come, and find no pool
        return
    told_of = timeline.happens[0] & np.array([plan.activities[step.activity].id in plan.scenario.activities for step in plan.passes])
    for replication in range(3):
        assert case.timeline.happens[replication][told_of].all()
        for field in (Field.START, Field.FINISH):
            assert np.array_equal(case.timeline.record[replication, told_of, field], timeline.record[0, told_of, field])


@given(programmes_under_way())
def test_facts_stand_and_nothing_else_lies_before_the_status_date(tables: Tables) -> None:
    scenario = scenario_of(tables)
    assert check(scenario) == ()
    plan = compile_scenario(scenario)
    try:
        case = run_plan(plan, Sampler(plan).draw(0, 4))
    except DeadEndError:
        return
    for replication in range(4):
        for office in plan.offices:
            for here in range(len(plan.passes)):
                assert_stands(case, replication, office.index, here)


def assert_stands(case: Outcome, replication: int, office: int, here: int) -> None:
    """A fact is as it was told, and all else that happens comes after."""
    plan, record = case.plan, case.timeline.record[replication, office, here]
    start, finish = int(record[Field.START]), int(record[Field.FINISH])
    happens = bool(case.timeline.happens[replication, office, here])
    known = plan.offices[office].facts.get(here)
    if known is None:
        assert not happens or plan.status_day <= start <= finish
        assert not happens or here not in plan.offices[office].absent
        return
    assert (start, happens) == (known.start, known.happens)
    assert finish == known.finish if known.finish >= 0 else finish >= plan.status_day
    if known.outlasted and plan.activities[plan.passes[here].activity].kind is Kind.WORK:
        assert int(record[Field.WORK]) > known.outlasted or plan.passes[here].scale == 0
