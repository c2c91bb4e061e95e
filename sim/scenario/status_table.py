"""The status of a running programme from a CSV file or an Excel sheet.

The first row names the columns: ``office``, and of ``activity``, ``started``, ``finished``, ``opened``, ``pass`` and
``expected_finish`` those that are used. A row without any date says nothing and is left out, so that a sheet may list all that is
still to come. Files are read as tables of offices are, see :mod:`sim.scenario.office_table`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sim.errors import Fault, InputError
from sim.scenario.files import FileBytes
from sim.scenario.office_table import Row, date_text, few, table_rows
from sim.scenario.paths import Path
from sim.scenario.wording import did_you_mean, listing, show

DATES = ("started", "finished", "opened", "expected_finish")
COLUMNS = ("office", "activity", "pass", *DATES)
"""The fields of :class:`sim.scenario.schema.Fact`; a test holds the two in step."""

MOST_ROWS = 1_000_000
"""Rows that are read."""


@dataclass(frozen=True, slots=True)
class StatusTable:
    """Rows as tables of a scenario, and the line of each by its place in ``scenario.status``."""

    rows: list[dict[str, Any]]
    lines: dict[Path, int]


def read_status(file: FileBytes) -> StatusTable:
    """Read a status file.

    Raises
    ------
    InputError
        Every cell that cannot be read, and columns that are not known.
    """
    rows = table_rows(file, "scenario.status_file", "the status")
    first = next(rows, None)
    if first is None:
        raise InputError(Fault("", f"is empty; the first row names the columns, of {listing(COLUMNS)}", file.name))
    line, header = first
    columns = [re.sub(r"\s+", "_", column.casefold()) for column in header]
    faults = [Fault("", message, file.name, line) for message in _header_faults(columns)]
    if faults:
        raise InputError(*faults)
    return _read(rows, columns, file.name)


def _header_faults(columns: list[str]) -> Iterable[str]:
    if "office" not in columns:
        yield f"the first row must name a column office; it names {listing([c for c in columns if c])}"
    for column in dict.fromkeys(c for c in columns if c):
        if column not in COLUMNS:
            yield f'"{column}" is not a column of a status; use {listing(COLUMNS)}{did_you_mean(column, COLUMNS)}'
        elif columns.count(column) > 1:
            yield f'the column "{column}" stands twice'


def _read(rows: Iterable[Row], columns: list[str], name: str) -> StatusTable:
    found: list[dict[str, Any]] = []
    lines: dict[Path, int] = {}
    faults: list[Fault] = []
    for line, cells in rows:
        if len(found) >= MOST_ROWS:
            raise InputError(*faults, Fault("", f"has more than {MOST_ROWS} rows", name, line))
        given = {column: cell for column, cell in zip(columns, cells, strict=False) if cell}
        if given.keys().isdisjoint(DATES):
            continue
        lines["scenario", "status", len(found)] = line
        found.append({column: _cell(column, cell, faults, name, line) for column, cell in given.items()})
        if "office" not in given:
            faults.append(Fault("", "the row names no office", name, line))
    if faults:
        raise InputError(*few(faults, "in the rows"))
    return StatusTable(found, lines)


def _cell(column: str, cell: str, faults: list[Fault], name: str, line: int) -> Any:
    """A cell as the schema wants it."""
    if column == "pass":
        return int(cell) if re.fullmatch(r"[1-9]\d{0,5}", cell) else cell
    if column not in DATES:
        return cell
    try:
        return date_text(cell)
    except ValueError as error:
        faults.append(Fault("", f"{column}: {show(cell)} {error}", name, line))
        return None
