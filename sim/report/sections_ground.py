"""The report's last section: assumptions, changes, sampling error, and how the run was made."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sim.report.blocks import Block, Facts, Paragraphs, Titled
from sim.report.evidence import GRADES, assumptions
from sim.report.model import ReportInput
from sim.report.sentences import precision
from sim.report.tables import Column, html_table

LONG = ("scenario", "changes", "files", "tables")
"""Parts of a passport that are too long to read; they stand in ``run.json``."""


def ground(given: ReportInput) -> list[Block]:
    """What the numbers rest on."""
    return [Paragraphs([precision(given)]), *_assumptions(given), *_changes(given), *_passport(given)]


def grade_names(given: ReportInput) -> dict[str, str]:
    """What the grades mean."""
    t = given.t
    names = (t("The commissioning document"), t("Official source"), t("Secondary source"), t("Memory"), t("Assumption"))
    return dict(zip(GRADES, names, strict=True))


def _assumptions(given: ReportInput) -> list[Block]:
    table = given.tables.get("assumptions") or assumptions(given.scenario)
    if not len(table):
        return []
    t, grades = given.t, grade_names(given)
    count = Counter(table["grade"])
    order = [*GRADES, *sorted(set(count) - set(GRADES), key=str)]
    pairs = [(str(grades.get(grade, grade)), given.f.number(count[grade])) for grade in order if count[grade]]
    columns = [Column("path", t("Where")), Column("value", t("Value")), Column("grade", t("Grade")), Column("source", t("Source"))]
    rows = ({**row, "grade": grades.get(row["grade"], row["grade"])} for row in table.rows())
    heading = t("All assumptions, with their sources")
    shown = html_table(given.f, columns, rows, heading, hide=True, sort_label=t("Sort"))
    return [Facts(t("Assumptions and their grades"), pairs), Titled(heading, shown, folded=True)]


def _changes(given: ReportInput) -> list[Block]:
    t, heading = given.t, given.t("Changes against the base scenario")
    if not given.has("changes"):
        return []
    columns = [Column("path", t("Where")), Column("old", t("Before")), Column("new", t("Now")), Column("source", t("From"))]
    return [Titled(heading, html_table(given.f, columns, given.table("changes").rows(), heading, hide=True))]


def _passport(given: ReportInput) -> list[Block]:
    pairs = list(flat({key: value for key, value in given.passport.items() if key not in LONG}))
    return [Facts(given.t("Passport of the run"), pairs)] if pairs else []


def flat(value: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Names and values of a tree, each on a line of its own.

    >>> list(flat({"seed": 0, "versions": {"numpy": "2.4"}}))
    [('seed', '0'), ('versions.numpy', '2.4')]
    """
    for key, item in value.items():
        if isinstance(item, Mapping):
            yield from flat(item, f"{path}{key}.")
        else:
            yield f"{path}{key}", item if isinstance(item, str) else json.dumps(item, ensure_ascii=False, default=str)
