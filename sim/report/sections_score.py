"""Sections of the page of how good a forecast was: coverage, rivals, chances and counts, each from the tables of the score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from sim.report.blocks import Block, Figure, Paragraphs, Titled
from sim.report.charts.track import pit_histogram, reliability
from sim.report.formats import NBSP
from sim.report.model import ReportInput
from sim.report.tables import Column, html_table
from sim.report.texts import Texts
from sim.report.verdict import chance_names, count_said, interval_names, rival_names

Row = Mapping[str, Any]

FOLDED = 12
"""More offices or chances than these are shown only when they are asked for."""


def coverage(given: ReportInput) -> list[Block]:
    """How many openings fell within the intervals, where they fell, and what chance does to that."""
    t, f = given.t, given.f
    if not given.has("score_offices"):
        return []
    if not given.has("score_pit"):
        return [Paragraphs([t("Nothing can be said yet: no future had any of these offices open so early.")])]
    heading = t("Openings within the intervals of the forecast")
    chart = pit_histogram(f, given.table("score_pit"), given.table("score_coverage")["offices"][0])
    tenths = [{**row, "tenth": f.interval(row["from"], row["to"])} for row in _ranged(given, "score_pit")]
    columns = [Column("tenth", t("Tenth of the forecast")), Column("share", t("Share of the offices"), "percent")]
    columns.append(Column("range", t("95 % range if right"), key="low"))
    made: list[Block] = [Paragraphs(list(_coverage_notes(given))), Titled(heading, _coverage_table(given, heading))]
    made.append(Figure(chart, html_table(f, columns, tenths, chart.title)))
    heading = t("The forecast as a whole")
    return [*made, Titled(heading, _summary_table(given, heading))]


def _coverage_notes(given: ReportInput) -> Iterator[str]:
    """How coverage is read, and which offices do not count."""
    t = given.t
    yield t(
        "Each share has a range beside it: where it lies in 95 of 100 of the forecast's own futures, seen as the outcome was. "
        "Few offices say little, and they move together; only what is outside the range is a fault."
    )
    silent = len(given.table("score_offices")) - given.table("score_coverage")["offices"][0]
    if silent:
        yield t.n("{n} office that no future had open so early says nothing here and is left out.",
                  "{n} offices that no future had open so early say nothing here and are left out.", silent)  # fmt: skip


def _ranged(given: ReportInput, name: str) -> Iterator[dict[str, Any]]:
    """Rows of a table with the range of a share."""
    for row in given.table(name).rows():
        yield {**row, "range": given.f.interval(row["low"], row["high"])}


def _to(t: Texts, low: str, high: str) -> str:
    """A range that is not broken over lines."""
    return t("{low} to {high}", low=low, high=high).replace(" ", NBSP)


def _coverage_table(given: ReportInput, heading: str) -> Markup:
    t, names = given.t, interval_names(given.t)
    verdicts = {
        "as it should": t("as it should be"),
        "too few": t("too few"),
        "too many": t("too many"),
        "cannot tell": t("cannot tell"),
    }
    columns = [Column("interval", t("Interval")), Column("offices", t("Offices"), "number"), Column("inside", t("Inside"), "number")]
    columns += [Column("outside", t("Outside"), "number"), Column("unknown", t("Not known yet"), "number")]
    columns += [Column("coverage", t("Share within"), "percent"), Column("nominal", t("Should be"), "percent")]
    columns += [Column("range", t("95 % range if right")), Column("verdict", t("Verdict"))]
    rows = [{**row, "interval": names[row["interval"]], "verdict": verdicts[row["verdict"]]} for row in _ranged(given, "score_coverage")]
    return html_table(given.f, columns, rows, heading, hide=True)


def _summary_table(given: ReportInput, heading: str) -> Markup:
    """Error, place and evenness, each with its range and as many decimals as it bears."""
    t, f = given.t, given.f
    names = {
        "crps": (t("Mean error (CRPS), days"), 1),
        "pit_mean": (t("Mean place; ½ is as forecast"), 2),
        "pit_distance": (t("Distance from even; 0 is best"), 2),
    }
    verdicts = {
        "as it should": t("as it should be"),
        "better": t("smaller than expected"),
        "worse": t("larger than expected"),
        "earlier": t("earlier than forecast"),
        "later": t("later than forecast"),
        "uneven": t("uneven"),
        "cannot tell": t("cannot tell"),
    }
    columns = [Column("name", t("Measure")), Column("offices", t("Offices"), "number"), Column("told", t("Found"))]
    columns += [Column("range", t("95 % range if right")), Column("verdict", t("Verdict"))]
    rows = []
    for row in given.table("score_summary").rows():
        name, digits = names[row["measure"]]
        numbers = {end: f.number(row[end], digits) for end in ("found", "low", "high")}
        told = {"told": numbers["found"], "range": _to(t, numbers["low"], numbers["high"])}
        rows.append({"name": name, "offices": row["offices"], "verdict": verdicts[row["verdict"]], **told})
    return html_table(f, columns, rows, heading, hide=True)


def rivals(given: ReportInput) -> list[Block]:
    """The forecast's error against that of the plan and of the reference class."""
    if not given.has("score_rivals"):
        return []
    t, names = given.t, rival_names(given.t)
    verdicts = {"better": t("the forecast is better"), "worse": t("the forecast is worse"), "cannot tell": t("cannot tell")}
    columns = [Column("rival", t("Against")), Column("offices", t("Offices"), "number")]
    columns += [Column("forecast", t("Error of the forecast, days"), "days"), Column("rival_score", t("Error of the rival, days"), "days")]
    columns += [Column("gain", t("Days gained"), "signed"), Column("between", t("95 % interval"))]
    columns += [Column("skill", t("Gain as a share"), "percent"), Column("verdict", t("Verdict"))]
    rows = []
    for row in given.table("score_rivals").rows():
        name, (low, high) = names[row["rival"]], (given.f.signed(row[end], 1) for end in ("low", "high"))
        words = {"rival": name[:1].upper() + name[1:], "verdict": verdicts[row["verdict"]]}
        rows.append({**row, **words, "between": _to(t, low, high)})
    heading = t("Errors against those of the rivals")
    said = [t("The interval comes from offices drawn anew; offices that move together make the true one wider.")]
    if "reference" not in given.table("score_rivals")["rival"]:
        said.append(t("There is no reference class that fits, so the plan is the only rival."))
    each, many = t("Error of each office"), len(given.table("score_offices")) > FOLDED
    return [
        *(Paragraphs(said), Titled("", html_table(given.f, columns, rows, heading, hide=True))),
        Titled(each, _error_table(given, each), folded=many),
    ]


