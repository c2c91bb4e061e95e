"""A map of the country with the offices, coloured, shaped and labelled by their chance to hold their date.

Outlines are data (``sim/report/maps/SE.json``, made by ``scripts/make_outline.py`` of Natural Earth, public domain). Which one is used
follows from the country of the scenario's calendars; without one only the offices are drawn. The names stand in two columns beside the
country, each with a line to its office, so that neighbours never cover one another.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from sim.report.charts.spec import AMBER, BLUE, INK, QUIET, RED, Chart, Spec, layer, plain
from sim.report.model import ReportInput
from sim.scenario.schema import Scenario

WIDTH = 760
"""Of the whole picture."""

MAP_WIDTH = 280
"""Widest that the country is drawn."""

TALLEST = 900
ROW = 19
"""Least distance between two names in a column."""

MOST_NAMES = 120
"""Offices drawn."""

LINE = 18
"""Length of the line from a name towards the country."""

Ring = list[tuple[float, float]]


@dataclass(frozen=True)
class Place:
    """An office on the map."""

    office: str
    longitude: float
    latitude: float


@dataclass(frozen=True)
class Frame:
    """From degrees to pixels: transverse Mercator on a sphere around a meridian, scaled into the middle of the picture."""

    meridian: float
    scale: float
    left: float
    top: float
    height: int

    def xy(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Pixels from the left and from the bottom."""
        x, y = project(longitude, latitude, self.meridian)
        return round((x - self.left) * self.scale + WIDTH / 2, 1), round(self.height - (self.top - y) * self.scale - ROW / 2, 1)


def project(longitude: float, latitude: float, meridian: float) -> tuple[float, float]:
    """Transverse Mercator on the unit sphere (Snyder, Map Projections: A Working Manual, USGS 1395, 1987, p. 58).

    >>> project(15, 60, 15) == (0.0, math.radians(60))
    True
    """
    angle, lat = math.radians(longitude - meridian), math.radians(latitude)
    return math.atanh(math.cos(lat) * math.sin(angle)), math.atan2(math.tan(lat), math.cos(angle))


def country_of(scenario: Scenario) -> str | None:
    """The country of the calendars: the first that is named."""
    return next((calendar.country for calendar in scenario.calendars.values() if calendar.country), None)


@cache
def outline(country: str | None) -> tuple[list[Ring], str]:
    """The rings of a country's outline and their source; none when no outline is shipped."""
    path = resources.files("sim.report") / "maps" / f"{country}.json"
    if not country or not country.isalnum() or not path.is_file():
        return [], ""
    read = json.loads(path.read_text("utf-8"))
    return [[(x, y) for x, y in ring] for ring in read["rings"]], read["source"]


def places(scenario: Scenario) -> list[Place]:
    """The offices with attributes ``latitude`` and ``longitude``."""
    found = []
    for id_, office in scenario.offices.items():
        where = office.__pydantic_extra__ or {}
        latitude, longitude = where.get("latitude"), where.get("longitude")
        if isinstance(latitude, int | float) and isinstance(longitude, int | float):
            found.append(Place(id_, float(longitude), float(latitude)))
    return found


def frame_of(points: Iterable[tuple[float, float]], rows: int) -> Frame:
    """The frame that holds all points, tall enough for so many names in a column."""
    points = list(points)
    longitudes = [x for x, _ in points]
    meridian = (min(longitudes) + max(longitudes)) / 2
    flat = [project(x, y, meridian) for x, y in points]
    left, right = min(x for x, _ in flat), max(x for x, _ in flat)
    bottom, top = min(y for _, y in flat), max(y for _, y in flat)
    scale = min(MAP_WIDTH / max(right - left, 1e-6), (TALLEST - ROW) / max(top - bottom, 1e-6))
    height = max((top - bottom) * scale + ROW, rows * ROW + ROW)
    return Frame(meridian, scale, (left + right) / 2, top + (height - ROW - (top - bottom) * scale) / 2 / scale, math.ceil(height))


