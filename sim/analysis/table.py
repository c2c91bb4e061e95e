"""A small table: columns by name. What every question is answered with, whoever asks."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

MOST_SHOWN = 100
"""Rows that a notebook shows."""


@dataclass(frozen=True)
class Table:
    """Columns of equal length.

    Attributes
    ----------
    name
        What it is a table of; the stem of its CSV file.
    columns
        Values by column name: text, whole numbers, floats, dates, truth values or ``None``.
    """

    name: str
    columns: Mapping[str, Sequence[Any]]

    @classmethod
    def of_rows(cls, name: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
        """A table from rows, which may be none."""
        return cls(name, {column: [row[i] for row in rows] for i, column in enumerate(names)})

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, column: str) -> Sequence[Any]:
        return self.columns[column]

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows as dictionaries."""
        for values in zip(*self.columns.values(), strict=True):
            yield dict(zip(self.columns, values, strict=True))

    def where(self, **equal: Any) -> Table:
        """The rows in which columns have given values."""
        kept: Sequence[int] = range(len(self))
        if not kept:
            return self
        for name, value in equal.items():
            column = self.columns[name]
            kept = [i for i in kept if column[i] == value]
        return self.take(kept)

    def take(self, places: Sequence[int]) -> Table:
        """The rows at these places."""
        return Table(self.name, {name: [values[i] for i in places] for name, values in self.columns.items()})

    def csv(self) -> str:
        """As CSV: dates as ``2022-06-01``, floats with at most 6 decimals, nothing for what is not known.

        Text that a spreadsheet could take for a formula gets an apostrophe in front.

        >>> print(Table("t", {"office": ["boden", "=1+1"], "p": [0.5, None]}).csv(), end="")
        office,p
        boden,0.5
        '=1+1,
        """
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(zip(*map(cells, self.columns.values()), strict=True))
        return out.getvalue()

    def _repr_html_(self) -> str:
        """For notebooks: the first rows, every text escaped, numbers to the right.

        >>> print(Table("t", {"office": ["<b>"], "p": [0.5]})._repr_html_())
        <table><caption>t</caption><thead><tr><th>office</th><th>p</th></tr></thead>
        <tbody><tr><td style="text-align:left">&lt;b&gt;</td><td style="text-align:right">0.5</td></tr></tbody></table>
        """
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        rows = islice(zip(*self.columns.values(), strict=True), MOST_SHOWN)
        body = "".join("<tr>" + "".join(map(_html_cell, row)) + "</tr>" for row in rows)
        caption = self.name if len(self) <= MOST_SHOWN else f"{self.name} ({MOST_SHOWN} / {len(self)})"
        return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"

    def pandas(self) -> pd.DataFrame:
        """As a pandas data frame."""
        import pandas as pd

        return pd.DataFrame({name: list(values) for name, values in self.columns.items()})


OFTEN_EQUAL = {str, int, dt.date}
"""Kinds of values of which a column has the same many times."""


def cells(values: Sequence[Any]) -> list[str]:
    """A column as text: a run writes some hundred thousand cells, so equal ones are put into words once.

    >>> cells([0.5, None, 2.0]), cells(["a", "a"])
    (['0.5', '', '2'], ['a', 'a'])
    """
    kinds = set(map(type, values)) - {type(None)}
    if kinds == {float}:
        return ["" if value is None else float_cell(value) for value in values]
    if len(kinds) == 1 and kinds <= OFTEN_EQUAL:
        texts = {value: cell(value) for value in set(values)}
        return [texts[value] for value in values]
    return [cell(value) for value in values]


def _html_cell(value: Any) -> str:
    text = isinstance(value, str)
    shown = value if text else cell(value)
    return f'<td style="text-align:{"left" if text else "right"}">{escape(shown)}</td>'


def float_cell(value: float) -> str:
    """A float with at most 6 decimals.

    >>> float_cell(0.25), float_cell(1e-7), float_cell(-1e-7), float_cell(100.0)
    ('0.25', '0', '0', '100')
    """
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def cell(value: Any) -> str:
    """One value as text in a CSV file."""
    kind = type(value)
    if kind is float:
        return float_cell(value)
    if kind is int or kind is dt.date:
        return str(value)
    if value is None:
        return ""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if type(value) is not kind:  # it was a NumPy number
        return cell(value)
    text = str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
