"""Calendars against dates counted by hand, an independent rule for Swedish holidays, and the standard library."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from dateutil.easter import easter
from hypothesis import given
from hypothesis import strategies as st

from sim.calendars import (
    RULE_EXAMPLES,
    WEEKDAYS,
    Period,
    WorkCalendar,
    holidays_mask,
    meeting_dates,
    next_allowed,
    next_in_series,
    opening_mask,
    period_mask,
    period_occurrences,
    working_days,
)
from sim.errors import DeadEndError, InputError

D = dt.date.fromisoformat
DAY = dt.timedelta(1)
JULY_PACE = Period(weeks=(28, 31))
CHRISTMAS_PACE = Period("12-22", "01-06")


def span(start: str, end: str) -> tuple[dt.date, int]:
    return D(start), (D(end) - D(start)).days


def days_of(mask: np.ndarray, start: dt.date) -> list[str]:
    return [str(start + dt.timedelta(int(t))) for t in np.flatnonzero(mask)]


# --- periods


@pytest.mark.parametrize(
    ("period", "start", "end", "first", "last", "number"),
    [
        (Period("06-30"), "2021-01-01", "2021-12-31", "2021-06-30", "2021-06-30", 1),
        (Period("07-01", "07-31"), "2021-01-01", "2021-12-31", "2021-07-01", "2021-07-31", 31),
        (Period("12-22", "01-06"), "2021-07-01", "2022-06-30", "2021-12-22", "2022-01-06", 16),
        (Period(D("2022-02-01"), D("2022-02-03")), "2021-01-01", "2023-12-31", "2022-02-01", "2022-02-03", 3),
        (Period(D("2022-02-01")), "2021-01-01", "2023-12-31", "2022-02-01", "2022-02-01", 1),
        (Period(weeks=(28, 31)), "2021-01-01", "2021-12-31", "2021-07-12", "2021-08-08", 28),
        (Period(weeks=(28, 31)), "2022-01-01", "2022-12-31", "2022-07-11", "2022-08-07", 28),
        (Period(weeks=(28, 31)), "2023-01-01", "2023-12-31", "2023-07-10", "2023-08-06", 28),
        (Period(weeks=(28, 31)), "2024-01-01", "2024-12-31", "2024-07-08", "2024-08-04", 28),
        (Period(weeks=(52, 1)), "2021-07-01", "2022-06-30", "2021-12-27", "2022-01-09", 14),
        (Period(weeks=(53, 53)), "2015-07-01", "2020-06-30", "2015-12-28", "2016-01-03", 7),
        (Period(weeks=(53, 53)), "2020-07-01", "2026-06-30", "2020-12-28", "2021-01-03", 7),
        (Period("02-29"), "2021-01-01", "2024-12-31", "2024-02-29", "2024-02-29", 1),
        (Period("02-20", "02-29"), "2021-01-01", "2021-12-31", "2021-02-20", "2021-02-28", 9),
        (Period("02-29", "03-05"), "2021-01-01", "2021-12-31", "2021-03-01", "2021-03-05", 5),
    ],
)
def test_a_period_covers_its_days(period, start, end, first, last, number):
    begin, horizon = span(start, end)
    found = days_of(period_mask(period, begin, horizon), begin)
    assert (found[0], found[-1], len(found)) == (first, last, number)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "either a first day"),
        ({"last": "01-01"}, "either a first day"),
        ({"first": "01-01", "weeks": (1, 2)}, "not both"),
        ({"weeks": (1, 2), "last": "01-01"}, "not both"),
        ({"weeks": (0, 2)}, "weeks 0 to 2: ISO weeks go from 1 to 53"),
        ({"first": "02-30"}, '"02-30" is not a day of the year'),
        ({"first": "01-01", "last": "13-01"}, '"13-01" is not a day of the year'),
        ({"first": "July"}, '"July" is not a day of the year'),
        ({"first": "01-01", "last": dt.date(2021, 2, 1)}, "either from MM-DD to MM-DD"),
        ({"first": dt.date(2021, 2, 1), "last": "03-01"}, "either from MM-DD to MM-DD"),
        ({"first": dt.date(2021, 2, 1), "last": dt.date(2021, 1, 1)}, "swap the two dates"),
    ],
)
def test_what_is_no_period_is_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        Period(**fields)


def test_an_occurrence_over_new_year_belongs_to_the_year_it_began():
    start, last = span("2021-12-31", "2022-12-22")
    found = period_occurrences(CHRISTMAS_PACE, start, last)
    assert found[:8].tolist() == [2021] * 7 + [-1]
    assert found[-2:].tolist() == [-1, 2022]


def test_occurrences_that_adjoin_are_told_apart():
    start, last = span("2021-12-30", "2022-01-02")
    assert period_occurrences(Period("01-01", "12-31"), start, last).tolist() == [2021, 2021, 2022, 2022]
    # ISO year 2021 ends on Sunday 2 January 2022.
    assert period_occurrences(Period(weeks=(1, 53)), start, last + 1).tolist() == [2021] * 4 + [2022]


dates = st.dates(D("1960-01-01"), D("2080-12-31"))
month_days = st.dates(D("2000-01-01"), D("2000-12-31")).map(lambda day: f"{day:%m-%d}")


@given(dates, month_days, month_days)
def test_yearly_periods_agree_with_text_order(start, first, last):
    mask = period_mask(Period(first, last), start, 800)
    for t, inside in enumerate(mask):
        text = f"{start + t * DAY:%m-%d}"
        assert inside == (first <= text <= last if first <= last else text >= first or text <= last)


@given(dates, st.integers(1, 53), st.integers(1, 53))
def test_week_periods_agree_with_the_standard_library(start, first, last):
    mask = period_mask(Period(weeks=(first, last)), start, 800)
    for t, inside in enumerate(mask):
        week = (start + t * DAY).isocalendar().week
        assert inside == (first <= week <= last if first <= last else week >= first or week <= last)


# --- holidays

FREE_WEEKDAYS = {
    2021: "01-01 01-06 04-02 04-05 05-13 06-25 12-24 12-31",
    2022: "01-06 04-15 04-18 05-26 06-06 06-24 12-26",
    2023: "01-06 04-07 04-10 05-01 05-18 06-06 06-23 12-25 12-26",
    2024: "01-01 03-29 04-01 05-01 05-09 06-06 06-21 12-24 12-25 12-26 12-31",
}
"""Swedish holidays on weekdays with midsommar-, jul- and nyårsafton, from published lists."""

WORKING_DAYS = {2021: 253, 2022: 253, 2023: 251, 2024: 251, 2025: 249, 2026: 251, 2027: 253, 2028: 251, 2029: 250, 2030: 250}
"""Weekdays of the year less the holidays on them: 2021–2024 as published, later years counted by the rule below."""


def swedish_holidays(year: int) -> set[dt.date]:
    """The law (1989:253) and the eves that are free by custom; those always on a Saturday or Sunday left out."""
    fixed = {dt.date(year, m, d) for m, d in [(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)]}
    around_easter = {easter(year) + n * DAY for n in (-2, 1, 39)}
    midsummer_eve = next(day for day in (dt.date(year, 6, 19) + n * DAY for n in range(7)) if day.weekday() == 4)
    return fixed | around_easter | {midsummer_eve}


@pytest.mark.parametrize("year", FREE_WEEKDAYS)
def test_swedish_holidays_on_weekdays(year):
    start, last = span(f"{year}-01-01", f"{year}-12-31")
    weekdays = working_days(start, last)
    free = days_of(weekdays & holidays_mask("SE", None, start, last), start)
    assert free == [f"{year}-{day}" for day in FREE_WEEKDAYS[year].split()]


@pytest.mark.parametrize(("year", "number"), WORKING_DAYS.items())
def test_swedish_working_days_of_a_year(year, number):
    start, last = span(f"{year}-01-01", f"{year}-12-31")
    mask = working_days(start, last, country="SE")
    assert mask.sum() == number
    free = swedish_holidays(year)
    assert [start + t * DAY for t in range(last + 1) if mask[t]] == [
        day for day in (start + t * DAY for t in range(last + 1)) if day.weekday() < 5 and day not in free
    ]


def test_a_region_has_its_own_holidays():
    start, last = span("2022-01-01", "2022-12-31")
    germany = holidays_mask("DE", None, start, last)
    baden = holidays_mask("DE", "BW", start, last)
    # Epiphany, Corpus Christi and All Saints.
    assert days_of(baden & ~germany, start) == ["2022-01-06", "2022-06-16", "2022-11-01"]


def test_holidays_are_cut_to_the_horizon():
    assert holidays_mask("SE", None, D("2021-12-25"), 1).tolist() == [True, True]
    assert holidays_mask("SE", None, D("2021-12-27"), 0).tolist() == [False]


@pytest.mark.parametrize(
    ("country", "subdivision", "path", "words"),
    [
        ("se", None, "country", ['"se" is not a country', 'did you mean "SE", Sweden?', "leave country out"]),
        ("Sverige", None, "country", ['"Sverige" is not a country', 'such as "SE"', "closed periods"]),
        ("HolidayBase", None, "country", ["is not a country"]),
        ("SE", "AB", "subdivision", ['"AB" is not a subdivision of SE', "SE has none", "leave subdivision out"]),
        ("DE", "bayern", "subdivision", ["use one of BB, BE", 'did you mean "Bayern"?']),
        ("LK", None, "country", ["known for 2003 to 2026", "asks for 2021 to 2061", "scenario.horizon"]),
    ],
)
def test_unknown_holidays_are_the_planners_to_mend(country, subdivision, path, words):
    with pytest.raises(InputError) as caught:
        holidays_mask(country, subdivision, *span("2021-09-22", "2061-09-22"))
    (fault,) = caught.value.faults
    assert fault.path == path
    assert [word for word in words if word not in fault.message] == []


def test_the_first_year_whose_holidays_are_known_can_be_simulated_and_none_before():
    known = holidays_mask("LK", None, *span("2003-01-01", "2003-12-31"))  # Sri Lanka's are known from 2003 on
    assert days_of(known, D("2003-01-01"))[-1] == "2003-12-25"
    with pytest.raises(InputError, match="known for 2003 to 2026, and the simulation asks for 2002 to 2003"):
        holidays_mask("LK", None, *span("2002-12-31", "2003-12-31"))


def test_only_the_country_asked_for_is_imported():
    program = """
