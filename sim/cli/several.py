"""What the commands that try several scenarios have in common: their folder, and their answers for machines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from sim.report import ReportInput
    from sim.results.tried import Tried


def report_input(tried: Tried) -> ReportInput:
    """What pages about several scenarios are drawn from: the first of them, and how it was simulated."""
    from sim.report import ReportInput
    from sim.results.tables import changes

    loaded = tried.questions[0].loaded
    return ReportInput(scenario=loaded.scenario, tables={"changes": changes(loaded)}, passport={**tried.about(), "id": tried.id})


Paper = Callable[["ReportInput", Path], object]
"""Writes a page or picture into a folder."""


def keep(tried: Tried, out: Path, papers: Iterable[Paper], *, report: bool) -> Path:
    """Write the folder of what was tried, with its pages where there are to be some."""
    given = report_input(tried)
    return tried.save(out, extras=[partial(paper, given) for paper in papers] if report else ())


def show_json(tried: Tried, folder: Path, **more: object) -> None:
    """The tables for machines, on one line."""
    from sim.cli.answers import plain

    first = tried.questions[0]
    about = {"id": tried.id, "folder": str(folder), "replications": first.replications, "seed": first.seed, **more}
    tables = {name: [{key: plain(value) for key, value in row.items()} for row in table.rows()] for name, table in tried.tables.items()}
    typer.echo(json.dumps({**about, **tables}, ensure_ascii=False, default=str))
