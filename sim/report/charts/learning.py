"""What a running programme teaches: each activity's duration before and after."""

from __future__ import annotations

from sim.analysis.table import Table
from sim.report.charts.spec import BLUE, GREY, Chart, Spec, coloured, layer, plain, tip, value_axis
from sim.report.formats import Formats

ROW = 34
"""Height of an activity."""


def learnt(f: Formats, lessons: Table, names: dict[str, str], taught: list[str]) -> Chart:
    """P10 to P90 with the median of some activities, as the scenario says it and as the status leaves it.

    Parameters
    ----------
    lessons
        The table ``lessons``.
    names
        Activities by id, as people call them.
    taught
        Those that are drawn.
    """
    t = f.t
    before, after = t("The scenario's estimate"), t("Given the status")
    data: list[Spec] = []
    for row in lessons.rows():
        if row["activity"] in taught:
            for kind, which in ((before, "prior"), (after, "posterior")):
                p10, p50, p90 = (plain(row[f"{which}_{q}"]) for q in ("p10", "p50", "p90"))
                data.append({"name": names.get(row["activity"], row["activity"]), "kind": kind, "p10": p10, "p50": p50, "p90": p90})
    y = {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None, "labelLimit": 260, "grid": True, "ticks": False}}
    offset = {"field": "kind", "type": "nominal", "sort": [before, after]}
    colour = coloured([before, after], [GREY, BLUE])
    colour["color"] |= {"field": "kind"}
    x = value_axis(t("Days of the activity's calendar"))
    told = tip(
        ("name", t("What"), "text"), ("kind", t("Which"), "text"), ("p10", "P10", ",.0f"), ("p50", "P50", ",.0f"), ("p90", "P90", ",.0f")
    )
    shared = {"y": y, "yOffset": offset, "tooltip": told, **colour}
    shape = {"field": "kind", "type": "nominal", "scale": {"domain": [before, after], "range": ["circle", "diamond"]}, "legend": None}
    bar = {"mark": {"type": "rule", "strokeWidth": 4}, "encoding": {**shared, "x": {"field": "p10", **x}, "x2": {"field": "p90"}}}
    mark = {"type": "point", "filled": True, "size": 90, "opacity": 1}
    point = {"mark": mark, "encoding": {**shared, "shape": shape, "x": {"field": "p50", **x}}}
    title = t("What the status teaches about the durations")
    description = t(
        "For each activity two bars from P10 to P90 with the median marked: the scenario's estimate, and what the status makes of it."
    )
    return Chart("learnt", title, description, layer(bar, point, data=data, height=ROW * max(len(taught), 1)), f)
