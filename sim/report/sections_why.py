"""The section of a run's report that says why it takes time: causes, what would be won without each, queues, what decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from sim.analysis.estimates import Z
from sim.report.blocks import Block, Choice, Figure, Grid, Paragraphs, Titled
from sim.report.charts import causes
from sim.report.model import ReportInput
from sim.report.sentences import target_text
from sim.report.tables import Column, html_table, named


def why(given: ReportInput) -> list[Block]:
    """Delay by cause, what each threat costs, and queues."""
    blocks: list[Block] = []
    if chart := causes.delay_by_cause(given):
        blocks.append(Figure(chart, _cause_table(given, chart.title), note=_split_note(given)))
    blocks += [*_common_spread(given), *_driver_table(given)]
    if chart := causes.tornado(given):
        blocks.append(Figure(chart, _threat_table(given, chart.title), note=_tornado_note(given)))
    if chart := causes.target_tornado(given):
        blocks.append(Figure(chart, _target_threats(given, chart.title), _target_choice(given)))
    queues = [(id_, chart) for id_ in given.scenario.resources if (chart := causes.queues(given, id_))]
    if queues:
        blocks.append(Grid([Figure(chart, _queue_table(given, id_, chart.title)) for id_, chart in queues]))
    return [*blocks, *_pools(given), *_critical(given)]


def _split_note(given: ReportInput) -> str:
    t, table = given.t, given.table("delay_by_cause") if given.has("delay_by_cause") else given.table("drivers")
    note = t("Delay is counted against the calculation with medians and without risks or queues. The parts add up to the whole delay. ")
    note += t("Days to spare in the plan swallow delay and count as negative.")
    counted = max(table.columns.get("n", (0,)))
    return note + (" " + t("From {n} of the futures.", n=given.f.number(counted)) if counted else "")


def _tornado_note(given: ReportInput) -> str:
    t, n = given.t, max(given.table("leave_one_out")["n"])
    note = t("Each bar: {n} futures simulated again with that one thing switched off. Whiskers are 95 % intervals. ", n=given.f.number(n))
    return note + t("The gains do not add up: what is hidden behind another cause is won only when both go.")


def _cause_table(given: ReportInput, title: str) -> Markup:
    parts, t = causes.delay_rows(given), given.t
    of_offices = "office" in parts[0]
    rows = (
        {**row, "cause": given.names.cause(row["kind"], row["id"]), "error": row.get("delay_days_mean_se") or _error(row)} for row in parts
    )
    columns = [
        Column("cause", t("Cause")),
        Column("delay_days_mean", t("Days, mean"), "days"),
        Column("error", t("Standard error"), "days"),
    ]
    if not of_offices:
        return html_table(given.f, columns, rows, title)
    named_rows = named(rows, office=lambda id_: given.names.office(id_) if id_ else t("Mean office"))
    return html_table(given.f, [Column("office", t("Office")), *columns], named_rows, title)


def _error(row: Mapping[str, Any]) -> float | None:
    """Standard error from an interval of 95 %."""
    high = row.get("delay_days_high")
    return None if high is None else (high - row["delay_days_mean"]) / Z


def _driver_table(given: ReportInput) -> list[Block]:
    """Causes of the whole programme, with their shares of the spread and what would be won."""
    rows = causes.driver_rows(given)
    if not rows:
        return []
    t, heading = given.t, given.t("Causes over all offices")
    columns = [Column("cause", t("Cause")), Column("delay_days_mean", t("Days, mean"), "days")]
    columns += [Column("delay_days_low", t("Lower"), "days"), Column("delay_days_high", t("Upper"), "days")]
    columns += [Column("share_of_variance", t("Share of the spread"), "percent"), Column("delay_days_p80", t("Days at P80"), "days")]
    columns.append(Column("effect_days_p80", t("Won at P80, days"), "signed"))
    told = ({**row, "cause": given.names.cause(row["kind"], row["id"])} for row in rows)
    return [Titled(heading, html_table(given.f, columns, told, heading, hide=True, sort_label=t("Sort")), folded=True)]


def _common_spread(given: ReportInput) -> list[Block]:
    """How much of the spread does not average out."""
    for row in given.table("layer_shares").rows():
        if (row["measure"], row["of"], row["layer"]) == ("mean_opening", "all", "programme"):
            text = given.t(
                "Of the spread of the mean opening, {share} ({interval}) comes from what all offices have in common. "
                "It does not average out, however many offices there are.",
                share=given.f.percent(row["share_of_variance"]),
                interval=given.f.interval(max(row["low"] or 0.0, 0.0), min(row["high"] or 1.0, 1.0)),
            )
            return [Paragraphs([text])]
    return []


def _critical(given: ReportInput) -> list[Block]:
    """Activities by how often they decide the opening, as means over the offices."""
    t = given.t
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in given.table("activities").rows():
        if row.get("criticality") is not None:
            found.setdefault(row["activity"], []).append(row)
    means: list[dict[str, Any]] = [
        {"name": given.names.activity(id_), **{name: _mean(own, name) for name in CRITICAL}} for id_, own in found.items()
    ]
    shown = sorted((row for row in means if row["criticality"]), key=lambda row: -row["criticality"])
    if not shown:
        return []
    heading = t("Which activities decide the opening, mean over the offices")
    columns = [Column("name", t("Activity")), Column("criticality", t("Critical in"), "percent")]
    columns += [Column("criticality_se", t("Standard error, at most"), "percent"), Column("ssi", "SSI", "difference")]
    columns += [Column("cruciality", t("Cruciality"), "difference"), Column("wait_mean", t("Wait, days"), "days")]
    columns = [column for column in columns if any(row[column.field] is not None for row in shown)]
    note = t("Critical: its work lies on the chain behind the office's opening. SSI and cruciality also tell how much its length matters.")
    return [Titled(heading, html_table(given.f, columns, shown, heading, hide=True, sort_label=t("Sort")), folded=True, note=note)]


CRITICAL = ("criticality", "criticality_se", "ssi", "cruciality", "wait_mean")
"""What is averaged over the offices; a mean's error is at most the mean of the errors."""


