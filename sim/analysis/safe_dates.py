"""Latest safe dates: the last day on which an activity may be finished so that its office still opens on its date with, say, 80 %.

*Definition.* For an office and an activity, let p(d) be the chance that the office opens on or before its date, given that the activity
is finished on day d. The latest safe finish is the last d with p(d) ≥ 80 %. p is estimated from the futures in which the activity
takes place, by the one assumption that it never rises with d (later is never better): the isotonic maximum-likelihood fit (Ayer,
Brunk, Ewing, Reid and Silverman, Ann. Math. Statist. 26, 1955, 641–647). So the question by when a contract must be signed or a permit
be applied for is answered by the row of the activity that ends with that.

*Interval.* All days that a likelihood-ratio test at 5 % does not refuse as the last safe one (Banerjee and Wellner, Likelihood ratio
tests for monotone functions, Ann. Statist. 29, 2001, 1699–1731), with the limit 3.84 of a fixed grid of days, which is on the safe side.

*Limits.* It is what goes together in the simulated futures, not what happens if somebody delays the activity on purpose: an office that
signs late is often one for which all takes long, so it is later at the end than one that merely began late. With several paths
a date is safe as the others usually go; two activities on their latest dates at once are not. And it holds for one office's own date:
what its lateness does to others through pools is in the chance of those.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.precision import rank, wilson
from sim.analysis.table import Table
from sim.plan import Plan

if TYPE_CHECKING:
    from sim.runner import Block

LEVEL = 0.8
"""The chance that is to be left."""

LIMIT = 3.841459
"""0.95 quantile of chi-squared with one degree of freedom."""

MEMORY = 2**25
"""Bytes for the counts; see :mod:`sim.analysis.day_counts`."""

MOST_DAYS = 512
"""Days with a finish that the interval looks at; when there are more, neighbours are taken together."""

DATE, LATER, NEVER = "date", "later than seen", "not reached"
"""How a row is to be read: a date; even the latest finish seen is safe; even the earliest is not."""


class SafeDatesTally:
    """When every activity that leads to an opening is finished, and how often its office then opens in time.

    Parameters
    ----------
    plan
        The plan.
    dates
        Last day in time by office id; default: the planned dates of the scenario. Offices without one are left out.
    """

    def __init__(self, plan: Plan, dates: Mapping[str, dt.date] | None = None) -> None:
        from sim.analysis.day_counts import bins_within, no_days

        self.plan = plan
        due = [o.target if dates is None else (plan.day(dates[o.id]) if o.id in dates else -1) for o in plan.offices]
        self.due = np.array(due, np.int32)
        leading = leads_to_opening(plan)
        self.passes = np.array([(a.first_pass if a.index in leading else -1, a.passes.stop) for a in plan.activities], np.int32)
        cells = len(plan.offices) * len(plan.activities)
        self.days = no_days(cells, bins_within(MEMORY, 2 * cells, most=1024), kinds=2)

    def add(self, block: Block) -> None:
        """Count a block; of long runs the same replications as for activities."""
        from sim.analysis.activities import pieces_of
        from sim.analysis.safe_counts import count_finishes

        for rows in pieces_of(block):
            timeline = block.timeline
            count_finishes(timeline.record[rows], timeline.happens[rows], block.opening[rows], self.passes, self.due, self.days)

    def merge(self, other: SafeDatesTally) -> None:
        """Add what another tally of the same plan and dates has counted."""
        from sim.analysis.day_counts import merge_days

        merge_days(self.days, other.days)

    def finishes(self, office: int, activity: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Days with a finish, how many futures have it then, and how many of these open in time."""
        from sim.analysis.day_counts import in_order
        from sim.analysis.safe_counts import ALL, IN_TIME

        cell = office * len(self.plan.activities) + activity
        days, counts, _ = in_order(self.days, cell, ALL)
        in_time = in_order(self.days, cell, IN_TIME)[1]
        return days[counts > 0], counts[counts > 0], in_time[counts > 0]


def leads_to_opening(plan: Plan) -> set[int]:
    """The opening activity and all that it waits for, directly or not."""
    found, waiting = set[int](), [plan.opening]
    while waiting:
        a = waiting.pop()
        if a not in found:
            found.add(a)
            activity = plan.activities[a]
            waiting += [r.source for r in (*activity.holds_start, *activity.holds_finish)]
    return found


COLUMNS = ("office", "activity", "date", "latest_safe_finish", "low", "high", "reading", "finish_p50", "margin_days", "p_on_time", "n")


