"""Charts of the workbook's own: the two fans as stacked areas over a hidden one, and the outside view as lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from sim.analysis.table import Table
from sim.report.charts.spec import BLUE, LIGHT, LIGHTER, ORANGE
from sim.report.model import ReportInput

WIDE, TALL = 900, 420
"""Size in pixels."""


def opening_fan_chart(given: ReportInput, book: Any, tables: Mapping[str, Table]) -> None:
    """The fan of all offices, on a sheet with the numbers that it is drawn from."""
    if "open_count" not in tables:
        return
    t = given.t
    rows = [row for row in tables["open_count"].rows() if row["filter"] in {"all", "programme"}]
    plan = sorted(given.plan.values())
    heads = [t("Date"), "P10", t("P10 to P90"), "P50", t("Plan")]
    data = [[row["date"], row["p10"], row["p90"] - row["p10"], row["p50"], sum(date <= row["date"] for date in plan)] for row in rows]
    fan(book, t("Fan of openings"), heads, data, t("Open offices over time"), "0", planned=bool(plan))


def cost_fan_chart(given: ReportInput, book: Any, tables: Mapping[str, Table]) -> None:
    """The fan of the cumulative cost in millions, with the months beside it."""
    if "cost_by_month" not in tables:
        return
    from sim.report.charts.fans import cost_months

    t = given.t
    heads = [t("Month"), "P10", t("P10 to P90"), "P50", t("Per month, mean")]
    data = []
    for row in cost_months(given):
        low, high, median = (float(row[f"cumulative_{q}"]) / 1e6 for q in ("p10", "p90", "p50"))
        data.append([row["period"], low, high - low, median, float(row["mean"]) / 1e6])
    fan(book, t("Fan of cost"), heads, data, t("Cumulative, {unit}", unit=t("SEK million")), "#,##0.0", planned=False)


def fan(book: Any, name: str, heads: list[str], data: list[list[Any]], title: str, number: str, *, planned: bool) -> None:
    """A sheet with five columns (date, low, width of the band, median, plan or bars) and their chart."""
    sheet = book.add_worksheet(name[:31])
    bold, days, numbers = (
        book.add_format({"bold": True, "bottom": 1}),
        book.add_format({"num_format": "yyyy-mm-dd"}),
        book.add_format({"num_format": number}),
    )
    sheet.freeze_panes(1, 1)
    for_paper(sheet)
    sheet.set_column(0, 4, 14)
    for place, head in enumerate(heads):
        sheet.write_string(0, place, head, bold)
    for r, row in enumerate(data, 1):
        if hasattr(row[0], "isoformat"):
            sheet.write_datetime(r, 0, midnight(row[0]), days)
        else:
            sheet.write_string(r, 0, str(row[0]))
        for c, value in enumerate(row[1:], 1):
            sheet.write_number(r, c, value, numbers)
    if data:
        sheet.insert_chart("G2", _chart(book, sheet.get_name(), len(data), title, planned=planned))


def _chart(book: Any, sheet: str, count: int, title: str, *, planned: bool) -> Any:
    def part(column: int, **look: Any) -> dict[str, Any]:
        return {"name": [sheet, 0, column], "categories": [sheet, 1, 0, count, 0], "values": [sheet, 1, column, count, column], **look}

    area = book.add_chart({"type": "area", "subtype": "stacked"})
    area.add_series(part(1, fill={"none": True}, border={"none": True}))
    area.add_series(part(2, fill={"color": LIGHT}, border={"none": True}))
    line = book.add_chart({"type": "line"})
    line.add_series(part(3, line={"color": BLUE, "width": 2.25}))
    if planned:
        line.add_series(part(4, line={"color": ORANGE, "width": 1.75, "dash_type": "dash"}))
    area.combine(line)
    area.set_title({"name": title, "name_font": {"size": 13}})
    area.set_x_axis({"date_axis": False, "num_format": "yyyy-mm", "interval_unit": max(count // 12, 1), "num_font": {"rotation": -45}})
    area.set_y_axis({"min": 0, "major_gridlines": {"visible": True, "line": {"color": LIGHTER}}})
    area.set_legend({"position": "bottom", "delete_series": [0]})
    area.set_size({"width": WIDE, "height": TALL})
    return area


def outside_view_charts(given: ReportInput, book: Any) -> None:
    """For each reference class a sheet with the forecast's curve, the steps of the earlier cases, and their chart."""
    from sim.report.charts.outside import inside_curve, outside_steps, outside_views

    t = given.t
    for number, (row, _) in enumerate(outside_views(given)):
        id_ = row["reference"]
        corners = [(step["weeks"], step["share"]) for step in outside_steps(given, id_)[0]]
        steps = [(weeks, share) for before, (weeks, now) in pairwise([(0.0, 0.0), *corners]) for share in (before[1], now)]
        name = t("Chart of the outside view") + (f" {number + 1}" if number else "")
        title = t("Start to opening: the forecast beside {name}", name=t.of(row["name"], id_))
        curves(
            book, name, {t("The forecast"): inside_curve(given, id_), t("Earlier cases"): steps}, title, t("Weeks from start to opening")
        )


def curves(book: Any, name: str, lines: Mapping[str, Sequence[tuple[float, float]]], title: str, across: str) -> None:
    """A sheet with two columns for each line, and their chart."""
    sheet = book.add_worksheet(name[:31])
    bold, weeks, shares = (
        book.add_format(look) for look in ({"bold": True, "bottom": 1}, {"num_format": "#,##0.0"}, {"num_format": "0.0%"})
    )
    sheet.freeze_panes(1, 0)
    for_paper(sheet)
    sheet.set_column(0, 2 * len(lines) - 1, 16)
    chart = book.add_chart({"type": "scatter", "subtype": "straight"})
    for place, ((head, points), colour) in enumerate(zip(lines.items(), (BLUE, ORANGE), strict=True)):
        x, y = 2 * place, 2 * place + 1
        sheet.write_string(0, x, across, bold)
        sheet.write_string(0, y, head, bold)
        for number, (week, share) in enumerate(points, 1):
            sheet.write_number(number, x, week, weeks)
            sheet.write_number(number, y, share, shares)
        ends = {"categories": [name[:31], 1, x, len(points), x], "values": [name[:31], 1, y, len(points), y]}
        chart.add_series({"name": [name[:31], 0, y], **ends, "line": {"color": colour, "width": 2.25}, "marker": {"type": "none"}})
    chart.set_title({"name": title, "name_font": {"size": 13}})
    chart.set_x_axis({"name": across, "min": 0, "major_gridlines": {"visible": False}})
    chart.set_y_axis({"min": 0, "max": 1, "num_format": "0%", "major_gridlines": {"visible": True, "line": {"color": LIGHTER}}})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": WIDE, "height": TALL})
    sheet.insert_chart(1, 2 * len(lines) + 1, chart)


def for_paper(sheet: Any) -> None:
    """Landscape on A4, as wide as the page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def midnight(value: dt.date) -> dt.datetime:
    """A date as the workbook's library wants it."""
    return dt.datetime(value.year, value.month, value.day)
