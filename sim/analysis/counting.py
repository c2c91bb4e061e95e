"""Compiled counting over many futures: how many offices are open by each of some dates, and when a number of them is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import inlined, jit

Days = NDArray[np.signedinteger]
Codes = NDArray[np.signedinteger]

FEW = 64
"""Up to so many values are sorted in place: quicker than taking them apart."""


class Lists(NamedTuple):
    """Which lists an office counts in.

    Attributes
    ----------
    first, of
        Ragged: the lists of each office, ``of[first[office]:first[office + 1]]``.
    of_type
        List of each type code, or -1, shape ``(types,)``.
    place
        Where the counts of each list begin in a row of counts, with the end of the last, shape ``(lists + 1,)``.
    """

    first: NDArray[np.int32]
    of: NDArray[np.int32]
    of_type: NDArray[np.int32]
    place: NDArray[np.int32]


@inlined
def open_by_date(days: Days, types: Codes, lists: Lists, date_of_day: NDArray[np.int32], opened: NDArray[np.int32]) -> None:
    """Count one replication's openings by the first date that is not before them, in every list of their office."""
    for office in range(len(days)):
        date = date_of_day[days[office]]
        if date < len(opened):
            for i in range(lists.first[office], lists.first[office + 1]):
                opened[date, lists.of[i]] += 1
            code = types[office]
            if code >= 0 and lists.of_type[code] >= 0:
                opened[date, lists.of_type[code]] += 1


@jit
def count_open(days: Days, types: Codes, lists: Lists, date_of_day: NDArray[np.int32], dates: int) -> NDArray[np.int32]:
    """How many replications have each number of open offices, for each date; shape ``(dates, places)``.

    Parameters
    ----------
    days
        Opening day, shape ``(replications, offices)``.
    types
        Type codes, one row for all replications or one each; -1: none.
    date_of_day
        The first of the dates that is not before a day.
    """
    n_lists = lists.place.size - 1
    counts = np.zeros((dates, lists.place[-1]), np.int32)  # first as changes since the date before: most dates see no opening
    opened = np.zeros((dates, n_lists), np.int32)
    so_far = np.zeros(n_lists, np.int32)
    for r in range(days.shape[0]):
        open_by_date(days[r], types[r if types.shape[0] > 1 else 0], lists, date_of_day, opened)
        for k in range(n_lists):
            so_far[k] = lists.place[k]
            if dates > 0:
                counts[0, so_far[k]] += 1
        for date in range(dates):
            for k in range(n_lists):
                if opened[date, k] > 0:
                    counts[date, so_far[k]] -= 1
                    so_far[k] += opened[date, k]
                    counts[date, so_far[k]] += 1
                    opened[date, k] = 0
    for date in range(1, dates):
        for place in range(counts.shape[1]):
            counts[date, place] += counts[date - 1, place]
    return counts


@jit
def kth(values: NDArray[np.int64], k: int) -> int:
    """The k-th smallest of some values, which are put into another order; 0 for k = 0."""
    if k == 0:
        return 0
    if k == values.size:
        return int(values.max())
    if values.size > FEW:
        return int(np.partition(values, k - 1)[k - 1])
    for i in range(1, values.size):
        value, j = values[i], i
        while j > 0 and values[j - 1] > value:
            values[j] = values[j - 1]
            j -= 1
        values[j] = value
    return int(values[k - 1])


@jit
def reach_counts(days: Days, counts: NDArray[np.bool_], wanted: int, by: int, never: int, reached: Days, open_by: Days) -> None:
    """When a target is reached in each replication, and how many are open on its date.

    Parameters
    ----------
    days
        Opening day, shape ``(replications, offices)``.
    counts
        Whether an office counts, one row for all replications or one each.
    wanted
        How many must be open; -1: all that count.
    by
        Last day of the target.
    never
        What to write where too few count.
    reached, open_by
        Written to, shape ``(replications,)``.
    """
    counting = np.empty(days.shape[1], np.int64)
    for r in range(days.shape[0]):
        row = r if counts.shape[0] > 1 else 0
        n, in_time = 0, 0
        for office in range(days.shape[1]):
            if counts[row, office]:
                day = days[r, office]
                in_time += day <= by
                counting[n] = day
                n += 1
        k = n if wanted < 0 else wanted
        reached[r] = never if k > n else kth(counting[:n], k)
        open_by[r] = in_time
