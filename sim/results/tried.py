"""What was found by trying several scenarios, and the folder it is kept in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.analysis.table import Table
from sim.results import passport
from sim.results.answer_folder import write_answer
from sim.results.model import RESULTS
from sim.results.question import Question


@dataclass(frozen=True)
class Tried:
    """Tables about several scenarios.

    Attributes
    ----------
    kind
        ``compare``, ``sweep``, ``solve``, ``replay`` or ``diff``.
    questions
        What was simulated; the first is that from which the others differ.
    tables
        By name.
    """

    kind: str
    questions: tuple[Question, ...]
    tables: Mapping[str, Table]
    asked: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    """What else was asked for, as JSON."""

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    @property
    def id(self) -> str:
        """Address of the answer: a digest of the questions and of what was asked of them."""
        text = json.dumps([self.kind, [question.id for question in self.questions], self.asked], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def about(self) -> dict[str, Any]:
        """How it came about, as in ``run.json``."""
        return passport.passport_of(self.questions[0], {})

    def save(self, out: str | Path = RESULTS, extras: Iterable[Callable[[Path], object]] = ()) -> Path:
        """Write the folder ``out/<scenario>/<kind>-<id>``, whole or not at all: a CSV a table, ``<kind>.json``, and what ``extras`` write.

        Raises
        ------
        ResultsError
            The folder cannot be written.
        """
        first = self.questions[0]
        target = Path(out) / first.loaded.path.stem / f"{self.kind}-{self.id}"
        others = [{"id": question.id, "scenario": question.loaded.raw} for question in self.questions[1:]]
        about = {**self.about(), "kind": self.kind, "id": self.id, "asked": dict(self.asked), "others": others}
        return write_answer(target, self.kind, self.tables, about, extras)
