"""Gantt charts of one future: what the days of every activity, or of the way to every opening, went to.

Each cause has its colour and its letters, which stand in the bar and in the legend; work is drawn high and waiting low.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sim.analysis.table import Table
from sim.report.charts.spec import INK, Chart, Spec, layer, time_axis, tip, when
from sim.report.model import ReportInput
from sim.report.replayed import activity_name, is_told, thing_of, wait_text

Row = Mapping[str, Any]

WORK_COLOURS = ("#0b5394", "#00757f", "#7a3e9d", "#1a7f37", "#3d6e9e", "#5b6b1f", "#3d4fb8", "#8a4b6f")
WAIT_COLOURS = ("#b45309", "#b42318", "#8a6d00", "#ad2e74", "#7d4b2a", "#57606a")
"""Colours of work by actor, and of what is waited for; white letters have a contrast of at least 4.5 on each."""

ROW_HEIGHT = 24
LETTER_SHARE = 90
"""Letters stand in a bar of at least one such part of the width."""

SILENT = {"office_start", "done"}
"""Days before the office begins are not drawn."""


def office_gantt(given: ReportInput, spans: Table, office: str, number: int) -> Chart:
    """Every activity of an office in one future; ``spans`` is the table of a replay."""
    own = [row for row in spans.rows() if row["office"] == office and row["kind"] not in SILENT]
    names = _row_names(given, own)
    parts = [_part(given, row, names[row["activity"], row["pass"]]) for row in own]
    ends = [{"row": name, "end": when(max(row["until"] for row in own if (row["activity"], row["pass"]) == key)),
             "told": _told(given, [row for row in own if (row["activity"], row["pass"]) == key])}
            for key, name in names.items()]  # fmt: skip
    t, name = given.t, given.names.office(office)
    title = t("{office} in future number {number}", office=name, number=given.f.number(number))
    said = t("Gantt chart: what the days of each activity of {office} went to. ● marks what led to the opening.", office=name)
    return Chart("replay", title, said, _spec(given, parts, list(names.values()), ends), given.f, width=900)


def programme_gantt(given: ReportInput, chains: Table, offices: Table, number: int) -> Chart:
    """The way to every opening in one future; ``chains`` and ``offices`` are tables of a replay."""
    rows = [row for row in chains.rows() if row["kind"] not in SILENT]
    order = [given.names.office(id_) for id_ in offices["office"]]
    parts = merged(_part(given, row, given.names.office(row["office"])) for row in rows)
    ends = [
        {"row": given.names.office(row["office"]), "end": when(row["opening"]), "told": given.f.date(row["opening"])}
        for row in offices.rows()
    ]
    plans = [{"row": given.names.office(row["office"]), "plan": when(row["target"])} for row in offices.rows() if row["target"]]
    t = given.t
    title = t("The way to each opening in future number {number}", number=given.f.number(number))
    said = t("Gantt chart: what the days until each opening went to, along the chain that decided it. The diamond is the planned date.")
    return Chart("replay", title, said, _spec(given, parts, order, ends, plans), given.f, width=900)


def _row_names(given: ReportInput, own: Sequence[Row]) -> dict[tuple[str, str], str]:
    """A name for each pass, each its own: the pass stands in it where it is not the first."""
    names: dict[tuple[str, str], str] = {}
    for row in own:
        mark, name = "● " if row["on_chain"] else "", activity_name(given, row)
        while f"{mark}{name}" in names.values() and (row["activity"], row["pass"]) not in names:
            name += "·"
        names.setdefault((row["activity"], row["pass"]), f"{mark}{name}")
    return names


def _part(given: ReportInput, row: Row, name: str) -> Spec:
    cause, is_work = cause_of(given, row)
    return {
        "row": name,
        "cause": cause,
        "work": is_work,
        "begin": row["from"],
        "until": row["until"],
        "what": given.names.activity(row["activity"]),
    }


def cause_of(given: ReportInput, row: Row) -> tuple[str, bool]:
    """What the days of a span or link went to, and whether that is work."""
    t = given.t
    if row["kind"] == "work":
        activity = given.scenario.activities[row["activity"]]
        return t("Papers for a meeting") if activity.meeting else given.names.cause("actor", activity.actor or t("Work")), True
    if row["kind"] == "lag":
        return t("Time between activities"), True
    if row["kind"] == "redo":
        return given.names.cause("redo", ""), False
    return t("Waiting for {name}", name=thing_of(given, row)), False


def merged(parts: Iterable[Spec]) -> list[Spec]:
    """Parts of a row that follow on each other and have the same cause, as one."""
    found: list[Spec] = []
    for part in parts:
        last = found[-1] if found else None
        if last and (last["row"], last["cause"], last["until"]) == (part["row"], part["cause"], part["begin"]):
            found[-1] = {
                **last,
                "until": part["until"],
                "what": last["what"] if part["what"] in last["what"] else f"{last['what']}, {part['what']}",
            }
        else:
            found.append(part)
    return found


def _told(given: ReportInput, spans: Sequence[Row]) -> str:
    """What stands behind the bar of an activity: its days, and what it waited for."""
    work = sum(row["days"] for row in spans if row["kind"] == "work")
    waits = [wait_text(given, row) for row in spans if row["kind"] != "work" and is_told(row)]
    return "; ".join([given.f.days(work), *waits])


def letters(causes: Sequence[str], waits: str) -> dict[str, str]:
    """Two letters for each cause, no two alike.

    >>> letters(["Landlord", "Lawyer", "Waiting for the board"], "Waiting for ")
    {'Landlord': 'La', 'Lawyer': 'Lw', 'Waiting for the board': 'Th'}
    """
    found: dict[str, str] = {}
    for cause in causes:
        name = "".join(filter(str.isalnum, cause.removeprefix(waits))) or "x"
        name = name[0].upper() + name[1:]
        tries = [name[:2], *(name[0] + sign for sign in name[1:]), *(name[0] + str(n) for n in range(100))]
        found[cause] = next(two for two in tries if two not in found.values())
    return found


def _spec(given: ReportInput, parts: list[Spec], order: list[str], ends: list[Spec], plans: Sequence[Spec] = ()) -> Spec:
    causes = [name for is_work in (True, False) for name in dict.fromkeys(part["cause"] for part in parts if part["work"] is is_work)]
    kinds = {part["cause"]: part["work"] for part in parts}
    palettes = {True: iter(WORK_COLOURS * len(causes)), False: iter(WAIT_COLOURS * len(causes))}
    colours = [next(palettes[kinds[cause]]) for cause in causes]
    codes = letters(causes, given.t("Waiting for {name}", name=""))
    reach = max(((max(p["until"] for p in parts) - min(p["begin"] for p in parts)).days if parts else 0), 1)
    values = [
        {
            **part,
            **{end: when(part[end]) for end in ("begin", "until")},
            "cause": f"{codes[part['cause']]}: {part['cause']}",
            "days": (part["until"] - part["begin"]).days,
            "middle": when(part["begin"] + (part["until"] - part["begin"]) / 2),
            "letters": codes[part["cause"]] if (part["until"] - part["begin"]).days * LETTER_SHARE >= reach * 2 else "",
        }
        for part in parts
    ]
    scale = {"domain": [f"{codes[cause]}: {cause}" for cause in causes], "range": colours}
    layers = [*_bars(given, scale, order), _ends(ends, order, beside=not plans), *([_plans(plans, order)] if plans else [])]
    return layer(*layers, data=values, height=ROW_HEIGHT * max(len(order), 1))


def _rows(order: list[str]) -> Spec:
    axis = {"title": None, "labelLimit": 260, "grid": True, "ticks": False}
    return {"field": "row", "type": "nominal", "sort": order, "scale": {"domain": order}, "axis": axis}


def _bars(given: ReportInput, scale: Spec, order: list[str]) -> list[Spec]:
    t, y, x = given.t, _rows(order), time_axis(orient="top")
    told = tip(("row", t("What"), "text"), ("what", t("Activity"), "text"), ("cause", t("Cause"), "text"), ("begin", t("From"), "date"),
               ("until", t("Until"), "date"), ("days", t("Days"), ",d"))  # fmt: skip
    legend = {"columns": 2, "direction": "vertical", "symbolOpacity": 1}
    colour = {"field": "cause", "type": "nominal", "scale": scale, "legend": legend, "sort": scale["domain"]}

    def bar(work: str, band: float) -> Spec:
        encoding = {"y": y, "x": {"field": "begin", **x}, "x2": {"field": "until"}, "color": colour, "tooltip": told}
        return {"transform": [{"filter": f"{work}datum.work"}], "mark": {"type": "bar", "height": {"band": band}}, "encoding": encoding}

    text = {
        "transform": [{"filter": "datum.letters != ''"}],
        "mark": {"type": "text", "fontSize": 10, "fontWeight": 600, "color": "white"},
        "encoding": {"y": y, "x": {"field": "middle", **x}, "text": {"field": "letters"}},
    }
    return [bar("", 0.85), bar("!", 0.55), text]


def _ends(ends: list[Spec], order: list[str], *, beside: bool) -> Spec:
    """What stands beside each bar, or in a column of its own where diamonds would lie on it."""
    place: Spec = {"field": "end", **time_axis(orient="top")} if beside else {"value": "width"}
    encoding = {"y": _rows(order), "x": place, "text": {"field": "told"}}
    mark = {"type": "text", "align": "left", "dx": 6, "fontSize": 11, "color": INK}
    return {"data": {"values": ends}, "mark": mark, "encoding": encoding}


def _plans(plans: Sequence[Spec], order: list[str]) -> Spec:
    mark = {
        "type": "point",
        "shape": "diamond",
        "filled": True,
        "color": "white",
        "stroke": INK,
        "strokeWidth": 1.5,
        "size": 90,
        "opacity": 1,
    }
    return {
        "data": {"values": list(plans)},
        "mark": mark,
        "encoding": {"y": _rows(order), "x": {"field": "plan", **time_axis(orient="top")}},
    }
