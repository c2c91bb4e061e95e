"""Gantt charts: a bar from the median start to the median finish, a whisker from P10 to P90, and the plan as a diamond."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import islice
from typing import Any

from sim.report.charts.spec import BLUE, INK, LIGHT, ORANGE, Chart, Spec, layer, rows, time_axis, tip
from sim.report.model import ReportInput, once

MOST_OFFICES = 150
"""Offices drawn; the tables have all."""

ROW = 20
"""Height of a row."""

PARTS = ("start", "finish", "p10", "p90", "plan")
"""Dates of a row."""


def gantt(given: ReportInput) -> Chart | None:
    """Every office from its start to its opening."""
    if not given.has("openings"):
        return None
    t, starts = given.t, _starts(given)
    points = rows(
        (
            {**row, "name": given.names.office(row["office"]), "start": starts.get(row["office"]), "plan": given.plan.get(row["office"])}
            for row in islice(given.table("openings").rows(), MOST_OFFICES)
        ),
        *("name", "start", "plan", "p10", "p90"),
        finish="p50",
    )
    description = t("Gantt chart of {n} offices. The dates stand in the table of offices.", n=len(points))
    return Chart("gantt", t("Each office in time"), description, _bars(given, points, len(points)), given.f)


def _starts(given: ReportInput) -> dict[str, Any]:
    """Median start of each office's first activity, or else its first possible day."""
    scenario = given.scenario
    first: dict[str, Any] = {id_: office.start or scenario.scenario.start for id_, office in scenario.offices.items()}
    found = defaultdict(list)
    for row in given.table("activities").rows():
        if row.get("start_p50"):
            found[row["office"]].append(row["start_p50"])
    return {**first, **{office: min(dates) for office, dates in found.items()}}


def office_gantt(given: ReportInput, office: str | None = None) -> Chart | None:
    """The activities of one office; the parameter ``choice`` decides which."""
    happen = drawn_activities(given)
    if not happen:
        return None
    t = given.t
    points = rows(
        ({**row, "name": given.names.activity(row["activity"])} for row in happen),
        *("office", "name"),
        start="start_p50",
        finish="finish_p50",
        p10="finish_p10",
        p90="finish_p90",
        plan="plan_finish",
    )
    chosen = office if office is not None else points[0]["office"]
    spec = _bars(given, points, max(Counter(point["office"] for point in points).values()))
    spec["params"] = [{"name": "choice", "value": chosen}]
    spec["transform"] = [{"filter": "datum.office === choice"}]
    description = t("Gantt chart of the activities of one office. Shown: {name}.", name=given.names.office(chosen))
    return Chart("gantt_office", t("The activities of one office"), description, spec, given.f)


@once
def drawn_activities(given: ReportInput) -> list[dict[str, Any]]:
    """Rows of the activities that ever happen, of the first offices, in the order of the process."""
    order = {id_: place for place, id_ in enumerate(given.scenario.activities)}
    place = {id_: k for k, id_ in enumerate(islice(given.scenario.offices, MOST_OFFICES))}
    happen = [row for row in given.table("activities").rows() if row["office"] in place and row.get("finish_p50") and _happens(row)]
    return sorted(happen, key=lambda row: (place[row["office"]], order.get(row["activity"], 0)))


def _happens(row: dict[str, Any]) -> bool:
    share = row.get("happens")
    return share is None or float(share) > 0


def _bars(given: ReportInput, points: list[Spec], count: int) -> Spec:
    t = given.t
    shown = [point for point in points if point["finish"]]
    y = {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None, "labelLimit": 280, "grid": True, "ticks": False}}
    x = time_axis(orient="top")
    told = tip(
        ("name", t("What"), "text"), ("start", t("Start P50"), "date"), ("finish", t("Finish P50"), "date"),
        ("p10", "P10", "date"), ("p90", "P90", "date"), ("plan", t("Plan"), "date"),
    )  # fmt: skip
    bar = {
        "mark": {"type": "bar", "color": LIGHT, "height": {"band": 0.55}},
        "encoding": {"y": y, "x": {"field": "start", **x}, "x2": {"field": "finish"}, "tooltip": told},
    }
    end = {
        "mark": {"type": "tick", "color": BLUE, "thickness": 3, "height": 13},
        "encoding": {"y": y, "x": {"field": "finish", **x}, "tooltip": told},
    }
    whisker = {
        "mark": {"type": "rule", "color": INK, "strokeWidth": 1.5},
        "encoding": {"y": y, "x": {"field": "p10", **x}, "x2": {"field": "p90"}, "tooltip": told},
    }
    diamond = {
        "transform": [{"filter": "isValid(datum.plan)"}],
        "mark": {"type": "point", "shape": "diamond", "filled": True, "color": ORANGE, "size": 80, "opacity": 1},
        "encoding": {"y": y, "x": {"field": "plan", **x}, "tooltip": told},
    }
    diamonds = [diamond] if any(point["plan"] for point in shown) else []
    return layer(bar, whisker, end, *diamonds, data=shown, height=ROW * count)
