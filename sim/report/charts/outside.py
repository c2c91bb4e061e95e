"""The outside view beside the inside view: how long similar establishments took, and how long the forecast says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.report.charts.spec import BLUE, INK, ORANGE, Chart, Spec, coloured, layer, plain, tip, value_axis
from sim.report.model import ReportInput

DRAWN = 0.995
"""Share of the futures that is drawn: few late ones must not flatten the rest."""


def outside_views(given: ReportInput) -> Iterator[tuple[dict[str, Any], Chart]]:
    """A chart for each reference class that has both views, with its row of ``reference_class``."""
    for row in given.table("reference_class").rows():
        if row["reference"] in given.scenario.reference_class and row["inside_p50"] is not None:
            yield row, outside_view(given, row)


def outside_view(given: ReportInput, row: dict[str, Any]) -> Chart:
    """Share that has opened by so many weeks after the start: the forecast as a curve, the earlier cases as steps.

    Crosses stand on the steps where a case was last known not to be finished. Beyond the last week that was seen there are no steps.
    """
    t, id_ = given.t, row["reference"]
    inside, outside = t("The forecast"), t("Earlier cases")
    points = [{"view": inside, "weeks": weeks, "share": plain(share)} for weeks, share in inside_curve(given, id_)]
    steps, crosses = outside_steps(given, id_)
    spec = layer(
        _line(given, points, inside, None),
        _line(given, steps, outside, "step-after"),
        *([_crosses(given, crosses)] if crosses else []),
        *_gap(given, row),
        height=300,
    )
    spec["encoding"] = coloured([inside, outside], [BLUE, ORANGE])
    name = given.t.of(row["name"], id_)
    description = t(
        "Two curves: the share that has opened by so many weeks after the start, in the forecast and in {name}. {said}",
        name=name, said=gap_text(given, row),
    )  # fmt: skip
    return Chart(f"outside_view_{id_}", t("Start to opening: the forecast beside {name}", name=name), description, spec, given.f)


def inside_curve(given: ReportInput, id_: str) -> list[tuple[float, float]]:
    """Weeks, and the share of the forecast's offices that have opened by then, as far as it is drawn."""
    own = given.table("reference_curve").where(reference=id_, view="inside")
    last = next((place for place, share in enumerate(own["share"]) if share >= DRAWN), len(own))
    return list(zip(own["weeks"][: last + 1], own["share"][: last + 1], strict=True))


def outside_steps(given: ReportInput, id_: str) -> tuple[list[Spec], list[Spec]]:
    """Corners of the steps of a reference class, from nobody at the start on; and where cases were last known not to be finished."""
    rows = list(given.table("reference_curve").where(reference=id_, view="outside").rows())
    view = given.t("Earlier cases")
    corners = [(0.0, 0.0), *((r["weeks"], r["share"]) for r in rows)]
    waiting = sorted(set(given.scenario.reference_class[id_].unfinished_weeks))
    seen = max([corners[-1][0], *waiting])
    if seen > corners[-1][0]:
        corners.append((seen, corners[-1][1]))
    reached = [max(share for at, share in corners if at <= week) for week in waiting]
    steps = [{"view": view, "weeks": plain(week), "share": plain(share)} for week, share in corners]
    return steps, [{"weeks": plain(week), "share": plain(share)} for week, share in zip(waiting, reached, strict=True)]


def _axes(given: ReportInput) -> Spec:
    t = given.t
    return {
        "x": {"field": "weeks", **value_axis(t("Weeks from start to opening"), ",.0f"), "scale": {"zero": True}},
        "y": {"field": "share", **value_axis(t("Share that has opened"), ".0%"), "scale": {"domain": [0, 1]}},
        "tooltip": tip(("weeks", t("Weeks"), ",.0f"), ("share", t("Share"), ".0%")),
    }


def _line(given: ReportInput, points: list[Spec], name: str, shape: str | None) -> Spec:
    mark: Spec = {"type": "line", "strokeWidth": 2.5, **({"interpolate": shape, "strokeDash": [8, 3]} if shape else {})}
    return {"data": {"values": points}, "mark": mark, "encoding": {**_axes(given), "color": {"datum": name}}}


