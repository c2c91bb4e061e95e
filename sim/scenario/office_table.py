"""Offices from a CSV file or an Excel sheet.

The first row names the columns, one of which is ``id``. Capitals and surrounding blanks in the names do not matter, a blank
inside becomes ``_``. Columns named as fields of an office are read as these say; any other column is an attribute, and its type
is that of the whole column: booleans (``true``/``false``, ``yes``/``no``, ``ja``/``nej``, ``sant``/``falskt``), whole numbers,
numbers (decimal point or comma, a blank between thousands), dates, else texts. One code with a leading zero, such as ``0885``,
makes a column of texts. An empty cell is not given. ``enters_at`` holds ids with blanks between.

A CSV file is UTF-8, with or without a byte-order mark, its columns divided by comma, semicolon or tab (the one that the first
row has most of). Of an Excel file the first sheet is read.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sim.errors import Fault, InputError
from sim.scenario.files import FileBytes, decode
from sim.scenario.paths import dotted
from sim.scenario.wording import listing, show, unseen_sign

MOST_OFFICES = 100_000
"""Rows that are read."""

MOST_COLUMNS = 200
"""Columns that are read."""

MOST_UNPACKED = 200_000_000
"""Bytes an Excel file may unpack to."""

Row = tuple[int, list[str]]
"""Line of the file, and the texts of its cells."""

_BOOLEANS = {"true": True, "yes": True, "ja": True, "sant": True, "false": False, "no": False, "nej": False, "falskt": False}
MOST_ALIKE = 20
"""Faults of one column, or rows of one kind, that are told one by one."""

_DIGITS = r"-?(0|[1-9]\d{0,14}|[1-9]\d{0,2}(?:[ \u00a0\u202f]\d{3}){1,4})"
_WHOLE = re.compile(_DIGITS + r"\Z")
_NUMBER = re.compile(_DIGITS + r"([.,]\d{1,15})?\Z")
_BLANKS = re.compile(r"[ \u00a0\u202f]")
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]00:00(?::00(?:\.0+)?)?)?\Z")
_EXCEL_DAY_0 = dt.date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class OfficeTable:
    """Offices by id, as tables of a scenario, and the line of each."""

    offices: dict[str, dict[str, Any]]
    lines: dict[str, int]


def read_offices(file: FileBytes) -> OfficeTable:
    """Read an offices file.

    Raises
    ------
    InputError
        Every fault found in it.
    """
    rows = table_rows(file, "offices_file", "offices")
    first = next(rows, None)
    if first is None:
        raise InputError(Fault("", "is empty; the first row names the columns, one of them id", file.name))
    return _Table(file.name, *first).read(rows)


def table_rows(file: FileBytes, path: str, what: str) -> Iterator[Row]:
    """Rows of a table that are not empty, the one with the names of the columns first.

    Parameters
    ----------
    path, what
        The field that names the file, and what it is a table of, for the fault of a file of another kind.
    """
    readers: dict[str, Callable[[FileBytes], Iterator[Row]]] = {
        ".csv": _csv_rows,
        ".tsv": _csv_rows,
        ".txt": _csv_rows,
        ".xlsx": _xlsx_rows,
    }
    read = readers.get(file.path.suffix.lower())
    if read is None:
        raise InputError(Fault(path, f'"{file.name}" is not a table of {what}; use a .csv or .xlsx file'))
    return ((line, cells) for line, cells in read(file) if any(cells))


def _csv_rows(file: FileBytes) -> Iterator[Row]:
    text = decode(file)
    skipped = 0
    if text[:4].lower() == "sep=":  # Excel's own first line
        text, skipped = text.partition("\n")[2], 1
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    line = skipped + 1
    try:
        for cells in reader:
            yield line, [cell.strip() for cell in cells]
            line = skipped + reader.line_num + 1
    except csv.Error as error:
        raise InputError(Fault("", f"cannot be read as CSV: {_advice(str(error))}", file.name, line)) from None


def _advice(error: str) -> str:
    """What the reader of CSV says, and what to do."""
    if "unexpected end of data" in error or "field limit" in error:
        return 'a quote (") opens a cell that does not end; close or delete it'
    if "expected after" in error:
        return 'something stands after the closing quote of a cell; a quote inside a cell is written twice: "the ""old"" school"'
    return f"{error}; save the sheet anew as CSV UTF-8"


def _xlsx_rows(file: FileBytes) -> Iterator[Row]:
    import zipfile

    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with zipfile.ZipFile(io.BytesIO(file.data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise InputError(Fault("", f"unpacks to more than {MOST_UNPACKED // 1_000_000} MB", file.name))
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(file.data)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, CalamineError, IndexError, OSError, ValueError) as error:
        message = f"cannot be read as an Excel file ({error}); save it anew as .xlsx, without a password"
        raise InputError(Fault("", message, file.name)) from None
    for line, cells in enumerate(rows, 1):
        yield line, [_cell_text(cell) for cell in cells]


def _cell_text(cell: object) -> str:
    """Write an Excel cell as it would stand in CSV."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


def few(faults: list[Fault], where: str) -> list[Fault]:
    """The first of many faults of one kind, and how many there are."""
    more = len(faults) - MOST_ALIKE
    if more <= 0:
        return faults
    return [*faults[:MOST_ALIKE], Fault("", f"and {more} faults more {where}", faults[0].file, faults[MOST_ALIKE].line)]


