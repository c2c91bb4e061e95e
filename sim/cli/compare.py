"""``etablera compare``: scenarios on the same futures, every difference with its interval."""

from __future__ import annotations

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
    from sim.results.comparison import Comparison

Scenarios = Annotated[
    list[Path],
    typer.Argument(
        metavar="A B …", help="Scenario files or run folders; the first is what the others are compared with.", show_default=False
    ),
]
Costs = Annotated[bool, typer.Option("--costs/--no-costs", help="Compare money too; takes about twice the time.")]


@guarded
def compare(
    scenarios: Scenarios,
    answers: Answers = None,
    replications: Replications = None,
    seed: Seed = None,
    set_: Set = None,
    costs: Costs = True,
    engine: EngineOption = EngineName.kernel,
    workers: Workers = None,
    out: Out = Path("results"),
    report: Report = True,
    language: LanguageOption = None,
    quiet: Quiet = False,
    json: Json = False,
) -> int:
    """Compare scenarios on the same futures: what differs, by how much, how sure that is."""
    from sim.cli.several import keep, report_input, show_json
    from sim.results.comparison import compare as run_compare

    changes, shown = options.changes(set_, language), not quiet and not json
    compile_for(scenarios[0], changes, shown=shown)
    with Bar((replications or 0) * len(scenarios), shown=shown) as bar:
        found = run_compare(
            scenarios, questions=options.listed(answers), replications=replications, seed=seed,
            overrides=changes, costs=costs, engine=engine.value, workers=workers, progress=bar,
        )  # fmt: skip
    folder = keep(found, out, [_page(found, place) for place in range(1, len(found.names))], report=report)
    if json:
        show_json(found, folder, names=found.names)
    elif not quiet:
        show(found, report_input(found), folder)
    return DONE


def _page(found: Comparison, place: int) -> Paper:
    """Writes the page of one of the scenarios against the first; its name has a number where there are several."""

    def write(given: ReportInput, folder: Path) -> None:
        from dataclasses import replace

        from sim.report import write_compare_html
        from sim.report.compared import of_scenario

        a, b = found.names[0], found.names[place]
        own = {name: of_scenario(table, b) for name, table in found.tables.items()}
        path = folder / ("compare.html" if len(found.names) == 2 else f"compare-{place}.html")
        write_compare_html(replace(given, tables={**given.tables, **own}), own["compare"], path, a, b)

    return write


def show(found: Comparison, given: ReportInput, folder: Path) -> None:
    """For each scenario: what was changed, the answer in sentences, targets, offices and money."""
    from sim.cli.screen import Screen
    from sim.cli.words import Words
    from sim.report.compared import of_scenario, sentences

    screen, words = Screen(), Words(given.scenario.scenario.language)
    a = found.names[0]
    for b in found.names[1:]:
        own = {name: of_scenario(table, b) for name, table in found.tables.items()}
        screen.line(words("{b} against {a}", a=a, b=b), "1")
        for sentence in sentences(given, own["compare"], own["earlier"], a, b):
            screen.paragraph(sentence)
        _changes(screen, own["input_changes"], words)
        _differences(screen, own["compare"], given, words)
        _offices(screen, own, given, words)
        screen.line()
    screen.line(str(folder))
    n = words.number(found.questions[0].replications)
    screen.line(words("{n} futures, seed {seed}", n=n, seed=found.questions[0].seed), "2")


def _changes(screen: Screen, table: Any, words: Words) -> None:
    screen.heading(words("What was changed"))
    if not len(table):
        screen.paragraph(words("Nothing that makes other futures."))
    for row in table.rows():
        before, after = (words("none") if row[end] is None else row[end] for end in ("a", "b"))
        screen.paragraph(f"{row['path']}: {before} → {after}")


def _differences(screen: Screen, table: Any, given: ReportInput, words: Words) -> None:
    """Targets, last openings and what it costs once: before, after, the difference and what may be said of it."""
    from sim.report.compared import group_of

    shown = ("targets", "last", "costs", "")
    rows = [
        row
        for row in table.rows()
        if group_of(row["question"]) in shown and (row["question"][:5] != "costs" or row["question"][-5:] == ".mean")
    ]
    if rows:
        screen.heading(words("Differences"))
        _table(screen, rows, given, words)


def _table(screen: Screen, rows: list[dict[str, Any]], given: ReportInput, words: Words) -> None:
    from sim.cli.screen import Column
    from sim.report.asked import between, difference, kind_of, name_of, written
    from sim.report.compared import verdict_words

    verdicts, f = verdict_words(given.t), given.f
    columns = [Column(words("Question")), *(Column(words(name), right=True) for name in ("Before", "After", "Difference"))]
    columns += [Column(words("Interval, 95 %")), Column(words("Verdict"))]
    cells = []
    for row in rows:
        kind, unit = kind_of(given.names, row["question"]), row["unit"]
        values = [written(f, kind, row[end]) for end in ("a", "b")]
        sizes = difference(f, unit, row["difference"], bare=True), between(f, unit, row["low"], row["high"])
        cells.append([name_of(given.names, row["question"]), *values, *sizes, verdicts.get(row["verdict"], row["verdict"])])
    screen.table(columns, cells)


def _offices(screen: Screen, own: dict[str, Any], given: ReportInput, words: Words) -> None:
    """The date that each office holds with 80 %, and how often it opens earlier."""
    from sim.cli.screen import Column
    from sim.report.asked import between, difference
    from sim.report.compared import verdict_words

    asked = {row["question"]: row for row in own["compare"].rows()}
    rows = [(row["subject"], row, asked[f"{row['subject']}.p80"]) for row in own["earlier"].rows() if f"{row['subject']}.p80" in asked]
    rows = [found for found in rows if found[0].startswith("offices.")]
    if not rows:
        return
    screen.heading(words("The date held with 80 %"))
    verdicts, f = verdict_words(given.t), given.f
    columns = [Column(words("Office")), Column(words("Before")), Column(words("After")), Column(words("Days"), right=True)]
    columns += [Column(words("Interval, 95 %")), Column(words("Earlier in"), right=True), Column(words("Verdict"))]
    cells = []
    for subject, sooner, row in rows:
        dates = [words.date(row[end]) for end in ("a", "b")]
        sizes = difference(f, "days", row["difference"], bare=True), between(f, "days", row["low"], row["high"])
        share = words.percent(sooner["p_earlier"])
        cells.append([given.names.office(subject.removeprefix("offices.")), *dates, *sizes, share, verdicts[row["verdict"]]])
    screen.table(columns, cells)
