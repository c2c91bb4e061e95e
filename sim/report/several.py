"""Reports of several runs: two scenarios compared, and a sweep over values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from sim.analysis.table import Table
from sim.report.blocks import Block, Figure, Grid, Points, Section, Titled
from sim.report.charts.several import differences, is_clear, sweep_lines, sweep_map
from sim.report.html import write_page
from sim.report.model import ReportInput
from sim.report.sections_ground import ground
from sim.report.tables import Column, guessed, html_table

MOST_FIGURES = 12
"""Answers of a sweep that are drawn; the table has all."""


def write_compare_html(given: ReportInput, table: Table, path: Path, a: str, b: str) -> Path:
    """Write the report of a comparison.

    Parameters
    ----------
    given
        The run that is compared with (scenario ``a``): for names, assumptions and passport.
    table
        ``question, a, b, difference, low, high, verdict``, and ``unit`` where the questions have several: a question a row.
    a, b
        Names of the scenarios.
    """
    t = given.t
    parts = [
        Section("answer", t("The answer"), [Points(list(_said(given, table, a, b)))]),
        Section("differences", t("Differences"), _differences(given, table, a, b)),
        Section("ground", t("What this rests on"), ground(given)),
    ]
    return write_page(given, path, parts, t("Comparison"), title=t("{a} against {b}", a=a, b=b))


def _said(given: ReportInput, table: Table, a: str, b: str) -> Iterator[str]:
    t, rows = given.t, list(table.rows())
    clear = [row for row in rows if is_clear(row)]
    yield t("Both were run on the same random futures, so the differences are those of the scenarios and not of chance.")
    yield t.n("{n} of {all} answer differs clearly between {a} and {b}.", "{n} of {all} answers differ clearly between {a} and {b}.",
              len(clear), all=len(rows), a=a, b=b)  # fmt: skip
    for row in clear[:6]:
        yield t("{question}: {difference} ({low} to {high}).", question=row["question"], difference=_sized(given, row, "difference"),
                low=_sized(given, row, "low"), high=_sized(given, row, "high"))  # fmt: skip


def _sized(given: ReportInput, row: Mapping[str, Any], field: str) -> str:
    text = given.f.signed(row[field], 2 if abs(row[field] or 0) < 1 else 1)
    return f"{text} {row['unit']}" if row.get("unit") and field == "difference" else text


def _differences(given: ReportInput, table: Table, a: str, b: str) -> list[Block]:
    t = given.t
    rows = list(table.rows())
    figures = []
    for number, unit in enumerate(dict.fromkeys(row.get("unit") or "" for row in rows)):
        own = [row for row in rows if (row.get("unit") or "") == unit and row["difference"] is not None]
        if own:
            title = t("{b} less {a}, {unit}", a=a, b=b, unit=unit) if unit else t("{b} less {a}", a=a, b=b)
            figures.append(Figure(differences(given.f, own, unit or t("Difference"), f"differences_{number}", title)))
    return [*figures, Titled(t("All questions"), _compare_table(given, table, a, b))]


def _compare_table(given: ReportInput, table: Table, a: str, b: str) -> Markup:
    t = given.t
    columns = [Column("question", t("Question")), Column("a", a), Column("b", b)]
    columns += [
        Column("difference", t("Difference"), "difference"),
        Column("low", t("Lower"), "difference"),
        Column("high", t("Upper"), "difference"),
    ]
    columns += [Column("unit", t("Unit"))] if "unit" in table.columns else []
    columns.append(Column("verdict", t("Verdict")))
    rows = ({**row, "a": value(given, row["a"]), "b": value(given, row["b"])} for row in table.rows())
    return html_table(given.f, columns, rows, t("All questions"), sort_label=t("Sort"), hide=True)


def value(given: ReportInput, found: Any) -> str:
    """An answer, whatever it is."""
    if isinstance(found, bool):
        return given.t("yes") if found else given.t("no")
    if isinstance(found, int | float):
        return given.f.number(found, 0 if float(found).is_integer() else 3 if abs(found) < 10 else 1)
    return given.f.date(found) if hasattr(found, "isoformat") else "–" if found is None else str(found)


def write_sweep_html(given: ReportInput, table: Table, path: Path, keys: Sequence[str], answers: Sequence[str] | None = None) -> Path:
    """Write the report of a sweep.

    Parameters
    ----------
    given
        The scenario that was varied: for names, assumptions and passport.
    table
        A point a row: the keys that were varied, and answers, with ``…_low`` and ``…_high`` where they have an interval.
    keys
        Columns that were varied: one is drawn as lines, two as fields; of three or more the first two.
    answers
        Columns that are drawn; all that are numbers or dates when left out.
    """
    t = given.t
    shown = list(answers or answers_of(table, keys))[:MOST_FIGURES]
    figures = [Figure(chart) for chart in _swept(given, table, keys, shown)]
    parts = [
        Section("answer", t("The answers over {keys}", keys=", ".join(keys)), [Grid(figures)] if len(keys) == 1 else figures),
        Section("points", t("All points"), [Titled("", _sweep_table(given, table))]),
        Section("ground", t("What this rests on"), ground(given)),
    ]
    return write_page(given, path, parts, t("Sweep"), given.scenario.scenario.description)


def answers_of(table: Table, keys: Sequence[str]) -> list[str]:
    """Columns of a sweep that hold answers: numbers and dates that were not varied and are no bounds of others.

    >>> answers_of(Table("sweep", {"slots": [16], "p80": [3.0], "p80_low": [2.0], "p80_high": [4.0], "note": ["x"]}), ["slots"])
    ['p80']
    """
    found = [name for name in table.columns if name not in keys and guessed(name, table[name]) != "text"]
    return [name for name in found if re.sub(r"_(low|high)$", "", name) not in set(found) - {name}]


def _swept(given: ReportInput, table: Table, keys: Sequence[str], answers: Sequence[str]) -> Iterator[Any]:
    for number, answer in enumerate(answers):
        name = f"sweep_{number}"
        yield (
            sweep_lines(given.f, table, keys[0], answer, name)
            if len(keys) == 1
            else sweep_map(given.f, table, (keys[0], keys[1]), answer, name)
        )


def _sweep_table(given: ReportInput, table: Table) -> Markup:
    columns = [Column(name, name, guessed(name, values)) for name, values in table.columns.items()]
    return html_table(given.f, columns, table.rows(), given.t("All points"), sort_label=given.t("Sort"), hide=True)
