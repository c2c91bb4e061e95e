"""Stretches of days, of every year or dated once, and the calendar arithmetic for them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
"""One truth value per day, ``bool[last + 1]``."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Names of the days of the week in scenarios, in the order of ``date.weekday()``."""

LONGEST_YEAR = 371
"""Days in an ISO year of 53 weeks: no yearly period is longer."""


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days, both ends included: of every year or dated once.

    Attributes
    ----------
    first, last
        Either ``"MM-DD"`` twice (every year; with ``last`` before ``first`` it runs over the new year) or a date twice
        (once). ``last=None`` means the same as ``first``. In a year without 29 February, ``"02-29"`` as first day means
        1 March and as last day 28 February.
    weeks
        First and last ISO week of every year, instead of ``first`` and ``last``; ``(52, 2)`` runs over the new year.
        A week that a year does not have (53) is left out there.

    Raises
    ------
    ValueError
        When the fields do not make a period. The message is written for planners.

    Examples
    --------
    >>> period_mask(Period("12-24", "12-26"), dt.date(2021, 12, 23), 4).tolist()
    [False, True, True, True, False]
    """

    first: dt.date | str | None = None
    last: dt.date | str | None = None
    weeks: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if (self.first is None) == (self.weeks is None):
            raise ValueError('a period needs either a first day ("from") or "weeks", and not both')
        if self.weeks is not None:
            self._check_weeks(self.weeks)
            return
        if self.last is not None and isinstance(self.first, str) != isinstance(self.last, str):
            raise ValueError("a period goes either from MM-DD to MM-DD (every year) or from a date to a date (once)")
        for end in (self.first, self.last):
            if isinstance(end, str):
                _month_day(end)
        if isinstance(self.first, dt.date) and isinstance(self.last, dt.date) and self.last < self.first:
            raise ValueError(f"the period ends on {self.last}, before it begins on {self.first}; swap the two dates")

    def _check_weeks(self, weeks: tuple[int, int]) -> None:
        if self.last is not None:
            raise ValueError('a period has either "weeks" or "from" and "to", not both')
        if not all(1 <= week <= 53 for week in weeks):
            raise ValueError(f"weeks {weeks[0]} to {weeks[1]}: ISO weeks go from 1 to 53")


def _month_day(text: str) -> int:
    """Read ``"MM-DD"`` as the number 100 * month + day, which sorts as the days of a year do."""
    month, _, number = text.partition("-")
    try:
        day = dt.date(2000, int(month), int(number))  # a leap year
    except ValueError:
        raise ValueError(f'"{text}" is not a day of the year; write MM-DD, e.g. 06-30') from None
    return 100 * day.month + day.day


def dates_from(start: dt.date, last: int) -> NDArray[np.datetime64]:
    """Return the dates of days 0 to ``last``, ``datetime64[D]``."""
    return np.datetime64(start, "D") + np.arange(last + 1)


def weekday_of(dates: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Return the day of the week, Monday 0; 1970-01-01 was a Thursday."""
    return (dates.astype(np.int64) + 3) % 7


def _years(dates: NDArray[np.datetime64]) -> NDArray[np.int64]:
    return dates.astype("datetime64[Y]").astype(np.int64) + 1970


def _iso_week(dates: NDArray[np.datetime64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """ISO year and week: those of the week's Thursday."""
    thursday = dates - weekday_of(dates) + 3
    return _years(thursday), (thursday - thursday.astype("datetime64[Y]")).astype(np.int64) // 7 + 1


def _day_of_year(dates: NDArray[np.datetime64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Year, and 100 * month + day."""
    months = dates.astype("datetime64[M]")
    return _years(dates), (months.astype(np.int64) % 12 + 1) * 100 + (dates - months).astype(np.int64) + 1


def period_occurrences(period: Period, start: dt.date, last: int) -> NDArray[np.int64]:
    """Which occurrence of a period each day belongs to.

    Returns
    -------
    int64[last + 1]
        The year (for weeks the ISO year) in which the occurrence began; -1 outside the period. Two occurrences that adjoin,
        as those of 1 January to 31 December, are so told apart.
    """
    dates = dates_from(start, last)
    if isinstance(period.first, dt.date):
        begins, ends = (np.datetime64(end, "D") for end in (period.first, period.last or period.first))
        return np.where((dates >= begins) & (dates <= ends), period.first.year, -1)
    if period.weeks is not None:
        first, end = period.weeks
        year, place = _iso_week(dates)
    else:
        first, end = _month_day(str(period.first)), _month_day(str(period.last or period.first))
        year, place = _day_of_year(dates)
    if first <= end:
        return np.where((place >= first) & (place <= end), year, -1)
    return np.where(place >= first, year, np.where(place <= end, year - 1, -1))


def period_mask(period: Period, start: dt.date, last: int) -> Mask:
    """Say for each day whether it lies in the period, ``bool[last + 1]``.

    Examples
    --------
    >>> mask = period_mask(Period(weeks=(28, 31)), dt.date(2021, 1, 1), 364)
    >>> day = dt.date(2021, 1, 1) + dt.timedelta(int(mask.argmax()))
    >>> day.isoformat(), int(mask.sum())
    ('2021-07-12', 28)
    """
    return period_occurrences(period, start, last) >= 0
