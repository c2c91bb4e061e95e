"""The report's tables of reserves, cost of delay, the agency's own periods, and loans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sim.analysis.estimates import Z
from sim.report.blocks import Block, Titled
from sim.report.model import ReportInput
from sim.report.tables import Column, html_table

Rows = Iterable[Mapping[str, Any]]


def reserves(given: ReportInput) -> list[Block]:
    """What reserve of time and money is enough, what it is made of, and what a month of delay costs."""
    return [*_contingency(given), *_uplift(given), *_delay(given)]


def periods(given: ReportInput) -> list[Block]:
    """The year's forecast, cost by four-month period, and outstanding loans: what an agency reports, folded."""
    return [*_forecast(given), *_tertials(given), *_loans(given)]


def _contingency(given: ReportInput) -> list[Block]:
    t = given.t
    columns = [
        Column("group", t("Group")),
        Column("confidence", t("Both hold with"), "percent"),
        Column("date", t("Last opening by"), "date"),
        Column("days", t("Reserve, days"), "number"),
        Column("days_half", "±", "number"),
        Column("cost", t("Cost at most"), "money"),
        Column("money", t("Reserve, kronor"), "money"),
        Column("money_half", "±", "number"),
    ]
    note = t("Against the plan without delays. Cost is that of establishment, with rent and pay before opening; operation is left out.")
    note += " " + halves_note(given)
    heading = t("Reserves of time and money that are enough together")
    return _titled(given, heading, columns, _with_halves(_grouped(given, "contingency"), "days", "money"), note=note)


def _uplift(given: ReportInput) -> list[Block]:
    t = given.t
    columns = [
        Column("group", t("Group")),
        Column("confidence", t("The money is enough with"), "percent"),
        Column("planned", t("Planned cost"), "money"),
        Column("reserve", t("Reserve, kronor"), "money"),
        Column("reserve_half", "±", "number"),
        Column("reserve_share", t("Share"), "percent"),
    ]
    parts = {"price": t("of which prices"), "scope": t("of which scope"), "time": t("of which time")}
    for name, heading in parts.items():
        columns += [Column(name, heading, "money"), Column(f"{name}_half", "±", "number")]
    rows = _with_halves(_grouped(given, "uplift"), "reserve", *parts)
    return _titled(given, t("What a reserve of money is made of"), columns, rows, note=halves_note(given))


def halves_note(given: ReportInput) -> str:
    """What stands in columns of half intervals."""
    return given.t("± is half of the 95 % interval: how sure the number is as a number.")


def _with_halves(rows: Rows, *names: str) -> list[dict[str, Any]]:
    """Rows with half of the 95 % interval of some columns, where their errors are known."""
    return [{**row, **{f"{name}_half": None if row.get(f"{name}_se") is None else Z * row[f"{name}_se"] for name in names}} for row in rows]


def _delay(given: ReportInput) -> list[Block]:
    t = given.t
    columns = [
        Column("group", t("Group")),
        Column("delay_months", t("Office-months of delay, mean"), "decimal"),
        Column("extra_cost", t("Extra cost, mean"), "money"),
        Column("per_office_month", t("Kronor per office and month"), "money"),
        Column("low", t("Lower"), "money"),
        Column("high", t("Upper"), "money"),
        Column("postponed", t("Operation that falls later"), "money"),
    ]
    rows = [row for row in _grouped(given, "cost_of_delay") if row["per_office_month"] is not None]
    count = next((row["replications"] for row in rows), 0)
    note = t("From {n} futures, each against its own plan without delays; 95 % intervals.", n=given.f.number(count))
    return _titled(given, t("What a month of delay costs"), columns, rows, note=note)


def _forecast(given: ReportInput) -> list[Block]:
    t = given.t
    parts = {"outcome": t("Outcome so far"), "rest": t("Rest of the year"), "year": t("The whole year")}
    columns = [Column("part", t("Part")), Column("group", t("Group")), Column("plan", t("Plan"), "money"), *_spread(given)]
    columns.append(Column("deviation", t("Against plan"), "money"))
    rows = [{**row, "part": parts[row["part"]]} for row in _grouped(given, "forecast")]
    year = given.table("forecast")["year"][0] if rows else ""
    return _titled(given, t("Forecast for {year}", year=year), columns, rows, folded=True)


def _tertials(given: ReportInput) -> list[Block]:
    t = given.t
    columns = [Column("period", t("Four-month period")), Column("group", t("Group")), Column("plan", t("Plan"), "money"), *_spread(given)]
    return _titled(given, t("Cost by four-month period"), columns, _grouped(given, "tertials"), folded=True)


def _loans(given: ReportInput) -> list[Block]:
    t = given.t
    columns = [Column("period", t("Month")), Column("plan", t("Plan"), "money"), *_spread(given)]
    rows = list(given.table("debt_by_month").rows())
    return _titled(given, t("Outstanding loans at the end of the month"), columns, rows, folded=True)


def _spread(given: ReportInput) -> list[Column]:
    return [Column("mean", given.t("Mean"), "money"), *(Column(q, q.upper(), "money") for q in ("p10", "p50", "p80", "p90"))]


def _grouped(given: ReportInput, name: str) -> list[dict[str, Any]]:
    """Rows of the programme and its rounds that are about all items, with names for people; groups that cost nothing are left out."""
    return [{**row, "group": given.names.group(str(row["group"]))} for row in _of_groups(given, name) if _says_something(row)]


def _of_groups(given: ReportInput, name: str) -> Iterator[Mapping[str, Any]]:
    for row in given.table(name).rows():
        if str(row["group"]).startswith(("programme", "round")) and not row.get("item") and not row.get("financing"):
            yield row


def _says_something(row: Mapping[str, Any]) -> bool:
    return any(row.get(name) for name in ("planned_cost", "planned", "extra_cost", "mean"))


def _titled(given: ReportInput, heading: str, columns: list[Column], rows: Rows, *, folded: bool = False, note: str = "") -> list[Block]:
    rows = list(rows)
    if not any(_owes(row) for row in rows):
        return []
    return [Titled(heading, html_table(given.f, columns, rows, heading, hide=True), folded=folded, note=note)]


def _owes(row: Mapping[str, Any]) -> bool:
    return any(isinstance(value, int | float) and value for value in row.values())
