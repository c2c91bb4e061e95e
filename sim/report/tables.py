"""Tables on a page: what each column holds and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from sim.report.formats import Formats

Row = Mapping[str, Any]


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
        ``text, date, month, number, decimal, days, percent, points, signed, difference, money, millions`` or ``markup``; all but the
        first and last are set to the right.
    key
        What rows are sorted by, when that is not the value itself.
    """

    field: str
    heading: str
    kind: str = "text"
    key: str = ""


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
    write = writers(f)
    head = "".join(_head(column, sort_label) for column in columns)
    body = "".join(_row(columns, row, write, sortable=bool(sort_label), group=group) for row in rows)
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
    side = "" if column.kind in {"text", "markup"} else ' class="n"'
    if not sort_label:
        return f'<th scope="col"{side}>{name}</th>'
    return f'<th scope="col"{side} aria-sort="none"><button type="button" title="{escape(sort_label)}">{name}</button></th>'


def _row(columns: Sequence[Column], row: Row, write: Mapping[str, Callable[[Any], str]], *, sortable: bool, group: str) -> str:
    cells = []
    for place, column in enumerate(columns):
        value = row.get(column.field)
        side = "" if column.kind in {"text", "markup"} else ' class="n"'
        key = f' data-v="{escape(_key(row.get(column.key or column.field)))}"' if sortable else ""
        tag = 'th scope="row"' if place == 0 else "td"
        cells.append(f"<{tag}{side}{key}>{write[column.kind](value)}</{tag[:2]}>")
    own = f' data-choice="{escape(str(row[group]))}"' if group else ""
    return f"<tr{own}>{''.join(cells)}</tr>"


def _key(value: Any) -> str:
    return "" if value is None else str(value)


def guessed(name: str, values: Sequence[Any]) -> str:
    """The kind of a column of which only name and values are known.

    >>> guessed("p_on_time", [0.5]), guessed("replications", [3]), guessed("p50", [1.5]), guessed("office", ["boden"])
    ('percent', 'number', 'decimal', 'text')
    """
    known = [value for value in values if value is not None]
    if not known:
        return "text"
    if all(hasattr(value, "isoformat") for value in known):
        return "date"
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
        return "text"
    if name.startswith(("p_", "prob", "share", "criticality")) or name in {"probability", "confidence", "utilisation", "happens"}:
        return "percent"
    return "number" if all(float(value).is_integer() for value in known) else "decimal"
