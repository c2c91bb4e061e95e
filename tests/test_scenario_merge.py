"""What lies over what: precedence, removal, alternatives, changes, places."""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import Fault
from sim.scenario.locate import key_lines
from sim.scenario.merge import ALTERNATIVES, Change, Layer, Tree, plain
from sim.scenario.reference import fields_at


def tree_of(*texts: str) -> Tree:
    tree = Tree()
    for i, text in enumerate(texts):
        faults: list[Fault] = []
        tree.lay(Layer(f"{i}.toml", plain(tomllib.loads(text), (), faults), i, lambda text=text: key_lines(text)))
        assert not faults
    return tree


def merged(*texts: str) -> dict[str, Any]:
    tree = tree_of(*texts)
    assert not tree.faults
    return tree.tables


def test_tables_merge_and_all_else_replaces() -> None:
    assert merged("[a]\nb = 1\nc = [1, 2]\nd = { e = 1 }", "[a]\nc = [3]\nd = { f = 2 }\ng = 4") == {
        "a": {"b": 1, "c": [3], "d": {"e": 1, "f": 2}, "g": 4}
    }


def test_the_last_layer_holds() -> None:
    assert merged("x = 1", "x = 2", "x = 3") == {"x": 3}


def test_a_table_replaces_a_value_and_the_other_way() -> None:
    assert merged("x = 1\ny = { z = 1 }", "x = { z = 1 }\ny = 1") == {"x": {"z": 1}, "y": 1}


def test_remove_deletes_and_may_be_followed_by_a_new_entry() -> None:
    assert merged("[a.b]\nc = 1\nd = 2", 'a.b = "remove"', "a.b.c = 3") == {"a": {"b": {"c": 3}}}


def test_removing_what_is_not_there_is_a_fault_with_its_line() -> None:
    tree = tree_of("[a]\nb = 1", 'x = 1\na.c = "remove"\n[new]\nd = "remove"')
    assert [str(fault) for fault in tree.faults] == [
        "a.c: is to be removed, but the base has no such entry  [1.toml, line 2]",
        "new.d: is to be removed, but the base has no such entry  [1.toml, line 4]",
    ]


def test_literal_layers_remove_nothing() -> None:
    tree = tree_of("a = 1")
    tree.lay(Layer("offices.csv", {"a": "remove", "b": {"c": "remove"}}, 1, literal=True))
    assert tree.tables == {"a": "remove", "b": {"c": "remove"}}


BASE = """
[activities.a.duration]
lognormal = { p10 = 1, p90 = 2 }
unit = "weeks"
grade = "A"
[activities.a.by_type.x]
fixed = 1
[risks.r.factor]
empirical = "f.csv"
empirical_values = [1, 2]
[costs.c]
over = { from = "a.start", until = "a.finish" }
stretches = true
share = 0.5
share_of = "budget"
"""


@pytest.mark.parametrize(
    ("override", "place", "expected"),
    [
        ("activities.a.duration.fixed = 3", ("activities", "a", "duration"), {"unit": "weeks", "grade": "A", "fixed": 3}),
        (
            "activities.a.duration.lognormal.p90 = 3",
            ("activities", "a", "duration"),
            {"lognormal": {"p10": 1, "p90": 3}, "unit": "weeks", "grade": "A"},
        ),
        (
            "activities.a.duration.lognormal = { median = 3, sigma = 1 }",
            ("activities", "a", "duration", "lognormal"),
            {"median": 3, "sigma": 1},
        ),
        (
            'activities.a.duration.unit = "days"',
            ("activities", "a", "duration"),
            {"lognormal": {"p10": 1, "p90": 2}, "unit": "days", "grade": "A"},
        ),
        ("activities.a.by_type.x.pert = [1, 2, 3]", ("activities", "a", "by_type", "x"), {"pert": [1, 2, 3]}),
        ("risks.r.factor.fixed = 2", ("risks", "r", "factor"), {"fixed": 2}),
        ("risks.r.factor.empirical_values = [3]", ("risks", "r", "factor"), {"empirical": "f.csv", "empirical_values": [3]}),
        ("risks.r.factor = 2", ("risks", "r"), {"factor": 2}),
        ('activities.a.meeting = "m"', ("activities", "a"), {"meeting": "m"}),
        ('costs.c.at = "a.start"', ("costs", "c"), {"share": 0.5, "share_of": "budget", "at": "a.start"}),
        (
            "costs.c.amount = 7",
            ("costs", "c"),
            {"over": {"from": "a.start", "until": "a.finish"}, "stretches": True, "amount": 7},
        ),
        ('costs.c.over.until = "b.finish"', ("costs", "c", "over"), {"from": "a.start", "until": "b.finish"}),
    ],
)
def test_alternatives_do_not_pile_up(override: str, place: tuple[str, ...], expected: object) -> None:
    found: Any = merged(BASE, override)
    for key in place:
        found = found[key]
    assert found == expected


