"""Charts of records of past work: how long it took, and the law that was fitted to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.analysis.table import Table
from sim.report.charts.spec import BLUE, INK, LIGHTER, ORANGE, Chart, Spec, layer, plain, tip, value_axis
from sim.report.formats import Formats


def fitted(f: Formats, survival: Table, fit: Mapping[str, Any], curve: Sequence[tuple[float, float]], unfinished: Sequence[int]) -> Chart:
    """Share finished after so many days: as the records say it without a form (Kaplan–Meier), and by the fitted law.

    Parameters
    ----------
    survival
        Rows of the table ``survival`` of one activity.
    fit
        Its row of the table ``fits``.
    curve
        The fitted law: days and share.
    unfinished
        Days so far of the cases that have not finished.
    """
    t, name = f.t, fit["activity"]
    seen, law, going = t("Records (Kaplan–Meier)"), t("Fitted law"), t("Unfinished cases")
    steps = [{"days": 0, "share": 0, "low": 0, "high": 0, "kind": seen}]
    steps += [
        {"days": row["days"], "share": plain(row["finished"]), "low": plain(row["low"]), "high": plain(row["high"]), "kind": seen}
        for row in survival.rows()
    ]
    lines = [{"days": plain(days), "share": plain(share), "kind": law} for days, share in curve]
    marks = [{"days": days, "share": plain(_at(survival, days)), "kind": going} for days in unfinished]
    title = t("{activity}: {n} cases, of which {m} unfinished", activity=name, n=fit["cases"], m=fit["unfinished"])
    description = t(
        "Steps: share of cases finished after so many days, by the records alone, with its band of 95 %; line: the fitted {family}. "
        "The largest distance between them is {distance}.",
        family=fit["family"], distance=f.percent(fit["distance"]),
    )  # fmt: skip
    layers = list(_layers(f, (seen, law, going), steps, lines, marks))
    return Chart(f"fit_{name}", title, description, layer(*layers), f)


def _at(survival: Table, days: int) -> float:
    """Share finished by the records after so many days."""
    return max((share for day, share in zip(survival["days"], survival["finished"], strict=True) if day <= days), default=0.0)


def _layers(f: Formats, names: tuple[str, str, str], steps: Sequence[Spec], lines: Sequence[Spec], marks: Sequence[Spec]) -> Iterator[Spec]:
    """The band, the steps, the line and the marks of unfinished cases."""
    t = f.t
    x = {"field": "days", **value_axis(t("Days of the activity's calendar"))}
    share = value_axis(t("Share finished"), ".0%")
    y = {"field": "share", **share, "scale": {"domain": [0, 1]}}
    scale = {"domain": list(names), "range": [BLUE, ORANGE, INK]}
    colour = {"field": "kind", "type": "nominal", "scale": scale, "legend": {"symbolOpacity": 1}}
    told = tip(("days", t("Days"), ",.0f"), ("share", t("Share finished"), ".0%"))
    yield {
        "data": {"values": list(steps)},
        "mark": {"type": "area", "interpolate": "step-after", "color": LIGHTER, "opacity": 0.6},
        "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
    }
    yield {
        "data": {"values": list(steps)},
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2},
        "encoding": {"x": x, "y": y, "color": colour, "tooltip": told},
    }
    yield {
        "data": {"values": list(lines)},
        "mark": {"type": "line", "strokeWidth": 2, "strokeDash": [6, 3]},
        "encoding": {"x": x, "y": y, "color": colour, "tooltip": told},
    }
    yield {
        "data": {"values": list(marks)},
        "mark": {"type": "point", "shape": "stroke", "angle": 90, "size": 90, "strokeWidth": 2, "opacity": 1},
        "encoding": {"x": x, "y": y, "color": colour, "tooltip": told},
    }
