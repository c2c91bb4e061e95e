"""``etablera new``: a scenario to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.status import guarded

NAME, SCHEMA = "scenario.toml", "scenario.schema.json"
"""The scenario, and the JSON Schema that its first line names."""


@guarded
def new(directory: Annotated[Path, typer.Argument(metavar="DIR", help="A folder, made if need be.", show_default=False)]) -> None:
    """Write a small scenario that runs at once and explains itself."""
    from sim.cli.schema import schema_text
    from sim.errors import Fault, InputError, ResultsError

    starter = Path(__file__).with_name("starter")
    files = sorted(path for path in starter.iterdir() if path.suffix in {".toml", ".csv"})
    there = [path.name for path in files if (directory / path.name).exists()]
    if there:
        raise InputError(Fault("", f"{directory}: has {' and '.join(there)} already; name another folder"))
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for path in files:
            (directory / path.name).write_bytes(path.read_bytes())
        (directory / SCHEMA).write_text(schema_text() + "\n", "utf-8")
    except OSError as error:
        raise ResultsError(f"{directory}: cannot be written: {error.strerror or error}") from None
    typer.echo(f"Written: {directory / NAME}\nNext:    etablera check {directory / NAME}\n         etablera run {directory / NAME}")
