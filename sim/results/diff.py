"""Why the dates moved since the last run: from the old scenario to the new one, a category of differences at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.analysis.futures import Futures
from sim.analysis.moves import COLUMNS, INPUT_COLUMNS, ORDER, Category, Changed, Step, between, differences, move_rows, moved
from sim.analysis.questions import Question as Asked
from sim.analysis.questions import answer, headlines
from sim.analysis.questions import question as asked_by_name
from sim.analysis.table import Table
from sim.errors import DeadEndError, Fault, InputError
from sim.results.comparison import names_of
from sim.results.futures import Means, ask_again, simulate_futures
from sim.results.model import load
from sim.results.question import Question, ask
from sim.results.tried import Tried
from sim.runner import Engine
from sim.scenario import LoadedScenario, Scenario
from sim.scenario.paths import dotted


@dataclass(frozen=True)
class Moves(Tried):
    """Why answers moved.

    Attributes
    ----------
    names
        What the old run and the new one are called.
    headlines
        The questions that were asked for, or those that are asked first.
    redrawn
        Names of the runs that this version of the program does not make again as they were kept; all that is said here is what it says now.
    """

    names: tuple[str, str]
    headlines: tuple[str, ...]
    redrawn: tuple[str, ...]


def diff(
    old: str | Path | LoadedScenario,
    new: str | Path | LoadedScenario,
    *,
    answers: Sequence[str] | None = None,
    engine: Engine = "kernel",
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Moves:
    """Say why answers moved between two runs.

    Both scenarios and those between them are simulated on the futures of the old run; the last step goes over to those of the new.

    Parameters
    ----------
    old, new
        Run folders, or scenarios: what their passports say is run again, no scenario file is read.
    answers
        Names of questions, see :mod:`sim.analysis.questions`, money left out; default: targets and P80 of last openings.
    progress
        Called with the number of scenarios done, and how many there are at most.

    Returns
    -------
    Moves
        Table ``diff``: a step of a question a row, in order, and the whole (``total``), which the steps add up to. ``change`` is in days
        or percentage points, with its standard error and 95 % interval from pairs of futures. Every office stands there too.
        Table ``diff_inputs``: what differs between the scenarios, and under which category it counts.

    Raises
    ------
    InputError
        A scenario or a question is at fault.
    DeadEndError
        A future of one of the two runs cannot go on.
    """
    first, last = ask_again(old, engine=engine), ask_again(new, engine=engine)
    known = [question.loaded.scenario for question in (first, last)]
    shown, asked = _asked(known[0], known[1], answers)
    walk = _Walk(first, last, Means(False, workers, executor), progress)
    found = walk.rows(asked)
    inputs = [(changed.category, dotted(*changed.path), changed.old, changed.new) for changed in walk.changed]
    tables = {
        "diff": Table.of_rows("diff", COLUMNS, found),
        "diff_inputs": Table.of_rows("diff_inputs", INPUT_COLUMNS, inputs),
    }
    settings = {"answers": shown, "order": list(ORDER)}
    was, is_now = names_of((first, last))
    kept = ((was, old, walk.ends[0]), (is_now, new, walk.ends[1]))
    redrawn = tuple(name for name, where, futures in kept if not _as_kept(where, futures))
    return Moves("diff", (first, last), tables, (was, is_now), tuple(shown), redrawn, asked=settings)


def _as_kept(where: str | Path | LoadedScenario, futures: Futures) -> bool:
    """Whether the openings are those that a run folder holds; also where there is none to compare with."""
    if isinstance(where, LoadedScenario) or not (Path(where) / "openings.parquet").is_file():
        return True
    days = load(where).days
    return days.shape == futures.opening.shape and bool((days + futures.plan.start.toordinal() == futures.opening).all())


def _asked(old: Scenario, new: Scenario, answers: Sequence[str] | None) -> tuple[list[str], list[Asked]]:
    """Names of what is asked first, and all questions that both scenarios have an answer to."""
    if answers is None:
        shown = [key for key in headlines(old) if key in headlines(new) and not key.endswith(".p50")]
    else:
        shown = list(dict.fromkeys(answers))
        _check(old, new, shown)
    offices = [f"offices.{id_}.{stat}" for id_ in old.offices if id_ in new.offices for stat in ("p50", "p80")]
    medians = [key for key in headlines(old) if key in headlines(new)]
    return shown, [asked_by_name(old, key, "--answers") for key in dict.fromkeys((*shown, *medians, *offices))]


def _check(old: Scenario, new: Scenario, keys: Sequence[str]) -> None:
    faults: dict[Fault, None] = {}
    for key in keys:
        for scenario in (old, new):
            try:
                if asked_by_name(scenario, key, "--answers").kind == "money":
                    faults[Fault("--answers", f'"{key}" is money; what moves dates is told here: ask for a date or a chance')] = None
            except InputError as error:
                faults |= dict.fromkeys(error.faults)
    if faults:
        raise InputError(*faults)


class _Walk:
    """The way from the old run to the new one.

    Attributes
    ----------
    changed
        What differs.
    ends
        The futures of both, when the way has been gone.
    """

    ends: tuple[Futures, Futures]

    def __init__(self, first: Question, last: Question, means: Means, progress: Callable[[int, int], None] | None) -> None:
        self.first, self.last, self.means, self.progress = first, last, means, progress
        self.changed: list[Changed] = differences(first.loaded.raw, last.loaded.raw)
        self.count = Counter(changed.category for changed in self.changed)

    def rows(self, asked: Sequence[Asked]) -> list[list[Any]]:
        """All rows, question by question."""
        start = here = self._futures(self.first, 0)
        steps: list[Step] = []
        found: list[list[Any]] = [[] for _ in asked]
        for step, there in self._steps(here):
            steps.append(step)
            for place, one in enumerate(asked):
                found[place].append((answer(one, there), moved(one, here, there)))
            here = there
        self.ends = start, here
        steps.append(Step((), len(self.changed)))
        for place, one in enumerate(asked):
            found[place].append((answer(one, here), moved(one, start, here)))
        return [row for place, one in enumerate(asked) for row in move_rows(one, steps, found[place], answer(one, start))]

    def _steps(self, here: Futures) -> Iterator[tuple[Step, Futures]]:
        """Each step, and the futures after it."""
        taken: list[Category] = []
        waiting: list[Category] = []
        why = ""
        for number, category in enumerate(ORDER, 1):
            waiting.append(category)
            try:
                there = self._after(category, [*taken, *waiting], here, number, untried=len(waiting) > 1)
            except (InputError, DeadEndError) as error:
                if category == ORDER[-1]:
                    raise
                why = why or str(error).splitlines()[0]
                continue
            yield Step(tuple(waiting), sum(self.count[one] for one in waiting), why), there
            taken, waiting, why, here = [*taken, *waiting], [], "", there

    def _after(self, category: Category, taken: Sequence[Category], here: Futures, number: int, *, untried: bool) -> Futures:
        """The futures when a category is taken over too; those that are there where that changes nothing."""
        if not self.count[category] and not untried:
            return here
        if category == ORDER[-1]:
            return self._futures(self.last, number)
        raw = between(self.first.loaded.raw, self.last.loaded.raw, taken)
        loaded = LoadedScenario.of_raw(raw, self.last.loaded.path)
        return self._futures(ask(loaded, engine=self.first.engine), number)

    def _futures(self, question: Question, number: int) -> Futures:
        if self.progress is not None:
            self.progress(number, len(ORDER))
        return simulate_futures(question, self.means)
