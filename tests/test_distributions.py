"""Each law against SciPy's, closed forms, published numbers and its own quantile function; the tables against the laws."""

from __future__ import annotations

import math
import pickle
import re
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from sim.distributions import (
    TABLE_CELLS,
    Z_LIMIT,
    Conditional,
    Discrete,
    Distribution,
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    Lognormal,
    Metalog,
    Mixture,
    Normal,
    Pert,
    Scaled,
    Triangular,
    Uniform,
    Weibull,
    step_table,
    z_grid,
    z_table,
)
from sim.distributions.metalog import FEASIBLE_RATIO
from sim.distributions.quadrature import logistic_rule
from sim.distributions.tails import normal_cdf, normal_score

P = np.array([1e-9, 1e-4, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.9999])
Q = 10.0 ** -np.arange(1, 16)

ORACLES = {
    "uniform": (Uniform(2, 7), stats.uniform(2, 5)),
    "triangular": (Triangular(1, 3, 8), stats.triang(2 / 7, 1, 7)),
    "triangular, peak first": (Triangular(1, 1, 8), stats.triang(0, 1, 7)),
    "triangular, peak last": (Triangular(1, 8, 8), stats.triang(1, 1, 7)),
    "pert": (Pert(1, 3, 8), stats.beta(1 + 8 / 7, 1 + 20 / 7, 1, 7)),
    "pert, peak first": (Pert(0, 0, 8), stats.beta(1, 5, 0, 8)),
    "normal": (Normal(10, 6), stats.truncnorm(-10 / 6, np.inf, 10, 6)),
    "half normal": (Normal(0, 3), stats.halfnorm(scale=3)),
    "exponential": (Exponential(5), stats.expon(scale=5)),
    "gamma": (Gamma(10, 4), stats.gamma(6.25, scale=1.6)),
    "gamma, wide": (Gamma(10, 20), stats.gamma(0.25, scale=40)),
    "weibull": (Weibull(1.5, 10), stats.weibull_min(1.5, scale=10)),
    "lognormal": (Lognormal(10, 0.8), stats.lognorm(0.8, scale=10)),
    "metalog, symmetric": (Metalog(4, 6, 9), stats.fisk(2 * math.log(9) / math.log(9 / 4), scale=6)),
}
"""Laws and the same law elsewhere. A metalog with P50² = P10 · P90 is a log-logistic law (a3 = 0)."""

SMOOTH: dict[str, Distribution] = {name: law for name, (law, _) in ORACLES.items()} | {
    "metalog, skewed": Metalog(3, 5, 11),
    "metalog, skewed left": Metalog(3, 8, 9.9),
    "mixture": Mixture((Lognormal(10, 0.5), Pert(1, 20, 40)), (0.4, 0.6)),
    "scaled": Scaled(Pert(1, 3, 8), 5),
    "scaled mixture": Scaled(Mixture((Exponential(1), Gamma(5, 1)), (0.5, 0.5)), 3),
    "conditional": Conditional(Lognormal(10, 1), 30),
    "conditional normal": Conditional(Normal(10, 6), 50),
    "conditional metalog": Conditional(Metalog(4, 6, 9), 8),
    "conditional triangular": Conditional(Triangular(1, 3, 8), 2),
}

STEPS: dict[str, Distribution] = {
    "fixed": Fixed(4),
    "discrete": Discrete((10, 0, 3.5), (0.2, 0.5, 0.3)),
    "empirical": Empirical((3, 1, 2, 2, 8)),
    "mixture of steps": Mixture((Fixed(1), Empirical((1, 2))), (0.5, 0.5)),
    "scaled": Scaled(Discrete((1, 2), (0.25, 0.75)), 10),
    "conditional": Conditional(Discrete((1, 2, 6), (0.5, 0.25, 0.25)), 1),
    "no spread": Normal(5, 0),
}

MIXED: dict[str, Distribution] = {
    "perhaps nothing": Mixture((Fixed(0), Lognormal(20, 0.8)), (0.7, 0.3)),
    "gap": Mixture((Uniform(0, 1), Uniform(10, 20)), (0.5, 0.5)),
    "atom within": Mixture((Fixed(10), Uniform(0, 20)), (0.2, 0.8)),
    "nested": Mixture((Mixture((Fixed(5), Exponential(2)), (0.4, 0.6)), Pert(20, 30, 60)), (0.5, 0.5)),
}

ALL = {f"{kind}: {name}": law for kind, laws in (("smooth", SMOOTH), ("steps", STEPS), ("mixed", MIXED)) for name, law in laws.items()}


def by_name(laws: dict[str, Distribution]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("law", laws.values(), ids=laws.keys())


def moments_by_quantiles(law: Distribution) -> tuple[float, float]:
    """Mean and variance by a plain sum over even scores: the integral of at_score(z) φ(z) dz."""
    z = np.arange(-14, 14, 0.001)
    weights = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) * 0.001
    values = law.at_score(z)
    mean = float(weights @ values)
    return mean, float(weights @ (values - mean) ** 2)


