"""A chart: data and drawing rules as Vega-Lite, kept as plain data until somebody draws it.

Plain dictionaries rather than Altair objects, because a report of fifteen charts must not cost a second of imports and checks. They are the
same thing: :meth:`Chart.altair` gives Altair's object, and a test lets Altair check every chart against the schema.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.report.formats import Formats

if TYPE_CHECKING:
    import altair

Spec = dict[str, Any]
"""Vega-Lite, or a part of it."""

INK, QUIET, GREY, RULE = "#1b1f24", "#57606a", "#8c959f", "#d0d7de"
BLUE, LIGHT, LIGHTER = "#0b5394", "#6fa1d1", "#c4d9ee"
ORANGE, GREEN, AMBER, RED = "#b45309", "#1a7f37", "#9a6700", "#b42318"
"""Colours; all but the light ones have a contrast of at least 4.5 on white, and none stands alone for a meaning."""

PALETTE = ("#0b5394", "#b45309", "#1a7f37", "#7a3e9d", "#b42318", "#00757f", "#8a6d00", "#ad2e74", "#3d4fb8")
"""Colours of causes, in order; each part names its cause when pointed at, and in the table."""

HEIGHT = 300
"""Height of an ordinary chart."""

ROOM = 70
"""Pixels for a tick on an axis of time: with steps of a month, three or twelve there may come to be two in that room."""


@dataclass(frozen=True)
class Chart:
    """A chart and what is said of it.

    Attributes
    ----------
    name
        Stem of its file when exported.
    title, description
        For people: the heading, and what is to be seen, for those who cannot.
    spec
        Vega-Lite without schema, theme and locale.
    width
        In pixels when exported; on a page it fills its place, unless it is ``fixed``.
    """

    name: str
    title: str
    description: str
    spec: Mapping[str, Any] = field(repr=False)
    formats: Formats = field(repr=False)
    width: int = 760
    fixed: bool = False

    def full(self) -> Spec:
        """The whole specification."""
        return {"$schema": SCHEMA, "config": config(self.formats), "description": self.description, "width": self.width, **self.spec}

    def on_page(self) -> Spec:
        """The specification for a page, which gives theme and locale once for all, and where a chart fills its place."""
        size: Spec = {"width": self.width} if self.fixed else {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}
        return {"$schema": SCHEMA, **size, **self.spec}

    def altair(self) -> altair.TopLevelMixin:
        """As Altair's object, to work on."""
        import altair

        chart: altair.TopLevelMixin = altair.Chart.from_dict({**self.full(), "title": self.title})
        return chart

    def svg(self) -> str:
        """As SVG, drawn without a browser."""
        import vl_convert

        text: str = vl_convert.vegalite_to_svg(self.titled(), vl_version=VEGA_LITE)
        return text

    def png(self, scale: float = 2) -> bytes:
        """As PNG, ``scale`` times as large as on a page."""
        import vl_convert

        image: bytes = vl_convert.vegalite_to_png(self.titled(), vl_version=VEGA_LITE, scale=scale)
        return image

    def titled(self) -> Spec:
        """With its title inside, for a picture that stands alone."""
        return {**self.full(), "title": self.title, "background": "white", "padding": 12}

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"application/vnd.vegalite.v6+json": self.titled(), "text/plain": self.description, "image/svg+xml": self.svg()}


VEGA_LITE = "6.4"
"""Version of Vega-Lite in the report and in exports."""

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
"""Names the language of the charts; nothing is fetched from there."""


def config(formats: Formats) -> Spec:
    """Theme and locale."""
    text = {"labelColor": INK, "titleColor": INK, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": 600}
    return {
        "font": "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif",
        "background": "transparent",
        "aria": False,
        "view": {"stroke": None},
        "axis": {**text, "gridColor": "#e7ebef", "domainColor": QUIET, "tickColor": QUIET, "labelLimit": 220, "titlePadding": 8},
        "legend": {**text, "orient": "top", "direction": "horizontal", "title": None, "labelLimit": 320, "symbolType": "square"},
        "title": {"color": INK, "fontSize": 15, "anchor": "start"},
        "locale": locale(formats),
        "customFormatTypes": False,
    }


def locale(formats: Formats) -> Spec:
    """Signs and names for D3."""
    names = [formats.months[number] for number in range(1, 13)]
    days = ["0", "1", "2", "3", "4", "5", "6"]  # weekdays are never written
    time = {"dateTime": "%Y-%m-%d", "date": "%Y-%m-%d", "time": "%H:%M", "periods": ["", ""]}
    return {
        "number": {
            "decimal": formats.point,
            "thousands": formats.group,
            "grouping": [3],
            "currency": ["", ""],
            "minus": formats.minus,
            "percent": formats.percent_pattern.replace("#", ""),
        },
        "time": {**time, "days": days, "shortDays": days, "months": names, "shortMonths": names},
    }


def when(value: dt.date | str | None) -> str | None:
    """A date as Vega reads it: at midnight where the reader is, so that it is the same day everywhere."""
    return None if value is None else f"{str(value)[:10]}T00:00:00"


def rows(table: Iterable[Mapping[str, Any]], *names: str, **renamed: str) -> list[Spec]:
    """Rows of data with the named columns; dates are made readable to Vega."""
    wanted = {**{name: name for name in names}, **renamed}
    return [{new: plain(row.get(old)) for new, old in wanted.items()} for row in table]


def plain(value: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(value, dt.date):
        return when(value)
    value = value.item() if hasattr(value, "item") else value
    return round(value, 6) if isinstance(value, float) else value


TICKS = {"expr": f"ceil(width / {ROOM})"}
"""How many ticks an axis of time has."""


def time_axis(title: str | None = None, **more: Any) -> Spec:
    """An axis of months, with the year in place of January; so few ticks that no label must give way, for that could be the year.

    Where it is so short that ticks fall within months, these have their day.
    """
    label = "timeFormat(datum.value, date(datum.value) > 1 ? '%-d %b' : month(datum.value) == 0 ? '%Y' : '%b')"
    axis = {"title": title, "labelExpr": label, "labelOverlap": True, "grid": True, "tickCount": TICKS, **more}
    return {"type": "temporal", "axis": axis}


def value_axis(title: str | None, text: str = ",d", **more: Any) -> Spec:
    """An axis of numbers."""
    return {"type": "quantitative", "axis": {"title": title, "format": text, "tickCount": 6, **more}}


def tip(*fields: tuple[str, str, str]) -> list[Spec]:
    """What a pointer shows: (field, title, kind); kinds are ``date``, ``text`` or a number's format."""
    shown: list[Spec] = []
    for name, title, kind in fields:
        if kind == "date":
            shown.append({"field": name, "title": title, "type": "temporal", "format": "%Y-%m-%d"})
        elif kind == "text":
            shown.append({"field": name, "title": title, "type": "nominal"})
        else:
            shown.append({"field": name, "title": title, "type": "quantitative", "format": kind})
    return shown


def layer(*layers: Spec, data: Sequence[Mapping[str, Any]] | None = None, height: Any = HEIGHT, **more: Any) -> Spec:
    """Layers over one another."""
    spec: Spec = {"layer": list(layers), "height": height, **more}
    if data is not None:
        spec["data"] = {"values": list(data)}
    return spec


def coloured(names: Sequence[str], colours: Sequence[str], **legend: Any) -> Spec:
    """The encoding that gives each named layer its colour, and a legend of the names."""
    scale = {"domain": list(names), "range": list(colours[: len(names)])}
    return {"color": {"type": "nominal", "scale": scale, "legend": {"symbolOpacity": 1, **legend}}}
