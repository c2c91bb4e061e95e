"""Reports for people: a self-contained page, a workbook, charts as pictures.

Everything is drawn from a :class:`ReportInput`; what its tables lack is left out. The libraries that draw are imported when something is
drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.report.model import ReportInput

if TYPE_CHECKING:
    from sim.analysis.table import Table

__all__ = [
    "ReportInput",
    "chart_names",
    "draw",
    "write_charts",
    "write_compare_html",
    "write_html",
    "write_sweep_html",
    "write_xlsx",
]


def write_html(given: ReportInput, path: Path) -> Path:
    """Write the report of a run as one self-contained page; see :func:`sim.report.html.write_html`."""
    from sim.report.html import write_html as write

    return write(given, path)


def write_xlsx(given: ReportInput, path: Path, *, whole: bool = True) -> Path:
    """Write the report of a run as a workbook; see :func:`sim.report.excel.write_xlsx`."""
    from sim.report.excel import write_xlsx as write

    return write(given, path, whole=whole)


def write_compare_html(given: ReportInput, table: Table, path: Path, a: str, b: str) -> Path:
    """Write the report of a comparison; see :func:`sim.report.several.write_compare_html`."""
    from sim.report.several import write_compare_html as write

    return write(given, table, path, a, b)


def write_sweep_html(given: ReportInput, table: Table, path: Path, keys: Sequence[str], answers: Sequence[str] | None = None) -> Path:
    """Write the report of a sweep; see :func:`sim.report.several.write_sweep_html`."""
    from sim.report.several import write_sweep_html as write

    return write(given, table, path, keys, answers)


def chart_names(given: ReportInput) -> list[str]:
    """Names of the charts of a run."""
    from sim.report.draw import chart_names as names

    return names(given)


def draw(given: ReportInput, name: str, kind: str = "svg", choice: str | None = None) -> bytes:
    """One chart as SVG or PNG; see :func:`sim.report.draw.draw`."""
    from sim.report.draw import draw as make

    return make(given, name, kind, choice)


def write_charts(given: ReportInput, folder: Path, kind: str = "svg") -> list[Path]:
    """Every chart of a run as a file; see :func:`sim.report.draw.write_charts`."""
    from sim.report.draw import write_charts as write

    return write(given, folder, kind)
