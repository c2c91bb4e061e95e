"""Reports of several runs: two scenarios compared, and a sweep over values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from sim.analysis.table import Table
from sim.report.asked import between, difference, interval, kind_of, name_of, subject_of, unit_name, written
from sim.report.blocks import Block, Figure, Grid, Paragraphs, Points, Section, Titled
from sim.report.charts.several import Answer, differences, sweep_lines, sweep_map
from sim.report.compared import group_of, sentences, verdict_words
from sim.report.html import write_page
from sim.report.model import ReportInput
from sim.report.sections_ground import ground
from sim.report.tables import Column, guessed, html_table

MOST_FIGURES = 12
"""Answers of a sweep that are drawn; the table has all."""

FOLDED = 20
"""More questions than these are shown only when they are asked for."""

QUARTERS = {"03", "06", "09", "12"}
"""Months at whose ends the number of open offices is drawn."""


def write_compare_html(given: ReportInput, table: Table, path: Path, a: str, b: str) -> Path:
    """Write the report of a comparison.

    Parameters
    ----------
    given
        The run that is compared with (scenario ``a``): for names, assumptions and passport. Of its tables ``earlier`` and ``input_changes``
        (see :func:`sim.analysis.compare.compare`) are shown where they are there.
    table
        ``question, a, b, difference, low, high, verdict``, and ``unit`` where the questions have several: a question a row.
    a, b
        Names of the scenarios.
    """
    t = given.t
    earlier = given.table("earlier") if given.has("earlier") else None
    parts = [
        Section("answer", t("The answer"), [Points(list(sentences(given, table, earlier, a, b)))]),
        Section("input", t("What was changed"), _input(given, a, b)),
        Section("differences", t("Differences"), _differences(given, table, a, b)),
        Section("earlier", t("Which is earlier"), _earlier(given, b) if earlier is not None else []),
        Section("questions", t("All questions"), [Titled("", _compare_table(given, table, a, b), folded=len(table) > FOLDED)]),
        Section("ground", t("What this rests on"), ground(given)),
    ]
    return write_page(given, path, parts, t("Comparison"), title=t("{a} against {b}", a=a, b=b))


def _input(given: ReportInput, a: str, b: str) -> list[Block]:
    """What differs in the scenarios."""
    t = given.t
    if "input_changes" not in given.tables:
        return []
    if not given.has("input_changes"):
        return [Paragraphs([t("Nothing that makes other futures.")])]
    columns = [Column("path", t("Where")), Column("a", a), Column("b", b)]
    return [Titled("", html_table(given.f, columns, given.table("input_changes").rows(), t("What was changed"), hide=True))]


def _differences(given: ReportInput, table: Table, a: str, b: str) -> list[Block]:
    """A chart for each sort of question, with one answer for each office and year."""
    t = given.t
    headings = {
        "targets": t("Targets"), "last": t("Last opening"), "offices": t("The date that an office holds with 80 %"),
        "on_time": t("Chance that an office holds its date"), "counts": t("Number of open offices"), "costs": t("Cost, mean"),
    }  # fmt: skip
    figures: list[Block] = []
    for number, ((group, unit), rows) in enumerate(grouped(table).items()):
        less = t("{b} less {a}, {unit}", a=a, b=b, unit=unit_name(t, unit)) if unit else t("{b} less {a}", a=a, b=b)
        title = f"{headings[group]}: {less}" if group else less
        named = [{**row, "question": name_of(given.names, row["question"])} for row in rows]
        figures.append(Figure(differences(given.f, named, unit_name(t, unit) or t("Difference"), f"differences_{number}", title)))
    return figures


def grouped(table: Table) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Rows drawn together, by sort of question and unit; of offices P80 alone, of costs the mean, of counts the ends of quarters."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in table.rows():
        group, stat = group_of(row["question"]), row["question"].rpartition(".")[2]
        drawn = {"offices": stat == "p80", "costs": stat == "mean", "counts": stat[5:7] in QUARTERS}.get(group, True)
        if drawn and row["difference"] is not None:
            found.setdefault((group, row.get("unit") or ""), []).append(row)
    return found


def _earlier(given: ReportInput, b: str) -> list[Block]:
    """How often the second scenario is earlier, by office and target."""
    t = given.t
    rows = [{**row, "subject": subject_of(given.names, row["subject"])} for row in given.table("earlier").rows()]
    columns = [Column("subject", t("What")), Column("p_earlier", t("{b} earlier", b=b), "percent")]
    columns += [Column("p_same", t("The same day"), "percent"), Column("p_later", t("{b} later", b=b), "percent")]
    columns.append(Column("mean_difference_days", t("Days, mean"), "signed"))
    table = html_table(given.f, columns, rows, t("Which is earlier"), hide=True, sort_label=t("Sort"))
    return [Titled("", table, note=t("Shares of the pairs of futures that differ by nothing but the change."))]


def _compare_table(given: ReportInput, table: Table, a: str, b: str) -> Markup:
    t, f, verdicts = given.t, given.f, verdict_words(given.t)
    columns = [Column("name", t("Question")), Column("a", a), Column("b", b)]
    columns += [Column("told", t("Difference"), "text", "difference"), Column("between", t("95 % interval"), "text", "low")]
    columns.append(Column("verdict", t("Verdict")))
    rows = []
    for row in table.rows():
        kind, unit = kind_of(given.names, row["question"]), row.get("unit") or ""
        told = {"told": difference(f, unit, row["difference"]), "between": between(f, unit, row["low"], row["high"])}
        values = {end: written(f, kind, row[end]) for end in ("a", "b")}
        named = {"name": name_of(given.names, row["question"]), "verdict": verdicts.get(row["verdict"], row["verdict"])}
        rows.append({**row, **told, **values, **named})
    return html_table(f, columns, rows, t("All questions"), sort_label=t("Sort"), hide=True)


def write_sweep_html(given: ReportInput, table: Table, path: Path, keys: Sequence[str], answers: Sequence[str] | None = None) -> Path:
    """Write the report of a sweep.

    Parameters
    ----------
    given
        The scenario that was varied: for names, assumptions and passport.
    table
        A point a row: the keys that were varied, and answers, with ``…_low`` and ``…_high`` where they have an interval.
    keys
        Columns that were varied: one is drawn as lines, two as fields; of three or more the first two.
    answers
        Columns that are drawn; all that are numbers or dates when left out.
    """
    t = given.t
    shown = list(answers or answers_of(table, keys))[:MOST_FIGURES]
    figures = [Figure(chart) for chart in _swept(given, table, keys, shown)]
    parts = [
        Section("answer", t("The answers over {keys}", keys=", ".join(keys)), [Grid(figures)] if len(keys) == 1 else figures),
        Section("points", t("All points"), [Titled("", _sweep_table(given, table, keys), note=t("Each answer with its 95 % interval."))]),
        Section("ground", t("What this rests on"), ground(given)),
    ]
    return write_page(given, path, parts, t("Sweep"), given.description)


def answers_of(table: Table, keys: Sequence[str]) -> list[str]:
    """Columns of a sweep that hold answers: numbers and dates that were not varied and are no bounds of others.

    >>> answers_of(Table("sweep", {"slots": [16], "p80": [3.0], "p80_low": [2.0], "p80_high": [4.0], "note": ["x"]}), ["slots"])
    ['p80']
    """
    found = [name for name in table.columns if name not in keys and name != "replications" and guessed(name, table[name]) != "text"]
    return [name for name in found if re.sub(r"_(low|high)$", "", name) not in set(found) - {name}]


def _swept(given: ReportInput, table: Table, keys: Sequence[str], answers: Sequence[str]) -> Iterator[Any]:
    for number, key in enumerate(answers):
        answer = Answer(key, name_of(given.names, key), _kind(given, table, key))
        name = f"sweep_{number}"
        if len(keys) == 1:
            yield sweep_lines(given.f, table, keys[0], answer, name)
        else:
            yield sweep_map(given.f, table, (keys[0], keys[1]), answer, name)


def _kind(given: ReportInput, table: Table, key: str) -> str | None:
    """What an answer is: by its name, or else by its column's."""
    guess = {"percent": "chance", "date": "date"}.get(guessed(key, table[key]))
    return kind_of(given.names, key) or guess


def _sweep_table(given: ReportInput, table: Table, keys: Sequence[str]) -> Markup:
    f = given.f
    answers = answers_of(table, keys)
    columns = [Column(f"{key}_told", key, "text", key) for key in keys]
    columns += [Column(f"{key}_told", name_of(given.names, key), "text", key) for key in answers]
    rows = [
        {
            **row,
            **{f"{key}_told": written(f, None, row[key]) for key in keys},
            **{f"{key}_told": _told(given, table, row, key) for key in answers},
        }
        for row in table.rows()
    ]
    if any(row.get("note") for row in rows):
        columns.append(Column("note", given.t("Note")))
    return html_table(f, columns, rows, given.t("All points"), sort_label=given.t("Sort"), hide=True)


def _told(given: ReportInput, table: Table, row: Mapping[str, Any], key: str) -> str:
    """An answer with its interval in brackets."""
    kind, low, high = _kind(given, table, key), row.get(f"{key}_low"), row.get(f"{key}_high")
    told = written(given.f, kind, row[key])
    return told if low is None or high is None else f"{told} ({interval(given.f, kind, low, high)})"
