"""Checks on numbers: distributions, pools, risks, correlation, costs, prices and budgets."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator

from sim.errors import Fault
from sim.scenario.build import build_distribution, distributions
from sim.scenario.graph import moment, moment_successors, reachable
from sim.scenario.schema import CostItem, Duration, Resource, Scenario
from sim.scenario.wording import at

LONGEST = 200_000
"""Days that a duration may at most be certain to last."""


def distributions_can_be_built(scenario: Scenario) -> Iterator[Fault]:
    """One family each, with parameters that make a distribution."""
    for path, spec in distributions(scenario):
        try:
            lowest = build_distribution(spec).bounds[0]
        except (ValueError, OverflowError, ZeroDivisionError) as error:
            yield at(*path, message=str(error))
            continue
        unit = 7 if isinstance(spec, Duration) and spec.unit == "weeks" else 1
        if not math.isfinite(lowest) or lowest * unit > LONGEST:
            yield at(
                *path, message=f"lasts at least {lowest:g} {'weeks' if unit == 7 else 'days'}; at most {LONGEST} days can be simulated"
            )


def correlation_shares_fit(scenario: Scenario) -> Iterator[Fault]:
    """Shares of one variance sum to at most 1."""
    shares = {
        name: getattr(scenario.correlation, name) for name in type(scenario.correlation).model_fields if name not in ("grade", "source")
    }
    total = sum(shares.values())
    if total > 1 + 1e-9:
        terms = " + ".join(f"{name} {share:g}" for name, share in shares.items() if share)
        yield at("correlation", message=f"shares sum to {total:g} ({terms}); of one variance at most 1 can be shared")


def most_units(resource: Resource) -> int:
    """Largest capacity that a pool ever has."""
    return max([resource.capacity, *(change.capacity for change in resource.changes)])


def pools_are_large_enough(scenario: Scenario) -> Iterator[Fault]:
    """Some day a pool has what a single activity needs, with the unit that its office may hold beside."""
    following = moment_successors(scenario)
    for id_, activity in scenario.activities.items():
        for pool, units in activity.uses.items():
            resource = scenario.resources.get(pool)
            if resource is None:
                continue
            held = 1 if _within_held(resource, id_, following) else 0
            if units + held > most_units(resource):
                beside = " beside the one that its office holds" if held else ""
                message = f"needs {units} units{beside}, and {pool} never has more than {most_units(resource)}"
                yield at("activities", id_, "uses", pool, message=message)
    for pool, resource in scenario.resources.items():
        if resource.held and most_units(resource) == 0:
            yield at("resources", pool, "capacity", message="is 0 for ever, and every office holds a unit: none could begin")


def _within_held(resource: Resource, activity: str, following: dict[tuple[str, str], list[tuple[str, str]]]) -> bool:
    """Whether an activity lies between the two ends of a held span."""
    if resource.held is None:
        return False
    first, last = moment(resource.held.from_), moment(resource.held.until)
    return (activity, "start") in reachable(following, first) and last in reachable(following, (activity, "finish"))


def risks_have_effect(scenario: Scenario) -> Iterator[Fault]:
    """A risk says what it hits and what it does."""
    for id_, risk in scenario.risks.items():
        if risk.factor is None and risk.delay is None:
            yield at("risks", id_, message="does nothing; give factor or delay")
        if not risk.activities and not risk.actor:
            yield at("risks", id_, message="hits nothing; give activities or actor")


def cost_kinds_are_clear(scenario: Scenario) -> Iterator[Fault]:
    """One way to accrue, one amount, and only fields that go with them."""
    for id_, item in scenario.costs.items():
        for names in (("at", "over", "per_year_from"), ("amount", "by_type", "share")):
            given = [name for name in names if getattr(item, name) not in (None, {})]
            if len(given) != 1:
                found = f"has {' and '.join(given)}; keep one" if given else f"needs one of {', '.join(names)}"
                yield at("costs", id_, message=found)
        for name, message in _misplaced(item):
            yield at("costs", id_, name, message=message)


def _misplaced(item: CostItem) -> Iterator[tuple[str, str]]:
    if item.until is not None and item.per_year_from is None:
        yield "until", "goes with per_year_from; the end of a span stands in over"
    if item.stretches and item.over is None:
        yield "stretches", "goes with over: only a span can be longer than planned"
    if item.financing == "loan" and item.depreciation_years is None:
        yield "depreciation_years", "is missing: a loan is written off over some years"
    if item.financing == "loan" and item.per_year_from is not None:
        yield "financing", "a yearly cost cannot be paid by a loan; use appropriation"
    if item.financing != "loan" and item.depreciation_years is not None:
        yield "depreciation_years", 'goes with financing = "loan"'
    if item.correlation and item.uncertainty is None:
        yield "correlation", "goes with uncertainty: a certain amount varies with nothing"


def price_points_are_dates(scenario: Scenario) -> Iterator[Fault]:
    """Keys of ``points`` are dates; at the base date the index is 1."""
    for id_, index in scenario.price_index.items():
        if not index.points and index.yearly is None:
            yield at("price_index", id_, message="does not change; give points or yearly")
        for key, level in index.points.items():
            try:
                date = dt.date.fromisoformat(key)
            except ValueError:
                yield at("price_index", id_, "points", key, message=f'"{key}" is not a date; write it as "2022-10-01"')
                continue
            if date == index.base and level != 1:
                yield at("price_index", id_, "points", key, message=f"is {level:g} at the base date, where the index is 1")


def budget_years_are_years(scenario: Scenario) -> Iterator[Fault]:
    """Keys of ``years`` are years."""
    for id_, budget in scenario.budgets.items():
        for key in budget.years:
            if not re.fullmatch(r"[12]\d{3}", key):
                yield at("budgets", id_, "years", key, message=f'"{key}" is not a year; write e.g. 2022 = 60_000_000')


def handlers_are_a_range(scenario: Scenario) -> Iterator[Fault]:
    """Smallest and largest staff, in this order and not negative."""
    for id_, spec in scenario.office_types.items():
        if spec.handlers and not 0 <= spec.handlers[0] <= spec.handlers[1]:
            yield at(
                "office_types", id_, "handlers", message=f"goes from {spec.handlers[0]} to {spec.handlers[1]}; give smallest and largest"
            )
