"""The answer to a question: tables by name, the futures behind them, and how they came about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.table import Table
from sim.errors import ResultsError
from sim.plan import Plan, compile_scenario
from sim.results import arrow, passport, saved, tables
from sim.results.folder import clear_up, whole_folder
from sim.results.memory import give_back
from sim.results.question import Question
from sim.results.why import LEAVE_ONE_OUT, SENSITIVITY
from sim.runner import Block
from sim.scenario import LoadedScenario, Scenario, from_raw

Extra = Callable[["Result", Path], Iterable[Path]]
"""Writes further files (a report, pictures) into the folder of a run; gives their paths."""

RESULTS = Path("results")
"""Where run folders go unless told otherwise."""


@dataclass(frozen=True, eq=False)
class Result:
    """The answer to a question.

    Attributes
    ----------
    question
        What was asked.
    plan
        The scenario, compiled.
    tallies
        What was gathered of the futures, by name.
    timings
        Seconds of each stage so far.
    """

    question: Question
    plan: Plan
    tallies: Mapping[str, Any]
    timings: dict[str, float] = field(default_factory=dict)
    _made: dict[str, Table] = field(default_factory=dict, repr=False)

    @property
    def loaded(self) -> LoadedScenario:
        """The scenario and how it came about."""
        return self.question.loaded

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self.loaded.scenario

    @property
    def id(self) -> str:
        """Address of this answer."""
        return self.question.id

    @property
    def replications(self) -> int:
        """Number of futures."""
        return self.question.replications

    @property
    def why(self) -> int:
        """Number of futures that were simulated again without each cause."""
        return self.tallies[LEAVE_ONE_OUT].replications if LEAVE_ONE_OUT in self.tallies else 0

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tables."""
        return tables.available(self._known)

    @property
    def _known(self) -> tables.Known:
        return tables.Known(self.loaded, self.plan, self.tallies, self.table)

    @property
    def days(self) -> NDArray[Any]:
        """Opening day of every office in every future, whole days after ``scenario.start``; shape ``(replications, offices)``."""
        days: NDArray[Any] = self.tallies["openings"].days
        return days

    def table(self, name: str) -> Table:
        """A table by its name; made when it is first asked for.

        Raises
        ------
        KeyError
            There is no such table; the message names those that there are.
        """
        if name not in self._made:
            if name not in self.names:
                raise KeyError(f"{name!r} is not a table of this run; use one of {', '.join(self.names)}")
            self._made[name] = tables.make(self._known, name)
        return self._made[name]

    def __getitem__(self, name: str) -> Table:
        return self.table(name)

    def tables(self) -> dict[str, Table]:
        """All tables by name."""
        return {name: self.table(name) for name in self.names}

    def make_settled(self) -> None:
        """Make the tables that do not wait for futures simulated once more."""
        for name in tables.settled(self._known, (LEAVE_ONE_OUT, SENSITIVITY)):
            self.table(name)

    def _repr_html_(self) -> str:
        """For notebooks: targets and openings."""
        shown = [self.table(name)._repr_html_() for name in ("targets", "openings") if name in self.names and len(self.table(name))]
        title = f"{self.scenario.scenario.name}: {self.replications} futures, seed {self.question.seed}"
        return f"<h3>{escape(title)}</h3>" + "".join(shown)

    def about(self) -> dict[str, Any]:
        """How the answer came about: scenario, seed, versions, timings, as in ``run.json``."""
        again = {"why": self.why, "sensitivity": SENSITIVITY in self.tallies}
        return {**passport.passport_of(self.question, self.timings), **again}

    def save(
        self, out: str | Path = RESULTS, *, timeline: Callable[[], Iterator[Block]] | None = None, extras: Iterable[Extra] = ()
    ) -> Path:
        """Write the run folder ``out/<scenario>/<id>``, whole or not at all; one that is there already is replaced.

        Parameters
        ----------
        timeline
            Gives the blocks of all futures once more, for ``timeline.parquet``.
        extras
            Write more files: a report, pictures.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        ResultsError
            The disk is full, or the folder cannot be written; what stood there before still stands.
        """
        target = Path(out) / self.loaded.path.stem / self.id
        with whole_folder(target) as folder:
            made = self.tables()
            give_back()
            texts = {f"{name}.csv": table.csv() for name, table in made.items()}
            for name, text in texts.items():
                (folder / name).write_bytes(text.encode())
            if "openings" in self.tallies:
                arrow.write_openings(folder / "openings.parquet", self.plan, self.days)
            if timeline is not None:
                arrow.write_timeline(folder / "timeline.parquet", self.plan, timeline)
            for extra in extras:
                list(extra(self, folder))
            files = {path.name: passport.digest_of(path) for path in sorted(folder.iterdir())}
            kinds = {name: saved.kinds_of(table) for name, table in made.items()}
            (folder / passport.NAME).write_text(passport.write_passport(self.about(), files, kinds), "utf-8")
        return target


@dataclass(frozen=True, eq=False)
class SavedRun:
    """A run folder, read back; its tables are read when they are asked for.

    Attributes
    ----------
    folder
        Where it lies.
    passport
        What ``run.json`` says.
    """

    folder: Path
    passport: Mapping[str, Any]
    _read: dict[str, Table] = field(default_factory=dict, repr=False)

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario, made again from the passport."""
        return from_raw(self.passport["scenario"])

    @cached_property
    def plan(self) -> Plan:
        """The scenario, compiled."""
        return compile_scenario(self.scenario)

    @property
    def id(self) -> str:
        """Address of this answer."""
        return str(self.passport["run_id"])

    def about(self) -> dict[str, Any]:
        """How the answer came about, as in ``run.json``."""
        return dict(self.passport)

    @property
    def replications(self) -> int:
        """Number of futures."""
        return int(self.passport["replications"])

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tables."""
        return tuple(self.passport["tables"])

    @cached_property
    def days(self) -> NDArray[np.int32]:
        """Opening day of every office in every future, shape ``(replications, offices)``."""
        return arrow.read_openings(self.folder / "openings.parquet", len(self.scenario.offices))

    def table(self, name: str) -> Table:
        """A table by its name.

        Raises
        ------
        KeyError
            There is no such table; the message names those that there are.
        ResultsError
            Its file is missing, or has been edited so that it cannot be read.
        """
        if name not in self._read:
            if name not in self.names:
                raise KeyError(f"{name!r} is not a table of this run; use one of {', '.join(self.names)}")
            self._read[name] = saved.read_table(name, self.text(name), self.passport["tables"][name])
        return self._read[name]

    def __getitem__(self, name: str) -> Table:
        return self.table(name)

    def tables(self) -> dict[str, Table]:
        """All tables by name."""
        return {name: self.table(name) for name in self.names}

    def text(self, name: str) -> str:
        """The CSV file of a table, as it is.

        Raises
        ------
        ResultsError
            It is missing or cannot be read.
        """
        path = self.folder / f"{name}.csv"
        try:
            return path.read_bytes().decode()
        except (OSError, ValueError) as error:
            raise ResultsError(f"{path}: cannot be read: {error}") from None


def load(folder: str | Path) -> SavedRun:
    """Read a run folder.

    Raises
    ------
    ResultsError
        It is not one, or not whole.
    """
    path = Path(folder)
    if not path.exists():
        clear_up(path)  # a run that was killed while it replaced the folder has left it under another name
    return SavedRun(path, passport.read_passport(path))
