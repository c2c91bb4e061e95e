"""``etablera verify``: make a run again from its passport."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import EngineName, EngineOption, Json, Quiet, RunFolder, Workers
from sim.cli.status import DONE, OUR_FAULT, guarded


@guarded
def verify(
    run: RunFolder,
    scenario: Annotated[
        Path | None, typer.Option("--scenario", metavar="FILE", help="Prove too that this scenario file is still what was run.")
    ] = None,
    engine: EngineOption = EngineName.kernel,
    workers: Workers = None,
    quiet: Quiet = False,
    json: Json = False,
) -> int:
    """Make a run again from its passport and prove that it comes out the same."""
    from dataclasses import asdict
    from json import dumps

    from sim.cli.first_use import compile_for
    from sim.cli.progress import Bar
    from sim.results import load
    from sim.results.verify import verify as make_again

    saved, shown = load(run), not quiet and not json
    compile_for(run, [], shown=shown)
    with Bar(saved.replications, shown=shown) as bar:
        verdict = make_again(saved, scenario=scenario, engine=engine.value, workers=workers, progress=bar)
    if json:
        typer.echo(dumps(asdict(verdict), ensure_ascii=False))
    elif not verdict.equal:
        typer.echo(f"DIFFERENT. {verdict.difference}\nLikely cause: {verdict.cause}.", err=True)
    elif not quiet:
        typer.echo(f"Equal: all {verdict.tables} tables of {saved.id} came out the same, byte for byte ({saved.replications} futures).")
    return DONE if verdict.equal else OUR_FAULT
