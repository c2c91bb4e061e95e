"""What a simulation means, rule by rule: small cases drawn by hand, each run through both engines (see ``programmes.run``).

January 2022: Monday the 3rd, 10th, 17th, 24th and 31st.
"""

from __future__ import annotations

import re

import numpy as np
import pytest
from programmes import attempt, plan_of, run

from sim.engine import kernel, process
from sim.engine.chance import Chance
from sim.engine.network import Network
from sim.errors import InputError
from sim.sampling import Sampler
from sim.timeline import Driver

BOTH = pytest.mark.parametrize("engine", [process, kernel], ids=["process", "kernel"])

# --- 1, 2: the clock and work -----------------------------------------------------------------------------------------------


def test_work_finishes_the_morning_after_its_last_day_and_the_next_begins_then() -> None:
    case = run("""
        [activities]
        dig = { duration = 3 }
        pour = { duration = 1, after = "dig" }
    """)
    assert case.spans() == {"dig": ("Mon 3 Jan", "Thu 6 Jan"), "pour": ("Thu 6 Jan", "Fri 7 Jan")}


def test_work_finished_on_a_friday_lets_the_next_begin_on_monday() -> None:
    case = run("""
        [activities]
        dig = { duration = 5 }
        pour = { duration = 6, after = "dig" }
    """)
    assert case.spans() == {"dig": ("Mon 3 Jan", "Sat 8 Jan"), "pour": ("Mon 10 Jan", "Tue 18 Jan")}
    assert case.record("pour")["ready"] == 5
    assert case.start_reason("pour") == (Driver.CALENDAR, "a.dig")


def test_an_office_that_starts_on_a_saturday_works_from_monday() -> None:
    case = run("""
        [offices]
        a = { start = 2022-01-08 }
        [activities]
        dig = { duration = 1 }
        walk = { duration = 1, calendar = "days" }
    """)
    assert case.spans() == {
        "dig": ("Mon 10 Jan", "Tue 11 Jan"),
        "walk": ("Sat 8 Jan", "Sun 9 Jan"),
        "end": ("Tue 11 Jan", "Tue 11 Jan"),
    }


def test_no_work_takes_no_time_not_even_on_a_weekend() -> None:
    case = run("""
        [activities]
        dig = { duration = 5 }
        done = { duration = 0, after = "dig" }
        signed = { duration = 0, after = "done" }
    """)
    assert case.spans()["signed"] == ("Sat 8 Jan", "Sat 8 Jan")
    assert case.start_reason("signed") == (Driver.PREDECESSOR_FINISH, "a.done")


@pytest.mark.parametrize(("length", "days"), [(0, 0), (0.01, 1), (0.5, 1), (1.4, 1), (1.5, 2), (2.5, 3), (2.6, 3)])
def test_lengths_are_rounded_to_whole_days_and_a_positive_one_to_at_least_one(length: float, days: int) -> None:
    case = run({"activities": {"dig": {"duration": length, "calendar": "days"}}})
    assert case.record("dig")["finish"] == case.record("dig")["work"] == days


def test_a_pace_of_four_tenths_makes_the_third_fifth_eighth_and_tenth_day_count() -> None:
    case = run("""
        [calendars.slow]
        pace = [{ from = 2022-01-03, to = 2022-01-14, share = 0.4 }]
        [activities]
        one = { duration = 1, calendar = "slow" }
        four = { duration = 4, calendar = "slow" }
        five = { duration = 5, calendar = "slow" }
    """)
    assert case.spans()["one"] == ("Wed 5 Jan", "Thu 6 Jan")
    assert case.spans()["four"] == ("Wed 5 Jan", "Sat 15 Jan")
    assert case.spans()["five"] == ("Wed 5 Jan", "Tue 18 Jan")


def test_holidays_are_no_working_days() -> None:
    case = run("""
        [calendars.swedish]
        country = "SE"
        [activities]
        dig = { duration = 4, calendar = "swedish" }
    """)  # Thursday 6 January is Epiphany
    assert case.spans() == {"dig": ("Mon 3 Jan", "Sat 8 Jan")}


def test_not_before_holds_back_the_start() -> None:
    case = run("""
        [activities]
        dig = { duration = 2 }
        area = { duration = 0, after = "dig", not_before = 2022-01-15 }
        pour = { duration = 2, after = "dig", not_before = 2022-01-15 }
        late = { duration = 2, after = "dig", not_before = 2022-01-04 }
    """)  # Saturday the 15th
    assert case.spans()["area"] == ("Sat 15 Jan", "Sat 15 Jan")
    assert case.spans()["pour"] == ("Mon 17 Jan", "Wed 19 Jan")
    assert case.start_reason("pour") == (Driver.NOT_BEFORE, "a.dig")
    assert case.spans()["late"] == ("Wed 5 Jan", "Fri 7 Jan")
    assert case.start_reason("late") == (Driver.PREDECESSOR_FINISH, "a.dig")


# --- relations --------------------------------------------------------------------------------------------------------------


def test_lags_count_in_working_days_of_the_successor() -> None:
    case = run("""
        [activities]
        dig = { duration = 3 }
        pour = { duration = 1, after = [{ activity = "dig", lag = 3 }] }
        cure = { duration = 1, calendar = "days", after = [{ activity = "dig", lag = 3 }] }
    """)  # from Thursday the 6th: Thursday, Friday, Monday; Thursday, Friday, Saturday
    assert case.spans()["pour"] == ("Tue 11 Jan", "Wed 12 Jan")
    assert case.spans()["cure"] == ("Sun 9 Jan", "Mon 10 Jan")
    assert case.start_reason("cure") == (Driver.PREDECESSOR_FINISH, "a.dig")


def test_a_lag_that_ends_on_a_friday_lets_work_begin_on_monday() -> None:
    case = run("""
        [activities]
        dig = { duration = 3 }
        pour = { duration = 1, after = [{ activity = "dig", lag = 2 }] }
        told = { duration = 0, after = [{ activity = "dig", lag = 2 }] }
    """)
    assert case.spans()["pour"] == ("Mon 10 Jan", "Tue 11 Jan")
    assert case.start_reason("pour") == (Driver.CALENDAR, "a.dig")
    assert case.spans()["told"] == ("Sat 8 Jan", "Sat 8 Jan")


def test_start_to_start_holds_back_the_start() -> None:
    case = run("""
        [activities]
        plan = { duration = 1 }
        dig = { duration = 9, after = "plan" }
        pour = { duration = 1, after = [{ activity = "dig", type = "SS" }] }
        cure = { duration = 1, after = [{ activity = "dig", type = "SS", lag = 2 }] }
    """)
    assert case.spans()["pour"] == ("Tue 4 Jan", "Wed 5 Jan")
    assert case.start_reason("pour") == (Driver.PREDECESSOR_START, "a.dig")
    assert case.spans()["cure"] == ("Thu 6 Jan", "Fri 7 Jan")


def test_finish_to_finish_holds_back_the_finish() -> None:
    case = run("""
        [activities]
        dig = { duration = 5 }
        pump = { duration = 1, after = [{ activity = "dig", type = "FF" }] }
        guard = { duration = 1, after = [{ activity = "dig", type = "FF", lag = 2 }] }
        haul = { duration = 7, after = [{ activity = "dig", type = "FF" }] }
    """)
    assert case.spans()["pump"] == ("Mon 3 Jan", "Sat 8 Jan")
    assert case.finish_reason("pump") == (Driver.PREDECESSOR_FINISH, "a.dig")
    assert case.record("pump")["work"] == 1
    assert case.spans()["guard"] == ("Mon 3 Jan", "Wed 12 Jan")
    assert case.spans()["haul"] == ("Mon 3 Jan", "Wed 12 Jan")
    assert case.finish_reason("haul") == (Driver.WORK, "")


def test_start_to_finish_holds_back_the_finish() -> None:
    case = run("""
        [activities]
        plan = { duration = 3 }
        dig = { duration = 9, after = "plan" }
        old = { duration = 1, after = [{ activity = "dig", type = "SF", lag = 1 }] }
    """)
    assert case.spans()["old"] == ("Mon 3 Jan", "Fri 7 Jan")
    assert case.finish_reason("old") == (Driver.PREDECESSOR_START, "a.dig")


