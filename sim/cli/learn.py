"""``etablera learn``: what the status of a running programme teaches about its durations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import options
from sim.cli.options import Json, LanguageOption, Out, Quiet, ScenarioFile, Set
from sim.cli.status import DONE, guarded

if TYPE_CHECKING:
    from sim.results.learning import Learning

Piece = Annotated[Path | None, typer.Option("--toml", metavar="FILE", help="Write the piece of a scenario there too.")]


@guarded
def learn(
    scenario: ScenarioFile,
    set_: Set = None,
    toml: Piece = None,
    out: Out = Path("results"),
    language: LanguageOption = None,
    quiet: Quiet = False,
    json: Json = False,
) -> int:
    """Show what the status of a running programme teaches about its durations, before and after."""
    from sim.cli.calibrate import write_piece
    from sim.results.learning import learn as learn_from
    from sim.scenario import load_scenario

    found = learn_from(load_scenario(scenario, options.changes(set_, language)))
    folder = found.save(out, extras=[write_picture])
    if toml is not None:
        write_piece(found.piece, toml)
    if json:
        show_json(found, folder)
    elif not quiet:
        show(found, folder)
    return DONE


def taught(found: Learning) -> list[str]:
    """Activities of which lengths are known; all when none is."""
    rows = list(found["lessons"].rows())
    return [row["activity"] for row in rows if row["finished"] or row["under_way"]] or [row["activity"] for row in rows]


def write_picture(found: Learning, folder: Path) -> None:
    """The durations before and after as a picture."""
    from sim.report.charts.learning import learnt
    from sim.report.formats import formats

    names = {activity.id: activity.name for activity in found.plan.activities}
    chart = learnt(formats(found.loaded.scenario.scenario.language), found["lessons"], names, taught(found))
    (folder / f"{chart.name}.svg").write_text(chart.svg(), "utf-8")


def show_json(found: Learning, folder: Path) -> None:
    """What is learnt, for machines, on one line."""
    import json

    from sim.cli.answers import plain

    rows = {name: [{k: plain(v) for k, v in row.items()} for row in table.rows()] for name, table in found.tables.items()}
    typer.echo(json.dumps({"id": found.id, "folder": str(folder), **rows}, ensure_ascii=False))


def show(found: Learning, folder: Path) -> None:
    """What is learnt, for people."""
    from sim.cli.screen import Column, Screen
    from sim.cli.words import Words

    screen, words = Screen(), Words(found.loaded.scenario.scenario.language)
    screen.line(found.loaded.scenario.scenario.name, "1")
    done = sum(one.finished for one in found.learnt.used)
    known = {"done": done, "going": len(found.learnt.used) - done}
    screen.line(words("{done} finished lengths and {going} that go on, in days of each activity's calendar", **known))
    names = ("Activity", "Known", "Taken", "Before", "After", "Factor")
    columns = [Column(words(name), right=name in {"Known", "Taken"}) for name in names]
    screen.table(columns, [_cells(row, words) for row in found["lessons"].rows()])
    screen.line(words("Known: finished + under way. Taken: of the estimate, in the mean. Factor: on the median, with 8 of 10."), "2")
    screen.line()
    if "activity" not in {layer.name for layer in found.plan.layers}:
        screen.paragraph(
            words("correlation.activity is 0: what one office's permits tell of others' goes through the whole programme, if at all.")
        )
    for one in found.learnt.unused:
        told = {"office": found.plan.offices[one.office].name, "activity": found.plan.activities[one.activity].id, "days": one.days}
        screen.paragraph(words("{office}: {activity} took {days} days, which its duration does not allow; left out.", **told))
    screen.line(str(folder))


def _cells(row: dict[str, Any], words: Any) -> list[str]:
    def three(which: str) -> str:
        low, middle, high = (words.number(row[f"{which}_{q}"], 0 if row["prior_p90"] >= 10 else 1) for q in ("p10", "p50", "p90"))
        return f"{middle} ({low}–{high})"

    taken = "–" if row["taken_to_estimate"] is None else words.number(row["taken_to_estimate"], 2)
    factor = f"{words.number(row['factor'], 2)} ({words.number(row['factor_low'], 2)}–{words.number(row['factor_high'], 2)})"
    return [row["activity"], f"{row['finished']} + {row['under_way']}", taken, three("prior"), three("posterior"), factor]
