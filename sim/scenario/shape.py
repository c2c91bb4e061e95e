"""From resolved tables to a typed :class:`~sim.scenario.schema.Scenario`, with every wrong shape told in a planner's words.

The tables are read as strict JSON. So a number in quotes is no number, a passport gives exactly the scenario that was loaded,
and there is one way in.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sim.errors import Fault, InputError
from sim.scenario.paths import Path, dotted
from sim.scenario.reference import FILE_KEYS, fields_at, is_open, nodes_at, text_at
from sim.scenario.schema import Scenario
from sim.scenario.wording import did_you_mean, listing, number, show, unknown

_TABLE = "a table"

_KEY = "[key]"
"""Pydantic's mark of a fault with a key and not with its value."""


def validate(raw: dict[str, Any]) -> Scenario:
    """Read resolved tables as a scenario.

    Raises
    ------
    InputError
        Every wrong shape, without file and line.
    """
    try:
        return Scenario.model_validate_json(json.dumps(raw), strict=True)
    except ValidationError as error:
        raise InputError(*_faults(raw, error.errors(include_url=False))) from None


def _faults(raw: dict[str, Any], errors: Iterable[ErrorDetails]) -> list[Fault]:
    """One fault a place: pydantic reports every arm of a union by itself."""
    by_path: dict[Path, list[ErrorDetails]] = {}
    for error in errors:
        by_path.setdefault(_path(raw, error), []).append(error)
    # The wrong arms of a union complain about the whole value where the right one complains about something in it.
    outer = {path[:n] for path in by_path for n in range(len(path))}
    return [_fault(raw, path, group) for path, group in by_path.items() if path not in outer or not all(_is_arm(e) for e in group)]


def _is_arm(error: ErrorDetails) -> bool:
    """Whether a fault inside the value explains this one: a wrong type, or too few items because some were refused."""
    return error["type"].endswith("_type") or error["type"] == "too_short"


def _path(raw: Any, error: ErrorDetails) -> Path:
    """The place in the tables: pydantic's own, without the names of union arms and of what validators put in."""
    path: list[str | int] = []
    node: Any = raw
    for part in error["loc"]:
        if _holds(node, part):
            path.append(part)
            node = node[part]
    if error["type"] == "missing" and isinstance(node, dict):
        path.append(error["loc"][-1])
    return tuple(path)


def _holds(node: Any, part: str | int) -> bool:
    if isinstance(node, list):
        return isinstance(part, int) and part < len(node)
    return isinstance(node, dict) and part in node


def _fault(raw: dict[str, Any], path: Path, errors: list[ErrorDetails]) -> Fault:
    """Word the faults found at one place as one."""
    for error in errors:
        if error["loc"] and error["loc"][-1] == _KEY:
            return _wrong_key(path, str(path[-1]), error)
    worded = next((error for error in errors if error["type"] in _WORDINGS), None)
    if worded:
        return _WORDINGS[worded["type"]](path, worded)
    found = _value_at(raw, path)
    allowed = [word for kinds, word in _EXPECTED if any(error["type"] in kinds for error in errors)]
    if not allowed:
        return Fault(dotted(*path), f"{show(found)} is not allowed here: {errors[0]['msg']}")
    if _TABLE in allowed:
        allowed[allowed.index(_TABLE)] += _such_as(path)
    *first, last = allowed
    advice = f"give {', '.join(first) + ' or ' if first else ''}{last}{_as_number(found, allowed)}"
    return Fault(dotted(*path), f"{show(found)} is not allowed here; {advice}")


def _such_as(path: Path) -> str:
    """An example of the table that is wanted at a place, or the keys that it may have."""
    fields = fields_at(path)
    if "triangular" in fields:
        return (
            ' such as { fixed = 20 } or { triangular = [10, 15, 40], unit = "weeks" }' if "unit" in fields else " such as { fixed = 1.2 }"
        )
    if fields:
        return f" with keys of {listing(fields)}"
    return " such as { NAME = … }" if is_open(path) else ""


def _as_number(found: Any, allowed: Collection[str]) -> str:
    """How a number that was given as a text, or as people write it, is written."""
    if not isinstance(found, str) or len(found) > 40 or not {"a number", "a whole number"} & set(allowed):
        return ""
    match = re.fullmatch(r"([-+]?\d[\d \u00a0\u202f_]*(?:[.,]\d+)?)\s*(%?)", found.strip())
    if not match:
        return ""
    value = float(re.sub(r"[ \u00a0\u202f_]", "", match[1]).replace(",", ".")) / (100 if match[2] else 1)
    return f" without quotes: {number(value)}"


def _value_at(raw: Any, path: Path) -> Any:
    for part in path:
        raw = raw[part]
    return raw