@pytest.mark.parametrize("type_", ["FF", "SF"])
def test_work_whose_finish_is_held_back_keeps_its_pools(type_: str) -> None:
    case = run(f"""
        [resources]
        pump = {{ capacity = 1 }}
        [activities]
        plan = {{ duration = 4 }}
        dig = {{ duration = 0, after = "plan" }}
        drain = {{ duration = 1, uses = {{ pump = 1 }}, after = [{{ activity = "dig", type = "{type_}" }}] }}
        rinse = {{ duration = 1, uses = {{ pump = 1 }} }}
    """)
    assert case.spans()["drain"] == ("Mon 3 Jan", "Fri 7 Jan")
    assert case.spans()["rinse"] == ("Fri 7 Jan", "Sat 8 Jan")
    assert case.start_reason("rinse") == (Driver.POOL, "a.drain")


def test_of_predecessors_on_the_same_day_the_first_listed_decides() -> None:
    case = run("""
        [activities]
        short = { duration = 2 }
        left = { duration = 3 }
        right = { duration = 3 }
        one = { duration = 1, after = ["short", "right", "left"] }
        two = { duration = 1, after = ["left", "short", "right"] }
        three = { duration = 4, after = ["short", { activity = "right", type = "FF", lag = 1 }] }
    """)
    assert case.start_reason("one") == (Driver.PREDECESSOR_FINISH, "a.right")
    assert case.start_reason("two") == (Driver.PREDECESSOR_FINISH, "a.left")
    assert case.spans()["three"] == ("Wed 5 Jan", "Tue 11 Jan")
    assert case.finish_reason("three") == (Driver.WORK, "")  # held back to Friday only


def test_what_does_not_happen_takes_no_time_and_no_pool_and_passes_on() -> None:
    case = run("""
        [offices]
        a = { round = 1 }
        b = { round = 2 }
        [resources]
        crew = { capacity = 0, changes = [{ from = 2022-03-01, capacity = 1 }] }
        [activities]
        dig = { duration = 5 }
        blast = { duration = 9, after = "dig", when = { round = 2 }, uses = { crew = 1 }, not_before = 2022-02-01 }
        never = { duration = 9, after = "blast", probability = 0 }
        done = { duration = 0, after = "never" }
    """)
    assert case.spans()["blast"] == case.spans()["done"] == ("Sat 8 Jan", "Sat 8 Jan")
    assert (case.happens("blast"), case.happens("never"), case.happens("done")) == (False, False, True)
    assert case.happens("blast", "b")
    assert case.spans("b")["blast"] == ("Tue 1 Mar", "Sat 12 Mar")


def test_what_does_not_happen_still_waits_for_its_predecessors() -> None:
    case = run("""
        [activities]
        dig = { duration = 3 }
        blast = { duration = 9, after = [{ activity = "dig", type = "FF", lag = 5 }], probability = 0 }
        board = { meeting = "board", after = "blast", probability = 0 }
        done = { duration = 0, after = "board" }
        [meetings]
        board = { dates = [2022-02-01] }
    """)
    assert case.spans()["blast"] == ("Mon 3 Jan", "Thu 6 Jan")
    assert case.spans()["done"] == ("Thu 6 Jan", "Thu 6 Jan")


# --- 3: meetings and openings -----------------------------------------------------------------------------------------------

BOARD = """
    [meetings]
    board = { dates = [2022-01-11, 2022-02-08], lead = 3 }
    [activities]
"""


def test_papers_that_are_ready_on_the_day_of_the_meeting_are_in_time() -> None:
    case = run(BOARD + 'dig = { duration = 3 }\n decision = { meeting = "board", after = "dig" }')
    assert case.spans()["decision"] == ("Thu 6 Jan", "Tue 11 Jan")  # Thursday, Friday, Monday
    assert case.record("decision")["work"] == 3
    assert case.finish_reason("decision") == (Driver.WORK, "")


def test_a_day_late_means_the_next_meeting() -> None:
    case = run(BOARD + 'dig = { duration = 4 }\n decision = { meeting = "board", after = "dig" }')
    assert case.spans()["decision"] == ("Fri 7 Jan", "Tue 8 Feb")
    assert case.finish_reason("decision") == (Driver.MEETING, "")


def test_papers_take_working_days_of_the_activity_that_waits() -> None:
    case = run(BOARD + 'dig = { duration = 4 }\n decision = { meeting = "board", after = "dig", calendar = "days" }')
    assert case.spans()["decision"] == ("Fri 7 Jan", "Tue 11 Jan")  # Friday, Saturday, Sunday: ready on Monday


def test_without_lead_a_meeting_may_be_on_the_day_that_all_is_ready_even_a_saturday() -> None:
    case = run("""
        [meetings]
        board = { dates = [2022-01-08] }
        [activities]
        dig = { duration = 5 }
        decision = { meeting = "board", after = "dig" }
        next = { duration = 1, after = "decision" }
    """)
    assert case.spans()["decision"] == ("Sat 8 Jan", "Sat 8 Jan")
    assert case.spans()["next"] == ("Mon 10 Jan", "Tue 11 Jan")


def test_a_meeting_may_be_on_the_first_day_and_on_one_far_off_that_all_is_ready_on() -> None:
    case = run("""
        [meetings]
        board = { dates = [2022-01-03, 2023-12-29] }
        [activities]
        first = { meeting = "board" }
        dig = { duration = 519, after = "first" }
        second = { meeting = "board", after = "dig" }
    """)  # 103 weeks and four days
    assert case.spans()["first"] == ("Mon 3 Jan", "Mon 3 Jan")
    assert case.spans()["second"] == ("Fri 29 Dec 2023", "Fri 29 Dec 2023")
    assert case.finish_reason("second") == (Driver.WORK, "")


def test_a_rule_holds_after_the_last_of_the_dates() -> None:
    case = run("""
        [meetings]
        board = { dates = [2022-01-04, 2022-01-13], rule = "every Tuesday" }
        [activities]
        first = { meeting = "board" }
        dig = { duration = 1, after = "first" }
        second = { meeting = "board", after = "dig" }
        pour = { duration = 1, after = "second" }
        third = { meeting = "board", after = "pour" }
    """)  # no Tuesday before the 13th but the 4th
    assert [case.spans()[id_][1] for id_ in ("first", "second", "third")] == ["Tue 4 Jan", "Thu 13 Jan", "Tue 18 Jan"]


def test_an_office_opens_on_the_first_allowed_day() -> None:
    case = run("""
        [calendars.swedish]
        country = "SE"
        [activities]
        dig = { duration = 3, calendar = "week" }
        tuesday = { opening_days = { weekdays = ["tue"] }, after = "dig" }
        notice = { opening_days = { weekdays = ["tue"], notice = 4 }, after = "dig" }
        closed = { opening_days = { closed = [{ from = 2022-01-01, to = 2022-01-14 }] }, after = "dig" }
        holiday = { opening_days = {}, calendar = "swedish", after = "dig" }
        same = { opening_days = {}, after = "dig" }
    """)
    assert {id_: finish for id_, (_, finish) in case.spans().items() if id_ not in {"dig", "end"}} == {
        "tuesday": "Tue 11 Jan",
        "notice": "Tue 18 Jan",  # ready on Wednesday the 12th
        "closed": "Mon 17 Jan",
        "holiday": "Fri 7 Jan",  # Epiphany
        "same": "Thu 6 Jan",
    }
    assert case.finish_reason("tuesday") == (Driver.OPENING_DAY, "")
    assert case.finish_reason("same") == (Driver.WORK, "")