import sys, datetime
import sim.calendars
assert not {"holidays", "dateutil", "pandas", "scipy"} & set(sys.modules), "heavy imports happen late"
assert sim.calendars.holidays_mask("SE", None, datetime.date(2021, 12, 24), 0).all()
assert "holidays.countries.sweden" in sys.modules
assert "holidays.countries.norway" not in sys.modules
import holidays, holidays.countries
assert datetime.date(2021, 5, 17) in holidays.NO(years=2021)
assert sim.calendars.holidays_mask("NO", None, datetime.date(2021, 5, 17), 0).all()
assert holidays.countries.Sweden is sys.modules["holidays.countries.sweden"].Sweden
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# --- working days


def test_plain_week():
    assert working_days(D("2021-09-20"), 6).tolist() == [True] * 5 + [False] * 2  # a Monday
    assert working_days(D("2021-09-20"), 6, weekdays=("sat", "mon")).tolist() == [True] + [False] * 4 + [True, False]


def test_every_day_knows_no_weekends_or_holidays_but_may_be_closed():
    start, last = span("2021-12-24", "2021-12-27")
    assert working_days(start, last, every_day=True, country="SE").all()
    assert working_days(start, last, every_day=True, closed=[Period("12-25")]).tolist() == [True, False, True, True]
    assert working_days(start, last, every_day=True, pace=[(Period("12-24", "12-27"), 0.5)]).tolist() == [False, True] * 2


