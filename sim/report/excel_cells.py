"""Sheets of one table each, put into words a column at a time.

XlsxWriter keeps every cell as an object and asks each for its kind, place and format when the file is written: 16 µs a cell, and a run
has a hundred thousand. A column has one kind and one format, so all of that is asked once here.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

EPOCH = dt.date(1899, 12, 30).toordinal()
"""Day 0 of a workbook, for dates from March 1900 on."""

NUMBERS = ("number", "decimal", "percent", "money")
"""Kinds of columns in which there is nothing but numbers."""


class TableSheet(Worksheet):  # type: ignore[misc]  # the library has no types
    """A sheet that is filled a column at a time from the second row on; all else is done as the library does it."""

    dim_rowmax: int | None

    def __init__(self) -> None:
        super().__init__()
        self.filled: list[list[str]] = []

    def fill(self, kind: str, values: Sequence[Any], style: Format | None = None) -> None:
        """Write the next column below the headings; what is not known is left empty.

        Parameters
        ----------
        kind
            ``date``, ``text``, or one of the kinds of numbers.
        values
            Dates, numbers, truth values or texts; a text stays a text, whatever it begins with.
        style
            The number format.
        """
        place = len(self.filled)
        style_text = f' s="{style._get_xf_index()}"' if style else ""
        column = xl_col_to_name(place)
        texts = numbers(style_text, values) if kind in NUMBERS else (self._text(kind, style_text, value) for value in values)
        self.filled.append([text and f'<c r="{column}{row}"{text}' for row, text in enumerate(texts, 2)])
        self._check_dimensions(len(values), place)  # tells the library how far the sheet goes

    def _text(self, kind: str, style: str, value: Any) -> str:
        """A value up to the end of its cell; the library keeps the texts, each once for the whole book."""
        if value is None:
            return ""
        if kind == "date":
            return f"{style}><v>{value.toordinal() - EPOCH}</v></c>"
        value = value.item() if hasattr(value, "item") else value
        if isinstance(value, bool):
            return f' t="b"><v>{value:d}</v></c>'
        if isinstance(value, int | float):
            return next(numbers("", [value]))
        shared = self.str_table._get_shared_string_index(str(value)[: self.xls_strmax // 2])
        return f'{style if kind == "text" else ""} t="s"><v>{shared}</v></c>'

    def _write_rows(self) -> None:
        """The library's own rows, which is the one of headings; then those that were filled in."""
        last, self.dim_rowmax = self.dim_rowmax, 0
        super()._write_rows()
        self.dim_rowmax = last
        self.fh.writelines(lines(self.filled))


def numbers(style: str, values: Iterable[float | None]) -> Iterator[str]:
    """Numbers up to the ends of their cells, as exact as a workbook keeps them; nothing for what is none.

    >>> list(numbers(' s="2"', [0.5, None, float("nan"), 3]))
    [' s="2"><v>0.5</v></c>', '', '', ' s="2"><v>3</v></c>']
    """
    return (f"{style}><v>{value:.16G}</v></c>" if value is not None and math.isfinite(value) else "" for value in values)


def lines(columns: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows of a sheet from its columns.

    >>> list(lines([['<c r="A2"><v>1</v></c>', ""], ["", '<c r="B3"><v>2</v></c>']]))
    ['<row r="2"><c r="A2"><v>1</v></c></row>', '<row r="3"><c r="B3"><v>2</v></c></row>']
    """
    return (f'<row r="{number}">{"".join(cells)}</row>' for number, cells in enumerate(zip(*columns, strict=True), 2))
