"""The command line. Each command has a module of its own with one function; here they are put together.

A new command is a module with a function (see :mod:`sim.cli.schema` for the smallest) and a line in :data:`COMMANDS`. Its options come from
:mod:`sim.cli.options`, so that the same thing has the same name everywhere; it is decorated with :func:`sim.cli.status.guarded`, which
turns errors into messages and exit statuses. Modules import only what is light, and the rest inside the function: ``--help`` must be quick.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable

import typer

from sim.cli.calibrate import calibrate
from sim.cli.check import check
from sim.cli.compare import compare
from sim.cli.diff import diff
from sim.cli.export import export
from sim.cli.learn import learn
from sim.cli.new import new
from sim.cli.replay import replay
from sim.cli.run import run
from sim.cli.schema import schema
from sim.cli.score import score
from sim.cli.solve import solve
from sim.cli.status import STOPPED
from sim.cli.sweep import sweep
from sim.cli.verify import verify

COMMANDS: tuple[Callable[..., None], ...] = (
    *(run, check, compare, sweep, solve, replay),
    *(calibrate, learn, diff, score, new, schema, export, verify),
)
"""In the order of ``--help``; a command has the name of its function."""

app = typer.Typer(
    name="etablera",
    help="Say when the offices will open, how sure that is, and what it costs.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

for _command in COMMANDS:
    app.command()(_command)


@app.callback(invoke_without_command=True)
def etablera(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Show the version and end."),
) -> None:
    """Say when the offices will open, how sure that is, and what it costs."""
    if version:
        from sim.results.question import own_version

        typer.echo(f"etablera {own_version()}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        raise typer.Exit


SELDOM = 200_000
"""So many new objects before Python looks for garbage in rings: at its usual 700 that takes a tenth of a short run, and finds nothing."""


def main() -> None:
    """Run the program ``etablera``. Stopped, it ends at once: a thread that compiles, for minutes the first time, is not waited for."""
    gc.set_threshold(SELDOM)
    try:
        app()
    except SystemExit as end:
        if end.code == STOPPED and threading.active_count() > 1:
            sys.stdout.flush()
            os._exit(STOPPED)
        raise