# --- every law ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("law", "oracle"), ORACLES.values(), ids=ORACLES.keys())
def test_agrees_with_scipy(law: Distribution, oracle: stats.rv_frozen) -> None:
    assert law.quantile(P) == pytest.approx(oracle.ppf(P), rel=1e-9)
    assert law.isf(Q[:9]) == pytest.approx(oracle.isf(Q[:9]), rel=1e-8)  # further out SciPy's cut normal loses digits
    assert law.median == pytest.approx(oracle.median(), rel=1e-12)
    x = np.concatenate([[-1.0, 0.0], np.linspace(0.05, 30, 200)])
    assert law.cdf(x) == pytest.approx(oracle.cdf(x), rel=1e-9, abs=1e-14)
    assert law.sf(x) == pytest.approx(oracle.sf(x), rel=1e-9)
    assert law.mean == pytest.approx(oracle.mean(), rel=1e-9)
    assert law.variance == pytest.approx(oracle.var(), rel=1e-9)
    assert law.bounds == pytest.approx(oracle.support())


@by_name(SMOOTH | STEPS | MIXED)
def test_mean_and_variance_are_those_of_the_quantile_function(law: Distribution) -> None:
    exact = 5e-6 if not law.steps else 2e-3
    mean, variance = moments_by_quantiles(law)
    assert law.mean == pytest.approx(mean, rel=exact)
    assert law.variance == pytest.approx(variance, rel=exact, abs=1e-9)


@by_name(SMOOTH)
def test_distribution_function_undoes_quantile_function(law: Distribution) -> None:
    assert law.cdf(law.quantile(P)) == pytest.approx(P, rel=1e-6, abs=1e-13)
    assert law.sf(law.isf(Q)) == pytest.approx(Q, rel=1e-6, abs=1e-14)


@by_name(ALL)
def test_both_tails_make_a_whole_and_scores_are_quantiles(law: Distribution) -> None:
    x = np.linspace(-1, 60, 500)
    assert law.cdf(x) + law.sf(x) == pytest.approx(1)
    z = np.array([-3.0, -1.1, 0.013, 0.9, 2.2])
    assert law.at_score(z) == pytest.approx(law.quantile(stats.norm.cdf(z)), rel=1e-9)


@by_name(ALL)
def test_bounds_are_the_outermost_quantiles(law: Distribution) -> None:
    assert law.quantile([0.0, 1.0]) == pytest.approx(law.bounds)
    assert law.cdf(law.bounds[1]) == pytest.approx(1)
    assert law.cdf(np.nextafter(law.bounds[0], -1)) == 0


@by_name(ALL)
def test_scaling_scales_everything(law: Distribution) -> None:
    fivefold = law.scaled(5)
    assert fivefold.mean == pytest.approx(5 * law.mean)
    assert fivefold.variance == pytest.approx(25 * law.variance)
    assert fivefold.bounds == pytest.approx(tuple(5 * bound for bound in law.bounds))
    assert fivefold.quantile(P) == pytest.approx(5 * law.quantile(P))
    assert fivefold.cdf(5 * np.linspace(0.03, 20, 30)) == pytest.approx(law.cdf(np.linspace(0.03, 20, 30)))
    assert fivefold.scaled(0.2).quantile(P) == pytest.approx(law.quantile(P))
    assert fivefold.steps == law.steps
    assert law.scaled(1).quantile(P) == pytest.approx(law.quantile(P), abs=0)


@by_name(ALL)
def test_factor_zero_leaves_nothing(law: Distribution) -> None:
    nothing = law.scaled(0)
    assert (nothing.mean, nothing.variance, nothing.bounds, nothing.median) == (0, 0, (0, 0), 0)
    assert nothing.steps


@by_name(ALL)
def test_survives_pickling_and_can_be_a_key(law: Distribution) -> None:
    copy = pickle.loads(pickle.dumps(law))  # noqa: S301 - our own bytes
    assert copy == law
    assert {law: "found"}[copy] == "found"


@by_name(ALL)
def test_keeps_the_shape_asked_for(law: Distribution) -> None:
    for shape in ((), (0,), (3,), (2, 4)):
        half = np.full(shape, 0.5)
        answers = (law.quantile(half), law.isf(half), law.cdf(half), law.sf(half), law.at_score(half))
        assert {answer.shape for answer in answers} == {shape}


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_refuses_what_is_no_probability(p: float) -> None:
    for ask in (Uniform(0, 1).quantile, Uniform(0, 1).isf):
        with pytest.raises(ValueError, match=r"^a probability must be between 0 and 1$"):
            ask(p)


# --- parameters that leave no uncertainty ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "law",
    [
        Uniform(4, 4),
        Triangular(4, 4, 4),
        Pert(4, 4, 4),
        Normal(4, 0),
        Gamma(4, 0),
        Lognormal(4, 0),
        Discrete((4,), (1,)),
        Empirical((4, 4)),
    ],
    ids=lambda law: type(law).__name__,
)
def test_no_spread_is_fixed(law: Distribution) -> None:
    assert (law.mean, law.variance, law.median, law.bounds) == (4, 0, 4, (4, 4))
    assert law.steps
    assert law.quantile([0, 0.3, 1]).tolist() == [4, 4, 4]
    assert law.cdf([3.999, 4]).tolist() == [0, 1]
    assert law.given(1).mean == 3
    thresholds, values = step_table(law)
    assert (thresholds.tolist(), values.tolist()) == ([math.inf], [4])


