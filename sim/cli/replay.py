"""``etablera replay``: one future, every event in order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import options
from sim.cli.first_use import compile_for
from sim.cli.options import (
    EngineName,
    EngineOption,
    Json,
    LanguageOption,
    Out,
    Quiet,
    Replications,
    Report,
    ScenarioOrRun,
    Seed,
    Set,
    Workers,
)
from sim.cli.progress import Bar
from sim.cli.status import DONE, guarded

if TYPE_CHECKING:
    from sim.cli.screen import Screen
    from sim.cli.several import Paper
    from sim.cli.words import Words
    from sim.report import ReportInput
    from sim.results.replay import Replay

Number = Annotated[int | None, typer.Option("--replication", metavar="N", help="Number of the future, from 0, as in openings.parquet.")]
At = Annotated[
    str | None, typer.Option("--at", metavar="P80", help="The future at this quantile of the last opening, or of --target or --office.")
]
Target = Annotated[str | None, typer.Option("--target", metavar="ID", help="The target that --at is about.")]
Office = Annotated[str | None, typer.Option("--office", metavar="ID", help="Tell of this office alone; --at is about it.")]
MOST_EVENTS = 300
"""Events shown on the terminal; all of them stand in ``replay.txt``."""


@guarded
def replay(
    scenario: ScenarioOrRun,
    replication: Number = None,
    at: At = None,
    target: Target = None,
    office: Office = None,
    replications: Replications = None,
    seed: Seed = None,
    set_: Set = None,
    engine: EngineOption = EngineName.kernel,
    workers: Workers = None,
    out: Out = Path("results"),
    report: Report = True,
    language: LanguageOption = None,
    quiet: Quiet = False,
    json: Json = False,
) -> int:
    """Tell one future: every event in order, what each office waited for, and why."""
    from sim.cli.several import keep, report_input, show_json
    from sim.results.replay import replay as run_replay

    changes, shown = options.changes(set_, language), not quiet and not json
    compile_for(scenario, changes, shown=shown)
    with Bar(replications or 0, shown=shown) as bar:
        found = run_replay(
            scenario, replication, at=at, target=target, office=office, replications=replications, seed=seed,
            overrides=changes, engine=engine.value, workers=workers, progress=bar,
        )  # fmt: skip
    folder = keep(found, out, [told(found), *([picture(found)] if report else [])], report=True)
    if json:
        show_json(found, folder, replication=found.replication)
    elif not quiet:
        show(found, report_input(found), folder)
    return DONE


def told(found: Replay) -> Paper:
    """Writes every event as a line."""

    def write(given: ReportInput, folder: Path) -> None:
        from sim.report.replayed import chosen, lines

        text = [chosen(given, found.asked), "", *lines(given, found["events"], found["spans"])]
        (folder / "replay.txt").write_text("\n".join(text).replace("\N{NO-BREAK SPACE}", " ") + "\n", "utf-8")

    return write


def picture(found: Replay) -> Paper:
    """Draws the Gantt chart: of the activities of one office, or of the way to every opening."""

    def write(given: ReportInput, folder: Path) -> None:
        from sim.report.charts.replay import office_gantt, programme_gantt

        offices = found["offices"]
        alone = len(offices) == 1
        make = office_gantt(given, found["spans"], offices["office"][0], found.replication) if alone else None
        chart = make or programme_gantt(given, found["chain"], offices, found.replication)
        (folder / "replay.svg").write_text(chart.svg(), "utf-8")

    return write


def show(found: Replay, given: ReportInput, folder: Path) -> None:
    """Which future it is, what became of the offices, and the events where they are few."""
    from sim.cli.screen import Screen
    from sim.cli.words import Words
    from sim.report.replayed import chosen, lines

    screen, words = Screen(), Words(given.scenario.scenario.language)
    screen.line(given.scenario.scenario.name, "1")
    screen.paragraph(chosen(given, found.asked), indent="")
    _offices(screen, found, given, words)
    screen.heading(words("What happens"))
    events = list(lines(given, found["events"], found["spans"]))
    for line in events if len(events) <= MOST_EVENTS else []:
        screen.paragraph(line, indent="")
    if len(events) > MOST_EVENTS:
        screen.paragraph(
            words("{n} events stand in {file}; --office shows those of one office.", n=words.number(len(events)), file="replay.txt")
        )
    screen.line()
    screen.line(str(folder))
    n = words.number(found.questions[0].replications)
    screen.line(words("{n} futures, seed {seed}", n=n, seed=found.questions[0].seed), "2")


def _offices(screen: Screen, found: Replay, given: ReportInput, words: Words) -> None:
    from sim.cli.screen import Column
    from sim.report.replayed import main_cause, office_text

    rows, causes = list(found["offices"].rows()), list(found["causes"].rows())
    if len(rows) == 1:
        screen.line()
        screen.paragraph(office_text(given, rows[0], causes), indent="")
        return
    screen.line()
    columns = [Column(words("Office")), Column(words("Opens")), Column(words("Planned")), Column(words("Days late"), right=True)]
    columns += [Column(words("Open by then in"), right=True), Column(words("Most days went to"), 40)]
    cells = []
    for row in rows:
        late = given.f.signed(row["days_after_target"]) if row["days_after_target"] is not None else "–"
        dates = [words.date(row[name]) for name in ("opening", "target")]
        why = main_cause(given, [cause for cause in causes if cause["office"] == row["office"]])
        cells.append([given.names.office(row["office"]), *dates, late, words.percent(row["share_by_then"]), why])
    screen.table(columns, cells)
