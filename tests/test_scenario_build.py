"""Distributions and dates as the simulation gets them."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest
from scenario_cases import GOOD

from sim import distributions as laws
from sim.scenario import load_scenario
from sim.scenario.build import build_distribution, distributions, families, in_days, last_date
from sim.scenario.merge import FAMILIES
from sim.scenario.schema import Distribution, Duration, ScenarioInfo


def built(**spec: Any) -> laws.Distribution:
    return build_distribution(Distribution.model_validate(spec))


@pytest.mark.parametrize(
    ("spec", "law"),
    [
        ({"fixed": 4}, laws.Fixed(4)),
        ({"uniform": (1, 3)}, laws.Uniform(1, 3)),
        ({"triangular": (1, 2, 6)}, laws.Triangular(1, 2, 6)),
        ({"pert": (1, 2, 6)}, laws.Pert(1, 2, 6)),
        ({"normal": {"mean": 5, "sd": 2}}, laws.Normal(5, 2)),
        ({"exponential": {"mean": 5}}, laws.Exponential(5)),
        ({"gamma": {"sd": 2, "mean": 5}}, laws.Gamma(5, 2)),
        ({"weibull": {"scale": 5, "shape": 2}}, laws.Weibull(2, 5)),
        ({"lognormal": {"median": 4, "sigma": 0.5}}, laws.Lognormal(4, 0.5)),
        ({"lognormal": {"p10": 2, "p90": 8}}, laws.Lognormal.from_p10_p90(2, 8)),
        ({"quantiles": {"p10": 2, "p50": 4, "p90": 9}}, laws.Metalog(2, 4, 9)),
        ({"discrete": {"values": (1, 2), "weights": (0.25, 0.75)}}, laws.Discrete((1, 2), (0.25, 0.75))),
        ({"empirical": "f.csv", "empirical_values": (1, 2, 4)}, laws.Empirical((1, 2, 4))),
        ({"empirical_values": (1, 2, 4)}, laws.Empirical((1, 2, 4))),
        (
            {"mixture": {"of": ({"fixed": 1}, {"uniform": (2, 4)}), "weights": (0.5, 0.5)}},
            laws.Mixture((laws.Fixed(1), laws.Uniform(2, 4)), (0.5, 0.5)),
        ),
    ],
)
def test_every_family_is_built(spec: dict[str, Any], law: laws.Distribution) -> None:
    assert built(**spec) == law


def test_every_family_is_a_field() -> None:
    others = {"grade", "source", "empirical_values"}
    assert set(FAMILIES) == set(Distribution.model_fields) - others


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({}, "names no distribution; use one of fixed, uniform,"),
        ({"fixed": 1, "pert": (1, 2, 3)}, "names 2 distributions, fixed and pert; keep one"),
        ({"fixed": 1, "empirical_values": (1,)}, "names 2 distributions, fixed and empirical; keep one"),
        ({"empirical": "f.csv"}, 'the values of "f.csv" have not been read'),
        ({"lognormal": {"p10": 1}}, "lognormal needs either p10 and p90, or median and sigma; it has p10"),
        ({"lognormal": {}}, "it has none of them"),
        ({"lognormal": {"p10": 1, "median": 2}}, "it has p10, median"),
        ({"lognormal": {"p10": 1, "p90": 3, "median": 2}}, "it has p10, p90, median"),
        ({"lognormal": {"p10": 3, "p90": 1}}, "must be below"),
        ({"discrete": {"values": (1, 2), "weights": (0.5, 0.6)}}, "sum to 1.1"),
        ({"mixture": {"of": ({},), "weights": (1,)}}, "names no distribution"),
    ],
)
def test_what_makes_no_distribution(spec: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        built(**spec)


def test_weeks_are_days_of_the_calendar() -> None:
    two_weeks = Duration(fixed=2, unit="weeks")
    assert in_days(two_weeks, 5).mean == 10
    assert in_days(two_weeks, 7).mean == 14
    assert in_days(Duration(fixed=2), 5).mean == 2
    assert in_days(Duration(fixed=2), 5, "weeks").mean == 10
    assert in_days(Duration(fixed=2, unit="days"), 5, "weeks").mean == 2


def test_all_distributions_of_a_scenario_are_found() -> None:
    places = [".".join(map(str, path)) for path, _ in distributions(load_scenario(GOOD).scenario)]
    assert places == [
        "activities.find.duration",
        "activities.find.by_type.large",
        "activities.find.by_round.2",
        "activities.lease.duration",
        "activities.permit.duration",
        "activities.works.duration",
        "activities.order.duration",
        "risks.shortage.factor",
        "risks.shortage.delay",
        "costs.furniture.uncertainty",
    ]


def test_families_of_a_half_written_distribution() -> None:
    assert families(Duration()) == ()
    assert families(Duration(fixed=1, uniform=(1, 2))) == ("fixed", "uniform")


def test_the_horizon_is_forty_years_unless_given() -> None:
    start = dt.date(2021, 6, 1)
    assert last_date(ScenarioInfo(name="x", start=start)) == dt.date(2061, 6, 1)
    assert last_date(ScenarioInfo(name="x", start=start, horizon=dt.date(2030, 1, 1))) == dt.date(2030, 1, 1)


def test_the_mean_of_weeks_scales_with_the_law() -> None:
    law = in_days(Duration.model_validate({"lognormal": {"p10": 2, "p90": 8}, "unit": "weeks"}), 5)
    assert math.isclose(float(law.quantile(0.9)), 40)
    assert math.isclose(float(law.quantile(0.1)), 10)