class _Table:
    """Reads the rows under one header."""

    def __init__(self, name: str, line: int, header: list[str]) -> None:
        self.name = name
        self.faults: list[Fault] = []
        self.columns = [re.sub(r"\s+", "_", column.casefold()) for column in header]
        self._check_header(line)

    def _check_header(self, line: int) -> None:
        named = [column for column in self.columns if column]
        if "id" not in named:
            message = f"the first row must name a column id; it names {listing([show(c) for c in named])}"
            if len(named) == 1:
                message += "; columns are divided by comma, semicolon or tab"
            raise InputError(Fault("", message, self.name, line))
        if len(self.columns) > MOST_COLUMNS:
            raise InputError(Fault("", f"has {len(self.columns)} columns; at most {MOST_COLUMNS} are read", self.name, line))
        for column in dict.fromkeys(c for c in named if named.count(c) > 1):
            self.faults.append(Fault("", f"the column {show(column)} stands twice; keep one", self.name, line))

    def read(self, rows: Iterable[Row]) -> OfficeTable:
        """Read all rows; raise all faults."""
        lines: dict[str, int] = {}
        cells: dict[str, dict[str, str]] = {}
        for line, row in rows:
            if len(cells) >= MOST_OFFICES:
                raise InputError(*self.faults, Fault("", f"has more than {MOST_OFFICES} offices", self.name, line))
            given = self._row(line, row)
            id_ = given.pop("id", "")
            if self._new_id(id_, line, lines):
                lines[id_], cells[id_] = line, given
        offices: dict[str, dict[str, Any]] = {id_: {} for id_ in cells}
        for column in self.columns:
            if column not in ("", "id"):
                self._column(column, cells, lines, offices)
        if self.faults:
            raise InputError(*self.faults)
        return OfficeTable(offices, lines)

    def _row(self, line: int, row: list[str]) -> dict[str, str]:
        """Cells that are given, by column."""
        for cell in row[len(self.columns) :]:
            if cell:
                self.faults.append(
                    Fault("", f"{show(cell)} stands right of the last column; is a quote or a delimiter too many?", self.name, line)
                )
                break
        given = {column: cell for column, cell in zip(self.columns, row, strict=False) if cell}
        if "" in given:
            self.faults.append(Fault("", f"{show(given.pop(''))} stands in a column without a name", self.name, line))
        return given

    def _new_id(self, id_: str, line: int, lines: dict[str, int]) -> bool:
        if not id_:
            self.faults.append(Fault("offices", "a row has no id; give one, or delete the row", self.name, line))
        elif id_ in lines:
            self.faults.append(Fault(dotted("offices", id_), f"the id stands twice, first in line {lines[id_]}", self.name, line))
        return bool(id_) and id_ not in lines

    def _column(self, column: str, cells: dict[str, dict[str, str]], lines: dict[str, int], offices: dict[str, dict[str, Any]]) -> None:
        read = _FIELDS.get(column) or _attribute_reader(row[column] for row in cells.values() if column in row)
        wrong: list[Fault] = []
        for id_, row in cells.items():
            if column in row:
                unseen = unseen_sign(row[column])
                try:
                    offices[id_][column] = read(row[column])
                except ValueError as error:
                    unseen = f"{show(row[column])} {error}"
                if unseen:
                    wrong.append(Fault(dotted("offices", id_, column), unseen, self.name, lines[id_]))
        self.faults += few(wrong, f"in the column {column}")


def _whole(cell: str) -> int:
    match = _WHOLE.match(re.sub(r"[.,]0+\Z", "", cell))
    if not match:
        raise ValueError("is not a whole number; write e.g. 2")
    return int(_BLANKS.sub("", match[0]))


def _boolean(cell: str) -> bool:
    if cell.casefold() not in _BOOLEANS:
        raise ValueError("is neither true nor false; write true or false, yes or no, ja or nej")
    return _BOOLEANS[cell.casefold()]


def _number(cell: str) -> float:
    if not _NUMBER.match(cell):
        raise ValueError("is not a number")
    return float(_BLANKS.sub("", cell).replace(",", "."))


def _iso_date(cell: str) -> str:
    """Date as ISO text; also ISO with midnight."""
    match = _DATE.match(cell)
    try:
        return dt.date.fromisoformat(match[1] if match else cell).isoformat()
    except ValueError:
        raise ValueError(f"is not a date{_why(cell)}; write it as 2022-06-01") from None


def _why(cell: str) -> str:
    """What a cell is that ought to be a date."""
    if cell.startswith("##"):
        return " but what a spreadsheet shows when a column is too narrow"
    if cell.startswith("#"):
        return " but a spreadsheet's error"
    if re.search(r"\d[ T]\d\d?:\d\d|\d{5}[.,]\d", cell):
        return " but a moment of a day"
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", cell):
        return ": there is no such day"
    return ""


def date_text(cell: str) -> str:
    """Date as ISO text; also the number that Excel keeps for a date (44713 is 2022-06-01)."""
    if re.fullmatch(r"[2-9]\d{4}", cell):
        return (_EXCEL_DAY_0 + dt.timedelta(int(cell))).isoformat()
    return _iso_date(cell)


def _ids(cell: str) -> list[str]:
    return cell.split()


_FIELDS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("name", "municipality", "county", "type", "grade", "source"), str),
    **dict.fromkeys(("round", "priority"), _whole),
    **dict.fromkeys(("target", "start"), date_text),
    "enters_at": _ids,
    "colocated": _boolean,
}
"""How the columns are read that are fields of :class:`sim.scenario.schema.Office`; a test holds the two in step."""


def _attribute_reader(cells: Iterable[str]) -> Callable[[str], Any]:
    """The narrowest type that fits every cell of a column."""
    given = list(cells)
    readers: tuple[Callable[[str], Any], ...] = (_boolean, _whole, _number, _iso_date)
    return next((read for read in readers if all(_reads(read, cell) for cell in given)), str)


def _reads(read: Callable[[str], Any], cell: str) -> bool:
    try:
        read(cell)
    except ValueError:
        return False
    return True
