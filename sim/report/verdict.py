"""How good a forecast was, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.analysis.table import Table
from sim.report.formats import Formats
from sim.report.model import ReportInput
from sim.report.texts import Texts

Row = Mapping[str, Any]


def verdict(given: ReportInput, about: Mapping[str, Any]) -> list[str]:
    """Sentences about a score.

    Parameters
    ----------
    given
        With the tables of a :class:`sim.results.score.Score`.
    about
        ``known`` and ``scored`` offices, and ``as_of``.
    """
    f, tables = given.f, given.tables
    return [*_offices(f, tables, about), *_coverage(f, tables), *_rivals(f, tables), *_chances(f, tables), *_counts(given)]


def _offices(f: Formats, tables: Mapping[str, Table], about: Mapping[str, Any]) -> Iterator[str]:
    t, offices = f.t, tables["score_offices"]
    opened = sum(has_opened(row) for row in offices.rows())
    if about["as_of"] and opened < len(offices):
        yield t("Up to {date}, {n} of {all} offices had opened.", date=f.date(about["as_of"]), n=opened, all=len(offices))
    elif len(offices):
        yield t.n("{n} office is scored.", "{n} offices are scored.", len(offices))
    left = about["known"] - about["scored"]
    if left:
        yield t.n("{n} office is left out: the forecast knew its day already.",
                  "{n} offices are left out: the forecast knew their day already.", left)  # fmt: skip


def has_opened(row: Row) -> bool:
    """Whether an office of ``score_offices`` has opened, also when its day is not known."""
    return row["opened"] is not None or row["open_by"] is not None


def _coverage(f: Formats, tables: Mapping[str, Table]) -> Iterator[str]:
    t = f.t
    says = {
        "as it should": t("that is as it should be"),
        "too few": t("that is too few: the forecast was too sure, or too early"),
        "too many": t("that is too many: the forecast was too unsure, or too late"),
        "cannot tell": t("nothing can be said"),
    }
    for row in tables["score_coverage"].rows():
        if row["coverage"] is None:
            continue
        parts = {"inside": row["inside"], "outside": row["outside"], "unknown": row["unknown"]}
        yield t(
            "{interval}: {inside} inside, {outside} outside, {unknown} not yet known: coverage {found}, to be {nominal}. "
            "If the forecast is right it lies at {range} in 95 of 100 cases; {says}.",
            interval=interval_names(t)[row["interval"]], found=f.percent(row["coverage"]), nominal=f.percent(row["nominal"]),
            range=f.interval(row["low"], row["high"]), says=says[row["verdict"]], **parts,
        )  # fmt: skip
    yield from _late(f, tables["score_summary"])


def interval_names(t: Texts) -> dict[str, str]:
    """The intervals of ``score_coverage``."""
    return {"P10-P90": t("Between P10 and P90"), "up to P50": t("By P50"), "up to P80": t("By P80")}


def rival_names(t: Texts) -> dict[str, str]:
    """The rivals of ``score_rivals``."""
    return {"plan": t("the plan's own dates"), "reference": t("the reference class")}


def chance_names(t: Texts) -> dict[str, str]:
    """The kinds of ``score_chances``."""
    return {"target": t("Targets"), "on time": t("Chances to open on time")}


def count_said(t: Texts, row: Row) -> str:
    """Whether a count of ``score_counts`` lies within P10 and P90 of its forecast, in words."""
    return t("as forecast") if row["p10"] <= row["open"] <= row["p90"] else t("outside the forecast's P10 to P90")


def _late(f: Formats, summary: Table) -> Iterator[str]:
    t = f.t
    for row in summary.rows():
        if row["measure"] == "pit_mean" and row["verdict"] in {"later", "earlier"}:
            said = t("later") if row["verdict"] == "later" else t("earlier")
            yield t("Openings came {later} than forecast, by more than chance explains.", later=said)
        if row["measure"] == "pit_mean" and row["verdict"] == "as it should":
            yield t("Openings came neither earlier nor later than forecast by more than chance explains.")


def _rivals(f: Formats, tables: Mapping[str, Table]) -> Iterator[str]:
    t, names = f.t, rival_names(f.t)
    says = {"better": t("the forecast is better"), "worse": t("the forecast is worse"), "cannot tell": t("which is better cannot be told")}
    for row in tables["score_rivals"].rows():
        gain = t("{gain} days, 95 %: {low} to {high}", **{k: f.number(row[k], 1) for k in ("gain", "low", "high")})
        yield t(
            "Error (CRPS) over {n} offices: forecast {own} days, {rival} {other} days; {says} ({gain}).",
            n=row["offices"], own=f.number(row["forecast"], 1), rival=names[row["rival"]], other=f.number(row["rival_score"], 1),
            says=says[row["verdict"]], gain=gain,
        )  # fmt: skip


def _chances(f: Formats, tables: Mapping[str, Table]) -> Iterator[str]:
    t, names = f.t, chance_names(f.t)
    for row in tables["score_brier"].rows():
        yield t(
            "{kind}: {n} given, {mean} on average; {came} came true. Brier score {brier} (right chances give {expected}, the plan {plan}).",
            kind=names[row["kind"]], n=row["chances"], mean=f.percent(row["mean_chance"]), came=f.percent(row["happened"]),
            brier=f.number(row["brier"], 3), expected=f.number(row["expected"], 3), plan=f.number(row["brier_plan"], 3),
        )  # fmt: skip


def _counts(given: ReportInput) -> Iterator[str]:
    t, f = given.t, given.f
    for row in given.table("score_counts").rows():
        where = "" if row["filter"] == "all" else f" ({given.names.group(row['filter'])})"
        yield t(
            "{date}{where}: {open}; forecast {p50} ({p10} to {p90}), {says}; the plan had {planned}.",
            date=f.date(row["date"]), where=where, open=t.n("{n} open", "{n} open", row["open"]),
            p50=row["p50"], p10=row["p10"], p90=row["p90"], planned=row["planned"],
            says=count_said(t, row),
        )  # fmt: skip
