"""The folder of an answer that is no run: a CSV a table, ``<kind>.json`` that says how it came about, and what else is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from sim.analysis.table import Table
from sim.results import passport
from sim.results.folder import whole_folder

Writer = Callable[[Path], object]
"""Writes further files (a page, pictures, a piece of a scenario) into the folder."""


def write_answer(target: Path, kind: str, tables: Mapping[str, Table], about: Mapping[str, Any], writers: Iterable[Writer] = ()) -> Path:
    """Write the folder of an answer, whole or not at all.

    Parameters
    ----------
    target
        The folder.
    kind
        Names the file that says how the answer came about.
    tables
        A CSV each.
    about
        What stands in that file; the digests of all other files are added as ``files``.

    Raises
    ------
    ResultsError
        The folder cannot be written.
    """
    with whole_folder(target) as folder:
        for name, table in tables.items():
            (folder / f"{name}.csv").write_bytes(table.csv().encode())
        for writer in writers:
            writer(folder)
        files = {path.name: passport.digest_of(path) for path in sorted(folder.iterdir())}
        text = json.dumps({**about, "files": files}, ensure_ascii=False, indent=1, default=str)
        (folder / f"{kind}.json").write_text(text + "\n", "utf-8")
    return target
