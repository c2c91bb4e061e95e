"""A backward question and its answer: in words, as a curve and as a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.analysis.solve import Solution
from sim.analysis.table import Table
from sim.report.asked import name_of, written
from sim.report.blocks import Figure, Points, Section, Titled
from sim.report.charts.several import number
from sim.report.charts.spec import BLUE, INK, ORANGE, Chart, Spec, layer, plain, value_axis
from sim.report.html import write_page
from sim.report.model import ReportInput
from sim.report.sections_ground import ground
from sim.report.tables import Column, html_table


def sentences(given: ReportInput, found: Solution, key: str, target: str) -> list[str]:
    """What was found, how sure that is, and what to beware of."""
    t, f = given.t, given.f
    asked, name = f.percent(found.asked), name_of(given.names, target)
    said = [t("Asked: {target}, with at least {asked}.", target=name, asked=asked), *_answer(given, found, key)]
    if found.sure == "cannot tell":
        said.append(t("The interval reaches to the other side of {asked}, so more futures may move the answer a step.", asked=asked))
    if found.turns:
        said.append(t("The chance does not go one way over the range, so values beyond the one found may do as well; see the curve."))
    dead = sum(1 for trial in found.curve if trial.note)
    if dead:
        said.append(t.n("With {n} value the simulation cannot go on.", "With {n} values the simulation cannot go on.", dead))
    return said


def _answer(given: ReportInput, found: Solution, key: str) -> list[str]:
    t = given.t
    ends = [written(given.f, None, trial.value) for trial in (found.curve[0], found.curve[-1])]
    if found.status == "none":
        best = max(found.curve, key=lambda trial: trial.chance)
        return [t("No value from {low} to {high} is enough. The best that was tried is {best}: {chance}.",
                  low=ends[0], high=ends[1], best=written(given.f, None, best.value), chance=_chance(given, best))]  # fmt: skip
    value, trial = written(given.f, None, found.value), found.trial
    assert trial is not None
    said = [
        t(
            "{sort} {key}: {value}. The chance is then {chance}.",
            sort=_sort(given, found),
            key=key,
            value=value,
            chance=_chance(given, trial),
        )
    ]
    if found.status == "all":
        said.append(
            t("Every value that was tried from {low} to {high} is enough, so the limit lies outside the range.", low=ends[0], high=ends[1])
        )
        return said
    beyond = _neighbour(found)
    if beyond is not None:
        told = written(given.f, None, beyond.value)
        said.append(t("With {value} it is {chance}, which is not enough.", value=told, chance=_chance(given, beyond)))
    return said


def _sort(given: ReportInput, found: Solution) -> str:
    """Whether the value found is the smallest or the largest that will do."""
    t = given.t
    if isinstance(found.value, dt.date):
        return t("Earliest") if found.rises else t("Latest")
    return t("Smallest") if found.rises else t("Largest")


def _neighbour(found: Solution) -> Any:
    """The value next to the one found on its hard side, of those tried."""
    place = next(i for i, trial in enumerate(found.curve) if trial.value == found.value) + (-1 if found.rises else 1)
    return found.curve[place] if 0 <= place < len(found.curve) else None


def _chance(given: ReportInput, trial: Any) -> str:
    if trial.interval is None:
        return given.t("none, the simulation cannot go on")
    return f"{given.f.percent(trial.chance)} ({given.f.interval(*trial.interval)})"


def curve(given: ReportInput, table: Table, key: str, asked: float, name: str) -> Chart:
    """The curve that was searched, with its intervals; what is asked for is a dashed line, and the value found is marked."""
    t = given.t
    known = [row for row in table.rows() if row["probability"] is not None]
    points = [
        {"x": number(row["value"]), "y": row["probability"], "low": row["low"], "high": row["high"], "found": row["found"],
         "told": written(given.f, None, row["value"]) if row["found"] else ""}
        for row in known
    ]  # fmt: skip
    x = {"field": "x", **_axis(key, [row["value"] for row in known])}
    y = {"field": "y", **value_axis(t("Chance"), ".0%"), "scale": {"domain": [0, 1]}}
    limit: Spec = {"mark": {"type": "rule", "color": INK, "strokeDash": [6, 4]}, "encoding": {"y": {"datum": plain(asked)}}}
    whisker: Spec = {"mark": {"type": "rule", "color": INK, "strokeWidth": 1.5},
                     "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}}  # fmt: skip
    line: Spec = {
        "mark": {"type": "line", "color": BLUE, "strokeWidth": 2, "point": {"size": 50, "filled": True}},
        "encoding": {"x": x, "y": y},
    }
    mark: Spec = {"transform": [{"filter": "datum.found"}], "encoding": {"x": x, "y": y},
                  "mark": {"type": "point", "shape": "diamond", "filled": True, "color": ORANGE, "size": 180, "opacity": 1}}  # fmt: skip
    text: Spec = {"transform": [{"filter": "datum.found"}], "encoding": {"x": x, "y": y, "text": {"field": "told"}},
                  "mark": {"type": "text", "align": "left", "dx": 9, "dy": 12, "fontWeight": 600, "color": INK}}  # fmt: skip
    said = t("Line chart: the chance for each value tried of {key}, with 95 % intervals. What is asked for is {asked}.",
             key=key, asked=given.f.percent(asked))  # fmt: skip
    return Chart("solve", t("{answer} by {key}", answer=name, key=key), said, layer(limit, whisker, line, mark, text, data=points), given.f)


def _axis(key: str, values: Sequence[Any]) -> Spec:
    if all(isinstance(value, dt.date) for value in values):
        return {"type": "temporal", "axis": {"title": key, "format": "%Y-%m-%d", "labelOverlap": True}}
    whole = all(isinstance(value, int) for value in values)
    axis = value_axis(key, ",d" if whole else ",.3~f", **({"tickMinStep": 1} if whole else {}))
    return {**axis, "scale": {"zero": False}}


def write_solve_html(given: ReportInput, found: Solution, table: Table, path: Path, key: str, target: str) -> Path:
    """Write the page of a backward question; ``table`` is the curve that was searched."""
    t = given.t
    words = {"yes": t("yes"), "no": t("no"), "cannot tell": t("cannot tell")}
    rows = [{**row, "value": written(given.f, None, row["value"]), "holds": words[row["holds"]]} for row in table.rows()]
    columns = [Column("value", key), Column("probability", t("Chance"), "percent"), Column("low", t("Lower"), "percent")]
    columns += [Column("high", t("Upper"), "percent"), Column("holds", t("Enough")), Column("replications", t("Futures"), "number")]
    chart = curve(given, table, key, found.asked, name_of(given.names, target))
    parts = [
        Section("answer", t("The answer"), [Points(sentences(given, found, key, target)), Figure(chart)]),
        Section("curve", t("The values tried"), [Titled("", html_table(given.f, columns, rows, t("The values tried"), hide=True))]),
        Section("ground", t("What this rests on"), ground(given)),
    ]
    return write_page(given, path, parts, t("Backward question"), given.description)