def test_what_holds_back_a_finish_comes_before_the_date() -> None:
    case = run("""
        [meetings]
        board = { rule = "every Tuesday" }
        [activities]
        dig = { duration = 6 }
        decision = { meeting = "board", after = [{ activity = "dig", type = "FF" }] }
        opening = { opening_days = {}, after = [{ activity = "dig", type = "FF" }] }
    """)
    assert case.spans()["decision"] == ("Mon 3 Jan", "Tue 11 Jan")  # both on the day
    assert case.finish_reason("decision") == (Driver.PREDECESSOR_FINISH, "a.dig")
    assert case.spans()["opening"] == ("Mon 3 Jan", "Tue 11 Jan")


# --- 4: pools ---------------------------------------------------------------------------------------------------------------

CREW = """
    [resources]
    crew = { capacity = 1 }
    [activities]
    dig = { duration = 3, uses = { crew = 1 } }
    [offices]
"""


def test_requests_of_one_day_are_served_in_the_order_of_the_scenario() -> None:
    case = run(CREW + "b = {}\n a = {}\n c = {}")
    assert case.starts("dig") == {"b": "Mon 3 Jan", "a": "Thu 6 Jan", "c": "Tue 11 Jan"}
    assert case.start_reason("dig", "a") == (Driver.POOL, "b.dig")


def test_the_request_day_goes_before_the_order_of_the_scenario() -> None:
    case = run(CREW + "a = { start = 2022-01-05 }\n b = { start = 2022-01-04 }\n c = { start = 2022-01-03 }")
    assert case.starts("dig") == {"a": "Tue 11 Jan", "b": "Thu 6 Jan", "c": "Mon 3 Jan"}


def test_priority_goes_before_the_request_day() -> None:
    case = run(CREW + "a = {}\n b = {}\n c = { priority = -1, start = 2022-01-05 }\n d = { priority = 1 }")
    assert case.starts("dig") == {"a": "Mon 3 Jan", "c": "Thu 6 Jan", "b": "Tue 11 Jan", "d": "Fri 14 Jan"}


def test_within_an_office_the_activity_that_stands_first_is_served_first() -> None:
    case = run("""
        [resources]
        crew = { capacity = 1 }
        [activities]
        pour = { duration = 1, uses = { crew = 1 } }
        dig = { duration = 1, uses = { crew = 1 } }
    """)
    assert case.spans()["dig"] == ("Tue 4 Jan", "Wed 5 Jan")
    assert case.start_reason("dig") == (Driver.POOL, "a.pour")


def test_a_request_is_made_on_the_day_that_the_calendar_lets_the_work_begin() -> None:
    case = run("""
        [resources]
        crew = { capacity = 1 }
        [activities]
        plan = { duration = 5 }
        dig = { duration = 3, uses = { crew = 1 }, after = "plan" }
        haul = { duration = 3, uses = { crew = 1 }, after = "plan", calendar = "days" }
        late = { duration = 1, uses = { crew = 1 }, after = "plan", calendar = "days", not_before = 2022-01-09 }
    """)  # ready on Saturday: haul asks then, late on Sunday, dig on Monday
    assert case.spans()["haul"] == ("Sat 8 Jan", "Tue 11 Jan")
    assert case.spans()["late"] == ("Tue 11 Jan", "Wed 12 Jan")
    assert case.spans()["dig"] == ("Wed 12 Jan", "Sat 15 Jan")
    assert case.record("dig")["ready"] == 5


def test_what_is_granted_on_a_weekend_begins_on_monday() -> None:
    case = run("""
        [resources]
        crew = { capacity = 1 }
        [activities]
        dig = { duration = 5, uses = { crew = 1 } }
        pour = { duration = 5, uses = { crew = 1 } }
        sign = { duration = 0, uses = { crew = 1 } }
    """)  # dig gives the crew back on Saturday
    assert case.spans()["pour"] == ("Mon 10 Jan", "Sat 15 Jan")
    assert case.start_reason("pour") == (Driver.POOL, "a.dig")
    assert case.spans()["sign"] == ("Sat 15 Jan", "Sat 15 Jan")


def test_work_of_no_length_comes_and_goes_within_the_day() -> None:
    case = run("""
        [resources]
        stamp = { capacity = 1 }
        [activities]
        ask = { duration = 0, uses = { stamp = 1 } }
        sign = { duration = 0, uses = { stamp = 1 }, after = "ask" }
        [offices]
        a = {}
        b = {}
        c = {}
    """)
    # Round 1 serves a.ask; in round 2 a.sign stands before b.ask, in round 3 b.ask comes, and so on: six rounds on one day.
    for name in ("ask", "sign"):
        assert set(case.starts(name).values()) == {"Mon 3 Jan"}
        assert {case.start_reason(name, office)[0] for office in "abc"} <= {Driver.OFFICE_START, Driver.PREDECESSOR_FINISH}


def test_all_that_becomes_free_on_a_day_comes_before_any_grant() -> None:
    case = run("""
        [resources]
        crew = { capacity = 2 }
        [activities]
        dig = { duration = 3, uses = { crew = 1 } }
        blast = { duration = 1, uses = { crew = 2 }, after = "dig" }
        [offices]
        a = {}
        b = {}
    """)  # both crews become free on Thursday, on which both offices ask for two
    assert case.starts("blast") == {"a": "Thu 6 Jan", "b": "Fri 7 Jan"}


def test_the_order_is_walked_once_so_a_grant_stands() -> None:
    case = run("""
        [resources]
        stamp = { capacity = 1 }
        crew = { capacity = 1 }
        [activities]
        ask = { duration = 0, uses = { stamp = 1 } }
        dig = { duration = 3, uses = { crew = 1 }, after = "ask" }
        haul = { duration = 3, uses = { crew = 1 }, when = { round = 2 } }
        [offices]
        a = { round = 1 }
        b = { round = 2 }
    """)
    # In the first round a has the stamp and b.haul the crew; a.dig, first in the order, asks in the second round.
    assert case.starts("haul")["b"] == "Mon 3 Jan"
    assert case.starts("dig") == {"a": "Thu 6 Jan", "b": "Tue 11 Jan"}


@pytest.mark.parametrize(("queue", "started"), [("strict", "Fri 7 Jan"), ("fit", "Tue 4 Jan")])
def test_nobody_passes_a_waiting_request_unless_the_pool_says_so(queue: str, started: str) -> None:
    case = run(f"""
        [resources]
        crew = {{ capacity = 2, queue = "{queue}" }}
        [activities]
        dig = {{ duration = 3, uses = {{ crew = 1 }}, when = {{ round = 1 }} }}
        blast = {{ duration = 1, uses = {{ crew = 2 }}, when = {{ round = 2 }} }}
        haul = {{ duration = 1, uses = {{ crew = 1 }}, when = {{ round = 3 }} }}
        [offices]
        a = {{ round = 1 }}
        b = {{ round = 2 }}
        c = {{ round = 3, start = 2022-01-04 }}
    """)
    assert case.starts("blast")["b"] == "Thu 6 Jan"
    assert case.starts("haul")["c"] == started


TWO_POOLS = """
    [resources]
    crew = { capacity = 1, queue = "CREW" }
    crane = { capacity = 1, queue = "CRANE" }
    [activities]
    lift = { duration = 3, uses = { crane = 1 }, when = { round = 1 } }
    build = { duration = 2, uses = { crew = 1, crane = 1 }, when = { round = 2 } }
    dig = { duration = 4, uses = { crew = 1 }, when = { round = 3 } }
    [offices]
    a = { round = 1 }
    b = { round = 2 }
    c = { round = 3 }
"""


def test_a_request_takes_all_its_pools_at_once_and_none_before() -> None:
    case = run(TWO_POOLS.replace("CREW", "strict").replace("CRANE", "fit"))
    assert case.starts("build")["b"] == "Thu 6 Jan"
    assert case.start_reason("build", "b") == (Driver.POOL, "a.lift")
    assert case.starts("dig")["c"] == "Mon 10 Jan"  # the crew was free, but b waited for it first


def test_each_pool_says_for_itself_whether_a_request_may_be_passed() -> None:
    case = run(TWO_POOLS.replace("CREW", "fit").replace("CRANE", "strict"))
    assert case.starts("dig")["c"] == "Mon 3 Jan"
    assert case.starts("build")["b"] == "Fri 7 Jan"
    assert case.start_reason("build", "b") == (Driver.POOL, "c.dig")


