"""What the schema says about itself: JSON Schema for editors, a reference page for people, and the fields at any place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from sim.scenario.schema import Event, MonthDay, Scenario

Node = dict[str, Any]
"""A part of a JSON Schema."""

FILE_KEYS: dict[str, Node] = {
    "extends": {
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        "description": "Scenario files that this one is laid over, relative to it; several are laid from left to right.",
    },
    "offices_file": {
        "type": "string",
        "description": "Table of offices (.csv or .xlsx), relative to this file; ``[offices.ID]`` tables merge onto its rows.",
    },
}
"""Keys of a scenario file that the loader acts on; the scenario itself has them no more."""

REMOVED: Node = {"const": "remove"}
"""What deletes an entry of the base."""


@cache
def _scenario_schema() -> Node:
    return Scenario.model_json_schema(by_alias=True, mode="validation")


def json_schema() -> Node:
    """JSON Schema of a scenario file, for editors that complete and check TOML.

    A file that extends another may leave out anything, so no key is required at the top.
    """
    schema = dict(_scenario_schema())
    schema.pop("required", None)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "etablera scenario"
    schema["properties"] = {**FILE_KEYS, **{name: _removable(node) for name, node in schema["properties"].items()}}
    schema["$defs"] = {name: _partial(node) for name, node in schema["$defs"].items()}
    return schema


def _partial(node: Node) -> Node:
    """A partial table: what a base has given need not be given again, and may be removed."""
    made = {key: value for key, value in node.items() if key != "required"}
    if "properties" in node:
        made["properties"] = {name: _removable(field) for name, field in node["properties"].items()}
    return made


def _removable(node: Node) -> Node:
    """A field that may be removed, as may what stands under keys of the planner's own."""
    node = {key: _removable(value) if key == "additionalProperties" and isinstance(value, dict) else value for key, value in node.items()}
    if isinstance(node.get("patternProperties"), dict):
        node["patternProperties"] = {key: _removable(value) for key, value in node["patternProperties"].items()}
        node.setdefault("additionalProperties", False)
    about: Node = {key: node.pop(key) for key in ("title", "description", "default") if key in node}
    return {**about, "anyOf": [*(node["anyOf"] if node.keys() == {"anyOf"} else [node]), REMOVED]}


def variants(node: Node) -> Iterator[Node]:
    """The forms that a value may have: references followed, unions taken apart."""
    if "$ref" in node:
        yield from variants(_scenario_schema()["$defs"][node["$ref"].rsplit("/", 1)[1]])
    elif "anyOf" in node:
        for option in node["anyOf"]:
            yield from variants(option)
    else:
        yield node


def nodes_at(path: Sequence[str | int]) -> list[Node]:
    """Forms that the value at a path may have; empty where the schema has no such place."""
    nodes = list(variants(_scenario_schema()))
    for part in path:
        nodes = [v for node in nodes for child in _children(node, part) for v in variants(child)]
    return nodes


def _children(node: Node, part: str | int) -> Iterator[Node]:
    if isinstance(part, int):
        prefix = node.get("prefixItems", [])
        if part < len(prefix):
            yield prefix[part]
        elif isinstance(node.get("items"), dict):
            yield node["items"]
    elif part in node.get("properties", {}):
        yield node["properties"][part]
    elif entry := _entry(node):
        yield entry


def _entry(node: Node) -> Node | None:
    """Form of the values under keys of the planner's own; ``None`` where there can be no such keys."""
    by_pattern = node.get("patternProperties")
    entry = next(iter(by_pattern.values())) if by_pattern else node.get("additionalProperties")
    return entry if isinstance(entry, dict) else None


def fields_at(path: Sequence[str | int]) -> list[str]:
    """Keys that the schema knows in the table at a path."""
    return [name for node in nodes_at(path) for name in node.get("properties", {})]


def is_open(path: Sequence[str | int]) -> bool:
    """Whether the table at a path may have keys of the planner's own."""
    return any(_entry(node) is not None for node in nodes_at(path))


def text_at(path: Sequence[str | int]) -> str:
    """What the schema says about a field."""
    *parents, last = path
    for node in nodes_at(parents):
        described = node.get("properties", {}).get(last, {})
        if "description" in described:
            return str(described["description"])
    return ""


