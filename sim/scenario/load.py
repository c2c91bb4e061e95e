"""From a scenario file to a checked scenario: read, lay over one another, type, check.

What lies over what, and how, is told in :mod:`sim.scenario.merge`; which files may be read in :mod:`sim.scenario.files`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Any, Self

from sim.errors import Fault, InputError
from sim.scenario.checks import check
from sim.scenario.files import MOST_TOML_BYTES, FileBytes, Folder, decode, parse_toml
from sim.scenario.locate import key_lines
from sim.scenario.merge import REMOVE, Change, Layer, Tree, plain
from sim.scenario.observations import read_observations
from sim.scenario.office_table import MOST_OFFICES, read_offices
from sim.scenario.overrides import SOURCE, override_layer
from sim.scenario.paths import Path, dotted, split
from sim.scenario.schema import Scenario
from sim.scenario.shape import validate
from sim.scenario.status_table import read_status

MOST_BASES = 12
"""Longest chain of scenarios that extend one another."""

MOST_FILES = 100
"""Scenario files that one scenario may be laid from."""

MOST_ACTIVITIES = 1_000
"""Activities of one scenario."""

MOST_FAULTS = 500
"""Faults that are shown at once."""

_WITH_DISTRIBUTIONS = ("activities", "risks", "costs", "price_index")


@dataclass(frozen=True)
class LoadedScenario:
    """A scenario, and how it came about.

    Attributes
    ----------
    scenario
        The typed, checked scenario.
    path
        The file that was asked for.
    files
        SHA-256 of every file read, by its name as seen from the scenario's folder.
    changes
        What differs from the base, in the order of the files and options that made it so. The base is the lowest file that made
        a whole scenario with those below it; without one there are no changes.
    raw
        The resolved tables, JSON-able and whole: :func:`from_raw` makes the same scenario of them without any file.
    """

    scenario: Scenario
    path: FilePath
    files: dict[str, str]
    changes: tuple[Change, ...]
    raw: dict[str, Any]
    _tree: Tree = field(repr=False, compare=False)

    @classmethod
    def of_raw(
        cls, raw: dict[str, Any], path: FilePath, files: Mapping[str, str] = MappingProxyType({}), changes: Iterable[Change] = ()
    ) -> Self:
        """The scenario of a run's passport, with what is known there of its files and changes; reads no file.

        Raises
        ------
        InputError
            As :func:`from_raw`.
        """
        tree = Tree()
        tree.lay(Layer(path.name, raw, 0, literal=True))
        return cls(from_raw(raw), path, dict(files), tuple(changes), raw, tree)

    def locate(self, fault: Fault) -> Fault:
        """Add file and line to a fault that has a path only, such as a warning."""
        return _located(fault, self._tree)

    def with_overrides(self, overrides: Sequence[str]) -> LoadedScenario:
        """The scenario with further ``KEY=VALUE`` changes, over those that it has; no scenario file is read again.

        Raises
        ------
        InputError
            As :func:`load_scenario`.
        """
        folder = Folder(self.path)
        folder.digests.update(self.files)
        reader, tree = _Reader(folder), self._tree.copy()
        reader.groups = tree.groups
        for option in overrides:
            _override(tree, option, reader)
        if faults := [*reader.faults, *tree.faults]:
            raise InputError(*_limited(faults))
        return _checked(tree, folder, self.path)

    def with_status(self, path: str | FilePath) -> LoadedScenario:
        """The scenario with the facts of a status file, wherever that lies, in place of those that it has.

        Raises
        ------
        InputError
            The file cannot be read, or the facts are at fault: all faults, each with the line of the file.
        """
        folder = Folder(self.path)
        folder.digests.update(self.files)
        tree = self._tree.copy()
        tree.lay(_Reader(folder).status_layer(FilePath(path).resolve(), tree.groups))
        return _checked(tree, folder, self.path)


def load_scenario(path: str | FilePath, overrides: Sequence[str] = ()) -> LoadedScenario:
    """Read, resolve, type and check a scenario.

    Parameters
    ----------
    path
        A scenario file (TOML).
    overrides
        ``KEY=VALUE`` changes, as after ``--set``; later ones go over earlier ones.

    Raises
    ------
    InputError
        Everything that is wrong, as far as can be told at once: unreadable files first, then wrong shapes, then what makes
        no sense.
    """
    folder = Folder(FilePath(path))
    return _checked(_resolve(folder, overrides), folder, FilePath(path))


def _checked(tree: Tree, folder: Folder, path: FilePath) -> LoadedScenario:
    """Type and check what has been resolved."""
    _check_sizes(tree)
    try:
        scenario = validate(tree.tables)
    except InputError as error:
        raise InputError(*_shown(error.faults, tree)) from None
    faults = check(scenario)
    if faults:
        raise InputError(*_shown(faults, tree))
    return LoadedScenario(scenario, path, dict(folder.digests), tree.changes(), tree.tables, tree)


def from_raw(raw: dict[str, Any]) -> Scenario:
    """Make the scenario again from the resolved tables that a run's passport keeps; reads no file.

    Raises
    ------
    InputError
        The tables are not a scenario of this version.
    """
    scenario = validate(raw)
    faults = check(scenario)
    if faults:
        raise InputError(*faults[:MOST_FAULTS])
    return scenario


def _resolve(folder: Folder, overrides: Sequence[str]) -> Tree:
    """Lay all files and options over one another."""
    tree = Tree()
    reader = _Reader(folder)
    reader.read(folder.scenario, ())
    if not reader.faults:
        for layer in reader.layers:
            tree.lay(layer)
        for option in overrides:
            _override(tree, option, reader)
    faults = [*reader.faults, *tree.faults]
    if faults:
        raise InputError(*_limited(faults))
    return tree


def _override(tree: Tree, option: str, reader: _Reader) -> None:
    with _Faults(reader.faults, "", SOURCE):
        layer = override_layer(option, tree.tables, reader.groups)
        reader.groups += 1
        reader.read_observed(layer.tables, reader.folder.scenario)
        with _Faults(reader.faults, "scenario.status_file", SOURCE):
            for below in reader.status_layers(layer.tables, reader.folder.scenario, layer.group):
                tree.lay(below)
        tree.lay(layer)


class _Reader:
    """Reads a scenario file and all that it names into layers, lowest first."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.layers: list[Layer] = []
        self.faults: list[Fault] = []
        self.groups = 0
        self._done: set[FilePath] = set()

    def read(self, path: FilePath, chain: tuple[FilePath, ...]) -> None:
        """Read a scenario file, what it extends before it, each file once."""
        if path in chain:
            ring = " → ".join(self.folder.name(p) for p in (*chain[chain.index(path) :], path))
            raise InputError(Fault("extends", f"scenarios extend one another in a ring: {ring}", self.folder.name(chain[-1])))
        if len(chain) > MOST_BASES or len(self._done) >= MOST_FILES:
            message = f"more than {MOST_BASES} scenarios in a row, or {MOST_FILES} in all, are laid over one another"
            raise InputError(Fault("extends", message, self.folder.name(path)))
        if path in self._done:
            return
        file = self.folder.read(path, MOST_TOML_BYTES)
        text = decode(file)
        if not text.strip():
            message = "is empty; write a scenario, or let etablera new DIR write one to begin with"
            raise InputError(Fault("", message, file.name))
        lines = cache(lambda: key_lines(text))
        faults: list[Fault] = []
        tables = plain(parse_toml(text, file.name), (), faults)
        self.faults += [replace(f, file=file.name, line=_line_of(split(f.path), lines())) for f in faults]
        self._bases(tables.pop("extends", ()), file, chain, lines)
        self._layers(tables, file, lines)
        self._done.add(path)

    def _bases(self, names: Any, file: FileBytes, chain: tuple[FilePath, ...], lines: Callable[[], Mapping[Path, int]]) -> None:
        """Read what a file extends."""
        names = [names] if isinstance(names, str) else names
        if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
            self.faults.append(
                Fault("extends", 'give a file, or a list of files: extends = "base.toml"', file.name, lines().get(("extends",)))
            )
            return
        for name in dict.fromkeys(names[: MOST_FILES + 1]):
            with _Faults(self.faults, "extends", file.name, lines):
                self.read(self.folder.find(name, file.path), (*chain, file.path))

    def _layers(self, tables: dict[str, Any], file: FileBytes, lines: Callable[[], Mapping[Path, int]]) -> None:
        """Put a file's own tables, and before them its offices file, on the pile."""
        offices_file = tables.pop("offices_file", None)
        if offices_file is not None:
            with _Faults(self.faults, "offices_file", file.name, lines):
                self._offices(offices_file, file)
        with _Faults(self.faults, "", file.name, lines):
            self.read_observed(tables, file.path)
        with _Faults(self.faults, "scenario.status_file", file.name, lines):
            self.layers += self.status_layers(tables, file.path, self.groups)
        self.layers.append(Layer(file.name, tables, self.groups, lines))
        self.groups += 1

    def _offices(self, name: Any, beside: FileBytes) -> None:
        if not isinstance(name, str):
            raise InputError(Fault("offices_file", 'give the name of a file: offices_file = "offices.csv"'))
        file = self.folder.read(self.folder.find(name, beside.path))
        table = read_offices(file)
        rows: dict[Path, int] = {("offices", id_): line for id_, line in table.lines.items()}
        self.layers.append(Layer(file.name, {"offices": table.offices}, self.groups, lambda: rows, literal=True))

    def status_layers(self, tables: dict[str, Any], beside: FilePath, group: int) -> list[Layer]:
        """The facts of the status file that tables name, as a layer to be laid below them.

        Raises
        ------
        InputError
            A file that cannot be read.
        """
        info = tables.get("scenario")
        name = info.get("status_file") if isinstance(info, dict) else None
        if not isinstance(info, dict) or not isinstance(name, str):
            return []  # a wrong shape is told when all is typed
        if name == REMOVE:
            info.setdefault("status", REMOVE)
            return []
        return [self.status_layer(self.folder.find(name, beside), group)]

    def status_layer(self, path: FilePath, group: int) -> Layer:
        """The facts of a status file."""
        file = self.folder.read(path)
        table = read_status(file)
        return Layer(file.name, {"scenario": {"status": table.rows}}, group, lambda: table.lines, literal=True)

    def read_observed(self, tables: dict[str, Any], beside: FilePath) -> None:
        """Put the values beside every ``empirical`` file name, so that the tables need no file any more.

        Raises
        ------
        InputError
            A file that cannot be read.
        """
        faults: list[Fault] = []
        for section in _WITH_DISTRIBUTIONS:
            for path, table in _naming_files(tables.get(section), (section,)):
                with _Faults(faults, dotted(*path, "empirical")):
                    table["empirical_values"] = read_observations(self.folder.read(self.folder.find(table["empirical"], beside)))
        if faults:
            raise InputError(*faults)


