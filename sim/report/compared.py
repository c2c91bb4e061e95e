"""Two scenarios compared, in plain words: only what chance could not make is called a difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.analysis.table import Table
from sim.report.asked import between, difference, kind_of, name_of, written
from sim.report.model import ReportInput
from sim.report.texts import Texts

Row = Mapping[str, Any]

CALLED = {"earlier", "later", "less likely", "likelier", "fewer", "more", "cheaper", "dearer"}
"""Verdicts that call a difference."""

MOST_SAID = 6
"""Differences that are said of one sort; the table has all."""


def verdict_words(t: Texts) -> dict[str, str]:
    """The verdicts, see :func:`sim.analysis.compare.verdict`."""
    return {
        "earlier": t("earlier"),
        "later": t("later"),
        "less likely": t("less likely"),
        "likelier": t("likelier"),
        "fewer": t("fewer"),
        "more": t("more"),
        "cheaper": t("cheaper"),
        "dearer": t("dearer"),
        "no difference": t("no difference"),
        "cannot tell": t("cannot tell"),
    }


def is_called(row: Row) -> bool:
    """Whether a difference may be called one: by its verdict, or where there is none of ours, by its interval."""
    if row.get("verdict") in CALLED or row.get("verdict") in {"no difference", "cannot tell"}:
        return row["verdict"] in CALLED
    low, high = row["low"], row["high"]
    return low is not None and high is not None and (low > 0 or high < 0)


def group_of(key: str) -> str:
    """What sort of question it is: ``targets``, ``last``, ``offices``, ``on_time``, ``counts``, ``costs``; nothing for another."""
    head, *rest = key.split(".")
    if head == "offices":
        return "on_time" if rest[-1] == "on_time" else "offices"
    if head in {"programme", "rounds"}:
        return "counts" if "open" in rest else "last"
    return head if head in {"targets", "costs"} and len(rest) > 0 else ""


def sentences(given: ReportInput, table: Table, earlier: Table | None, a: str, b: str) -> Iterator[str]:
    """The comparison in a few sentences."""
    t, rows = given.t, list(table.rows())
    clear = [row for row in rows if is_called(row)]
    yield t("Both were run on the same random futures, so most of the chance cancels out of the differences.")
    yield t.n("{n} of {all} answer differs clearly between {a} and {b}.", "{n} of {all} answers differ clearly between {a} and {b}.",
              len(clear), all=len(rows), a=a, b=b)  # fmt: skip
    for group in ("", "targets", "last"):
        for row in [row for row in clear if group_of(row["question"]) == group][:MOST_SAID]:
            yield said(given, row)
    if earlier is not None:
        yield from _offices(given, [row for row in rows if row["question"].endswith(".p80") and group_of(row["question"]) == "offices"], b)
        yield from _sooner(given, earlier, a, b)
    costs = [row for row in clear if row["question"] == "costs.total.mean"]
    yield from (said(given, row) for row in costs)


def said(given: ReportInput, row: Row) -> str:
    """One difference, from what to what."""
    kind, unit = kind_of(given.names, row["question"]), row.get("unit") or ""
    sizes = {"difference": difference(given.f, unit, row["difference"]), "interval": between(given.f, unit, row["low"], row["high"])}
    name = name_of(given.names, row["question"])
    if kind is None:
        return given.t("{question}: {difference} ({interval}).", question=name, **sizes)
    before, after = (written(given.f, kind, row[end]) for end in ("a", "b"))
    return given.t("{question}: from {before} to {after}; {difference} ({interval}).", question=name, before=before, after=after, **sizes)


def _offices(given: ReportInput, rows: Sequence[Row], b: str) -> Iterator[str]:
    """How many offices are earlier and later, and the largest differences."""
    t = given.t
    if not rows:
        return
    sooner, later = ([row for row in rows if row["verdict"] == verdict] for verdict in ("earlier", "later"))
    same = sum(row["verdict"] == "no difference" for row in rows)
    unknown = len(rows) - len(sooner) - len(later) - same
    counts = {"all": len(rows), "sooner": len(sooner), "later": len(later), "same": same}
    yield t("With {b}, by the date held with 80 %: of {all} offices {sooner} open earlier, {later} later, {same} as before.", b=b, **counts)
    if unknown:
        yield t.n("Of {n} office it cannot be told: chance could make the difference.",
                  "Of {n} offices it cannot be told: chance could make the differences.", unknown)  # fmt: skip
    for row in sorted([*sooner, *later], key=lambda row: -abs(row["difference"]))[:3]:
        yield said(given, row)


def _sooner(given: ReportInput, earlier: Table, a: str, b: str) -> Iterator[str]:
    """How often b is earlier when the last office opens."""
    for row in earlier.rows():
        if row["subject"] == "programme":
            shares = {name: given.f.percent(row[f"p_{end}"]) for name, end in (("sooner", "earlier"), ("later", "later"), ("same", "same"))}
            yield given.t(
                "The last office opens earlier with {b} than with {a} in {sooner} of the futures, later in {later}, "
                "on the same day in {same}.",
                a=a, b=b, **shares,
            )  # fmt: skip


def of_scenario(table: Table, name: str) -> Table:
    """The rows of a table that are about one of the scenarios."""
    return table.where(scenario=name) if "scenario" in table.columns else table