def reference_markdown() -> str:
    """Reference page of the scenario language: every section and field with type, unit, bound, default and text."""
    schema = _scenario_schema()
    parts = [_INTRODUCTION, _field_table({"properties": FILE_KEYS})]
    shown: dict[str, None] = {}
    for section, node in schema["properties"].items():
        form = next(variants(node))
        entry = _entry(form)
        name = _ref(entry) if entry else _ref(node)
        shown[name] = None
        parts.append(f"## `[{section}{'.ID' if entry else ''}]`\n\n{node.get('description', '')}\n\n{_model(name)}")
    parts.append("## Tables within tables\n")
    parts += [f"### {_heading(name)}\n\n{_model(name)}" for name in sorted(set(schema["$defs"]) - set(shown))]
    return "\n".join(parts).rstrip() + "\n"


_INTRODUCTION = """# The scenario language

Generated from the schema (`sim/scenario/schema.py`). A scenario is a TOML file; everything is a table keyed by id.
Precedence: `--set` over the file over what it `extends` (left to right) over the defaults below.
A key set to `"remove"` deletes an entry of the base.

## The file
"""


def _ref(node: Node) -> str:
    """Name of the model that a node refers to."""
    return str(node["$ref"]).rsplit("/", 1)[1]


def _heading(name: str) -> str:
    return "".join(f" {c.lower()}" if c.isupper() and i else c for i, c in enumerate(name))


def _model(name: str) -> str:
    node = _scenario_schema()["$defs"][name]
    return f"{node.get('description', '').strip()}\n\n{_field_table(node)}"


def _field_table(node: Node) -> str:
    rows = ["| field | type | unit | bound | default | meaning |", "|---|---|---|---|---|---|"]
    required = node.get("required", ())
    for name, field in node["properties"].items():
        default = "**required**" if name in required else _default(field)
        text = " ".join(field.get("description", "").replace("``", "`").split())
        cells = (f"`{name}`", _type(field), _facet(field, _unit), _facet(field, _bound), default, text)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def _default(field: Node) -> str:
    value = field.get("default")
    return "" if value in (None, "", [], {}) or isinstance(value, dict) else f"`{str(value).lower() if isinstance(value, bool) else value}`"


_TYPES = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}


def _type(node: Node) -> str:
    """Type of a field in words; unions with "or"."""
    if "$ref" in node:
        return f"table: {_heading(_ref(node)).lower()}"
    if "anyOf" in node:
        kinds = (_type(option) for option in node["anyOf"] if option.get("type") != "null")
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in node or "const" in node:
        return "one of " + ", ".join(f'"{value}"' for value in node.get("enum", [node.get("const")]))
    if node.get("type") == "array":
        inner = node["prefixItems"][0] if "prefixItems" in node else node.get("items", {})
        count = f"{node['minItems']} × " if "prefixItems" in node else ""
        return f"list of {count}{_type(inner)}"
    if node.get("type") == "object":
        return f"table of {_type(_entry(node) or {'type': 'string'})}"
    return "date" if node.get("format") == "date" else _TYPES[node["type"]]


def _facet(node: Node, read: Any) -> str:
    """A property of the field's innermost types, each said once."""
    found: dict[str, None] = {}
    for variant in _leaves(node):
        if text := read(variant):
            found[text] = None
    return "; ".join(found)


def _leaves(node: Node) -> Iterator[Node]:
    """The node, and what its lists, tables and unions hold; referred models have tables of their own."""
    yield node
    inner = [*node.get("anyOf", ()), *node.get("prefixItems", ()), node.get("items"), _entry(node)]
    for child in inner:
        if isinstance(child, dict) and "$ref" not in child:
            yield from _leaves(child)


def _unit(node: Node) -> str:
    return str(node.get("unit", ""))


def _pattern_of(kind: Any) -> str:
    """The pattern that an annotated text must fit."""
    return str(next(constraint for constraint in kind.__metadata__[0].metadata if hasattr(constraint, "pattern")).pattern)


def _bound(node: Node) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    bounds = [f"{sign} {_short(node[key])}" for key, sign in signs.items() if key in node]
    if "pattern" in node:
        bounds.append(_PATTERNS.get(node["pattern"], f"`{node['pattern']}`"))
    return ", ".join(bounds)


_PATTERNS = {
    _pattern_of(Event): "`ACTIVITY.start` or `ACTIVITY.finish`",
    _pattern_of(MonthDay): "`MM-DD`",
}
"""Forms of a text, as a planner writes them."""


def _short(value: float) -> str:
    return (f"{int(value):,}" if value == int(value) else f"{value:,.10g}").replace(",", " ")