def test_two_requests_for_the_same_pools_do_not_block_each_other() -> None:
    case = run("""
        [resources]
        crew = { capacity = 1 }
        crane = { capacity = 1 }
        [activities]
        build = { duration = 2, uses = { crew = 1, crane = 1 } }
        raze = { duration = 2, uses = { crane = 1, crew = 1 } }
        [offices]
        a = {}
        b = {}
    """)
    assert case.starts("build") == {"a": "Mon 3 Jan", "b": "Fri 7 Jan"}
    assert case.starts("raze") == {"a": "Wed 5 Jan", "b": "Tue 11 Jan"}


def test_a_request_let_through_by_another_names_what_let_that_one_through() -> None:
    case = run("""
        [resources]
        crew = { capacity = 1 }
        crane = { capacity = 2 }
        [activities]
        dig = { duration = 3, uses = { crew = 1 }, when = { round = 1 } }
        build = { duration = 1, uses = { crew = 1, crane = 1 }, when = { round = 2 } }
        lift = { duration = 1, uses = { crane = 1 }, when = { round = 3 } }
        [offices]
        a = { round = 1 }
        b = { round = 2 }
        c = { round = 3 }
    """)  # c waits for a free crane only because b stands before it
    assert case.starts("lift")["c"] == "Thu 6 Jan"
    assert case.start_reason("lift", "c") == (Driver.POOL, "a.dig")


def test_of_several_releases_the_first_node_is_the_cause() -> None:
    case = run("""
        [resources]
        crew = { capacity = 2 }
        [activities]
        dig = { duration = 3, uses = { crew = 1 } }
        [offices]
        a = {}
        b = {}
        c = {}
        d = {}
    """)
    assert case.start_reason("dig", "c") == case.start_reason("dig", "d") == (Driver.POOL, "a.dig")


def test_more_capacity_lets_waiting_work_begin() -> None:
    case = run("""
        [resources]
        crew = { capacity = 0, changes = [{ from = 2022-01-05, capacity = 1 }, { from = 2022-01-08, capacity = 2 }] }
        [activities]
        dig = { duration = 9, uses = { crew = 1 } }
        [offices]
        a = {}
        b = {}
    """)
    assert case.starts("dig") == {"a": "Wed 5 Jan", "b": "Mon 10 Jan"}
    assert case.start_reason("dig", "a") == (Driver.CAPACITY, "")
    assert case.start_reason("dig", "b") == (Driver.CAPACITY, "")


def test_less_capacity_interrupts_no_work_but_lets_none_begin() -> None:
    case = run("""
        [resources]
        crew = { capacity = 3, changes = [{ from = 2022-01-04, capacity = 1 }] }
        [activities]
        dig = { duration = 2, uses = { crew = 1 } }
        [offices]
        a = {}
        b = { start = 2022-01-03 }
        c = { start = 2022-01-04 }
        d = { start = 2022-01-04 }
    """)  # on Tuesday two are at work and one may be; both go on Wednesday, and one comes
    assert case.starts("dig") == {"a": "Mon 3 Jan", "b": "Mon 3 Jan", "c": "Wed 5 Jan", "d": "Fri 7 Jan"}


def test_of_several_changes_before_the_start_the_last_holds() -> None:
    case = run("""
        [resources.crew]
        capacity = 0
        changes = [{ from = 2021-01-01, capacity = 1 }, { from = 2021-06-01, capacity = 3 }, { from = 2022-01-03, capacity = 2 }]
        [activities]
        dig = { duration = 2, uses = { crew = 1 } }
        [offices]
        a = {}
        b = {}
        c = {}
    """)
    assert case.starts("dig") == {"a": "Mon 3 Jan", "b": "Mon 3 Jan", "c": "Wed 5 Jan"}


def test_a_release_and_a_change_on_the_same_day_count_together() -> None:
    case = run("""
        [resources]
        crew = { capacity = 1, changes = [{ from = 2022-01-06, capacity = 2 }] }
        [activities]
        dig = { duration = 3, uses = { crew = 1 }, when = { round = 1 } }
        blast = { duration = 1, uses = { crew = 2 }, when = { round = 2 } }
        [offices]
        a = { round = 1 }
        b = { round = 2 }
    """)
    assert case.starts("blast")["b"] == "Thu 6 Jan"
    assert case.start_reason("blast", "b") == (Driver.POOL, "a.dig")


def test_meetings_and_openings_may_use_pools() -> None:
    case = run("""
        [resources]
        hall = { capacity = 1 }
        [meetings]
        board = { rule = "every Tuesday" }
        [activities]
        decision = { meeting = "board", uses = { hall = 1 } }
        [offices]
        a = {}
        b = {}
        c = {}
    """)  # each has the hall until its meeting; on that day the next may ask, and have it, at once
    assert [case.spans(o)["decision"] for o in "abc"] == [
        ("Mon 3 Jan", "Tue 4 Jan"),
        ("Tue 4 Jan", "Tue 4 Jan"),
        ("Tue 4 Jan", "Tue 4 Jan"),
    ]


# --- 4: held spans ----------------------------------------------------------------------------------------------------------

HELD = """
    [resources]
    slot = { capacity = 1, held = { from = "plan.start", until = "UNTIL" } }
    [offices]
    a = {}
    b = {}
    [activities]
    plan = { duration = 2 PLAN }
    dig = { duration = 3, after = "plan" DIG }
    close = { duration = 1, after = "dig" CLOSE }
"""


def held(until: str, plan: str = "", dig: str = "", close: str = "") -> str:
    return HELD.replace("UNTIL", until).replace("PLAN", plan).replace("DIG", dig).replace("CLOSE", close)


def test_a_held_pool_is_held_from_start_to_finish() -> None:
    case = run(held("close.finish"))
    assert case.starts("plan") == {"a": "Mon 3 Jan", "b": "Tue 11 Jan"}
    assert case.start_reason("plan", "b") == (Driver.POOL, "a.close")


def test_a_held_pool_may_be_given_back_at_a_start() -> None:
    case = run(held("close.start"))
    assert case.starts("plan") == {"a": "Mon 3 Jan", "b": "Mon 10 Jan"}
    assert case.start_reason("plan", "b") == (Driver.POOL, "a.close")


def test_a_pool_held_and_used_by_the_same_activity_is_asked_for_together() -> None:
    text = held("close.finish", plan=", uses = { slot = 2 }").replace("capacity = 1", "capacity = 3")
    case = run(text)
    assert case.starts("plan") == {"a": "Mon 3 Jan", "b": "Tue 11 Jan"}  # two of three are back on Wednesday; b needs three


def test_what_does_not_happen_holds_nothing() -> None:
    case = run(held("close.finish", plan=", probability = 0"))
    assert case.starts("dig") == {"a": "Mon 3 Jan", "b": "Mon 3 Jan"}


def test_redo_inside_a_held_span_keeps_the_pool() -> None:
    case = run(held("close.finish", dig=', redo = { probability = 1, back_to = "dig" }'))
    assert case.passes("dig") == [("Wed 5 Jan", "Sat 8 Jan"), ("Mon 10 Jan", "Thu 13 Jan")]
    assert case.starts("plan")["b"] == "Fri 14 Jan"


def test_redo_around_a_held_span_gives_the_pool_back_and_asks_again() -> None:
    case = run(held("dig.finish", close=', redo = { probability = 1, back_to = "plan" }'))
    # a plans and digs to Saturday, closes on Monday; b has the slot from Saturday, works from Monday to Friday, and a comes again.
    assert case.passes("plan", "a") == [("Mon 3 Jan", "Wed 5 Jan"), ("Mon 17 Jan", "Wed 19 Jan")]
    assert case.passes("plan", "b")[0] == ("Mon 10 Jan", "Wed 12 Jan")
    assert case.start_reason("plan", "a", pass_=1) == (Driver.POOL, "b.dig")


