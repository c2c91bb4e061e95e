"""Laying scenario files over one another.

Precedence, one line: ``--set`` over the file over what it ``extends`` (left to right) over the schema's defaults.

- Tables merge by key; anything else (numbers, texts, dates, lists) replaces.
- A key set to the text ``"remove"`` deletes an entry of the base. To delete what is not there is a fault.
- What excludes one another does not pile up. When base and override are tables and the override names a key of
  :data:`ALTERNATIVES`, the base's keys that exclude it are dropped: ``duration = { fixed = 10 }`` over
  ``duration = { lognormal = …, unit = "weeks" }`` leaves ``{ fixed = 10, unit = "weeks" }``, with unit, grade and source kept.
  The same goes for the ways to give a lognormal, for ``duration``, ``meeting`` and ``opening_days`` of an activity, and for
  the kinds and amounts of a cost item.
- Several bases are laid in order, each file once, at its first place, below everything that extends it. So two what-ifs of
  the same base combine: ``extends = ["no-shortage.toml", "fewer-slots.toml"]``.
- An ``offices_file`` lies just below the file that names it: that file's own ``[offices.ID]`` tables merge onto its rows, and
  both onto the offices of the base.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from sim.errors import Fault
from sim.scenario.paths import Path, dotted

REMOVE = "remove"
"""The text that deletes an entry of the base."""

MOST_LEVELS = 12
"""Deepest nesting of tables and lists."""

FAMILIES = (
    "fixed",
    "uniform",
    "triangular",
    "pert",
    "normal",
    "exponential",
    "gamma",
    "weibull",
    "lognormal",
    "quantiles",
    "discrete",
    "empirical",
    "mixture",
)
"""Families of distributions, each a key of :class:`sim.scenario.schema.Distribution`."""

Alternatives = tuple[frozenset[str], ...]

_FAMILY_KEYS: Alternatives = tuple(frozenset({name, "empirical_values"} if name == "empirical" else {name}) for name in FAMILIES)
_LOGNORMAL_KEYS: Alternatives = (frozenset({"p10", "p90"}), frozenset({"median", "sigma"}))

DISTRIBUTIONS = (
    ("activities", "*", "duration"),
    ("activities", "*", "by_type", "*"),
    ("activities", "*", "by_round", "*"),
    ("risks", "*", "factor"),
    ("risks", "*", "delay"),
    ("costs", "*", "uncertainty"),
    ("price_index", "*", "uncertainty"),
)
"""Where distributions stand; ``*`` is any key."""

ALTERNATIVES: dict[tuple[str, ...], tuple[Alternatives, ...]] = {
    **dict.fromkeys(DISTRIBUTIONS, (_FAMILY_KEYS,)),
    **dict.fromkeys((*((*where, "lognormal") for where in DISTRIBUTIONS),), (_LOGNORMAL_KEYS,)),
    ("activities", "*"): (
        (frozenset({"duration", "by_type", "by_round", "adjustments"}), frozenset({"meeting"}), frozenset({"opening_days"})),
    ),
    ("costs", "*"): (
        (frozenset({"at"}), frozenset({"over", "stretches"}), frozenset({"per_year_from", "until"})),
        (frozenset({"amount"}), frozenset({"by_type"}), frozenset({"share", "share_of"})),
    ),
}
"""By place: groups of keys of which a table may have one. A group's keys go together; naming one drops the base's others."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference from the base.

    Attributes
    ----------
    path
        Dotted path of what was changed; a whole table when all of it is new or gone.
    old, new
        Values as in the passport (dates as ISO text); ``None`` for what was not there, or is not there any more.
    source
        The file, or the ``--set`` option, that made the change.
    """

    path: str
    old: Any
    new: Any
    source: str


@dataclass(frozen=True)
class Layer:
    """Tables from one file, or from one ``--set``.

    Attributes
    ----------
    source
        Name of the file, or ``--set …``.
    tables
        The content, JSON-able.
    group
        Layers of one group (a file and its offices file) are one to the reader: no changes are listed between them.
    lines
        Gives the line of each path; called only when there is a fault to place.
    literal
        ``"remove"`` is an ordinary text here.
    """

    source: str
    tables: dict[str, Any]
    group: int
    lines: Callable[[], Mapping[Path, int]] = dict
    literal: bool = False


@dataclass
class Tree:
    """What the layers laid so far amount to."""

    tables: dict[str, Any] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    _layers: list[Layer] = field(default_factory=list)
    _owners: dict[Path, int] = field(default_factory=dict)

    def lay(self, layer: Layer) -> None:
        """Lay one more layer on top."""
        self._layers.append(layer)
        if len(self._layers) == 1:
            self._owners[()] = 0
        self._merge(self.tables, layer.tables, ())

    def place(self, path: Path) -> tuple[str, int | None]:
        """File and line of a path, or of the nearest thing around it."""
        owner = -1
        for length in range(len(path) + 1):
            owner = max(owner, self._owners.get(path[:length], -1))
        if owner < 0:
            return "", None
        layer = self._layers[owner]
        lines = layer.lines()
        return layer.source, next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), None)

    def _merge(self, base: dict[str, Any], over: dict[str, Any], path: Path) -> None:
        self._drop_excluded(base, over, path)
        for key, value in over.items():
            here = (*path, key)
            if value == REMOVE and not self._layers[-1].literal:
                self._remove(base, key, here)
            elif isinstance(value, dict) and isinstance(base.get(key), dict):
                self._merge(base[key], value, here)
            elif key not in base or not _same(base[key], value):
                self._put(base, key, value, here)

    def _drop_excluded(self, base: dict[str, Any], over: dict[str, Any], path: Path) -> None:
        for groups in _alternatives(path):
            named = [group for group in groups if any(over.get(key, REMOVE) != REMOVE for key in group)]
            excluded = [key for group in groups if named and group not in named for key in group]
            for key in excluded:
                if key in base and over.get(key) != REMOVE:
                    self._remove(base, key, (*path, key))

    def _remove(self, base: dict[str, Any], key: str, here: Path) -> None:
        if key not in base:
            file, line = self._own_place(here)
            self.faults.append(Fault(dotted(*here), "is to be removed, but the base has no such entry", file, line))
            return
        self._record(here, base.pop(key), None)

    def _put(self, base: dict[str, Any], key: str, value: Any, here: Path) -> None:
        value = self._without_removals(value, here)
        self._record(here, base.get(key), value)
        base[key] = value
        self._owners[here] = len(self._layers) - 1

    def _without_removals(self, value: Any, here: Path) -> Any:
        """A table that is new: a removal in it can only be a mistake."""
        if not isinstance(value, dict) or self._layers[-1].literal:
            return value
        new: dict[str, Any] = {}
        for key, item in value.items():
            if item == REMOVE:
                self._remove(new, key, (*here, key))
            else:
                new[key] = self._without_removals(item, (*here, key))
        return new

    def _record(self, here: Path, old: Any, new: Any) -> None:
        layer = self._layers[-1]
        owner = max(self._owners.get(here[:n], -1) for n in range(len(here) + 1))
        if len(self._layers) > 1 and self._layers[owner].group != layer.group:
            # A copy: later layers may change the table that is in the tree.
            self.changes.append(Change(dotted(*here), old, deepcopy(new), layer.source))

    def _own_place(self, here: Path) -> tuple[str, int | None]:
        layer = self._layers[-1]
        return layer.source, layer.lines().get(here)


def _alternatives(path: Path) -> tuple[Alternatives, ...]:
    if not 2 <= len(path) <= 5 or path[0] not in {"activities", "risks", "costs", "price_index"}:
        return ()
    for pattern, groups in ALTERNATIVES.items():
        if len(pattern) == len(path) and all(p in ("*", key) for p, key in zip(pattern, path, strict=True)):
            return groups
    return ()


def _same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(a == b)


def plain(value: Any, path: Path, faults: list[Fault]) -> Any:
    """Write a value read from TOML in JSON's terms, and note what is too deep, infinite or not a number.

    Dates, and date-times at midnight, become ISO dates.
    """
    if len(path) > MOST_LEVELS:
        faults.append(Fault(dotted(*path[:MOST_LEVELS]), f"is nested more than {MOST_LEVELS} levels deep"))
        return None
    if isinstance(value, dict):
        return {key: plain(item, (*path, key), faults) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item, (*path, i), faults) for i, item in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        faults.append(Fault(dotted(*path), f"{value} is not a number that can be used; give a finite one"))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, (dt.date, dt.time)) else value
