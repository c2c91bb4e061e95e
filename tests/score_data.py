"""A forecast by hand and what came of it, with every sort of outcome, so that nothing has to be simulated to write its page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from programmes import MONDAY, plan_of

from sim.analysis.outcomes import Actuals, Count
from sim.analysis.score import Scoring
from sim.analysis.scores import NEVER, Outcome
from sim.analysis.table import Table
from sim.report import ReportInput
from sim.results.score import tables_of

HOSTILE = "<b>Å</b>"
"""Name of office a."""

FIRST = {"a": 20, "b": 20, "c": 20, "d": 20, "e": 20, "f": 60, "g": 40}
"""Day on which each office opens in the first of a hundred futures; in each further one it is a day later. But g is certain."""

OFFICES: dict[str, dict[str, Any]] = {
    "a": {"name": HOSTILE, "target": MONDAY + dt.timedelta(60), "round": 1},
    "b": {"round": 1},
    "c": {"target": MONDAY + dt.timedelta(60)},
    "d": {},
    "e": {},
    "f": {"target": MONDAY + dt.timedelta(100)},
    "g": {},
}

KNOWN = {
    "a": Outcome(50, 50),
    "b": Outcome(22, 22),
    "c": Outcome(115, 115),
    "d": Outcome(51, 70),
    "e": Outcome(0, 60),
    "f": Outcome(121, NEVER),
    "g": Outcome(40, 40),
}
"""Inside, too early, too late, inside by bounds, open by a day, not yet open, and known to the forecast already."""

REFERENCE = {"old": {"weeks": [5, 10], "offices": {"round": 1}, "name": {"sv": "Äldre", "en": "Earlier"}}}
TARGETS = {"four": {"at_least": 4, "by": MONDAY + dt.timedelta(120)}, "seven": {"by": MONDAY + dt.timedelta(120)}}
CHANCES = [("four", "four", MONDAY + dt.timedelta(120), 0.8), ("seven", "seven", MONDAY + dt.timedelta(120), 0.3)]
COUNTS = (Count(MONDAY + dt.timedelta(114), 5), Count(MONDAY + dt.timedelta(60), 2, {"round": (1,)}, "round=1"))


def day(number: int) -> dt.date:
    return MONDAY + dt.timedelta(number)


def scored(
    language: str, known: Mapping[str, Outcome] = KNOWN, counts: Sequence[Count] = COUNTS, as_of: int = 120, **sections: object
) -> tuple[ReportInput, dict[str, Any]]:
    """What the page is written from; ``sections`` change the scenario."""
    parts = {"targets": TARGETS, "reference_class": REFERENCE, "offices": OFFICES, **sections}
    plan = plan_of({"activities": {"work": {"duration": 5}}, **parts})
    days = np.array([[first + (k if id_ != "g" else 0) for id_, first in FIRST.items()] for k in range(100)])
    actuals = Actuals(known, counts, day(as_of))
    told = Table.of_rows("targets", ("target", "name", "by", "probability"), CHANCES if parts["targets"] else [])
    tables = tables_of(Scoring(plan, days, [45] * len(FIRST), actuals), told)
    passport = {
        "run_id": "0123456789ab",
        "seed": 7,
        "replications": 100,
        "versions": {"etablera": "9.8.7"},
        "score": {"id": "ba9876543210"},
    }
    about = {"known": len(known), "scored": len(tables["score_offices"]), "as_of": actuals.as_of}
    return ReportInput(scenario=plan.scenario, tables=tables, passport=passport, language=language), about
