"""Money against frames, and money against time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sim.report.charts.spec import AMBER, BLUE, GREEN, INK, LIGHT, ORANGE, RED, Chart, Spec, coloured, layer, rows, tip, value_axis, when
from sim.report.model import ReportInput

MOST_POINTS = 1500
"""Futures drawn in the scatter; shares are of all of them."""


def budget_years(given: ReportInput) -> Chart | None:
    """Each frame and year: the median with P10–P90, and the frame as a thick line."""
    if not given.has("budgets"):
        return None
    t = given.t
    points = []
    for row in given.table("budgets").rows():
        label = t("{year}: {budget}", budget=given.names.budget(row["budget"]), year=row["year"])
        points.append({"label": label, "over": row["probability_over"], **{k: row[k] / 1e6 for k in ("frame", "p10", "p50", "p90")}})
    worst = max(points, key=lambda point: point["over"])
    spec = layer(*_frames(given), data=rows(points, "label", "over", "frame", "p10", "p50", "p90"), height=26 * len(points))
    spec["encoding"] = coloured([t("Median, with P10–P90"), t("Frame")], [LIGHT, ORANGE])
    description = t(
        "Cost of each budget year against its frame. The largest chance of exceeding is {chance}, for {label}.",
        chance=given.f.percent(worst["over"]), label=worst["label"],
    )  # fmt: skip
    return Chart("budget_years", t("Budget years against frames"), description, spec, given.f)


def _frames(given: ReportInput) -> list[Spec]:
    t = given.t
    median, frame = t("Median, with P10–P90"), t("Frame")
    y = {"field": "label", "type": "nominal", "sort": None, "axis": {"title": None, "ticks": False, "labelLimit": 400}}
    told = tip(("label", t("Frame and year"), "text"), ("p10", "P10", ",.1f"), ("p50", "P50", ",.1f"), ("p90", "P90", ",.1f"),
               ("frame", frame, ",.1f"), ("over", t("Chance of exceeding"), ".0%"))  # fmt: skip
    x = value_axis(t("SEK million"))
    return [
        {
            "mark": {"type": "bar", "height": {"band": 0.6}},
            "encoding": {"y": y, "x": {"field": "p50", **x, "stack": None}, "color": {"datum": median}, "tooltip": told},
        },
        {
            "mark": {"type": "rule", "strokeWidth": 1.5},
            "encoding": {"y": y, "x": {"field": "p10", **x}, "x2": {"field": "p90"}, "color": {"value": INK}, "tooltip": told},
        },
        {
            "mark": {"type": "tick", "thickness": 4, "height": 18},
            "encoding": {"y": y, "x": {"field": "frame", **x}, "color": {"datum": frame}, "tooltip": told},
        },
    ]


@dataclass(frozen=True)
class Quadrants:
    """Shares of the futures on each side of a date and a cost, and the cross-hair itself."""

    date: dt.date
    cost: float
    both: float
    late: float
    dear: float
    neither: float


def quadrants(given: ReportInput, group: str = "programme", level: float = 0.8) -> Quadrants | None:
    """Futures that hold the P80 date, the P80 cost, both or neither."""
    table = given.table("joint_sample")
    own = table.where(group=group) if len(table) else table
    if not len(own):
        return None
    pairs = list(zip(own["date"], own["cost"], strict=True))
    date, cost = _quantile([pair[0] for pair in pairs], level), _quantile([pair[1] for pair in pairs], level)
    n = len(pairs)
    kept = [(day <= date, money <= cost) for day, money in pairs]
    shares = [sum(pair == which for pair in kept) / n for which in ((True, True), (False, True), (True, False), (False, False))]
    return Quadrants(date, cost, *shares)


def _quantile(values: list[Any], level: float) -> Any:
    """The least value that at least a share of the futures stays at or below."""
    ordered = sorted(values)
    return ordered[max(-int(-round(level * len(ordered), 6) // 1), 1) - 1]


def cost_and_date(given: ReportInput, group: str = "programme") -> Chart | None:
    """A dot for each future, a cross-hair at P80 of both, and the share in each quadrant."""
    cross = quadrants(given, group)
    if cross is None:
        return None
    t, f = given.t, given.f
    all_points = list(given.table("joint_sample").where(group=group).rows())
    thinned = all_points[:: max(-(-len(all_points) // MOST_POINTS), 1)]
    names = {
        (True, True): t("Both hold"), (False, True): t("Later than P80"),
        (True, False): t("Dearer than P80"), (False, False): t("Neither holds"),
    }  # fmt: skip
    points = [
        {
            "date": when(row["date"]),
            "cost": round(row["cost"] / 1e6, 3),
            "kind": names[row["date"] <= cross.date, row["cost"] <= cross.cost],
        }
        for row in thinned
    ]
    spec = layer(*_scatter(given, cross, list(names.values())), data=points, height=380)
    description = t(
        "Scatter of cost and last opening. Both are within their P80 ({date}, {cost}) in {share} of the futures.",
        date=f.date(cross.date), cost=f.millions(cross.cost), share=f.percent(cross.both),
    )  # fmt: skip
    return Chart("cost_and_date", t("Cost against date"), description, spec, f)


def _scatter(given: ReportInput, cross: Quadrants, names: list[str]) -> list[Spec]:
    t, f = given.t, given.f
    x = {"type": "temporal", "axis": {"title": t("Last opening"), "format": "%Y-%m", "tickCount": 8, "labelOverlap": True}}
    y = {**value_axis(t("Cost, SEK million")), "scale": {"zero": False}}
    kind = {"field": "kind", "type": "nominal"}
    dots = {
        "mark": {"type": "point", "filled": True, "size": 22, "opacity": 0.55},
        "encoding": {
            "x": {"field": "date", **x},
            "y": {"field": "cost", **y},
            "color": {**kind, "scale": {"domain": names, "range": [BLUE, AMBER, GREEN, RED]}},
            "shape": {**kind, "scale": {"domain": names, "range": ["circle", "triangle-right", "triangle-up", "cross"]}},
            "tooltip": tip(("date", t("Last opening"), "date"), ("cost", t("Cost, SEK million"), ",.1f"), ("kind", t("What"), "text")),
        },
    }
    lines: list[Spec] = [
        {"data": {"values": [{"d": when(cross.date)}]}, "mark": _rule(), "encoding": {"x": {"field": "d", "type": "temporal"}}},
        {"data": {"values": [{"c": cross.cost / 1e6}]}, "mark": _rule(), "encoding": {"y": {"field": "c", "type": "quantitative"}}},
    ]
    corners = (
        ("left", "bottom", cross.both),
        ("right", "bottom", cross.late),
        ("left", "top", cross.dear),
        ("right", "top", cross.neither),
    )
    return [dots, *lines, *(_share(f.percent(share), side, edge) for side, edge, share in corners)]


def _rule() -> Spec:
    return {"type": "rule", "color": INK, "strokeDash": [5, 4]}


def _share(text: str, side: str, edge: str) -> Spec:
    """A share in a corner of the picture."""
    x = {"value": 8} if side == "left" else {"value": "width"}
    y = {"value": 14} if edge == "top" else {"value": "height"}
    mark: Spec = {"type": "text", "align": side, "fontSize": 14, "fontWeight": 700, "color": INK}
    mark.update(dx=0 if side == "left" else -8, dy=0 if edge == "top" else -12)
    free = {**mark, "stroke": "white", "strokeWidth": 5, "strokeJoin": "round"}  # so that it can be read over dots
    encoding = {"x": x, "y": y, "text": {"field": "text"}}
    return {"data": {"values": [{"text": text}]}, "layer": [{"mark": look, "encoding": encoding} for look in (free, mark)]}
