"""``etablera sweep``: the same question to many scenarios, on the same futures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import options
from sim.cli.options import EngineName, EngineOption, Json, Out, Quiet, Replications, ScenarioFile, Seed, Set, Workers
from sim.cli.progress import Bar
from sim.cli.status import DONE, guarded

if TYPE_CHECKING:
    from sim.analysis.table import Table

Vary = Annotated[
    list[str], typer.Option("--vary", metavar="KEY=VALUES", help="What varies: KEY=FROM:TO:STEP or KEY=A,B,C. Several keys are crossed.")
]
Costs = Annotated[bool, typer.Option("--costs/--no-costs", help="Count money too; takes about twice the time.")]


@guarded
def sweep(
    scenario: ScenarioFile,
    vary: Vary,
    replications: Replications = None,
    seed: Seed = None,
    set_: Set = None,
    engine: EngineOption = EngineName.kernel,
    workers: Workers = None,
    costs: Costs = False,
    out: Out = Path("results"),
    quiet: Quiet = False,
    json: Json = False,
) -> int:
    """Ask the same question with one or several values varied."""
    from sim.results.session import Session
    from sim.results.sweep import parse_vary, points
    from sim.results.sweep import sweep as run_sweep

    varied = [parse_vary(text) for text in vary]
    changes = options.changes(set_, None)
    session = Session(scenario, replications=replications, seed=seed, overrides=changes, engine=engine.value, workers=workers)
    with Bar(len(points(varied)), shown=not quiet and not json, text="Sweeping") as bar:
        table = run_sweep(session, varied, costs=costs, progress=bar)
    keys = tuple(v.key for v in varied)
    folder = write(table, keys, out / scenario.stem)
    if json:
        import json as as_json

        typer.echo(as_json.dumps([dict(row) for row in table.rows()], default=str, ensure_ascii=False))
    elif not quiet:
        show(table, keys, [*session.question.loaded.scenario.targets])
        typer.echo(f"\n{folder}")
    return DONE


def write(table: Table, keys: tuple[str, ...], out: Path) -> Path:
    """Write the table as CSV and Parquet into a folder of its own, whole or not at all."""
    import hashlib

    import pyarrow as pa
    import pyarrow.parquet as pq

    from sim.results.folder import whole_folder

    text = table.csv()
    target = out / f"sweep-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    with whole_folder(target) as folder:
        (folder / "sweep.csv").write_text(text, "utf-8")
        columns = {name: [str(v) for v in values] if name in keys else list(values) for name, values in table.columns.items()}
        pq.write_table(pa.table(columns), folder / "sweep.parquet", compression="zstd")
    return target


def show(table: Table, keys: tuple[str, ...], targets: list[str]) -> None:
    """The chance of each target at each point, with its 95 % interval."""
    for row in table.rows():
        typer.echo("  ".join(f"{key}={row[key]}" for key in keys))
        for target in targets:
            chance, low, high = (100 * row[target + end] for end in ("", "_low", "_high"))
            typer.echo(f"    {target:<32} {chance:5.1f} % ({low:.1f}–{high:.1f} %), {row[f'{target}_date'] or '–'}")
        typer.echo(f"    {'last opening, P80':<32} {row['last_opening_p80']}")
