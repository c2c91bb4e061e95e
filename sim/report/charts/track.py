"""Charts of how good a forecast was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from sim.analysis.table import Table
from sim.report.charts.gantt import MOST_OFFICES, ROW
from sim.report.charts.spec import BLUE, INK, LIGHT, LIGHTER, ORANGE, QUIET, Chart, Spec, layer, rows, time_axis, tip, value_axis
from sim.report.formats import Formats

MARK: Spec = {"type": "point", "filled": True, "size": 80, "opacity": 1}


def outcomes(f: Formats, table: Iterable[Mapping[str, Any]]) -> Chart:
    """Every scored office: its forecast from P10 to P90, the plan, and what is known of its opening; rows of ``score_offices``."""
    t = f.t
    points = rows(islice(table, MOST_OFFICES), *("name", "p10", "p50", "p90", "opened", "open_by", "not_open_on"), plan="plan_date")
    y: Spec = {"field": "name", "type": "nominal", "sort": None}
    y["axis"] = {"title": None, "labelLimit": 280, "grid": True, "ticks": False}
    x = time_axis(orient="top")
    told = tip(
        ("name", t("Office"), "text"), ("p10", "P10", "date"), ("p50", "P50", "date"), ("p90", "P90", "date"), ("plan", t("Plan"), "date"),
        ("opened", t("Opened"), "date"), ("not_open_on", t("Not yet open on"), "date"), ("open_by", t("Open by"), "date"),
    )  # fmt: skip

    def marks(start: str, mark: Spec, wanted: str = "true", **more: Spec) -> Spec:
        encoding = {"y": y, "x": {"field": start, **x}, "tooltip": told, **more}
        return {"transform": [{"filter": wanted}], "mark": mark, "encoding": encoding}

    span = {"type": "rule", "color": INK, "strokeWidth": 5}
    shown = [
        marks("p10", {"type": "bar", "color": LIGHTER, "height": {"band": 0.6}}, x2={"field": "p90"}),
        marks("p50", {"type": "tick", "color": BLUE, "thickness": 3, "height": 13}),
        marks("plan", {**MARK, "shape": "diamond", "color": ORANGE}),
        marks("not_open_on", span, "isValid(datum.open_by)", x2={"field": "open_by"}),
        marks("opened", {**MARK, "shape": "circle", "color": INK}, "isValid(datum.opened)"),
        marks("not_open_on", {**MARK, "shape": "triangle-right", "color": INK}, "isValid(datum.not_open_on) && !isValid(datum.open_by)"),
    ]
    description = t(
        "Bars: P10 to P90 of the forecast of {n} offices, with P50; diamonds: the plan; dots: the opening; black bars: it opened within; "
        "triangles: not yet open on that day. The dates stand in the table of offices.",
        n=len(points),
    )
    return Chart("outcomes", t("Forecast and outcome of each office"), description, layer(*shown, data=points, height=ROW * len(points)), f)


def pit_histogram(f: Formats, table: Table, offices: int) -> Chart:
    """Where in their forecasts the openings fell, in tenths, with where that lies when the forecast is right."""
    t = f.t
    data = [{**row, "place": k, "label": f.interval(row["from"], row["to"])} for k, row in enumerate(table.rows())]
    points = rows(data, "label", "share", "low", "high")
    x: Spec = {
        "field": "label",
        "type": "ordinal",
        "sort": None,
        "axis": {"title": t("Share of the futures that opened earlier"), "labelAngle": 0},
    }
    y = {"field": "share", **value_axis(t("Share of the offices"), ".0%")}
    told = tip(("label", t("Share of the futures that opened earlier"), "text"), ("share", t("Share of the offices"), ".0%"))
    band = {
        "mark": {"type": "bar", "color": LIGHTER, "width": {"band": 0.98}},
        "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
    }
    dots = {
        "mark": {"type": "bar", "color": BLUE, "width": {"band": 0.35}},
        "encoding": {"x": x, "y": y, "tooltip": told},
    }
    even = {"mark": {"type": "rule", "color": INK, "strokeDash": [5, 4]}, "encoding": {"y": {"datum": 0.1, "type": "quantitative"}}}
    description = t(
        "Bars: share of {n} offices that opened in each tenth of its forecast; pale band: where the bar ends in 95 % of the futures "
        "when the forecast is right; dashed: even.",
        n=offices,
    )
    return Chart("pit", t("Where in their forecasts the openings fell"), description, layer(band, dots, even, data=points), f)


def reliability(f: Formats, table: Table) -> Chart:
    """Chances given, against the share of them that came true."""
    t = f.t
    points = rows(table.rows(), "chances", "mean_chance", "happened", "low", "high")
    x = {"field": "mean_chance", **value_axis(t("Chance given"), ".0%"), "scale": {"domain": [0, 1]}}
    y = {"field": "happened", **value_axis(t("Share that came true"), ".0%"), "scale": {"domain": [0, 1]}}
    told = tip(("chances", t("Chances"), ",d"), ("mean_chance", t("Chance given"), ".0%"), ("happened", t("Share that came true"), ".0%"))
    right = {
        "data": {"values": [{"p": 0}, {"p": 1}]},
        "mark": {"type": "line", "color": QUIET, "strokeDash": [5, 4]},
        "encoding": {"x": {"field": "p", "type": "quantitative"}, "y": {"field": "p", "type": "quantitative"}},
    }
    whisker = {
        "mark": {"type": "rule", "color": LIGHT, "strokeWidth": 2},
        "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
    }
    dots = {
        "mark": {"type": "point", "filled": True, "color": ORANGE, "opacity": 1},
        "encoding": {"x": x, "y": y, "size": {"field": "chances", "type": "quantitative", "legend": None}, "tooltip": told},
    }
    description = t(
        "Points: of the chances given of about that size, the share that came true, with its interval of 95 %; "
        "dashed: what right chances give."
    )
    return Chart("reliability", t("Chances given, and what came true"), description, layer(right, whisker, dots, data=points), f)


def charts_of(f: Formats, tables: Mapping[str, Table]) -> Sequence[Chart]:
    """The charts of a score that has something to draw."""
    found: list[Any] = []
    if len(tables["score_offices"]):
        found.append(outcomes(f, tables["score_offices"].rows()))
    if len(tables["score_pit"]):
        found.append(pit_histogram(f, tables["score_pit"], tables["score_coverage"]["offices"][0]))
    if len(tables["score_reliability"]):
        found.append(reliability(f, tables["score_reliability"]))
    return found
