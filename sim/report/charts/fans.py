"""Fans over time: open offices, and money spent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from sim.analysis.table import Table
from sim.report.charts.spec import (
    BLUE,
    GREY,
    INK,
    LIGHT,
    LIGHTER,
    ORANGE,
    Chart,
    Spec,
    coloured,
    layer,
    rows,
    time_axis,
    tip,
    value_axis,
    when,
)
from sim.report.model import ReportInput, once

BARS_SHARE = 3
"""The bars of a month take a third of the height, so that they do not hide the fan."""


def open_filters(given: ReportInput) -> list[str]:
    """The filters of ``open_count`` that have a fan: all offices, then the rounds."""
    found = list(dict.fromkeys(given.table("open_count").columns.get("filter", ())))
    rounds = sorted(f for f in found if str(f).replace(":", "=").startswith("round="))
    return [f for f in ("all", "programme") if f in found][:1] + rounds


@once
def opening_fan(given: ReportInput, which: str = "all") -> Chart | None:
    """Open offices over time: bands of 80 and 90 % of the futures, the median, and the plan as steps."""
    counts = until_all_are_open(given.table("open_count").where(filter=which)) if given.has("open_count") else []
    if not counts:
        return None
    t = given.t
    band, wide = (t("{share} of the futures", share=given.f.percent(share)) for share in (0.8, 0.9))
    median, plan = t("Median (P50)"), t("Plan")
    points = rows(counts, "date", "mean", "p05", "p10", "p50", "p90", "p95")
    steps = plan_steps(_planned(given, which), counts[0]["date"], counts[-1]["date"])
    x = {"field": "date", **time_axis()}
    told = tip(("date", t("Date"), "date"), *((p, p.upper(), ".1~f") for p in ("p05", "p10", "p50", "p90", "p95")))
    layers = [_band("p05", "p95", wide, x, t("Open offices")), _band("p10", "p90", band, x, t("Open offices"))]
    layers.append(_line("p50", median, x, told))
    if steps:
        layers.append(_steps(steps, plan, x))
    spec = layer(*layers, data=points, height=320 if which in {"all", "programme"} else 230)
    spec["encoding"] = coloured([wide, band, median, *([plan] if steps else [])], [LIGHTER, LIGHT, BLUE, ORANGE])
    return Chart(
        name="open_offices" if which in {"all", "programme"} else "open_offices_" + str(which).replace("=", "_").replace(":", "_"),
        title=t("Open offices over time: {group}", group=given.names.group(str(which))),
        description=_told(given, counts, steps),
        spec=spec,
        formats=given.f,
    )


def until_all_are_open(table: Table) -> list[dict[str, Any]]:
    """The rows in order of date, to the first date on which the lowest band has reached its end: what follows is flat."""
    found = sorted(table.rows(), key=lambda row: row["date"])
    if not found:
        return []
    last = next((place for place, row in enumerate(found) if row["p05"] == found[-1]["p95"]), len(found) - 1)
    return found[: last + 2]


def _told(given: ReportInput, counts: list[dict[str, Any]], steps: list[Spec]) -> str:
    t, f = given.t, given.f
    widest = max(counts, key=lambda row: row["p90"] - row["p10"])
    text = t(
        "Fan chart. Least is known of {date}: between {low} and {high} offices are open in {share} of the futures, the median is {median}.",
        date=f.date(widest["date"]),
        share=f.percent(0.8),
        low=f.number(widest["p10"]),
        high=f.number(widest["p90"]),
        median=f.number(widest["p50"]),
    )
    planned = [step["open"] for step in steps if step["date"][:10] <= widest["date"].isoformat()]
    return text + (" " + t("The plan has {n}.", n=f.number(planned[-1])) if planned else "")


def _planned(given: ReportInput, which: str) -> list[dt.date]:
    """The plan's dates of the offices in a filter."""
    name, _, value = str(which).replace(":", "=").partition("=")
    offices = given.scenario.offices
    return [date for id_, date in given.plan.items() if not value or (id_ in offices and str(getattr(offices[id_], name, None)) == value)]


def plan_steps(planned: Iterable[dt.date], first: dt.date, last: dt.date) -> list[Spec]:
    """Number of offices that the plan has open, at each date on which it changes.

    >>> day = dt.date(2022, 6, 1)
    >>> [(row["date"][:10], row["open"]) for row in plan_steps([day, day], dt.date(2022, 1, 1), dt.date(2022, 12, 31))]
    [('2022-01-01', 0), ('2022-06-01', 2), ('2022-12-31', 2)]
    """
    dates = sorted(planned)
    if not dates:
        return []
    corners = sorted({first, last, *(date for date in dates if first <= date <= last)})
    return [{"date": when(corner), "open": sum(date <= corner for date in dates)} for corner in corners]


