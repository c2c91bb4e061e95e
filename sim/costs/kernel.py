"""The compiled accrual: when each öre arises, in every future.

Whatever is spread is spread by differences of a whole-valued sum so far, so that the parts add up to the whole exactly:
``floor(amount * days so far / days)`` over a span, and for a yearly amount ``amount * whole years + floor(amount * days of the
year so far / days of the year)``. A future is a row; its numbers depend on nothing else.

Dividing is slow, so ``floor(a / n)`` is computed as ``floor((a + 1/2) * (1/n))``: ``(a + 1/2) / n`` is at least ``1/2n`` from any whole
number, which is more than the rounding of the product while ``a`` is below 2**50 (a yearly amount of 30 milliard kronor).
Beyond that an öre may fall in the month before; sums are exact all the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.compiled import inlined, jit_plain, merged, summing
from sim.costs.layout import (
    AMOUNT,
    ASK,
    AT,
    DEBT,
    GONE,
    LOAN,
    MEASURE,
    OVER,
    PLANNED,
    SHARE,
    WHOLE,
    YEARLY,
    Accounts,
    Bool,
    Budgets,
    Drawn,
    Filters,
    Int,
    Moments,
    Money,
    Output,
    Packed,
    Real,
    Room,
    Time,
)
from sim.timeline import Field

Codes = NDArray[np.int16]

START, FINISH = int(Field.START), int(Field.FINISH)


@inlined
def find_fits(filters: Filters, office: int, codes: Codes, fits: Bool) -> None:
    """Whether an office fits each filter in this future."""
    for number in range(len(fits)):
        state = filters.state[office, number]
        fits[number] = state != 0
        if state == ASK:
            for condition in range(filters.first[number], filters.first[number + 1]):
                code = codes[filters.variable[condition]]
                fits[number] &= code >= 0 and filters.allowed[condition, code]


@inlined
def find_moments(moments: Moments, record: Int, happens: Bool, day: Int, took_place: Bool) -> None:
    """Day of each moment of an office, and whether its activity took place: first start, last finish of the passes made.

    All offices come first: what is read lies far apart, and the processor waits for several at once.
    """
    for e in range(len(day)):
        first = moments.first_pass[e]
        found, happened = record[first, FINISH if moments.is_finish[e] else START], happens[first]
        for p in range(first + 1, first + moments.passes[e]):
            if record[p, FINISH] >= 0:
                happened |= happens[p]
                if moments.is_finish[e]:
                    found = max(found, record[p, FINISH])
        day[e] = max(found, 0)
        took_place[e] = happened


@inlined
def clock(day_clock: Real, amount: float, day: int) -> float:
    """What a yearly amount has come to by a day, counted from the first January."""
    now = day_clock[day]
    so_far: float = amount * now[WHOLE] + np.floor((amount * now[GONE] + 0.5) * now[SHARE])
    return so_far


@inlined
def cumulate(time: Time, kind: int, amount: float, begin: int, end: int, first: int, months: int, so_far: Real) -> None:
    """Sum so far at the end of each month in which a span or yearly item runs: ``months`` whole ones, then the last."""
    bounds = time.begin[first + 1 : first + 1 + months]
    if kind == OVER:
        share = 1.0 / (end - begin)
        for m in range(months):
            so_far[m] = np.floor((amount * (bounds[m] - begin) + 0.5) * share)
        so_far[months] = amount
    else:
        before = clock(time.day_clock, amount, begin)
        whole, gone, share_of = time.clock[WHOLE, first + 1 :], time.clock[GONE, first + 1 :], time.clock[SHARE, first + 1 :]
        for m in range(months):
            so_far[m] = amount * whole[m] + np.floor((amount * gone[m] + 0.5) * share_of[m]) - before
        so_far[months] = clock(time.day_clock, amount, end) - before


@inlined
def sum_at(time: Time, kind: int, amount: float, begin: int, end: int, day: int) -> float:
    """Sum so far of a span or yearly item on one day."""
    then = min(max(day, begin), end)
    if kind == OVER:
        part: float = np.floor((amount * (then - begin) + 0.5) * (1.0 / (end - begin)))
        return part if then < end else amount
    return clock(time.day_clock, amount, then) - clock(time.day_clock, amount, begin)


@inlined
def price_and_add(so_far: Real, price: Real, months: int, office: Real, item: Real) -> float:
    """Turn sums so far into amounts of the months in their prices, in place, and add these to two sums; the last sum so far.

    One loop over four arrays: with more of them the compiler would not make vector code, with more loops it would ask again and again
    whether they overlap.
    """
    before = 0.0
    for m in range(months):
        now = so_far[m]
        so_far[m] = np.rint((now - before) * price[m])
        before = now
        office[m] += so_far[m]
        item[m] += so_far[m]
    return before


@summing
def whole_sum(values: Real, count: int) -> float:
    """Sum of whole numbers below 2**53: exact in any order, so the compiler may take several at a time."""
    total = 0.0
    for m in range(count):
        total += values[m]
    return total


@inlined
def move(source: Real, target: Real, first: int, last: int) -> None:
    """Add a stretch of months."""
    part, values = target[first:last], source[first:last]
    for m in range(last - first):
        part[m] += values[m]


@inlined
def add_years(time: Time, first: int, last: int, so_far: Real, office: Real, item: Real) -> None:
    """Add what arises in each year in fixed prices, from the sums so far."""
    before = 0.0
    for year in range(time.year_of[first], time.years):
        end = min(time.year_end[year], last)
        office[year] += so_far[end - first] - before
        item[year] += so_far[end - first] - before
        before = so_far[end - first]
        if end == last:
            return


@inlined
def accrue_at_once(
    time: Time, room: Room, accounts: Accounts, item: Any, o: int, row: int, amount: float, current: float, day: int
) -> None:
    """Enter the whole of an item on one day, in current and fixed prices; ``row`` is the item's among the sums."""
    month = time.month_of[day]
    if month >= time.months:
        return
    year = time.year_of[month]
    room.months[o, month] += current
    room.months[row, month] += current
    room.years[o, year] += amount
    room.years[row, year] += amount
    for k in range(accounts.first[item.account_list], accounts.first[item.account_list + 1]):
        if room.fits[accounts.filter[accounts.entered[k]]]:
            room.accounts[accounts.entered[k], month] += current
    if month == time.status_month and day < time.status:
        room.months[o, time.months] += current
        room.months[row, time.months] += current


