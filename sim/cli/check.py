"""``etablera check``: what was understood of a scenario, before anything is simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import options
from sim.cli.options import Json, LanguageOption, Quiet, ScenarioFile, Set
from sim.cli.status import DONE, WARNINGS, guarded

if TYPE_CHECKING:
    from sim.errors import Fault
    from sim.results.understood import Understood


@guarded
def check(
    scenario: ScenarioFile,
    set_: Set = None,
    changes: Annotated[bool, typer.Option("--changes", help="Show only what differs from the base scenario.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 when there are warnings.")] = False,
    language: LanguageOption = None,
    quiet: Quiet = False,
    json: Json = False,
) -> int:
    """Show what was understood: offices, activities, the plan without delays, assumptions, warnings."""
    from sim.results.understood import understand
    from sim.scenario import load_scenario, warnings

    loaded = load_scenario(scenario, options.changes(set_, language))
    known = understand(loaded)
    warned = [*(loaded.locate(fault) for fault in warnings(loaded.scenario)), *known.outlived]
    if json:
        show_json(known, warned)
    elif not quiet:
        from sim.cli.plan import show_changes, show_plan, show_warnings
        from sim.cli.screen import Screen
        from sim.cli.words import Words

        screen, words = Screen(), Words(loaded.scenario.scenario.language)
        if changes:
            show_changes(screen, loaded, words)
        else:
            show_plan(screen, known, words)
            show_warnings(screen, warned, words)
    return WARNINGS if strict and warned else DONE


def show_json(known: Understood, warned: list[Fault]) -> None:
    """All that was understood, for machines."""
    import json
    from dataclasses import asdict

    from sim.cli.answers import plain

    def rows(table: Any) -> list[dict[str, Any]]:
        return [{name: plain(value) for name, value in row.items()} for row in table.rows()]

    tables = {name: rows(table) for name, table in known.tables.items()}
    typer.echo(json.dumps({"name": known.name, **tables, "warnings": [asdict(fault) for fault in warned]}, ensure_ascii=False))
