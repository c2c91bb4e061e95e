"""The sections of a run's report, in the order in which they are read; each is built from the tables that the run has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from markupsafe import Markup, escape

from sim.report.blocks import Block, Choice, Figure, Grid, Paragraphs, Points, Section, Titled, Verdicts
from sim.report.charts import fans, gantt, spread
from sim.report.charts.map import class_of, map_of_offices
from sim.report.charts.outside import gap_text, outside_views
from sim.report.charts.spec import Chart
from sim.report.model import ReportInput
from sim.report.sections_ground import ground
from sim.report.sections_money import money
from sim.report.sections_why import why
from sim.report.sentences import office_text, summary, target_text, verdicts
from sim.report.tables import Column, html_table, named


def sections(given: ReportInput) -> list[Section]:
    """All sections that have something to show."""
    t = given.t
    made = [
        Section("answer", t("The answer"), answer(given)),
        Section("time", t("Open offices over time"), time(given)),
        Section("offices", t("The offices"), offices(given)),
        Section("dates", t("Chance by date"), dates(given)),
        Section("plan", t("From start to opening"), plan(given)),
        Section("outside", t("The outside view"), outside(given)),
        Section("why", t("Why it takes time"), why(given)),
        Section("money", t("Money"), money(given)),
        Section("ground", t("What this rests on"), ground(given)),
    ]
    return [section for section in made if section.blocks]


def answer(given: ReportInput) -> list[Block]:
    """Plain sentences, and each target with its state."""
    blocks: list[Block] = []
    if texts := summary(given):
        blocks.append(Points(texts))
    if found := verdicts(given):
        blocks.append(Verdicts(given.t("The targets"), found))
    return blocks


def time(given: ReportInput) -> list[Block]:
    """The fan of all offices, and one for each round."""
    figures = [_fan(given, chart, which) for which in fans.open_filters(given) if (chart := fans.opening_fan(given, which))]
    if not figures:
        return []
    undated = [id_ for id_ in given.plan if id_ in given.scenario.offices and given.scenario.offices[id_].target is None]
    note = given.t("Where an office has no planned date, the plan is the calculation without delays and queues.") if undated else ""
    return [replace(figures[0], note=note), *([Grid(figures[1:])] if figures[1:] else [])]


def _fan(given: ReportInput, chart: Chart, which: str) -> Figure:
    quantiles = [Column(q, q.upper(), "number") for q in ("p05", "p10", "p50", "p90", "p95")]
    columns = [Column("date", given.t("Date"), "date"), Column("mean", given.t("Mean"), "decimal"), *quantiles]
    return Figure(chart, html_table(given.f, columns, given.table("open_count").where(filter=which).rows(), chart.title))


def offices(given: ReportInput) -> list[Block]:
    """The table of offices, and the map."""
    if not given.has("openings"):
        return []
    t = given.t
    rows = list(_office_rows(given))
    columns = [
        Column("name", t("Office")),
        Column("bar", t("Chance to hold"), "markup", "p_on_time"),
        Column("target", t("Planned"), "date"),
    ]
    columns += [Column("p50", "P50", "date"), Column("p80", "P80", "date"), Column("strip", t("Spread"), "markup", "p50")]
    columns += [Column("cause", t("Biggest cause"), wide=True), Column("type", t("Type")), Column("round", t("Round"), "number")]
    columns = [column for column in columns if any(row[column.field] not in {None, ""} for row in rows)]
    table = html_table(given.f, columns, rows, t("The offices"), sort_label=t("Sort"), hide=True)
    note = t("P50 and P80 are the dates by which half and {p} of the futures have the office open. ", p=given.f.percent(0.8))
    note += t("In the spread, the lines are P50 and P80 and the diamond is the plan.")
    made: list[Block] = [Paragraphs([note]), Titled("", table)]
    chart = map_of_offices(given)
    return [*made, Figure(chart)] if chart else made


def _office_rows(given: ReportInput) -> Iterator[dict[str, Any]]:
    hills = spread.densities(given, "office")
    ends = spread.span(hills) if hills else None
    biggest = _biggest(given)
    for place, row in enumerate(given.table("openings").rows()):
        id_ = row["office"]
        hill = hills.get(id_)
        drawn = hill and ends and place < spread.MOST_CHOICES
        marks = (row["p50"], row["p80"], given.plan.get(id_))
        yield {
            **row,
            "name": given.names.office(id_),
            "type": given.names.type(row["type"], row.get("type_share")),
            "bar": chance_bar(given, row.get("p_on_time"), row.get("p_on_time_low"), row.get("p_on_time_high")),
            "strip": spread.strip(hill, *ends, marks) if drawn and hill and ends else Markup(""),
            "cause": biggest.get(id_, ""),
        }


def chance_bar(given: ReportInput, chance: float | None, low: float | None = None, high: float | None = None) -> Markup:
    """A chance as number and bar, with its interval; the bar's pattern tells its class beside the colour."""
    if chance is None:
        return Markup("–")
    width = round(60 * chance, 1)
    bar = f'<svg class="bar c{class_of(chance)}" width="60" height="10" viewBox="0 0 60 10" aria-hidden="true" focusable="false">'
    bar += f'<rect class="all" width="60" height="10"/><rect class="part" width="{width}" height="10"/></svg>'
    interval = "" if low is None else f' <span class="quiet">({escape(given.f.interval(low, high))})</span>'
    return Markup(f'<span class="chance"><b>{escape(given.f.percent(chance))}</b>{bar}{interval}</span>')