@inlined
def accrue_over_time(
    time: Time, room: Room, item: Any, o: int, row: int, amount: float, deviation: Real, factor: float, begin: int, end: int
) -> tuple[float, float]:
    """Spread an item over the months; its sums in current prices and in fixed ones, beyond the last reported month too.

    What the office and the accounts get waits in the list of the item's accounts, see :func:`enter_lists`.
    """
    spread, listed, stretch = room.spread, item.account_list, room.stretch
    first, last = time.month_of[begin], time.month_of[end - 1]
    months, count = last - first + 1, max(min(last, time.months - 1) - first + 1, 0)
    cumulate(time, item.kind, amount, begin, end, first, last - first, spread)
    fixed, before = spread[last - first], 0.0
    if count > 0:
        add_years(time, first, last, spread, room.years[o], room.years[row])
        prices = room.price[item.price_index]
        before = price_and_add(spread, prices[first:], count, room.lists[listed, first:], room.months[row, first:])
        stretch[listed, 0], stretch[listed, 1] = min(stretch[listed, 0], first), max(stretch[listed, 1], first + count)
    for m in range(count, months):
        now = spread[m]
        spread[m] = np.rint((now - before) * (1.0 + factor * deviation[first + m]))
        before = now
    month = time.status_month
    if first <= month <= last:
        before = sum_at(time, item.kind, amount, begin, end, int(time.begin[month]))
        head = sum_at(time, item.kind, amount, begin, end, time.status) - before
        room.months[o, time.months] += np.rint(head * (1.0 + factor * deviation[month]))
        room.months[row, time.months] += np.rint(head * (1.0 + factor * deviation[month]))
    return whole_sum(spread, months) if item.ends else 0.0, fixed


@inlined
def enter_lists(accounts: Accounts, room: Room, o: int) -> None:
    """Enter what waits in the lists of accounts for the office and for those accounts that count it."""
    for listed in range(len(room.lists)):
        first, end = room.stretch[listed, 0], room.stretch[listed, 1]
        if first >= end:
            continue
        source = room.lists[listed]
        move(source, room.months[o], first, end)
        for k in range(accounts.first[listed], accounts.first[listed + 1]):
            if room.fits[accounts.filter[accounts.entered[k]]]:
                move(source, room.accounts[accounts.entered[k]], first, end)
        source[first:end] = 0.0
        room.stretch[listed, 0], room.stretch[listed, 1] = len(source), 0


