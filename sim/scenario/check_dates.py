"""Checks on time: calendars, meetings, opening days, windows and the order of dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise

from sim.errors import Fault, InputError
from sim.scenario.build import last_date
from sim.scenario.paths import dotted
from sim.scenario.schema import Activity, Meeting, Period, Scenario
from sim.scenario.wording import at

YEARS_LOOKED_AHEAD = 10
"""Years in which a calendar must have a working day, and a series a meeting."""


def horizon_after_start(scenario: Scenario) -> Iterator[Fault]:
    """The horizon comes after the start, the status date between them."""
    info = scenario.scenario
    if info.horizon is not None and info.horizon <= info.start:
        yield at("scenario", "horizon", message=f"{info.horizon} is not after the start, {info.start}")
    elif info.status_date is not None and not info.start <= info.status_date <= last_date(info):
        yield at("scenario", "status_date", message=f"{info.status_date} is not between {info.start} and {last_date(info)}")


def calendar_is_known(scenario: Scenario) -> Iterator[Fault]:
    """Whoever counts working days or looks for holidays has a calendar: its own, the scenario's, or the only one."""
    if scenario.scenario.calendar is not None or len(scenario.calendars) == 1:
        return
    for id_, activity in scenario.activities.items():
        reason = _needs_calendar(scenario, activity)
        if activity.calendar is None and reason:
            yield at(
                "activities",
                id_,
                "calendar",
                message=f"is needed for {reason}: there are several calendars, and scenario.calendar names none",
            )


def _needs_calendar(scenario: Scenario, activity: Activity) -> str:
    """What an activity needs a calendar for; empty when for nothing."""
    meeting = scenario.meetings.get(activity.meeting or "")
    if activity.duration is not None and activity.duration.fixed != 0:
        return "its duration"
    if any(after.lag for after in activity.after):
        return "the lag of a predecessor"
    if meeting is not None and meeting.lead:
        return "the lead of the meeting"
    if activity.opening_days is not None and (activity.opening_days.notice or activity.opening_days.country is None):
        return "the notice" if activity.opening_days.notice else "the holidays"
    return ""


def _periods(scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], Period]]:
    for id_, calendar in scenario.calendars.items():
        yield from ((("calendars", id_, "closed", i), period) for i, period in enumerate(calendar.closed))
        yield from ((("calendars", id_, "pace", i), period) for i, period in enumerate(calendar.pace))
    for id_, activity in scenario.activities.items():
        closed = activity.opening_days.closed if activity.opening_days else ()
        yield from ((("activities", id_, "opening_days", "closed", i), period) for i, period in enumerate(closed))


def periods_are_whole(scenario: Scenario) -> Iterator[Fault]:
    """Days or weeks, yearly or dated, the first before the last."""
    from sim.calendars import Period as CalendarPeriod

    for path, period in _periods(scenario):
        try:
            CalendarPeriod(period.from_, period.to, period.weeks)
        except ValueError as error:
            yield at(*path, message=str(error))


def holidays_are_known(scenario: Scenario) -> Iterator[Fault]:
    """Countries and subdivisions, for all years that can be simulated."""
    named: list[tuple[tuple[str, ...], str, str | None]] = []
    for id_, calendar in scenario.calendars.items():
        if calendar.country is not None and not calendar.every_day:
            named.append((("calendars", id_), calendar.country, calendar.subdivision))
        elif calendar.subdivision is not None and calendar.country is None:
            yield at("calendars", id_, "subdivision", message="goes with country")
    for id_, activity in scenario.activities.items():
        if activity.opening_days is not None and activity.opening_days.country is not None:
            named.append((("activities", id_, "opening_days"), activity.opening_days.country, None))
    for path, country, subdivision in named:
        yield from _unknown_holidays(scenario, path, country, subdivision)


def _unknown_holidays(scenario: Scenario, path: tuple[str, ...], country: str, subdivision: str | None) -> Iterator[Fault]:
    from sim.calendars import holidays_mask

    info = scenario.scenario
    try:
        holidays_mask(country, subdivision, info.start, max(0, (last_date(info) - info.start).days))
    except InputError as error:
        yield from (Fault(f"{dotted(*path)}.{fault.path}", fault.message) for fault in error.faults)


