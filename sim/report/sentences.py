"""The answer in plain sentences, made by fixed rules from the numbers; no number is said that no table has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim.report.charts.causes import driver_rows, first_of, main_causes
from sim.report.model import ReportInput

Row = Mapping[str, Any]

STATES = ("yes", "cannot tell", "no")
"""What is said of a target: it holds, the futures are too few to tell, it does not."""

LIKELY = 0.5
"""A frame that is exceeded more often than this is said to be exceeded probably."""


@dataclass(frozen=True)
class Verdict:
    """A target and how it stands.

    Attributes
    ----------
    state
        One of ``STATES``.
    word
        The state in words.
    name, text
        The target, and the sentences about it.
    """

    id: str
    state: str
    word: str
    name: str
    text: str


def verdicts(given: ReportInput) -> list[Verdict]:
    """Each target with its state."""
    words = state_words(given)
    found = []
    for row in given.table("targets").rows():
        state = state_of(row["holds"])
        found.append(Verdict(row["target"], state, words[state], given.names.target(row["target"]), target_text(given, row)))
    return found


def state_words(given: ReportInput) -> dict[str, str]:
    """The states in words."""
    t = given.t
    return {"yes": t("Holds"), "cannot tell": t("Cannot tell"), "no": t("Does not hold")}


def state_of(holds: Any) -> str:
    """The state behind what a table says: a truth value, or a word.

    >>> state_of(True), state_of("no"), state_of(None)
    ('yes', 'no', 'cannot tell')
    """
    if isinstance(holds, bool):
        return "yes" if holds else "no"
    return holds if holds in STATES else "cannot tell"


def target_text(given: ReportInput, row: Row) -> str:
    """The chance of a target with its interval, and the date that would hold."""
    t, f = given.t, given.f
    need, of, existing = int(row["at_least"]), int(row["of"]), int(row.get("existing") or 0)
    values = {"by": f.date(row["by"]), "chance": f.percent(row["probability"]), "interval": f.interval(row["low"], row["high"])}
    if need >= of:
        text = t.n(
            "The chance that the office is open on {by} at the latest is {chance} ({interval}).",
            "The chance that all {n} offices are open on {by} at the latest is {chance} ({interval}).",
            of,
            **values,
        )
    else:
        text = t.n(
            "The chance that at least {n} of {of} offices is open on {by} at the latest is {chance} ({interval}).",
            "The chance that at least {n} of {of} offices are open on {by} at the latest is {chance} ({interval}).",
            need,
            of=of,
            **values,
        )
    parts = [text, _holding_date(given, row)]
    if existing:
        parts.append(t("The {n} that exist already are counted.", n=f.number(existing)))
    return " ".join(part for part in parts if part)


def _holding_date(given: ReportInput, row: Row) -> str:
    t, f = given.t, given.f
    confidence = f.percent(row["confidence"])
    if row["date_at_confidence"] is None:
        return t("No date holds with {confidence}.", confidence=confidence)
    return t("The date that holds with {confidence} is {date}.", confidence=confidence, date=f.date(row["date_at_confidence"]))


def summary(given: ReportInput) -> list[str]:
    """What a reader with one minute needs: targets, openings, threats, money."""
    return [text for part in (_targets, _openings, _threats, _remedies, _money) for text in part(given)]


def _targets(given: ReportInput) -> Iterator[str]:
    states = [state_of(holds) for holds in given.table("targets").columns.get("holds", ())]
    if not states:
        return
    t = given.t
    yes, no, open_ = states.count("yes"), states.count("no"), states.count("cannot tell")
    text = t("Targets that hold: {yes} of {n}. Targets that do not: {no}.", n=len(states), yes=yes, no=no)
    yield text + (" " + t("Too close to tell: {n}.", n=open_) if open_ else "")


def _openings(given: ReportInput) -> Iterator[str]:
    t, f = given.t, given.f
    for row in given.table("open_count").rows():
        date: dt.date = row["date"]
        if (
            row["filter"] in {"all", "programme"}
            and (date.month, date.day) == (12, 31)
            and row["p50"] > 0
            and row["p10"] < len(given.scenario.offices)
        ):
            yield t(
                "At the end of {year}, {median} of {of} offices are probably open; in {share} of the futures between {low} and {high}.",
                year=date.year, median=f.number(row["p50"]), of=len(given.scenario.offices), share=f.percent(0.8),
                low=f.number(row["p10"]), high=f.number(row["p90"]),
            )  # fmt: skip


def _threats(given: ReportInput) -> Iterator[str]:
    t, f = given.t, given.f
    rows = driver_rows(given)
    days = {(row["kind"], row["id"]): row["delay_days_mean"] or 0 for row in rows}
    found = [(key, days[key]) for key in main_causes(rows) if days[key] >= 0.5][:3]
    if found:
        named = [t("{cause} ({days})", cause=given.names.cause(*key), days=f.days(value)) for key, value in found]
        yield t("What delays an office most, on average: {causes}.", causes=listed(given, named))


def _remedies(given: ReportInput) -> Iterator[str]:
    """What helps most, of that which can be taken away."""
    t, f = given.t, given.f
    rows = [
        row
        for row in given.table("leave_one_out").rows()
        if row["measure"] == "mean_opening" and row["of"] == first_of(given, "mean_opening")
    ]
    clear = [row for row in rows if (row["gain_days_mean_low"] or 0) > 0 and row["gain_days_mean"] >= 0.5]
    if clear:
        best = max(clear, key=lambda row: row["gain_days_mean"])
        yield t(
            "Most would be won without this: {cause}. The mean opening would then come {days} earlier.",
            cause=given.names.cause(best["kind"], best["id"]), days=f.days(best["gain_days_mean"]),
        )  # fmt: skip


def _money(given: ReportInput) -> Iterator[str]:
    t, f = given.t, given.f
    rows = list(given.table("budgets").rows())
    over = [row for row in rows if row["probability_over"] > LIKELY]
    for row in over:
        yield t(
            "The frame {budget} is probably exceeded in {year}: the chance is {chance}, on average by {excess}.",
            budget=given.names.budget(row["budget"]), year=row["year"], chance=f.percent(row["probability_over"]),
            excess=f.millions(row["expected_excess"]),
        )  # fmt: skip
    if rows and not over:
        worst = max(rows, key=lambda row: row["probability_over"])
        yield t(
            "No frame is probably exceeded. The largest chance is {chance}, for {budget} in {year}.",
            chance=f.percent(worst["probability_over"]), budget=given.names.budget(worst["budget"]), year=worst["year"],
        )  # fmt: skip


def listed(given: ReportInput, parts: list[str]) -> str:
    """A list in a sentence.

    >>> from types import SimpleNamespace as Given
    >>> from sim.report.texts import texts
    >>> listed(Given(t=texts("sv")), ["a", "b", "c"])
    'a, b och c'
    """
    return parts[0] if len(parts) == 1 else given.t("{some} and {last}", some=", ".join(parts[:-1]), last=parts[-1])


def office_text(given: ReportInput, row: Row) -> str:
    """An office in one sentence, for who chooses it in a list."""
    t, f = given.t, given.f
    text = t("{name}: half of the futures have it open by {p50}, {share} by {p80}.",
             name=given.names.office(row["office"]), p50=f.date(row["p50"]), p80=f.date(row["p80"]), share=f.percent(0.8))  # fmt: skip
    if row.get("p_on_time") is None:
        return text
    return text + " " + t(
        "The chance to hold {date} is {chance} ({interval}).",
        date=f.date(row["target"]), chance=f.percent(row["p_on_time"]),
        interval=f.interval(row.get("p_on_time_low"), row.get("p_on_time_high")),
    )  # fmt: skip


def precision(given: ReportInput) -> str:
    """How sure the numbers are as numbers."""
    n = int(given.passport.get("replications") or given.scenario.scenario.replications)
    half = 0.98 / n**0.5
    return given.t(
        "The numbers come from {n} simulated futures. A chance near {middle} is then sure to ± {half} percentage points (95 % interval); "
        "intervals stand in brackets. They tell only how well the model was computed, not how true its assumptions are.",
        n=given.f.number(n), middle=given.f.percent(0.5), half=given.f.number(half * 100, 1),
    )  # fmt: skip