def test_redo_over_the_end_of_a_held_span_gives_the_pool_back_at_the_last_pass() -> None:
    case = run(held("dig.finish", close=', redo = { probability = 1, back_to = "dig" }'))
    assert case.passes("dig", "a") == [("Wed 5 Jan", "Sat 8 Jan"), ("Tue 11 Jan", "Fri 14 Jan")]
    assert case.starts("plan")["b"] == "Fri 14 Jan"


def test_redo_over_the_beginning_of_a_held_span_does_not_ask_again() -> None:
    case = run(held("close.finish", dig=', redo = { probability = 1, back_to = "plan" }'))
    assert case.passes("plan", "a") == [("Mon 3 Jan", "Wed 5 Jan"), ("Mon 10 Jan", "Wed 12 Jan")]
    assert case.start_reason("plan", "a", pass_=1) == (Driver.CALENDAR, "a.dig")
    assert case.starts("plan")["b"] == "Tue 18 Jan"


# --- enters_at --------------------------------------------------------------------------------------------------------------


def test_an_establishment_under_way_has_done_what_comes_before_and_holds_its_pools() -> None:
    case = run(held("close.finish").replace("b = {}", 'b = { enters_at = ["dig"] }'))
    assert case.spans("b") == {
        "plan": ("Mon 3 Jan", "Mon 3 Jan"),
        "dig": ("Mon 3 Jan", "Thu 6 Jan"),
        "close": ("Thu 6 Jan", "Fri 7 Jan"),
    }
    assert not case.happens("plan", "b")
    assert case.start_reason("plan", "b") == case.finish_reason("plan", "b") == (Driver.DONE, "")
    assert case.starts("plan")["a"] == "Fri 7 Jan"
    assert case.start_reason("plan", "a") == (Driver.POOL, "b.close")


def test_one_that_enters_later_takes_its_unit_then_even_if_none_is_free() -> None:
    case = run("""
        [resources]
        slot = { capacity = 1, held = { from = "plan.start", until = "dig.finish" } }
        [activities]
        plan = { duration = 2 }
        dig = { duration = 3, after = "plan" }
        [offices]
        a = {}
        b = { start = 2022-01-05, enters_at = ["dig"] }
        c = {}
    """)  # a has the slot to Saturday, and b too, from Wednesday
    assert case.spans("b")["dig"] == ("Wed 5 Jan", "Sat 8 Jan")
    assert case.starts("plan") == {"a": "Mon 3 Jan", "b": "Wed 5 Jan", "c": "Mon 10 Jan"}


def test_what_does_not_lie_before_the_entry_is_still_to_be_done() -> None:
    case = run("""
        [activities]
        plan = { duration = 2 }
        hire = { duration = 4, after = "plan" }
        dig = { duration = 3, after = "plan" }
        paint = { duration = 1 }
        open = { duration = 0, after = ["hire", "dig", "paint"] }
        [offices]
        a = { enters_at = ["dig"], start = 2022-01-05 }
        b = { enters_at = ["dig", "hire"] }
    """)
    assert case.spans("a") == {
        "plan": ("Wed 5 Jan", "Wed 5 Jan"),
        "hire": ("Wed 5 Jan", "Tue 11 Jan"),
        "dig": ("Wed 5 Jan", "Sat 8 Jan"),
        "paint": ("Wed 5 Jan", "Thu 6 Jan"),
        "open": ("Tue 11 Jan", "Tue 11 Jan"),
    }
    assert case.spans("b")["open"] == ("Fri 7 Jan", "Fri 7 Jan")


def test_an_entry_is_still_to_be_done_when_what_it_follows_ends_only_after_it() -> None:
    case = run("""
        [activities]
        old = { duration = 1, after = [{ activity = "new", type = "SF" }] }
        new = { duration = 3, after = [{ activity = "old", type = "SS" }] }
        open = { duration = 0, after = ["old", "new"] }
        [offices]
        a = { enters_at = ["new"] }
        b = {}
    """)
    assert case.spans("a")["new"] == case.spans("b")["new"] == ("Mon 3 Jan", "Thu 6 Jan")
    assert case.spans("a")["old"] == ("Mon 3 Jan", "Mon 3 Jan")
    assert case.spans("a")["open"] == ("Thu 6 Jan", "Thu 6 Jan")


def test_a_redo_goes_back_over_what_was_done_before_the_entry() -> None:
    case = run("""
        [offices]
        a = { enters_at = ["dig"] }
        [activities]
        plan = { duration = 2 }
        dig = { duration = 3, after = "plan", redo = { probability = 1, back_to = "plan" } }
    """)
    assert case.passes("plan") == [("Mon 3 Jan", "Mon 3 Jan"), ("Thu 6 Jan", "Sat 8 Jan")]
    assert case.passes("dig") == [("Mon 3 Jan", "Thu 6 Jan"), ("Mon 10 Jan", "Thu 13 Jan")]
    assert case.start_reason("plan", pass_=1) == (Driver.REDO, "a.dig")


# --- 5: redo ----------------------------------------------------------------------------------------------------------------


def test_an_activity_done_again_alone_at_most_so_many_times_and_scaled() -> None:
    case = run("""
        [activities]
        dig = { duration = 4, redo = { probability = 1, back_to = "dig", at_most = 2, scale = 0.5 } }
        pour = { duration = 1, after = "dig" }
    """)
    assert case.passes("dig") == [("Mon 3 Jan", "Fri 7 Jan"), ("Fri 7 Jan", "Tue 11 Jan"), ("Tue 11 Jan", "Thu 13 Jan")]
    assert case.start_reason("dig", pass_=1) == (Driver.REDO, "a.dig")
    assert case.start_reason("dig", pass_=2) == (Driver.REDO, "a.dig[dig.2]")
    assert case.spans()["pour"] == ("Thu 13 Jan", "Fri 14 Jan")
    assert case.start_reason("pour") == (Driver.PREDECESSOR_FINISH, "a.dig[dig.3]")


def test_no_redo_no_further_pass() -> None:
    case = run("""
        [activities]
        dig = { duration = 4, redo = { probability = 0, back_to = "dig", at_most = 2 } }
    """)
    assert case.passes("dig") == [("Mon 3 Jan", "Fri 7 Jan")]
    never = dict.fromkeys(case.record("dig"), -1) | {"work": 0, "start_driver": Driver.NONE, "finish_driver": Driver.NONE}
    assert case.record("dig", pass_=1) == never


SEARCH = """
    [activities]
    search = { duration = 2 }
    draw = { duration = 4, after = "search" }
    offer = { duration = 1, after = "search" }
    lease = { duration = 1, after = ["offer"], redo = { probability = 1, back_to = "search" } }
    works = { duration = 1, after = ["lease", "draw"] }
    furnish = { duration = 1, after = [{ activity = "offer", type = "SS" }] }
"""


def test_what_waits_for_something_inside_a_span_waits_for_its_last_pass() -> None:
    case = run(SEARCH)
    assert case.passes("search") == [("Mon 3 Jan", "Wed 5 Jan"), ("Fri 7 Jan", "Tue 11 Jan")]
    assert case.passes("lease") == [("Thu 6 Jan", "Fri 7 Jan"), ("Wed 12 Jan", "Thu 13 Jan")]
    assert case.passes("draw") == [("Tue 11 Jan", "Sat 15 Jan")]  # outside: on no path to the lease
    assert case.passes("furnish") == [("Tue 11 Jan", "Wed 12 Jan")]
    assert case.start_reason("furnish") == (Driver.PREDECESSOR_START, "a.offer[lease.2]")
    assert case.passes("works") == [("Mon 17 Jan", "Tue 18 Jan")]


def test_the_whole_span_finishes_before_it_is_done_again() -> None:
    case = run("""
        [activities]
        search = { duration = 2 }
        slow = { duration = 5, after = "search" }
        lease = { duration = 1, after = ["search", { activity = "slow", type = "SS" }], redo = { probability = 1, back_to = "search" } }
        works = { duration = 1, after = "lease" }
    """)  # slow lies on a path to the lease, which begins with it and ends before it
    assert case.passes("slow") == [("Wed 5 Jan", "Wed 12 Jan"), ("Fri 14 Jan", "Fri 21 Jan")]
    assert case.passes("lease") == [("Wed 5 Jan", "Thu 6 Jan"), ("Fri 14 Jan", "Sat 15 Jan")]
    assert case.start_reason("search", pass_=1) == (Driver.REDO, "a.lease")
    assert case.spans()["works"] == ("Mon 17 Jan", "Tue 18 Jan")


