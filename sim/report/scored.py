"""The page of how good a forecast was: the verdict, what was scored, and every office with its forecast and its outcome."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sim.analysis.rivals import CALCULATED
from sim.report.blocks import Block, Facts, Figure, Paragraphs, Points, Section, Titled
from sim.report.charts.track import MOST_OFFICES, outcomes
from sim.report.html import write_page
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
    said = verdict(given.f, given.tables, about)
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
    yield t("Scored"), f.number(about["scored"])
    yield t("Of these opened"), f.number(opened)
    yield t("Of these not yet open"), f.number(len(rows) - opened)
    if about["known"] > about["scored"]:
        yield t("Left out, their day was known"), f.number(about["known"] - about["scored"])
    if given.has("score_counts"):
        yield t("Counts of open offices"), f.number(len(given.table("score_counts")))


# --- the offices ------------------------------------------------------------------------------------------------------------


def _offices(given: ReportInput) -> list[Block]:
    t = given.t
    rows = [_office(given, row) for row in given.table("score_offices").rows()]
    if not rows:
        return [Paragraphs([t("No office is scored: of none is anything known that the forecast did not know.")])]
    columns = [Column("name", t("Office")), *(Column(q, q.upper(), "date") for q in ("p10", "p50", "p80", "p90"))]
    columns += [Column("outcome", t("What happened"), key="known_on"), Column("after", t("Days after P50"), "shift")]
    columns += [Column("within", t("Between P10 and P90")), Column("by", t("By P80")), Column("planned", t("Plan"), key="plan_date")]
    columns += [Column("crps", t("Error, days"), "days"), Column("crps_plan", t("Error of the plan"), "days")]
    if any(row["crps_reference"] is not None for row in rows):
        columns.append(Column("crps_reference", t("Error of the reference class"), "days"))
    table = html_table(given.f, columns, rows, t("The offices"), sort_label=t("Sort"), hide=True)
    made: list[Block] = [Paragraphs(list(_notes(given, rows))), Titled("", table)]
    return [*made, Figure(outcomes(given.f, rows), note=_cut(given, rows))]


def _notes(given: ReportInput, rows: list[dict[str, Any]]) -> Iterator[str]:
    """How the table is read."""
    t = given.t
    yield t(
        "The error is the CRPS, in days: of a date promised without doubt it is the number of days it was wrong; a forecast also pays for "
        "being unsure. Smaller is better."
    )
    if not all(has_opened(row) for row in rows):
        yield t("Offices that are not yet open are compared only up to the day that is known; the days after it count for nobody.")
    if any(row["plan_from"] == CALCULATED for row in rows):
        yield t("* Without a planned date of its own; the plan is the calculation without delays and queues.")


def _cut(given: ReportInput, rows: list[dict[str, Any]]) -> str:
    return given.t("Only the first {n} offices are drawn.", n=MOST_OFFICES) if len(rows) > MOST_OFFICES else ""


def _office(given: ReportInput, row: Row) -> dict[str, Any]:
    """An office with what happened in words."""
    star = " *" if row["plan_from"] == CALCULATED else ""
    return {
        **row,
        "name": given.names.office(row["office"]),
        "outcome": happened(given, row),
        "known_on": row["opened"] or row["open_by"] or dt.date.max,
        "after": (row["opened"] - row["p50"]).days if row["opened"] else None,
        "within": _within(given, row),
        "by": {True: given.t("yes"), False: given.t("no"), None: given.t("not yet known")}[row["by_p80"]],
        "planned": given.f.date(row["plan_date"]) + star,
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
        return t("not yet known")
    if row["in_p10_p90"]:
        return t("inside")
    first = row["opened"] or row["not_open_on"] + ONE
    return t("outside, later") if first > row["p90"] else t("outside, earlier")