def _error_table(given: ReportInput, heading: str) -> Markup:
    """Each office's error by the forecast and by its rivals."""
    t = given.t
    classes = {id_: t.of(one.name, id_) for id_, one in given.scenario.reference_class.items()}
    rows = [
        {**row, "office": given.names.office(row["office"]), "reference": classes.get(row["reference"])}
        for row in given.table("score_offices").rows()
    ]
    columns = [Column("office", t("Office")), Column("crps", t("Error of the forecast, days"), "days")]
    columns += [Column("crps_plan", t("Error of the plan, days"), "days")]
    columns += [Column("crps_reference", t("Error of the reference class, days"), "days"), Column("reference", t("Reference class"))]
    return html_table(given.f, _known(columns, rows), rows, heading, hide=True, sort_label=t("Sort"))


def chances(given: ReportInput) -> list[Block]:
    """Brier scores, how many of the chances of each size came true, and every chance."""
    t = given.t
    if not given.has("score_chances"):
        return [Paragraphs([t("No chance is scored: of no target and of no office's own date is it known whether it was held.")])]
    note = t(
        "The Brier score is the mean squared difference between the chance and what came of it: 0 is best, a chance of one half gives "
        "{quarter}. A forecast whose chances are right gets about what stands under right chances; the plan is sure of itself.",
        quarter=given.f.number(0.25, 2),
    )
    heading = t("Brier scores")
    made: list[Block] = [Paragraphs([note]), Titled(heading, _brier_table(given, heading)), _reliability(given)]
    heading = t("All chances")
    return [*made, Titled(heading, _chance_table(given, heading), folded=len(given.table("score_chances")) > FOLDED)]