def test_closed_periods_add_up():
    start, last = span("2021-07-01", "2021-07-31")
    mask = working_days(start, last, closed=[JULY_PACE, Period(D("2021-07-01"), D("2021-07-05"))])
    assert days_of(mask, start) == ["2021-07-06", "2021-07-07", "2021-07-08", "2021-07-09"]


@pytest.mark.parametrize("year", [2021, 2022, 2023, 2024])
def test_pace_of_45_percent_over_20_working_days_is_9(year):
    start, last = span(f"{year}-01-01", f"{year}-12-31")
    inside = period_mask(JULY_PACE, start, last)
    plain = working_days(start, last, country="SE")
    paced = working_days(start, last, country="SE", pace=[(JULY_PACE, 0.45)])
    assert (plain & inside).sum() == 20
    assert (paced & inside).sum() == 9
    assert np.array_equal(plain[~inside], paced[~inside])


def test_the_pattern_of_a_pace():
    start, last = span("2021-07-12", "2021-07-23")  # Monday of week 28 to Friday of week 29: 10 working days
    mask = working_days(start, last, pace=[(JULY_PACE, 0.4)])
    # floor(0.4 k) = 0 0 0 1 1 2 2 2 3 3 4 for k = 0 … 10: it grows with the 3rd, 5th, 8th and 10th day.
    assert days_of(mask, start) == ["2021-07-14", "2021-07-16", "2021-07-21", "2021-07-23"]


