"""Why an answer moved from one scenario to a later one: what differs, by category, and the scenarios in between.

From the old scenario to the new one goes a row of scenarios, each of which takes over one category of differences more, in the order of
:data:`ORDER`. All are simulated on the same futures, so that a step is what that category does and not chance, and the steps add up to the
whole change, as each begins where the one before ended. What two categories do only together falls to the later of them: another
order would share the change out otherwise, but not change its sum.

A scenario in between may be impossible (a new activity needs a new pool): then its category and the next are one step.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from statistics import NormalDist
from typing import Any, Literal

from sim.analysis.compare import UNITS, difference, in_unit, written
from sim.analysis.futures import Futures
from sim.analysis.paired import Difference
from sim.analysis.precision import z_score
from sim.analysis.questions import Estimate, Question, answer, shown

Category = Literal["outcomes", "risks", "estimates", "rules", "scope", "noise"]

ORDER: tuple[Category, ...] = ("outcomes", "risks", "estimates", "rules", "scope", "noise")
"""In which order differences are taken over.

What has happened comes first, as nobody has decided it; then what is thought of the future; then what has been decided: how the work is
done and with whom, and what is to be done. Last comes the choice of futures: seed and number.
"""

Path = tuple[str, ...]
Tables = Mapping[str, Any]

WHOLE: Mapping[str, Category] = {
    "status": "outcomes",
    "status_date": "outcomes",
    "status_file": "outcomes",
    "accept_out_of_sequence": "outcomes",
    "use_expected_finish": "outcomes",
    "seed": "noise",
    "replications": "noise",
    "learn": "estimates",
    "calendar": "rules",
}
"""Categories of entries of ``[scenario]``; the others are scope."""

TEXTS = {"name", "description", "language", "grade", "source"}
"""Keys of entries that change no future."""

ASIDE = ("costs", "price_index", "budgets", "reference_class")
"""Sections that move no date; they are left out in between, as they may name what is not there."""

NAMES = ("phases", "actors")
"""Sections that only name things."""

ESTIMATES = {"duration", "by_type", "by_round", "adjustments", "probability", "redo"}
"""Keys of an activity that are judged; the others are the rules of the process."""

ORDERED = ("offices", "activities")
"""Sections in which the order counts, in queues."""


@dataclass(frozen=True)
class Changed:
    """One difference between two scenarios.

    Attributes
    ----------
    category
        What kind of difference it is.
    path
        Where.
    old, new
        Values, as text in a cell; ``None`` for what is not there.
    """

    category: Category
    path: Path
    old: str | None
    new: str | None


def category_of(path: Path) -> Category | None:
    """The category of a difference by its place; ``None`` for what changes no future.

    >>> category_of(("activities", "permit", "duration", "lognormal", "p90")), category_of(("activities", "permit"))
    ('estimates', 'rules')
    >>> category_of(("scenario", "seed")), category_of(("risks", "strike", "name"))
    ('noise', None)
    """
    section, *inside = path
    if section in ASIDE + NAMES or (TEXTS & {*path[2:]}) or (section == "scenario" and path[1] in TEXTS):
        return None
    if section == "scenario":
        return WHOLE.get(inside[0], "scope")
    if section == "risks":
        return "risks"
    if section in {"correlation", "branches", "activities"}:
        return _of_the_process(section, inside)
    if section in {"calendars", "resources", "meetings"} or (section == "offices" and inside[1:] == ["priority"]):
        return "rules"
    return "scope"


def _of_the_process(section: str, inside: list[str]) -> Category:
    """A whole activity, branch or way back that comes or goes is a rule; what is judged of those that stay is an estimate."""
    if section == "correlation":
        return "estimates"
    if section == "branches":
        return "estimates" if len(inside) > 1 else "rules"
    estimated = len(inside) > 1 and inside[1] in ESTIMATES
    return "estimates" if estimated and inside[1:] != ["redo"] and inside[1:3] != ["redo", "back_to"] else "rules"


def differences(old: Tables, new: Tables) -> list[Changed]:
    """What differs between two resolved scenarios and can change a future, by category in order."""
    found = [*_different(old, new, ()), *_reordered(old, new)]
    return sorted(found, key=lambda changed: ORDER.index(changed.category))


def _different(a: Tables, b: Tables, path: Path) -> Iterator[Changed]:
    for key in dict.fromkeys((*a, *b)):
        here, was, is_now = (*path, key), a.get(key), b.get(key)
        if was == is_now:
            continue
        if (isinstance(was, Mapping) and isinstance(is_now, Mapping)) or not path:
            yield from _different(was or {}, is_now or {}, here)
        elif here == ("scenario", "status"):
            yield from _facts(was or (), is_now or ())
        elif category := category_of(here):
            yield Changed(category, here, written(was), written(is_now))


def _facts(was: Collection[Tables], is_now: Collection[Tables]) -> Iterator[Changed]:
    """Each activity of which more, less or something else is known."""
    before, after = ({_about(fact): fact for fact in facts} for facts in (was, is_now))
    for about in dict.fromkeys((*before, *after)):
        known = [_told(facts.get(about)) for facts in (before, after)]
        if known[0] != known[1]:
            yield Changed("outcomes", ("scenario", "status", *(part for part in about if part)), *known)


def _about(fact: Tables) -> Path:
    again = fact.get("pass", 1)
    return str(fact["office"]), str(fact.get("activity") or ""), "" if again == 1 else str(again)


def _told(fact: Tables | None) -> str | None:
    if fact is None:
        return None
    return ", ".join(f"{key} {value}" for key, value in fact.items() if key not in {"office", "activity", "pass"} and value is not None)


def _reordered(old: Tables, new: Tables) -> Iterator[Changed]:
    for section in ORDERED:
        was, is_now = ([id_ for id_ in a[section] if id_ in b[section]] for a, b in ((old, new), (new, old)))
        if was != is_now:
            category = category_of((section, "id"))
            assert category is not None
            yield Changed(category, (section, "(order)"), written(was), written(is_now))


def between(old: Tables, new: Tables, taken: Collection[Category]) -> dict[str, Any]:
    """The old scenario with some categories of differences taken over from the new one.

    Facts about offices and activities that it does not have are left out until it has them, and what moves no date for good.
    """
    made = {section: tables for section, tables in _between(old, new, (), set(taken)).items() if section not in ASIDE}
    facts = made["scenario"].get("status")
    if facts is not None:
        made["scenario"] = {**made["scenario"], "status": [fact for fact in facts if _is_known(fact, made["offices"], made["activities"])]}
    return made


def _is_known(fact: Tables, offices: Tables, activities: Tables) -> bool:
    return fact["office"] in offices and (not fact.get("activity") or fact["activity"] in activities)


def _between(a: Tables, b: Tables, path: Path, taken: set[Category]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    order = (*b, *a) if path and _is_taken((*path, "id"), taken) else (*a, *b)
    for key in dict.fromkeys(order):
        here, was, is_now = (*path, key), a.get(key), b.get(key)
        if not path or (isinstance(was, Mapping) and isinstance(is_now, Mapping)):
            made[key] = _between(was or {}, is_now or {}, here, taken)
        else:
            source = b if was == is_now or _is_taken(here, taken) else a
            if key in source:
                made[key] = source[key]
    return made


def _is_taken(path: Path, taken: set[Category]) -> bool:
    category = category_of(path)
    return category is None or category in taken


# --- steps -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A step from one scenario to the next.

    Attributes
    ----------
    categories
        What is taken over; several where the scenario between them could not be simulated.
    changes
        How many differences there are.
    why_merged
        Why several categories are one step; else empty.
    """

    categories: tuple[Category, ...]
    changes: int = 0
    why_merged: str = ""

    @property
    def name(self) -> str:
        """The categories as text in a cell."""
        return " + ".join(self.categories)


