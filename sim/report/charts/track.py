"""Charts of how good a forecast was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.analysis.table import Table
from sim.report.charts.spec import BLUE, INK, LIGHT, LIGHTER, ORANGE, QUIET, Chart, Spec, layer, rows, tip, value_axis
from sim.report.formats import Formats


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
    if len(tables["score_pit"]):
        found.append(pit_histogram(f, tables["score_pit"], tables["score_coverage"]["offices"][0]))
    if len(tables["score_reliability"]):
        found.append(reliability(f, tables["score_reliability"]))
    return found
