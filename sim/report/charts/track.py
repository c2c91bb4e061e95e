"""Charts of how good a forecast was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
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
    told = ({**row, "state": "opened" if row["opened"] else "between" if row["open_by"] else "waiting"} for row in table)
    dates = ("p10", "p50", "p90", "opened", "not_open_on", "open_by")
    points = rows(islice(told, MOST_OFFICES), "name", "state", *dates, plan="plan_date")
    description = t(
        "Bars: P10 to P90 of the forecast of {n} offices, with P50; diamonds: the plan; dots: the opening; black bars: it opened within; "
        "triangles: not yet open on that day. The dates stand in the table of offices.",
        n=len(points),
    )
    spec = layer(*_outcome_layers(f, {point["state"] for point in points}), data=points, height=ROW * len(points))
    return Chart("outcomes", t("Forecast and outcome of each office"), description, spec, f)


def _outcome_layers(f: Formats, states: Set[str]) -> Iterator[Spec]:
    """The forecast and the plan of all offices, and marks of the outcomes that there are."""
    t = f.t
    axis = {"title": None, "labelLimit": 280, "grid": True, "ticks": False}
    y: Spec = {"field": "name", "type": "nominal", "sort": None, "axis": axis}
    names = {"plan": t("Plan"), "opened": t("Opened"), "not_open_on": t("Not yet open on"), "open_by": t("Open by")}
    quantiles = [(q, q.upper(), "date") for q in ("p10", "p50", "p90")]
    shown = tip(("name", t("Office"), "text"), *quantiles, *((name, title, "date") for name, title in names.items()))

    def marks(start: str, mark: Spec, **more: Spec) -> Spec:
        return {"mark": mark, "encoding": {"y": y, "x": {"field": start, **time_axis(orient="top")}, "tooltip": shown, **more}}

    yield marks("p10", {"type": "bar", "color": LIGHTER, "height": {"band": 0.6}}, x2={"field": "p90"})
    yield marks("p50", {"type": "tick", "color": BLUE, "thickness": 3, "height": 13})
    yield marks("plan", {**MARK, "shape": "diamond", "color": ORANGE})
    known = {
        "opened": marks("opened", {**MARK, "shape": "circle", "color": INK}),
        "between": marks("not_open_on", {"type": "rule", "color": INK, "strokeWidth": 5}, x2={"field": "open_by"}),
        "waiting": marks("not_open_on", {**MARK, "shape": "triangle-right", "color": INK}),
    }
    for state in sorted(states):
        yield {"transform": [{"filter": f"datum.state === '{state}'"}], **known[state]}


def pit_histogram(f: Formats, table: Table, offices: int) -> Chart:
    """Where in their forecasts the openings fell, in tenths, with where that lies when the forecast is right."""
    t = f.t
    data = [{**row, "place": k, "label": f.interval(row["from"], row["to"])} for k, row in enumerate(table.rows())]
    points = rows(data, "label", "share", "low", "high")
    x: Spec = {
        "field": "label",
        "type": "ordinal",
        "sort": None,
        "axis": {"title": t("Share of the futures that opened earlier"), "labelAngle": 0, "labelOverlap": True},
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
