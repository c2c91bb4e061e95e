"""Tables on a page: what each column holds and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from sim.report.formats import Formats

Row = Mapping[str, Any]

Cell = tuple[str, str, str, str, Callable[[Any], str]]
"""Of a column: how its cells begin and end, its field, the field that it is sorted by or nothing, and how a value is written."""


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes
    ----------
    field
        Its name in the rows.
    heading
        What stands above it.
    kind
        ``text, date, month, number, decimal, days, percent, points, signed, difference, shift, score, money, millions`` or
        ``markup``; all but the first and last are set to the right.
    key
        What rows are sorted by, when that is not the value itself.
    wide
        Whether it is to have room for long texts.
    """

    field: str
    heading: str
    kind: str = "text"
    key: str = ""
    wide: bool = False

    @property
    def css(self) -> str:
        """The class attribute of its cells."""
        names = [name for name, is_so in (("n", self.kind not in {"text", "markup"}), ("wide", self.wide)) if is_so]
        return f' class="{" ".join(names)}"' if names else ""


def writers(f: Formats) -> dict[str, Callable[[Any], str]]:
    """How each kind is written."""
    return {
        "text": lambda value: "" if value is None else escape(str(value)),
        "markup": lambda value: value if isinstance(value, Markup) else escape(str(value)),
        "date": f.date,
        "month": f.month,
        "number": f.number,
        "decimal": lambda value: f.number(value, 1),
        "days": lambda value: f.number(value, 1),
        "percent": f.percent,
        "points": lambda value: f.signed(value if value is None else value * 100, 1),
        "signed": lambda value: f.signed(value, 1),
        "difference": lambda value: f.signed(value, 2),
        "shift": f.signed,
        "score": lambda value: f.number(value, 3),
        "money": f.money,
        "millions": lambda value: f.number(value if value is None else value / 1e6, 2),
    }


def html_table(
    f: Formats, columns: Sequence[Column], rows: Iterable[Row], caption: str, *, sort_label: str = "", group: str = "", hide: bool = False
) -> Markup:
    """A table; the first column heads its row.

    Parameters
    ----------
    sort_label
        For the buttons that sort; without it the table cannot be sorted.
    group
        The field whose value decides which rows a list of choices shows.
    """
    head = "".join(_head(column, sort_label) for column in columns)
    cells = _cells(f, columns, sortable=bool(sort_label))
    body = "".join(_row(cells, row, group) for row in rows)
    name = ' class="sortable"' if sort_label else ""
    caption_class = ' class="unseen"' if hide else ""
    label = escape(f.t("Table: {name}", name=caption))
    inner = f"<caption{caption_class}>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return Markup(f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table{name}>{inner}</table></div>')


def named(rows: Iterable[Mapping[str, Any]], **names: Any) -> Iterator[dict[str, Any]]:
    """Rows with names for people in place of ids."""
    for row in rows:
        yield {**row, **{field: name(row[field]) for field, name in names.items()}}


def _head(column: Column, sort_label: str) -> str:
    name = escape(column.heading)
    side = column.css
    if not sort_label:
        return f'<th scope="col"{side}>{name}</th>'
    return f'<th scope="col"{side} aria-sort="none"><button type="button" title="{escape(sort_label)}">{name}</button></th>'


def _cells(f: Formats, columns: Sequence[Column], *, sortable: bool) -> list[Cell]:
    """What is the same for all cells of each column: the element around them and how they are written."""
    write = writers(f)
    cells = []
    for place, column in enumerate(columns):
        tag = f'<th scope="row"{column.css}' if place == 0 else f"<td{column.css}"
        cells.append(
            (tag, "</th>" if place == 0 else "</td>", column.field, (column.key or column.field) if sortable else "", write[column.kind])
        )
    return cells


def _row(cells: Sequence[Cell], row: Row, group: str) -> str:
    own = f' data-choice="{escape(str(row[group]))}"' if group else ""
    parts = [f"<tr{own}>"]
    for tag, end, field, key, write in cells:
        sort = f' data-v="{escape(_key(row.get(key)))}"' if key else ""
        parts.append(f"{tag}{sort}>{write(row.get(field))}{end}")
    return "".join([*parts, "</tr>"])


def _key(value: Any) -> str:
    return "" if value is None else str(value)


SHARES = {"probability", "confidence", "utilisation", "happens", "level", "level_se", "reserve_share"}
"""Columns of shares whose names do not begin as such names do."""


def guessed(name: str, values: Sequence[Any]) -> str:
    """The kind of a column of which only name and values are known.

    >>> guessed("p_on_time", [0.5]), guessed("replications", [3]), guessed("p50", [1.5]), guessed("office", ["boden"])
    ('percent', 'number', 'decimal', 'text')
    """
    kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return "text"
    if all(hasattr(kind, "isoformat") for kind in kinds):
        return "date"
    if not all(issubclass(kind, int | float) and kind is not bool for kind in kinds):
        return "text"
    if name.startswith(("p_", "prob", "share", "criticality")) or name in SHARES:
        return "percent"
    return "number" if all(float(value).is_integer() for value in values if value is not None) else "decimal"
