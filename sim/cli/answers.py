"""The answers of a run as a person reads them on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.cli.screen import Column, Screen, bar, shade
from sim.cli.words import Words

if TYPE_CHECKING:
    from sim.results import Result

Z = 1.959964
"""Half of a 95 % interval in standard errors."""

MOST_ROWS = 60
"""Offices shown; all of them stand in ``openings.csv``."""


def show(screen: Screen, result: Result, words: Words) -> None:
    """Offices, targets and money."""
    show_offices(screen, result, words)
    if result.scenario.targets:
        show_targets(screen, result, words)
    if "cost_by_year" in result.names:
        show_costs(screen, result, words)


def show_offices(screen: Screen, result: Result, words: Words) -> None:
    """A row for each office, in the order of the scenario."""
    rows = list(result["openings"].rows())
    typed = any(row["type"] for row in rows)
    columns = [Column(words("Office")), *([Column(words("Type"), 17)] if typed else []), Column(words("Planned"))]
    columns += [Column("P50"), Column("P80"), Column(words("Chance to hold"), right=True), Column("", 8)]
    cells = [_office(result, row, words, typed) for row in rows[:MOST_ROWS]]
    screen.line(result.scenario.scenario.name, "1")
    screen.line()
    screen.table(columns, cells, [shade(row["p_on_time"]) for row in rows])
    if len(rows) > MOST_ROWS:
        screen.line(words("… and {n} more in {file}", n=len(rows) - MOST_ROWS, file="openings.csv"))


def _office(result: Result, row: dict[str, Any], words: Words, typed: bool) -> list[str]:
    chance = row["p_on_time"]
    half = None if chance is None else (row["p_on_time_high"] - row["p_on_time_low"]) / 2
    held = "–" if half is None else f"{words.percent(chance)} ±{words.number(half * 100, 1)}"
    type_ = [type_text(result, row["type"], row["type_share"], words)] if typed else []
    return [row["name"], *type_, *(words.date(row[name]) for name in ("target", "p50", "p80")), held, bar(chance)]


def type_text(result: Result, id_: str | None, share: float | None, words: Words) -> str:
    """A type, with its share where it is not certain."""
    if id_ is None:
        return ""
    known = result.scenario.office_types.get(id_)
    name = words.of(known.name, id_) if known else id_
    return name if share is None or share == 1 else f"{name} {words.percent(share)}"


def show_targets(screen: Screen, result: Result, words: Words) -> None:
    """A sentence or three for each target."""
    screen.heading(words("Targets"))
    verdicts = {"yes": "holds", "no": "does not hold", "cannot tell": "cannot be told at this many futures"}
    for row in result["targets"].rows():
        asked = words.percent(row["confidence"])
        name = words.of(result.scenario.targets[row["target"]].name, row["target"])
        chance = {"p": words.percent(row["probability"]), "interval": words.interval(row["low"], row["high"])}
        verdict = words(verdicts[row["holds"]])
        parts = [words("{name}: {p} ({interval}); asked for {asked}: {verdict}.", name=name, asked=asked, verdict=verdict, **chance)]
        if row["date_at_confidence"]:
            parts.append(words("{date} holds with {asked}.", date=row["date_at_confidence"], asked=asked))
        else:
            parts.append(words("No date holds with {asked}.", asked=asked))
        safe = {"date": row["by"], "k": row["k_at_confidence"], "of": row["of"], "asked": asked}
        parts.append(words("By {date}, {k} of {of} are safe with {asked}.", **safe))
        screen.paragraph(" ".join(parts))


def show_costs(screen: Screen, result: Result, words: Words) -> None:
    """What the programme costs in each year, in current prices, with half of each 95 % interval."""
    table = result["cost_by_year"].where(group="programme", item="", financing="", prices="current")
    screen.heading(words("Cost by year, SEK (± half of the 95 % interval)"))
    columns = [Column(words("Year")), *(Column(name, right=True) for name in (words("Mean"), "P10", "P50", "P80"))]
    cells = [[str(row["period"]), *(_sure(row, name, words) for name in ("mean", "p10", "p50", "p80"))] for row in table.rows()]
    screen.table(columns, cells)


def _sure(row: dict[str, Any], name: str, words: Words) -> str:
    """Kronor, and how sure they are as a number."""
    if name == "mean":
        half = None if row["mean_se"] is None else Z * row["mean_se"]
    else:
        low, high = row[f"{name}_low"], row[f"{name}_high"]
        half = None if low is None or high is None else (high - low) / 2
    return words.number(row[name]) + ("" if half is None else f" ±{words.millions(half)}")


def as_json(result: Result) -> dict[str, Any]:
    """The answers for machines: rows of the tables that a terminal would show."""
    names = [name for name in ("openings", "targets", "cost_by_year", "budgets", "resources") if name in result.names]
    return {name: [{k: plain(v) for k, v in row.items()} for row in result[name].rows()] for name in names}


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    value = value.item() if hasattr(value, "item") else value
    return value.isoformat() if hasattr(value, "isoformat") else value