def test_exponential_of_mean_zero_is_zero() -> None:
    assert Exponential(0).quantile([0, 0.9]).tolist() == [0, 0]
    assert Exponential(0).bounds == (0, 0)


# --- single families ---------------------------------------------------------------------------------------------------


def test_pert_has_the_classical_moments() -> None:
    assert Pert(1, 3, 8).mean == (1 + 4 * 3 + 8) / 6
    assert Pert(0, 5, 10).variance == pytest.approx(100 * 3 * 3 / (6**2 * 7))  # ten times a beta(3, 3)


def test_pert_has_the_classical_variance_where_it_holds() -> None:
    """The rule sd = (b - a) / 6 is exact for the beta laws with shapes 3 ± √2, whose mode is ½ ± √2/4."""
    law = Pert(0, 0.5 + math.sqrt(2) / 4, 1)
    assert law.shapes == pytest.approx((3 + math.sqrt(2), 3 - math.sqrt(2)))
    assert law.variance == pytest.approx(1 / 36)


def test_lognormal_from_two_quantiles() -> None:
    law = Lognormal.from_p10_p90(2, 7)
    assert law.quantile([0.1, 0.9]) == pytest.approx([2, 7], rel=1e-13)
    assert law.median == pytest.approx(math.sqrt(14))
    assert law.sigma == pytest.approx(math.log(3.5) / 2.5631031310892007)


def test_normal_far_above_zero_is_hardly_cut() -> None:
    law = Normal(100, 5)
    assert law.mean == pytest.approx(100, rel=1e-12)
    assert law.variance == pytest.approx(25, rel=1e-12)


def test_half_normal_by_hand() -> None:
    assert Normal(mean=0, sd=1).mean == pytest.approx(math.sqrt(2 / math.pi))
    assert Normal(mean=0, sd=1).variance == pytest.approx(1 - 2 / math.pi)


def test_gamma_with_little_spread_is_nearly_normal() -> None:
    assert Gamma(10, 1e-6).quantile([0.1, 0.9]) == pytest.approx([10 - 1.2815516e-6, 10 + 1.2815516e-6], abs=1e-11)


def test_weibull_of_large_shape_keeps_its_variance() -> None:
    assert Weibull(1000, 1).variance == pytest.approx(math.pi**2 / 6 / 1000**2, rel=3e-3)


def test_empirical_is_the_sample() -> None:
    law = Empirical((3, 1, 2, 2, 8))
    assert law.mean == 16 / 5
    assert law.variance == pytest.approx(np.var([3, 1, 2, 2, 8]))
    assert law.quantile([0, 0.2, 0.21, 0.6, 0.61, 0.8, 0.81, 1]).tolist() == [1, 1, 2, 2, 3, 3, 8, 8]
    assert law.cdf([0.9, 1, 2, 7.9, 8]) == pytest.approx([0, 0.2, 0.6, 0.8, 1])


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40), st.integers(1, 100))
def test_empirical_quantile_is_the_inverse_of_the_sample_function(sample: list[int], percent: int) -> None:
    expected = np.quantile(sample, percent / 100, method="inverted_cdf")
    near_step = (percent * len(sample) / 100) % 1 > 1 - 1e-6
    assume(not near_step)
    assert Empirical(tuple(sample)).quantile(percent / 100) == expected


def test_discrete_by_hand() -> None:
    law = Discrete((10, 0, 3.5), (0.2, 0.5, 0.3))
    assert law.mean == pytest.approx(3.05)
    assert law.variance == pytest.approx(0.2 * 6.95**2 + 0.5 * 3.05**2 + 0.3 * 0.45**2)
    assert law.quantile([0.5, 0.51, 0.8, 0.81]).tolist() == [0, 3.5, 3.5, 10]
    assert law.sf([-1, 0, 3.4, 10]) == pytest.approx([1, 0.5, 0.5, 0])


def test_value_without_weight_is_never_drawn() -> None:
    law = Discrete((0, 1, 2, 3), (0, 0.5, 0.5, 0))
    assert law.bounds == (1, 2)
    assert law.quantile([0, 1]).tolist() == [1, 2]


def test_quantile_at_a_sum_of_decimals_is_the_step_below() -> None:
    """0.7 + 0.1 is a little less than 0.8 in binary numbers."""
    assert Discrete((1, 2, 3), (0.7, 0.1, 0.2)).quantile(0.8) == 2


# --- metalog -----------------------------------------------------------------------------------------------------------


@given(st.floats(0.1, 100), st.floats(1.05, 6), st.floats(0.17, 0.83))
def test_metalog_meets_its_three_quantiles(p10: float, ratio: float, share: float) -> None:
    p90, p50 = p10 * ratio, p10 * ratio**share
    assert Metalog(p10, p50, p90).quantile([0.1, 0.5, 0.9]) == pytest.approx([p10, p50, p90], rel=1e-12)


