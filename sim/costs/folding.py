"""The compiled summing of offices and items to groups and periods, and the counting of what comes out.

One group at a time for a block of replications, so that its rows and its histograms stay in the processor's cache.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import inlined, jit_plain
from sim.costs.histogram import Histograms, count_rows
from sim.costs.layout import Bool, Index, Money


class Shape(NamedTuple):
    """What belongs to what; members are the offices, then the items. A *union* is a group of several members."""

    row: Index
    """Of each group: its member, or the number of members plus the number of its union."""
    first: Index
    """Ragged over the members: the unions that they belong to whoever draws what type."""
    union: Index
    of_type: Index
    """Union of the offices that draw each type."""
    unions: int
    base: NDArray[np.int64]
    """First cell of each group, and the end of the last."""
    is_office: Bool
    year_end: Index
    tertial: Index
    """First and last month of each tertial, shape ``(tertials, 2)``."""
    status_month: int
    status_year: int


class Sums(NamedTuple):
    """Sums of the unions in a block."""

    months: NDArray[np.int64]
    """Shape ``(n, unions, months + 1)``."""
    years: NDArray[np.int64]
    """Shape ``(n, unions, years)``."""

    @classmethod
    def of(cls, shape: Shape, months: NDArray[np.int64], years: NDArray[np.int64]) -> Sums:
        """Room for the sums of a block."""
        n = len(months)
        return cls(np.empty((n, shape.unions, months.shape[2]), np.int64), np.empty((n, shape.unions, years.shape[2]), np.int64))


@inlined
def add_row(target: Money, values: Money) -> None:
    """Add a member's numbers to those of a union."""
    for m in range(len(values)):
        target[m] += values[m]


@inlined
def copy_row(target: Money, values: Money) -> None:
    """Copy a member's numbers."""
    for m in range(len(values)):
        target[m] = values[m]


@jit_plain
def sum_unions(shape: Shape, types: NDArray[np.int16], values: NDArray[np.int64], sums: NDArray[np.int64]) -> None:
    """Sums of all unions: each future's members are read once."""
    for r in range(len(values)):
        future, total = values[r], sums[r]
        total[:] = 0
        for i in range(len(future)):
            for k in range(shape.first[i], shape.first[i + 1]):
                add_row(total[shape.union[k]], future[i])
            if i < types.shape[1] and types[r, i] >= 0:
                add_row(total[shape.of_type[types[r, i]]], future[i])


@inlined
def write_months(shape: Shape, values: Money, row: Money) -> None:
    """Months, sums so far, and years from these."""
    months = len(values) - 1
    copy_row(row, values[:months])
    cumulative, by_year, so_far = row[months : 2 * months], row[2 * months :], 0
    for m in range(months):
        so_far += values[m]
        cumulative[m] = so_far
    before = 0
    for y in range(len(shape.year_end)):
        by_year[y] = cumulative[shape.year_end[y]] - before
        before = cumulative[shape.year_end[y]]


@inlined
def write_fixed(values: Money, row: Money) -> None:
    """Years in fixed prices, and their sums so far."""
    years = len(values)
    so_far = 0
    for y in range(years):
        so_far += values[y]
        row[y] = values[y]
        row[years + y] = so_far


@inlined
def write_forecast(shape: Shape, head: int, so_far: Money, row: Money) -> None:
    """Tertials, and the status year before and after the status day; ``head`` is the status month's part before it."""
    tertials = len(shape.tertial)
    for t in range(tertials):
        first = shape.tertial[t, 0]
        row[t] = so_far[shape.tertial[t, 1]] - (so_far[first - 1] if first > 0 else 0)
    row[tertials], row[tertials + 1] = 0, 0
    if shape.status_month >= 0:
        end = shape.year_end[shape.status_year]
        before = so_far[end - 12] if end >= 12 else 0
        row[tertials] = (so_far[shape.status_month - 1] if shape.status_month > 0 else 0) - before + head
        row[tertials + 1] = so_far[end] - before - row[tertials]


@jit_plain
def fold_group(shape: Shape, group: int, months: NDArray[np.int64], years: NDArray[np.int64], sums: Sums, rows: NDArray[np.int64]) -> None:
    """Fill the rows of one group."""
    reported, count, place = months.shape[2] - 1, years.shape[2], shape.row[group]
    members = months.shape[1]
    for r in range(len(rows)):
        row = rows[r]
        by_month = months[r, place] if place < members else sums.months[r, place - members]
        by_year = years[r, place] if place < members else sums.years[r, place - members]
        write_months(shape, by_month, row)
        write_fixed(by_year, row[2 * reported + count :])
        if not shape.is_office[group]:
            write_forecast(shape, by_month[reported], row[reported:], row[2 * reported + 3 * count :])


@jit_plain
def count_block(
    shape: Shape,
    months: NDArray[np.int64],
    years: NDArray[np.int64],
    sums: Sums,
    rows: NDArray[np.int64],
    histograms: Histograms,
    spare: NDArray[np.int32],
    extremes: NDArray[np.int64],
) -> None:
    """Fold and count every group of a block."""
    for group in range(len(shape.row)):
        fold_group(shape, group, months, years, sums, rows)
        count_rows(histograms, rows, shape.base[group], shape.base[group + 1] - shape.base[group], spare, extremes)