_EXPECTED = (
    (("bool_type",), "true or false"),
    (("int_type", "int_from_float"), "a whole number"),
    (("float_type",), "a number"),
    (("string_type",), "a text in quotes"),
    (("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"), "a date such as 2022-06-01"),
    (("dict_type", "model_type"), _TABLE),
    (("tuple_type",), "a list in [ ]"),
)
"""What pydantic's kinds of error ask for."""


def _wrong_key(path: Path, key: str, error: ErrorDetails) -> Fault:
    if error["type"] == "literal_error":
        return unknown(dotted(*path), key, "a key here", _options(error))
    slug = re.sub(r"[^a-z0-9_]+", "-", unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode().lower()).strip("-_")
    hint = f' (perhaps "{slug[:64]}")' if slug else ""
    return Fault(dotted(*path), f'{show(key)} is not an id; use lower-case a–z, 0–9, "_" and "-", at most 64{hint}')


def _options(error: ErrorDetails) -> list[str]:
    return re.findall(r"'([^']*)'", str(error.get("ctx", {}).get("expected", "")))


def _missing(path: Path, error: ErrorDetails) -> Fault:
    if error["loc"] and isinstance(error["loc"][-1], int):
        return _too_few(path)
    return Fault(dotted(*path), "is missing" + _said(path))


def _said(path: Path) -> str:
    """What the schema says of a field, as the end of a message."""
    text = text_at(path).split("; default")[0].rstrip(".")
    return f": {text[0].lower()}{text[1:]}".replace("``", '"') if text else ""


def _too_few(path: Path) -> Fault:
    count = next((node["minItems"] for node in nodes_at(path) if "minItems" in node), None)
    return Fault(dotted(*path), f"has too few values; give {count}" if count else "has too few values")


def _extra(path: Path, _: ErrorDetails) -> Fault:
    *table, key = path
    if table and key in FILE_KEYS:
        return Fault(dotted(*path), f'"{key}" is a key of the whole file; put it above the first [heading]')
    known = [*FILE_KEYS, *fields_at(())] if not table else fields_at(table)
    what = "a section of a scenario" if not table else f"a field of {dotted(*table)}"
    return unknown(dotted(*path), str(key), what, known)


def _literal(path: Path, error: ErrorDetails) -> Fault:
    options = _options(error)
    found = error["input"]
    guess = did_you_mean(found, options) if isinstance(found, str) else ""
    return Fault(dotted(*path), f"{show(found)} is not allowed here; use one of {listing(options)}{guess}")


def _pattern(path: Path, error: ErrorDetails) -> Fault:
    found = show(error["input"])
    pattern = str(error.get("ctx", {}).get("pattern", ""))
    if pattern.endswith(r"\.start$"):
        return Fault(dotted(*path), f"{found} is not the start of an activity; write ACTIVITY.start")
    if "start|finish" in pattern:
        return Fault(dotted(*path), f"{found} is not a moment of an activity; write ACTIVITY.start or ACTIVITY.finish")
    return Fault(dotted(*path), f"{found} is neither a date nor a day of the year; write 2022-06-30, or 06-30 for every year")


def _bound(words: str, key: str) -> Callable[[Path, ErrorDetails], Fault]:
    def fault(path: Path, error: ErrorDetails) -> Fault:
        limit, found = error.get("ctx", {}).get(key), error["input"]
        size = "small" if key in ("ge", "gt") else "large"
        percent = f": {number(found)} % is {number(found / 100)}" if limit == 1 and size == "large" and 2 <= found <= 100 else ""
        return Fault(dotted(*path), f"{_shown(found)} is too {size}; it must be {words} {_shown(limit)}{percent}")

    return fault


def _shown(value: Any) -> str:
    return number(value) if isinstance(value, (int, float)) else str(value)


def _too_many_letters(path: Path, error: ErrorDetails) -> Fault:
    most = error.get("ctx", {}).get("max_length")
    return Fault(dotted(*path), f"{show(error['input'])} has {len(error['input'])} letters; give at most {most}")


def _too_long(path: Path, error: ErrorDetails) -> Fault:
    return Fault(dotted(*path), f"has too many values; give at most {error.get('ctx', {}).get('max_length')}")


_WORDINGS: dict[str, Callable[[Path, ErrorDetails], Fault]] = {
    "missing": _missing,
    "extra_forbidden": _extra,
    "literal_error": _literal,
    "string_pattern_mismatch": _pattern,
    "greater_than_equal": _bound("at least", "ge"),
    "greater_than": _bound("more than", "gt"),
    "less_than_equal": _bound("at most", "le"),
    "less_than": _bound("less than", "lt"),
    "too_short": lambda path, _: _empty(path),
    "too_long": _too_long,
    "string_too_short": lambda path, _: _empty(path),
    "string_too_long": _too_many_letters,
}


def _empty(path: Path) -> Fault:
    return Fault(dotted(*path), "is empty" + _said(path))
