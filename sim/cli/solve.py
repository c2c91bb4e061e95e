"""``etablera solve``: which value of one key makes a target hold."""

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
    ScenarioFile,
    Seed,
    Set,
    Workers,
)
from sim.cli.progress import Bar
from sim.cli.status import DONE, guarded

if TYPE_CHECKING:
    from sim.cli.several import Paper
    from sim.report import ReportInput
    from sim.results.solve import Solved

Target = Annotated[str, typer.Option("--target", metavar="ID", help="What is to hold: a target, or an office and its own date.")]
Vary = Annotated[
    str,
    typer.Option("--vary", metavar="KEY=LO:HI", help="What is searched: whole numbers, numbers or dates; KEY=LO:HI:STEP for other steps."),
]
Confidence = Annotated[
    float | None, typer.Option("--confidence", metavar="P", help="Chance that is asked for. [the target's own, 0.8 for an office]")
]
SOLUTION = ("status", "value", "rises", "turns", "asked", "sure")
"""What ``--json`` says of the solution beside the curve."""

LIKELY_TRIALS = 12
"""Values that a search tries, more or less; for the progress bar."""


@guarded
def solve(
    scenario: ScenarioFile,
    target: Target,
    vary: Vary,
    confidence: Confidence = None,
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
    """Find the smallest, largest, earliest or latest value with which a target holds."""
    from sim.cli.several import keep, show_json
    from sim.results.solve import solve as run_solve

    changes, shown = options.changes(set_, language), not quiet and not json
    compile_for(scenario, changes, shown=shown)
    tried: list[object] = []
    with Bar(LIKELY_TRIALS, shown=shown) as bar:

        def told(value: object) -> None:
            bar(len(tried))
            tried.append(value)

        found = run_solve(
            scenario, target, vary, confidence=confidence, replications=replications, seed=seed,
            overrides=changes, engine=engine.value, workers=workers, progress=told,
        )  # fmt: skip
    folder = keep(found, out, [_page(found)], report=report)
    if json:
        show_json(found, folder, **{name: getattr(found.solution, name) for name in SOLUTION})
    elif not quiet:
        show(found, folder)
    return DONE


def _page(found: Solved) -> Paper:
    def write(given: ReportInput, folder: Path) -> None:
        from sim.report.solved import write_solve_html

        write_solve_html(given, found.solution, found["solve"], folder / "solve.html", found.key, found.target)

    return write


def show(found: Solved, folder: Path) -> None:
    """The answer in sentences, and the curve that was searched."""
    from sim.cli.screen import Column, Screen, bar
    from sim.cli.several import report_input
    from sim.cli.words import Words
    from sim.report.asked import written
    from sim.report.solved import sentences

    given, screen = report_input(found), Screen()
    words = Words(given.scenario.scenario.language)
    screen.line(given.scenario.scenario.name, "1")
    for sentence in sentences(given, found.solution, found.key, found.target):
        screen.paragraph(sentence)
    screen.heading(words("The curve that was searched"))
    verdicts = {"yes": words("yes"), "no": words("no"), "cannot tell": words("cannot tell")}
    columns = [Column(found.key, right=True), Column(words("Chance"), right=True), Column(words("Interval, 95 %")), Column(words("Enough"))]
    cells = []
    for row in found["solve"].rows():
        chance = [given.f.percent(row["probability"]), given.f.interval(row["low"], row["high"])]
        mark = "→ " if row["found"] else ""
        cells.append([f"{mark}{written(given.f, None, row['value'])}", *chance, verdicts[row["holds"]], bar(row["probability"])])
    screen.table([*columns, Column("", 8)], cells)
    screen.line()
    screen.line(str(folder))
    n = words.number(found.questions[0].replications)
    screen.line(words("{points} points, {n} futures each, the same for all", points=len(cells), n=n), "2")