def test_the_pattern_begins_anew_with_each_occurrence():
    start, last = span("2021-01-01", "2030-12-31")
    mask = working_days(start, last, pace=[(JULY_PACE, 0.45)])
    inside = period_mask(JULY_PACE, start, last)
    years = mask[inside].reshape(10, 28)
    assert (years == years[0]).all()


def test_a_pace_over_new_year_counts_on_through_it():
    start, last = span("2021-12-22", "2022-01-06")
    # Working days: 22, 23, 27, 28, 29, 30 December, 3, 4, 5 January: 9 at a third make the 3rd, 6th and 9th count.
    mask = working_days(start, last, country="SE", pace=[(CHRISTMAS_PACE, 1 / 3)])
    assert days_of(mask, start) == ["2021-12-27", "2021-12-30", "2022-01-05"]


def test_where_paces_meet_the_later_in_the_list_holds():
    start, last = span("2021-07-12", "2021-07-25")
    all_of_july, week_29 = Period("07-01", "07-31"), Period(weeks=(29, 29))
    assert days_of(working_days(start, last, pace=[(all_of_july, 0), (week_29, 1)]), start) == [f"2021-07-{d}" for d in range(19, 24)]
    assert not working_days(start, last, pace=[(week_29, 1), (all_of_july, 0)]).any()


@given(st.integers(0, 100), st.integers(1, 20))
def test_a_share_in_hundredths_is_exact(hundredths, blocks):
    start = D("2022-01-01")
    period = Period(start, start + (100 * blocks - 1) * DAY)
    mask = working_days(start, 100 * blocks - 1, every_day=True, pace=[(period, hundredths / 100)])
    assert (mask.reshape(blocks, 100).sum(axis=1) == hundredths).all()


@given(st.integers(0, 900))
def test_a_day_counts_or_not_whatever_day_the_simulation_starts(later):
    start, last = span("2021-01-01", "2024-12-31")
    dated = Period(D("2021-10-01"), D("2022-05-31"))
    paces = [(dated, 0.7), (JULY_PACE, 0.45), (CHRISTMAS_PACE, 0.3), (Period(weeks=(40, 39)), 0.9)]
    whole = working_days(start, last, country="SE", closed=[Period("02-29")], pace=paces)
    part = working_days(start + later * DAY, last - later, country="SE", closed=[Period("02-29")], pace=paces)
    assert np.array_equal(part, whole[later:])


def test_opening_days():
    start, last = span("2021-12-20", "2022-01-09")
    free = holidays_mask("SE", None, start, last)
    allowed = ("tue", "wed", "thu")
    assert days_of(opening_mask(start, last, allowed, [Period("12-24", "01-01")], free), start) == [
        "2021-12-21", "2021-12-22", "2021-12-23", "2022-01-04", "2022-01-05",
    ]  # fmt: skip
    assert "2022-01-06" in days_of(opening_mask(start, last, allowed, [], None), start)  # Epiphany


# --- adding working days

SWEDEN_START, SWEDEN_LAST = span("2021-05-01", "2024-12-31")
SWEDEN = WorkCalendar.from_mask(working_days(SWEDEN_START, SWEDEN_LAST, country="SE"))


@pytest.mark.parametrize(
    ("start", "days", "finish"),
    [
        ("2021-12-23", 1, "2021-12-24"),  # Thursday; done on the morning of Christmas Eve
        ("2021-12-23", 2, "2021-12-28"),  # the second day is Monday 27
        ("2021-12-24", 1, "2021-12-28"),
        ("2021-12-23", 5, "2021-12-31"),  # 23, 27, 28, 29, 30
        ("2021-12-23", 6, "2022-01-04"),  # New Year's Eve is free: Monday 3 January
        ("2021-12-23", 9, "2022-01-08"),  # 4, 5, not Epiphany, Friday 7
        ("2021-06-24", 1, "2021-06-25"),  # Thursday before Midsummer
        ("2021-06-24", 2, "2021-06-29"),  # Midsummer Eve is free: Monday 28
        ("2021-06-25", 1, "2021-06-29"),
        ("2021-06-26", 1, "2021-06-29"),
        ("2021-06-26", 0, "2021-06-26"),  # nothing to do: done at once, on a Saturday
        ("2024-12-30", 1, "2024-12-31"),
    ],
)
def test_finish_by_hand(start, days, finish):
    found = SWEDEN.finish((D(start) - SWEDEN_START).days, days)
    assert str(SWEDEN_START + found * DAY) == finish


