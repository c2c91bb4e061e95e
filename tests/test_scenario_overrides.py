"""``--set``: what it takes for a value, and that it makes up no places."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenario_cases import GOOD

from sim.errors import InputError
from sim.scenario import load_scenario
from sim.scenario.overrides import override_layer
from sim.scenario.schema import ScenarioInfo

TABLES = load_scenario(GOOD).raw


def override(option: str) -> dict[str, Any]:
    return override_layer(option, TABLES, 9).tables


def fault(option: str) -> str:
    with pytest.raises(InputError) as caught:
        override(option)
    return str(caught.value)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("resources.crews.capacity=16", 16),
        ("resources.crews.capacity = 1_000 ", 1000),
        ("resources.crews.capacity=0x10", 16),
        ("resources.crews.capacity=1,5", "1,5"),
        ("resources.crews.name=small", "small"),
        ("resources.crews.name=two words = three", "two words = three"),
        ('resources.crews.name="4"', "4"),
        ("resources.crews.name='a=b'", "a=b"),
        ("resources.crews.held=remove", "remove"),
        ("resources.crews.changes=[{ from = 2022-01-01, capacity = 3 }]", [{"from": "2022-01-01", "capacity": 3}]),
        ("resources.crews.capacity=true", True),
        ("resources.crews.capacity=2022-01-01", "2022-01-01"),
    ],
)
def test_values(option: str, value: object) -> None:
    (found,) = override(option)["resources"]["crews"].values()
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "option",
    [
        "activities.find.by_type.small.fixed=3",
        "activities.find.duration.unit=days",
        "activities.permit.when.area_open=true",
        'price_index.goods.points."2023-01-01"=1.2',
        "offices.south.area_open=true",
        "offices.south.type=small",
        "risks.strike={ probability = 0.1 }",
        "offices.east=remove",
        "scenario.horizon=2030-01-01",
        "correlation.county=0.1",
    ],
)
def test_places_that_may_be_set(option: str) -> None:
    assert override(option)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("nothing", '"nothing" is not KEY=VALUE; write e.g. --set resources.crews.capacity=4  [--set]'),
        ("scenario.seed=", '"scenario.seed=" is not KEY=VALUE; write e.g. --set resources.crews.capacity=4  [--set]'),
        ("=3", '"=3" is not KEY=VALUE; write e.g. --set resources.crews.capacity=4  [--set]'),
        ("scenario seed=3", '"scenario seed" is not a key; write e.g. resources.crews.capacity  [--set]'),
        ("scenario.=3", '"scenario." is not a key; write e.g. resources.crews.capacity  [--set]'),
        ("[scenario]\nseed=3", '"[scenario]\\nseed" is not a key; write e.g. resources.crews.capacity  [--set]'),
        ("a\nb=3", '"a\\nb" is not a key; write e.g. resources.crews.capacity  [--set]'),
        (
            "scenario.seed=[1",
            "scenario.seed: \"[1\" is not a TOML value; put it in quotes for the shell, e.g. --set 'resources.crews.changes=[]'  [--set]",
        ),
        (
            "scenario.seed=1\nname=2",
            'scenario.seed: "1\\nname=2" is not a TOML value; put it in quotes for the shell, '
            "e.g. --set 'resources.crews.changes=[]'  [--set]",
        ),
        ("scenario.seed=inf", "scenario.seed: inf is not a number that can be used; give a finite one  [--set]"),
        ("extends=base.toml", "extends: cannot be set here; write it in a scenario file  [--set]"),
        (
            "scenario.sead=3",
            'scenario.sead: "sead" is not in scenario; use one of name, start, status_date, opening, calendar, replications, description, '
            "status_file, status, accept_out_of_sequence, use_expected_finish, learn, … "
            f'({len(ScenarioInfo.model_fields)} in all) (did you mean "seed"?)  [--set]',
        ),
        (
            "resources.crew.capacity=3",
            'resources.crew: "crew" is not in resources; use one of slots, crews (did you mean "crews"?)  [--set]',
        ),
        (
            "offices.suoth=remove",
            'offices.suoth: "suoth" is not in offices; use one of north, south, east, west (did you mean "south"?)  [--set]',
        ),
        (
            "offices.south.tpye=small",
            'offices.south.tpye: "tpye" is not in offices.south; use one of municipality, county, round, grade, source, name, '
            'type, target, start, enters_at, priority, colocated, … (13 in all) (did you mean "type"?)  [--set]',
        ),
        ("scenario.start.year=3", "scenario.start.year: scenario.start is not a table; set it as a whole  [--set]"),
        ("activities.works.after.x=3", "activities.works.after.x: activities.works.after is not a table; set it as a whole  [--set]"),
        ("resources.new=3", 'resources.new: "new" is not in resources; use one of slots, crews  [--set]'),
    ],
)
def test_places_that_may_not(option: str, message: str) -> None:
    assert fault(option) == message


def test_a_section_that_there_is_not() -> None:
    found = fault("budget.a=3")
    assert found.startswith('budget: "budget" is not a section; use one of scenario, calendars, office_types, offices, ')
    assert found.endswith('(did you mean "budgets"?)  [--set]')


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_option_is_read_or_told_off(key: str, value: str) -> None:
    for option in (f"{key}={value}", f"scenario.{key}={value}", f"offices.south.{value}={key}", key):
        with suppress(InputError):
            assert override(option)


def test_a_lone_surrogate_from_the_command_line() -> None:
    assert "is not a key" in fault("scenario.name=\udce5")
