"""``etablera score``: how good a forecast was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.calibrate import AsOf, date_option
from sim.cli.options import Json, Language, LanguageOption, Quiet, Report, RunFolder
from sim.cli.status import DONE, guarded

if TYPE_CHECKING:
    from sim.report import ReportInput
    from sim.results.score import Score

ActualsFile = Annotated[
    Path,
    typer.Argument(
        metavar="ACTUALS", help="What has happened (.csv, .xlsx): office, opened (empty: not yet); or date, open.", show_default=False
    ),
]
OutBeside = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where the folder goes. [beside the run]")]
RESTS_ON = ("assumptions", "changes")
"""Tables of the run that say what the forecast rests on."""


@guarded
def score(
    run: RunFolder,
    actuals: ActualsFile,
    as_of: AsOf = None,
    out: OutBeside = None,
    report: Report = True,
    language: LanguageOption = None,
    quiet: Quiet = False,
    json: Json = False,
) -> int:
    """Say how good a forecast was: coverage, error against rivals, chances."""
    from sim.report.verdict import verdict
    from sim.results.score import score as score_run

    found = score_run(run, actuals, as_of=date_option("--as-of", as_of))
    given = input_of(found, language)
    said = verdict(given, found.about())
    folder = found.save(out, extras=[lambda _, where: write_papers(given, found, where, said, report=report)])
    if json:
        show_json(found, folder, said)
    elif not quiet:
        show(found, folder, said)
    return DONE


def input_of(found: Score, language: Language | None) -> ReportInput:
    """What texts, page and pictures are made from: the tables of the score, and what the forecast rests on."""
    from sim.report import ReportInput

    run, chosen = found.run, language.value if language else None
    tables = {**found.tables, **{name: run[name] for name in RESTS_ON if name in run.names}}
    scored = {key: value for key, value in found.about().items() if key != "run_id"}
    return ReportInput(scenario=run.scenario, tables=tables, passport={**run.about(), "score": scored}, language=chosen)


def write_papers(given: ReportInput, found: Score, folder: Path, said: list[str], *, report: bool) -> None:
    """The verdict, and where they are asked for the page and the pictures."""
    (folder / "verdict.txt").write_text("\n".join(said) + "\n", "utf-8")
    if not report:
        return
    from sim.report.charts.track import charts_of
    from sim.report.scored import write_score_html

    write_score_html(given, found.about(), folder / "score.html")
    for chart in charts_of(given.f, found.tables):
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
