"""Working days and opening days, and the look-up tables with which working days are added."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sim.calendars.periods import LONGEST_YEAR, WEEKDAYS, Mask, Period, dates_from, period_mask, period_occurrences, weekday_of
from sim.calendars.public_holidays import holidays_mask
from sim.errors import DeadEndError


def working_days(
    start: dt.date,
    last: int,
    *,
    every_day: bool = False,
    weekdays: Collection[str] = WEEKDAYS[:5],
    country: str | None = None,
    subdivision: str | None = None,
    closed: Sequence[Period] = (),
    pace: Sequence[tuple[Period, float]] = (),
) -> Mask:
    """Say for each day whether work done on it counts.

    Parameters
    ----------
    every_day
        All days count, whatever ``weekdays`` and ``country`` say; ``closed`` and ``pace`` still hold.
    weekdays
        Names out of :data:`WEEKDAYS`.
    country, subdivision
        Whose holidays are free, see :func:`holidays_mask`.
    closed
        Periods without work.
    pace
        Periods with the share of their working days that counts. Within each occurrence of a period the working days are
        numbered k = 0, 1, 2, …, and the k-th counts if floor((k + 1) * share) > floor(k * share): 0.4 lets the 3rd, 5th, 8th
        and 10th of 10 count. An occurrence that runs already on ``start`` is numbered from its own first day, so that a day
        counts or not whatever day a simulation starts on. Where two periods meet, the later in the list holds.

    Returns
    -------
    bool[last + 1]

    Raises
    ------
    InputError
        As :func:`holidays_mask`.

    Examples
    --------
    >>> days = working_days(dt.date(2021, 12, 20), 13, country="SE")  # two weeks: Christmas Eve and New Year's Eve are free
    >>> int(days.sum())
    8
    """
    lead = max((_days_running(period, start) for period, _ in pace), default=0)
    origin, end = start - dt.timedelta(lead), last + lead
    open_days = ~_closed_mask(closed, origin, end)
    if not every_day:
        open_days &= _weekday_mask(weekdays, origin, end)
    if country is not None and not every_day:
        open_days &= ~holidays_mask(country, subdivision, origin, end)
    counted = open_days.copy()
    for period, share in pace:
        occurrence = period_occurrences(period, origin, end)
        counted = np.where(occurrence >= 0, _paced(open_days, occurrence, share), counted)
    return counted[lead:]


def _days_running(period: Period, start: dt.date) -> int:
    """Days from the first day of the occurrence that runs on ``start`` until then; 0 when none runs."""
    back = max(0, (start - period.first).days) if isinstance(period.first, dt.date) else LONGEST_YEAR
    occurrence = period_occurrences(period, start - dt.timedelta(back), back)
    return back - int(np.argmax(occurrence == occurrence[-1])) if occurrence[-1] >= 0 else 0


def _paced(open_days: Mask, occurrence: NDArray[np.int64], share: float) -> Mask:
    """Those of the open days in a pace period that count.

    The share is taken as the simple fraction that was meant (0.1 as 1/10, 0.3333333 as 1/3): in binary, 10 * 0.1 is no whole number.
    """
    part = Fraction(share).limit_denominator(1_000_000)
    days = np.flatnonzero(open_days & (occurrence >= 0))
    firsts = np.flatnonzero(np.diff(occurrence[days], prepend=-1))
    k = np.arange(days.size) - np.repeat(firsts, np.diff(firsts, append=days.size))
    counts = (k + 1) * part.numerator // part.denominator > k * part.numerator // part.denominator
    mask = np.zeros_like(open_days)
    mask[days[counts]] = True
    return mask


def _weekday_mask(weekdays: Collection[str], start: dt.date, last: int) -> Mask:
    return np.isin(weekday_of(dates_from(start, last)), [WEEKDAYS.index(name) for name in weekdays])


def _closed_mask(closed: Iterable[Period], start: dt.date, last: int) -> Mask:
    mask = np.zeros(last + 1, dtype=np.bool_)
    for period in closed:
        mask |= period_mask(period, start, last)
    return mask


def opening_mask(start: dt.date, last: int, weekdays: Collection[str], closed: Sequence[Period], holidays: Mask | None) -> Mask:
    """Say for each day whether an office may open on it.

    Parameters
    ----------
    weekdays
        Allowed days of the week, names out of :data:`WEEKDAYS`.
    closed
        Periods in which no office opens.
    holidays
        ``bool[last + 1]`` as from :func:`holidays_mask`, or ``None``: no office opens on these days.

    Returns
    -------
    bool[last + 1]
    """
    mask = _weekday_mask(weekdays, start, last) & ~_closed_mask(closed, start, last)
    return mask if holidays is None else mask & ~holidays


@dataclass(frozen=True, slots=True, eq=False)
class WorkCalendar:
    """Working days as two lookup tables, so that adding working days takes two look-ups.

    Attributes
    ----------
    before
        ``int32[last + 2]``: number of working days before instant ``t``.
    day_of
        ``int32[n]``: day of the i-th working day, i from 0.

    Examples
    --------
    >>> week = WorkCalendar.from_mask(working_days(dt.date(2021, 9, 20), 13))  # a Monday, two weeks
    >>> week.finish(3, 2)  # two days from Thursday: done on Saturday morning
    5
    >>> week.finish(5, 1), week.first_on_or_after(5), week.work_between(3, 8)
    (8, 7, 3)
    """

    before: NDArray[np.int32]
    day_of: NDArray[np.int32]

    @classmethod
    def from_mask(cls, mask: Mask) -> WorkCalendar:
        """Build the tables from working days, ``bool[last + 1]``."""
        before = np.concatenate(([0], np.cumsum(mask))).astype(np.int32)
        return cls(before, np.flatnonzero(mask).astype(np.int32))

    @property
    def last(self) -> int:
        """Last day of the horizon."""
        return self.before.size - 2

    def first_on_or_after(self, t: int) -> int:
        """Return the first working day that is ``t`` or later.

        Raises
        ------
        DeadEndError
            None is left within the horizon.
        """
        return self._day(self._before(t))

    def finish(self, start: int, days: int) -> int:
        """Return the morning after the last of so many working days, the first of which is the first one >= ``start``.

        No work finishes at once: with ``days == 0`` the answer is ``start`` itself.

        Raises
        ------
        DeadEndError
            The work does not end within the horizon.
        """
        if days < 0:
            raise ValueError(f"work cannot last {days} days")
        return start if days == 0 else self._day(self._before(start) + days - 1) + 1

    def work_between(self, a: int, b: int) -> int:
        """Return the number of working days in [``a``, ``b``); 0 when ``b`` is not after ``a``.

        Raises
        ------
        DeadEndError
            ``a`` or ``b`` lies past the horizon.
        """
        return max(0, self._before(b) - self._before(a))

    def _before(self, t: int) -> int:
        if t < 0:
            raise ValueError(f"instant {t} lies before the start of the simulation")
        if t > self.last + 1:
            raise DeadEndError(f"day {t} lies past the last day that is simulated (day {self.last}); set scenario.horizon later")
        return int(self.before[t])

    def _day(self, index: int) -> int:
        if self.day_of.size == 0:
            raise DeadEndError("the calendar has no working day; see its weekdays, closed and pace periods, or set scenario.horizon later")
        if index >= self.day_of.size:
            raise DeadEndError(
                f"the work goes on past the last day that is simulated (day {self.last}): it needs working day {index + 1} "
                f"of the calendar, which has {self.day_of.size}; set scenario.horizon later"
            )
        return int(self.day_of[index])