def _known(columns: list[Column], rows: list[dict[str, Any]]) -> list[Column]:
    """The columns in which something stands."""
    return [column for column in columns if any(row[column.field] is not None for row in rows)]


def _brier_table(given: ReportInput, heading: str) -> Markup:
    t, names = given.t, chance_names(given.t)
    rows = [{**row, "kind": names[row["kind"]]} for row in given.table("score_brier").rows()]
    columns = [Column("kind", t("Chances")), Column("chances", t("How many"), "number"), Column("mean_chance", t("Mean chance"), "percent")]
    columns += [Column("happened", t("Came true"), "percent"), Column("brier", t("Brier score"), "score")]
    columns += [Column("expected", t("Right chances"), "score"), Column("brier_plan", t("The plan"), "score")]
    columns += [Column("brier_reference", t("Reference class"), "score"), Column("brier_half", t("One half"), "score")]
    return html_table(given.f, _known(columns, rows), rows, heading, hide=True)


def _reliability(given: ReportInput) -> Figure:
    t, f = given.t, given.f
    chart = reliability(f, given.table("score_reliability"))
    rows = [{**row, "class": f.interval(row["from"], row["to"])} for row in _ranged(given, "score_reliability")]
    columns = [Column("class", t("Chance given")), Column("chances", t("How many"), "number")]
    columns += [Column("mean_chance", t("Mean chance"), "percent"), Column("happened", t("Came true"), "percent")]
    columns.append(Column("range", t("95 % interval")))
    return Figure(chart, html_table(f, columns, rows, chart.title))


def _chance_table(given: ReportInput, heading: str) -> Markup:
    t = given.t
    named = {"target": given.names.target, "on time": given.names.office}
    kinds = {"target": t("Target"), "on time": t("Office on time")}
    answers = {True: t("yes"), False: t("no")}
    rows = [
        {**row, "what": named[row["kind"]](row["id"]), "sort": kinds[row["kind"]], "came": answers[row["happened"]]}
        for row in given.table("score_chances").rows()
    ]
    columns = [Column("what", t("What")), Column("sort", t("Kind")), Column("by", t("Date"), "date")]
    columns += [Column("chance", t("Chance given"), "percent"), Column("came", t("Came true"))]
    columns += [Column("brier", t("Brier score"), "score"), Column("brier_plan", t("The plan"), "score")]
    columns += [Column("chance_reference", t("Chance by the reference class"), "percent")]
    columns += [Column("brier_reference", t("Reference class"), "score")]
    return html_table(given.f, _known(columns, rows), rows, heading, hide=True, sort_label=t("Sort"))


def counts(given: ReportInput) -> list[Block]:
    """Each count of open offices against the forecast of it."""
    if not given.has("score_counts"):
        return []
    t = given.t
    rows = [{**row, "group": given.names.group(row["filter"]), "says": count_said(t, row)} for row in given.table("score_counts").rows()]
    columns = [Column("date", t("Date"), "date"), Column("group", t("Which")), Column("of", t("Of"), "number")]
    columns += [Column("open", t("Were open"), "number"), *(Column(q, q.upper(), "number") for q in ("p10", "p50", "p90"))]
    columns += [Column("says", t("Verdict")), Column("rps", t("Error, offices"), "decimal"), Column("planned", t("The plan"), "number")]
    columns += [Column("rps_plan", t("Error of the plan, offices"), "decimal")]
    columns += [Column("reference_p50", t("Reference class, P50"), "number")]
    columns += [Column("rps_reference", t("Error of the reference class, offices"), "decimal")]
    note = t("The error is the ranked probability score: of a number promised without doubt it is by how many offices it was wrong.")
    return [Paragraphs([note]), Titled("", html_table(given.f, _known(columns, rows), rows, t("Number of open offices"), hide=True))]
