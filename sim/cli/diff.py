"""``etablera diff``: why the dates moved since the last run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.first_use import compile_for
from sim.cli.options import Answers, EngineName, EngineOption, Json, Language, LanguageOption, Out, Quiet, Report, Workers, listed
from sim.cli.progress import Bar
from sim.cli.status import DONE, guarded

if TYPE_CHECKING:
    from sim.report import ReportInput
    from sim.results.diff import Moves

Old = Annotated[Path, typer.Argument(metavar="RUN_OLD", help="The earlier run folder.", show_default=False)]
New = Annotated[Path, typer.Argument(metavar="RUN_NEW", help="The later run folder.", show_default=False)]


@guarded
def diff(
    old: Old,
    new: New,
    answers: Answers = None,
    engine: EngineOption = EngineName.kernel,
    workers: Workers = None,
    out: Out = Path("results"),
    report: Report = True,
    language: LanguageOption = None,
    quiet: Quiet = False,
    json: Json = False,
) -> int:
    """Say why dates moved since an earlier run: outcomes, risks, estimates, rules, scope, noise."""
    from sim.cli.several import show_json
    from sim.results.diff import diff as find

    shown = not quiet and not json
    compile_for(new, [], shown=shown)
    with Bar(7, shown=shown) as bar:
        moves = find(old, new, answers=listed(answers), engine=engine.value, workers=workers, progress=lambda done, _: bar(done))
    given = input_of(moves, language)
    folder = moves.save(out, extras=[lambda path: write(moves, given, path)] if report else ())
    if json:
        show_json(moves, folder, old=moves.questions[0].id, new=moves.questions[1].id, redrawn=moves.redrawn)
    elif not quiet:
        show(moves, given, folder)
    return DONE


def input_of(moves: Moves, language: Language | None) -> ReportInput:
    """What texts and pages are made from: the new run."""
    from sim.report import ReportInput
    from sim.results.passport import passport_of

    new = moves.questions[-1]
    chosen = language.value if language else None
    return ReportInput(scenario=new.loaded.scenario, tables={}, passport=passport_of(new, {}), language=chosen)


def write(moves: Moves, given: ReportInput, folder: Path) -> None:
    """The page and the pictures."""
    from sim.report.moved import figures, write_diff_html

    write_diff_html(given, moves, folder / "diff.html")
    for _, chart in figures(given, moves):
        (folder / f"{chart.name}.svg").write_text(chart.svg(), "utf-8")


def show(moves: Moves, given: ReportInput, folder: Path) -> None:
    """The answers for people: a table for each question, and how it was made."""
    from sim.cli.screen import Column, Screen
    from sim.report.asked import difference, name_of, unit_name
    from sim.report.moved import answered, heading, rows_of, rules, step_name

    screen, t = Screen(), given.t
    screen.line(heading(given, moves), "1")
    for key in moves.headlines:
        *_, whole = rows = rows_of(moves["diff"], key)
        screen.heading(name_of(given.names, key) + f": {answered(given, whole, 'before')} → {answered(given, whole, 'after')}")
        columns = [Column("  " + t("Step")), Column(f"{t('Change')}, {unit_name(t, whole['unit'])}", right=True), Column("±", right=True)]
        columns += [Column(t("Things changed"), right=True), Column(t("After it"), right=True)]
        cells = []
        for row in rows:
            half = None if row["low"] is None else (row["high"] - row["low"]) / 2
            size = [difference(given.f, row["unit"], row["change"], bare=True), "–" if half is None else given.f.number(half, 1)]
            cells.append(["  " + step_name(given, row["category"]), *size, given.f.number(row["changes"]), answered(given, row, "after")])
        screen.table(columns, cells)
    screen.line()
    for text in rules(given, moves):
        screen.paragraph(text, indent="")
    screen.line(str(folder))
