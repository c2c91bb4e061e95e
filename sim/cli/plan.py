"""What was understood of a scenario, as a person reads it on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sim.cli.screen import Column, Screen
from sim.cli.words import Words

if TYPE_CHECKING:
    from sim.errors import Fault
    from sim.results.understood import Understood
    from sim.scenario import LoadedScenario


def show_plan(screen: Screen, known: Understood, words: Words) -> None:
    """Offices, activities, pools, risks, targets, assumptions."""
    info = known.loaded.scenario.scenario
    screen.line(known.name, "1")
    about = {"date": info.start, "n": words.number(info.replications), "seed": info.seed}
    screen.line(words("starts {date}, {n} futures, seed {seed}", **about))
    _status(screen, known, words)
    _offices(screen, known, words)
    _activities(screen, known, words)
    _pools_and_risks(screen, known, words)
    _targets(screen, known, words)
    _assumptions(screen, known, words)


def _status(screen: Screen, known: Understood, words: Words) -> None:
    info, table = known.loaded.scenario.scenario, known.tables["status"]
    if info.status is None:
        return
    screen.heading(words("Status {date}", date=info.status_date))
    screen.line(words("{n} offices of which something is known", n=len(table)), "2")
    columns = [Column(words("Office")), Column(words("Finished"), right=True), Column(words("Last"), 32), Column(words("Under way"), 44)]
    rows = []
    for row in table.rows():
        last = f"{row['last']} ({row['last_finished']})" if row["last"] else "–"
        last = words("opened {date}", date=row["opened"]) if row["opened"] else last
        rows.append([row["name"], words.number(row["finished"]), last, row["under_way"] or "–"])
    screen.table(columns, rows)


def _offices(screen: Screen, known: Understood, words: Words) -> None:
    table = known.tables["offices"]
    screen.heading(words("{n} offices", n=len(table)))
    screen.line(words("Medians, no risks, no queues"), "2")
    columns = [Column(words("Office")), Column(words("Type"), 30), Column(words("Planned")), Column(words("Undelayed"))]
    columns.append(Column(words("Days to spare"), right=True))
    rows = []
    for row in table.rows():
        spare = "–" if row["days_to_spare"] is None else words.number(row["days_to_spare"])
        rows.append([row["name"], row["type"] or "", words.date(row["target"]), words.date(row["undelayed"]), spare])
    screen.table(columns, rows)


def _activities(screen: Screen, known: Understood, words: Words) -> None:
    table = known.tables["activities"]
    screen.heading(words("{n} activities", n=len(table)))
    columns = [Column(words("Activity")), Column(words("Actor"), 13), Column(words("Length"), 32), Column(words("After"), 25)]
    screen.table(columns, [[row["activity"], row["actor"], _length(row["length"], words), row["after"]] for row in table.rows()])


def _length(text: str, words: Words) -> str:
    if text.startswith("meeting "):
        return words("meeting {name}", name=text.removeprefix("meeting "))
    return words("opening day") if text == "opening day" else text


def _pools_and_risks(screen: Screen, known: Understood, words: Words) -> None:
    if len(known.tables["pools"]):
        screen.heading(words("Pools"))
    for row in known.tables["pools"].rows():
        units = words("{units} units", units=row["capacity"])
        screen.paragraph("; ".join(filter(None, (f"{row['name']}: {units}", row["later"], row["held"], row["used_by"]))))
    if len(known.tables["risks"]):
        screen.heading(words("Risks"))
    for row in known.tables["risks"].rows():
        chance = f"{words.percent(row['probability'])} ({row['scope']})"
        screen.paragraph("; ".join(filter(None, (f"{row['name']}: {chance}", row["effect"], row["activities"]))))


def _targets(screen: Screen, known: Understood, words: Words) -> None:
    if len(known.tables["targets"]):
        screen.heading(words("Targets"))
    for row in known.tables["targets"].rows():
        screen.paragraph(f"{row['name']}: {row['at_least']}/{row['of']}, {row['by']}, {words.percent(row['confidence'])}")


def _assumptions(screen: Screen, known: Understood, words: Words) -> None:
    table = known.tables["assumptions"]
    if not len(table):
        return
    screen.heading(words("Assumptions"))
    columns = [Column(words("Place"), 34), Column(words("Grade"), 10), Column(words("Source"), 50)]
    screen.table(columns, [[row["path"], row["grade"] or "–", row["source"]] for row in table.rows()])


def show_changes(screen: Screen, loaded: LoadedScenario, words: Words) -> None:
    """What differs from the base scenario."""
    from sim.results.tables import changes

    rows = list(changes(loaded).rows())
    if not rows:
        screen.line(words("No changes against a base."))
        return
    screen.line(words("Changes against the base"), "1")
    for row in rows:
        screen.paragraph(f"{row['path']}: {_shown(row['old'], words)} → {_shown(row['new'], words)}  [{row['source']}]")


def _shown(value: str | None, words: Words) -> str:
    return words("none") if value is None else value


def show_warnings(screen: Screen, warned: Mapping[str, Sequence[Fault]], words: Words) -> None:
    """What is hardly meant, with the name of the check that says so."""
    screen.heading(words("Warnings"))
    if not warned:
        screen.line(words("No warnings."))
    for name, faults in warned.items():
        for fault in faults:
            screen.paragraph(f"{fault}  ({name})")
