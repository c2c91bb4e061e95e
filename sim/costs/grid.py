"""The months and years of money, and price levels on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.costs.layout import DAYS, STEP, Prices, Real, Time
from sim.scenario.schema import PriceIndex

GRAIN = 2.0**-40
"""Price levels are multiples of this, so that machines whose mathematical libraries differ in the last digit agree."""

TERTIAL = 4
"""Months of the period by which an agency reports."""


@dataclass(frozen=True)
class Grid:
    """The calendar of money.

    The first month begins on the scenario's start, the last ends with ``last_year``. A budget year is a calendar year.
    """

    start: dt.date
    last_year: int
    last_day: int
    """Last day on which anything can happen; not before the end of ``last_year``."""
    status: dt.date | None = None
    """Outcomes are known for the days before this one."""

    @property
    def years(self) -> range:
        """The years that are reported."""
        return range(self.start.year, self.last_year + 1)

    @property
    def months(self) -> int:
        """The number of months that are reported."""
        return len(self.years) * 12 - self.start.month + 1

    @cached_property
    def month_names(self) -> list[str]:
        """``2021-06`` and so on."""
        first = self.start.month - 1
        return [f"{self.start.year + m // 12}-{m % 12 + 1:02d}" for m in range(first, first + self.months)]

    @cached_property
    def tertials(self) -> list[tuple[int, int, int, int]]:
        """Year, number in it (1 to 3), first and last month of each four-month period; months before the start are left out."""
        skipped = self.start.month - 1
        result = []
        for i in range(3 * len(self.years)):
            first, last = i * TERTIAL - skipped, i * TERTIAL - skipped + TERTIAL - 1
            if last >= 0:
                result.append((self.start.year + i // 3, i % 3 + 1, max(first, 0), last))
        return result

    def arrays(self) -> Time:
        """The grid as the compiled accrual reads it."""
        days = np.arange(self.last_day + 2)
        dates = np.datetime64(self.start, "D") + days
        months = dates.astype("datetime64[M]")
        new_year = dates.astype("datetime64[Y]")
        gone = (dates - new_year.astype("datetime64[D]")).astype(np.float64)
        share = 1.0 / ((new_year + 1).astype("datetime64[D]") - new_year.astype("datetime64[D]")).astype(np.float64)
        year_at = (new_year - new_year[0]).astype(np.float64) + gone * share
        month_of = (months - months[0]).astype(np.uint32)
        _, begin = np.unique(month_of, return_index=True)
        status = (self.status - self.start).days if self.status else -1
        known = 0 <= status <= self.last_day
        return Time(
            months=self.months,
            years=len(self.years),
            status=status if known else -1,
            status_month=int(month_of[status]) if known else -1,
            scale=np.pad(np.array([days[begin], year_at[begin]]), ((0, 0), (0, STEP)), "edge"),
            month_of=month_of,
            year_at=year_at,
            year_of=((np.arange(self.months) + self.start.month - 1) // 12).astype(np.uint32),
            year_end=(12 * np.arange(1, len(self.years) + 1) - self.start.month).astype(np.uint32),
        )


def make_grid(start: dt.date, last_year: int, last_day: int, status: dt.date | None = None) -> Grid:
    """A grid whose days reach to the end of a month, at least that of ``last_year`` and that of ``last_day``."""
    last = max(dt.date(last_year, 12, 31), start + dt.timedelta(days=last_day))
    next_month = (last.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    return Grid(start, last_year, (next_month - start).days - 1, status)


def price_levels(index: PriceIndex, start: dt.date, days: int) -> Real:
    """Price level on each of some days from a date on, 1 at the base date.

    Straight lines between the base and the points; before them their first value holds. After the last of them the last value holds, or
    grows by ``yearly``: times 1 + yearly for each whole year, to the power of the share of the year that has gone by.

    >>> price_levels(PriceIndex(base=dt.date(2021, 7, 1), yearly=0.02), dt.date(2022, 7, 1), 366)[[0, 365]].round(6).tolist()
    [1.02, 1.0404]
    """
    known = sorted({index.base: 1.0, **{dt.date.fromisoformat(day): value for day, value in index.points.items()}}.items())
    ordinals = start.toordinal() + np.arange(days)
    levels = np.interp(ordinals, [day.toordinal() for day, _ in known], [value for _, value in known])
    last = known[-1][0]
    if index.yearly is not None:
        anniversaries = [_anniversary(last, n).toordinal() for n in range(max(start.year - last.year, 0) + days // 365 + 3)]
        years = np.interp(ordinals, anniversaries, np.arange(len(anniversaries)))
        levels *= (1.0 + index.yearly) ** years
    return _rounded(levels)


def _anniversary(date: dt.date, years: int) -> dt.date:
    """The same day some years later; 29 February becomes 1 March where there is none."""
    try:
        return date.replace(year=date.year + years)
    except ValueError:
        return dt.date(date.year + years, 3, 1)


def compile_prices(indices: Mapping[str, PriceIndex], grid: Grid, time: Time) -> Prices:
    """Deviations of the price levels from 1, by day and as means of months; the last stands for no index, 0 for ever."""
    days = len(time.month_of)
    day = np.array([*(price_levels(index, grid.start, days) - 1 for index in indices.values()), np.zeros(days)])
    begin = time.scale[DAYS, : time.month_of[-1] + 1]
    month = np.array([np.add.reduceat(row[:-1], begin[:-1].astype(np.int64)) / np.diff(begin) for row in day])
    return Prices(day, _rounded(month))


def _rounded(values: Real) -> Real:
    return np.round(values / GRAIN) * GRAIN