def _naming_files(node: Any, path: Path) -> Iterable[tuple[Path, dict[str, Any]]]:
    """Tables with a file name under ``empirical``."""
    if isinstance(node, dict):
        if isinstance(node.get("empirical"), str) and node["empirical"] != "remove":
            yield path, node
        for key, item in node.items():
            yield from _naming_files(item, (*path, key))
    elif isinstance(node, list):
        for i, item in enumerate(node):
            yield from _naming_files(item, (*path, i))


class _Faults:
    """Collects the faults raised inside it, and says where those stand that do not know it themselves."""

    def __init__(self, into: list[Fault], path: str, file: str = "", lines: Callable[[], Mapping[Path, int]] | None = None) -> None:
        self.into, self.path, self.file, self.lines = into, path, file, lines

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        """Take the faults of an :class:`InputError`; let anything else pass."""
        if not isinstance(error, InputError):
            return False
        self.into += [self._placed(fault) for fault in error.faults]
        return True

    def _placed(self, fault: Fault) -> Fault:
        path = fault.path or self.path
        if fault.file and (fault.line or not self.path):
            return fault
        if fault.file and fault.file != self.file:  # a named file as a whole: say who names it
            message = f'"{fault.file}": {fault.message}'
            return Fault(path, message, self.file, self._line(path))
        return Fault(path, fault.message, fault.file or self.file, self._line(path))

    def _line(self, path: str) -> int | None:
        return _line_of(split(path), self.lines()) if self.lines else None


def _line_of(path: Path, lines: Mapping[Path, int]) -> int | None:
    """Line of a path, or of the nearest thing around it."""
    return next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), None)


def _check_sizes(tree: Tree) -> None:
    limits = {"offices": MOST_OFFICES, "activities": MOST_ACTIVITIES}
    sizes = {name: len(table) for name in limits if isinstance(table := tree.tables.get(name), dict)}
    faults = [Fault(n, f"there are {size}; at most {limits[n]} can be simulated") for n, size in sizes.items() if size > limits[n]]
    if faults:
        raise InputError(*faults)


def _located(fault: Fault, tree: Tree) -> Fault:
    if fault.file or not fault.path:
        return fault
    file, line = tree.place(split(fault.path))
    return replace(fault, file=file, line=line)


def _shown(faults: Sequence[Fault], tree: Tree) -> list[Fault]:
    return [_located(fault, tree) for fault in _limited(faults)]


def _limited(faults: Sequence[Fault]) -> list[Fault]:
    """The first of very many faults, and how many there are."""
    if len(faults) <= MOST_FAULTS:
        return list(faults)
    return [*faults[: MOST_FAULTS - 1], Fault("", f"and {len(faults) - MOST_FAULTS + 1} faults more")]
