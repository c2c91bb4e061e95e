"""Tables as files: CSV with the kind of each column beside it in the passport, so that what is read back is what was written."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sim.analysis.table import Table
from sim.errors import ResultsError

GUARDED = ("'=", "'+", "'-", "'@", "'\t", "'\r")
"""How texts begin that :meth:`Table.csv` has put an apostrophe before."""


def _text(cell: str) -> str:
    return cell[1:] if cell.startswith(GUARDED) else cell


READERS: Mapping[str, Callable[[str], Any]] = {
    "date": dt.date.fromisoformat,
    "truth": lambda cell: cell == "true",
    "whole": int,
    "number": float,
    "text": _text,
}
"""Reads a cell of each kind of column; an empty cell is ``None``."""


def kind_of(values: Sequence[Any]) -> str:
    """Kind of a column: that of its values; ``text`` when they differ or there are none.

    >>> kind_of([1, None, 2]), kind_of([1, 0.5]), kind_of([None]), kind_of([1, "x"])
    ('whole', 'number', 'text', 'text')
    """
    one_of_each = {type(value): value for value in values if value is not None}
    kinds = {_kind(value) for value in one_of_each.values()}
    if kinds <= {"whole", "number"} and len(kinds) == 2:
        return "number"
    return kinds.pop() if len(kinds) == 1 else "text"


def _kind(value: Any) -> str:
    value = value.item() if hasattr(value, "item") else value
    for kind, types in (("truth", bool), ("whole", int), ("number", float), ("date", dt.date)):
        if isinstance(value, types):
            return kind
    return "text"


def kinds_of(table: Table) -> dict[str, str]:
    """Kind of each column."""
    return {name: kind_of(values) for name, values in table.columns.items()}


def read_table(name: str, text: str, kinds: Mapping[str, str]) -> Table:
    """A table from its CSV.

    Raises
    ------
    ResultsError
        The file is not the table that the passport tells of.
    """
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or rows[0] != list(kinds):
        raise ResultsError(f"{name}.csv has other columns than the run wrote; has it been edited?")
    try:
        columns = {
            column: [None if row[i] == "" else READERS[kind](row[i]) for row in rows[1:]] for i, (column, kind) in enumerate(kinds.items())
        }
    except (ValueError, IndexError, KeyError) as error:
        raise ResultsError(f"{name}.csv cannot be read back: {error}; has it been edited?") from None
    return Table(name, columns)