def safe_dates(tally: SafeDatesTally, level: float = LEVEL) -> Table:
    """The latest finish of each activity that leaves a chance of ``level`` for its office's date, see the head of this module.

    ``reading`` says whether that is a date, ``later than seen`` (even the latest finish among the futures is safe; that one is given) or
    ``not reached`` (even the earliest is not). ``low`` and ``high`` are its interval, empty on a side where the futures set no bound.
    ``margin_days`` is from the median finish to the latest safe one, negative when the plan is usually too late by that. ``p_on_time`` is
    the chance over the ``n`` futures in which the activity takes place. Activities that never do, or lead to no opening, are left out.
    """
    rows = [
        row
        for o in range(len(tally.plan.offices))
        for a in range(len(tally.plan.activities))
        if tally.due[o] >= 0 and (row := _row(tally, o, a, level)) is not None
    ]
    return Table.of_rows("safe_dates", COLUMNS, rows)


def _row(tally: SafeDatesTally, office: int, activity: int, level: float) -> tuple[Any, ...] | None:
    days, counts, in_time = tally.finishes(office, activity)
    if not len(days):
        return None
    plan, n = tally.plan, int(counts.sum())
    safe, low, high, reading = latest_safe(days, counts, in_time, level)
    median = int(days[np.searchsorted(counts.cumsum(), rank(0.5, n))])
    dates = [None if day is None else plan.date(day) for day in (safe, low, high)]
    names = plan.offices[office].id, plan.activities[activity].id, plan.date(int(tally.due[office]))
    margin = None if safe is None else safe - median
    return (*names, *dates, reading, plan.date(median), margin, float(in_time.sum()) / n, n)


def latest_safe(
    days: NDArray[np.int64], counts: NDArray[np.int64], in_time: NDArray[np.int64], level: float = LEVEL
) -> tuple[int | None, int | None, int | None, str]:
    """Latest safe day, its interval, and how it is to be read; from days with a finish in order, how many, and how many of these in time.

    Of 10 that finish on day 3 all are in time, of 10 on day 5 nine, of 10 on day 8 two:

    >>> latest_safe(np.array([3, 5, 8]), np.array([10, 10, 10]), np.array([10, 9, 2]))
    (5, 3, 5, 'date')
    """
    days, counts, in_time = _together(days, counts, in_time)
    safe, low, high = find_safe(counts, in_time, level)
    last = len(days)
    reading = NEVER if safe == 0 else (LATER if safe == last else DATE)
    return (
        int(days[safe - 1]) if safe else None,
        int(days[low - 1]) if low else None,
        int(days[high - 1]) if 0 < high < last else None,
        reading,
    )


def find_safe(counts: NDArray[np.int64], in_time: NDArray[np.int64], level: float) -> tuple[int, int, int]:
    """How many of the days, from the first on, leave the chance asked for: the estimate, and the least and most that are plausible.

    A number is plausible when the best falling chances that are at least ``level`` on these days and at most that on the others are
    not too unlikely: twice the difference of the log-likelihoods to the best of all is at most ``LIMIT``.
    """
    from sim.analysis.safe_counts import fit_beginnings, fit_falling

    days = len(counts)
    room, best, first, last = np.zeros((days + 1, 3)), *np.zeros((3, days + 1))
    safe = 0
    for n, k, end in room[: fit_falling(counts, in_time, 0, days, room)].tolist():
        safe = int(end) if k / n >= level else safe
    fit_beginnings(counts, in_time, 0.0, 1.0, room, best)
    fit_beginnings(counts, in_time, level, 1.0, room, first)
    late = np.ascontiguousarray((counts - in_time)[::-1])  # the others from the end: there the chances of failure fall
    fit_beginnings(np.ascontiguousarray(counts[::-1]), late, 1 - level, 1.0, room, last)
    plausible = np.flatnonzero(2 * (best[-1] - (first + last[::-1])) <= LIMIT)
    return safe, min(safe, int(plausible[0])), max(safe, int(plausible[-1]))


def _together(
    days: NDArray[np.int64], counts: NDArray[np.int64], in_time: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The same with neighbouring days taken together under the first of them, until there are few enough."""
    step = -(-len(days) // MOST_DAYS)
    first = np.arange(0, len(days), max(step, 1))
    return days[first], np.add.reduceat(counts, first), np.add.reduceat(in_time, first)


CURVE_COLUMNS = ("office", "activity", "finish", "chance", "low", "high", "n")


def chance_by_finish(tally: SafeDatesTally, office: str, activity: str) -> Table:
    """The chance that an office opens in time by the day on which an activity is finished: the falling curve behind its latest safe date.

    A row for each stretch of days on which the fitted chance is the same, by its first day; the interval is Wilson's of the stretch.
    """
    from sim.analysis.safe_counts import fit_falling

    plan = tally.plan
    days, counts, in_time = tally.finishes(plan.office_index[office], plan.activity_index[activity])
    blocks = np.zeros((len(days) + 1, 3))
    rows, begin = [], 0
    for n, k, end in blocks[: fit_falling(counts, in_time, 0, len(days), blocks)].tolist():
        rows.append((office, activity, plan.date(int(days[begin])), k / n, *wilson(int(k), int(n)), int(n)))
        begin = int(end)
    return Table.of_rows("chance_by_finish", CURVE_COLUMNS, rows)