def _crosses(given: ReportInput, points: list[Spec]) -> Spec:
    mark = {"type": "point", "shape": "cross", "size": 90, "color": ORANGE, "filled": True, "opacity": 1}
    told = tip(("weeks", given.t("Not known to be finished after, weeks"), ",.0f"))
    return {"data": {"values": points}, "mark": mark, "encoding": {**_axes(given), "tooltip": told}}


def _gap(given: ReportInput, row: dict[str, Any]) -> list[Spec]:
    """The gap between the medians, drawn between them."""
    if row["gap_weeks"] is None:
        return []
    f, ends = given.f, {"from": plain(row["outside_p50"]), "to": plain(row["inside_p50"]), "share": 0.5}
    data = {
        "values": [{**ends, "weeks": plain((row["outside_p50"] + row["inside_p50"]) / 2), "told": _weeks(given, abs(row["gap_weeks"]))}]
    }
    x, y = {"field": "from", "type": "quantitative"}, {"field": "share", "type": "quantitative"}
    told = tip(("told", given.t("Gap between the medians"), "text"))
    rule = {"type": "rule", "color": INK, "strokeWidth": 2, "strokeDash": [3, 3]}
    text = {"type": "text", "dy": -14, "fontSize": 12, "fontWeight": 600, "color": INK}
    written = {"x": {"field": "weeks", "type": "quantitative"}, "y": y, "text": {"field": "told"}}
    rows: list[Spec] = [{"data": data, "mark": rule, "encoding": {"x": x, "x2": {"field": "to"}, "y": y, "tooltip": told}}]
    return [*rows, {"data": data, "mark": text, "encoding": written}] if f.number(row["gap_weeks"]) != "0" else rows


def _weeks(given: ReportInput, weeks: float) -> str:
    text = given.f.number(weeks)
    return given.t.n("{n} week", "{n} weeks", 1 if text == "1" else 2, n=text)


def gap_text(given: ReportInput, row: dict[str, Any]) -> str:
    """Both views and the gap between them, in plain words."""
    t, f = given.t, given.f
    name = t.of(row["name"], row["reference"])
    cases, finished = f.number(row["cases"]), f.number(row["finished"])
    parts = [t("{name}: {cases} cases, {finished} of them with a known time", name=name, cases=cases, finished=finished)]
    parts += [t("{n} known only to take longer than so many weeks", n=f.number(row["unfinished"]))] if row["unfinished"] else []
    parts += [t("{n} known only to have opened within so many weeks", n=f.number(row["at_most"]))] if row["at_most"] else []
    told = ", ".join(parts) + "."
    if row["outside_p50"] is None:
        found = t("Too few of them are finished to know how long half of them took; the forecast says {inside}.",
                  inside=_weeks(given, row["inside_p50"]))  # fmt: skip
        return f"{told} {found}"
    found = t("Half of them had opened within {outside} from the start; of the forecast's offices, half take more than {inside}.",
              outside=_weeks(given, row["outside_p50"]), inside=_weeks(given, row["inside_p50"]))  # fmt: skip
    return " ".join((told, found, _difference(given, row)))


def _difference(given: ReportInput, row: dict[str, Any]) -> str:
    t, f = given.t, given.f
    gap, size = row["gap_weeks"], _weeks(given, abs(row["gap_weeks"]))
    text = t("The forecast is {gap} slower.", gap=size) if gap > 0 else t("The forecast is {gap} faster.", gap=size)
    text = text if f.number(gap) != "0" else t("They say the same.")
    low, high = row["gap_low"], row["gap_high"]
    if row["inside_is"] != "cannot tell" and low is not None and high is not None:
        return text + " " + t("With so few cases the gap may be {low} to {high} weeks.", low=f.number(low), high=f.number(high))
    return text + " " + t("But the cases are too few to tell whether the offices of the forecast differ from them.")
