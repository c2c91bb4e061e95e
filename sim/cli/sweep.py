"""``etablera sweep``: the same questions to many scenarios, on the same futures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import options
from sim.cli.first_use import compile_for
from sim.cli.options import (
    Answers,
    EngineName,
    EngineOption,
    Json,
    LanguageOption,
    Out,
    Quiet,
    Replications,
    Report,
    ScenarioFile,
    Seed,
    Set,
    Workers,
)
from sim.cli.progress import Bar
from sim.cli.status import DONE, guarded

if TYPE_CHECKING:
    from sim.cli.words import Words
    from sim.report import ReportInput
    from sim.results.sweep import Sweep

Vary = Annotated[
    list[str], typer.Option("--vary", metavar="KEY=VALUES", help="What varies: KEY=FROM:TO:STEP or KEY=A,B,C. Several keys are crossed.")
]
MOST_POINTS = 40
"""Points shown for each answer; all of them stand in ``sweep.csv``."""


@guarded
def sweep(
    scenario: ScenarioFile,
    vary: Vary,
    answers: Answers = None,
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
    """Ask the same questions with one or several values varied."""
    from sim.cli.several import keep, show_json
    from sim.results.sweep import sweep as run_sweep

    asked, changes, shown = options.listed(answers), options.changes(set_, language), not quiet and not json
    compile_for(scenario, changes, shown=shown)
    with Bar(0, shown=shown) as bar:
        found = run_sweep(
            scenario, vary, answers=asked, replications=replications, seed=seed, overrides=changes, engine=engine.value,
            workers=workers, progress=bar,
        )  # fmt: skip
    folder = keep(found, out, [_page(found)], report=report)
    if json:
        show_json(found, folder)
    elif not quiet:
        show(found, asked, folder)
    return DONE


def _page(found: Sweep) -> Any:
    def write(given: ReportInput, folder: Path) -> Path:
        from sim.report import write_sweep_html

        return write_sweep_html(given, found["sweep"], folder / "sweep.html", found.keys)

    return write


def show(found: Sweep, asked: Sequence[str] | None, folder: Path) -> None:
    """A table for each answer: those asked for, else the targets and the last opening."""
    from sim.cli.screen import Screen
    from sim.cli.several import report_input
    from sim.cli.words import Words
    from sim.report.asked import kind_of, name_of

    given, screen = report_input(found), Screen()
    words = Words(given.scenario.scenario.language)
    screen.line(given.scenario.scenario.name, "1")
    for key in asked or [key for key in found.asked["answers"] if key.startswith("targets.") or key == "programme.p80"]:
        screen.heading(f"{name_of(given.names, key)}  [{key}]")
        _table(screen, found, key, kind_of(given.names, key), given, words)
    for note in sorted({note for note in found["sweep"]["note"] if note}):
        screen.line()
        screen.paragraph(words("No answer where futures come to a dead end: {note}", note=note))
    screen.line()
    screen.line(str(folder))
    n = words.number(found.questions[0].replications)
    screen.line(words("{points} points, {n} futures each, the same for all", points=len(found["sweep"]), n=n), "2")


def _table(screen: Any, found: Sweep, key: str, kind: str | None, given: ReportInput, words: Words) -> None:
    from sim.cli.screen import Column, bar
    from sim.report.asked import interval, written

    columns = [*(Column(name, right=True) for name in found.keys), Column(words("Answer"), right=True), Column(words("Interval, 95 %"))]
    rows = list(found["sweep"].rows())
    cells = []
    for row in rows[:MOST_POINTS]:
        value, low, high = (row[key + end] for end in ("", "_low", "_high"))
        place = [written(given.f, None, row[name]) for name in found.keys]
        cells.append([*place, written(given.f, kind, value), interval(given.f, kind, low, high), bar(value) if kind == "chance" else ""])
    screen.table([*columns, Column("", 8)], cells)
    if len(rows) > MOST_POINTS:
        screen.line(words("… and {n} more in {file}", n=len(rows) - MOST_POINTS, file="sweep.csv"))
