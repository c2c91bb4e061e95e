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
Index = NDArray[np.uint32]
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

DAYS, YEARS = 0, 1
"""Scales along which items grow."""

STEP = 16
"""Months that are entered at a time; rows of months are longer by as many or more, and what is entered there is nothing."""

HALF_A_DAY = 1 / 732
"""Half of the least share that a day has of its year."""

ITEM = np.dtype(
    [(name, np.uint32) for name in ("kind", "first", "last", "price_index", "filter", "account_list", "stretches", "ends")], align=True
)
"""A cost item: its kind; moments at which it begins and ends (one more than there are: the end of the last month, where what runs on
for ever is cut); numbers of its price index (one more than there are: none), filter and list of accounts; whether it stretches; whether
it ends by itself."""


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
    scale: Real
    """First day of each month in ``DAYS``, and in ``YEARS`` since the first January; shape ``(2, all months + 1 + STEP)``."""
    month_of: Index
    """Month of each day, shape ``(days,)``."""
    year_at: Real
    """Each day in years since the first January, shape ``(days,)``."""
    year_of: Index
    """Year of each month that is reported, counted from 0, shape ``(months,)``."""
    year_end: Index
    """Last month of each year, shape ``(years,)``."""


class Prices(NamedTuple):
    """Deviation of each price index from 1."""

    day: Real
    """Shape ``(indices + 1, days)``; the last stands for no index."""
    month: Real
    """Mean over the days of each month, shape ``(indices + 1, all months)``."""


class Moments(NamedTuple):
    """The starts and finishes that items ask for."""

    first_pass: Index
    """First pass of the activity, shape ``(moments,)``."""
    passes: Index
    field: Index
    """``Field.START`` or ``Field.FINISH``."""
    repeated: Index
    """The moments of activities with several passes."""
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

    first: Index
    """Ragged over the lists: what an item is entered in; many items share a list."""
    entered: Index
    filter: Index
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


class Line(NamedTuple):
    """How a span or yearly item grows along its scale (days, or years): to ``floor(rate * (place - since) + half)`` at a place."""

    rate: float
    since: float
    half: float
    begin: float
    end: float


class Room(NamedTuple):
    """Where one future's money is put together; made once for a block."""

    day: Index
    """Day of each moment, and that on which the last month ends, shape ``(offices, moments + 1)``."""
    took_place: Bool
    """Whether the activity of each moment took place, shape ``(offices, moments)``."""
    fits: Bool
    """Whether the office fits each filter."""
    price: Real
    """Price of each month by the indices, and 1 in the last row for what follows none; shape ``(indices + 1, width)``.

    The width is that of all rows of months here, see :data:`STEP`."""
    lists: Real
    """Of one office: what its spread items of each list of accounts come to in each month, shape ``(lists, width)``."""
    waits: Bool
    """Whether that is anything, shape ``(lists,)``."""
    months: Real
    years: Real
    accounts: Real
    """What is entered in each account in each month, shape ``(accounts, width)``."""
    once: Real
    debts: Real
    """Of one account, by month: debt at the end, expense, borrowed before it, written off so far; shape ``(4, months)``."""

    @classmethod
    def of(cls, packed: Packed, out: Output) -> Room:
        """Room for the money of a plan."""
        moments = len(packed.unit), len(packed.moments.first_pass)
        lists = len(packed.accounts.first) - 1
        width = (packed.time.months // STEP + 2) * STEP
        return cls(
            day=np.full((moments[0], moments[1] + 1), packed.time.scale[DAYS, packed.time.months], np.uint32),
            took_place=np.zeros(moments, np.bool_),
            fits=np.zeros(packed.filters.state.shape[1], np.bool_),
            price=np.ones((len(packed.prices.month), width)),
            lists=np.zeros((lists, width)),
            waits=np.zeros(lists, np.bool_),
            months=np.zeros((out.months.shape[1], width)),
            years=np.zeros(out.years.shape[1:]),
            accounts=np.zeros((len(packed.accounts.budget), width)),
            once=np.zeros(out.once.shape[1:]),
            debts=np.zeros((4, packed.time.months)),
        )