def test_spans_one_within_the_other() -> None:
    case = run("""
        [activities]
        plan = { duration = 1, calendar = "days" }
        draw = { duration = 2, calendar = "days", after = "plan", redo = { probability = 1, back_to = "draw", scale = 0.5 } }
        lease = { duration = 1, calendar = "days", after = "draw", redo = { probability = 1, back_to = "plan", scale = 4 } }
        works = { duration = 1, calendar = "days", after = "lease" }
    """)
    # 1 + (2 + 1) + 1, then 4 × as long: 4 + (8 + 4) + 4
    assert case.passes("plan") == [("Mon 3 Jan", "Tue 4 Jan"), ("Sat 8 Jan", "Wed 12 Jan")]
    assert case.passes("draw") == [
        ("Tue 4 Jan", "Thu 6 Jan"),
        ("Thu 6 Jan", "Fri 7 Jan"),
        ("Wed 12 Jan", "Thu 20 Jan"),
        ("Thu 20 Jan", "Mon 24 Jan"),
    ]
    assert case.passes("lease") == [("Fri 7 Jan", "Sat 8 Jan"), ("Mon 24 Jan", "Fri 28 Jan")]
    assert case.spans()["works"] == ("Fri 28 Jan", "Sat 29 Jan")


def test_an_inner_span_at_the_end_of_an_outer_one() -> None:
    case = run("""
        [activities]
        plan = { duration = 1, calendar = "days" }
        draw = { duration = 1, calendar = "days", after = "plan" }
        check = { duration = 1, calendar = "days", after = "draw", redo = { probability = 1, back_to = "draw", at_most = 2 } }
        lease = { duration = 1, calendar = "days", after = "check", redo = { probability = 1, back_to = "plan", at_most = 1 } }
    """)  # 1 + 3 × 2 + 1 days, twice
    assert len(case.passes("draw")) == 6
    assert case.passes("plan") == [("Mon 3 Jan", "Tue 4 Jan"), ("Tue 11 Jan", "Wed 12 Jan")]
    assert case.passes("lease") == [("Mon 10 Jan", "Tue 11 Jan"), ("Tue 18 Jan", "Wed 19 Jan")]


def test_spans_apart_are_done_again_each_for_itself() -> None:
    case = run("""
        [activities]
        plan = { duration = 1, calendar = "days", redo = { probability = 1, back_to = "plan" } }
        draw = { duration = 2, calendar = "days", after = "plan" }
        lease = { duration = 1, calendar = "days", after = "draw", redo = { probability = 1, back_to = "draw" } }
    """)
    assert case.passes("plan") == [("Mon 3 Jan", "Tue 4 Jan"), ("Tue 4 Jan", "Wed 5 Jan")]
    assert case.passes("draw") == [("Wed 5 Jan", "Fri 7 Jan"), ("Sat 8 Jan", "Mon 10 Jan")]


def test_of_two_redos_over_the_same_span_the_first_is_the_outer() -> None:
    case = run("""
        [activities]
        old = { duration = 1, after = [{ activity = "new", type = "SF" }], redo = { probability = 1, back_to = "old", scale = 3 } }
        new = { duration = 1, after = [{ activity = "old", type = "SS" }], redo = { probability = 1, back_to = "old" } }
    """)  # each waits for an end of the other, so that both spans hold both
    assert case.passes("new") == case.passes("old")
    assert case.passes("old") == [
        ("Mon 3 Jan", "Tue 4 Jan"),
        ("Tue 4 Jan", "Wed 5 Jan"),
        ("Wed 5 Jan", "Sat 8 Jan"),
        ("Mon 10 Jan", "Thu 13 Jan"),
    ]


def test_work_that_only_a_risk_makes_long_waits_for_its_calendar() -> None:
    """Nothing was drawn, so it could have been over on the Sunday; the risk adds two days of work, which begin on Monday."""
    case = run("""
        [offices.a]
        start = 2022-01-09
        [activities]
        sign = { duration = 0 }
        [risks]
        objection = { probability = 1, activities = ["sign"], delay = { fixed = 2 } }
    """)
    assert case.spans()["sign"] == ("Mon 10 Jan", "Wed 12 Jan")
    assert case.start_reason("sign") == (Driver.CALENDAR, "")


def test_an_outer_redo_whose_activity_lies_within_the_inner_span() -> None:
    """A handover makes a circle of activities: design ends when works begin, and works end after approval."""
    case = run("""
        [scenario]
        calendar = "days"
        [activities]
        search = { duration = 2 }
        design = { duration = 1, after = [{ activity = "works", type = "SF" }], redo = { probability = 1, back_to = "works" } }
        approve = { duration = 1, after = "design", redo = { probability = 1, back_to = "search" } }
        works = { duration = 3, after = [{ activity = "approve", type = "FF" }, "search"] }
    """)
    assert case.passes("search") == [("Mon 3 Jan", "Wed 5 Jan"), ("Tue 11 Jan", "Thu 13 Jan")]
    assert case.passes("works") == [
        ("Wed 5 Jan", "Sat 8 Jan"),
        ("Sat 8 Jan", "Tue 11 Jan"),
        ("Thu 13 Jan", "Sun 16 Jan"),
        ("Sun 16 Jan", "Wed 19 Jan"),
    ]
    assert case.passes("design")[1::2] == [("Sat 8 Jan", "Sun 9 Jan"), ("Sun 16 Jan", "Mon 17 Jan")]


def test_each_pass_has_draws_of_its_own_but_attributes_and_branches_are_drawn_once() -> None:
    case = run(
        """
        [branches]
        permit = { options = { yes = 0.5, no = 0.5 } }
        [activities]
        ask = { duration = { exponential = { mean = 50 } }, calendar = "days", when = { permit = "yes" } }
        other = { duration = 1, after = "ask", when = { permit = "no" } }
        sign = { duration = 0, after = "other", redo = { probability = 1, back_to = "ask" } }
        """,
        replications=40,
    )
    first, second = (case.plan.activities[0].first_pass + i for i in (0, 1))
    other = case.plan.activities[1].first_pass
    asked = case.timeline.happens[:, 0, first]
    assert 0 < asked.sum() < 40
    assert np.array_equal(asked, case.timeline.happens[:, 0, second])
    assert np.array_equal(asked, ~case.timeline.happens[:, 0, other])
    length = case.draws.duration[asked, 0]
    assert np.all(length[:, first] != length[:, second])
    assert np.array_equal(case.timeline.work[asked, 0, second], np.maximum(np.floor(length[:, second] + 0.5), 1))


# --- 6: risks ---------------------------------------------------------------------------------------------------------------


def test_factors_multiply_and_delays_add() -> None:
    case = run("""
        [activities]
        dig = { duration = 3, calendar = "days" }
        pour = { duration = 3, calendar = "days" }
        [risks]
        rain = { probability = 1, activities = ["dig"], factor = 1.5 }
        frost = { probability = 1, activities = ["dig", "pour"], factor = 2 }
        strike = { probability = 1, activities = ["dig"], delay = { fixed = 2 } }
        flood = { probability = 0, activities = ["dig"], factor = 100 }
    """)
    assert case.record("dig")["work"] == 11  # 3 × 1.5 × 2 + 2
    assert case.record("pour")["work"] == 6