def test_the_tables():
    calendar = WorkCalendar.from_mask(np.array([False, True, True, False]))
    assert calendar.before.tolist() == [0, 0, 1, 2, 2]
    assert calendar.day_of.tolist() == [1, 2]
    assert (calendar.before.dtype, calendar.day_of.dtype, calendar.last) == (np.int32, np.int32, 3)
    assert [calendar.first_on_or_after(t) for t in range(3)] == [1, 1, 2]
    assert [calendar.work_between(0, t) for t in range(5)] == [0, 0, 1, 2, 2]
    assert calendar.work_between(3, 1) == 0


def test_work_on_the_last_day_finishes_the_morning_after():
    calendar = WorkCalendar.from_mask(np.array([True, True]))
    assert calendar.finish(0, 2) == 2
    assert calendar.finish(2, 0) == 2


@pytest.mark.parametrize(
    "ask",
    [
        lambda calendar: calendar.finish(0, 3),
        lambda calendar: calendar.finish(0, 9),
        lambda calendar: calendar.finish(2, 1),
        lambda calendar: calendar.finish(7, 1),
        lambda calendar: calendar.first_on_or_after(2),
        lambda calendar: calendar.work_between(0, 9),
    ],
)
def test_past_the_horizon_is_a_dead_end(ask):
    with pytest.raises(DeadEndError, match=r"set scenario\.horizon later"):
        ask(WorkCalendar.from_mask(np.array([True, True])))


def test_a_calendar_without_working_days_says_so():
    with pytest.raises(DeadEndError, match="has no working day"):
        WorkCalendar.from_mask(np.zeros(5, dtype=np.bool_)).finish(0, 1)


def test_negative_instants_and_lengths_are_refused():
    with pytest.raises(ValueError, match="before the start"):
        SWEDEN.finish(-1, 1)
    with pytest.raises(ValueError, match="-1 days"):
        SWEDEN.finish(0, -1)


instants, lengths = st.integers(0, 600), st.integers(1, 200)


@given(instants, lengths, lengths)
def test_work_in_two_parts_ends_as_work_in_one(start, a, b):
    assert SWEDEN.finish(SWEDEN.finish(start, a), b) == SWEDEN.finish(start, a + b)


@given(instants, instants, lengths)
def test_a_later_start_never_finishes_earlier(start, other, days):
    early, late = sorted((start, other))
    assert SWEDEN.finish(early, days) <= SWEDEN.finish(late, days)
    assert SWEDEN.finish(start, days) < SWEDEN.finish(start, days + 1)


@given(instants, st.integers(0, 300))
def test_the_work_done_until_the_finish_is_the_work_asked_for(start, days):
    assert SWEDEN.work_between(start, SWEDEN.finish(start, days)) == days


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.data())
def test_finish_agrees_with_a_walk_day_by_day(flags, data):
    calendar = WorkCalendar.from_mask(np.array(flags))
    start = data.draw(st.integers(0, len(flags)))
    days = data.draw(st.integers(0, sum(flags[start:])))
    t, left = start, days
    while left:
        left -= flags[t]
        t += 1
    assert calendar.finish(start, days) == t


# --- series of days


def test_next_in_series():
    start = D("2021-09-22")
    board = [D("2021-09-26"), D("2021-09-24"), D("2021-09-21"), D("2021-12-08")]  # unsorted, one too early, one too late
    found = next_in_series(board, start, 5)
    assert found.tolist() == [2, 2, 2, 4, 4, -1, -1]
    assert found.dtype == np.int32


def test_a_meeting_on_the_first_day_can_still_be_met():
    assert next_in_series([D("2021-09-22")], D("2021-09-22"), 1).tolist() == [0, -1, -1]


def test_an_empty_series_has_no_next():
    assert next_in_series([], D("2021-09-22"), 2).tolist() == [-1] * 4


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_next_allowed_agrees_with_a_search(flags):
    expected = [next((u for u in range(t, len(flags)) if flags[u]), -1) for t in range(len(flags) + 1)]
    assert next_allowed(np.array(flags)).tolist() == expected


# --- rules of meetings


