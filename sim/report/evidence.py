"""The assumptions of a scenario: every part that says what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from sim.analysis.table import Table
from sim.scenario.schema import Evidence, Scenario

GRADES = ("report", "A", "B", "C", "assumption")
"""From the surest to the least sure."""

LONGEST = 120
"""Characters of a value that are shown."""


def assumptions(scenario: Scenario) -> Table:
    """Path, value, grade and source of every part of a scenario that has a grade; offices without further evidence are left out."""
    rows = [row for name in type(scenario).model_fields for row in _walk(name, getattr(scenario, name))]
    return Table.of_rows("assumptions", ("path", "value", "grade", "source"), rows)


def _walk(path: str, value: Any) -> Iterator[tuple[str, str, str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(f"{path}.{key}", item)
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _walk(f"{path}.{number}", item)
    elif isinstance(value, BaseModel):
        if isinstance(value, Evidence) and value.grade:
            yield path, brief(value), value.grade, value.source
        for name in value.model_fields_set:
            if isinstance(getattr(value, name), BaseModel | dict | tuple):
                yield from _walk(f"{path}.{name}", getattr(value, name))


def brief(part: BaseModel) -> str:
    """What was written of a part, without its names and evidence, cut at ``LONGEST``.

    >>> from sim.scenario.schema import Risk
    >>> brief(Risk.model_validate({"probability": 0.25, "activities": ["lease"], "grade": "A"}))
    'probability 0.25, activities lease'
    """
    skip = {"grade", "source", "name"}
    told = _said({key: value for key, value in part.model_dump(mode="json", exclude_unset=True, by_alias=True).items() if key not in skip})
    return told if len(told) <= LONGEST else told[: LONGEST - 1] + "…"


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_said(item)}" for key, item in value.items() if key not in {"grade", "source"} and item is not None)
    if isinstance(value, list):
        return " ".join(_said(item) for item in value)
    return str(value)