def test_a_delay_in_weeks_is_in_weeks_of_the_calendar() -> None:
    case = run("""
        [activities]
        dig = { duration = 1, actor = "us" }
        ship = { duration = 1, actor = "us", calendar = "days" }
        sign = { duration = 0, actor = "us" }
        tell = { duration = 5, actor = "them" }
        [risks]
        strike = { probability = 1, actor = "us", delay = { fixed = 1, unit = "weeks" } }
    """)
    assert [case.record(id_)["work"] for id_ in ("dig", "ship", "sign", "tell")] == [6, 8, 5, 5]


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2022-01-01", "2022-01-09", 2),
        ("2022-01-01", "2022-01-10", 4),
        ("2022-01-10", "2022-01-10", 4),
        ("2022-01-11", "2022-01-20", 2),
    ],
)
def test_a_risk_hits_what_starts_inside_its_window_both_days_included(first: str, last: str, days: int) -> None:
    case = run(f"""
        [activities]
        plan = {{ duration = 5 }}
        dig = {{ duration = 2, after = "plan" }}
        [risks]
        rain = {{ probability = 1, activities = ["dig"], factor = 2, window = [{first}, {last}] }}
    """)  # ready on Saturday the 8th, begins on Monday the 10th
    assert case.spans()["dig"][0] == "Mon 10 Jan"
    assert case.record("dig")["work"] == days


def test_a_start_that_waits_for_a_pool_counts_when_it_comes() -> None:
    case = run("""
        [resources]
        crew = { capacity = 1 }
        [activities]
        dig = { duration = 2, uses = { crew = 1 } }
        [offices]
        a = {}
        b = {}
        [risks]
        rain = { probability = 1, activities = ["dig"], factor = 3, window = [2022-01-05, 2022-01-05] }
    """)
    assert case.spans("a")["dig"] == ("Mon 3 Jan", "Wed 5 Jan")
    assert case.spans("b")["dig"] == ("Wed 5 Jan", "Thu 13 Jan")


def test_each_pass_is_hit_by_where_it_starts() -> None:
    case = run("""
        [activities]
        dig = { duration = 2, calendar = "days", redo = { probability = 1, back_to = "dig" } }
        [risks]
        rain = { probability = 1, activities = ["dig"], factor = 3, window = [2022-01-04, 2022-01-30] }
    """)
    assert case.passes("dig") == [("Mon 3 Jan", "Wed 5 Jan"), ("Wed 5 Jan", "Tue 11 Jan")]


def test_a_factor_of_nothing_leaves_nothing_to_do() -> None:
    case = run("""
        [activities]
        plan = { duration = 5 }
        dig = { duration = 2, after = "plan" }
        [risks]
        gift = { probability = 1, activities = ["dig"], factor = 0 }
    """)
    assert case.spans()["dig"] == ("Mon 10 Jan", "Mon 10 Jan")  # it waited for a day of work, as its length was not known to be 0


@pytest.mark.parametrize(("scope", "groups"), [("programme", ["abcd"]), ("municipality", ["ab", "cd"]), ("office", ["a", "b", "c", "d"])])
def test_a_risk_is_drawn_once_for_each_member_of_its_scope(scope: str, groups: list[str]) -> None:
    case = run(
        f"""
        [offices]
        a = {{ municipality = "north" }}
        b = {{ municipality = "north" }}
        c = {{ municipality = "south" }}
        d = {{ municipality = "south" }}
        [activities]
        dig = {{ duration = 1, calendar = "days" }}
        pour = {{ duration = 1, calendar = "days" }}
        [risks]
        rain = {{ probability = 0.5, scope = "{scope}", activities = ["dig", "pour"], delay = {{ uniform = [0, 900] }} }}
        """,
        replications=50,
    )
    work = case.timeline.work[:, :, :2]
    assert np.array_equal(work[..., 0], work[..., 1])  # the same for all activities that it hits
    members = {tuple(work[:, "abcd".index(office), 0]) for group in groups for office in group}
    assert len(members) == len(groups)
    for group in groups:
        assert len({tuple(work[:, "abcd".index(office), 0]) for office in group}) == 1


def test_a_risk_hits_only_the_offices_it_names() -> None:
    case = run("""
        [offices]
        a = { round = 1 }
        b = { round = 2 }
        [activities]
        dig = { duration = 2, calendar = "days" }
        [risks]
        rain = { probability = 1, scope = "programme", activities = ["dig"], factor = 2, offices = { round = 2 } }
    """)
    assert [case.record("dig", office)["work"] for office in "ab"] == [2, 4]


# --- 7: what held it up -----------------------------------------------------------------------------------------------------


def test_the_chain_from_an_opening_back_to_the_start() -> None:
    case = run("""
        [meetings]
        board = { dates = [2022-01-11, 2022-02-08], lead = 2 }
        [resources]
        crew = { capacity = 1 }
        slot = { capacity = 1, held = { from = "plan.start", until = "open.start" } }
        [offices]
        a = {}
        b = {}
        [activities]
        plan = { duration = 3 }
        decision = { meeting = "board", after = "plan" }
        dig = { duration = 4, uses = { crew = 1 }, after = [{ activity = "decision", lag = 1 }] }
        test = { duration = 1, after = [{ activity = "dig", type = "FF", lag = 1 }, { activity = "dig", type = "SS" }] }
        open = { opening_days = { weekdays = ["wed"] }, after = "test" }
    """)
    # a: papers on Monday the 10th, meeting on the 11th, dig 12th–17th (Tuesday morning the 18th), test until Wednesday the 19th.
    first = [
        ("a.open.finish", "Wed 19 Jan", Driver.WORK),
        ("a.open.start", "Wed 19 Jan", Driver.PREDECESSOR_FINISH),
        ("a.test.finish", "Wed 19 Jan", Driver.PREDECESSOR_FINISH),
        ("a.dig.finish", "Tue 18 Jan", Driver.WORK),
        ("a.dig.start", "Wed 12 Jan", Driver.PREDECESSOR_FINISH),
        ("a.decision.finish", "Tue 11 Jan", Driver.MEETING),
        ("a.decision.start", "Thu 6 Jan", Driver.PREDECESSOR_FINISH),
        ("a.plan.finish", "Thu 6 Jan", Driver.WORK),
        ("a.plan.start", "Mon 3 Jan", Driver.OFFICE_START),
    ]
    assert case.chain("a") == first
    # b gets its slot when a opens: plan 19th–21st, papers 24th and 25th, meeting on 8 February, dig 9th–14th, test until the 16th.
    assert case.chain("b") == [
        ("b.open.finish", "Wed 16 Feb", Driver.WORK),
        ("b.open.start", "Wed 16 Feb", Driver.PREDECESSOR_FINISH),
        ("b.test.finish", "Wed 16 Feb", Driver.PREDECESSOR_FINISH),
        ("b.dig.finish", "Tue 15 Feb", Driver.WORK),
        ("b.dig.start", "Wed 9 Feb", Driver.PREDECESSOR_FINISH),
        ("b.decision.finish", "Tue 8 Feb", Driver.MEETING),
        ("b.decision.start", "Sat 22 Jan", Driver.PREDECESSOR_FINISH),
        ("b.plan.finish", "Sat 22 Jan", Driver.WORK),
        ("b.plan.start", "Wed 19 Jan", Driver.POOL),
        ("a.open.start", "Wed 19 Jan", Driver.PREDECESSOR_FINISH),
        *first[2:],
    ]


def test_a_chain_through_a_redo_a_date_and_the_calendar() -> None:
    case = run("""
        [activities]
        plan = { duration = 5, redo = { probability = 1, back_to = "plan" } }
        area = { duration = 0, after = "plan", not_before = 2022-01-20 }
        dig = { duration = 7, after = "area" }
        pour = { duration = 1, after = "dig" }
    """)
    assert case.chain() == [
        ("a.pour.finish", "Tue 1 Feb", Driver.WORK),
        ("a.pour.start", "Mon 31 Jan", Driver.CALENDAR),
        ("a.dig.finish", "Sat 29 Jan", Driver.WORK),
        ("a.dig.start", "Thu 20 Jan", Driver.PREDECESSOR_FINISH),
        ("a.area.finish", "Thu 20 Jan", Driver.WORK),
        ("a.area.start", "Thu 20 Jan", Driver.NOT_BEFORE),
        ("a.plan[plan.2].finish", "Sat 15 Jan", Driver.WORK),
        ("a.plan[plan.2].start", "Mon 10 Jan", Driver.CALENDAR),
        ("a.plan.finish", "Sat 8 Jan", Driver.WORK),
        ("a.plan.start", "Mon 3 Jan", Driver.OFFICE_START),
    ]


