"""What is known without simulating: dates counted by hand, sums and maxima, queues, longest paths; and what must hold always."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from math import factorial
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from programmes import MONDAY, Outcome, Tables, attempt, plan_of, run, run_plan, written
from random_programmes import CALENDARS, activities, plan_if_valid, programmes

from sim.engine import kernel
from sim.plan import End, Plan, Relation
from sim.sampling import Draws, Sampler

FAR = dt.date(2399, 12, 31)
"""A horizon for durations of hundreds of days."""

# --- constant durations on the Swedish calendar -----------------------------------------------------------------------------

BY_HAND = [
    ("2021-12-20", 5, "Tue 28 Dec 2021"),  # Friday the 24th is Christmas Eve
    ("2021-12-28", 5, "Wed 5 Jan"),  # Friday the 31st is New Year's Eve
    ("2022-01-05", 2, "Sat 8 Jan"),  # Thursday the 6th is Epiphany
    ("2022-04-13", 3, "Wed 20 Apr"),  # Easter: Friday the 15th, Monday the 18th
    ("2022-05-25", 3, "Tue 31 May"),  # Ascension Day: Thursday the 26th
    ("2022-06-03", 2, "Wed 8 Jun"),  # National Day: Monday the 6th
    ("2022-06-22", 3, "Tue 28 Jun"),  # Midsummer Eve: Friday the 24th
    ("2022-12-23", 2, "Wed 28 Dec"),  # Monday the 26th
    ("2022-12-30", 4, "Thu 5 Jan 2023"),
    ("2023-01-05", 2, "Tue 10 Jan 2023"),  # Friday the 6th
    ("2023-04-06", 2, "Wed 12 Apr 2023"),  # Friday the 7th, Monday the 10th
    ("2023-04-28", 2, "Wed 3 May 2023"),  # Monday 1 May
    ("2023-05-17", 2, "Sat 20 May 2023"),  # Thursday the 18th
    ("2023-06-05", 2, "Thu 8 Jun 2023"),  # Tuesday the 6th
    ("2023-06-22", 2, "Tue 27 Jun 2023"),  # Friday the 23rd
    ("2023-12-22", 2, "Thu 28 Dec 2023"),  # Monday the 25th, Tuesday the 26th
    ("2023-12-29", 2, "Wed 3 Jan 2024"),  # Monday 1 January
    ("2024-03-28", 2, "Wed 3 Apr 2024"),  # Friday the 29th, Monday 1 April
    ("2024-04-30", 2, "Fri 3 May 2024"),  # Wednesday 1 May
    ("2024-05-08", 2, "Sat 11 May 2024"),  # Thursday the 9th
    ("2024-06-05", 2, "Sat 8 Jun 2024"),  # Thursday the 6th
    ("2024-06-20", 2, "Tue 25 Jun 2024"),  # Friday the 21st
    ("2024-12-23", 2, "Sat 28 Dec 2024"),  # Tuesday the 24th to Thursday the 26th
    ("2024-12-30", 2, "Fri 3 Jan 2025"),  # Tuesday the 31st, Wednesday 1 January
]


def test_constant_durations_give_the_dates_counted_by_hand() -> None:
    works = {f"w{i}": {"duration": days, "not_before": dt.date.fromisoformat(begin)} for i, (begin, days, _) in enumerate(BY_HAND)}
    scenario = {"start": dt.date(2021, 9, 22), "calendar": "swedish"}
    case = run({"scenario": scenario, "calendars": {"swedish": {"country": "SE"}}, "activities": works})
    spans = case.spans()
    assert [(spans[f"w{i}"]) for i in range(len(BY_HAND))] == [
        (written(dt.date.fromisoformat(begin)), finish) for begin, _, finish in BY_HAND
    ]


def test_a_chain_of_three_years_of_working_days() -> None:
    # Weekdays less the holidays that fall on one: 260 - 7 in 2022, 260 - 9 in 2023, 262 - 11 in 2024.
    case = run("""
        [scenario]
        calendar = "swedish"
        [calendars.swedish]
        country = "SE"
        [activities]
        year22 = { duration = 253 }
        year23 = { duration = 251, after = "year22" }
        year24 = { duration = 251, after = "year23" }
    """)
    assert case.spans() == {
        "year22": ("Mon 3 Jan", "Sat 31 Dec"),
        "year23": ("Mon 2 Jan 2023", "Sat 30 Dec 2023"),
        "year24": ("Tue 2 Jan 2024", "Tue 31 Dec 2024"),
    }


# --- sums and maxima --------------------------------------------------------------------------------------------------------


def openings(tables: Tables, replications: int) -> NDArray[np.float64]:
    """Opening days of a programme of one office."""
    plan = plan_of(tables)
    timeline = kernel.simulate(plan, Sampler(plan).draw(0, replications))
    return timeline.opening(plan)[:, 0].astype(np.float64)


def assert_moments(sample: NDArray[np.float64], mean: float, variance: float) -> None:
    """Mean and variance within three standard errors."""
    deviation = (sample - sample.mean()) ** 2
    assert sample.mean() == pytest.approx(mean, abs=3 * np.sqrt(variance / sample.size))
    assert sample.var() == pytest.approx(variance, abs=3 * deviation.std() / np.sqrt(sample.size))


def test_a_serial_chain_has_the_sum_of_means_and_variances() -> None:
    chain = {
        "plan": {"duration": {"gamma": {"mean": 800, "sd": 300}}},
        "dig": {"duration": {"uniform": [100, 1300]}, "after": "plan"},
        "wait": {"duration": {"exponential": {"mean": 500}}, "after": "dig"},
        "pour": {"duration": {"lognormal": {"median": 400, "sigma": 0.5}}, "after": "wait"},
    }
    pour_mean = 400 * np.exp(0.125)
    mean = 800 + 700 + 500 + pour_mean
    variance = 300**2 + 1200**2 / 12 + 500**2 + pour_mean**2 * (np.exp(0.25) - 1)
    days = openings({"scenario": {"horizon": FAR, "calendar": "days"}, "activities": chain}, 20_000)
    assert_moments(days, mean, variance)  # rounding to days adds 1/12 for each activity


def test_the_later_of_two_exponentials() -> None:
    both = {
        "left": {"duration": {"exponential": {"mean": 1000}}},
        "right": {"duration": {"exponential": {"mean": 3000}}},
        "open": {"duration": 0, "after": ["left", "right"]},
    }
    a, b = 1 / 1000, 1 / 3000
    mean = 1 / a + 1 / b - 1 / (a + b)
    variance = 2 / a**2 + 2 / b**2 - 2 / (a + b) ** 2 - mean**2
    assert_moments(openings({"scenario": {"horizon": FAR, "calendar": "days"}, "activities": both}, 20_000), mean, variance)


# --- queues -----------------------------------------------------------------------------------------------------------------

SERVED, TRANSIENT, STREAMS = 600, 200, 400
"""Offices in one stream of arrivals; the first of them that are left out, because the queue begins empty; streams."""


def erlang_c_wait(servers: int, load: float, service: float) -> float:
    """Mean wait in an M/M/c queue: ``C(c, a) * service / (c - a)`` with ``a = load * c`` erlang (A. K. Erlang, 1917)."""
    a = load * servers
    all_busy = a**servers / factorial(servers) / (1 - load)
    return float(all_busy / (sum(a**k / factorial(k) for k in range(servers)) + all_busy) * service / (servers - a))


def stream_of_offices(servers: int) -> Plan:
    """Offices that arrive, and are then served from one pool."""
    return plan_of({
        "scenario": {"horizon": FAR, "calendar": "days"},
        "offices": {f"o{i:03}": {} for i in range(SERVED)},
        "resources": {"crew": {"capacity": servers}},
        "activities": {"arrive": {"duration": 1}, "serve": {"duration": 1, "after": "arrive", "uses": {"crew": 1}}},
    })  # fmt: skip


def poisson_arrivals(draws: Draws, gap: float, service: float) -> Draws:
    """The draws with arrivals in a Poisson stream, and exponential service times."""
    generator = np.random.default_rng(2021)
    arrivals = generator.exponential(gap, draws.duration.shape[:2]).cumsum(axis=1)
    return replace(draws, duration=np.stack([arrivals, generator.exponential(service, arrivals.shape)], axis=2).astype(np.float32))


@pytest.mark.parametrize(("servers", "service"), [(1, 100.0), (3, 300.0)])
def test_waits_are_as_erlang_c_says(servers: int, service: float) -> None:
    load = 0.7
    plan = stream_of_offices(servers)
    draws = poisson_arrivals(Sampler(plan).draw(0, STREAMS), service / servers / load, service)
    run_plan(plan, draws.take([0]))  # the readable engine agrees
    timeline = kernel.simulate(plan, draws)
    waits = (timeline.start - timeline.ready)[:, TRANSIENT:, 1].mean(axis=1)
    error = waits.std(ddof=1) / np.sqrt(STREAMS)  # streams are independent of each other
    expected = erlang_c_wait(servers, load, service)
    assert error < 0.04 * expected
    assert waits.mean() == pytest.approx(expected, abs=3 * error)


# --- longest paths ----------------------------------------------------------------------------------------------------------


def longest_path(plan: Plan, draws: Draws) -> NDArray[np.int64]:
    """Opening days by the textbook: every day counts, each moment comes when the last that it waits for has come.

    For one office, all replications at once; a recursion written for this test, which shares nothing with the engines.
    """
    days = np.where(draws.duration > 0, np.maximum(np.floor(draws.duration + 0.5), 1), 0).astype(np.int64)[:, 0]
    known: dict[tuple[int, End], NDArray[np.int64]] = {}

    def last_of(relations: tuple[Relation, ...], happens: NDArray[np.bool_]) -> NDArray[np.int64]:
        moments = [moment(r.source, r.source_end) + r.lag * happens for r in relations]
        return np.maximum.reduce([np.zeros(len(days), np.int64), *moments])

    def moment(a: int, end: End) -> NDArray[np.int64]:
        if (a, end) not in known:
            activity, happens = plan.activities[a], draws.happens[:, 0, a]
            if end is End.START:
                known[a, end] = last_of(activity.holds_start, happens)
            else:
                known[a, end] = np.maximum(moment(a, End.START) + days[:, a], last_of(activity.holds_finish, happens))
        return known[a, end]

    return moment(plan.opening, End.FINISH)


@given(st.data())
def test_with_unlimited_pools_an_opening_is_the_longest_path(data: st.DataObject) -> None:
    process = data.draw(activities(["p0", "p1"], most=10))
    for activity in process.values():
        for name in ("redo", "meeting", "opening_days", "by_round", "adjustments", "when", "not_before"):
            activity.pop(name, None)
        activity.setdefault("duration", {"uniform": [0, 9]})
        activity["calendar"] = "days"
    pools = {"p0": {"capacity": 10**6}, "p1": {"capacity": 10**6}}
    plan = plan_of({"calendars": CALENDARS, "activities": process, "resources": pools})
    draws = Sampler(plan).draw(0, 10)
    assert np.array_equal(run_plan(plan, draws).timeline.opening(plan)[:, 0], longest_path(plan, draws))


# --- what must hold always --------------------------------------------------------------------------------------------------


@st.composite
def queues(draw: st.DrawFn) -> Tables:
    """Offices of equal priority that ask once each for one unit of one pool, which nobody may pass in."""
    names = [f"o{i}" for i in range(draw(st.integers(2, 8)))]
    lengths = {name: draw(st.integers(0, 12)) for name in names}
    return {
        "calendars": CALENDARS,
        "offices": {name: {"start": MONDAY + dt.timedelta(draw(st.integers(0, 25)))} for name in names},
        "activities": {
            "plan": {"duration": {"uniform": [0, 9]}, "calendar": draw(st.sampled_from(sorted(CALENDARS)))},
            **{
                f"dig_{name}": {"duration": days, "when": {"id": name}, "uses": {"crew": 1}, "after": "plan"}
                for name, days in lengths.items()
            },
            "open": {"opening_days": {"weekdays": ["tue", "thu"]}, "after": [f"dig_{name}" for name in names]},
        },
    }


@given(queues(), st.integers(1, 4), st.integers(0, 3))
def test_more_capacity_opens_nobody_later_in_a_queue_of_single_units(tables: Tables, capacity: int, more: int) -> None:
    """First come, first served, one unit each, one pool: then it holds for the first in the queue and for everybody behind."""
    few, many = (run({**tables, "resources": {"crew": {"capacity": units}}}, 3) for units in (capacity, capacity + more))
    assert np.all(many.timeline.opening(many.plan) <= few.timeline.opening(few.plan))


def test_more_capacity_may_open_one_with_priority_later() -> None:
    """Why the property above asks for so much: more units let long work in front of one who asks later and has priority."""

    def opened(capacity: int) -> str:
        case = run(f"""
            [scenario]
            calendar = "days"
            [resources]
            crew = {{ capacity = {capacity} }}
            [offices]
            first = {{ days = 20 }}
            second = {{ start = 2022-01-04, days = 10 }}
            third = {{ start = 2022-01-05, days = 90 }}
            fourth = {{ start = 2022-01-05, days = 90 }}
            urgent = {{ start = 2022-01-28, days = 10, priority = -1 }}
            [activities]
            ten = {{ duration = 10, when = {{ days = 10 }}, uses = {{ crew = 1 }} }}
            twenty = {{ duration = 20, when = {{ days = 20 }}, uses = {{ crew = 1 }} }}
            ninety = {{ duration = 90, when = {{ days = 90 }}, uses = {{ crew = 1 }} }}
        """)
        return case.spans("urgent")["ten"][0]

    assert opened(1) == "Wed 2 Feb"  # after first (20 days from 3 January) and second (10)
    assert opened(2) == "Thu 14 Apr"  # third has begun on 14 January, fourth on the 23rd


@given(programmes(most_pools=0), st.data())
def test_longer_work_opens_its_own_office_no_earlier_and_no_other_at_another_time(tables: Tables, data: st.DataObject) -> None:
    """Without pools to share, and without risks: one that has a window can be escaped by being late."""
    plan = plan_if_valid({**tables, "risks": {}})
    draws = Sampler(plan).draw(0, 3)
    office = data.draw(st.integers(0, len(plan.offices) - 1))
    work = [a for a in plan.activities if a.duration is not None]
    if not work:
        return
    chosen = data.draw(st.sampled_from(work))
    duration = draws.duration.copy()
    duration[:, office, chosen.passes] += data.draw(st.integers(1, 30)) * draws.happens[:, office, chosen.passes]
    before, after = (run_plan(plan, d).timeline for d in (draws, replace(draws, duration=duration)))
    change = after.opening(plan) - before.opening(plan)
    assert np.all(change[:, office] >= 0)
    assert np.all(np.delete(change, office, axis=1) == 0)
    assert np.all((after.finish >= before.finish)[:, office])


def by_name(case: Outcome) -> dict[str, list[object]]:
    """Days of every office, whatever its place."""
    t = case.timeline
    parts = (t.start, t.finish, t.ready, t.work, t.happens, t.start_driver, t.finish_driver)
    return {office.id: [part[:, office.index].tolist() for part in parts] for office in case.plan.offices}


@given(programmes(), st.randoms(use_true_random=False))
def test_the_order_of_offices_in_the_file_decides_nothing_where_no_two_have_the_same_priority(tables: Tables, random: Random) -> None:
    """It is the tie-break of requests of the same priority and day, and of causes that release on the same day; nothing else."""
    offices = {name: {**office, "priority": i} for i, (name, office) in enumerate(tables["offices"].items())}
    names = list(offices)
    random.shuffle(names)
    outcomes = []
    for order in (list(offices), names):
        plan = plan_if_valid({**tables, "offices": {name: offices[name] for name in order}})
        draws = Sampler(plan).draw(0, 2)
        timeline, reason = attempt(kernel, plan, draws)
        outcomes.append(reason if timeline is None else by_name(Outcome(plan, draws, timeline)))
    if not isinstance(outcomes[0], str):
        assert outcomes[0] == outcomes[1]
    else:
        assert isinstance(outcomes[1], str)
