"""The process as a graph: moments, circles, spans, all by hand."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from sim.scenario.graph import cycles, is_sound, moment, moment_successors, reachable, span, successors
from sim.scenario.schema import Scenario


def scenario(**after: Any) -> Scenario:
    return Scenario.model_validate(
        {
            "scenario": {"name": "x", "start": "2021-01-01"},
            "calendars": {"c": {}},
            "offices": {"o": {}},
            "activities": {id_: {"duration": {"fixed": 1}, "after": names} for id_, names in after.items()},
        }
    )


def relation(activity: str, type_: str) -> dict[str, str]:
    return {"activity": activity, "type": type_}


def test_moments_by_type_of_relation() -> None:
    made = scenario(a=(), b=(relation("a", "FS"),), c=(relation("a", "SS"),), d=(relation("a", "FF"),), e=(relation("a", "SF"),))
    following = moment_successors(made)
    assert following["a", "finish"] == [("b", "start"), ("d", "finish")]
    assert following["a", "start"] == [("a", "finish"), ("c", "start"), ("e", "finish")]


def test_moment() -> None:
    assert moment("lease.finish") == ("lease", "finish")


@pytest.mark.parametrize(
    ("after", "circles"),
    [
        ({"a": (), "b": ("a",)}, []),
        ({"a": ("b",), "b": ("a",)}, [{"a", "b"}]),
        ({"a": ("a",)}, [{"a"}]),
        ({"a": ("b",), "b": ("a",), "c": ("d",), "d": ("c",), "e": ("a", "c")}, [{"a", "b"}, {"c", "d"}]),
        # Start to start both ways waits for ever; finish to finish after start to start does not.
        ({"a": (relation("b", "SS"),), "b": (relation("a", "SS"),)}, [{"a", "b"}]),
        ({"a": (relation("b", "SS"),), "b": (relation("a", "FF"),)}, []),
        ({"a": (relation("b", "SF"),), "b": (relation("a", "FS"),)}, [{"a", "b"}]),
        ({"a": ("nobody",)}, []),
    ],
)
def test_circles(after: dict[str, Any], circles: list[set[str]]) -> None:
    found = cycles(scenario(**after))
    assert [set(circle) for circle in found] == circles
    assert all(circle[0] == circle[-1] and len(circle) > 1 for circle in found)


def test_a_circle_runs_from_each_to_the_next() -> None:
    (circle,) = cycles(scenario(a=("c",), b=("a",), c=("b",)))
    following = successors(scenario(a=("c",), b=("a",), c=("b",)))
    assert all(later in following[earlier] for earlier, later in pairwise(circle))


def test_sound_is_whole_and_without_circles() -> None:
    assert is_sound(scenario(a=(), b=("a",)))
    assert not is_sound(scenario(a=("a",)))
    assert not is_sound(scenario(a=("nobody",)))


def test_span_holds_all_paths_and_nothing_else() -> None:
    following = successors(scenario(a=(), b=("a",), c=("a",), d=("b", "c"), e=("d",), side=("b",), before=(), f=("before", "e")))
    assert span(following, "a", "d") == {"a", "b", "c", "d"}
    assert span(following, "b", "e") == {"b", "d", "e"}
    assert span(following, "d", "d") == {"d"}
    assert span(following, "d", "a") == set()
    assert reachable(following, "before") == {"before", "f"}