def meetings(rule: str, first: str, last: str) -> list[str]:
    return [str(day) for day in meeting_dates(rule, D(first), D(last))]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        (
            "second Tuesday of every month except July",
            "01-12 02-09 03-09 04-13 05-11 06-08 08-10 09-14 10-12 11-09 12-14",
        ),
        ("last Friday of March, June and September", "03-26 06-25 09-24"),
        ("third Wednesday of February, April, June, September, October and December", "02-17 04-21 06-16 09-15 10-20 12-15"),
        ("third wednesday of February, April, and June", "02-17 04-21 06-16"),
        ("every Monday except November and December from 2021-10-05", "10-11 10-18 10-25"),
        ("every Monday from 2021-10-05 except November and December", "10-11 10-18 10-25"),  # in any order
        ("EVERY SECOND TUESDAY FROM 2021-10-26", "10-26 11-09 11-23 12-07 12-21"),
        ("every second Tuesday from 2021-10-27", "11-02 11-16 11-30 12-14 12-28"),  # the 27th is a Wednesday
        ("every third Thursday except November from 2021-10-14", "10-14 12-16"),  # 4 and 25 November are left out
        ("fifth Friday of every month", "01-29 04-30 07-30 10-29 12-31"),
        ("first and third Monday of May and June.", "05-03 05-17 06-07 06-21"),
        ("first Monday of every month from 2021-11-01", "11-01 12-06"),
        ("fourth Sunday of August", "08-22"),
        ("last Saturday of February", "02-27"),
    ],
)  # fmt: skip
def test_meeting_rules_by_hand(rule, days):
    assert meetings(rule, "2021-01-01", "2021-12-31") == [f"2021-{day}" for day in days.split()]


def test_both_ends_of_the_span_are_included():
    assert meetings("every Monday", "2021-09-06", "2021-09-27") == ["2021-09-06", "2021-09-13", "2021-09-20", "2021-09-27"]
    assert meetings("every Monday", "2021-09-07", "2021-09-26") == ["2021-09-13", "2021-09-20"]
    assert meetings("every Monday", "2021-09-07", "2021-09-10") == []


def test_weeks_are_counted_from_the_date_given_not_from_the_span():
    rule = "every second Tuesday from 2021-06-01"
    assert meetings(rule, "2021-06-02", "2021-07-01") == ["2021-06-15", "2021-06-29"]
    assert meetings(rule, "2021-05-01", "2021-06-20") == ["2021-06-01", "2021-06-15"]


@given(st.sampled_from([*RULE_EXAMPLES, "every Monday", "fifth Friday of every month"]), st.dates(D("2021-01-01"), D("2025-12-31")))
def test_a_longer_span_only_adds_meetings(rule, first):
    whole = meeting_dates(rule, D("2021-01-01"), D("2026-06-30"))
    assert meeting_dates(rule, first, D("2026-06-30")) == [day for day in whole if day >= first]
    assert all(a < b for a, b in pairwise(whole))


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("second Tuesdya of every month", '"tuesdya" was not understood where a weekday is expected (did you mean "tuesday"?)'),
        ("evry Monday", '"evry" was not understood where "every", "first" to "fifth" or "last" is expected'),
        ("second Tuesday in March", '"in" was not understood where "of" is expected'),
        ("second Tuesday of every week", '"week" was not understood where "month" is expected'),
        ("last Friday of March and Jun", '"jun" was not understood where "every month" or a month is expected (did you mean "june"?)'),
        ("every Monday exept July", '"exept" was not understood where "except", "from" or the end is expected (did you mean "except"?)'),
        ("every Monday from June", '"june" was not understood where a date (YYYY-MM-DD) is expected'),
        ("every Monday from 2021-02-30", '"2021-02-30" was not understood where a date'),
        ("every Monday from", "it ends where a date"),
        ("second Tuesday", 'it ends where "of" is expected'),
        ("", "it ends where"),
        ("every second Tuesday", "add the date from which the weeks are counted"),
        ("first Monday of July except July", "it leaves no month"),
        ("first working day of every month", '"working" was not understood where a weekday is expected'),
    ],
)
def test_a_rule_not_understood_is_explained(rule, reason):
    with pytest.raises(ValueError, match="meeting rule") as caught:
        meetings(rule, "2021-01-01", "2021-12-31")
    message = str(caught.value)
    assert reason in message
    assert f'meeting rule "{rule}"' in message
    assert all(example in message for example in RULE_EXAMPLES)


def test_the_examples_shown_are_understood():
    assert all(meetings(example, "2021-01-01", "2021-12-31") for example in RULE_EXAMPLES)


def test_weekday_names_are_in_the_order_of_the_standard_library():
    assert [f"{D('2021-09-20') + n * DAY:%a}".lower() for n in range(7)] == list(WEEKDAYS)
