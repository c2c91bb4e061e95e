"""The first use on a machine: the engine is compiled, which takes longer than what is asked for, so it is said."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from sim.results import Question


def compile_first(question: Callable[[], Question], *, shown: bool) -> None:
    """Compile what simulates when no machine code is kept; whichever engine is asked for, the other half of an answer is compiled.

    Parameters
    ----------
    question
        Tells what is going to be asked, or something like it; asked only where there is something to compile. What is
        at fault in it is left to the command to tell.
    shown
        Whether to tell the person who waits.
    """
    from sim.errors import EtableraError
    from sim.results.compiling import compile_ahead, is_compiled

    if is_compiled():
        return
    try:
        known = question()
    except EtableraError:
        return
    if shown and sys.stderr.isatty():
        from sim.cli.words import Words

        words = Words(known.loaded.scenario.scenario.language)
        typer.echo(words("Compiling the engine, once; it may take a minute."), err=True)
    compile_ahead(known)


def compile_for(scenario: Path, changes: list[str], *, shown: bool) -> None:
    """The same for a command that loads its scenario, or a run's folder, itself."""
    from sim.results.futures import ask_again

    compile_first(lambda: ask_again(scenario, overrides=changes), shown=shown)