def test_metalog_by_hand() -> None:
    """a2 = ln 10 / (2 ln 9) = 0.523970, a3 = (ln 4 - ln 2.5) / (0.8 ln 9) = 0.267385; logit 0.75 = ln 3."""
    law = Metalog(2, 5, 20)
    assert law.coefficients == pytest.approx((math.log(5), 0.523975, 0.267385), abs=1e-5)
    assert law.quantile(0.75) == pytest.approx(5 * math.exp(1.098612 * (0.523975 + 0.25 * 0.267385)), rel=1e-5)
    assert law.cdf(9.5689) == pytest.approx(0.75, abs=1e-5)


def test_metalog_limit_is_keelins() -> None:
    """Keelin 2016 gives 1.66711 for the ratio and so 0.16658 for the least share of P50 at P10 and P90."""
    assert pytest.approx(1.66711, abs=5e-6) == FEASIBLE_RATIO
    assert Metalog(1, 10**0.1666, 10).quantile([0.1, 0.5]) == pytest.approx([1, 10**0.1666])
    with pytest.raises(ValueError, match="no metalog distribution"):
        Metalog(1, 10**0.1665, 10)


@given(st.floats(0.167, 0.833), st.floats(1.5, 8))
def test_metalog_rises_wherever_it_is_accepted(share: float, ratio: float) -> None:
    law = Metalog(1, ratio**share, ratio)
    assert np.all(np.diff(law.at_score(np.linspace(-6.5, 6.5, 400))) > 0)


def test_metalog_log_logistic_moments() -> None:
    """With a3 = 0 and b = π a2: mean = P50 · b / sin b, second moment = P50² · 2b / sin 2b."""
    b = math.pi * math.log(9 / 4) / (2 * math.log(9))
    mean = 6 * b / math.sin(b)
    assert Metalog(4, 6, 9).mean == pytest.approx(mean, rel=1e-12)
    assert Metalog(4, 6, 9).variance == pytest.approx(36 * 2 * b / math.sin(2 * b) - mean**2, rel=1e-11)


def test_metalog_with_a_heavy_tail_has_no_variance() -> None:
    assert Metalog(2, 6, 30).mean == pytest.approx(20.7877, rel=1e-4)
    assert Metalog(2, 6, 30).variance == math.inf
    assert Conditional(Metalog(2, 6, 30), 5).variance == math.inf


# --- mixtures ----------------------------------------------------------------------------------------------------------


def test_mixture_by_hand() -> None:
    law = Mixture((Fixed(0), Uniform(10, 20)), (0.75, 0.25))
    assert law.mean == 3.75
    assert law.variance == pytest.approx(0.75 * 3.75**2 + 0.25 * (11.25**2 + 100 / 12))
    assert law.quantile([0, 0.75, 0.875, 1]) == pytest.approx([0, 0, 15, 20])
    assert law.cdf([0, 5, 15]) == pytest.approx([0.75, 0.75, 0.875])
    assert law.steps


def test_mixture_meets_its_single_values_exactly() -> None:
    law = Mixture((Fixed(10), Uniform(0, 20)), (0.2, 0.8))
    assert law.quantile([0.41, 0.5, 0.6]).tolist() == [10, 10, 10]
    assert law.quantile([0.2, 0.8]) == pytest.approx([5, 15])


def test_component_without_weight_changes_nothing() -> None:
    law = Mixture((Fixed(1000), Exponential(5)), (0, 1))
    assert law.bounds == (0, math.inf)
    assert not law.steps
    assert law.quantile(P).tolist() == Exponential(5).quantile(P).tolist()


def test_mixture_of_the_same_is_the_same() -> None:
    law = Mixture((Gamma(10, 4), Gamma(10, 4)), (0.3, 0.7))
    assert law.quantile(P) == pytest.approx(Gamma(10, 4).quantile(P), rel=1e-12)
    assert law.isf(Q) == pytest.approx(Gamma(10, 4).isf(Q), rel=1e-12)


@pytest.mark.parametrize(
    ("law", "steps"), [*((law, False) for law in SMOOTH.values()), *((law, True) for law in [*STEPS.values(), *MIXED.values()])]
)
def test_knows_whether_it_has_steps(law: Distribution, steps: bool) -> None:
    assert law.steps is steps


# --- what remains ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("elapsed", [0, 0.1, 5, 100, 2000])
def test_exponential_forgets(elapsed: float) -> None:
    rest = Conditional(Exponential(5), elapsed)
    assert rest.mean == pytest.approx(5, rel=1e-7)
    assert rest.variance == pytest.approx(25, rel=1e-6)
    assert rest.quantile(P[1:]) == pytest.approx(Exponential(5).quantile(P[1:]), rel=1e-8)
    assert rest.isf(Q) == pytest.approx(Exponential(5).isf(Q), rel=1e-8)


def test_rest_of_a_uniform_is_uniform() -> None:
    rest = Conditional(Uniform(2, 10), 4)
    assert (rest.mean, rest.variance) == pytest.approx((3, 3), rel=1e-9)
    assert rest.bounds == (0, 6)
    assert rest.quantile([0, 0.25, 1]) == pytest.approx([0, 1.5, 6])
    assert Conditional(Uniform(2, 10), 1).bounds == (1, 9)
    assert Conditional(Uniform(2, 10), 1).mean == pytest.approx(5, rel=1e-9)


