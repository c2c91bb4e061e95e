"""Many scenarios that differ in a few values, on the same futures: one row each, with intervals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sim.analysis.futures import Futures
from sim.analysis.questions import Question, answer, headlines, question, shown
from sim.analysis.table import Table
from sim.analysis.vary import Point, Vary, written
from sim.scenario.schema import Scenario

OFFICE_ANSWERS = ("p50", "p80", "on_time")
"""What is said of each office at each point."""

LAST_COLUMNS = ("replications", "note")
"""What stands behind the keys and the answers."""


def asked_of(scenario: Scenario, names: Sequence[str] | None = None) -> list[Question]:
    """The questions that a sweep answers; default: each target, and when the last office of all and of each round opens."""
    return [question(scenario, key, "--answers") for key in (names or headlines(scenario))]


def sweep_tables(
    varied: Sequence[Vary], points: Sequence[Point], tried: Iterable[Futures | str], asked: Sequence[Question]
) -> dict[str, Table]:
    """The answers at every point.

    Parameters
    ----------
    varied
        The keys.
    points
        Their values at each point.
    tried
        The futures at each point, or why there are none; taken one at a time, none is kept.
    asked
        What is answered.

    Returns
    -------
    dict
        ``sweep``: a point a row; the keys, then each answer with ``…_low`` and ``…_high``, and a ``note`` where futures come to a dead end.
        ``sweep_offices``: a point and office a row.
    """
    keys = [vary.key for vary in varied]
    rows: list[list[Any]] = []
    offices: list[list[Any]] = []
    for point, found in zip(points, tried, strict=True):
        place = [written(value) for value in point]
        rows.append([*place, *_row(found, asked)])
        if isinstance(found, Futures):
            offices += [[*place, *row] for row in _office_rows(found)]
    names = [*keys, *(f"{one.key}{end}" for one in asked for end in ("", "_low", "_high")), *LAST_COLUMNS]
    ends = ("", "_low", "_high")
    office_names = [*keys, "office", *(f"{name}{end}" for name in OFFICE_ANSWERS for end in ends), "replications"]
    return {"sweep": Table.of_rows("sweep", names, rows), "sweep_offices": Table.of_rows("sweep_offices", office_names, offices)}


def _row(found: Futures | str, asked: Sequence[Question]) -> list[Any]:
    if isinstance(found, str):
        return [*([None] * (3 * len(asked))), None, found]
    return [*(value for one in asked for value in _answer(one, found)), found.replications, None]


def _answer(asked: Question, futures: Futures) -> list[Any]:
    known = answer(asked, futures)
    return [shown(asked.kind, value) for value in (known.value, known.low, known.high)]


def _office_rows(futures: Futures) -> Iterable[list[Any]]:
    scenario = futures.plan.scenario
    for id_, office in scenario.offices.items():
        values: list[Any] = []
        for stat in OFFICE_ANSWERS:
            has = stat != "on_time" or office.target is not None
            values += _answer(question(scenario, f"offices.{id_}.{stat}"), futures) if has else [None] * 3
        yield [id_, *values, futures.replications]