def _biggest(given: ReportInput) -> dict[str, str]:
    """The name of each office's biggest cause of delay."""
    best: dict[str, tuple[float, str, str]] = {}
    for row in given.table("delay_by_cause").rows():
        days = (row["delay_days_mean"] or 0) if row["kind"] != "total" else 0
        if days > best.get(row["office"], (0.0, "", ""))[0]:
            best[row["office"]] = (days, row["kind"], row["id"])
    return {office: f"{given.names.cause(kind, id_)} ({given.f.days(days)})" for office, (days, kind, id_) in best.items()}


def dates(given: ReportInput) -> list[Block]:
    """The S-curve of what the reader chooses."""
    chart = spread.s_curve(given)
    if chart is None:
        return []
    t = given.t
    by_kind = {"target": t("Targets"), "office": t("Offices")}
    found = spread.choices(given)
    groups = [(by_kind[kind], [(key, name) for key, own, name in found if own == kind]) for kind in by_kind]
    said = {f"office:{row['office']}": office_text(given, row) for row in given.table("openings").rows()}
    said |= {f"target:{row['target']}": target_text(given, row) for row in given.table("targets").rows()}
    choice = Choice(t("Show"), [group for group in groups if group[1]], {key: said.get(key, "") for key, _, _ in found}, found[0][0])
    columns = [Column("name", t("Office"))] + [Column(q, q.upper(), "date") for q in ("p05", "p10", "p50", "p80", "p90", "p95")]
    rows = ({**row, "name": given.names.office(row["office"])} for row in given.table("openings").rows())
    return [Figure(chart, html_table(given.f, columns, rows, t("Quantiles of the opening dates")), choice)]


def plan(given: ReportInput) -> list[Block]:
    """Gantt charts, and the latest dates that are safe."""
    t = given.t
    blocks: list[Block] = []
    note = t("Bars end at the median, whiskers go from P10 to P90, diamonds are the plan.")
    if chart := gantt.gantt(given):
        columns = [Column("name", t("Office")), Column("plan", t("Plan"), "date")] + [
            Column(q, q.upper(), "date") for q in ("p10", "p50", "p90")
        ]
        rows = [
            {**row, "name": given.names.office(row["office"]), "plan": given.plan.get(row["office"])}
            for row in given.table("openings").rows()
        ]
        blocks.append(Figure(chart, html_table(given.f, columns, rows, chart.title), note=note))
    if chart := gantt.office_gantt(given):
        blocks.append(Figure(chart, _activity_table(given, chart.title), _office_choice(given)))
    return [*blocks, *_safe_dates(given)]


def _activity_table(given: ReportInput, title: str) -> Markup:
    t = given.t
    columns = [Column("name", t("Activity")), Column("start_p50", t("Start P50"), "date")]
    columns += [Column(f"finish_{q}", t("Finish {quantile}", quantile=q.upper()), "date") for q in ("p10", "p50", "p90")]
    columns += [Column("wait_mean", t("Wait, days"), "days"), Column("criticality", t("Critical in"), "percent")]
    safe = {(row["office"], row["activity"]): row["latest_safe_finish"] for row in given.table("safe_dates").rows()}
    columns += [Column("safe", t("Latest safe finish"), "date")] if safe else []
    rows = (
        {**row, "name": given.names.activity(row["activity"]), "safe": safe.get((row["office"], row["activity"]))}
        for row in gantt.drawn_activities(given)
    )
    return html_table(given.f, columns, rows, title, group="office")


def _office_choice(given: ReportInput) -> Choice:
    ids = list(dict.fromkeys(row["office"] for row in gantt.drawn_activities(given)))
    said = {row["office"]: office_text(given, row) for row in given.table("openings").rows()}
    options = [(id_, given.names.office(id_)) for id_ in ids]
    return Choice(given.t("Show"), [(given.t("Offices"), options)], {id_: said.get(id_, "") for id_ in ids}, ids[0])


def _safe_dates(given: ReportInput) -> list[Block]:
    if not given.has("safe_dates"):
        return []
    t = given.t
    level = given.f.percent(0.8)
    words = {"later than seen": t("even the latest that was seen"), "not reached": t("none: even the earliest is too late")}
    columns = [
        Column("office", t("Office")),
        Column("activity", t("Activity")),
        Column("latest_safe_finish", t("Latest safe finish"), "date"),
    ]
    columns += [Column("low", t("Lower"), "date"), Column("high", t("Upper"), "date"), Column("told", t("Reading"))]
    columns += [Column("finish_p50", t("Finish P50"), "date"), Column("margin_days", t("Margin, days"), "signed")]
    rows = ({**row, "told": words.get(row.get("reading") or "", "")} for row in given.table("safe_dates").rows())
    heading = t("Latest safe dates: finished by then, the office still holds its date with {p}", p=level)
    note = t("The margin is from the median finish; where it is negative, the activity is usually finished too late for {p}.", p=level)
    table = html_table(
        given.f, columns, named(rows, office=given.names.office, activity=given.names.activity), heading, hide=True, sort_label=t("Sort")
    )
    return [Titled(heading, table, folded=True, note=note)]


def outside(given: ReportInput) -> list[Block]:
    """How long similar establishments took, beside the forecast."""
    t = given.t
    found: list[Block] = []
    for row, chart in outside_views(given):
        columns = [Column("view", t("View")), *(Column(q, q.upper(), "decimal") for q in ("p10", "p50", "p80", "p90"))]
        views = (("outside", t("Earlier cases")), ("inside", t("The forecast")))
        rows = [{"view": name, **{q: row[f"{view}_{q}"] for q in ("p10", "p50", "p80", "p90")}} for view, name in views]
        table = html_table(given.f, columns, rows, t("Weeks from start to opening"))
        found += [Paragraphs([gap_text(given, row)]), Figure(chart, table)]
    return found