@pytest.mark.parametrize("elapsed", [1, 10, 60, 300])
def test_rest_of_a_lognormal(elapsed: float) -> None:
    """E[X | X > e] = mean · Φ(σ − z) / Φ(−z) with z = ln(e / median) / σ."""
    z = math.log(elapsed / 10) / 0.8
    expected = 10 * math.exp(0.32) * stats.norm.sf(z - 0.8) / stats.norm.sf(z) - elapsed
    rest = Conditional(Lognormal(10, 0.8), elapsed)
    assert rest.mean == pytest.approx(expected, rel=1e-8)
    assert rest.median == pytest.approx(10 * math.exp(0.8 * stats.norm.isf(stats.norm.sf(z) / 2)) - elapsed, rel=1e-9)
    assert rest.cdf(7) == pytest.approx(1 - stats.norm.sf(math.log((elapsed + 7) / 10) / 0.8) / stats.norm.sf(z))


def test_rest_far_out_in_the_tail() -> None:
    """Thirty standard deviations out the mean excess is 1/30 − 2/30³ + 10/30⁵ (Mills' ratio)."""
    assert Conditional(Normal(10, 1), 40).mean == pytest.approx(1 / 30 - 2 / 30**3 + 10 / 30**5, rel=1e-5)


def test_rest_of_single_values() -> None:
    rest = Conditional(Discrete((1, 2, 6), (0.5, 0.25, 0.25)), 1)
    assert rest.mean == 3
    assert rest.variance == 4
    assert rest.bounds == (1, 5)
    assert rest.quantile([0, 0.5, 0.51]).tolist() == [1, 1, 5]


def test_rest_of_a_mixture_drops_what_is_ruled_out() -> None:
    law = Mixture((Fixed(1), Uniform(0, 10)), (0.5, 0.5))
    assert law.given(5).mean == pytest.approx(2.5, rel=1e-9)
    assert not law.given(5).steps
    assert Conditional(law, 0.5).mean == pytest.approx((0.5 * 0.5 + 0.475 * 4.75) / 0.975, rel=1e-9)


def test_rest_of_the_rest_and_of_a_multiple() -> None:
    once = Conditional(Conditional(Lognormal(10, 1), 4), 3)
    assert once.quantile(P) == pytest.approx(Conditional(Lognormal(10, 1), 7).quantile(P))
    assert once.mean == pytest.approx(Conditional(Lognormal(10, 1), 7).mean)
    multiple = Conditional(Scaled(Lognormal(10, 1), 2), 14)
    assert multiple.quantile(P) == pytest.approx(2 * Conditional(Lognormal(10, 1), 7).quantile(P))
    assert multiple.mean == pytest.approx(2 * Conditional(Lognormal(10, 1), 7).mean)


@pytest.mark.parametrize(
    ("law", "elapsed", "end"),
    [
        (Fixed(4), 4, "4"),
        (Uniform(1, 10), 12, "10"),
        (Discrete((1, 2), (1, 0)), 1, "1"),
        (Mixture((Fixed(1), Uniform(0, 3)), (0.5, 0.5)), 3, "3"),
        (Normal(10, 1), 60, r"40\.2"),
    ],
)
def test_nothing_remains_beyond_the_end(law: Distribution, elapsed: float, end: str) -> None:
    for build in (Conditional, lambda base, passed: base.given(passed).simplify()):
        with pytest.raises(ValueError, match=rf"^{elapsed} has already passed, but the distribution ends at {end}"):
            build(law, elapsed)


# --- tables ------------------------------------------------------------------------------------------------------------


