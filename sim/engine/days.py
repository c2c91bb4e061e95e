"""Days of one office, looked up in plain lists; where there is none left, a dead end that names office and activity."""

from __future__ import annotations

from typing import NoReturn

from sim.errors import DeadEndError
from sim.plan import ActivityPlan, Plan


class DayTables:
    """The tables of a plan's calendars and series as lists: from Python these are read twice as fast as arrays."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.next_working_day = [c.day_of[c.before[c.before < c.day_of.size]].tolist() for c in plan.calendars]
        self.working_days_before = [calendar.before.tolist() for calendar in plan.calendars]
        self.working_days = [calendar.day_of.tolist() for calendar in plan.calendars]
        self.series = [series.tolist() for series in plan.series]


class Days:
    """Working days and dates as one office meets them in one replication."""

    def __init__(self, tables: DayTables, office: str, replication: int) -> None:
        self.tables, self.plan = tables, tables.plan
        self.office, self.replication = office, replication

    def working_day(self, activity: ActivityPlan, day: int) -> int:
        """First working day from a day on."""
        try:
            found: int = self.tables.next_working_day[activity.calendar][day]
        except IndexError:
            self.none_left(activity, day, 1)
        return found

    def worked(self, activity: ActivityPlan, start: int, days: int) -> int:
        """Morning after the last of some days of work; no work finishes at once."""
        if days == 0:
            return start
        try:
            before: int = self.tables.working_days_before[activity.calendar][start]
            last: int = self.tables.working_days[activity.calendar][before + days - 1]
        except IndexError:
            self.none_left(activity, start, days)
        return last + 1

    def next_date(self, activity: ActivityPlan, day: int) -> int:
        """Next date of the activity's meeting or opening days."""
        date: int = self.tables.series[activity.series][day]
        if date < 0:
            name = self.plan.series_names[activity.series]
            message = f"{name} has no date left from {self.plan.date(day)} on; add dates, a rule or a later scenario.horizon"
            raise self.dead_end(activity, message)
        return date

    def none_left(self, activity: ActivityPlan, start: int, days: int) -> NoReturn:
        """Let the calendar say why there is no such day."""
        try:
            self.plan.calendars[activity.calendar].finish(start, days)
        except DeadEndError as error:
            raise self.dead_end(activity, error) from None
        raise AssertionError(f"{activity.id}: {days} days from day {start} end within the horizon, and the tables do not know it")

    def dead_end(self, activity: ActivityPlan, reason: object) -> DeadEndError:
        """The error that says where this future came to its end."""
        return DeadEndError(f"offices.{self.office}: {activity.id} in replication {self.replication}: {reason}")

    def past_horizon(self) -> DeadEndError:
        """The error that says that the simulated time is over."""
        last = self.plan.date(self.plan.last)
        where = f"offices.{self.office} goes on past the horizon, {last}, in replication {self.replication}"
        return DeadEndError(f"{where}; set a later scenario.horizon")
