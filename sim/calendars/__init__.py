"""Working time, meeting series and opening days.

Days are whole numbers: day ``t`` is ``start`` + ``t`` days, instant ``t`` is the morning of that day. ``last`` is the last
day of the horizon, so an array over the days has ``last + 1`` places, and one over the instants ``last + 2``.

A leaf: of this package it imports only :mod:`sim.errors`.
"""

from sim.calendars.periods import WEEKDAYS, Mask, Period, period_mask, period_occurrences
from sim.calendars.public_holidays import holidays_mask
from sim.calendars.rules import RULE_EXAMPLES, meeting_dates
from sim.calendars.series import next_allowed, next_in_series
from sim.calendars.working import WorkCalendar, opening_mask, working_days

__all__ = [
    "RULE_EXAMPLES",
    "WEEKDAYS",
    "Mask",
    "Period",
    "WorkCalendar",
    "holidays_mask",
    "meeting_dates",
    "next_allowed",
    "next_in_series",
    "opening_mask",
    "period_mask",
    "period_occurrences",
    "working_days",
]
