"""The report's section on money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from sim.analysis.estimates import Z
from sim.report.blocks import Block, Figure, Titled
from sim.report.charts.fans import cost_fan, cost_months
from sim.report.charts.money import budget_years, cost_and_date
from sim.report.model import ReportInput
from sim.report.sections_reserves import halves_note, periods, reserves
from sim.report.tables import Column, html_table

QUANTILES = ("p10", "p50", "p80", "p90")


def money(given: ReportInput) -> list[Block]:
    """Cost over time, years against frames, cost against date, reserves, the agency's own periods."""
    blocks: list[Block] = []
    if chart := cost_fan(given):
        blocks.append(Figure(chart, _months(given, chart.title)))
    if given.has("cost_by_year"):
        blocks += _years(given)
    if chart := budget_years(given):
        blocks.append(
            Figure(chart, _frames(given, chart.title), note=given.t("Percentiles of parts do not add up to the percentile of the sum."))
        )
    if chart := cost_and_date(given):
        note = given.t("The cross-hair stands at P80 of each; the shares are those of the futures in each corner.")
        blocks.append(Figure(chart, _joint(given, chart.title), note=note))
    return [*blocks, *reserves(given), *periods(given)]


def _months(given: ReportInput, title: str) -> Markup:
    t = given.t
    columns = [Column("period", t("Month")), Column("mean", t("Mean"), "money")]
    columns += [Column(f"cumulative_{q}", t("Cumulative {quantile}", quantile=q.upper()), "money") for q in QUANTILES]
    return html_table(given.f, columns, cost_months(given), title)


def _years(given: ReportInput) -> list[Block]:
    """Budget years of the programme, and folded those of rounds and types."""
    t = given.t
    columns = [Column("year", t("Year"))]
    for name, heading in (("mean", t("Mean")), *((q, q.upper()) for q in QUANTILES)):
        columns += [Column(name, heading, "money"), Column(f"{name}_half", "±", "number")]
    parts: tuple[list[dict[str, Any]], list[dict[str, Any]]] = ([], [])
    for row in given.table("cost_by_year").rows():
        whole = not row.get("item") and not row.get("financing") and row.get("prices", "current") == "current"
        if whole and not str(row["group"]).startswith("office"):
            told = {**row, **halves(row), "year": str(row["period"]), "group": given.names.group(str(row["group"]))}
            parts[row["group"] not in {"programme", "all"}].append(told)
    columns = [column for column in columns if any(column.field in row for part in parts for row in part)]
    first = t("Cost by budget year, current prices")
    note = halves_note(given) if "mean_half" in {c.field for c in columns} else ""
    blocks: list[Block] = [Titled(first, html_table(given.f, columns, parts[0], first, hide=True), note=note)]
    if parts[1]:
        columns.insert(1, Column("group", t("Group")))
        second = t("Cost by budget year, rounds and types")
        blocks.append(Titled(second, html_table(given.f, columns, parts[1], second, hide=True, sort_label=t("Sort")), folded=True))
    return blocks


def halves(row: Mapping[str, Any]) -> dict[str, float]:
    """Half of the 95 % interval of the mean and of each quantile, where that is known."""
    ends = {q: (row.get(f"{q}_low"), row.get(f"{q}_high")) for q in QUANTILES}
    found = {f"{q}_half": (high - low) / 2 for q, (low, high) in ends.items() if low is not None and high is not None}
    return found | ({"mean_half": Z * row["mean_se"]} if row.get("mean_se") is not None else {})


def _frames(given: ReportInput, title: str) -> Markup:
    t = given.t
    columns = [Column("budget", t("Frame")), Column("year", t("Year"), "text"), Column("frame", t("Kronor"), "money")]
    columns += [Column(q, q.upper(), "money") for q in QUANTILES]
    columns += [Column("probability_over", t("Chance of exceeding"), "percent"), Column("low", t("Lower"), "percent")]
    columns += [Column("high", t("Upper"), "percent"), Column("expected_excess", t("Mean excess"), "money")]
    rows = ({**row, "budget": given.names.budget(row["budget"])} for row in given.table("budgets").rows())
    return html_table(given.f, columns, rows, title)


def _joint(given: ReportInput, title: str) -> Markup:
    t = given.t
    columns = [Column("date_level", t("Level of the date"), "percent"), Column("date", t("Last opening by"), "date")]
    columns += [Column("cost_level", t("Level of the cost"), "percent"), Column("cost", t("Cost at most"), "money")]
    columns.append(Column("probability", t("Chance that both hold"), "percent"))
    columns += [Column("low", t("Lower"), "percent"), Column("high", t("Upper"), "percent")]
    table = given.table("joint")
    rows = table.where(group="programme").rows() if "group" in table.columns else table.rows()
    return html_table(given.f, columns, rows, title)