# --- 8: dead ends -----------------------------------------------------------------------------------------------------------


def dead_end(engine: object, text: str) -> str:
    plan = plan_of(text)
    timeline, message = attempt(engine, plan, Sampler(plan).draw(0, 1))
    assert timeline is None
    return message


@BOTH
def test_pools_in_a_circle(engine: object) -> None:
    message = dead_end(
        engine,
        """
        [resources]
        crew = { capacity = 1, held = { from = "dig.start", until = "close.finish" } }
        crane = { capacity = 1, held = { from = "lift.start", until = "close.finish" } }
        [activities]
        no_crane = { duration = 3, when = { round = 1 } }
        no_crew = { duration = 2, when = { round = 2 } }
        dig = { duration = 1, after = "no_crew" }
        lift = { duration = 1, after = "no_crane" }
        close = { duration = 1, after = ["dig", "lift"] }
        [offices]
        a = { round = 1 }
        b = { round = 2 }
        """,
    )
    assert message == (
        "offices.b: dig waits for ever for crew (1 needed, 0 free of 1) since 2022-01-05 in replication 0; "
        "raise the capacity, or see which activities hold the pool without giving it back"
    )


@BOTH
def test_the_horizon_is_passed(engine: object) -> None:
    horizon = "[scenario]\nhorizon = 2022-01-09\n[activities]\n"
    assert re.fullmatch(
        "offices.a: dig in replication 0: the work goes on past the last day .*; set scenario.horizon later",
        dead_end(engine, horizon + "dig = { duration = 6 }"),
    )
    assert re.fullmatch(
        "offices.a goes on past the horizon, 2022-01-09, in replication 0; set a later scenario.horizon",
        dead_end(engine, horizon + 'walk = { duration = 7, calendar = "days" }'),
    )


def test_the_last_morning_may_be_the_horizon() -> None:
    case = run("""
        [scenario]
        horizon = 2022-01-10
        [activities]
        walk = { duration = 7, calendar = "days" }
    """)
    assert case.spans()["walk"] == ("Mon 3 Jan", "Mon 10 Jan")


@BOTH
def test_no_meeting_is_left(engine: object) -> None:
    message = dead_end(
        engine,
        """
        [meetings]
        board = { dates = [2022-01-04] }
        [activities]
        dig = { duration = 2 }
        decision = { meeting = "board", after = "dig" }
        """,
    )
    assert message == (
        "offices.a: decision in replication 0: board has no date left from 2022-01-05 on; add dates, a rule or a later scenario.horizon"
    )


@BOTH
def test_a_pool_that_closes_for_ever(engine: object) -> None:
    message = dead_end(
        engine,
        """
        [resources]
        crew = { capacity = 2, changes = [{ from = 2022-01-04, capacity = 0 }] }
        [activities]
        dig = { duration = 5, uses = { crew = 2 } }
        [offices]
        a = {}
        b = {}
        """,
    )
    assert message.startswith("offices.b: dig waits for ever for crew (2 needed, 0 free of 0) since 2022-01-03 in replication 0;")


@BOTH
def test_one_future_at_a_dead_end_stops_the_block_and_is_named(engine: object) -> None:
    plan = plan_of("""
        [scenario]
        horizon = 2022-02-02
        [activities]
        dig = { duration = { uniform = [0, 60] }, calendar = "days" }
    """)
    draws = Sampler(plan).draw(100, 50)
    first = int(np.argmax(draws.duration[:, 0, 0] >= 30.5))  # 30 days end on the morning of 2 February
    assert first > 0
    assert f" in replication {100 + first}" in attempt(engine, plan, draws)[1]


@pytest.mark.parametrize("probability", [0.1, 1])
def test_redo_spans_that_wait_for_each_other_are_refused(probability: float) -> None:
    with pytest.raises(InputError) as caught:
        plan_of(f"""
            [activities]
            plan = {{ duration = 1 }}
            search = {{ duration = 1 }}
            draw = {{ duration = 1, after = ["plan", "search"], redo = {{ probability = {probability}, back_to = "plan" }} }}
            lease = {{ duration = 1, after = ["search", "plan"], redo = {{ probability = {probability}, back_to = "search" }} }}
        """)
    assert str(caught.value) == (
        "activities.draw.redo: its span and that of lease wait for each other's last pass; "
        "let one of the spans contain the other, or leave out a predecessor"
    )


def test_redo_spans_that_wait_for_each_other_within_another_span_are_refused() -> None:
    with pytest.raises(InputError, match=r"^activities\.draw\.redo: its span and that of lease wait for each other's last pass;"):
        plan_of("""
            [activities]
            begin = { duration = 1 }
            plan = { duration = 1, after = "begin" }
            search = { duration = 1, after = "begin" }
            draw = { duration = 1, after = ["plan", "search"], redo = { probability = 1, back_to = "plan" } }
            lease = { duration = 1, after = ["search", "plan"], redo = { probability = 1, back_to = "search" } }
            end = { duration = 1, after = ["draw", "lease"], redo = { probability = 1, back_to = "begin" } }
        """)


def test_all_spans_within_one_that_is_done_again_begin_anew() -> None:
    case = run("""
        [activities]
        begin = { duration = 1 }
        plan = { duration = 1, after = "begin", redo = { probability = 1, back_to = "plan" } }
        search = { duration = 1, after = "begin", redo = { probability = 1, back_to = "search" } }
        end = { duration = 1, after = ["plan", "search"], redo = { probability = 1, back_to = "begin" } }
    """)
    assert [len(case.passes(name)) for name in ("begin", "plan", "search", "end")] == [2, 4, 4, 2]


def test_redo_spans_in_a_row_and_around_each_other_are_not_refused() -> None:
    plan_of("""
        [activities]
        watch = { duration = 1, after = [{ activity = "lease", type = "FF" }] }
        plan = { duration = 1, after = [{ activity = "watch", type = "SS" }] }
        draw = { duration = 1, after = "plan", redo = { probability = 1, back_to = "plan" } }
        search = { duration = 1, after = ["plan", "draw"] }
        lease = { duration = 1, after = ["search", "plan"], redo = { probability = 1, back_to = "search" } }
    """)


# --- what the readable engine waits for -------------------------------------------------------------------------------------

ENTERS = 3
"""Events of an office that enters: its process begins, its day comes, the process ends."""


def events_of(activities: str) -> int:
    """How many events SimPy has dealt with when one office has gone through some activities."""
    plan = plan_of(f"""
        [resources]
        crew = {{ capacity = 1 }}
        [meetings]
        board = {{ rule = "every Friday", lead = 1 }}
        [activities]
        {activities}
    """)
    future = process.Future(Network(plan), Chance(Sampler(plan).draw(0, 1), 0))
    future.run()
    return next(future.env._eid) - ENTERS


@pytest.mark.parametrize(
    ("activities", "events"),
    [
        ("dig = { duration = 3 }", ["the finish"]),
        ("dig = { duration = 0 }", []),
        ("dig = { duration = 3, probability = 0 }", []),
        ('decide = { meeting = "board" }', ["the Friday after its lead"]),
        ("dig = { duration = 3, not_before = 2022-01-08 }", ["the finish"]),
        ('dig = { duration = 5 }\npour = { duration = 2, after = "dig" }', ["the finish", "the finish"]),
        (
            'dig = { duration = 3, not_before = 2022-01-08 }\nrinse = { duration = 0, after = [{ activity = "dig", type = "SS" }] }',
            ["the start, for rinse", "the finish"],
        ),
        ("dig = { duration = 3, uses = { crew = 1 } }", ["a round", "the grant", "the finish", "a round"]),
    ],
)
def test_only_what_takes_time_is_waited_for_in_simpy(activities: str, events: list[str]) -> None:
    assert events_of(activities) == len(events)