def _mean(rows: list[Mapping[str, Any]], name: str) -> float | None:
    values = [row[name] for row in rows if row.get(name) is not None]
    return sum(values) / len(values) if values else None


def _threat_table(given: ReportInput, title: str) -> Markup:
    t = given.t
    columns = [Column("cause", t("Without"))]
    for of, heading in (("gain_days_mean", t("Days, mean")), ("gain_days_p80", t("Days, P80"))):
        columns += [Column(of, heading, "signed"), Column(f"{of}_low", t("Lower"), "signed"), Column(f"{of}_high", t("Upper"), "signed")]
    own = given.table("leave_one_out").where(measure="mean_opening", of=causes.first_of(given, "mean_opening"))
    rows = ({**row, "cause": given.names.cause(row["kind"], row["id"])} for row in own.rows())
    return html_table(given.f, columns, rows, title)


def _target_threats(given: ReportInput, title: str) -> Markup:
    t = given.t
    columns = [Column("cause", t("Without")), Column("effect", t("Percentage points"), "signed")]
    columns += [Column("low", t("Lower"), "signed"), Column("high", t("Upper"), "signed")]
    rows = ({**row, "cause": row["name"]} for row in causes.target_gains(given))
    return html_table(given.f, columns, rows, title, group="target")


def _target_choice(given: ReportInput) -> Choice:
    t = given.t
    options = [(id_, given.names.target(id_)) for id_ in causes.drawn_targets(given)]
    said = {row["target"]: target_text(given, row) for row in given.table("targets").rows()}
    return Choice(t("Target"), [(t("Targets"), options)], {id_: said.get(id_, "") for id_, _ in options}, options[0][0])


def _queue_table(given: ReportInput, resource: str, title: str) -> Markup:
    t = given.t
    columns = [Column("month", t("Month"), "month"), Column("waiting_mean", t("Waiting, mean"), "decimal")]
    table = given.table("queue_by_month")
    more = (("waiting_p90", t("Waiting, P90")), ("in_use_mean", t("In use, mean")), ("capacity", t("Capacity")))
    columns += [Column(field, heading, "decimal") for field, heading in more if field in table.columns]
    return html_table(given.f, columns, table.where(resource=resource).rows(), title)


def _pools(given: ReportInput) -> list[Block]:
    if not given.has("resources"):
        return []
    t = given.t
    columns = [
        Column("resource", t("Resource")),
        Column("capacity", t("Capacity"), "number"),
        Column("utilisation", t("In use"), "percent"),
    ]
    columns += [Column("queue_days_mean", t("Days of waiting, mean"), "days"), Column("queue_days_p90", t("Days of waiting, P90"), "days")]
    columns.append(Column("peak_month", t("Longest queue in"), "text"))
    rows = [
        {**row, "resource": given.names.resource(row["resource"]), "peak_month": str(row.get("peak_month") or "–")[:7]}
        for row in given.table("resources").rows()
    ]
    heading = t("Shared resources")
    return [Titled(heading, html_table(given.f, columns, rows, heading, hide=True))]
