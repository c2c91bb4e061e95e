"""The compiled summing of offices and items to groups and periods, and the counting of what comes out.

One group at a time for a block of replications, so that its rows and its histograms stay in the processor's cache.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import inlined, jit_plain
from sim.costs.histogram import Histograms, count_rows
from sim.costs.layout import Bool, Int, Money


class Shape(NamedTuple):
    """What belongs to what; members are the offices, then the items."""

    member: Bool
    """Whether each member belongs to a group whoever draws what type, shape ``(groups, members)``."""
    type: Int
    """Type code of the groups that are types, else -1."""
    base: NDArray[np.int64]
    """First cell of each group, and the end of the last."""
    is_office: Bool
    year_end: Int
    tertial: Int
    """First and last month of each tertial, shape ``(tertials, 2)``."""
    status_month: int
    status_year: int


@inlined
def sum_members(shape: Shape, group: int, types: NDArray[np.int16], values: Money, total: Money) -> None:
    """Sum of a group's members."""
    code = shape.type[group]
    for m in range(len(total)):
        total[m] = 0
    for i in range(len(values)):
        if shape.member[group, i] and (code < 0 or types[i] == code):
            row = values[i]
            for m in range(len(total)):
                total[m] += row[m]


@inlined
def write_months(shape: Shape, values: Money, row: Money) -> None:
    """Months, sums so far, and years from these."""
    months = len(values) - 1
    so_far = 0
    for m in range(months):
        row[m] = values[m]
        so_far += values[m]
        row[months + m] = so_far
    before = 0
    for y in range(len(shape.year_end)):
        now = row[months + shape.year_end[y]]
        row[2 * months + y] = now - before
        before = now


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
def fold_group(
    shape: Shape,
    group: int,
    types: NDArray[np.int16],
    months: NDArray[np.int64],
    years: NDArray[np.int64],
    total: Money,
    rows: NDArray[np.int64],
) -> None:
    """Fill the rows of one group; ``total`` is room for the sum of one future's months."""
    reported, count = months.shape[2] - 1, years.shape[2]
    for r in range(len(rows)):
        row = rows[r]
        sum_members(shape, group, types[r], years[r], total[:count])
        write_fixed(total[:count], row[2 * reported + count :])
        sum_members(shape, group, types[r], months[r], total)
        write_months(shape, total, row)
        if not shape.is_office[group]:
            write_forecast(shape, total[reported], row[reported:], row[2 * reported + 3 * count :])


@jit_plain
def count_block(
    shape: Shape,
    types: NDArray[np.int16],
    months: NDArray[np.int64],
    years: NDArray[np.int64],
    total: Money,
    rows: NDArray[np.int64],
    histograms: Histograms,
    spare: NDArray[np.int32],
    extremes: NDArray[np.int64],
) -> None:
    """Fold and count every group of a block."""
    for group in range(len(shape.type)):
        fold_group(shape, group, types, months, years, total, rows)
        count_rows(histograms, rows, shape.base[group], shape.base[group + 1] - shape.base[group], spare, extremes)
