"""The process as a graph: activities by who waits for whom, and their starts and finishes as moments.

References to activities that do not exist are left out here; another check reports them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from sim.scenario.schema import Scenario

Node = TypeVar("Node", bound=Hashable)

Moment = tuple[str, str]
"""An activity and its ``start`` or ``finish``."""

_ENDS = {"S": "start", "F": "finish"}


def moment(event: str) -> Moment:
    """Take ``lease.finish`` apart."""
    activity, _, end = event.rpartition(".")
    return activity, end


def successors(scenario: Scenario) -> dict[str, list[str]]:
    """Activities that directly wait for each activity, whatever the type of relation."""
    found: dict[str, list[str]] = {id_: [] for id_ in scenario.activities}
    for id_, activity in scenario.activities.items():
        for after in activity.after:
            if after.activity in found:
                found[after.activity].append(id_)
    return found


def moment_successors(scenario: Scenario) -> dict[Moment, list[Moment]]:
    """Moments that directly wait for each moment.

    FS is finish → start, SS start → start, FF finish → finish, SF start → finish; and each activity's own start → finish.
    """
    found: dict[Moment, list[Moment]] = {}
    for id_ in scenario.activities:
        found[id_, "start"], found[id_, "finish"] = [(id_, "finish")], []
    for id_, activity in scenario.activities.items():
        for after in activity.after:
            if after.activity in scenario.activities:
                found[after.activity, _ENDS[after.type[0]]].append((id_, _ENDS[after.type[1]]))
    return found


def reachable(following: Mapping[Node, Iterable[Node]], first: Node) -> set[Node]:
    """Everything on a path from a node, itself included."""
    found = {first}
    stack = [first]
    while stack:
        for node in following.get(stack.pop(), ()):
            if node not in found:
                found.add(node)
                stack.append(node)
    return found


def cycles(scenario: Scenario) -> list[list[str]]:
    """Circles in which activities wait for one another, each as ``[a, b, a]``; those that share an activity only once."""
    following = moment_successors(scenario)
    found: list[list[str]] = []
    while circle := _cycle(following):
        names = [activity for i, (activity, _) in enumerate(circle) if not i or circle[i - 1][0] != activity]
        found.append(names if len(names) > 1 else names * 2)
        inside = {(id_, end) for id_ in names for end in _ENDS.values()}
        following = {m: [n for n in after if n not in inside] for m, after in following.items() if m not in inside}
    return found


def is_sound(scenario: Scenario) -> bool:
    """Whether all predecessors exist and no circle runs: only then can order be asked about, and not be told wrong."""
    known = all(after.activity in scenario.activities for activity in scenario.activities.values() for after in activity.after)
    return known and not _cycle(moment_successors(scenario))


def _cycle(following: Mapping[Moment, Iterable[Moment]]) -> list[Moment]:
    """One circle of moments, each before the next and the first again last; empty when there is none."""
    before: dict[Moment, list[Moment]] = {m: [] for m in following}
    for m, after in following.items():
        for n in after:
            before[n].append(m)
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def span(following: Mapping[str, Iterable[str]], first: str, last: str) -> set[str]:
    """All activities on a path from ``first`` to ``last``, both included; empty when there is no path."""
    after_first = reachable(following, first)
    if last not in after_first:
        return set()
    before: dict[str, list[str]] = {id_: [] for id_ in following}
    for id_, after in following.items():
        for later in after:
            before[later].append(id_)
    before_last: set[str] = reachable(before, last)
    return after_first & before_last
