"""Charts of several runs: differences between two scenarios, and answers over a sweep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sim.analysis.table import Table
from sim.report.charts.spec import BLUE, GREY, INK, LIGHT, ORANGE, Chart, Spec, layer, plain, tip, value_axis, when
from sim.report.formats import Formats


def differences(f: Formats, rows: Sequence[dict[str, Any]], unit: str, name: str, title: str) -> Chart:
    """Differences of one unit with their 95 % intervals; filled where the interval leaves 0 out."""
    t = f.t
    clear, unclear = t("Clear difference"), t("May be chance")
    points = [
        {
            "name": row["question"],
            **{key: plain(row[key]) for key in ("difference", "low", "high")},
            "kind": clear if is_clear(row) else unclear,
        }
        for row in rows
    ]
    y = {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None, "ticks": False, "labelLimit": 320}}
    told = tip(("name", t("Question"), "text"), ("difference", unit, "+,.2f"), ("low", t("Lower"), "+,.2f"), ("high", t("Upper"), "+,.2f"))
    kind = {"field": "kind", "type": "nominal"}
    dots = {
        "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
        "encoding": {
            "y": y,
            "x": {"field": "difference", **value_axis(unit, "+,.2~f")},
            "color": {**kind, "scale": {"domain": [clear, unclear], "range": [BLUE, GREY]}},
            "shape": {**kind, "scale": {"domain": [clear, unclear], "range": ["circle", "diamond"]}},
            "tooltip": told,
        },
    }
    whisker = {
        "mark": {"type": "rule", "color": INK, "strokeWidth": 1.5},
        "encoding": {"y": y, "x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}, "tooltip": told},
    }
    zero = {"mark": {"type": "rule", "color": INK, "strokeDash": [5, 4]}, "encoding": {"x": {"datum": 0, "type": "quantitative"}}}
    description = t(
        "Differences with their intervals, {unit}. {n} of {all} are clear.", unit=unit, n=sum(map(is_clear, rows)), all=len(rows)
    )
    return Chart(name, title, description, layer(zero, whisker, dots, data=points, height=30 * len(points)), f)


def is_clear(row: dict[str, Any]) -> bool:
    """Whether the interval of a difference leaves 0 out."""
    low, high = row["low"], row["high"]
    return low is not None and high is not None and (low > 0 or high < 0)


def number(value: Any) -> Any:
    """A value on an axis: dates as such, numbers as numbers."""
    return when(value) if isinstance(value, dt.date) else plain(value)


def sweep_lines(f: Formats, table: Table, key: str, answer: str, name: str) -> Chart:
    """An answer over one key that was varied, with its interval where the table has ``answer_low`` and ``answer_high``."""
    t = f.t
    dated = any(isinstance(value, dt.date) for value in table[answer])
    banded = f"{answer}_low" in table.columns and f"{answer}_high" in table.columns
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in table[key])
    points = [
        {"x": number(row[key]), "y": number(row[answer])}
        | ({"low": number(row[f"{answer}_low"]), "high": number(row[f"{answer}_high"])} if banded else {})
        for row in table.rows()
    ]
    kind: Spec = {"type": "temporal", "axis": {"title": answer, "format": "%Y-%m-%d"}} if dated else value_axis(answer, ",.3~f")
    y = {"field": "y", **kind} if dated else {"field": "y", **kind, "scale": {"zero": False}}
    x = {
        "field": "x",
        **(value_axis(key, ",.3~f") if numeric else {"type": "ordinal", "sort": None, "axis": {"title": key, "labelAngle": 0}}),
    }
    x = {**x, "scale": {"zero": False}} if numeric else x
    layers: list[Spec] = []
    if banded:
        layers.append(
            {
                "mark": {"type": "rule", "color": INK, "strokeWidth": 1.5},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
            }
        )
    layers.append(
        {
            "mark": {"type": "line", "color": BLUE, "strokeWidth": 2, "point": {"size": 60, "filled": True, "color": ORANGE}},
            "encoding": {"x": x, "y": y},
        }
    )
    description = t("Line chart: {answer} for each value of {key}, with 95 % intervals where they are known.", answer=answer, key=key)
    return Chart(name, t("{answer} by {key}", answer=answer, key=key), description, layer(*layers, data=points, height=280), f)


def sweep_map(f: Formats, table: Table, keys: tuple[str, str], answer: str, name: str) -> Chart:
    """An answer over two keys that were varied: a field of squares with the numbers written in them."""
    t = f.t
    dated = any(isinstance(value, dt.date) for value in table[answer])
    points = []
    for row in table.rows():
        value = row[answer]
        told = f.date(value) if dated else f.percent(value) if _is_chance(table, answer) else f.number(value, 1)
        size = value.toordinal() if dated and value is not None else plain(value)
        points.append({"a": str(row[keys[0]]), "b": str(row[keys[1]]), "v": size, "told": told})
    x: Spec = {"field": "a", "type": "ordinal", "sort": None, "axis": {"title": keys[0], "labelAngle": 0}}
    y: Spec = {"field": "b", "type": "ordinal", "sort": None, "axis": {"title": keys[1]}}
    square = {
        "mark": "rect",
        "encoding": {
            "x": x,
            "y": y,
            "color": {"field": "v", "type": "quantitative", "scale": {"range": ["#eef4fb", LIGHT]}, "legend": None},
        },
    }
    text = {"mark": {"type": "text", "fontSize": 12, "color": INK}, "encoding": {"x": x, "y": y, "text": {"field": "told"}}}
    height = 40 * len({point["b"] for point in points})
    description = t("Field of squares: {answer} for each pair of {a} and {b}.", answer=answer, a=keys[0], b=keys[1])
    return Chart(
        name, t("{answer} by {key}", answer=answer, key=" × ".join(keys)), description, layer(square, text, data=points, height=height), f
    )


def _is_chance(table: Table, answer: str) -> bool:
    return all(value is None or 0 <= value <= 1 for value in table[answer])
