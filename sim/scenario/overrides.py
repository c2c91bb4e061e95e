"""``--set a.b.c=VALUE``: one change from the command line.

The key is a dotted TOML key. VALUE is read as TOML (``4``, ``0.5``, ``2022-06-01``, ``true``, ``["a", "b"]``,
``{ fixed = 3 }``, ``"text"``); what is no TOML value and does not look like the beginning of one is taken as a text, so that
``offices.boden.type=small`` needs no quotes. ``remove`` deletes. A list is set as a whole.

Unlike a file, an option may not make up new places: a mistyped id or attribute would otherwise change nothing in silence.
A whole new entry can be given as a table: ``--set 'risks.strike={ probability = 0.1, … }'``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from sim.errors import Fault, InputError
from sim.scenario.merge import Layer, plain
from sim.scenario.paths import dotted
from sim.scenario.reference import FILE_KEYS, fields_at, is_open, nodes_at
from sim.scenario.wording import show, unknown

SOURCE = "--set"
"""Where a change or a fault comes from that no file has made."""


def override_layer(option: str, tables: Mapping[str, Any], group: int) -> Layer:
    """Read one option against the tables resolved so far.

    Raises
    ------
    InputError
        The option cannot be read, or names a place that there is not.
    """
    keys, value = _parse(option)
    faults: list[Fault] = []
    value = plain(value, keys, faults)
    _check_place(keys, value, tables)
    if faults:
        raise InputError(*(Fault(f.path, f.message, SOURCE) for f in faults))
    for key in reversed(keys):
        value = {key: value}
    return Layer(f"{SOURCE} {option}", value, group)


def _parse(option: str) -> tuple[tuple[str, ...], Any]:
    """Keys and value of an option."""
    cut = _equals_sign(option)
    key, text = option[:cut].strip(), option[cut + 1 :].strip()
    if cut < 0 or not key or not text:
        raise InputError(Fault("", f"{show(option)} is not KEY=VALUE; write e.g. --set resources.crews.capacity=4", SOURCE))
    try:
        if "\n" in key:
            raise ValueError("more than a key")
        table: Any = tomllib.loads(f"{key} = 0\n")
        text.encode()  # fails for bytes of the command line that are no text
    except (ValueError, RecursionError):
        raise InputError(Fault("", f'"{key}" is not a key; write e.g. resources.crews.capacity', SOURCE)) from None
    keys: list[str] = []
    while isinstance(table, dict) and len(table) == 1:
        name, table = next(iter(table.items()))
        keys.append(name)
    if table != 0:
        raise InputError(Fault("", f'"{key}" is not a key; write e.g. resources.crews.capacity', SOURCE))
    return tuple(keys), _value(text, dotted(*keys))


def _equals_sign(option: str) -> int:
    """Position of the first ``=`` outside quotes, or -1."""
    quote = ""
    for i, c in enumerate(option):
        if quote:
            quote = "" if c == quote else quote
        elif c in "\"'":
            quote = c
        elif c == "=":
            return i
    return -1


def _value(text: str, path: str) -> Any:
    try:
        table = tomllib.loads(f"value = {text}\n")
    except (ValueError, RecursionError):
        table = {}
    if list(table) == ["value"]:
        return table["value"]
    if text[0] in "[{\"'" or "\n" in text:
        raise InputError(
            Fault(
                path, f"{show(text)} is not a TOML value; put it in quotes for the shell, e.g. --set 'resources.crews.changes=[]'", SOURCE
            )
        )
    return text


def _check_place(keys: tuple[str, ...], value: Any, tables: Mapping[str, Any]) -> None:
    if keys[0] in FILE_KEYS:
        raise InputError(Fault(keys[0], "cannot be set here; write it in a scenario file", SOURCE))
    node: Any = tables
    for depth, key in enumerate(keys):
        if depth and not isinstance(node, Mapping) and not nodes_at(keys[:depth]):  # the schema last: making it takes time
            break
        if not _is_table(keys[:depth], node):
            raise InputError(Fault(dotted(*keys), f"{dotted(*keys[:depth])} is not a table; set it as a whole", SOURCE))
        there = node if isinstance(node, Mapping) else {}
        if key not in there and not _may_be_new(keys, depth, value, tables):
            _refuse(keys[: depth + 1], there, tables)
        node = there.get(key)


def _is_table(path: tuple[str, ...], node: Any) -> bool:
    return isinstance(node, Mapping) or bool(fields_at(path)) or is_open(path)


def _may_be_new(keys: tuple[str, ...], depth: int, value: Any, tables: Mapping[str, Any]) -> bool:
    """Whether a key that the tables do not have may be set."""
    path, key = keys[:depth], keys[depth]
    if key in fields_at(path):
        return True
    if depth == 2 and path[0] == "offices":
        return key in _attributes(tables)
    if depth == 1:
        return is_open(path) and len(keys) == 2 and isinstance(value, Mapping)
    return is_open(path)


def _attributes(tables: Mapping[str, Any]) -> dict[str, None]:
    """Attributes that any office has."""
    offices = tables.get("offices", {})
    rows = offices.values() if isinstance(offices, Mapping) else ()
    return {name: None for row in rows if isinstance(row, Mapping) for name in row}


def _refuse(path: tuple[str, ...], there: Mapping[str, Any], tables: Mapping[str, Any]) -> None:
    *parents, key = path
    known = dict.fromkeys([*there, *fields_at(parents), *(_attributes(tables) if parents[:1] == ["offices"] and len(parents) == 2 else ())])
    place = f"in {dotted(*parents)}" if parents else "a section"
    fault = unknown(dotted(*path), key, place, known)
    raise InputError(Fault(fault.path, fault.message, SOURCE))
