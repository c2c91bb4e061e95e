"""The report of what moved between two runs: waterfalls, the steps with their errors, and what was changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.analysis.moves import ORDER, TOTAL
from sim.analysis.table import Table
from sim.report.asked import difference, name_of, unit_name, written
from sim.report.blocks import Block, Figure, Paragraphs, Points, Section, Titled
from sim.report.charts.moves import waterfall
from sim.report.charts.spec import Chart
from sim.report.html import write_page
from sim.report.model import ReportInput
from sim.report.sections_ground import ground
from sim.report.tables import Column, html_table
from sim.results.diff import Moves

Row = Mapping[str, Any]

KINDS = {"days": "date", "percentage points": "chance", "offices": "count"}
"""Kind of an answer, by the unit of its changes."""

MOST_FIGURES = 12
"""Questions that are drawn; the table has all."""


def write_diff_html(given: ReportInput, moves: Moves, path: Path) -> Path:
    """Write the page.

    Parameters
    ----------
    given
        The new run: for names, assumptions and passport.
    moves
        What moved; its headlines are drawn and told, the other questions stand in the table.
    """
    t = given.t
    parts = [
        Section("answer", t("The answer"), [Points([told(given, rows_of(moves["diff"], key)) for key in moves.headlines])]),
        Section("moves", t("What moved the answers"), _moves(given, moves)),
        Section("all", t("All questions"), _all(given, moves["diff"])),
        Section("inputs", t("What was changed"), _inputs(given, moves["diff_inputs"])),
        Section("ground", t("What this rests on"), ground(given)),
    ]
    parts = [part for part in parts if part.blocks]
    return write_page(given, path, parts, t("Why it moved"), title=heading(given, moves))


def heading(given: ReportInput, moves: Moves) -> str:
    """What the page and the terminal begin with."""
    return given.t("Why it moved: from {a} to {b}", a=moves.names[0], b=moves.names[1])


def rows_of(table: Table, key: str) -> list[Row]:
    """The steps of a question, and the whole last."""
    return list(table.where(question=key).rows())


def steps(given: ReportInput) -> dict[str, str]:
    """What each category is called."""
    t = given.t
    return {
        "outcomes": t("What has happened"),
        "risks": t("Changed risks"),
        "estimates": t("Changed estimates"),
        "rules": t("Changed rules and capacity"),
        "scope": t("Changed scope"),
        "noise": t("Other futures drawn"),
        TOTAL: t("In all"),
    }


def step_name(given: ReportInput, category: str) -> str:
    """What a step is called, also one of several categories."""
    names = steps(given)
    return " + ".join(names[part] for part in category.split(" + "))


def sized(given: ReportInput, row: Row, field: str = "change") -> str:
    """A change with its sign and unit."""
    return difference(given.f, row["unit"], row[field])


def answered(given: ReportInput, row: Row, field: str) -> str:
    """An answer before or after a step."""
    return written(given.f, KINDS.get(row["unit"]), row[field])


def told(given: ReportInput, rows: Sequence[Row]) -> str:
    """How an answer moved, and by what most."""
    t = given.t
    *parts, whole = rows
    name, ends = name_of(given.names, whole["question"]), {field: answered(given, whole, field) for field in ("before", "after")}
    moved = [row for row in parts if row["change"]]
    if not moved and whole["before"] == whole["after"]:
        return t("{name}: {after}, as before.", name=name, after=ends["after"])
    text = t("{name}: from {before} to {after} ({change}).", name=name, change=sized(given, whole), **ends)
    most = max(moved, key=lambda row: abs(row["change"]), default=None)
    if most is None:
        return text
    return text + " " + t("The most by: {step} ({change}).", step=step_name(given, most["category"]).lower(), change=sized(given, most))


def rules(given: ReportInput, moves: Moves) -> Iterator[str]:
    """How the steps were made, in what order, and which fell together."""
    t, names = given.t, steps(given)
    yield t(
        "The steps are taken in this order: {order}. Each is simulated on the same futures, on top of the steps before it, so they add up "
        "exactly; only the last changes futures. What two kinds of change do together counts for the later: in another order the parts "
        "would be others, the sum the same.",
        order=", ".join(names[category].lower() for category in ORDER),
    )  # fmt: skip
    for name, why in {row["category"]: row["why_merged"] for row in moves["diff"].rows() if row["why_merged"]}.items():
        yield t("{step} are one step, as the scenario between them cannot be simulated: {why}", step=step_name(given, name), why=why)
    for name in moves.redrawn:
        yield t("{run} was made by another version of the program: what is told of it here is what this version says.", run=name)


def figures(given: ReportInput, moves: Moves) -> Iterator[tuple[str, Chart]]:
    """A waterfall for each headline that has an answer throughout, with its question."""
    for number, key in enumerate(moves.headlines[:MOST_FIGURES]):
        rows = rows_of(moves["diff"], key)
        names = {row["category"]: step_name(given, row["category"]) for row in rows}
        chart = waterfall(given.f, rows, names, name_of(given.names, key), f"diff_{number}", moves.names)
        if chart is not None:
            yield key, chart


def _moves(given: ReportInput, moves: Moves) -> list[Block]:
    drawn = [Figure(chart, _table(given, rows_of(moves["diff"], key), chart.title)) for key, chart in figures(given, moves)]
    return [*drawn, Paragraphs(list(rules(given, moves)))]


def _table(given: ReportInput, rows: Sequence[Row], title: str) -> Any:
    t = given.t
    columns = [Column("step", t("Step")), Column("change", t("Change")), Column("se", t("Standard error"), "decimal")]
    columns += [Column("low", t("Lower"), "signed"), Column("high", t("Upper"), "signed")]
    columns += [Column("changes", t("Things changed"), "number"), Column("after", t("After it"))]
    cells = []
    for row in rows:
        texts = {"step": step_name(given, row["category"]), "change": sized(given, row), "after": answered(given, row, "after")}
        cells.append({**row, **texts, "se": row["standard_error"]})
    return html_table(given.f, columns, cells, title)


def _all(given: ReportInput, table: Table) -> list[Block]:
    t = given.t
    categories = list(dict.fromkeys(table["category"]))
    columns = [Column("name", t("Question")), Column("before", t("Before")), Column("after", t("Now"))]
    columns += [Column(category, step_name(given, category), "signed") for category in categories]
    columns.append(Column("unit", t("Unit")))
    rows = []
    for key in dict.fromkeys(table["question"]):
        own = rows_of(table, key)
        ends = {field: answered(given, own[-1], field) for field in ("before", "after")}
        rows.append(
            {"name": name_of(given.names, key), **ends, **{r["category"]: r["change"] for r in own}, "unit": unit_name(t, own[-1]["unit"])}
        )
    heading = t("All questions")
    return [Titled("", html_table(given.f, columns, rows, heading, hide=True, sort_label=t("Sort")))]


def _inputs(given: ReportInput, table: Table) -> list[Block]:
    if not len(table):
        return [Paragraphs([given.t("Nothing was changed.")])]
    t, heading = given.t, given.t("What was changed")
    columns = [Column("category", t("Kind")), Column("path", t("Where")), Column("old", t("Before")), Column("new", t("Now"))]
    rows = ({**row, "category": step_name(given, row["category"])} for row in table.rows())
    return [Titled("", html_table(given.f, columns, rows, heading, hide=True, sort_label=t("Sort")))]
