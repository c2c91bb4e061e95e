"""The next day of a series: meetings, and days on which an office may open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sim.calendars.periods import Mask


def next_allowed(mask: Mask) -> NDArray[np.int32]:
    """Return for each instant the first allowed day that is not before it.

    Parameters
    ----------
    mask
        ``bool[last + 1]``: the allowed days.

    Returns
    -------
    int32[last + 2]
        A day, or -1 when none is left.

    Examples
    --------
    >>> next_allowed(np.array([False, True, False, True, False])).tolist()
    [1, 1, 3, 3, -1, -1]
    """
    days = np.append(np.flatnonzero(mask), -1)
    return days[np.concatenate(([0], np.cumsum(mask)))].astype(np.int32)


def next_in_series(dates: Iterable[dt.date], start: dt.date, last: int) -> NDArray[np.int32]:
    """Return for each instant the first date of a series that is not before it, as a day.

    Dates outside the horizon and their order do not matter.

    Returns
    -------
    int32[last + 2]
        A day, or -1 when none is left.
    """
    mask = np.zeros(last + 1, dtype=np.bool_)
    days = [(date - start).days for date in dates]
    mask[[day for day in days if 0 <= day <= last]] = True
    return next_allowed(mask)