def spread_out(wanted: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """Places in the same order, at least so far apart, near where they are wanted and inside the bounds.

    >>> spread_out([10, 11, 50], 10, 0, 60)
    [10, 20, 50]
    >>> spread_out([58, 59], 10, 0, 60)
    [50, 60]
    """
    found: list[float] = []
    for value in wanted:
        found.append(max(value, found[-1] + least if found else low))
    ceiling = high
    for k in range(len(found) - 1, -1, -1):
        found[k] = min(found[k], ceiling)
        ceiling = found[k] - least
    return found


def map_of_offices(given: ReportInput) -> Chart | None:
    """The map, when at least one office has coordinates."""
    where = {place.office: place for place in places(given.scenario)}
    known = [row for row in given.table("openings").rows() if row["office"] in where][:MOST_NAMES]
    if not known:
        return None
    rings, source = outline(country_of(given.scenario))
    ends = [(p.longitude, p.latitude) for p in where.values()] + [point for ring in rings for point in ring]
    frame = frame_of(ends, -(-len(known) // 2))
    points = [_point(given, row, *frame.xy(where[row["office"]].longitude, where[row["office"]].latitude)) for row in known]
    _label(points, frame)
    spec = _layers(given, frame, rings, points)
    t = given.t
    description = t("Map with {n} offices and their chance to hold their date. The numbers stand in the table of offices.", n=len(points))
    if source:
        description += " " + t("Outline: {source}.", source=source)
    return Chart("map", t("Where, and how sure"), description, spec, given.f, WIDTH, fixed=True)


def classes(given: ReportInput) -> list[tuple[str, str, str]]:
    """Name, colour and shape of each class of chance."""
    t, percent = given.t, given.f.percent
    return [
        (t("At least {p}", p=percent(0.8)), BLUE, "circle"),
        (t("{low} to {high}", low=percent(0.5), high=percent(0.8)), AMBER, "triangle-up"),
        (t("Below {p}", p=percent(0.5)), RED, "square"),
        (t("No planned date: P80 shown"), QUIET, "diamond"),
    ]


def class_of(chance: float | None) -> int:
    """The class of a chance.

    >>> [class_of(p) for p in (0.8, 0.5, 0.1, None)]
    [0, 1, 2, 3]
    """
    return 3 if chance is None else 0 if chance >= 0.8 else 1 if chance >= 0.5 else 2


def _point(given: ReportInput, row: dict[str, Any], x: float, y: float) -> Spec:
    chance = row.get("p_on_time")
    kind = classes(given)[class_of(chance)][0]
    told = given.f.percent(chance) if chance is not None else given.f.date(row["p80"])
    return {"x": x, "y": y, "kind": kind, "chance": plain(chance), "name": given.names.office(row["office"]), "told": told}


def _label(points: list[Spec], frame: Frame) -> None:
    """Give each point its name's place: the western half to the left, the eastern to the right, from south to north."""
    points.sort(key=lambda point: point["x"])
    half = (len(points) + 1) // 2
    for side, part in (("left", points[:half]), ("right", points[half:])):
        part.sort(key=lambda point: point["y"])
        edge = WIDTH / 2 - MAP_WIDTH / 2 - LINE if side == "left" else WIDTH / 2 + MAP_WIDTH / 2 + LINE
        for point, y in zip(part, spread_out([p["y"] for p in part], ROW, ROW / 2, frame.height - ROW / 2), strict=True):
            point.update(side=side, lx=edge, ly=round(y, 1), text=f"{point['name']}  {point['told']}")


def _layers(given: ReportInput, frame: Frame, rings: list[Ring], points: list[Spec]) -> Spec:
    x: Spec = {"field": "x", "type": "quantitative", "axis": None, "scale": {"domain": [0, WIDTH], "nice": False, "zero": False}}
    y: Spec = {"field": "y", "type": "quantitative", "axis": None, "scale": {"domain": [0, frame.height], "nice": False, "zero": False}}
    land = [{"ring": k, "n": n, "x": a, "y": b} for k, ring in enumerate(rings) for n, (a, b) in enumerate(frame.xy(*p) for p in ring)]
    names, colours, shapes = (list(column) for column in zip(*classes(given), strict=True))
    kind = {"field": "kind", "type": "nominal"}
    told = [{"field": "name", "title": given.t("Office")}, {"field": "told", "title": given.t("Chance to hold")}]
    coast = {
        "data": {"values": land},
        "mark": {"type": "line", "interpolate": "linear-closed", "fill": "#eef1f4", "stroke": "#8c959f", "strokeWidth": 1},
        "encoding": {"x": x, "y": y, "detail": {"field": "ring"}, "order": {"field": "n"}},
    }
    lead = {
        "mark": {"type": "rule", "color": QUIET, "strokeWidth": 0.7},
        "encoding": {"x": x, "y": y, "x2": {"field": "lx"}, "y2": {"field": "ly"}},
    }
    dots = {
        "mark": {"type": "point", "filled": True, "size": 95, "opacity": 1, "stroke": "white", "strokeWidth": 1},
        "encoding": {
            "x": x,
            "y": y,
            "color": {**kind, "scale": {"domain": names, "range": colours}},
            "shape": {**kind, "scale": {"domain": names, "range": shapes}},
            "tooltip": told,
        },
    }
    texts = [_names(side, align, dx, x, y) for side, align, dx in (("left", "right", -4), ("right", "left", 4))]
    land_layers = [coast] if land else []
    return layer(*land_layers, lead, dots, *texts, data=points, height=frame.height)


def _names(side: str, align: str, dx: int, x: Spec, y: Spec) -> Spec:
    return {
        "transform": [{"filter": {"field": "side", "equal": side}}],
        "mark": {"type": "text", "align": align, "dx": dx, "baseline": "middle", "fontSize": 12, "color": INK, "limit": 218},
        "encoding": {"x": {**x, "field": "lx"}, "y": {**y, "field": "ly"}, "text": {"field": "text"}},
    }
