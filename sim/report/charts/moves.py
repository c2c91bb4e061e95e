"""Why an answer moved: a waterfall from what the old run said to what the new one says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sim.report.asked import difference, unit_name, written
from sim.report.charts.spec import BLUE, GREY, INK, LIGHT, ORANGE, Chart, Spec, layer, plain, tip, value_axis
from sim.report.formats import Formats

Row = Mapping[str, Any]

BAR = 34
"""Height of a bar and the space around it, in pixels."""


def waterfall(f: Formats, rows: Sequence[Row], names: Mapping[str, str], title: str, name: str, ends: tuple[str, str]) -> Chart | None:
    """The steps of one question as bars that begin where the one before ends, between the two answers.

    Parameters
    ----------
    rows
        Of table ``diff``: the steps in order, then the whole.
    names
        What each step is called.
    ends
        What the old answer and the new one are called.
    """
    if any(row["change"] is None for row in rows):
        return None
    *steps, whole = rows
    t, unit = f.t, whole["unit"]
    dated = unit == "days"
    start = _size(whole["before"], unit)
    points: list[Spec] = [_end(f, ends[0], whole, "before", start)]
    here = start
    for row in steps:
        there = here + row["change"]
        told = difference(f, unit, row["change"], bare=not dated)
        points.append({"step": names[row["category"]], "from": plain(here), "to": plain(there), "told": told, "sign": _sign(row["change"])})
        here = there
    points.append(_end(f, ends[1], whole, "after", here))
    later, earlier = (t("Later"), t("Earlier")) if dated else (t("More"), t("Less"))
    kinds = {"up": later, "down": earlier, "none": t("No change"), "end": t("The answer")}
    data = [point | {"kind": kinds[point.pop("sign")]} for point in points]
    description = t(
        "Waterfall from {before} to {after}: {steps}.",
        before=points[0]["told"], after=points[-1]["told"], steps="; ".join(f"{p['step']} {p['told']}" for p in points[1:-1]),
    )  # fmt: skip
    colours = _colours(kinds, dated=dated)
    spec = layer(*_bars(f, [point["step"] for point in data], unit_name(t, unit), colours, dated=dated), data=data, height=BAR * len(data))
    return Chart(name, title, description, spec, f)


def _size(value: Any, unit: str) -> float:
    """An answer as a number, in the unit of its changes."""
    if isinstance(value, dt.date):
        return float(value.toordinal())
    return float(value) * (100 if unit == "percentage points" else 1)


def _end(f: Formats, name: str, whole: Row, field: str, size: float) -> Spec:
    told = written(f, "chance" if whole["unit"] == "percentage points" else None, whole[field])
    return {"step": name, "from": plain(size), "to": plain(size), "told": told, "sign": "end"}


def _sign(change: float) -> str:
    return "up" if change > 0 else "down" if change < 0 else "none"


def _colours(kinds: Mapping[str, str], *, dated: bool) -> Spec:
    """Orange is worse: later, or a smaller chance."""
    up, down = (ORANGE, LIGHT) if dated else (LIGHT, ORANGE)
    scale = {"domain": list(kinds.values()), "range": [up, down, GREY, BLUE]}
    return {"field": "kind", "type": "nominal", "scale": scale, "legend": {"symbolType": "square"}}


def _bars(f: Formats, order: Sequence[str], unit: str, colours: Spec, *, dated: bool) -> list[Spec]:
    t = f.t
    y = {"field": "step", "type": "nominal", "sort": list(order), "axis": {"title": None, "ticks": False, "labelLimit": 320}}
    since = dt.date(1970, 1, 1).toordinal()  # where a chart begins to count days
    axis = value_axis(t("Date") if dated else unit, ",.1~f")
    if dated:
        axis["axis"] |= {"labelExpr": f"timeFormat(datetime(1970, 0, 1 + datum.value - {since}), '%Y-%m-%d')", "labelOverlap": True}
    x = {"field": "from", **axis, "scale": {"zero": False, "padding": 46}}
    told = tip(("step", t("Step"), "text"), ("told", t("Change"), "text"))
    wide = {"mark": {"type": "bar", "height": {"band": 0.62}}, "transform": [{"filter": "datum.from !== datum.to"}]}
    thin = {"mark": {"type": "tick", "thickness": 3, "height": 20}, "transform": [{"filter": "datum.from === datum.to"}]}
    text = {
        "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 12, "color": INK},
        "transform": [{"calculate": "max(datum.from, datum.to)", "as": "end"}],
        "encoding": {"y": y, "x": {"field": "end", "type": "quantitative"}, "text": {"field": "told"}},
    }
    bar = {**wide, "encoding": {"y": y, "x": x, "x2": {"field": "to"}, "color": colours, "tooltip": told}}
    tick = {**thin, "encoding": {"y": y, "x": x, "color": colours, "tooltip": told}}
    return [bar, tick, text]
