from __future__ import annotations

from math import comb, isclose

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.analysis.precision import (
    binomial,
    mean_and_sd,
    quantile_day,
    quantile_interval,
    quantile_ranks,
    rank,
    standard_error,
    verdict,
    wilson,
    z_score,
)

RUNS = 1000


def covered(hits: int) -> bool:
    """Whether so many of 1 000 intervals are 93 to 97 %."""
    return 930 <= hits <= 970


# --- P80 is the first day that at least 80 % of the replications have reached --------------------------------------------


@pytest.mark.parametrize(
    ("days", "p", "day"),
    [
        ([7], 0.8, 7),
        ([1, 2], 0.5, 1),
        ([1, 2], 0.51, 2),
        ([1, 2, 3, 4], 0.8, 4),
        ([1, 2, 3, 4, 5], 0.8, 4),
        ([1, 2, 3, 4, 5], 0.81, 5),
        ([3, 3, 3, 9], 0.75, 3),
        ([0, 0, 5], 0.1, 0),
        (list(range(1, 101)), 0.07, 7),
        (list(range(1, 101)), 0.29, 29),
        (list(range(1, 101)), 0.8, 80),
    ],
)
def test_a_quantile_is_the_first_day_that_enough_have_reached(days: list[int], p: float, day: int) -> None:
    assert quantile_day(np.bincount(days), p) == day
    assert sorted(days)[rank(p, len(days)) - 1] == day


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60), st.integers(1, 99))
def test_the_rule_of_quantiles_holds_for_any_days(days: list[int], percent: int) -> None:
    day = quantile_day(np.bincount(days), percent / 100)
    reached = sum(d <= day for d in days)
    before = sum(d < day for d in days)
    assert 100 * reached >= percent * len(days) > 100 * before


def test_no_days_have_no_quantile() -> None:
    with pytest.raises(ValueError, match="no replication"):
        quantile_day(np.zeros(3, np.int64), 0.5)


# --- intervals ---------------------------------------------------------------------------------------------------------------


def test_wilson_agrees_with_a_published_case() -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 857-872, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    published = {(81, 263): (0.2553, 0.3662), (15, 148): (0.0624, 0.1605), (0, 20): (0.0, 0.1611), (1, 29): (0.0061, 0.1718)}
    for (successes, trials), interval in published.items():
        assert wilson(successes, trials) == pytest.approx(interval, abs=5e-5)


def test_ranks_are_those_of_the_exact_binomial_distribution() -> None:
    for n in (1, 3, 6, 10, 25, 60):
        for p in (0.1, 0.5, 0.8, 0.95):
            below = [sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(m)) for m in range(n + 2)]  # P(B < m)
            lows = [m for m in range(1, n + 1) if below[m] <= 0.025]
            highs = [m for m in range(1, n + 1) if 1 - below[m] <= 0.025]
            assert quantile_ranks(n, p) == (max(lows, default=None), min(highs, default=None))


def test_ranks_cover_with_at_least_the_confidence() -> None:
    for n, p in ((100, 0.5), (1000, 0.8), (10_000, 0.9)):
        first, cumulative = binomial(n, p)
        low, high = quantile_ranks(n, p)
        assert low is not None
        assert high is not None
        assert 0.95 <= cumulative[high - 1 - first] - cumulative[low - 1 - first] < 0.97


def test_ranks_of_very_many_are_those_of_the_normal_limit() -> None:
    n, p = 100_000_000, 0.8
    half = z_score() * (n * p * (1 - p)) ** 0.5
    low, high = quantile_ranks(n, p)
    assert low == pytest.approx(n * p - half, abs=3)
    assert high == pytest.approx(n * p + half, abs=3)


def test_few_replications_have_no_bound_on_the_side_of_the_tail() -> None:
    assert quantile_interval(lambda i: i, 10, 0.9) == (7, None)
    assert quantile_interval(lambda i: i, 2, 0.5) == (None, None)


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_the_ends_are_no_quantiles(p: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile_ranks(10, p)


def test_intervals_of_probabilities_cover_the_truth() -> None:
    successes = np.random.default_rng(1).binomial(400, 0.3, RUNS)
    assert covered(sum(low <= 0.3 <= high for low, high in (wilson(int(s), 400) for s in successes)))


@pytest.mark.parametrize(("p", "truth"), [(0.5, np.log(2)), (0.8, np.log(5)), (0.9, np.log(10))])
def test_intervals_of_quantiles_cover_the_truth(p: float, truth: float) -> None:
    runs = np.sort(np.random.default_rng(2).exponential(size=(RUNS, 400)), axis=1)
    low, high = quantile_ranks(400, p)
    assert low is not None
    assert high is not None
    assert covered(int(((runs[:, low - 1] <= truth) & (truth <= runs[:, high - 1])).sum()))


def test_intervals_of_means_cover_the_truth() -> None:
    runs = np.random.default_rng(3).poisson(20, (RUNS, 200))
    hits = 0
    for run in runs:
        mean, sd = mean_and_sd(int(run.sum()), int((run**2).sum()), 200)
        hits += abs(mean - 20) <= z_score() * standard_error(sd, 200)
    assert covered(hits)


@given(st.lists(st.integers(0, 20_000), min_size=2, max_size=50))
def test_mean_and_deviation_are_those_of_the_textbook(values: list[int]) -> None:
    mean, sd = mean_and_sd(sum(values), sum(v * v for v in values), len(values))
    assert isclose(mean, np.mean(values))
    assert isclose(sd, np.std(values, ddof=1), abs_tol=1e-6)


def test_a_verdict_needs_the_whole_interval() -> None:
    assert verdict(0.8, 0.9, 0.8) == "yes"
    assert verdict(0.7, 0.8, 0.8) == "cannot tell"
    assert verdict(0.7, 0.79, 0.8) == "no"