TOTAL = "total"
"""Stands in the column of categories for the whole change."""

COLUMNS = (
    *("question", "step", "category", "changes", "before", "after", "change", "standard_error", "low", "high", "unit", "why_merged"),
)

INPUT_COLUMNS = ("category", "path", "old", "new")


def move_rows(asked: Question, steps: Sequence[Step], found: Sequence[tuple[Estimate, Difference]], start: Estimate) -> Iterator[list[Any]]:
    """The rows of one question: its steps in order, and the whole.

    Parameters
    ----------
    steps
        In order; the last is the whole.
    found
        Of each step: the answer after it, and how much it has moved.
    start
        The answer of the old run.
    """
    before = start
    for number, (step, (after, gap)) in enumerate(zip(steps, found, strict=True), 1):
        begin = start if number == len(steps) else before
        sizes = [in_unit(asked.kind, size) for size in (gap.value, gap.error, gap.low, gap.high)]
        name, place = (TOTAL, 0) if number == len(steps) else (step.name, number)
        ends = [shown(asked.kind, value.value) for value in (begin, after)]
        yield [asked.key, place, name, step.changes, *ends, *sizes, UNITS[asked.kind], step.why_merged]
        before = after


def moved(asked: Question, a: Futures, b: Futures) -> Difference:
    """How an answer moves between two scenarios: future by future when they are pairs, else as two apart."""
    if (a.plan.seed, a.replications) == (b.plan.seed, b.replications):
        return difference(asked, a, b)
    was, is_now = answer(asked, a), answer(asked, b)
    if was.value is None or is_now.value is None:
        return Difference(None, None, None, None)
    gap, z = is_now.value - was.value, z_score()
    if None in (was.low, was.high, is_now.low, is_now.high):
        return Difference(gap, None, None, None)
    half = hypot(*(_half(known) for known in (was, is_now)))
    p = 2 * NormalDist().cdf(-abs(gap) * z / half) if half else float(gap == 0)
    return Difference(gap, gap - half, gap + half, p, half / z)


def _half(known: Estimate) -> float:
    """Half of an interval."""
    assert known.low is not None
    assert known.high is not None
    return (known.high - known.low) / 2
