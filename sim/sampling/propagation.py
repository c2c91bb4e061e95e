"""Common factors given intervals of scores: expectation propagation.

Factors *F* are independent standard normal, and each score is *z = a·F + √v·ε* with an own part *ε*, known to lie in one of some weighted
intervals. What is known of one score is replaced by a normal term in *a·F* that gives the same mean and variance beside the terms
of all others; this is repeated until nothing changes (Minka 2001, "Expectation propagation for approximate Bayesian inference"; Rasmussen
and Williams 2006, section 3.6). When every interval is a point the answer is exact: the normal conditional distribution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

SWEEPS = 300
"""The most rounds."""
ENOUGH = 1e-7
"""Change of a mean or variance at which it is over."""
STEP = 0.7
"""Part of the way that is gone in a round, so that rounds do not swing."""
FARTHEST = 30.0
"""Scores beyond this are taken as this."""
NARROWEST = 1e-6
"""Width of an interval that is taken as a point."""


@dataclass(frozen=True, eq=False)
class Scores:
    """What is known of some scores.

    Attributes
    ----------
    load
        What each has of every factor, shape ``(scores, factors)``.
    own
        Variance of its own part, shape ``(scores,)``.
    low, high, weight
        Its intervals, shape ``(scores, cases)``; those that are empty have no weight.
    """

    load: Real
    own: Real
    low: Real
    high: Real
    weight: Real


def given(scores: Scores) -> tuple[Real, Real]:
    """Mean and covariance of the factors, shapes ``(factors,)`` and ``(factors, factors)``.

    One score of which half the variance is common, known to be 1: the factor is *√½·1* in the mean, with variance *½*.

    >>> point = np.array([[1.0]])
    >>> mean, cov = given(Scores(np.array([[np.sqrt(0.5)]]), np.array([0.5]), point, point, point))
    >>> round(float(mean[0]), 6), round(float(cov[0, 0]), 6)
    (0.707107, 0.5)
    """
    precision, shift = np.zeros(len(scores.own)), np.zeros(len(scores.own))
    mean, cov = _joined(scores, precision, shift)
    for _ in range(SWEEPS):
        m, v = scores.load @ mean, np.einsum("ij,jk,ik->i", scores.load, cov, scores.load)
        others = 1 / np.maximum(1 / v - precision, 1e-12)
        centre = others * (m / v - shift)
        new_precision, new_shift = _terms(scores, centre, others)
        precision += STEP * (new_precision - precision)
        shift += STEP * (new_shift - shift)
        before, spread = mean, cov
        mean, cov = _joined(scores, precision, shift)
        if max(np.abs(mean - before).max(initial=0), np.abs(cov - spread).max(initial=0)) < ENOUGH:
            break
    return mean, cov


def _joined(scores: Scores, precision: Real, shift: Real) -> tuple[Real, Real]:
    """The factors, given normal terms."""
    load = scores.load
    cov = np.linalg.inv(np.eye(load.shape[1]) + load.T @ (precision[:, np.newaxis] * load))
    return cov @ (load.T @ shift), (cov + cov.T) / 2


def _terms(scores: Scores, centre: Real, variance: Real) -> tuple[Real, Real]:
    """Normal terms in *a·F* that have the effect of the intervals; none where these are impossible."""
    whole = variance + scores.own
    share, mean, var = _inside(scores, centre, np.sqrt(whole))
    new_var = variance - variance**2 / whole * (1 - np.minimum(var / whole, 1.0))
    new_mean = centre + variance / whole * (mean - centre)
    possible = (share > 0) & (new_var > 0) & (new_var < variance)
    new_var = np.where(possible, new_var, variance)
    precision = 1 / new_var - 1 / variance
    return precision, np.where(possible, new_mean / new_var - centre / variance, 0.0)


def _inside(scores: Scores, mean: Real, sd: Real) -> tuple[Real, Real, Real]:
    """Probability of the intervals for a normal number, and its mean and variance within them."""
    from scipy.special import ndtr

    a = (np.clip(scores.low, -FARTHEST, FARTHEST) - mean[:, np.newaxis]) / sd[:, np.newaxis]
    b = (np.clip(scores.high, -FARTHEST, FARTHEST) - mean[:, np.newaxis]) / sd[:, np.newaxis]
    middle = (a + b) / 2
    narrow = b - a < NARROWEST
    flip = middle > 0  # so that both are reckoned from the tail that has all its digits
    p = np.where(flip, ndtr(-a) - ndtr(-b), ndtr(b) - ndtr(a))
    at_a, at_b = _density(a), _density(b)
    density = _density(middle)
    share = scores.weight * np.where(narrow, density, p)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(narrow | (p <= 0), middle, (at_a - at_b) / p)
        second = np.where(narrow | (p <= 0), middle**2, 1 + (a * at_a - b * at_b) / p)
        total = share.sum(axis=1)
        m = (share * first).sum(axis=1) / total
        v = (share * second).sum(axis=1) / total - m**2
    known = total > 0
    return total, mean + sd * np.where(known, m, 0.0), sd**2 * np.where(known, np.maximum(v, 0.0), 1.0)


def _density(z: Real) -> Real:
    found: Real = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return found
