"""Making a run again from its passport, and telling the first difference and where it is likely to come from."""

from __future__ import annotations

import csv
import io
import platform
from dataclasses import dataclass
from pathlib import Path

from sim.results import passport
from sim.results.gather import ALL
from sim.results.model import Result, SavedRun
from sim.results.question import Question
from sim.results.runs import Progress, answer
from sim.results.why import SENSITIVITY
from sim.runner import Engine
from sim.scenario import Change, LoadedScenario


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


def verify(run: SavedRun, *, engine: Engine = "kernel", workers: int | None = None, progress: Progress | None = None) -> Verdict:
    """Run a passport again and compare all tables with those in its folder.

    Raises
    ------
    InputError
        The passport's scenario is not one of this version.
    ResultsError
        A file of the folder is missing.
    """
    given = run.passport
    changes = [Change(**change) for change in given["changes"]]
    loaded = LoadedScenario.of_raw(given["scenario"], Path(given["scenario_file"]), given["inputs"], changes)
    gather = (*ALL, SENSITIVITY) if given.get("sensitivity") else ALL
    again = answer(Question(loaded, engine), gather=gather, why=given.get("why", 0), workers=workers, progress=progress)
    for name in run.names:
        difference = _difference(run, again, name)
        if difference:
            return Verdict(False, len(run.names), difference, likely_cause(run, name))
    return Verdict(True, len(run.names))


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
    if passport.digest((run.folder / path).read_bytes()) != run.passport["files"].get(path):
        return f"{path} has been changed since the run: its digest is not that in the passport"
    now, then = passport.versions(), run.passport["versions"]
    changed = [f"{library} {then[library]} → {now.get(library, 'missing')}" for library in then if now.get(library) != then[library]]
    if changed:
        return "made with other versions: " + ", ".join(changed)
    if run.passport.get("system") != platform.platform():
        return f"made on another system, {run.passport.get('system')}; its mathematical library may differ in the last digit"
    return "not known: the same versions should give the same answer. Please report it"
