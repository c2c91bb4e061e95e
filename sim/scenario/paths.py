"""Places in a scenario: a tuple of keys and positions for the program, dotted text for people."""

from __future__ import annotations

import re

Path = tuple[str | int, ...]
"""Keys of tables and, as numbers, positions in lists."""

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_PART = re.compile(r'"((?:[^"\\]|\\.)*)"|\[(\d+)\]|([^.\[\]"]+)')


def dotted(*parts: str | int) -> str:
    """Write a path as TOML would: ``activities.lease.after[0]``.

    Examples
    --------
    >>> dotted("price_index", "building", "points", "2022-10-01")
    'price_index.building.points.2022-10-01'
    >>> dotted("offices", "Boden X", "type"), dotted("activities", "lease", "after", 0)
    ('offices."Boden X".type', 'activities.lease.after[0]')
    """
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            quoted = part if _BARE.match(part) else '"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"'
            text += f".{quoted}" if text else quoted
    return text


def split(text: str) -> Path:
    """Read back what :func:`dotted` wrote.

    Examples
    --------
    >>> split('offices."Boden X".type'), split("activities.lease.after[0]")
    (('offices', 'Boden X', 'type'), ('activities', 'lease', 'after', 0))
    """
    parts: list[str | int] = []
    for match in _PART.finditer(text):
        quoted, position, bare = match.groups()
        if quoted is not None:
            parts.append(re.sub(r"\\(.)", r"\1", quoted))
        else:
            parts.append(int(position) if position is not None else bare)
    return tuple(parts)
