"""The report as a workbook: every table on a sheet of its own, with real dates and numbers, and native charts of fans and outside view."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analysis.table import Table
from sim.report.excel_charts import cost_fan_chart, for_paper, opening_fan_chart, outside_view_charts
from sim.report.model import ReportInput
from sim.report.sections_ground import flat
from sim.report.sentences import state_of, state_words, summary, target_text
from sim.report.tables import guessed
from sim.report.texts import Texts

if TYPE_CHECKING:
    from sim.report.excel_cells import TableSheet

ORDER = (
    *("openings", "open_count", "targets", "activities", "safe_dates", "drivers", "delay_by_cause", "leave_one_out", "resources"),
    *("layer_shares", "queue_by_month", "cost_by_year", "cost_by_month", "budgets", "joint", "assumptions", "changes"),
)
"""Tables that come first, in this order; the others follow."""

LEFT_OUT = {"opening_density", "target_density", "joint_sample"}
"""Tables of raw counts; they stand in the run folder as CSV."""

BY_OFFICE = ("office:", "office=", "county=", "municipality=")
"""How groups of a single office or place begin."""

MAIN_ROWS: Mapping[str, tuple[str, ...]] = {"cost_by_month": ("group",), "open_count": ("filter",)}
"""Large tables of which the short workbook leaves out the groups of single offices and places, by the columns that tell of them."""

MAIN_COLUMNS: Mapping[str, tuple[str, ...]] = dict.fromkeys(("activities", "cost_by_month"), ("_se", "_low", "_high"))
"""Large tables of which the short workbook leaves out the columns with such ends."""

MOST_ROWS = 100_000
"""Rows of a table that are written; the first sheet says where rows were left out."""

FORMATS = {"date": "yyyy-mm-dd", "percent": "0.0%", "number": "#,##0", "decimal": "#,##0.00", "money": '#,##0 "kr"', "text": "@"}
"""Number format of each kind."""

MONEY = re.compile(
    r"^(cumulative_)?(plan|mean|p\d\d)(_se|_low|_high)?$|^(frame|expected_excess|mean_left|cost|money|reserve|planned(_cost)?|price|scope|time)(_se)?$"
)
"""Columns of money in tables of money."""

TABLES_OF_MONEY = ("cost", "budgets", "joint", "frontier", "contingency", "uplift", "tertials", "debt", "forecast")

Formats = Mapping[str, Any]


def write_xlsx(given: ReportInput, path: Path, *, whole: bool = True) -> Path:
    """Write the workbook of a run to a file; returns its path.

    The short one (not ``whole``) is what every run writes: a cell costs some microseconds, and four fifths of all cells are in three tables
    of single offices and places, which the run folder has as CSV.
    """
    from xlsxwriter import Workbook

    from sim.report.excel_cells import TableSheet

    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(str(path), options) as book:
        formats = {kind: book.add_format({"num_format": text}) for kind, text in FORMATS.items()}
        formats["head"] = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        formats["title"] = book.add_format({"bold": True, "font_size": 16})
        formats["wrap"] = book.add_format({"text_wrap": True, "valign": "top"})
        tables = chosen(given)
        if not whole:
            tables = {name: main_part(table) for name, table in tables.items()}
        first = book.add_worksheet(given.t("Read me"))
        sheets = {name: book.add_worksheet(name[:31], TableSheet) for name in tables}
        write_first(given, first, tables, formats)
        for name, table in tables.items():
            write_table(sheets[name], table, formats)
        opening_fan_chart(given, book, tables)
        cost_fan_chart(given, book, tables)
        outside_view_charts(given, book)
    return path


def chosen(given: ReportInput) -> dict[str, Table]:
    """The tables of the workbook, in order; raw counts are left out."""
    names = [name for name in ORDER if given.has(name)] + [name for name in given.tables if name not in ORDER and given.has(name)]
    return {name: given.table(name) for name in names if name not in LEFT_OUT}


def main_part(table: Table) -> Table:
    """What the short workbook holds of a table."""
    for name in MAIN_ROWS.get(table.name, ()):
        kept = [place for place, group in enumerate(table[name]) if not str(group).startswith(BY_OFFICE)]
        table = table.take(kept)
    ends = MAIN_COLUMNS.get(table.name)
    return table if ends is None else Table(table.name, {k: v for k, v in table.columns.items() if not k.endswith(ends)})


def write_first(given: ReportInput, sheet: Any, tables: Mapping[str, Table], formats: Formats) -> None:
    """The first sheet: the answer, what is on each sheet, and how the run was made."""
    t = given.t
    for_paper(sheet)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, FIRST_WIDTH)
    sheet.write_string(0, 0, given.scenario.scenario.name, formats["title"])
    lines: list[tuple[str, str] | None] = [("", given.description), None, (t("The answer"), "")]
    lines += [("", text) for text in summary(given)]
    lines += [None, (t("The targets"), "")]
    words = state_words(given)
    for row in given.table("targets").rows():
        lines.append((words[state_of(row["holds"])], f"{given.names.target(row['target'])}: {target_text(given, row)}"))
    lines += [None, (t("Sheets"), "")]
    lines += [(name, about(given, name, table)) for name, table in tables.items()]
    lines += [None, (t("Passport of the run"), "")]
    lines += list(flat({key: value for key, value in given.passport.items() if key in SHOWN}))
    for place, line in enumerate(lines, 1):
        if line:
            sheet.set_row(place, LINE_HEIGHT * -(-max(len(line[1]), 1) // FIRST_WIDTH))
            sheet.write_string(place, 0, line[0], formats["head" if line[0] and not line[1] else "wrap"])
            sheet.write_string(place, 1, line[1], formats["wrap"])


LINE_HEIGHT, FIRST_WIDTH = 15, 100
"""Height of a line in points and width of the text column in characters: not every program finds the height of wrapped rows by itself."""

SHOWN = ("id", "run_id", "name", "scenario_file", "replications", "seed", "engine", "versions", "result_digest", "made")
"""Parts of the passport on the first sheet; all of it stands in ``run.json``."""


def sheet_texts(t: Texts) -> dict[str, str]:
    """What is on the sheet of each table."""
    return {
        "openings": t("When each office opens, and how sure that is"),
        "open_count": t("How many offices are open by each date"),
        "targets": t("The targets and whether they hold"),
        "activities": t("Each activity of each office: dates, waits, how often critical"),
        "safe_dates": t("The latest dates that still leave the office its date"),
        "drivers": t("What delays the programme"),
        "delay_by_cause": t("What delays each office; the parts add up"),
        "leave_one_out": t("What would be won if one thing alone were taken away"),
        "layer_shares": t("How much of the spread is common"),
        "resources": t("Shared resources: use and queues"),
        "queue_by_month": t("Use and queues by month"),
        "cost_by_year": t("Cost by budget year and group, kronor"),
        "cost_by_month": t("Cost by month and group, kronor"),
        "budgets": t("Budget years against their frames, kronor"),
        "joint": t("The chance that date and cost both hold"),
        "assumptions": t("What the scenario assumes, how sure that is and where it comes from"),
        "changes": t("What differs from the base scenario"),
        "targets_joint": t("The chance that several targets hold together"),
        "tertials": t("Cost by four-month period and group, kronor"),
        "forecast": t("The year's outcome so far, rest and whole against the plan, kronor"),
        "debt_by_month": t("Outstanding loans at the end of each month, kronor"),
        "cost_of_delay": t("What a month of delay costs, kronor"),
        "frontier": t("Pairs of date and cost that hold together"),
        "contingency": t("Reserves of time and money that are enough together"),
        "uplift": t("What a reserve of money is made of: prices, scope and time, kronor"),
        "whole_futures": t("Whole futures near P50 and P80 of the cost, which can be replayed"),
        "reference_class": t("How long earlier cases took and how long the forecast says, weeks"),
        "reference_curve": t("Share that had opened after so many weeks, earlier cases and forecast"),
        "chance_by_finish": t("The chance to open in time by the day on which an activity is finished"),
        "sensitivity": t("Shares of the spread of the mean opening by what is uncertain"),
        "ranking_check": t("Whether the shares rank the causes as switching them off does"),
    }


def about(given: ReportInput, name: str, table: Table) -> str:
    """What a sheet holds."""
    t = given.t
    text = sheet_texts(t).get(name, t("Further table of the run"))
    if (len(table), len(table.columns)) != (len(given.table(name)), len(given.table(name).columns)):
        text += " " + t("The main rows and columns; all are in the CSV file.")
    return text + (
        " " + t("Only the first {n} rows; all are in the CSV file.", n=given.f.number(MOST_ROWS)) if len(table) > MOST_ROWS else ""
    )


def kind_of(table: Table, column: str) -> str:
    """How the cells of a column are written."""
    kind = guessed(column, table[column])
    if kind in {"number", "decimal"} and table.name.startswith(TABLES_OF_MONEY) and MONEY.match(column):
        return "money"
    if column in {"year", "period", "round", "replication"}:
        return "general"
    return kind


def write_table(sheet: TableSheet, table: Table, formats: Formats) -> None:
    """One table: frozen headings with filters, columns as wide as what they hold."""
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    for_paper(sheet)
    for place, (name, values) in enumerate(table.columns.items()):
        kind = kind_of(table, name)
        sheet.write_string(0, place, name, formats["head"])
        sheet.fill(kind, values[:MOST_ROWS], formats.get(kind))
        sheet.set_column(place, place, width_of(name, values[:200], kind))
    if len(table):
        sheet.autofilter(0, 0, min(len(table), MOST_ROWS), len(table.columns) - 1)


def width_of(name: str, values: Sequence[Any], kind: str) -> float:
    """Width of a column in characters."""
    if kind in {"date", "percent", "number", "decimal", "money"}:
        return max(12 if kind != "money" else 17, min(len(name) + 2, 20))
    return min(max([len(name) + 2, *(len(str(value)) for value in values if value is not None)]) + 1, 48)