def calendars_have_working_days(scenario: Scenario) -> Iterator[Fault]:
    """Work can be done at some time, whatever is closed or slow."""
    from sim.calendars import Period as CalendarPeriod
    from sim.calendars import working_days

    for id_, calendar in scenario.calendars.items():
        try:
            closed = [CalendarPeriod(p.from_, p.to, p.weeks) for p in calendar.closed]
            pace = [(CalendarPeriod(p.from_, p.to, p.weeks), p.share) for p in calendar.pace]
        except ValueError:
            continue  # told by periods_are_whole
        if (closed or pace) and not working_days(
            scenario.scenario.start,
            _days_ahead(scenario),
            every_day=calendar.every_day,
            weekdays=calendar.weekdays,
            closed=closed,
            pace=pace,
        ).any():
            yield at("calendars", id_, message="has no working day; see its closed and pace periods")


def offices_may_open(scenario: Scenario) -> Iterator[Fault]:
    """Some day is allowed."""
    from sim.calendars import Period as CalendarPeriod
    from sim.calendars import opening_mask

    for id_, activity in scenario.activities.items():
        rule = activity.opening_days
        if rule is None:
            continue
        try:
            closed = [CalendarPeriod(p.from_, p.to, p.weeks) for p in rule.closed]
        except ValueError:
            continue  # told by periods_are_whole
        if not opening_mask(scenario.scenario.start, _days_ahead(scenario), rule.weekdays, closed, None).any():
            yield at("activities", id_, "opening_days", message="allows no day at all; see its closed periods")


def _days_ahead(scenario: Scenario) -> int:
    info = scenario.scenario
    return min(max(0, (last_date(info) - info.start).days), YEARS_LOOKED_AHEAD * 366)


def meetings_take_place(scenario: Scenario) -> Iterator[Fault]:
    """Dates or a rule that can be read, and a meeting after the start."""
    for id_, meeting in scenario.meetings.items():
        if not meeting.dates and meeting.rule is None:
            yield at("meetings", id_, message="has no meetings; give dates or a rule")
        elif meeting.rule is None and max(meeting.dates) < scenario.scenario.start:
            yield at("meetings", id_, "dates", message=f"all lie before the start, {scenario.scenario.start}")
        if len(set(meeting.dates)) < len(meeting.dates):
            yield at("meetings", id_, "dates", message=f"{_twice(meeting.dates)} stands twice")
        if meeting.rule is not None:
            yield from _unreadable_rule(scenario, id_, meeting)


def _unreadable_rule(scenario: Scenario, id_: str, meeting: Meeting) -> Iterator[Fault]:
    from sim.calendars import meeting_dates

    info = scenario.scenario
    until = info.start + dt.timedelta(_days_ahead(scenario))
    try:
        found = meeting_dates(meeting.rule or "", info.start, until)
    except (ValueError, OverflowError) as error:
        yield at("meetings", id_, "rule", message=str(error))
        return
    if not found and not any(date >= info.start for date in meeting.dates):
        yield at("meetings", id_, "rule", message=f"gives no meeting from {info.start} to {until}")


def _twice(dates: Sequence[dt.date]) -> dt.date:
    return next(date for date in dates if dates.count(date) > 1)


def windows_are_in_order(scenario: Scenario) -> Iterator[Fault]:
    """The first day of a risk's window is not after the last."""
    for id_, risk in scenario.risks.items():
        if risk.window and risk.window[0] > risk.window[1]:
            yield at("risks", id_, "window", message=f"begins on {risk.window[0]}, after it ends on {risk.window[1]}; swap the two dates")


def capacity_changes_are_in_order(scenario: Scenario) -> Iterator[Fault]:
    """Each change of capacity comes after the one before it."""
    for id_, resource in scenario.resources.items():
        dates = [change.from_ for change in resource.changes]
        for i, (before, after) in enumerate(pairwise(dates), 1):
            if after <= before:
                yield at("resources", id_, "changes", i, message=f"{after} does not come after {before}, the change before it")


def offices_start_in_time(scenario: Scenario) -> Iterator[Fault]:
    """Offices start, and activities are let go, within the simulated time."""
    info = scenario.scenario
    last = last_date(info)
    if last <= info.start:
        return  # told by horizon_after_start
    for id_, office in scenario.offices.items():
        if office.start is not None and office.start < info.start:
            message = (
                f"{office.start} is before the scenario's start, {info.start}; an establishment under way starts there and has enters_at"
            )
            yield at("offices", id_, "start", message=message)
        elif office.start is not None and office.start > last:
            yield at("offices", id_, "start", message=f"{office.start} is after the horizon, {last}")
    for id_, activity in scenario.activities.items():
        if activity.not_before is not None and activity.not_before > last:
            yield at("activities", id_, "not_before", message=f"{activity.not_before} is after the horizon, {last}")
