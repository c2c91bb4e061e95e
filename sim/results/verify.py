"""Making a run again from its passport, and telling the first difference and where it is likely to come from."""

from __future__ import annotations

import csv
import io
import platform
from dataclasses import dataclass
from pathlib import Path

from sim.errors import ResultsError
from sim.results import passport
from sim.results.gather import ALL
from sim.results.model import Result, SavedRun
from sim.results.question import Question, question_id
from sim.results.runs import Progress, answer
from sim.results.why import SENSITIVITY
from sim.runner import Engine
from sim.scenario import Change, LoadedScenario, load_scenario
from sim.scenario.merge import differences
from sim.scenario.paths import dotted
from sim.scenario.wording import show


@dataclass(frozen=True)
class Verdict:
    """Whether a run came out the same again.

    Attributes
    ----------
    equal
        Whether every table is the same, byte for byte.
    tables
        How many tables were compared.
    difference
        The first difference: table, row, column and both values.
    cause
        Where it is likely to come from.
    """

    equal: bool
    tables: int
    difference: str = ""
    cause: str = ""


def verify(
    run: SavedRun,
    *,
    scenario: str | Path | None = None,
    engine: Engine = "kernel",
    workers: int | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """Run a passport again and compare all tables with those in its folder.

    Parameters
    ----------
    scenario
        The scenario file as it is now: it is also compared with what was run.

    Raises
    ------
    InputError
        The passport's scenario is not one of this version, or the scenario file cannot be read.
    ResultsError
        A file of the folder is missing.
    """
    edited = _edited_input(run, scenario)
    if edited:
        return Verdict(False, 0, edited, "the input has been changed since the run")
    again = _made_again(run, engine, workers, progress)
    tables = len(run.names)
    for name in run.names:
        difference = _difference(run, again, name)
        if difference:
            return Verdict(False, tables, difference + _how_many(run, again), likely_cause(run, name))
    for name, digest in sorted(run.passport["files"].items()):
        if _digest(run, name) != digest:
            return Verdict(False, tables, f"{name}: its bytes are not those that were written", _changed(name))
    return Verdict(True, tables)


def _made_again(run: SavedRun, engine: Engine, workers: int | None, progress: Progress | None) -> Result:
    given = run.passport
    changes = [Change(**change) for change in given["changes"]]
    loaded = LoadedScenario.of_raw(given["scenario"], Path(given["scenario_file"]), given["inputs"], changes)
    gather = (*ALL, SENSITIVITY) if given.get("sensitivity") else ALL
    return answer(Question(loaded, engine), gather=gather, why=given.get("why", 0), workers=workers, progress=progress)


def _edited_input(run: SavedRun, scenario: str | Path | None) -> str:
    """What shows that the scenario is not the one that was run; nothing when it is."""
    given = run.passport
    if given["versions"].get("etablera") == passport.versions()["etablera"] and question_id(given["scenario"]) != run.id:
        return f"{passport.NAME}: the scenario in it is not that of run {run.id}"
    if scenario is None:
        return ""
    options = dict.fromkeys(c["source"].removeprefix("--set ") for c in given["changes"] if c["source"].startswith("--set "))
    now = load_scenario(scenario, tuple(options)).raw
    found = next(differences(given["scenario"], now), None)
    if found is None:
        return ""
    path, before, after = found
    return f"{Path(scenario).name}: {dotted(*path)} is {_shown(after)} now, and was {_shown(before)} in the run"


def _shown(value: object) -> str:
    return "not given" if value is None else show(value)


def _how_many(run: SavedRun, again: Result) -> str:
    """How many of all openings are on other days, where that can be told."""
    if "openings" not in again.tallies or not (run.folder / "openings.parquet").exists():
        return ""
    before, after = run.days, again.days
    return f" ({(before != after).sum()} of {after.size} openings are on other days)" if before.shape == after.shape else ""


def _digest(run: SavedRun, name: str) -> str:
    """Digest of a file of the folder."""
    path = run.folder / name
    try:
        return passport.digest_of(path)
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read: {error.strerror or error}") from None


def _changed(name: str) -> str:
    return f"{name} has been changed since the run: its digest is not that in the passport"


def _difference(run: SavedRun, again: Result, name: str) -> str:
    """The first difference of a table, or nothing."""
    if name not in again.names:
        return f"{name}: the run made again has no such table"
    old, new = run.text(name), again.table(name).csv()
    return "" if old == new else f"{name}.csv: {first_difference(old, new)}"


def first_difference(old: str, new: str) -> str:
    r"""Where two CSV texts differ first, in words.

    >>> first_difference("office,p50\nboden,2022-06-01\n", "office,p50\nboden,2022-06-02\n")
    'row 1 (boden), column p50: 2022-06-01 in the folder, 2022-06-02 made again'
    """
    before, after = (list(csv.reader(io.StringIO(text))) for text in (old, new))
    if before[:1] != after[:1]:
        return "other columns"
    for number, (a, b) in enumerate(zip(before, after, strict=False)):
        for column, was, is_now in zip(before[0], a, b, strict=False):
            if was != is_now:
                return f"row {number} ({a[0]}), column {column}: {was} in the folder, {is_now} made again"
    return f"{len(before) - 1} rows in the folder, {len(after) - 1} made again"


def likely_cause(run: SavedRun, name: str) -> str:
    """Why a table may differ: edited since, made by other versions or on another machine, or our fault."""
    path = f"{name}.csv"
    if _digest(run, path) != run.passport["files"].get(path):
        return _changed(path)
    now, then = passport.versions(), run.passport["versions"]
    changed = [f"{library} {then[library]} → {now.get(library, 'missing')}" for library in then if now.get(library) != then[library]]
    if changed:
        return "made with other versions: " + ", ".join(changed)
    if run.passport.get("system") != platform.platform():
        return f"made on another system, {run.passport.get('system')}; its mathematical library may differ in the last digit"
    return "not known: the same versions should give the same answer. Please report it"
