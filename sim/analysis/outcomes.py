"""What has happened, as far as it is known, against which a forecast is scored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sim.analysis.scores import NEVER, Outcome
from sim.plan import Plan
from sim.scenario.attributes import Attributes, certainly_fits
from sim.scenario.schema import Filter, Target


@dataclass(frozen=True)
class Count:
    """How many offices of the scenario that fit a filter were open on a date.

    Attributes
    ----------
    date, open
        The day, and how many.
    offices
        Which count, by attributes that are certain; empty: all.
    label
        The filter as it was written.
    """

    date: dt.date
    open: int
    offices: Filter = field(default_factory=dict)
    label: str = "all"


@dataclass(frozen=True)
class Actuals:
    """What is known.

    Attributes
    ----------
    openings
        Opening day of each office of which something is known, in days after the scenario's start.
    counts
        Counts of open offices.
    as_of
        The last day of which it is known what was open; ``None`` when every office has opened.
    """

    openings: Mapping[str, Outcome]
    counts: Sequence[Count] = ()
    as_of: dt.date | None = None


def horizon(plan: Plan, actuals: Actuals) -> int | None:
    """The last day that counts in scores: that up to which facts are known when some office has not opened by then."""
    waiting = any(outcome.last == NEVER for outcome in actuals.openings.values())
    return plan.day(actuals.as_of) if waiting and actuals.as_of else None


def open_by(outcome: Outcome, day: int) -> bool | None:
    """Whether an office was open on a day; ``None`` when that is not known.

    >>> open_by(Outcome(5, 5), 5), open_by(Outcome(6, NEVER), 5), open_by(Outcome(4, 8), 5)
    (True, False, None)
    """
    return True if outcome.last <= day else False if outcome.first > day else None


def members(plan: Plan, wanted: Filter) -> list[int] | None:
    """Offices that a filter counts; ``None`` when that hangs on what is uncertain."""
    offices, attributes = plan.scenario.offices, Attributes(plan.scenario)
    found = [i for i, office in enumerate(plan.offices) if certainly_fits(office.id, offices[office.id], wanted)]
    unsure = any(attributes.may_fit(office.id, wanted) for i, office in enumerate(plan.offices) if i not in found)
    return None if unsure else found


def reached(plan: Plan, target: Target, actuals: Actuals) -> bool | None:
    """Whether a target was reached by its date; ``None`` when that is not known."""
    counted = members(plan, target.offices)
    if counted is None:
        return None
    needed = (len(counted) + target.existing if target.at_least is None else target.at_least) - target.existing
    day = plan.day(target.by)
    states = [open_by(actuals.openings.get(plan.offices[i].id, Outcome(0, NEVER)), day) for i in counted]
    least, most = states.count(True), len(states) - states.count(False)
    for count in actuals.counts:
        if count.offices == target.offices:
            least = max(least, count.open) if count.date <= target.by else least
            most = min(most, count.open) if count.date >= target.by else most
    return True if least >= needed else False if most < needed else None
