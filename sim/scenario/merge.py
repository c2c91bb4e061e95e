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
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from sim.errors import Fault
from sim.scenario.paths import Path, dotted
from sim.scenario.wording import unseen_sign

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


@dataclass(frozen=True, slots=True)
class Way:
    """One of several ways to say the same thing: keys that choose it, and keys that only go with it."""

    keys: frozenset[str]
    extras: frozenset[str] = frozenset()


def _way(*keys: str, extras: tuple[str, ...] = ()) -> Way:
    return Way(frozenset(keys), frozenset(extras))


Ways = tuple[Way, ...]

_FAMILY_WAYS: Ways = tuple(_way(name, "empirical_values") if name == "empirical" else _way(name) for name in FAMILIES)
_LOGNORMAL_WAYS: Ways = (_way("p10", "p90"), _way("median", "sigma"))

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

ALTERNATIVES: dict[tuple[str, ...], tuple[Ways, ...]] = {
    **dict.fromkeys(DISTRIBUTIONS, (_FAMILY_WAYS,)),
    **dict.fromkeys(((*where, "lognormal") for where in DISTRIBUTIONS), (_LOGNORMAL_WAYS,)),
    ("activities", "*"): ((_way("duration", extras=("by_type", "by_round", "adjustments")), _way("meeting"), _way("opening_days")),),
    ("costs", "*"): (
        (_way("at"), _way("over", extras=("stretches",)), _way("per_year_from", extras=("until",))),
        (_way("amount"), _way("by_type"), _way("share", extras=("share_of",))),
    ),
}
"""By place: ways that exclude one another. An override that chooses one drops the base's keys of the others."""


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
        Layers of one group (a file and its offices file) are one to the reader.
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


_WHOLE = ("scenario", "calendars", "offices", "activities")
"""Sections that every scenario has."""


@dataclass
class Tree:
    """What the layers laid so far amount to."""

    tables: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    _layers: list[Layer] = field(default_factory=list)
    _owners: dict[Path, int] = field(default_factory=dict)
    _inner: dict[Path, tuple[int, Path]] = field(default_factory=dict)
    _base: dict[str, Any] | None = None

    def lay(self, layer: Layer) -> None:
        """Lay one more layer on top."""
        if self._base is None and self._layers and layer.group != self._layers[-1].group and all(s in self.tables for s in _WHOLE):
            self._base = deepcopy(self.tables)
        self._layers.append(layer)
        self._merge(self.tables, layer.tables, ())

    def copy(self) -> Tree:
        """A tree on which further layers can be laid, this one staying as it is."""
        return Tree(deepcopy(self.tables), list(self.faults), list(self._layers), dict(self._owners), dict(self._inner), self._base)

    @property
    def groups(self) -> int:
        """Number for the next group of layers."""
        return self._layers[-1].group + 1 if self._layers else 0

    def changes(self) -> tuple[Change, ...]:
        """What differs from the base: the first of the files laid that made a whole scenario with those below it."""
        if self._base is None:
            return ()
        found = sorted(differences(self._base, self.tables, ()), key=lambda change: self._owner(change[0]))
        return tuple(Change(dotted(*path), old, new, self._layers[self._owner(path)].source) for path, old, new in found)

    def place(self, path: Path) -> tuple[str, int | None]:
        """File and line of a path, or of the nearest thing around it."""
        if not self._layers:
            return "", None
        owner = self._owner(path)
        inner = self._inner.get(path, (0, path))
        if inner[0] > owner:  # a later layer has changed something inside: that is where to look
            owner, path = inner
        layer = self._layers[owner]
        lines = layer.lines()
        return layer.source, next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), None)

    def _owner(self, path: Path) -> int:
        """Layer that has the last word on a path: the last to replace it, or anything around it."""
        return max(self._owners.get(path[:n], 0) for n in range(len(path) + 1))

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
        for ways in _alternatives(path):
            chosen = [way for way in ways if any(over.get(key, REMOVE) != REMOVE for key in way.keys)]
            excluded = [key for way in ways if chosen and way not in chosen for key in way.keys | way.extras]
            for key in excluded:
                if key in base and over.get(key) != REMOVE:
                    self._remove(base, key, (*path, key))

    def _remove(self, base: dict[str, Any], key: str, here: Path) -> None:
        if key not in base:
            file, line = self._own_place(here)
            self.faults.append(Fault(dotted(*here), "is to be removed, but the base has no such entry", file, line))
            return
        del base[key]
        self._own(here)

    def _put(self, base: dict[str, Any], key: str, value: Any, here: Path) -> None:
        base[key] = self._without_removals(value, here)
        self._own(here)

    def _own(self, here: Path) -> None:
        """Note that the topmost layer has the last word here, and has said something of all that is around."""
        top = len(self._layers) - 1
        self._owners[here] = top
        for length in range(1, len(here)):
            if self._inner.get(here[:length], (0, ()))[0] < top:
                self._inner[here[:length]] = (top, here)

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

    def _own_place(self, here: Path) -> tuple[str, int | None]:
        layer = self._layers[-1]
        return layer.source, layer.lines().get(here)


def _alternatives(path: Path) -> tuple[Ways, ...]:
    if not 2 <= len(path) <= 5 or path[0] not in {"activities", "risks", "costs", "price_index"}:
        return ()
    for pattern, ways in ALTERNATIVES.items():
        if len(pattern) == len(path) and all(p in ("*", key) for p, key in zip(pattern, path, strict=True)):
            return ways
    return ()


def differences(old: dict[str, Any], new: dict[str, Any], path: Path = ()) -> Iterator[tuple[Path, Any, Any]]:
    """Every place where two trees of tables differ, with both values; ``None`` for what is not there."""
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key), new.get(key)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from differences(before, after, (*path, key))
        elif not _same(before, after):
            yield (*path, key), before, after


def _same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(a == b)


def plain(value: Any, path: Path, faults: list[Fault]) -> Any:
    """Write a value read from TOML in JSON's terms, and note what is too deep, not finite, or cannot be seen.

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
    if isinstance(value, str) and (unseen := unseen_sign(value)):
        faults.append(Fault(dotted(*path), unseen))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, (dt.date, dt.time)) else value
