"""The page of how good a forecast was: the verdict, what was scored, and every office with its forecast and its outcome."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sim.analysis.rivals import CALCULATED
from sim.report.blocks import Block, Facts, Figure, Paragraphs, Points, Section, Titled
from sim.report.charts.gantt import MOST_OFFICES
from sim.report.charts.track import outcomes
from sim.report.formats import NBSP
from sim.report.html import whole, write_page
from sim.report.model import ReportInput
from sim.report.sections_ground import ground
from sim.report.sections_score import chances, counts, coverage, rivals
from sim.report.tables import Column, html_table
from sim.report.verdict import has_opened, verdict

Row = Mapping[str, Any]

ONE = dt.timedelta(1)


def write_score_html(given: ReportInput, about: Mapping[str, Any], path: Path) -> Path:
    """Write the page.

    Parameters
    ----------
    given
        The forecast: for names, assumptions and passport. Its tables are those of the score, see :class:`sim.results.score.Score`,
        and of the run ``assumptions`` and ``changes``.
    about
        ``known`` and ``scored`` offices, and ``as_of``, as in ``score.json``.
    """
    t = given.t
    parts = [
        Section("answer", t("The answer"), _answer(given, about)),
        Section("offices", t("The offices"), _offices(given)),
        Section("coverage", t("Did the openings fall where the forecast said?"), coverage(given)),
        Section("rivals", t("Was it better than simpler forecasts?"), rivals(given)),
        Section("chances", t("Did the chances come true?"), chances(given)),
        Section("counts", t("Number of open offices"), counts(given)),
        Section("ground", t("What this rests on"), ground(given)),
    ]
    return write_page(given, path, [part for part in parts if part.blocks], t("How good the forecast was"), given.description)


def _answer(given: ReportInput, about: Mapping[str, Any]) -> list[Block]:
    said = verdict(given, about)
    blocks: list[Block] = [Points(said)] if said else []
    return [*blocks, Facts(given.t("What was scored"), list(_facts(given, about)))]


def _facts(given: ReportInput, about: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What was scored, as of when, and how many offices."""
    t, f, passport = given.t, given.f, given.passport
    rows = list(given.table("score_offices").rows())
    opened = sum(has_opened(row) for row in rows)
    if passport.get("run_id"):
        yield t("Run"), passport["run_id"]
    if given.scenario.scenario.status_date:
        yield t("The forecast knew facts up to"), f.date(given.scenario.scenario.status_date)
    if about["as_of"]:
        yield t("Outcome known up to"), f.date(about["as_of"])
    yield t("Offices in the forecast"), f.number(len(given.scenario.offices))
    yield t("Offices with an outcome"), f.number(about["known"])
    n, parts = f.number(len(rows)), {"opened": f.number(opened), "waiting": f.number(len(rows) - opened)}
    yield t("Scored"), t("{n}, of which {opened} opened and {waiting} not yet open", n=n, **parts) if rows else n
    if about["known"] > len(rows):
        yield t("Left out, their day was known"), f.number(about["known"] - len(rows))
    if given.has("score_counts"):
        yield t("Counts of open offices"), f.number(len(given.table("score_counts")))


# --- the offices ------------------------------------------------------------------------------------------------------------


def _offices(given: ReportInput) -> list[Block]:
    t = given.t
    rows = [_office(given, row) for row in given.table("score_offices").rows()]
    if not rows:
        return [Paragraphs([t("No office is scored: of none is anything known that the forecast did not know.")])]
    columns = [Column("name", t("Office")), Column("outcome", t("What happened"), "markup", "known_on", wide=True)]
    columns += [Column("within", "P10–P90"), Column("by", t("By P80"))]
    columns += [Column(q, q.upper(), "date") for q in ("p10", "p50", "p80", "p90")]
    columns += [Column("after", t("After P50"), "shift"), Column("planned", t("Plan"), "markup", "plan_date")]
    columns.append(Column("crps", t("Error"), "days"))
    table = html_table(given.f, columns, rows, t("The offices"), sort_label=t("Sort"), hide=True)
    made: list[Block] = [Paragraphs(list(_notes(given, rows))), Titled("", table)]
    return [*made, Figure(outcomes(given.f, rows), note=_cut(given, rows))]


def _notes(given: ReportInput, rows: list[dict[str, Any]]) -> Iterator[str]:
    """How the table is read."""
    t = given.t
    yield t("After P50 are the days by which an office opened later than the forecast's median; with a minus it was earlier.")
    yield t(
        "The error is the CRPS, in days: of a date promised without doubt it is the number of days it was wrong; a forecast also pays for "
        "being unsure. Smaller is better."
    )
    if not all(has_opened(row) for row in rows):
        yield t("Some offices are not yet open, so days after the last that is known count for no office.")
    if any(row["plan_from"] == CALCULATED for row in rows):
        yield t("* Without a planned date of its own; the plan is the calculation without delays and queues.")


def _cut(given: ReportInput, rows: list[dict[str, Any]]) -> str:
    return given.t("Only the first {n} offices are drawn.", n=MOST_OFFICES) if len(rows) > MOST_OFFICES else ""


def _office(given: ReportInput, row: Row) -> dict[str, Any]:
    """An office with what happened in words."""
    star = f"{NBSP}*" if row["plan_from"] == CALCULATED else ""
    return {
        **row,
        "name": given.names.office(row["office"]),
        "outcome": whole(happened(given, row)),
        "known_on": row["opened"] or row["open_by"] or dt.date.max,
        "after": (row["opened"] - row["p50"]).days if row["opened"] else None,
        "within": _within(given, row),
        "by": {True: given.t("yes"), False: given.t("no"), None: given.t("not known yet")}[row["by_p80"]],
        "planned": whole(given.f.date(row["plan_date"]) + star),
    }


def happened(given: ReportInput, row: Row) -> str:
    """What is known of an opening."""
    t, f = given.t, given.f
    if row["opened"]:
        return f.date(row["opened"])
    if not row["open_by"]:
        return t("not yet open on {date}", date=f.date(row["not_open_on"]))
    if row["not_open_on"] < given.scenario.scenario.start:
        return t("open by {date}", date=f.date(row["open_by"]))
    return t("open by {date}, not on {before}", date=f.date(row["open_by"]), before=f.date(row["not_open_on"]))


def _within(given: ReportInput, row: Row) -> str:
    """Whether an office opened from P10 to P90, and if not, on which side."""
    t = given.t
    if row["in_p10_p90"] is None:
        return t("not known yet")
    if row["in_p10_p90"]:
        return t("inside")
    first = row["opened"] or row["not_open_on"] + ONE
    return t("outside, later") if first > row["p90"] else t("outside, earlier")
