"""``etablera check``: what was understood of a scenario, before anything is simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import options
from sim.cli.options import Json, LanguageOption, Quiet, ScenarioFile, Set
from sim.cli.status import DONE, WARNINGS, guarded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.errors import Fault
    from sim.results.understood import Understood


@guarded
def check(
    scenario: ScenarioFile,
    set_: Set = None,
    changes: Annotated[bool, typer.Option("--changes", help="Show only what differs from the base scenario.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 when there are warnings.")] = False,
    strict_about: Annotated[
        list[str] | None,
        typer.Option("--strict-about", metavar="CHECK", help="Exit with 3 when this check warns. Can be given several times."),
    ] = None,
    language: LanguageOption = None,
    quiet: Quiet = False,
    json: Json = False,
) -> int:
    """Show what was understood: offices, activities, the plan without delays, assumptions, warnings."""
    from sim.results.sense import warned_of
    from sim.results.understood import understand
    from sim.scenario import load_scenario

    wanted = known_checks(strict_about or [])
    loaded = load_scenario(scenario, options.changes(set_, language))
    known = understand(loaded)
    warned = warned_of(loaded)
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
    return WARNINGS if (strict and warned) or any(name in warned for name in wanted) else DONE


def known_checks(names: list[str]) -> list[str]:
    """Names of checks that warn.

    Raises
    ------
    InputError
        A name that is none.
    """
    from sim.errors import InputError
    from sim.results.sense import names as known
    from sim.scenario.wording import unknown

    faults = [unknown("--strict-about", name, "a check that warns", known()) for name in names if name not in known()]
    if faults:
        raise InputError(*faults)
    return names


def show_json(known: Understood, warned: Mapping[str, tuple[Fault, ...]]) -> None:
    """All that was understood, for machines."""
    import json
    from dataclasses import asdict

    from sim.cli.answers import plain

    def rows(table: Any) -> list[dict[str, Any]]:
        return [{name: plain(value) for name, value in row.items()} for row in table.rows()]

    told = [{"check": name, **asdict(fault)} for name, faults in warned.items() for fault in faults]
    tables = {name: rows(table) for name, table in known.tables.items()}
    typer.echo(json.dumps({"name": known.name, **tables, "warnings": told}, ensure_ascii=False))
