"""Scoring a kept forecast against what has happened."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sim.analysis.outcomes import Actuals
from sim.analysis.score import Scoring, score_coverage, score_offices, score_pit, score_rivals, score_summary
from sim.analysis.score_chances import score_brier, score_chances, score_counts, score_reliability
from sim.analysis.table import Table
from sim.results.actuals import read_actuals
from sim.results.answer_folder import write_answer
from sim.results.model import SavedRun, load
from sim.results.planned import undelayed
from sim.results.question import own_version

Extra = Callable[["Score", Path], object]
"""Writes further files (pictures) into the folder."""


@dataclass(frozen=True, eq=False)
class Score:
    """How good a forecast was.

    Attributes
    ----------
    run
        The forecast.
    actuals
        What has happened.
    tables
        By name: ``score_summary``, ``score_coverage``, ``score_rivals``, ``score_offices``, ``score_pit``, ``score_chances``,
        ``score_brier``, ``score_reliability`` and ``score_counts``.
    """

    run: SavedRun
    actuals: Actuals
    tables: Mapping[str, Table]

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    @property
    def id(self) -> str:
        """Address of the answer: a digest of the run and of what has happened."""
        text = "".join([self.run.id, str(self.actuals.as_of), *(table.csv() for table in self.tables.values())])
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def about(self) -> dict[str, Any]:
        """How it came about."""
        known = len(self.actuals.openings)
        return {
            "kind": "score",
            "id": self.id,
            "run_id": self.run.id,
            "as_of": self.actuals.as_of,
            "known": known,
            "scored": len(self["score_offices"]),
            "version": own_version(),
        }

    def save(self, out: str | Path | None = None, extras: Iterable[Extra] = ()) -> Path:
        """Write the folder ``score-<id>`` beside the run's, or in ``out``, whole or not at all.

        Raises
        ------
        ResultsError
            The folder cannot be written.
        """
        target = (self.run.folder.parent if out is None else Path(out)) / f"score-{self.id}"
        return write_answer(target, "score", self.tables, self.about(), (partial(extra, self) for extra in extras))


def score(run: str | Path | SavedRun, actuals: str | Path | Actuals, *, as_of: dt.date | None = None) -> Score:
    """Score a forecast against what has happened.

    Parameters
    ----------
    run
        A run folder.
    actuals
        A CSV or Excel file, see :mod:`sim.results.actuals`.
    as_of
        The last day of which it is known what was open; needed when some office has not opened.

    Raises
    ------
    InputError
        What has happened is told wrongly.
    ResultsError
        The folder is not that of a whole run.
    """
    saved = run if isinstance(run, SavedRun) else load(run)
    known = actuals if isinstance(actuals, Actuals) else read_actuals(actuals, saved.plan, as_of)
    calculated = undelayed(saved.plan).opening(saved.plan)[0].tolist()
    return Score(saved, known, tables_of(Scoring(saved.plan, saved.days, calculated, known), saved["targets"]))


def tables_of(scoring: Scoring, targets: Table) -> dict[str, Table]:
    """All tables of a scoring."""
    chances = score_chances(scoring, targets)
    made = [
        *(score_summary(scoring), score_coverage(scoring), score_rivals(scoring), score_offices(scoring), score_pit(scoring)),
        *(chances, score_brier(chances), score_reliability(chances), score_counts(scoring)),
    ]
    return {table.name: table for table in made}
