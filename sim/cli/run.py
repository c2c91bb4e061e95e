"""``etablera run``: simulate a scenario, show the answers and keep them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import options
from sim.cli.first_use import compile_first
from sim.cli.options import (
    Cluster,
    EngineName,
    EngineOption,
    Json,
    LanguageOption,
    Out,
    Quiet,
    Replications,
    Report,
    Sampling,
    ScenarioFile,
    Seed,
    Set,
    Workers,
)
from sim.cli.progress import Bar
from sim.cli.status import DONE, TARGET_MISSED, guarded

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from sim.results import Question, Result


Until = Annotated[
    str | None, typer.Option("--until", metavar="AIM", help='Run until this is known: "targets.ID ±1%", "offices.ID.p80 ±3d".')
]
Timeline = Annotated[bool, typer.Option("--timeline", help="Keep every activity of every future too (timeline.parquet).")]
Why = Annotated[
    int,
    typer.Option("--why", min=0, metavar="N", help="Futures that are simulated again without each cause, to tell what it costs; 0: none."),
]
Sensitivity = Annotated[bool, typer.Option("--sensitivity", help="A second opinion on what matters: shares of the variance. Some seconds.")]
FailBelow = Annotated[bool, typer.Option("--fail-below", help="Exit with 4 when a target misses its confidence.")]


@guarded
def run(
    scenario: ScenarioFile,
    replications: Replications = None,
    seed: Seed = None,
    set_: Set = None,
    engine: EngineOption = EngineName.kernel,
    sampling: Sampling = None,
    workers: Workers = None,
    cluster: Cluster = None,
    until: Until = None,
    out: Out = Path("results"),
    timeline: Timeline = False,
    why: Why = 500,
    sensitivity: Sensitivity = False,
    report: Report = True,
    fail_below: FailBelow = False,
    language: LanguageOption = None,
    quiet: Quiet = False,
    json: Json = False,
) -> int:
    """Simulate a scenario: when each office opens, which targets hold, what it costs."""
    begin = time.perf_counter()
    from sim.results import answer, ask
    from sim.results.folder import check_place
    from sim.results.gather import ALL
    from sim.results.why import SENSITIVITY

    check_place(out)
    question = ask(scenario, replications=replications, seed=seed, overrides=options.changes(set_, language, sampling), engine=engine.value)
    shown = not quiet and not json
    compile_first(lambda: question, shown=shown)
    with executor_of(cluster) as executor, Bar(question.replications, shown=shown) as bar:
        gather = (*ALL, SENSITIVITY) if sensitivity else ALL
        how: dict[str, Any] = {"gather": gather, "why": why, "workers": workers, "executor": executor, "progress": bar}
        result = answer(question, **how) if until is None else run_on(question, until, how, shown)
    folder = save(result, out, timeline=timeline, report=report)
    if json:
        show_json(result, folder)
    elif not quiet:
        show(result, folder, time.perf_counter() - begin)
    return TARGET_MISSED if fail_below and "no" in result["targets"]["holds"] else DONE


@contextmanager
def executor_of(cluster: str | None) -> Iterator[Executor | None]:
    """Where to work: a Dask cluster, or here."""
    if cluster is None:
        yield None
        return
    from sim.errors import Fault, InputError

    try:
        import distributed
    except ImportError:
        raise InputError(Fault("--cluster", "needs Dask: install etablera[cluster]")) from None
    make: Any = distributed.Client
    try:
        client = make(cluster, timeout="5s")
    except (OSError, ValueError) as error:
        raise InputError(Fault("--cluster", f"{cluster} does not answer: {error}")) from None
    with client:
        yield client.get_executor()


def run_on(question: Question, aim: str, how: dict[str, Any], shown: bool) -> Result:
    """Run until an answer is known well enough, and say what it took."""
    from sim.cli.words import Words
    from sim.results.until import run_until

    result, width, enough = run_until(question, aim, **how)
    words = Words(result.scenario.scenario.language)
    reached = f"±{words.number(width * 100, 2)} %" if aim.rstrip().endswith("%") else f"±{words.number(width, 1)} d"
    text = "{width} reached with {n} futures" if enough else "{width} is the best after {n} futures; {aim} would take more"
    if shown or not enough:
        typer.echo(words(text, width=reached, n=words.number(result.replications), aim=aim), err=True)
    return result


def save(result: Result, out: Path, *, timeline: bool, report: bool) -> Path:
    """Write the run folder."""
    from sim.cli.papers import papers
    from sim.results import blocks

    again = (lambda: blocks(result.question)) if timeline else None
    return result.save(out, timeline=again, extras=papers() if report else ())


def show_json(result: Result, folder: Path) -> None:
    """The answers for machines, on one line."""
    import json

    from sim.cli.answers import as_json

    about = {"id": result.id, "folder": str(folder), "replications": result.replications, "seed": result.question.seed}
    typer.echo(json.dumps({**about, **as_json(result)}, ensure_ascii=False))


def show(result: Result, folder: Path, seconds: float) -> None:
    """The answers for people."""
    from sim.cli.answers import show as show_answers
    from sim.cli.screen import Screen
    from sim.cli.words import Words

    screen, words = Screen(), Words(result.scenario.scenario.language)
    show_answers(screen, result, words)
    screen.line()
    n, took = words.number(result.replications), words.number(seconds, 1)
    screen.line(str(folder))
    screen.line(words("{n} futures, seed {seed}, {seconds} s", n=n, seed=result.question.seed, seconds=took), "2")
    if result.scenario.scenario.sampling == "sobol":
        screen.line(words("Sobol: intervals of openings and targets from 16 randomisations, others as for independent futures"), "2")
