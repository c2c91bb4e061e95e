"""Money as the compiled accrual reads it: arrays only. Built by :mod:`sim.costs.compile` and its helpers.

Amounts are whole öre. Inside the accrual they are held in float64, which is exact up to 2**53 öre (9·10¹³ kronor), because that
is what vector instructions are quick with; outside they are int64. *Ragged* means that the parts of item ``i`` are
``first[i] … first[i + 1] - 1``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int32]
Money = NDArray[np.int64]
Real = NDArray[np.float64]
Bool = NDArray[np.bool_]

AT, OVER, YEARLY = 0, 1, 2
"""Kinds of item: at an event; evenly over a span; per year from an event on."""

NO, YES, ASK = 0, 1, 2
"""Whether an office fits a filter: never, always, or as its drawn attributes say."""

COST, APPROPRIATION, LOAN, DEBT = 0, 1, 2, 3
"""Kinds of budget; the last is the debt of the whole programme, which is no frame but is followed in the same way."""

ONCE = 4
"""Columns of what ends by itself: in current prices, in fixed prices, the part of the latter due to time, and as planned."""


AMOUNT, MEASURE, PLANNED = 0, 1, 2
"""Columns of the amounts of an item: öre, in all or per year; days (of a stretching span) or years (per year until) that it takes in
the deterministic plan, 0 where that has none; öre in the deterministic plan, for items that end."""

WHOLE, GONE, SHARE = 0, 1, 2
"""Columns of the clock of calendar years: whole years since the first; days gone of the next; a day's share of it (1/365 or 1/366)."""

ITEM = np.dtype(
    [
        ("kind", np.int32),
        ("first", np.int32),
        ("last", np.int32),
        ("price_index", np.int32),
        ("filter", np.int32),
        ("account_list", np.int32),
        ("stretches", np.int32),
        ("ends", np.int32),
    ],
    align=True,
)
"""A cost item: its kind; moments at which it begins and ends (-1: none); numbers of its price index (-1: none), filter and
list of accounts; whether it stretches; whether it ends by itself (what runs on for ever is cut at the last month)."""


class Time(NamedTuple):
    """Months and years. A moment is the morning of a day, counted from the scenario's start, which is where the first month begins."""

    months: int
    """Months that are reported; there are more in ``begin``, up to the end of the simulated time."""
    years: int
    """Calendar years that are reported; months end with the last of them."""
    status: int
    """Day up to which outcomes are known, or -1."""
    status_month: int
    """The month of that day, or -1."""
    begin: Real
    """First day of each month, and the day after the last; shape ``(all months + 1,)``."""
    clock: Real
    """The clock at the beginning of each month, shape ``(3, all months + 1)``."""
    month_of: Int
    """Month of each day, shape ``(days,)``."""
    day_clock: Real
    """The clock of each day, shape ``(days, 3)``."""
    year_of: Int
    """Year of each month that is reported, counted from 0, shape ``(months,)``."""
    year_end: Int
    """Last month of each year, shape ``(years,)``."""


class Prices(NamedTuple):
    """Deviation of each price index from 1."""

    day: Real
    """Shape ``(indices, days)``."""
    month: Real
    """Mean over the days of each month, shape ``(indices, all months)``."""


class Moments(NamedTuple):
    """The starts and finishes that items ask for."""

    first_pass: Int
    """First pass of the activity, shape ``(moments,)``."""
    passes: Int
    is_finish: Bool
    done: Bool
    """Whether the moment lies before the office entered, shape ``(offices, moments)``."""


class Filters(NamedTuple):
    """Which offices are meant; conditions ragged over the filters."""

    state: NDArray[np.int8]
    """``NO``, ``YES`` or ``ASK``, shape ``(offices, filters)``."""
    first: Int
    variable: Int
    """Variable of each condition that is to be asked."""
    allowed: Bool
    """Whether each code fits, shape ``(conditions, codes)``."""


class Accounts(NamedTuple):
    """Monthly sums that budgets are made of: one for what is paid as it arises, one for each length of loans."""

    first: Int
    """Ragged over the lists: what an item is entered in; many items share a list."""
    entered: Int
    filter: Int
    budget: Int
    life: Int
    """Months of depreciation, 0 for what is paid as it arises."""


class Budgets(NamedTuple):
    """Frames, and the debt of the whole programme as the last of them."""

    kind: Int
    interest: Real
    first: Int
    """Ragged over the budgets: the values, one for each year (for the debt: month)."""
    month: Int
    """Last month of each value's year (for the debt: its month)."""


class Packed(NamedTuple):
    """Everything that the accrual needs of a plan."""

    time: Time
    prices: Prices
    moments: Moments
    filters: Filters
    items: NDArray[np.void]
    """Records of type ``ITEM``."""
    unit: Int
    """Column of the own uncertainty of each item, shape ``(offices, items)``; -1: none."""
    amounts: Real
    """Shape ``(offices, items, types + 1, 3)``; the last type is that of an office without a type."""
    accounts: Accounts
    budgets: Budgets
    type_variable: int


class Drawn(NamedTuple):
    """Chance in money, for a block."""

    factor: Real
    """Factor of each uncertain item of an office, shape ``(n, units)``."""
    prices: Real
    """Factor on the deviation of each price index, shape ``(n, indices)``."""


class Output(NamedTuple):
    """The arrays to fill, in öre; axes as in :class:`sim.costs.accrue.Costs`."""

    months: Money
    years: Money
    once: Money
    budget: Money


class Room(NamedTuple):
    """Where one future's money is put together; made once for a block."""

    day: Int
    """Day of each moment, shape ``(offices, moments)``."""
    took_place: Bool
    """Whether the activity of each moment took place, likewise."""
    fits: Bool
    """Whether the office fits each filter."""
    spread: Real
    """Of one item: sum so far at the end of each month, then what arises in each month in its prices; shape ``(all months + 1,)``."""
    price: Real
    """Price of each month by the indices, and 1 in the last row for what follows none; shape ``(indices + 1, months)``."""
    lists: Real
    """Of one office: what its spread items of each list of accounts come to in each month, shape ``(lists, months)``."""
    stretch: Int
    """First month and the one after the last in which that is anything, shape ``(lists, 2)``."""
    months: Real
    years: Real
    accounts: Real
    """What is entered in each account in each month."""
    once: Real
    debts: Real
    """Of one account, by month: debt at the end, expense, borrowed before it, written off so far; shape ``(4, months)``."""

    @classmethod
    def of(cls, packed: Packed, out: Output) -> Room:
        """Room for the money of a plan."""
        moments = len(packed.unit), len(packed.moments.first_pass)
        lists = len(packed.accounts.first) - 1
        return cls(
            day=np.zeros(moments, np.int32),
            took_place=np.zeros(moments, np.bool_),
            fits=np.zeros(packed.filters.state.shape[1], np.bool_),
            spread=np.zeros(len(packed.time.begin) + 1),
            price=np.ones((len(packed.prices.month) + 1, packed.time.months)),
            lists=np.zeros((lists, packed.time.months)),
            stretch=np.tile(np.array([packed.time.months, 0], np.int32), (lists, 1)),
            months=np.zeros(out.months.shape[1:]),
            years=np.zeros(out.years.shape[1:]),
            accounts=np.zeros((len(packed.accounts.budget), packed.time.months)),
            once=np.zeros(out.once.shape[1:]),
            debts=np.zeros((4, packed.time.months)),
        )
