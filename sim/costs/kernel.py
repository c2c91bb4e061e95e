"""The compiled accrual: when each öre arises, in every future.

Whatever is spread is spread by differences of a whole-valued sum so far, so that the parts add up to the whole exactly:
``floor(amount * days so far / days)`` over a span, and for a yearly amount ``amount * whole years + floor(amount * days of the
year so far / days of the year)``. A future is a row; its numbers depend on nothing else.

Both are one line along a scale, in days or in calendar years, see :class:`sim.costs.layout.Line`: ``floor(rate * place + half)``. What
is rounded down is a multiple of ``1/n`` (n days of the span, or of the year), and half of that is added first, which is more than
the rounding of the product while n times what an item comes to in all is below 2**50 öre: 30 milliard kronor by the year, or 11 over
a thousand days. Beyond that an öre may fall in the month before or after; offices, items, months and years agree all the same.

Whatever is an index is unsigned: for signed ones numba asks each time whether they count from the end.
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
    DAYS,
    DEBT,
    HALF_A_DAY,
    LOAN,
    MEASURE,
    OVER,
    PLANNED,
    STEP,
    YEARLY,
    YEARS,
    Accounts,
    Bool,
    Budgets,
    Drawn,
    Filters,
    Index,
    Int,
    Line,
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

FINISH = int(Field.FINISH)


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
def find_moments(moments: Moments, record: Int, happens: Bool, day: Index, took_place: Bool) -> None:
    """Day of each moment of an office, and whether its activity took place: first start, last finish of the passes made.

    The first passes come first, with nothing between: they lie far apart, and the processor waits for as many at once as it can.
    """
    for e in range(len(took_place)):
        day[e] = max(record[moments.first_pass[e], moments.field[e]], 0)
        took_place[e] = happens[moments.first_pass[e]]
    for e in moments.repeated:
        first = moments.first_pass[e]
        for p in range(first + 1, first + moments.passes[e]):
            if record[p, FINISH] >= 0:
                took_place[e] |= happens[p]
                if moments.field[e] == FINISH:
                    day[e] = max(day[e], record[p, FINISH])


@inlined
def come_to(line: Line, place: float) -> float:
    """What an item has come to at a place on its scale, from its beginning to its end, in whole öre."""
    whole: float = np.floor(line.rate * (place - line.since) + line.half)
    return whole


@inlined
def come_to_by(line: Line, place: float) -> float:
    """The same at any place: nothing arises before the beginning or after the end."""
    return come_to(line, min(max(place, line.begin), line.end))


@summing
def enter_months(line: Line, until: float, scale: Real, price: Real, months: int, office: Real, item: Real) -> float:
    """Add what arises in each month, in its prices, to two sums; what is added in all.

    One loop over four arrays: with more of them the compiler would not make vector code, with more loops it would ask again and again
    whether they overlap. Sums of whole numbers below 2**53 are exact in any order.
    """
    before, total = come_to(line, line.begin), 0.0
    for m in range(months):
        now = come_to(line, min(scale[m], until))
        amount = np.rint((now - before) * price[m])
        before = now
        office[m] += amount
        item[m] += amount
        total += amount
    return total


@inlined
def enter_years(time: Time, line: Line, until: float, scale: Real, first: int, last: int, office: Real, item: Real) -> None:
    """Add what arises in each year in fixed prices."""
    before = come_to(line, line.begin)
    for year in range(time.year_of[first], time.year_of[last] + 1):
        now = come_to(line, min(scale[time.year_end[year] + 1], until))
        office[year] += now - before
        item[year] += now - before
        before = now


@inlined
def move(source: Real, target: Real) -> None:
    """Add one row to another."""
    for m in range(len(source)):
        target[m] += source[m]


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
def find_line(time: Time, kind: int, amount: float, begin: int, end: int) -> Line:
    """How a span or yearly item grows."""
    if kind == OVER:
        share = 1.0 / (end - begin)
        return Line(amount * share, float(begin), 0.5 * share, float(begin), float(end))
    return Line(amount, 0.0, HALF_A_DAY, time.year_at[begin], time.year_at[end])


@inlined
def accrue_over_time(
    time: Time, room: Room, item: Any, o: int, row: int, amount: float, deviation: Real, factor: float, begin: int, end: int
) -> tuple[float, float]:
    """Spread an item over the months; its sums in current prices and in fixed ones, beyond the last reported month too.

    What the office and the accounts get waits in the list of the item's accounts, see :func:`enter_lists`.
    """
    line, scale = find_line(time, item.kind, amount, begin, end), time.scale[DAYS if item.kind == OVER else YEARS]
    first, last = time.month_of[begin], time.month_of[end - np.uint32(1)]
    reported, current = min(last, time.months - 1), 0.0
    if first <= reported:
        until = min(line.end, scale[time.months])
        months = (reported - first + STEP) // STEP * STEP
        enter_years(time, line, until, scale, first, reported, room.years[o], room.years[row])
        prices, sums, items = room.price[item.price_index], room.lists[item.account_list], room.months[row]
        current = enter_months(line, until, scale[first + 1 :], prices[first:], months, sums[first:], items[first:])
        room.waits[item.account_list] = True
    if item.ends:
        for m in range(max(first, time.months), last + 1):
            current += np.rint((come_to_by(line, scale[m + 1]) - come_to_by(line, scale[m])) * (1.0 + factor * deviation[m]))
    month = time.status_month
    if first <= month <= last:
        today = float(time.status) if item.kind == OVER else time.year_at[time.status]
        head = np.rint((come_to_by(line, today) - come_to_by(line, scale[month])) * (1.0 + factor * deviation[month]))
        room.months[o, time.months] += head
        room.months[row, time.months] += head
    return current, come_to(line, line.end) - come_to(line, line.begin)


@inlined
def enter_lists(accounts: Accounts, room: Room, o: int) -> None:
    """Enter what waits in the lists of accounts for the office and for those accounts that count it."""
    for listed in range(len(room.lists)):
        if room.waits[listed]:
            source = room.lists[listed]
            move(source, room.months[o])
            for k in range(accounts.first[listed], accounts.first[listed + 1]):
                if room.fits[accounts.filter[accounts.entered[k]]]:
                    move(source, room.accounts[accounts.entered[k]])
            source[:] = 0.0
            room.waits[listed] = False


@merged
def accrue_office(packed: Packed, room: Room, o: int, codes: Codes, factor: Real, prices: Real) -> None:
    """All items of one office in one future."""
    time, items, once, offices = packed.time, packed.items, room.once[o], len(packed.unit)
    amounts, unit, done = packed.amounts[o], packed.unit[o], packed.moments.done[o]
    days, took_place = room.day[o], room.took_place[o]
    code = codes[packed.type_variable] if packed.type_variable >= 0 else -1
    place = code if code >= 0 else amounts.shape[1] - 1
    for i in range(len(items)):
        item, money = items[i], amounts[i, place]
        if (money[AMOUNT] == 0.0 and money[PLANNED] == 0.0) or not room.fits[item.filter]:
            continue
        once[3] += money[PLANNED]
        if not took_place[item.first] and (item.kind == AT or not done[item.first]):
            continue
        own = factor[unit[i]] if unit[i] >= 0 else 1.0
        begin = days[item.first]
        end = max(days[item.last], begin)
        whole = money[AMOUNT] * own
        if item.stretches and money[MEASURE] > 0.0:
            whole = whole * (end - begin) / money[MEASURE]
        whole, current, fixed = np.rint(whole), 0.0, 0.0
        moved = prices[item.price_index] if item.price_index < len(prices) else 0.0
        if begin < end:
            deviation = packed.prices.month[item.price_index]
            current, fixed = accrue_over_time(time, room, item, o, offices + i, whole, deviation, moved, begin, end)
        elif item.kind != YEARLY:
            current, fixed = np.rint(whole * (1.0 + moved * packed.prices.day[item.price_index, begin])), whole
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
        for m in range(min(price.shape[1], deviation.shape[1])):
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
def value_budgets(budgets: Budgets, budget: Int, life: Int, accounts: Real, room: Real, months: int, value: Money) -> None:
    """What each frame is compared with: cost, expense or debt of its years (for the programme's debt: months)."""
    debt, cost, borrowed, written_off = room[0], room[1], room[2], room[3]
    for v in range(len(value)):
        value[v] = 0
    for a in range(len(budget)):
        b, entered = budget[a], accounts[a, :months]
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
    for i in range(target.shape[0]):
        source, copy = values[i], target[i]
        for j in range(target.shape[1]):
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
        value_budgets(budgets, accounts.budget, accounts.life, room.accounts, room.debts, packed.time.months, out.budget[r])
        room.accounts[:] = 0.0
        store(room.months, out.months[r])
        store(room.years, out.years[r])
        store(room.once, out.once[r])
