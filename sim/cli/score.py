"""``etablera score``: how good a forecast was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.calibrate import AsOf, date_option
from sim.cli.options import Json, LanguageOption, Quiet, RunFolder
from sim.cli.status import DONE, guarded

if TYPE_CHECKING:
    from sim.results.score import Score

ActualsFile = Annotated[
    Path,
    typer.Argument(
        metavar="ACTUALS", help="What has happened (.csv, .xlsx): office, opened (empty: not yet); or date, open.", show_default=False
    ),
]
OutBeside = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where the folder goes. [beside the run]")]


@guarded
def score(
    run: RunFolder,
    actuals: ActualsFile,
    as_of: AsOf = None,
    out: OutBeside = None,
    language: LanguageOption = None,
    quiet: Quiet = False,
    json: Json = False,
) -> int:
    """Say how good a forecast was: coverage, error against rivals, chances."""
    from sim.results.score import score as score_run

    found = score_run(run, actuals, as_of=date_option("--as-of", as_of))
    spoken = language.value if language else found.run.scenario.scenario.language
    said = sentences(found, spoken)
    folder = found.save(out, extras=[lambda made, where: write_papers(made, where, spoken, said)])
    if json:
        show_json(found, folder, said)
    elif not quiet:
        show(found, folder, said)
    return DONE


def sentences(found: Score, language: str) -> list[str]:
    """The verdict."""
    from sim.report.formats import formats
    from sim.report.verdict import verdict

    return verdict(formats(language), found.tables, found.about())


def write_papers(found: Score, folder: Path, language: str, said: list[str]) -> None:
    """The verdict and the pictures."""
    from sim.report.charts.track import charts_of
    from sim.report.formats import formats

    (folder / "verdict.txt").write_text("\n".join(said) + "\n", "utf-8")
    for chart in charts_of(formats(language), found.tables):
        (folder / f"{chart.name}.svg").write_text(chart.svg(), "utf-8")


def show_json(found: Score, folder: Path, said: list[str]) -> None:
    """The score for machines, on one line."""
    import json

    from sim.cli.answers import plain

    names = ("score_summary", "score_coverage", "score_rivals", "score_brier", "score_counts")
    tables = {name: [{k: plain(v) for k, v in row.items()} for row in found[name].rows()] for name in names}
    typer.echo(json.dumps({"id": found.id, "folder": str(folder), "verdict": said, **tables}, ensure_ascii=False))


def show(found: Score, folder: Path, said: list[str]) -> None:
    """The verdict for people."""
    from sim.cli.screen import Screen

    screen = Screen()
    screen.line(found.run.scenario.scenario.name, "1")
    screen.line()
    for text in said:
        screen.paragraph(text)
    screen.line()
    screen.line(str(folder))
