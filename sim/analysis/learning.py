"""What the status of a running programme teaches about each activity: its duration before and after.

The distribution of a length is that of a score, which has a part from each common factor and one of its own. What is learnt moves the
common factors; for an office of which nothing is known yet those of the programme, of the actor and of the activity itself, while its
county, municipality and office stay as they were. So its score, standard normal before, is normal with another mean and a smaller
variance after, and its duration is the same distribution at that score.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.analysis.table import Table
from sim.distributions import Distribution
from sim.plan import ActivityPlan, Kind, Plan
from sim.sampling.cases import Cases
from sim.sampling.known_lengths import Length
from sim.sampling.layers import load_of
from sim.sampling.learning import Learnt

Real = NDArray[np.float64]

GENERAL = ("programme", "actor", "activity")
"""Layers that an office has of which nothing is known yet."""

P10, P90 = -1.2815515655446004, 1.2815515655446004
"""Normal scores of one in ten and nine in ten."""

COLUMNS = (
    *("activity", "calendar", "finished", "under_way", "taken_to_estimate"),
    *("prior_p10", "prior_p50", "prior_p90", "posterior_p10", "posterior_p50", "posterior_p90"),
    *("factor", "factor_low", "factor_high"),
)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is learnt about an activity, as it is for an office of which nothing is known.

    Attributes
    ----------
    activity
        The activity.
    finished, unfinished
        Known lengths of finished work and of work under way.
    mean, sd
        Of the score of its duration; 0 and 1 before.
    common_sd
        The part of ``sd`` that all offices share.
    """

    activity: ActivityPlan
    finished: tuple[Length, ...]
    unfinished: tuple[Length, ...]
    mean: float
    sd: float
    common_sd: float

    def quantiles(self, law: Distribution) -> Real:
        """P10, P50 and P90 of a duration whose distribution was ``law`` before."""
        return law.at_score(self.mean + self.sd * np.array([P10, 0.0, P90]))

    def factor(self, law: Distribution) -> Real:
        """The median after, as a factor of that before; with the bounds between which it lies in 8 of 10 cases."""
        medians = law.at_score(self.mean + self.common_sd * np.array([0.0, P10, P90]))
        return medians / law.median if law.median else np.ones(3)


def lessons(plan: Plan, learnt: Learnt) -> list[Lesson]:
    """What is learnt about every activity with a duration, in the order of the scenario."""
    return [_lesson(plan, learnt, activity) for activity in plan.activities if activity.kind is Kind.WORK and _spreads(plan, activity)]


def _spreads(plan: Plan, activity: ActivityPlan) -> bool:
    return activity.duration is not None and plan.distributions[activity.duration.default].variance > 0


def _lesson(plan: Plan, learnt: Learnt, activity: ActivityPlan) -> Lesson:
    general = {layer.name for layer in plan.layers} & set(GENERAL)
    load = load_of(plan, 0, activity.index, general)
    mean, common = float(load @ learnt.mean), float(load @ learnt.covariance @ load)
    own = 1 - float(load @ load)
    of_it = [known for known in learnt.used if known.activity == activity.index]
    return Lesson(
        activity,
        tuple(known for known in of_it if known.finished),
        tuple(known for known in of_it if not known.finished),
        mean,
        float(np.sqrt(max(common + own, 0.0))),
        float(np.sqrt(max(common, 0.0))),
    )


def lesson_table(plan: Plan, found: Sequence[Lesson]) -> Table:
    """A row for each activity: how many lengths are known, the duration before and after in days of its calendar, and the factor.

    ``taken_to_estimate`` is the geometric mean of finished lengths to the medians that the scenario gives them.
    """
    return Table.of_rows("lessons", COLUMNS, list(_rows(plan, found)))


def _rows(plan: Plan, found: Sequence[Lesson]) -> Iterator[tuple[object, ...]]:
    cases, calendars = Cases.of(plan), list(plan.scenario.calendars)
    codes = np.array([[office.codes for office in plan.offices]], np.int16).reshape(1, len(plan.offices), -1)
    for lesson in found:
        assert lesson.activity.duration is not None
        law = plan.distributions[lesson.activity.duration.default]
        before = law.at_score([P10, 0.0, P90])
        ratios = [_ratio(plan, cases, codes, known) for known in lesson.finished]
        logs = [np.log(ratio) for ratio in ratios if ratio > 0]
        taken = float(np.exp(np.mean(logs))) if logs else None
        about = (lesson.activity.id, calendars[lesson.activity.calendar], len(lesson.finished), len(lesson.unfinished), taken)
        yield (*about, *map(float, before), *map(float, lesson.quantiles(law)), *map(float, lesson.factor(law)))


def _ratio(plan: Plan, cases: Cases, codes: NDArray[np.int16], known: Length) -> float:
    """How long it took to the median of the likeliest type and branches."""
    row = cases.rows(known.office, known.activity, codes)[0]
    median = plan.distributions[cases.law[row]].median * float(cases.factor[row]) * plan.passes[known.here].scale
    return known.days / median if median else 0.0