def _band(low: str, high: str, name: str, x: Spec, title: str) -> Spec:
    y = {"field": low, **value_axis(title, tickMinStep=1), "scale": {"zero": True}}
    return {"mark": {"type": "area", "opacity": 1}, "encoding": {"x": x, "y": y, "y2": {"field": high}, "color": {"datum": name}}}


def _line(value: str, name: str, x: Spec, told: list[Spec]) -> Spec:
    mark = {"type": "line", "strokeWidth": 2.5, "point": {"size": 22, "filled": True}}
    return {"mark": mark, "encoding": {"x": x, "y": {"field": value, "type": "quantitative"}, "color": {"datum": name}, "tooltip": told}}


def _steps(steps: list[Spec], name: str, x: Spec) -> Spec:
    mark = {"type": "line", "interpolate": "step-after", "strokeDash": [6, 4], "strokeWidth": 2}
    encoding = {"x": x, "y": {"field": "open", "type": "quantitative"}, "color": {"datum": name}}
    return {"data": {"values": steps}, "mark": mark, "encoding": encoding}


@once
def cost_months(given: ReportInput) -> list[Mapping[str, Any]]:
    """Months of the whole programme's cost, in order."""
    return [
        row
        for row in given.table("cost_by_month").rows()
        if row["group"] in {"programme", "all"} and not row.get("item") and not row.get("financing")
    ]


def _month_bars(points: list[Spec], x: Spec, axis: Spec, name: str, told: Any) -> Spec:
    """Bars per month on a scale of their own, low in the picture."""
    room: Spec = {"domain": [0, BARS_SHARE * max(float(point["mean"]) for point in points) or 1], "nice": False}
    return {
        "mark": {"type": "bar", "width": {"band": 0.7}, "tooltip": True},
        "encoding": {
            "x": {**x, "timeUnit": "yearmonth"},
            "y": {"field": "mean", **axis, "scale": room},
            "color": {"datum": name},
            "tooltip": told,
        },
    }


@once
def cost_fan(given: ReportInput) -> Chart | None:
    """Money: bars per month, and the cumulative cost as a fan on a scale of its own."""
    months = cost_months(given)
    if not months or "cumulative_p50" not in months[0]:
        return None
    t, f = given.t, given.f
    names = ("mean", "cumulative_p10", "cumulative_p50", "cumulative_p80", "cumulative_p90")
    points: list[Spec] = [{"date": f"{row['period']}-01T00:00:00", **{name: _millions(row[name]) for name in names}} for row in months]
    bar, band, median = (
        t("Per month, mean (right scale)"),
        t("Cumulative, {share} of the futures", share=f.percent(0.8)),
        t("Cumulative, median"),
    )
    high = t("Cumulative, P80")
    x = {"field": "date", **time_axis()}
    money = t("SEK million")
    told = tip(("date", t("Month"), "date"), *((name, _heading(given, name), ",.1f") for name in names))
    bars = _month_bars(points, x, value_axis(t("Per month, {unit}", unit=money), orient="right", grid=False), bar, told)
    fan = {"layer": [_band("cumulative_p10", "cumulative_p90", band, x, t("Cumulative, {unit}", unit=money))]}
    fan["layer"].append(_line("cumulative_p50", median, x, told))
    dashed = _line("cumulative_p80", high, x, told)
    dashed["mark"] = {"type": "line", "strokeDash": [6, 4], "strokeWidth": 2}
    fan["layer"].append(dashed)
    spec = layer(bars, fan, data=points, height=340, resolve={"scale": {"y": "independent"}})
    spec["encoding"] = coloured([bar, band, median, high], [GREY, LIGHT, BLUE, INK], columns=2)
    last = months[-1]
    description = t(
        "Bars per month and cumulative fan. By {month} the cost is {median} in the median future; in {share} of them it is at most {high}.",
        share=f.percent(0.8),
        month=last["period"],
        median=f.millions(float(str(last["cumulative_p50"]))),
        high=f.millions(float(str(last["cumulative_p80"]))),
    )
    return Chart("cost_over_time", t("Cost over time"), description, spec, f)


def _heading(given: ReportInput, name: str) -> str:
    t = given.t
    return t("Per month, mean") if name == "mean" else t("Cumulative {quantile}", quantile=name.removeprefix("cumulative_").upper())


def _millions(value: object) -> float:
    return round(float(str(value)) / 1e6, 4)