def test_side_fields_choose_nothing() -> None:
    """``adjustments`` alone must not take a meeting away: that would be silent."""
    found = merged('[activities.a]\nmeeting = "m"', "activities.a.adjustments = []\ncosts.x.stretches = true")
    assert found["activities"]["a"] == {"meeting": "m", "adjustments": []}


def test_removal_of_an_alternative_is_not_a_choice() -> None:
    assert merged("[activities.a]\nduration = { fixed = 1 }", 'activities.a.duration = "remove"') == {"activities": {"a": {}}}


def test_replaced_family_may_be_removed_explicitly_too() -> None:
    found = merged("[activities.a.duration]\nfixed = 1", 'activities.a.duration = { fixed = "remove", pert = [1, 2, 3] }')
    assert found == {"activities": {"a": {"duration": {"pert": [1, 2, 3]}}}}


def test_alternatives_are_fields_of_the_schema() -> None:
    for place, groups in ALTERNATIVES.items():
        fields = fields_at(tuple("x" if part == "*" else part for part in place))
        for ways in groups:
            assert {key for way in ways for key in way.keys | way.extras} <= set(fields), place


WHOLE = "[scenario]\nname = 'x'\n[calendars.c]\n[offices.o]\nname = 'O'\n[activities.a]\nactor = 'me'"


def test_changes_are_those_since_the_whole_base() -> None:
    tree = tree_of(
        "[activities.a]\nactor = 'you'", WHOLE, "[offices.p]\nround = 1", "offices.p.round = 2\noffices.o = 'remove'\nscenario.name = 'y'"
    )
    assert tree.changes() == (
        Change("offices.p", None, {"round": 2}, "2.toml"),
        Change("scenario.name", "x", "y", "3.toml"),
        Change("offices.o", {"name": "O"}, None, "3.toml"),
    )


def test_a_single_file_has_no_changes() -> None:
    assert tree_of(WHOLE).changes() == ()
    assert tree_of("[calendars.c]", WHOLE).changes() == ()


def test_a_change_back_is_no_change() -> None:
    assert tree_of(WHOLE, "scenario.name = 'y'", "scenario.name = 'x'").changes() == ()


def test_places_follow_the_last_word() -> None:
    tree = tree_of("[a.b]\nc = [1, 2]\nd = 1", "[a]\nb.c = 5", "[a]\n\nz = 1")
    assert tree.place(("a", "b", "c")) == ("1.toml", 2)
    assert tree.place(("a", "b", "c", 1)) == ("1.toml", 2)
    assert tree.place(("a", "b", "d")) == ("0.toml", 3)
    assert tree.place(("a", "z", "deeper")) == ("2.toml", 3)
    assert tree.place(("nowhere",)) == ("0.toml", None)


def test_plain_values() -> None:
    faults: list[Fault] = []
    value = {"a": dt.date(2022, 6, 1), "b": dt.datetime(2022, 6, 1), "c": dt.datetime(2022, 6, 1, 8), "d": dt.time(8), "e": [float("inf")]}
    assert plain(value, (), faults) == {
        "a": "2022-06-01",
        "b": "2022-06-01",
        "c": "2022-06-01T08:00:00",
        "d": "08:00:00",
        "e": [float("inf")],
    }
    assert [str(fault) for fault in faults] == ["e[0]: inf is not a number that can be used; give a finite one"]


keys = st.sampled_from("abcd")
trees = st.recursive(st.integers(0, 3), lambda inner: st.dictionaries(keys, inner, max_size=3), max_leaves=8)
tables = st.dictionaries(keys, trees, max_size=3)


def overlaid(base: Any, over: Any) -> Any:
    """The rule in one line, as the oracle."""
    return {**base, **{k: overlaid(base.get(k), v) for k, v in over.items()}} if isinstance(base, dict) and isinstance(over, dict) else over


@given(tables, tables, tables)
def test_merging_is_the_rule(first: dict[str, Any], second: dict[str, Any], third: dict[str, Any]) -> None:
    expected = overlaid(overlaid(first, second), third)
    tree = Tree()
    for i, table in enumerate((first, second, third)):
        tree.lay(Layer(str(i), plain(table, (), []), i))
    assert tree.tables == expected
