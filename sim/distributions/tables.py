"""Tables for drawing from a law by inversion of a standard normal score.

A law without steps gets a table on an even grid of scores, read by linear interpolation. A law with steps gets thresholds and
values, read by search. Both answer for any score; scores beyond ``Z_LIMIT`` (one in 10¹⁰) count as at the limit.

Entries are rounded to a multiple of 2⁻²⁰, so that platforms whose mathematical libraries differ in the last digit draw the same.
"""

from __future__ import annotations

import math

import numpy as np

from sim.distributions.base import Distribution
from sim.distributions.mixture import Mixture
from sim.distributions.tails import Array, normal_score

Z_LIMIT = 6.5
"""Largest score in a table."""

TABLE_CELLS = 2048
"""Cells between the scores of an even table, so that there is one node more."""

STEP_CELLS = 4096
"""Cells between -Z_LIMIT and Z_LIMIT into which the smooth part of a law with steps is cut."""

GRAIN = 2.0**-20
"""All entries are multiples of this: a millionth of a day."""


def z_grid(cells: int = TABLE_CELLS) -> Array:
    """Even scores from -Z_LIMIT to Z_LIMIT; shape (cells + 1,)."""
    return np.arange(-cells / 2, cells / 2 + 1) * (2 * Z_LIMIT / cells)


def z_table(distribution: Distribution) -> Array:
    """Values of a law without steps at the scores ``z_grid()``.

    Linear interpolation between them is off by less than 1e-4 of the value (and 1e-6 in all) for usual laws. In a mixture two
    things can be coarser, within one cell (at most 0.0025 of probability): where a component begins or ends, up to 1e-3; and
    between components that hardly overlap, where the cell is drawn evenly over the stretch.

    Parameters
    ----------
    distribution
        A law whose ``steps`` is false.

    Returns
    -------
    float64[TABLE_CELLS + 1]
        In rising order, in the unit of the law's parameters.

    Raises
    ------
    ValueError
        The law has steps: interpolation would draw values that it does not have.
    """
    if distribution.steps:
        raise ValueError("a distribution with steps has no even table; use step_table")
    return _rounded(np.maximum.accumulate(distribution.at_score(z_grid())))


def step_table(distribution: Distribution) -> tuple[Array, Array]:
    """Thresholds and values of a law with steps: value i is drawn when ``thresholds[i - 1] <= z < thresholds[i]``.

    A law of single values gets one entry for each. In a mixture the single values have exactly their probability (to 1e-6), and
    so have the stretches between them; the smooth part is cut into ``STEP_CELLS`` even cells of the score, each drawn as the
    value at its middle. That is off by at most 0.0016 of the value for each unit of sigma (a lognormal's, or its like).

    Returns
    -------
    thresholds, values
        float64[k] each, rising; the last threshold is ``inf``. ``values[np.searchsorted(thresholds, z, side="right")]`` draws.

    >>> from sim.distributions.steps import Discrete
    >>> thresholds, values = step_table(Discrete((0, 10), (0.5, 0.5)))
    >>> thresholds.tolist(), values.tolist()
    ([0.0, inf], [0.0, 10.0])
    """
    plain = distribution.simplify()
    values, chances = plain.atoms()
    if values.size:
        below, above = np.cumsum(chances)[:-1], np.cumsum(chances[::-1])[::-1][1:]
        scores = [normal_score(p, q) for p, q in zip(below, above, strict=True)]
        return np.append(_rounded(np.array(scores)), math.inf), _rounded(values)
    return _cut_into_steps(plain)


def _cut_into_steps(plain: Distribution) -> tuple[Array, Array]:
    """Even cells of the score, cut further wherever a mixture jumps; neighbours of the same value are joined."""
    breaks = plain.breaks() if isinstance(plain, Mixture) else np.empty(0)
    cuts = np.array([normal_score(p, 1 - p) for p in breaks])
    nodes = np.unique(_rounded(np.concatenate([z_grid(STEP_CELLS), cuts[np.abs(cuts) < Z_LIMIT]])))
    values = _rounded(np.maximum.accumulate(plain.at_score((nodes[:-1] + nodes[1:]) / 2)))
    last = np.append(np.diff(values) > 0, True)
    thresholds = np.where(np.arange(values.size) == values.size - 1, math.inf, nodes[1:])
    return thresholds[last], values[last]


def _rounded(values: Array) -> Array:
    return np.round(values / GRAIN) * GRAIN + 0.0  # no negative zero
