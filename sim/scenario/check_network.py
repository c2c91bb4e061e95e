"""Checks on the process: what ends activities, circles, redo spans, and moments in their order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from sim.errors import Fault
from sim.scenario.graph import cycles, is_sound, moment, moment_successors, reachable, span, successors
from sim.scenario.schema import Scenario
from sim.scenario.wording import at, listing


def one_ending(scenario: Scenario) -> Iterator[Fault]:
    """Exactly one of ``duration``, ``meeting`` and ``opening_days``."""
    for id_, activity in scenario.activities.items():
        given = [name for name in ("duration", "meeting", "opening_days") if getattr(activity, name) is not None]
        if len(given) > 1:
            yield at("activities", id_, message=f"has {' and '.join(given)}; keep one")
        elif not given and (activity.by_type or activity.by_round):
            yield at("activities", id_, message="has durations by type or round only; give duration for the rest")
        elif not given:
            yield at("activities", id_, message="needs one of duration, meeting and opening_days; a milestone has duration = { fixed = 0 }")


def durations_belong(scenario: Scenario) -> Iterator[Fault]:
    """``by_type``, ``by_round`` and ``adjustments`` change a duration: a meeting or an opening day has none."""
    for id_, activity in scenario.activities.items():
        ending = "meeting" if activity.meeting is not None else "opening_days" if activity.opening_days is not None else ""
        for name in ("by_type", "by_round", "adjustments"):
            if ending and activity.duration is None and getattr(activity, name):
                yield at("activities", id_, name, message=f"changes a duration, and the activity ends by {ending}; leave it out")


def no_circles(scenario: Scenario) -> Iterator[Fault]:
    """Activities that wait for one another could never start."""
    for circle in cycles(scenario):
        yield at("activities", circle[0], "after", message=f"activities wait for one another in a circle: {' → '.join(circle)}")


def no_twins(scenario: Scenario) -> Iterator[Fault]:
    """The same predecessor by the same type of relation, twice."""
    for id_, activity in scenario.activities.items():
        pairs = [(after.activity, after.type) for after in activity.after]
        for name, type_ in dict.fromkeys(pair for pair in pairs if pairs.count(pair) > 1):
            yield at("activities", id_, "after", message=f'"{name}" stands twice as {type_}; keep the one with the longer lag')


def _spans(scenario: Scenario) -> Iterator[tuple[str, str, set[str]]]:
    """Activity with a redo, where it goes back to, and the span between; empty where there is no path."""
    following = successors(scenario) if is_sound(scenario) else {}
    for id_, activity in scenario.activities.items():
        if following and activity.redo and activity.redo.back_to in scenario.activities:
            yield id_, activity.redo.back_to, span(following, activity.redo.back_to, id_)


def redo_goes_back(scenario: Scenario) -> Iterator[Fault]:
    """``back_to`` is the activity itself or comes before it."""
    for id_, back_to, members in _spans(scenario):
        if not members:
            yield at(
                "activities", id_, "redo", "back_to", message=f'"{back_to}" does not come before {id_}; name a predecessor, or {id_} itself'
            )


def redo_spans_nest(scenario: Scenario) -> Iterator[Fault]:
    """Two spans lie one within the other, or apart."""
    spans = [(id_, members) for id_, _, members in _spans(scenario) if members]
    for (first, a), (second, b) in combinations(spans, 2):
        if a & b and not a <= b and not b <= a:
            shared, only_a, only_b = (listing(sorted(s)) for s in (a & b, a - b, b - a))
            message = (
                f"its span crosses that of {second}: both hold {shared}, only this one {only_a}, only that one {only_b}; nest or part them"
            )
            yield at("activities", first, "redo", message=message)


def spans_run_forward(scenario: Scenario) -> Iterator[Fault]:
    """``until`` of held spans and costs comes after their beginning."""
    following = moment_successors(scenario) if is_sound(scenario) else {}
    for path, first, last in _from_until(scenario):
        begin, end = moment(first), moment(last)
        if begin in following and end in following and (begin == end or end not in reachable(following, begin)):
            yield at(*path, message=f'"{last}" does not come after "{first}" in the process')


def _from_until(scenario: Scenario) -> Iterator[tuple[tuple[str, ...], str, str]]:
    for id_, resource in scenario.resources.items():
        if resource.held:
            yield ("resources", id_, "held", "until"), resource.held.from_, resource.held.until
    for id_, item in scenario.costs.items():
        if item.over:
            yield ("costs", id_, "over", "until"), item.over.from_, item.over.until
        if item.per_year_from is not None and item.until is not None:
            yield ("costs", id_, "until"), item.per_year_from, item.until


def entries_stand_apart(scenario: Scenario) -> Iterator[Fault]:
    """Of the activities in ``enters_at`` none comes before another: it would be both done and to be done."""
    following = successors(scenario) if is_sound(scenario) else {}
    for id_, office in scenario.offices.items():
        known = [name for name in office.enters_at if name in following]
        for first, second in combinations(dict.fromkeys(known), 2):
            for before, after in ((first, second), (second, first)):
                if after in reachable(following, before):
                    yield at(
                        "offices",
                        id_,
                        "enters_at",
                        message=f"{before} comes before {after}, so it is done when the office is at {after}; keep one",
                    )
