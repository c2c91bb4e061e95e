"""From what the planner wrote to the distributions and dates that the simulation computes with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from sim.scenario.merge import FAMILIES
from sim.scenario.paths import Path
from sim.scenario.schema import Distribution as Spec
from sim.scenario.schema import Duration, LognormalFit, Scenario, ScenarioInfo

if TYPE_CHECKING:
    from sim.distributions import Distribution

DEFAULT_YEARS = 40
"""Length of the simulated time when the scenario gives no horizon."""


def last_date(info: ScenarioInfo) -> dt.date:
    """Last day that can be simulated."""
    return info.horizon or info.start + dt.timedelta(days=round(DEFAULT_YEARS * 365.25))


def families(spec: Spec) -> tuple[str, ...]:
    """Families that a distribution names; exactly one is right.

    Examples
    --------
    >>> families(Duration(fixed=3))
    ('fixed',)
    """
    named = [name for name in FAMILIES if getattr(spec, name) is not None]
    return tuple(named if spec.empirical is not None or not spec.empirical_values else [*named, "empirical"])


def build_distribution(spec: Spec) -> Distribution:
    """Build the distribution, in the unit in which it is written.

    Raises
    ------
    ValueError
        It names no family or several, or the parameters make no distribution; the message is for planners.

    Examples
    --------
    >>> float(build_distribution(Duration(uniform=(2, 4))).mean)
    3.0
    """
    named = families(spec)
    if not named:
        raise ValueError(f"names no distribution; use one of {', '.join(FAMILIES)}")
    if len(named) > 1:
        raise ValueError(f"names {len(named)} distributions, {' and '.join(named)}; keep one")
    return _BUILDERS[named[0]](spec)


def in_days(duration: Duration, days_per_week: int, unit: str | None = None) -> Distribution:
    """Build a duration in days of its activity's calendar.

    Parameters
    ----------
    duration
        As written.
    days_per_week
        Days in a week of the calendar: 5, or 7 on an every-day calendar.
    unit
        Unit that holds where the duration gives none (``by_type`` takes that of ``duration``).

    Examples
    --------
    >>> float(in_days(Duration(fixed=2, unit="weeks"), 5).mean)
    10.0
    """
    law = build_distribution(duration)
    return law.scaled(float(days_per_week)) if (duration.unit or unit) == "weeks" else law


def distributions(scenario: Scenario) -> Iterator[tuple[Path, Spec]]:
    """All distributions of a scenario, with their places."""
    for id_, activity in scenario.activities.items():
        if activity.duration:
            yield ("activities", id_, "duration"), activity.duration
        for table, by in (("by_type", activity.by_type), ("by_round", activity.by_round)):
            yield from ((("activities", id_, table, key), spec) for key, spec in by.items())
    for id_, risk in scenario.risks.items():
        if risk.factor:
            yield ("risks", id_, "factor"), risk.factor
        if risk.delay:
            yield ("risks", id_, "delay"), risk.delay
    for id_, item in scenario.costs.items():
        if item.uncertainty:
            yield ("costs", id_, "uncertainty"), item.uncertainty
    for id_, index in scenario.price_index.items():
        if index.uncertainty:
            yield ("price_index", id_, "uncertainty"), index.uncertainty


def _lognormal(fit: LognormalFit) -> Distribution:
    from sim.distributions import Lognormal

    by_range = fit.p10 is not None and fit.p90 is not None
    by_shape = fit.median is not None and fit.sigma is not None
    given = [name for name in ("p10", "p90", "median", "sigma") if getattr(fit, name) is not None]
    if len(given) != 2 or not (by_range or by_shape):
        raise ValueError(f"lognormal needs either p10 and p90, or median and sigma; it has {', '.join(given) or 'none of them'}")
    if fit.p10 is not None and fit.p90 is not None:
        return Lognormal.from_p10_p90(fit.p10, fit.p90)
    assert fit.median is not None
    assert fit.sigma is not None
    return Lognormal(fit.median, fit.sigma)


def _empirical(spec: Spec) -> Distribution:
    from sim.distributions import Empirical

    if not spec.empirical_values:
        raise ValueError(f'the values of "{spec.empirical}" have not been read; load the scenario from its file, or give empirical_values')
    return Empirical(spec.empirical_values)


def _parts(part: Any) -> tuple[float, ...]:
    """Parameters in the order of the fields, or of the list."""
    return part if isinstance(part, tuple) else tuple(getattr(part, name) for name in type(part).model_fields)


def _simple(class_name: str, field: str) -> Callable[[Spec], Distribution]:
    """Builder of a law whose parameters are those of the field, in order."""

    def build(spec: Spec) -> Distribution:
        from sim import distributions as laws

        value = getattr(spec, field)
        law: Distribution = getattr(laws, class_name)(*((value,) if isinstance(value, float) else _parts(value)))
        return law

    return build


def _mixture(spec: Spec) -> Distribution:
    from sim.distributions import Mixture

    assert spec.mixture is not None
    return Mixture(tuple(build_distribution(part) for part in spec.mixture.of), spec.mixture.weights)


_CLASSES = {
    "fixed": "Fixed",
    "uniform": "Uniform",
    "triangular": "Triangular",
    "pert": "Pert",
    "normal": "Normal",
    "exponential": "Exponential",
    "gamma": "Gamma",
    "weibull": "Weibull",
    "quantiles": "Metalog",
    "discrete": "Discrete",
}

_BUILDERS: dict[str, Callable[[Spec], Distribution]] = {
    **{field: _simple(class_name, field) for field, class_name in _CLASSES.items()},
    "lognormal": lambda spec: _lognormal(spec.lognormal or LognormalFit()),
    "empirical": _empirical,
    "mixture": _mixture,
}