def test_grid_of_scores() -> None:
    z = z_grid()
    assert z.shape == (TABLE_CELLS + 1,)
    assert (z[0], z[TABLE_CELLS // 2], z[-1]) == (-Z_LIMIT, 0, Z_LIMIT)
    assert np.all(np.diff(z) == 2 * Z_LIMIT / TABLE_CELLS)


USUAL = {
    **SMOOTH,
    **{f"lognormal {sigma}": Lognormal(20, sigma) for sigma in (0.05, 0.5, 1, 2)},
    "exponential, long": Exponential(400),
    "pert, narrow": Pert(99, 100, 103),
}


def worst_error(law: Distribution) -> float:
    """Largest relative error of linear interpolation in the table, over that of rounding."""
    table, z, errors = z_table(law), z_grid(), []
    for part in (0.25, 0.5, 0.75):
        read = table[:-1] + part * np.diff(table)
        true = law.at_score(z[:-1] + part * np.diff(z))
        errors.append(np.max((np.abs(read - true) - 2**-20) / true))
    return float(max(errors))


@by_name({name: law for name, law in USUAL.items() if name not in {"gamma, wide", "scaled mixture"}})
def test_table_is_off_by_less_than_a_ten_thousandth(law: Distribution) -> None:
    assert z_table(law).shape == (TABLE_CELLS + 1,)
    assert worst_error(law) < 1e-4


@by_name(
    {
        "spread twice the mean": Gamma(10, 20),
        "thin between two peaks": SMOOTH["scaled mixture"],
        "a component begins within": Mixture((Uniform(0, 1), Uniform(0.5, 3)), (0.5, 0.5)),
        "P90 five times P50": Metalog(2, 6, 30),
    }
)
def test_table_of_unusual_laws_is_off_by_less_than_a_thousandth(law: Distribution) -> None:
    assert worst_error(law) < 1e-3


@by_name(USUAL)
def test_table_is_finite_rising_and_rounded(law: Distribution) -> None:
    table = z_table(law)
    assert table.dtype == np.float64
    assert np.all(np.isfinite(table))
    assert table[0] >= 0
    assert np.all(np.diff(table) >= 0)
    assert np.all(table * 2**20 == np.round(table * 2**20))


@by_name(USUAL)
def test_draws_by_table_have_the_moments_of_the_law(law: Distribution) -> None:
    z = stats.norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    draws = np.interp(z, z_grid(), z_table(law))
    assert draws.mean() == pytest.approx(law.mean, rel=2e-3)
    assert np.median(draws) == pytest.approx(law.median, rel=1e-4)


@by_name(STEPS | MIXED)
def test_law_with_steps_has_no_even_table(law: Distribution) -> None:
    with pytest.raises(ValueError, match="use step_table"):
        z_table(law)


def chances(law: Distribution) -> tuple[np.ndarray, np.ndarray]:
    """Values of a step table and the probability with which each is drawn."""
    thresholds, values = step_table(law)
    return values, np.diff(stats.norm.cdf(thresholds), prepend=0)


@by_name(STEPS)
def test_step_table_has_each_value_with_its_weight(law: Distribution) -> None:
    values, weights = chances(law)
    exact = law.simplify().atoms()
    assert values == pytest.approx(exact[0], abs=1e-6)
    assert weights == pytest.approx(exact[1], abs=1e-6)
    assert step_table(law)[0][-1] == math.inf


@by_name(MIXED | {"smooth": Lognormal(10, 1)})
def test_step_table_of_a_mixture(law: Distribution) -> None:
    thresholds, values = step_table(law)
    assert thresholds.shape == values.shape
    assert thresholds[-1] == math.inf
    assert np.all(np.diff(thresholds) > 0)
    assert np.all(np.diff(values) > 0)
    table_values, weights = chances(law)
    assert weights.sum() == pytest.approx(1)
    assert weights @ table_values == pytest.approx(law.mean, rel=1e-4)
    assert weights @ (table_values - law.mean) ** 2 == pytest.approx(law.variance, rel=1e-3)
    for x in np.linspace(0.2, 60, 100):
        assert weights[table_values <= x].sum() == pytest.approx(float(law.cdf(x)), abs=1e-3)


@pytest.mark.parametrize(
    ("law", "atom", "weight"),
    [
        (MIXED["perhaps nothing"], 0, 0.7),
        (MIXED["atom within"], 10, 0.2),
        (MIXED["nested"], 5, 0.2),
        (Mixture((Fixed(3.3), Exponential(2)), (0.001, 0.999)), 3.3, 0.001),
    ],
)
def test_single_values_in_a_mixture_have_their_probability(law: Distribution, atom: float, weight: float) -> None:
    values, weights = chances(law)
    assert weights[np.abs(values - atom) < 1e-6].sum() == pytest.approx(weight, abs=2e-6)


def test_nothing_is_drawn_from_a_gap() -> None:
    values, weights = chances(MIXED["gap"])
    assert not np.any((values > 1) & (values < 10))
    assert weights[values <= 1].sum() == pytest.approx(0.5, abs=1e-6)


def test_reading_a_step_table_as_told() -> None:
    thresholds, values = step_table(Discrete((0, 10), (0.5, 0.5)))
    z = np.array([-9, -1e-9, 0, 1e-9, 9])
    assert values[np.searchsorted(thresholds, z, side="right")].tolist() == [0, 0, 10, 10, 10]


# --- helpers -----------------------------------------------------------------------------------------------------------


def test_normal_functions_agree_with_scipy() -> None:
    z = np.linspace(-30, 8, 500)
    assert normal_cdf(z) == pytest.approx(stats.norm.cdf(z), rel=1e-12)
    for p in (1e-200, 1e-9, 0.3, 0.5):
        assert normal_score(p, 1 - p) == pytest.approx(stats.norm.ppf(p), rel=1e-12, abs=1e-15)
        assert normal_score(1 - p, p) == pytest.approx(stats.norm.isf(p), rel=1e-12, abs=1e-15)
    assert (normal_score(0, 1), normal_score(1, 0)) == (-math.inf, math.inf)


def test_rule_integrates_powers_and_heavy_tails() -> None:
    p, q, weights = logistic_rule(690.0)
    assert weights.sum() == pytest.approx(1, rel=1e-12)
    assert weights @ np.sqrt(p) == pytest.approx(2 / 3, rel=1e-12)
    assert weights @ q**-0.9 == pytest.approx(10, rel=1e-9)


def test_common_laws_need_no_scipy() -> None:
    """SciPy's special functions take about 150 ms to import; a run that does not need them must not wait for them."""
    code = (
        "import sys, sim\n"
        "before = 'scipy.special' in sys.modules\n"
        "from sim.distributions import *\n"
        "for law in (Lognormal(1, 1), Uniform(1, 2), Triangular(1, 2, 3), Exponential(1), Weibull(2, 1), Metalog(4, 6, 9)): z_table(law)\n"
        "step_table(Discrete((1, 2), (0.5, 0.5)))\n"
        "sys.exit(not before and 'scipy.special' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- bad parameters ----------------------------------------------------------------------------------------------------

BAD: list[tuple[Callable[[], object], str]] = [
    (lambda: Fixed(-1), "the value is -1; it must be a finite number of at least 0"),
    (lambda: Fixed(math.nan), "the value is nan; it must be a finite number of at least 0"),
    (lambda: Fixed(math.inf), "the value is inf; it must be a finite number of at least 0"),
    (lambda: Uniform(5, 3), "the smallest value 5 is above the largest 3; give the smallest first"),
    (lambda: Uniform(-1, 3), "the smallest value is -1; it must be a finite number of at least 0"),
    (lambda: Uniform(1, math.inf), "the largest value is inf; it must be a finite number of at least 0"),
    (lambda: Triangular(3, 2, 8), "the most likely value 2 is below the smallest 3; give smallest, most likely, largest"),
    (lambda: Triangular(3, 9, 8), "the most likely value 9 is above the largest 8; give smallest, most likely, largest"),
    (lambda: Triangular(9, 9, 8), "the smallest value 9 is above the largest 8; give the smallest first"),
    (lambda: Pert(3, 2, 8), "the most likely value 2 is below the smallest 3; give smallest, most likely, largest"),
    (lambda: Pert(3, math.nan, 8), "the most likely value is nan; it must be a finite number of at least 0"),
    (lambda: Normal(-1, 2), "the mean is -1; it must be a finite number of at least 0"),
    (lambda: Normal(1, -2), "the standard deviation is -2; it must be a finite number of at least 0"),
    (lambda: Exponential(-1), "the mean is -1; it must be a finite number of at least 0"),
    (lambda: Gamma(0, 1), "the mean is 0; it must be a finite number above 0"),
    (lambda: Gamma(1, math.inf), "the standard deviation is inf; it must be a finite number of at least 0"),
    (lambda: Weibull(0, 1), "the shape is 0; it must be a finite number above 0"),
    (lambda: Weibull(0.001, 1), "the shape is 0.001; it must be at least 0.02"),
    (lambda: Weibull(1, 0), "the scale is 0; it must be a finite number above 0"),
    (lambda: Lognormal(0, 1), "the median is 0; it must be a finite number above 0"),
    (lambda: Lognormal(1, -1), "the sigma is -1; it must be a finite number of at least 0"),
    (lambda: Lognormal(1, 16), "sigma is 16; it must be at most 15"),
    (lambda: Lognormal.from_p10_p90(9, 5), "P10 (9) must be below P90 (5)"),
    (lambda: Lognormal.from_p10_p90(5, 5), "P10 (5) must be below P90 (5)"),
    (lambda: Lognormal.from_p10_p90(0, 5), "the P10 is 0; it must be a finite number above 0"),
    (lambda: Metalog(9, 6, 5), "P10 (9) must be below P90 (5)"),
    (lambda: Metalog(5, 5, 9), "P50 (5) must be between P10 (5) and P90 (9)"),
    (lambda: Metalog(0, 5, 9), "the P10 is 0; it must be a finite number above 0"),
    (
        lambda: Metalog(1, 1.2, 10),
        "no metalog distribution has P10 1, P50 1.2 and P90 10; with this P10 and P90, P50 must be between 1.467 and 6.814",
    ),
    (
        lambda: Metalog(1, 5, 50),
        "with P10 1, P50 5 and P90 50 the tail is so heavy that the mean is infinite; move P90 nearer to P50 or use a lognormal",
    ),
    (lambda: Discrete((), ()), "there are no values; give at least one"),
    (lambda: Discrete((1, 2), (1,)), "there are 2 values but 1 weights; give one weight for each"),
    (lambda: Discrete((1, 2), (0.5, 0.51)), "the weights sum to 1.01; they must sum to 1"),
    (lambda: Discrete((1, 2), (1.5, -0.5)), "the weight is -0.5; it must be a finite number of at least 0"),
    (lambda: Discrete((1, -2), (0.5, 0.5)), "the value is -2; it must be a finite number of at least 0"),
    (lambda: Empirical(()), "there are no observed values; give at least one"),
    (lambda: Empirical((1, math.nan)), "the value is nan; it must be a finite number of at least 0"),
    (lambda: Mixture((), ()), "there are no components; give at least one"),
    (lambda: Mixture((Fixed(1), Fixed(2)), (0.3, 0.3)), "the weights sum to 0.6; they must sum to 1"),
    (lambda: Mixture((Fixed(1),), (0.5, 0.5)), "there are 1 components but 2 weights; give one weight for each"),
    (lambda: Scaled(Fixed(1), -2), "the factor is -2; it must be a finite number of at least 0"),
    (lambda: Fixed(1).scaled(math.nan), "the factor is nan; it must be a finite number of at least 0"),
    (lambda: Conditional(Exponential(1), -1), "the elapsed time is -1; it must be a finite number of at least 0"),
    (lambda: Exponential(1).given(math.inf), "the elapsed time is inf; it must be a finite number of at least 0"),
]


@pytest.mark.parametrize(("build", "message"), BAD, ids=[message[:50] for _, message in BAD])
def test_bad_parameters_are_told_in_one_sentence(build: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        build()


def test_weights_may_miss_one_by_rounding_only() -> None:
    third = 1 / 3
    assert Discrete((1, 2, 3), (third, third, third)).cdf(3) == pytest.approx(1, abs=0)
    assert Discrete((1, 2), (0.5, 0.5 + 5e-10)).mean == pytest.approx(1.5)
    with pytest.raises(ValueError, match=r"^the weights sum to 0\.99999999;"):
        Discrete((1, 2), (0.5, 0.49999999))


# --- properties over random laws ---------------------------------------------------------------------------------------

amount = st.floats(0.01, 1000)
spread = st.floats(0.05, 2)


def three_points() -> st.SearchStrategy[tuple[float, float, float]]:
    return st.tuples(*[st.floats(0, 500)] * 3).map(sorted).filter(lambda t: t[2] - t[0] > 1e-3).map(tuple)


def metalogs() -> st.SearchStrategy[Distribution]:
    return st.builds(
        lambda p10, ratio, share: Metalog(p10, p10 * ratio**share, p10 * ratio), amount, st.floats(1.1, 5), st.floats(0.2, 0.8)
    )


SIMPLE = st.one_of(
    three_points().map(lambda t: Uniform(t[0], t[2])),
    three_points().map(lambda t: Triangular(*t)),
    three_points().map(lambda t: Pert(*t)),
    st.builds(Normal, amount, amount),
    st.builds(Exponential, amount),
    st.builds(lambda mean, cv: Gamma(mean, mean * cv), amount, spread),
    st.builds(Weibull, st.floats(0.4, 10), amount),
    st.builds(Lognormal, amount, spread),
    metalogs(),
)
STEPPED = st.one_of(st.builds(Fixed, amount), st.lists(amount, min_size=1, max_size=8).map(lambda values: Empirical(tuple(values))))
LAWS = st.recursive(
    SIMPLE | STEPPED,
    lambda inner: st.one_of(
        st.builds(Scaled, inner, st.floats(0.1, 10)),
        st.builds(lambda a, b, w: Mixture((a, b), (w, 1 - w)), inner, inner, st.floats(0.01, 0.99)),
        st.builds(lambda law, p: Conditional(law, float(law.quantile(p)) * 0.999), inner, st.floats(0.01, 0.95)),
    ),
    max_leaves=4,
)


@given(LAWS)
def test_quantiles_rise_within_bounds_and_reach_their_probability(law: Distribution) -> None:
    p = np.linspace(0, 1, 41)
    values = law.quantile(p)
    assert np.all(values[1:] >= values[:-1] * (1 - 1e-12))
    lowest, highest = law.bounds
    assert lowest * (1 - 1e-12) <= values[0]
    assert values[-1] <= highest * (1 + 1e-12)
    inside = values[1:-1]
    assert np.all(law.cdf(inside * (1 + 1e-9)) >= p[1:-1] - 1e-6)
    assert np.all(law.cdf(inside * (1 - 1e-9) - 1e-12) <= p[1:-1] + 1e-6)


@given(LAWS)
def test_mean_lies_within_bounds_and_variance_is_not_negative(law: Distribution) -> None:
    lowest, highest = law.bounds
    assert lowest * (1 - 1e-9) <= law.mean <= highest * (1 + 1e-9)
    assert law.variance >= 0


@given(LAWS)
def test_every_law_has_a_table(law: Distribution) -> None:
    if law.steps:
        thresholds, values = step_table(law)
        assert np.all(np.diff(thresholds) > 0)
        assert thresholds[-1] == math.inf
    else:
        values = z_table(law)
    assert np.all(np.isfinite(values))
    assert np.all(values >= 0)
    assert np.all(np.diff(values) >= 0)


@given(SIMPLE, st.floats(0.01, 0.99))
def test_what_remains_follows_bayes(law: Distribution, share: float) -> None:
    elapsed = float(law.quantile(share))
    rest = law.given(elapsed)
    more = float(law.quantile(share + (1 - share) / 2)) - elapsed
    assert float(rest.sf(more)) == pytest.approx(0.5, rel=1e-6)
    assert float(rest.median) == pytest.approx(more, rel=1e-6, abs=1e-9 * (1 + elapsed))
    # E[X] = E[X; X <= e] + P(X > e) (e + E[rest]), and the first term lies between 0 and e · P(X <= e).
    beyond = (1 - share) * (elapsed + rest.mean)
    assert beyond * (1 - 1e-5) <= law.mean <= (beyond + elapsed * share) * (1 + 1e-5)
