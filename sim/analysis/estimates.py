"""Standard errors where no formula gives them, and small helpers for columns of estimates.

Intervals of probabilities and quantiles are in :mod:`sim.analysis.precision`. All describe the sampling error alone: that more
replications would give a somewhat different number.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.precision import z_score

Real = NDArray[np.float64]

Z = z_score()
"""Half-width of an interval of 95 % in standard errors."""


GROUPS, GROUP_RUN = 16, 64
"""Groups of replications for standard errors, and how many follow on each other in one."""


def jackknife(left_out: Real) -> Real:
    """Standard error of a statistic from its values with one group of the futures left out at a time, groups on the first axis.

    ``se² = (m - 1) / m · Σ (θ₍ᵢ₎ - mean θ)²`` for *m* groups (Shao and Tu, The Jackknife and Bootstrap, 1995, section 2.3). It makes no
    assumption about the form of the distribution, and with 16 groups it is itself known to about a fifth. NaN with fewer than 2.

    >>> float(jackknife(np.array([2.0, 3.0, 4.0])))  # the mean of 5, 3, 1 without one of them each
    1.1547005383792515
    """
    m = len(left_out)
    if m < 2:
        return np.full(left_out.shape[1:], np.nan)
    around = left_out - left_out.mean(axis=0)
    result: Real = np.sqrt((m - 1) / m * (around**2).sum(axis=0))
    return result


def half_width(left_out: Real) -> Real:
    """Half of an interval of 95 % around an estimate, from the same values: few groups know their spread badly, hence Student's t.

    >>> float(half_width(np.array([2.0, 3.0, 4.0])).round(6))
    4.968275
    """
    from scipy.special import stdtrit  # late: only tables need it

    result: Real = stdtrit(max(len(left_out) - 1, 1), 0.975) * jackknife(left_out)
    return result


def groups_left_out(sums: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sums of all groups (axis 0) but one, for each group that has any replication."""
    result: NDArray[np.int64] = (sums.sum(axis=0) - sums)[counts > 0]
    return result


def mean_interval(values: Real) -> tuple[float, float, float]:
    """Mean of independent values and its interval, the latter as wide as nothing when there is but one.

    >>> mean_interval(np.array([1.0, 1.0, 1.0]))
    (1.0, 1.0, 1.0)
    """
    n = len(values)
    if n == 0:
        return 0.0, 0.0, 0.0
    mean = float(values.mean())
    half = Z * float(values.std(ddof=1)) / sqrt(n) if n > 1 else 0.0
    return mean, mean - half, mean + half


def known(value: Any) -> Any:
    """A number as a Python float, or None for what is not known.

    >>> known(np.float64(0.5)), known(float("nan"))
    (0.5, None)
    """
    return None if np.isnan(value) else float(value)


def columns_of(names: Iterable[str], arrays: Iterable[Real]) -> dict[str, list[Any]]:
    """Flat columns of a table by name, with None for NaN."""
    return {name: all_known(array) for name, array in zip(names, arrays, strict=True)}


def all_known(array: Real) -> list[float | None]:
    """An array as a flat list, with None for NaN.

    >>> all_known(np.array([[0.5, np.nan]]))
    [0.5, None]
    """
    flat = np.ravel(array)
    values: list[float | None] = [*flat.tolist()]
    for unknown in np.flatnonzero(np.isnan(flat)).tolist():
        values[unknown] = None
    return values
