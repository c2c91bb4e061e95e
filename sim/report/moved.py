"""The report of what moved between two runs: waterfalls, the steps with their errors, and what was changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.analysis.moves import ORDER, TOTAL
from sim.analysis.table import Table
from sim.report.blocks import Block, Figure, Paragraphs, Points, Section, Titled
from sim.report.charts.moves import waterfall
from sim.report.charts.spec import Chart
from sim.report.html import write_page
from sim.report.model import ReportInput
from sim.report.sections_ground import ground
from sim.report.tables import Column, html_table

Row = Mapping[str, Any]

MOST_FIGURES = 12
"""Questions that are drawn; the table has all."""


def write_diff_html(given: ReportInput, tables: Mapping[str, Table], shown: Sequence[str], path: Path, ends: tuple[str, str]) -> Path:
    """Write the page.

    Parameters
    ----------
    given
        The new run: for names, assumptions and passport.
    tables
        ``diff`` and ``diff_inputs``.
    shown
        Questions that are drawn and told; the others stand in the table.
    ends
        What the old run and the new one are called.
    """
    t = given.t
    parts = [
        Section("answer", t("The answer"), [Points([told(given, rows_of(tables["diff"], key)) for key in shown])]),
        Section("moves", t("What moved the answers"), _moves(given, tables["diff"], shown, ends)),
        Section("all", t("All questions"), _offices(given, tables["diff"])),
        Section("inputs", t("What was changed"), _inputs(given, tables["diff_inputs"])),
        Section("ground", t("What this rests on"), ground(given)),
    ]
    parts = [part for part in parts if part.blocks]
    return write_page(given, path, parts, t("Why it moved"), title=heading(given, ends))


def heading(given: ReportInput, ends: tuple[str, str]) -> str:
    """What the page and the terminal begin with."""
    return given.t("Why it moved: from {a} to {b}", a=ends[0], b=ends[1])


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


def question_name(given: ReportInput, key: str) -> str:
    """A question in words."""
    t = given.t
    head, *rest = key.split(".")
    stat = (t("mean") if rest[-1] == "mean" else rest[-1].upper()) if rest else ""
    if head == "offices":
        name = given.names.office(rest[0])
        return t("{name} holds its date, chance", name=name) if rest[1] == "on_time" else t("{name} opens, {stat}", name=name, stat=stat)
    if head == "targets":
        name = given.names.target(rest[0])
        return t("{name}, chance", name=name) if len(rest) == 1 else t("{name}, {stat}", name=name, stat=stat)
    if "open" in rest:
        return t("Open offices on {date}, mean", date=rest[-1]) + (
            f" ({given.names.group(f'round={rest[0]}')})" if head == "rounds" else ""
        )
    return t("Last opening, {stat}", stat=stat) if head == "programme" else t("Last opening of round {n}, {stat}", n=rest[0], stat=stat)


def sized(given: ReportInput, row: Row, field: str = "change", *, unit: bool = True) -> str:
    """A change with its sign and unit."""
    t, f = given.t, given.f
    if row[field] is None:
        return t("not known")
    text = f.signed(row[field], 0 if row["unit"] == "days" and abs(row[field]) >= 10 else 1)
    if not unit:
        return text
    if row["unit"] == "days":
        return f"{text} {t.n('day', 'days', abs(row[field]))}"
    return f"{text} {t('percentage points') if row['unit'] == 'percentage points' else t('offices')}"


def answered(given: ReportInput, row: Row, field: str) -> str:
    """An answer before or after a step."""
    value = row[field]
    if value is None:
        return given.t("never")
    if hasattr(value, "isoformat"):
        return given.f.date(value)
    return given.f.percent(value) if row["unit"] == "percentage points" else given.f.number(value, 1)


def told(given: ReportInput, rows: Sequence[Row]) -> str:
    """How an answer moved, and by what most."""
    t = given.t
    *parts, whole = rows
    name, ends = question_name(given, whole["question"]), {field: answered(given, whole, field) for field in ("before", "after")}
    moved = [row for row in parts if row["change"]]
    if not moved and whole["before"] == whole["after"]:
        return t("{name}: {after}, as before.", name=name, after=ends["after"])
    text = t("{name}: from {before} to {after} ({change}).", name=name, change=sized(given, whole), **ends)
    most = max(moved, key=lambda row: abs(row["change"]), default=None)
    if most is None:
        return text
    return text + " " + t("The most by: {step} ({change}).", step=step_name(given, most["category"]).lower(), change=sized(given, most))


def rules(given: ReportInput, table: Table) -> Iterator[str]:
    """How the steps were made, in what order, and which fell together."""
    t, names = given.t, steps(given)
    yield t(
        "The steps are taken in this order: {order}. Each is simulated on the same futures, on top of the steps before it, so they add up "
        "exactly; only the last changes futures. What two kinds of change do together counts for the later: in another order the parts "
        "would be others, the sum the same.",
        order=", ".join(names[category].lower() for category in ORDER),
    )  # fmt: skip
    for name, why in {row["category"]: row["why_merged"] for row in table.rows() if row["why_merged"]}.items():
        yield t("{step} are one step, as the scenario between them cannot be simulated: {why}", step=step_name(given, name), why=why)


def figures(given: ReportInput, table: Table, shown: Sequence[str], ends: tuple[str, str]) -> Iterator[Chart]:
    """A waterfall for each question that is shown and has an answer throughout."""
    for number, key in enumerate(shown[:MOST_FIGURES]):
        rows = rows_of(table, key)
        names = {row["category"]: step_name(given, row["category"]) for row in rows}
        chart = waterfall(given.f, rows, names, question_name(given, key), f"diff_{number}", ends)
        if chart is not None:
            yield chart


def _moves(given: ReportInput, table: Table, shown: Sequence[str], ends: tuple[str, str]) -> list[Block]:
    drawn = [Figure(chart, _table(given, rows_of(table, key), chart.title)) for key, chart in _drawn(given, table, shown, ends)]
    return [*drawn, Paragraphs(list(rules(given, table)))]


def _drawn(given: ReportInput, table: Table, shown: Sequence[str], ends: tuple[str, str]) -> Iterator[tuple[str, Chart]]:
    for chart in figures(given, table, shown, ends):
        yield shown[int(chart.name.removeprefix("diff_"))], chart


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


def _offices(given: ReportInput, table: Table) -> list[Block]:
    t = given.t
    categories = list(dict.fromkeys(table["category"]))
    columns = [Column("name", t("Question")), Column("before", t("Before")), Column("after", t("Now"))]
    columns += [Column(category, step_name(given, category), "signed") for category in categories]
    columns.append(Column("unit", t("Unit")))
    rows = []
    for key in dict.fromkeys(table["question"]):
        own = rows_of(table, key)
        ends = {field: answered(given, own[-1], field) for field in ("before", "after")}
        rows.append({"name": question_name(given, key), **ends, **{r["category"]: r["change"] for r in own}, "unit": t(own[-1]["unit"])})
    heading = t("All questions")
    return [Titled("", html_table(given.f, columns, rows, heading, hide=True, sort_label=t("Sort")))]


def _inputs(given: ReportInput, table: Table) -> list[Block]:
    if not len(table):
        return [Paragraphs([given.t("Nothing was changed.")])]
    t, heading = given.t, given.t("What was changed")
    columns = [Column("category", t("Kind")), Column("path", t("Where")), Column("old", t("Before")), Column("new", t("Now"))]
    rows = ({**row, "category": step_name(given, row["category"])} for row in table.rows())
    return [Titled("", html_table(given.f, columns, rows, heading, hide=True, sort_label=t("Sort")))]
