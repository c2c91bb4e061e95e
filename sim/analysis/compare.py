"""Two scenarios on the same futures: what differs, by how much, how sure that is, and what was changed.

Each scenario is compared with the first. A difference is *called* only when chance could not make it: its test, corrected for the number
of questions asked (Holm), must be below 5 %. Else, when the whole interval lies within what does not matter (``MARGINS``), there is *no
difference*; else the futures are too few and it *cannot be told*.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from sim.analysis.futures import NEVER, Futures, Ordinals
from sim.analysis.paired import NONE, Difference, difference_of_chances, difference_of_means, difference_of_quantiles, holm
from sim.analysis.precision import wilson
from sim.analysis.questions import Kind, Question, answer, headlines, of_costs, of_counts, of_offices, question, shown
from sim.analysis.table import Table
from sim.errors import Fault, InputError
from sim.scenario.paths import dotted

ERROR = 0.05
"""Chance that any difference at all is called that is none."""

MARGINS: Mapping[Kind, float] = {"date": 1.0, "chance": 0.01, "count": 0.05, "money": 0.001}
"""Differences that do not matter: days, share, offices; of money a share of what it was."""

UNITS: Mapping[Kind, str] = {"date": "days", "chance": "percentage points", "count": "offices", "money": "kr"}
"""Units of differences."""

WORDS: Mapping[Kind, tuple[str, str]] = {
    "date": ("earlier", "later"),
    "chance": ("less likely", "likelier"),
    "count": ("fewer", "more"),
    "money": ("cheaper", "dearer"),
}
"""Verdicts when b is below and above a."""

SAME, UNKNOWN = "no difference", "cannot tell"

COLUMNS = (
    *("scenario", "question", "a", "a_low", "a_high", "b", "b_low", "b_high", "difference", "low", "high", "unit"),
    *("p", "p_adjusted", "verdict", "replications"),
)
EARLIER_COLUMNS = (
    *("scenario", "subject", "p_earlier", "p_earlier_low", "p_earlier_high", "p_same", "p_later", "p_later_low", "p_later_high"),
    *("mean_difference_days", "replications"),
)
CHANGE_COLUMNS = ("scenario", "path", "a", "b")

NOT_INPUT = {("scenario", name) for name in ("name", "description", "language", "seed", "replications")}
"""Entries that change no future, or are the same for all that are compared."""

LONGEST = 160
"""Signs of a value in a table."""


def compare(futures: Sequence[Futures], questions: Sequence[str] | None = None) -> dict[str, Table]:
    """Compare every scenario with the first.

    Parameters
    ----------
    futures
        Two or more, of the same futures: equal seeds and numbers of replications.
    questions
        Names, see :mod:`sim.analysis.questions`; default: targets, last openings, every office, counts by date, costs.

    Returns
    -------
    dict
        ``compare``: a question a row, for each further scenario. ``difference`` is b less a (days, percentage points, offices, kronor) with
        its 95 % interval; ``p`` the chance of one at least as large if there were none, ``p_adjusted`` the same given that so many
        questions are asked; ``verdict`` what may be said.
        ``earlier``: how often b is earlier than a in a pair of futures. ``input_changes``: what differs in the scenarios.
    """
    first, *others = futures
    for other in others:
        _check_pair(first, other)
    rows = [row for other in others for row in _pair(first, other, questions)]
    sooner = [row for other in others for row in _earlier(first, other)]
    changed = [(other.name, *row) for other in others for row in _changed(first.raw, other.raw, ())]
    return {
        "compare": Table.of_rows("compare", COLUMNS, rows),
        "earlier": Table.of_rows("earlier", EARLIER_COLUMNS, sooner),
        "input_changes": Table.of_rows("input_changes", CHANGE_COLUMNS, changed),
    }


def _check_pair(a: Futures, b: Futures) -> None:
    if (a.plan.seed, a.replications) != (b.plan.seed, b.replications):
        told = f"seed {a.plan.seed} and {a.replications} futures against seed {b.plan.seed} and {b.replications}"
        raise InputError(Fault(b.name, f"can only be compared on the same futures: {told}; run both alike"))


# --- questions -----------------------------------------------------------------------------------------------------------------


def common_questions(a: Futures, b: Futures) -> list[str]:
    """What both scenarios have an answer to."""
    offices = [id_ for id_ in a.plan.office_index if id_ in b.plan.office_index]
    theirs = {*headlines(b.plan.scenario), *of_offices(b.plan.scenario, offices), *of_costs(b)}
    ours = [*headlines(a.plan.scenario), *of_offices(a.plan.scenario, offices), *of_costs(a)]
    return [*(key for key in ours if key in theirs), *of_counts((a, b))]


def _pair(a: Futures, b: Futures, names: Sequence[str] | None) -> Iterator[list[Any]]:
    asked = [question(a.plan.scenario, key) for key in (common_questions(a, b) if names is None else names)]
    found = [difference(one, a, b) for one in asked]
    adjusted = holm([one.p for one in found])
    for one, gap, p in zip(asked, found, adjusted, strict=True):
        was, is_now = answer(one, a), answer(one, b)
        values = [shown(one.kind, value) for known in (was, is_now) for value in (known.value, known.low, known.high)]
        sizes = [in_unit(one.kind, value) for value in (gap.value, gap.low, gap.high)]
        yield [b.name, one.key, *values, *sizes, UNITS[one.kind], gap.p, p, verdict(one.kind, gap, p, was.value), a.replications]


def difference(asked: Question, a: Futures, b: Futures) -> Difference:
    """How an answer differs between two scenarios; exactly 0 where every pair of futures is alike."""
    if np.array_equal(asked.basis(a), asked.basis(b)) and (asked.by is None or asked.by(a) == asked.by(b)):
        return NONE
    values = asked.values(a), asked.values(b)
    if asked.kind == "chance":
        return difference_of_chances(*values)
    return difference_of_means(*values) if asked.level is None else difference_of_quantiles(*values, asked.level)


def in_unit(kind: Kind, size: float | None) -> float | None:
    """A difference in the unit of the table."""
    if size is None or kind in {"date", "count"}:
        return size
    return size * 100 if kind == "chance" else round(size) / 100


def verdict(kind: Kind, gap: Difference, p: float | None, before: float | None) -> str:
    """What may be said of a difference.

    >>> verdict("date", Difference(-6.0, -8.0, -4.0, 1e-6), 1e-5, 738000.0), verdict("chance", Difference(0.0, -0.02, 0.02, 1.0), 1.0, 0.5)
    ('earlier', 'cannot tell')
    """
    if gap.value is None or gap.low is None or gap.high is None or p is None:
        return UNKNOWN
    if p < ERROR and (gap.low > 0 or gap.high < 0):
        return WORDS[kind][gap.value > 0]
    margin = MARGINS[kind] * (abs(before or 0.0) if kind == "money" else 1.0)
    return SAME if -margin <= gap.low and gap.high <= margin else UNKNOWN


# --- which is earlier ----------------------------------------------------------------------------------------------------------


def _earlier(a: Futures, b: Futures) -> Iterator[list[Any]]:
    """For each office, each last opening and each target: how often b is earlier, in how many pairs of futures."""
    for subject, was, is_now in _subjects(a, b):
        n, sooner, later = len(was), int((is_now < was).sum()), int((is_now > was).sum())
        mean = None if NEVER in (was.max(), is_now.max()) else float((is_now.astype(np.int64) - was).mean())
        shares = (sooner / n, *wilson(sooner, n), (n - sooner - later) / n, later / n, *wilson(later, n))
        yield [b.name, subject, *shares, mean, n]


def _subjects(a: Futures, b: Futures) -> Iterator[tuple[str, Ordinals, Ordinals]]:
    yield "programme", a.last_opening(), b.last_opening()
    for number in a.rounds:
        if number in b.rounds and len(a.rounds) > 1:
            yield f"rounds.{number}", a.last_opening(number), b.last_opening(number)
    theirs = list(b.plan.scenario.targets)
    for i, id_ in enumerate(a.plan.scenario.targets):
        if id_ in theirs:
            yield f"targets.{id_}", a.reached[i], b.reached[theirs.index(id_)]
    for id_, i in a.plan.office_index.items():
        if id_ in b.plan.office_index:
            yield f"offices.{id_}", a.opening[:, i], b.opening[:, b.plan.office_index[id_]]


# --- what was changed ------------------------------------------------------------------------------------------------------------


def _changed(a: Mapping[str, Any], b: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, str | None, str | None]]:
    for key in dict.fromkeys((*a, *b)):
        here, was, is_now = (*path, key), a.get(key), b.get(key)
        if isinstance(was, Mapping) and isinstance(is_now, Mapping):
            yield from _changed(was, is_now, here)
        elif was != is_now and here not in NOT_INPUT:
            yield dotted(*here), written(was), written(is_now)


def written(value: Any) -> str | None:
    """A value of a scenario in a cell.

    >>> written({"capacity": 14}), written("small"), written(None)
    ('{"capacity": 14}', 'small', None)
    """
    if value is None or isinstance(value, str):
        return value
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
