"""How long each case has taken, as what is known of it: a span of lengths, in days of a calendar.

The simulation rounds a length to whole days, and a positive one to at least 1. So a case seen to take *d* days has a length between
d − ½ and d + ½ (from 0 when d is 1 or less), and one still going on after *e* days a length above e + ½. Work that took so
long is fitted as the simulation will draw it, and short and whole-numbered lengths need no other care.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from sim.calibration.records import Case
from sim.plan.compile import work_calendar
from sim.scenario.schema import Calendar

Real = NDArray[np.float64]
Whole = NDArray[np.int64]

NO_LIMIT = 2**40
"""Stands for a case that would have been seen however long it took."""


@dataclass(frozen=True, eq=False)
class Lengths:
    """Lengths of some cases, in whole days, each array of shape ``(cases,)``.

    Attributes
    ----------
    days
        Days until the finish; for unfinished cases, days so far.
    finished
        Whether the case has finished.
    limit
        The most days that could have been seen, had it gone on: from its start until the records were taken.
    """

    days: Whole
    finished: NDArray[np.bool_]
    limit: Whole

    def __len__(self) -> int:
        return len(self.days)

    @property
    def bounds(self) -> tuple[Real, Real]:
        """Between which lengths each case lies.

        >>> low, high = Lengths(np.array([1, 7, 4]), np.array([True, True, False]), np.array([9, 9, 4])).bounds
        >>> low.tolist(), high.tolist()
        ([0.0, 6.5, 4.5], [1.5, 7.5, inf])
        """
        low = np.where(self.days > self.finished, self.days + np.where(self.finished, -0.5, 0.5), 0.0)
        return low, np.where(self.finished, np.maximum(self.days, 1) + 0.5, inf)

    def seen(self, drawn: Real) -> Lengths:
        """The same cases with other lengths, seen as these were: what goes on beyond its limit is unfinished."""
        days = np.maximum(np.rint(np.minimum(drawn, NO_LIMIT)), 1).astype(np.int64)
        finished = days <= self.limit
        return Lengths(np.where(finished, days, self.limit), finished, self.limit)


def lengths(cases: Sequence[Case], calendar: Calendar) -> Lengths:
    """Lengths of cases in days of a calendar.

    Examples
    --------
    From Thursday 2021-09-23 to Monday morning there are two working days:

    >>> case = Case("permit", dt.date(2021, 9, 23), dt.date(2021, 9, 27), dt.date(2021, 10, 4))
    >>> lengths([case], Calendar()).days.tolist(), lengths([case], Calendar(every_day=True)).limit.tolist()
    ([2], [11])
    """
    start = min(case.start for case in cases)
    last = max(day for case in cases for day in (case.start, case.finish, case.as_of) if day)
    work = work_calendar(calendar, start, (last - start).days)

    def between(a: dt.date, b: dt.date) -> int:
        return work.work_between((a - start).days, (b - start).days)

    limit = [between(case.start, case.as_of) if case.as_of else NO_LIMIT for case in cases]
    days = [between(case.start, case.finish) if case.finish else limit[i] for i, case in enumerate(cases)]
    return Lengths(np.array(days), np.array([case.finish is not None for case in cases]), np.array(limit))