@merged
def accrue_office(packed: Packed, room: Room, o: int, codes: Codes, factor: Real, prices: Real) -> None:
    """All items of one office in one future."""
    time, items, once, offices = packed.time, packed.items, room.once[o], len(packed.unit)
    amounts, unit, done = packed.amounts[o], packed.unit[o], packed.moments.done[o]
    days, took_place = room.day[o], room.took_place[o]
    code = codes[packed.type_variable] if packed.type_variable >= 0 else -1
    place = code if code >= 0 else amounts.shape[1] - 1
    horizon = int(time.begin[time.months])
    for i in range(len(items)):
        item, money = items[i], amounts[i, place]
        if (money[AMOUNT] == 0.0 and money[PLANNED] == 0.0) or not room.fits[item.filter]:
            continue
        once[3] += money[PLANNED]
        if not took_place[item.first] and (item.kind == AT or not done[item.first]):
            continue
        own = factor[unit[i]] if unit[i] >= 0 else 1.0
        begin = days[item.first]
        end = max(days[item.last], begin) if item.last >= 0 else begin if item.kind == AT else max(horizon, begin)
        whole = money[AMOUNT] * own
        if item.stretches and money[MEASURE] > 0.0:
            whole = whole * (end - begin) / money[MEASURE]
        whole, current, fixed = np.rint(whole), 0.0, 0.0
        index = max(item.price_index, 0)
        moved = prices[index] if item.price_index >= 0 else 0.0
        if begin < end:
            deviation = packed.prices.month[index]
            current, fixed = accrue_over_time(time, room, item, o, offices + i, whole, deviation, moved, begin, end)
        elif item.kind != YEARLY:
            current, fixed = np.rint(whole * (1.0 + moved * packed.prices.day[index, begin])), whole
            accrue_at_once(time, room, packed.accounts, item, o, offices + i, whole, current, begin)
        if item.ends:
            once[0] += current
            once[1] += fixed
            if money[MEASURE] > 0.0:
                once[2] += fixed - np.rint(money[PLANNED] * own)


@inlined
def find_prices(deviation: Real, factor: Real, price: Real) -> None:
    """Prices of the months in one future; the last row stays 1."""
    for x in range(len(factor)):
        for m in range(price.shape[1]):
            price[x, m] = 1.0 + factor[x] * deviation[x, m]


@inlined
def owe(entered: Real, life: int, borrowed: Real, written_off: Real, debt: Real) -> None:
    """Debt at the end of each month of what an account borrows, written off evenly over ``life`` months from the next month on.

    Whole öre: what is written off so far is ``floor(sum over the months of (borrowed before it, but less than a life ago) / life)``.
    """
    months, share = len(entered), 1.0 / life
    so_far, shares = 0.0, 0.0
    for m in range(months):
        shares += so_far - (borrowed[m - life] if m >= life else 0.0)
        borrowed[m] = so_far
        written_off[m] = shares
        so_far += entered[m]
        debt[m] = so_far
    for m in range(months):
        written_off[m] = np.floor((written_off[m] + 0.5) * share)
        debt[m] -= written_off[m]


@inlined
def expense(written_off: Real, debt: Real, interest: float, months: int, cost: Real) -> None:
    """Depreciation of each month, and interest on the debt at its beginning."""
    cost[0] = written_off[0]
    for m in range(1, months):
        cost[m] = written_off[m] - written_off[m - 1] + np.rint(debt[m - 1] * interest / 12.0)


@jit_plain
def value_budgets(budgets: Budgets, budget: Int, life: Int, accounts: Real, room: Real, value: Money) -> None:
    """What each frame is compared with: cost, expense or debt of its years (for the programme's debt: months)."""
    months = accounts.shape[1]
    debt, cost, borrowed, written_off = room[0], room[1], room[2], room[3]
    for v in range(len(value)):
        value[v] = 0
    for a in range(len(budget)):
        b, entered = budget[a], accounts[a]
        owed = budgets.kind[b] in (LOAN, DEBT)
        if life[a] > 0:
            owe(entered, life[a], borrowed, written_off, debt)
            if not owed:
                expense(written_off, debt, budgets.interest[b], months, cost)
        for v in range(budgets.first[b], budgets.first[b + 1]):
            month = budgets.month[v]
            if owed:
                value[v] += np.int64(debt[month]) if month >= 0 else 0
            else:
                for m in range(max(month - 11, 0), month + 1):
                    value[v] += np.int64(cost[m] if life[a] > 0 else entered[m])


@jit_plain
def store(values: Real, target: NDArray[np.int64]) -> None:
    """Copy whole numbers held as floats, and leave zeros behind."""
    for i in range(values.shape[0]):
        source, copy = values[i], target[i]
        for j in range(values.shape[1]):
            copy[j] = np.int64(source[j])
            source[j] = 0.0


@jit_plain
def accrue_block(packed: Packed, room: Room, codes: Codes, record: Int, happens: NDArray[np.bool_], drawn: Drawn, out: Output) -> None:
    """Fill all arrays; axes of the timeline as there, ``codes`` as in the draws. The room comes and goes full of zeros."""
    budgets, accounts, filters, moments = packed.budgets, packed.accounts, packed.filters, packed.moments
    for r in range(happens.shape[0]):
        find_prices(packed.prices.month, drawn.prices[r], room.price)
        for o in range(happens.shape[1]):
            find_moments(moments, record[r, o], happens[r, o], room.day[o], room.took_place[o])
        for o in range(happens.shape[1]):
            find_fits(filters, o, codes[r, o], room.fits)
            accrue_office(packed, room, o, codes[r, o], drawn.factor[r], drawn.prices[r])
            enter_lists(accounts, room, o)
        value_budgets(budgets, accounts.budget, accounts.life, room.accounts, room.debts, out.budget[r])
        room.accounts[:] = 0.0
        store(room.months, out.months[r])
        store(room.years, out.years[r])
        store(room.once, out.once[r])
