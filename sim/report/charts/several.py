"""Charts of several runs: differences between two scenarios, and answers over a sweep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.analysis.table import Table
from sim.report.asked import interval, written
from sim.report.charts.spec import BLUE, GREY, INK, LIGHT, ORANGE, QUIET, Chart, Spec, layer, plain, tip, value_axis, when
from sim.report.compared import is_called
from sim.report.formats import Formats


def differences(f: Formats, rows: Sequence[dict[str, Any]], unit: str, name: str, title: str) -> Chart:
    """Differences of one unit with their 95 % intervals; filled where the interval leaves 0 out."""
    t = f.t
    kinds = {"clear": t("Clear difference"), "same": t("No difference"), "unclear": t("May be chance")}
    points = [
        {
            "name": row["question"],
            **{key: plain(scaled(row, key)) for key in ("difference", "low", "high")},
            "kind": kinds["clear" if is_called(row) else "same" if row.get("verdict") == "no difference" else "unclear"],
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
            "color": {**kind, "scale": {"domain": [*kinds.values()], "range": [BLUE, GREY, QUIET]}},
            "shape": {**kind, "scale": {"domain": [*kinds.values()], "range": ["circle", "square", "diamond"]}},
            "tooltip": told,
        },
    }
    whisker = {
        "mark": {"type": "rule", "color": INK, "strokeWidth": 1.5},
        "encoding": {"y": y, "x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}, "tooltip": told},
    }
    zero = {"mark": {"type": "rule", "color": INK, "strokeDash": [5, 4]}, "encoding": {"x": {"datum": 0, "type": "quantitative"}}}
    description = t(
        "Differences with their intervals, {unit}. {n} of {all} are clear.", unit=unit, n=sum(map(is_called, rows)), all=len(rows)
    )
    return Chart(name, title, description, layer(zero, whisker, dots, data=points, height=30 * len(points)), f)


def scaled(row: Mapping[str, Any], name: str) -> float | None:
    """A difference as it is drawn: money in millions."""
    value: float | None = row[name]
    return value / 1e6 if value is not None and row.get("unit") == "kr" else value


def number(value: Any) -> Any:
    """A value on an axis: dates as such, numbers as numbers."""
    return when(value) if isinstance(value, dt.date) else plain(value)


@dataclass(frozen=True)
class Answer:
    """A column of a sweep.

    Attributes
    ----------
    column, name
        Its name in the table, and in words.
    kind
        ``date``, ``chance``, ``count``, ``money``, or ``None``.
    """

    column: str
    name: str
    kind: str | None

    def axis(self) -> Spec:
        """How its values stand on an axis."""
        if self.kind == "date":
            return {"type": "temporal", "axis": {"title": None, "format": "%Y-%m-%d", "tickCount": 6}}
        if self.kind == "chance":
            return {**value_axis(None, ".0%"), "scale": {"domain": [0, 1]}}
        return {**value_axis(None, ",.3~f" if self.kind != "money" else ",.0f"), "scale": {"zero": False}}


def sweep_lines(f: Formats, table: Table, key: str, answer: Answer, name: str) -> Chart:
    """An answer over one key that was varied, with its interval where the table has it."""
    t = f.t
    points = [
        {"x": number(row[key]), "at": written(f, None, row[key]), "y": number(row[answer.column]), "told": told_of(f, answer, row),
         **{end: number(row.get(f"{answer.column}_{end}")) for end in ("low", "high")}}
        for row in table.rows() if row[answer.column] is not None
    ]  # fmt: skip
    y: Spec = {"field": "y", **answer.axis()}
    x = {"field": "x", **_key_axis(key, table[key])}
    told = tip(("at", key, "text"), ("told", answer.name, "text"))
    whisker: Spec = {
        "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
        "mark": {"type": "rule", "color": INK, "strokeWidth": 1.5},
        "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "tooltip": told},
    }
    line: Spec = {
        "mark": {"type": "line", "color": BLUE, "strokeWidth": 2, "point": {"size": 60, "filled": True, "color": ORANGE}},
        "encoding": {"x": x, "y": y, "tooltip": told},
    }
    banded = any(point["low"] is not None for point in points)
    description = t("Line chart: {answer} for each value of {key}, with 95 % intervals where they are known.", answer=answer.name, key=key)
    spec = layer(*([whisker] if banded else []), line, data=points, height=240)
    return Chart(name, answer.name, description, spec, f)


def _key_axis(key: str, values: Sequence[Any]) -> Spec:
    """The axis of a key: numbers and dates in their places, all else in the order in which it was tried."""
    if all(isinstance(value, dt.date) for value in values):
        return {"type": "temporal", "axis": {"title": key, "format": "%Y-%m-%d", "labelOverlap": True}}
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        whole = all(isinstance(value, int) for value in values)
        axis = value_axis(key, ",d" if whole else ",.3~f", **({"tickMinStep": 1} if whole else {}))
        return {**axis, "scale": {"zero": False}}
    return {"type": "ordinal", "sort": None, "axis": {"title": key, "labelAngle": 0}}


def told_of(f: Formats, answer: Answer, row: Mapping[str, Any]) -> str:
    """An answer with its interval."""
    low, high = row.get(f"{answer.column}_low"), row.get(f"{answer.column}_high")
    told = written(f, answer.kind, row[answer.column])
    return told if low is None or high is None else f"{told} ({interval(f, answer.kind, low, high)})"


def sweep_map(f: Formats, table: Table, keys: tuple[str, str], answer: Answer, name: str) -> Chart:
    """An answer over two keys that were varied: a field of squares with the numbers, and below them their intervals, written in them."""
    t = f.t
    points = []
    for row in table.rows():
        value, low, high = row[answer.column], row.get(f"{answer.column}_low"), row.get(f"{answer.column}_high")
        size = value.toordinal() if isinstance(value, dt.date) else plain(value)
        places = {end: written(f, None, row[key]) for end, key in zip("ab", keys, strict=True)}
        between = "" if low is None or high is None else interval(f, answer.kind, low, high)
        points.append({**places, "v": size, "told": written(f, answer.kind, value), "between": between})
    x: Spec = {"field": "a", "type": "ordinal", "sort": None, "axis": {"title": keys[0], "labelAngle": 0}}
    y: Spec = {"field": "b", "type": "ordinal", "sort": None, "axis": {"title": keys[1]}}
    told = tip(("a", keys[0], "text"), ("b", keys[1], "text"), ("told", answer.name, "text"), ("between", t("95 % interval"), "text"))
    colour = {"field": "v", "type": "quantitative", "scale": {"range": ["#eef4fb", LIGHT]}, "legend": None}
    square = {"mark": "rect", "encoding": {"x": x, "y": y, "color": colour, "tooltip": told}}
    text = [
        {"mark": {"type": "text", "fontSize": size, "color": INK, "dy": dy}, "encoding": {"x": x, "y": y, "text": {"field": field}}}
        for field, size, dy in (("told", 12, -6), ("between", 10, 8))
    ]
    height = 44 * len({point["b"] for point in points})
    description = t("Field of squares: {answer} for each pair of {a} and {b}.", answer=answer.name, a=keys[0], b=keys[1])
    return Chart(name, answer.name, description, layer(square, *text, data=points, height=height), f)
