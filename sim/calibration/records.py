"""Records of past work from a CSV file or an Excel sheet.

The first row names the columns: ``activity``, ``start`` and ``finish`` (``started`` and ``finished`` mean the same, so that a status file
will do), ``as_of`` where the rows were not all looked at on one day, and any attributes, such as ``type`` or ``county``. A row
without a finish is work that was still going on when the records were taken; a row without any date says nothing. Files are
read as tables of offices are, see :mod:`sim.scenario.office_table`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from sim.errors import Fault, InputError
from sim.scenario.files import FileBytes, Folder
from sim.scenario.office_table import Row, date_text, table_rows
from sim.scenario.wording import did_you_mean, listing, show

SAME = {"started": "start", "finished": "finish", "status_date": "as_of"}
"""Other names of columns."""

DATES = ("start", "finish", "as_of")
NEEDED = ("activity", "start", "finish")

FIRST, LAST = dt.date(1900, 1, 1), dt.date(2200, 1, 1)
"""Dates that records may have, as a scenario may."""

MOST_ROWS = 1_000_000
"""Rows that are read."""


@dataclass(frozen=True, slots=True)
class Case:
    """One piece of work.

    Attributes
    ----------
    activity
        What was done.
    start, finish
        The first day, and the morning on which it was over; ``None`` while it goes on.
    as_of
        The morning on which the record was taken; ``None`` when that is not known, which is fit for finished work alone.
    attributes
        What else the row says, by column.
    line
        Its line in the file.
    """

    activity: str
    start: dt.date
    finish: dt.date | None
    as_of: dt.date | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True)
class Records:
    """The cases of a file, in its order, and the attributes that its columns give."""

    file: FileBytes
    cases: tuple[Case, ...]
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table of a file: the names of its columns, and the rows below them."""

    file: FileBytes
    columns: list[str]
    rows: Iterator[Row]


def open_table(
    path: str | Path, what: str, check: Callable[[list[str]], Iterable[str]], same: Mapping[str, str] = MappingProxyType({})
) -> OpenTable:
    """Begin to read a table that a person names, wherever it lies.

    Parameters
    ----------
    what
        What it is a table of.
    check
        Tells what is wrong with the names of the columns.
    same
        Other names of columns.

    Raises
    ------
    InputError
        There is none, it cannot be read, or its columns are not those of such a table.
    """
    folder = Folder(Path(path))
    file = folder.read(folder.scenario)
    rows = table_rows(file, "", what)
    first = next(rows, None)
    if first is None:
        raise InputError(Fault("", "is empty; the first row names the columns", file.name))
    columns = named_columns(first[1], same)
    faults = [Fault("", message, file.name, first[0]) for message in check(columns)]
    if faults:
        raise InputError(*faults)
    return OpenTable(file, columns, rows)


def named_columns(header: Iterable[str], same: Mapping[str, str]) -> list[str]:
    """Names of columns as they are looked up: small letters, ``_`` for blanks, one name for what has several.

    >>> named_columns(["Activity", "As of", "Started"], SAME)
    ['activity', 'as_of', 'start']
    """
    plain = [re.sub(r"\s+", "_", column.casefold()) for column in header]
    return [same.get(column, column) for column in plain]


def read_records(path: str | Path, as_of: dt.date | None = None) -> Records:
    """Read records of past work.

    Parameters
    ----------
    as_of
        The morning on which the records were taken; a row's own ``as_of`` goes before it.

    Raises
    ------
    InputError
        Every fault of the file.
    """
    table = open_table(path, "records", lambda columns: header_faults(columns, NEEDED), SAME)
    return _Reader(table.file, table.columns, as_of).read(table.rows)


def header_faults(columns: list[str], needed: Iterable[str]) -> Iterator[str]:
    """What is wrong with the names of the columns."""
    named = [column for column in columns if column]
    for column in needed:
        if column not in named:
            yield f"the first row must name a column {column}; it names {listing(named)}{did_you_mean(column, named)}"
    for column in dict.fromkeys(c for c in named if named.count(c) > 1):
        yield f'the column "{column}" stands twice'


class _Reader:
    """Reads the rows under one header."""

    def __init__(self, file: FileBytes, columns: list[str], as_of: dt.date | None) -> None:
        self.file, self.columns, self.as_of = file, columns, as_of
        self.attributes = tuple(c for c in columns if c and c not in (*NEEDED, *DATES))
        self.faults: list[Fault] = []
        self.undated: list[int] = []
        """Lines of unfinished work without a date on which it was looked at."""

    def read(self, rows: Iterable[Row]) -> Records:
        """All cases; raise all faults."""
        cases: list[Case] = []
        for line, cells in rows:
            if len(cases) >= MOST_ROWS:
                raise InputError(*self.faults, Fault("", f"has more than {MOST_ROWS} rows", self.file.name, line))
            given = {column: cell for column, cell in zip(self.columns, cells, strict=False) if cell}
            if any(cells[len(self.columns) :]):
                self.blame(line, "has more cells than columns; is a quote or a delimiter too many?")
            if case := self.case(line, given):
                cases.append(case)
        if self.undated:
            many = f"{len(self.undated)} rows are" if len(self.undated) > 1 else "the row is"
            message = f"{many} unfinished, and nothing says on which day; give --as-of DATE, or a column as_of"
            self.blame(self.undated[0], message)
        if not cases and not self.faults:
            self.faults.append(Fault("", "holds no case: no row has a start", self.file.name))
        if self.faults:
            raise InputError(*self.faults)
        return Records(self.file, tuple(cases), self.attributes)

    def blame(self, line: int, message: str) -> None:
        """Note a fault."""
        self.faults.append(Fault("", message, self.file.name, line))

    def case(self, line: int, given: Mapping[str, str]) -> Case | None:
        """What a row tells, or ``None`` when it tells nothing or is wrong."""
        before = len(self.faults)
        dates = {column: self.date(line, column, given[column]) for column in DATES if column in given}
        if not dates.keys() - {"as_of"}:
            return None
        if "activity" not in given:
            self.blame(line, "the row names no activity")
        if "start" not in dates:
            self.blame(line, "the row has a finish and no start; how long it took cannot be told")
        start, finish = dates.get("start"), dates.get("finish")
        as_of = dates.get("as_of", self.as_of)
        if start and len(self.faults) == before:
            self.check_order(line, start, finish, as_of)
        if start is None or len(self.faults) > before:
            return None
        if finish is None and as_of is None:
            self.undated.append(line)
        return Case(given["activity"], start, finish, as_of, {name: given[name] for name in self.attributes if name in given}, line)

    def date(self, line: int, column: str, cell: str) -> dt.date | None:
        """A date."""
        try:
            found = dt.date.fromisoformat(date_text(cell))
        except ValueError as error:
            self.blame(line, f"{column}: {show(cell)} {error}")
            return None
        if not FIRST <= found <= LAST:
            self.blame(line, f"{column}: {found} is not between {FIRST} and {LAST}")
            return None
        return found

    def check_order(self, line: int, start: dt.date, finish: dt.date | None, as_of: dt.date | None) -> None:
        """Dates must come in their order."""
        if finish and finish < start:
            self.blame(line, f"finish: {finish} is before the start, {start}")
        if as_of and start > as_of:
            self.blame(line, f"start: {start} is after {as_of}, the day on which the records were taken")
        elif as_of and finish and finish > as_of:
            self.blame(line, f"finish: {finish} is after {as_of}, the day on which the records were taken; only what has happened counts")
