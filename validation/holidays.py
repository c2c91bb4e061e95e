"""The Swedish calendar against published lists of holidays, and published counts of working days."""

from __future__ import annotations

import datetime as dt

from sim.plan import Plan
from validation.case import Case, compiled, exact_case, raw_of

MOVABLE = {
    2021: ("04-02", "05-13", "06-26", "date-holidays, test/fixtures/SE-2021.json"),
    2022: ("04-15", "05-26", "06-25", "veckodag.nu, kalender 2022; nyheter24.se 975414"),
    2023: ("04-07", "05-18", "06-24", "veckorna.se, alla röda dagar 2023"),
    2024: ("03-29", "05-09", "06-22", "veckorna.se, alla röda dagar 2024"),
    2025: ("04-18", "05-29", "06-21", "tidochdatum.se, helgdagar 2025"),
    2026: ("04-03", "05-14", "06-20", "chef.se, röda dagar 2026"),
    2027: ("03-26", "05-06", "06-26", "tidochdatum.se, helgdagar 2027"),
    2028: ("04-14", "05-25", "06-24", "kalender-365.se, helgdagar 2028"),
    2029: ("03-30", "05-10", "06-23", "vipcalendar.me, Sweden 2029"),
    2030: ("04-19", "05-30", "06-22", "tidochdatum.se, helgdagar 2030"),
}
"""Good Friday, Ascension Day and Midsummer Day, and where they were seen."""

FIXED = ("01-01", "01-06", "05-01", "06-06", "12-24", "12-25", "12-26", "12-31")
"""Days of every year: lag (1989:253), and Christmas and New Year's Eve, which are free by custom."""

AHLSELL = {2016: (61, 62, 66, 64), 2017: (64, 59, 65, 63), 2018: (63, 60, 65, 62)}
"""Working days by quarter in Sweden, as the company Ahlsell publishes them for its investors (seen)."""


def published(year: int) -> set[dt.date]:
    """Days off of a year that are no Saturdays or Sundays by themselves."""
    friday, ascension, midsummer = (dt.date.fromisoformat(f"{year}-{day}") for day in MOVABLE[year][:3])
    eve = midsummer - dt.timedelta(1)
    return {friday, friday + dt.timedelta(3), ascension, eve, *(dt.date.fromisoformat(f"{year}-{day}") for day in FIXED)}


def weekdays(first: dt.date, last: dt.date) -> set[dt.date]:
    """Mondays to Fridays of a period, both ends included."""
    days = (first + dt.timedelta(k) for k in range((last - first).days + 1))
    return {day for day in days if day.weekday() < 5}


def worked(plan: Plan, first: dt.date, last: dt.date) -> set[dt.date]:
    """Days of a period on which the program works."""
    calendar = plan.calendars[plan.activities[0].calendar]
    return {plan.date(day) for day in range(plan.day(first), plan.day(last) + 1) if calendar.first_on_or_after(day) == day}


def cases() -> list[Case]:
    """Each year 2021–2030 day by day, and the quarters of 2016–2018 by number."""
    plan, found = compiled(raw_of("swedish")), []
    for year, (*_, source) in MOVABLE.items():
        first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
        here, there = worked(plan, first, last), weekdays(first, last) - published(year)
        text = f"{source} (seen)"
        found.append(exact_case(f"sweden-{year}", text, f"working days of {year}", len(there), len(here)))
        found.append(
            exact_case(f"sweden-{year}-days", text, f"days of {year} that are worked by one and not by the other", 0, len(here ^ there))
        )
    for year, quarters in AHLSELL.items():
        for q, number in enumerate(quarters):
            first, after = dt.date(year, 3 * q + 1, 1), dt.date(year + (q == 3), (3 * q + 4 - 1) % 12 + 1, 1)
            count = len(worked(plan, first, after - dt.timedelta(1)))
            source = "ahlsell.com, arbetsdagar per kvartal (seen; 2018 called preliminary)"
            found.append(exact_case(f"sweden-{year}-q{q + 1}", source, f"working days of quarter {q + 1}, {year}", number, count))
    return found
