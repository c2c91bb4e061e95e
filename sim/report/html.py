"""The report as one page that needs nothing beside it: no network, no file, no server."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from sim.report.blocks import Section, figures_of
from sim.report.charts.spec import config
from sim.report.model import ReportInput
from sim.report.sections import sections

SIGNS = {"yes": "✓", "cannot tell": "?", "no": "✗"}
"""Signs of a target's state, beside words and colours."""


def write_html(given: ReportInput, path: Path) -> Path:
    """Write the report of a run to a file; returns its path."""
    return write_page(given, path, sections(given), given.t("Forecast"), given.description)


def write_page(given: ReportInput, path: Path, parts: Sequence[Section], kind: str, lead: str = "", title: str = "") -> Path:
    """Write a page of some sections."""
    text = page(given, parts, kind, lead, title or given.scenario.scenario.name)
    path.write_text(text, "utf-8", newline="\n")
    return path


def page(given: ReportInput, parts: Sequence[Section], kind: str, lead: str, title: str) -> str:
    """A whole page as text."""
    text: str = _template().render(
        t=given.t,
        kind=kind,
        title=title,
        lead=lead,
        sections=parts,
        signs=SIGNS,
        foot=_foot(given),
        charts=_data(given, parts),
        style=Markup(_file("templates", "style.css")),
        script=Markup(_file("templates", "report.js")),
        vega=Markup(_file("web", "vega.js")),
    )
    return text


def _data(given: ReportInput, parts: Sequence[Section]) -> Markup:
    """Charts and sentences for the script."""
    figures = figures_of(parts)
    data = {
        "config": config(given.f),
        "charts": {figure.chart.name: figure.chart.on_page() for figure in figures},
        "said": {figure.chart.name: figure.choice.said for figure in figures if figure.choice},
    }
    return embedded(data)


def embedded(data: Any) -> Markup:
    r"""JSON that cannot end the script element that it stands in, or begin a comment there.

    >>> embedded({"name": "</script><!--"})
    Markup('{"name":"\\u003c/script\\u003e\\u003c!--"}')
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def whole(text: str) -> Markup:
    r"""A text in which dates and intervals are not broken over lines.

    >>> whole("by 2022-06-01 <b>")
    Markup('by <span class="nb">2022-06-01</span> &lt;b&gt;')
    >>> whole("at 0–100%, 34% (33–35 %)")
    Markup('at <span class="nb">0–100%</span>, 34% <span class="nb">(33–35 %)</span>')
    """
    return Markup(re.sub(r"\d{4}-\d\d-\d\d|\(?[\d.,]+–[\d.,]+\s?%\)?", r'<span class="nb">\g<0></span>', str(escape(text))))


def _foot(given: ReportInput) -> str:
    version = (given.passport.get("versions") or {}).get("etablera", "")
    run = given.passport.get("id") or given.passport.get("run_id", "")
    return given.t("Made by etablera {version}. Run {run}.", version=version or "–", run=run or "–")


@cache
def _file(folder: str, name: str) -> str:
    return (resources.files("sim.report") / folder / name).read_text("utf-8")


@cache
def _template() -> Any:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["whole"] = whole
    return environment.from_string(_file("templates", "page.html"))
