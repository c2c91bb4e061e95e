"""What is generated from the schema holds every field, and what the schema says about each place."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

from sim.scenario import json_schema, reference_markdown, schema
from sim.scenario.reference import fields_at, is_open, nodes_at, text_at

MODELS = [
    value
    for value in vars(schema).values()
    if inspect.isclass(value)
    and issubclass(value, schema.Model)
    and value.__module__ == schema.__name__
    and value not in (schema.Model, schema.Evidence)
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_has_a_text(model: type[schema.Model]) -> None:
    assert all(field.description for field in model.model_fields.values())
    assert model.__doc__


def test_reference_has_every_section_and_field() -> None:
    page = reference_markdown()
    for section in schema.Scenario.model_fields:
        assert re.search(rf"^## `\[{section}(\.ID)?\]`$", page, re.MULTILINE), section
    for model in MODELS:
        for name, field in model.model_fields.items():
            if model is not schema.Scenario:
                assert f"| `{field.alias or name}` |" in page


def test_reference_rows_by_hand() -> None:
    page = reference_markdown()
    rows = [
        "| `extends` | text or list of text |  |  |  | Scenario files that this one is laid over, relative to it; several are laid "
        "from left to right. |",
        "| `probability` | number | probability | ≥ 0, ≤ 1 | `1.0` | Chance that it happens, where `when` fits. |",
        "| `lead` | whole number | working days | ≥ 0, ≤ 1 000 | `0` | Working days needed for papers, on the calendar of the activity "
        "that waits. |",
        '| `type` | one of "FS", "SS", "FF", "SF" |  |  | `FS` | Which end of it holds back which end of this one: the first letter is the '
        "predecessor's end. |",
        "| `uniform` | list of 2 × number |  | ≥ 0, ≤ 200 000 |  | Smallest and largest. |",
        "| `uses` | table of whole number |  | ≥ 1 |  | Units of pools needed from start to finish. |",
        "| `start` | date |  |  | **required** | Day 0: the first day that is simulated, from 1900 to 2200. |",
    ]
    for row in rows:
        assert row in page
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 7 for line in page.splitlines() if line.startswith("|"))


def test_json_schema_is_for_files() -> None:
    made = json_schema()
    assert {"extends", "offices_file", "offices", "activities"} <= set(made["properties"])
    assert "required" not in made
    assert not any("required" in node for node in made["$defs"].values())
    assert made["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_json_schema_knows_the_short_forms() -> None:
    activity = json_schema()["$defs"]["Activity"]["properties"]
    assert {"type": "string"} in activity["after"]["anyOf"]
    risk = json_schema()["$defs"]["Risk"]["properties"]
    assert {"type": "number"} in risk["factor"]["anyOf"]


def test_places() -> None:
    assert fields_at(("activities", "x", "redo")) == ["grade", "source", "probability", "back_to", "scale", "at_most"]
    assert fields_at(("activities", "x", "after", 3)) == ["activity", "type", "lag"]
    assert is_open(("activities", "x", "by_type"))
    assert is_open(("offices", "x"))
    assert not is_open(("activities", "x"))
    assert text_at(("activities", "x", "redo", "scale")) == "Factor on the new draws of every further pass."
    assert nodes_at(("nowhere",)) == []
    assert nodes_at(("activities", "x", "duration", "pert", 1))[0]["minimum"] == 0
    assert text_at(("nowhere", "at all")) == ""


def test_models_allow_no_unknown_keys_but_offices() -> None:
    open_models = [model for model in MODELS if model.model_config.get("extra") != "forbid"]
    assert open_models == [schema.Office]
    assert all(model.model_config.get("frozen") for model in MODELS)


def test_schema_has_no_default_that_can_be_changed_by_accident() -> None:
    """Shared mutable defaults are copied by pydantic; frozen tuples are preferred, tables cannot be."""
    tree = ast.parse(inspect.getsource(schema))
    lists = [node for node in ast.walk(tree) if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.List)]
    assert lists == []
