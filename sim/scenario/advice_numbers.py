"""Warnings about single numbers: ranges and tails of distributions, shares of correlation."""

from __future__ import annotations

from collections.abc import Iterator

from sim.errors import Fault
from sim.scenario.attributes import Attributes
from sim.scenario.build import build_distribution, distributions
from sim.scenario.schema import Distribution, Duration, Scenario
from sim.scenario.wording import at

NARROWEST = 1.2
"""P90 / P10 of a duration under which the range is suspiciously narrow."""

MOST_CUT = 0.05
"""Share of a normal distribution that may lie below 0."""

FEWEST_OBSERVED = 8
"""Observed values under which the next one is longer than all of them with a chance of more than one in nine."""


def ranges_are_wide(scenario: Scenario) -> Iterator[Fault]:
    """A duration whose P90 is hardly above its P10."""
    for path, spec in distributions(scenario):
        if not isinstance(spec, Duration) or spec.fixed is not None:
            continue
        low, high = build_distribution(spec).quantile([0.1, 0.9])
        if low > 0 and high / low < NARROWEST:
            yield at(*path, message=f"is suspiciously narrow: P90 is only {high / low:.2f} times P10; people are surer than they should be")


def tails_are_left(scenario: Scenario) -> Iterator[Fault]:
    """A distribution that is cut off where something may well happen: below 0, above the most likely or the longest seen."""
    for path, spec in distributions(scenario):
        found = _cut_off(spec)
        if found:
            yield at(*path, message=found)


def _cut_off(spec: Distribution) -> str:
    """What is cut off, and what to use instead; nothing when all is well."""
    three = spec.triangular or spec.pert
    if three and three[0] < three[1] == three[2]:
        return f"has nothing above its most likely value, {three[1]:g}: it can be shorter but never longer; give a largest above it"
    if spec.normal and spec.normal.sd > 0:
        from statistics import NormalDist

        below = NormalDist(spec.normal.mean, spec.normal.sd).cdf(0)
        if below > MOST_CUT:
            mean = build_distribution(spec).mean
            return f"lies below 0 with {below:.0%} and is cut there, so that its mean is {mean:.3g} and not {spec.normal.mean:g}; use gamma"
    seen = spec.empirical_values
    if seen and len(seen) < FEWEST_OBSERVED:
        longest = f"can never last longer than {max(seen):g}, the longest of {len(seen)} observations"
        return f"{longest}; fit a distribution to them, or observe more"
    return ""


def means_are_within(scenario: Scenario) -> Iterator[Fault]:
    """A mean that lies outside P10 to P90: a few extreme values, which nobody has given, decide it."""
    for path, spec in distributions(scenario):
        law = build_distribution(spec)
        if law.steps:
            continue
        low, high = (float(value) for value in law.quantile([0.1, 0.9]))
        if low < high and not low <= law.mean <= high:
            yield at(
                *path, message=f"has its mean, {law.mean:.3g}, outside P10 to P90, {low:.3g} to {high:.3g}: the tail decides; move P90"
            )


def correlation_layers_bind(scenario: Scenario) -> Iterator[Fault]:
    """A share of correlation in a layer that nothing belongs to."""
    attributes = Attributes(scenario)
    given = {name for values in attributes.of.values() for name, found in values.items() if found}
    if any(activity.actor is not None for activity in scenario.activities.values()):
        given.add("actor")
    for layer in ("county", "municipality", "actor"):
        if getattr(scenario.correlation, layer) > 0 and layer not in given:
            what = "activity has an actor" if layer == "actor" else f"office has a {layer}"
            yield at("correlation", layer, message=f"shares nothing: no {what}; give it, or take the share away")
