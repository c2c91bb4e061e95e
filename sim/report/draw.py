"""Charts as pictures, drawn without a browser."""

from __future__ import annotations

from pathlib import Path

from sim.report.catalogue import chart, charts
from sim.report.model import ReportInput

KINDS = ("svg", "png")
"""Kinds of picture."""


def draw(given: ReportInput, name: str, kind: str = "svg", choice: str | None = None) -> bytes:
    """One chart as a picture.

    Parameters
    ----------
    name
        One of :func:`chart_names`.
    kind
        ``svg`` or ``png`` (twice the size of the page's).
    choice
        Office or target, for charts that show one: ``office:boden`` or ``target:all28`` for ``s_curve``, ``boden`` for
        ``gantt_office``, ``all28`` for ``tornado_targets``.

    Raises
    ------
    KeyError
        The run has no such chart; the message names those that it has.
    """
    made = chart(given, name, choice)
    return made.svg().encode() if kind == "svg" else made.png()


def chart_names(given: ReportInput) -> list[str]:
    """Names of the charts of a run."""
    return [made.name for made in charts(given)]


def write_charts(given: ReportInput, folder: Path, kind: str = "svg") -> list[Path]:
    """Every chart of a run as a file of its name; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for made in charts(given):
        path = folder / f"{made.name}.{kind}"
        path.write_bytes(made.svg().encode() if kind == "svg" else made.png())
        paths.append(path)
    return paths
