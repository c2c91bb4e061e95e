"""Sweeps: a scenario tried with many values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from sim.analysis.futures import Futures
from sim.analysis.sweep import asked_of, sweep_tables
from sim.analysis.vary import Point, Vary, crossed, overrides_of, parse_vary
from sim.errors import Fault, InputError
from sim.plan import compile_scenario
from sim.results.futures import Means, try_futures
from sim.results.model import RESULTS
from sim.results.question import Overrides, Question, ask
from sim.results.session import Session
from sim.results.tried import Tried
from sim.runner import Engine
from sim.scenario import LoadedScenario


@dataclass(frozen=True)
class Sweep(Tried):
    """A sweep.

    Attributes
    ----------
    keys
        What was varied: the first columns of ``sweep``.
    """

    keys: tuple[str, ...]

    def save(self, out: str | Path = RESULTS, extras: Iterable[Callable[[Path], object]] = ()) -> Path:
        """Write the folder, see :meth:`Tried.save`; the tables as Parquet too."""
        return super().save(out, (*extras, self._write_parquet))

    def _write_parquet(self, folder: Path) -> None:
        from sim.results.arrow import write_table

        for name, table in self.tables.items():
            write_table(folder / f"{name}.parquet", table)


class Trials:
    """A scenario held ready to be tried with values; what they do not touch is made once.

    Draws are kept where a value does not decide what is drawn (a capacity, a meeting date), and the same streams are drawn from where it
    does, so that all values meet the same futures.
    """

    def __init__(self, session: Session, means: Means) -> None:
        self.session, self.means = session, means

    def question(self, keys: Sequence[str], point: Point) -> Question:
        """What is asked at a point.

        Raises
        ------
        InputError
            A key or value is at fault.
        """
        own = self.session.question
        settings = dict(zip(keys, point, strict=True))
        return ask(own.loaded, overrides=overrides_of(own.loaded.raw, settings), engine=own.engine)

    def futures(self, question: Question) -> Futures | str:
        """The futures at a point, or why there are none."""
        setup = self.session.changed(compile_scenario(question.loaded.scenario))
        return try_futures(question, self.means, setup)


def sweep(
    scenario: str | Path | LoadedScenario,
    vary: Sequence[str | Vary],
    *,
    answers: Sequence[str] | None = None,
    replications: int | None = None,
    seed: int | None = None,
    overrides: Overrides = (),
    engine: Engine = "kernel",
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Sweep:
    """Try a scenario with many values, all on the same futures.

    Parameters
    ----------
    vary
        ``KEY=from:to:step`` or ``KEY=a,b,c``, see :mod:`sim.analysis.vary`; several are crossed.
    answers
        What is answered, see :mod:`sim.analysis.questions`; default: targets and last openings.
    progress
        Called with the number of points done, and of all.

    Returns
    -------
    Sweep
        Tables ``sweep`` and ``sweep_offices``.

    Raises
    ------
    InputError
        The scenario, a key, a value or a question is at fault; nothing has been simulated then.
    """
    varied = [parse_vary(one) if isinstance(one, str) else one for one in vary]
    if not varied:
        raise InputError(Fault("--vary", "nothing is varied; give e.g. --vary resources.crews.capacity=2:8:1"))
    points = crossed(varied)
    session = Session(scenario, replications=replications, seed=seed, overrides=overrides, engine=engine, workers=workers)
    asked = asked_of(session.question.loaded.scenario, answers)
    trials = Trials(session, Means(any(one.kind == "money" for one in asked), workers, executor))
    keys = tuple(one.key for one in varied)
    check_values(trials, varied)
    tables = sweep_tables(varied, points, _tried(trials, keys, points, progress), asked)
    settings = {"vary": [[one.key, *map(str, one.values)] for one in varied], "answers": [one.key for one in asked]}
    return Sweep("sweep", (session.question,), tables, keys, asked=settings)


def check_values(trials: Trials, varied: Sequence[Vary]) -> None:
    """Check every value on its own before anything is simulated; nothing is kept, for a scenario is large.

    Raises
    ------
    InputError
        The faults of all keys and values.
    """
    faults: dict[Fault, None] = {}
    for vary in varied:
        for value in vary.values:
            try:
                trials.question((vary.key,), (value,))
            except InputError as error:
                faults |= dict.fromkeys(error.faults)
    if faults:
        raise InputError(*faults)


def _tried(
    trials: Trials, keys: Sequence[str], points: Sequence[Point], progress: Callable[[int, int], None] | None
) -> Iterator[Futures | str]:
    for done, point in enumerate(points):
        if progress is not None:
            progress(done, len(points))
        yield trials.futures(trials.question(keys, point))
