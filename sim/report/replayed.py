"""One future in plain words: every event a line, and what became of each office."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sim.analysis.table import Table
from sim.report.model import ReportInput

Row = Mapping[str, Any]

A_WEEKEND = 3
"""Waits for a working day up to so many days go without saying."""


def lines(given: ReportInput, events: Table, spans: Table) -> Iterator[str]:
    """Every event of a future as a line.

    Parameters
    ----------
    events, spans
        Tables of that name of a replay, see :mod:`sim.analysis.replay`.
    """
    waits = waits_by_pass(spans)
    for row in events.rows():
        said = _said(given, row)
        if row["event"] != "send_back":
            told = [wait_text(given, wait) for wait in waits[_key(row), row["event"] == "start"] if is_told(wait)]
            said = "; ".join([said, *told])
        yield f"{row['date'].isoformat()} {given.names.office(row['office'])}: {said}"


def _key(row: Row) -> tuple[str, str, str]:
    return row["office"], row["activity"], row["pass"]


def waits_by_pass(spans: Table) -> dict[tuple[tuple[str, str, str], bool], list[Row]]:
    """Waits of every pass, those before its start and those after its work."""
    found: dict[tuple[tuple[str, str, str], bool], list[Row]] = defaultdict(list)
    before = ("not_before", "status", "calendar", "pool", "capacity")
    started = set()
    for row in spans.rows():
        if row["kind"] in {"work", "done"}:
            started.add(_key(row))
        else:
            found[_key(row), row["kind"] in before and _key(row) not in started].append(row)
    return found


def is_told(wait: Row) -> bool:
    """Whether a wait is worth a word."""
    return bool(wait["kind"] != "calendar" or wait["days"] > A_WEEKEND)


def activity_name(given: ReportInput, row: Row) -> str:
    """An activity, and that it is done again."""
    name = given.names.activity(row["activity"])
    return given.t("{activity} (again)", activity=name) if row["pass"] else name


def _said(given: ReportInput, row: Row) -> str:
    t, name = given.t, activity_name(given, row)
    if row["event"] == "start":
        return t("{activity} begins", activity=name)
    days = given.f.days(row["days"])
    if row["event"] == "open":
        return t("OPENS ({activity}, {days})", activity=name, days=days)
    if row["event"] == "send_back":
        return t("{activity} – sent back after {days}; this has to be done again", activity=name, days=days)
    return t("{activity} – complete after {days}", activity=name, days=days) if row["days"] else t("{activity} – complete", activity=name)


def wait_text(given: ReportInput, wait: Row) -> str:
    """What was waited for and how long."""
    t, days = given.t, given.f.days(wait["days"])
    if wait["kind"] == "pool" and wait["given_back_by"]:
        office = given.names.office(wait["given_back_by"].split(".")[0])
        return t("waited {days} for {thing}, until {office} gave a unit back", days=days, thing=thing_of(given, wait), office=office)
    return t("waited {days} for {thing}", days=days, thing=thing_of(given, wait))


def thing_of(given: ReportInput, wait: Row) -> str:
    """What was waited for."""
    t = given.t
    if wait["kind"] in {"pool", "capacity"}:
        return given.names.resource(wait["detail"])
    if wait["kind"] == "meeting":
        return given.names.meeting(wait["detail"])
    known = {
        "calendar": t("a working day"),
        "not_before": t("the date before which it may not begin"),
        "opening_day": t("a day to open on"),
        "hold": t("other work to finish"),
        "status": t("the status date"),
    }
    return known.get(wait["kind"], str(wait["kind"]))


# --- what became of the offices ----------------------------------------------------------------------------------------------


def chosen(given: ReportInput, asked: Mapping[str, Any]) -> str:
    """Which future it is."""
    t, number = given.t, given.f.number(asked["replication"])
    if asked["level"] is None:
        return t("Future number {number}.", number=number)
    share = given.f.percent(asked["level"])
    head, _, id_ = asked["about"].partition(".")
    if head == "offices":
        what = t("{office} opens", office=given.names.office(id_))
    else:
        what = t('"{target}" is reached', target=given.names.target(id_)) if head == "targets" else t("the last office opens")
    return t("Future number {number}: in {share} of the futures {what} as early or earlier.", number=number, share=share, what=what)


def office_text(given: ReportInput, row: Row, causes: Iterable[Row]) -> str:
    """When an office opens in this future, how that compares, and why; ``row`` is of the table ``offices``."""
    t, f = given.t, given.f
    said = [t("{office} opens on {date}.", office=given.names.office(row["office"]), date=f.date(row["opening"]))]
    if row["days_after_target"] is not None:
        target = f.date(row["target"])
        if row["days_after_target"] > 0:
            said.append(t("That is {days} after its date {target}.", days=f.days(row["days_after_target"]), target=target))
        elif row["days_after_target"] < 0:
            said.append(t("That is {days} before its date {target}.", days=f.days(-row["days_after_target"]), target=target))
        else:
            said.append(t("That is its date."))
    share, interval = f.percent(row["share_by_then"]), f.interval(row["low"], row["high"])
    said.append(t("It is open by then in {share} ({interval}) of the futures.", share=share, interval=interval))
    parts = sorted(causes, key=lambda cause: -abs(cause["days"]))
    if parts:
        told = ", ".join(f"{given.names.cause(cause['kind'], cause['id'])} {f.signed(cause['days'])}" for cause in parts)
        said.append(t("Days against the plan without troubles ({date}): {causes}.", date=f.date(row["planned"]), causes=told))
    return " ".join(said)


def main_cause(given: ReportInput, causes: Iterable[Row]) -> str:
    """The cause that most days came from."""
    parts = [cause for cause in causes if cause["days"] > 0]
    if not parts:
        return ""
    worst = max(parts, key=lambda cause: int(cause["days"]))
    return f"{given.names.cause(worst['kind'], worst['id'])} {given.f.signed(worst['days'])}"
