"""Sense that takes the plan to judge: whether dates can be held at all, and whether the ranges cover what has happened elsewhere.

Each check has the form of those of :mod:`sim.scenario.advice`, with the :class:`Outlook` in place of the scenario: a few single
futures by the readable engine, which need no compiler. In them all work is short together, or long together; that is wider
than any forecast made of independent parts, so that a warning does not come from how the parts vary together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.analysis.targets import counts_in
from sim.analysis.undelayed import without_pools
from sim.errors import DeadEndError, Fault
from sim.plan import Plan, compile_scenario
from sim.results.gather import simulate_with
from sim.sampling import Draws, median_draws, outlived
from sim.scenario import LoadedScenario
from sim.scenario.checks import WARNINGS
from sim.scenario.schema import ReferenceClass
from sim.scenario.wording import at

EARLIEST = 0.01
"""Level at which all work is as short as can be hoped for."""

SHORT, LONG = 0.1, 0.9
"""Levels between which a forecast has four of five futures, and rather more when all work is short or long together."""

NEAR = 0.1
"""Share by which the plan must be outside the evidence."""

FEWEST_CASES = 4
"""Known cases from which on history says something."""


@dataclass(frozen=True)
class Outlook:
    """A plan, and when it opens without queues and risks when all work is short, middling or long."""

    plan: Plan

    @cached_property
    def draws(self) -> Draws:
        """The middle draws; their types and branches are those of all levels."""
        return median_draws(self.plan)

    def days(self, level: float) -> NDArray[np.int64]:
        """Opening day of every office with all work at a level; beyond the last day where it comes to no end."""
        try:
            timeline = simulate_with("simpy")(without_pools(self.plan), median_draws(self.plan, level))
        except DeadEndError:
            return np.full(len(self.plan.offices), self.plan.last + 1)
        days: NDArray[np.int64] = timeline.opening(self.plan)[0].astype(np.int64)
        return days

    @cached_property
    def earliest(self) -> NDArray[np.int64]:
        """The earliest day that can be hoped for."""
        return self.days(EARLIEST)

    def weeks(self, level: float, offices: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Start to opening of some offices, in weeks."""
        begin = np.array([office.start for office in self.plan.offices])
        weeks: NDArray[np.float64] = (self.days(level) - begin)[offices] / 7
        return weeks

    def compared(self, spec: ReferenceClass) -> NDArray[np.bool_]:
        """The offices that a class is compared with: those that begin at the beginning and fit."""
        whole = np.array([not any(office.done) and not office.facts for office in self.plan.offices])
        fits: NDArray[np.bool_] = counts_in(self.plan, spec.offices, self.draws.codes)[0] & whole
        return fits


PlanCheck = Callable[[Outlook], Iterator[Fault]]


def dates_can_be_held(outlook: Outlook) -> Iterator[Fault]:
    """A planned date, or a target, before the earliest possible date: with all work at its shortest, no queues and no risks."""
    plan = outlook.plan
    for office, day in zip(plan.offices, outlook.earliest.tolist(), strict=True):
        if 0 <= office.target < day and not office.facts:
            message = f"{plan.date(office.target)} is before {plan.date(day)}, the earliest with all work at its shortest and no queue"
            yield at("offices", office.id, "target", message=message)
    for id_, target in plan.scenario.targets.items():
        fits = counts_in(plan, target.offices, outlook.draws.codes)[0]
        days = sorted(outlook.earliest[fits].tolist())
        wanted = (len(days) if target.at_least is None else target.at_least - target.existing) - 1
        if 0 <= wanted < len(days) and plan.date(days[wanted]) > target.by:
            so_many = f"{wanted + 1} offices are open on {plan.date(days[wanted])} at the earliest"
            message = f"{target.by} cannot be held: {so_many}, with all work at its shortest and no queue"
            yield at("targets", id_, "by", message=message)


def ranges_cover_history(outlook: Outlook) -> Iterator[Fault]:
    """Ranges that are too narrow against history: similar cases lie outside even when all work is short, or long, together."""
    for id_, spec in outlook.plan.scenario.reference_class.items():
        known, offices = [*spec.weeks, *spec.unfinished_weeks], outlook.compared(spec)
        if len(known) < FEWEST_CASES or not offices.any():
            continue
        low, high = outlook.weeks(SHORT, offices).min(), outlook.weeks(LONG, offices).max()
        outside = [weeks for weeks in known if weeks > high] + [weeks for weeks in spec.weeks if weeks < low]
        if outside:
            span = f"start to opening takes {low:.0f} to {high:.0f} weeks when all work is short (P10) or long (P90) together"
            cases = f"{len(outside)} of {len(known)} similar ones lie outside, at {min(outside):g} to {max(outside):g}"
            yield at("reference_class", id_, message=f"{span}, without queues and risks; {cases}: the ranges may be too narrow")


def middles_fit_evidence(outlook: Outlook) -> Iterator[Fault]:
    """A middle that is outside all evidence: quicker than the quickest similar case, or slower than the slowest."""
    for id_, spec in outlook.plan.scenario.reference_class.items():
        offices = outlook.compared(spec)
        if len(spec.weeks) < FEWEST_CASES or not offices.any():
            continue
        middle = float(np.median(outlook.weeks(0.5, offices)))
        quickest, slowest = min(spec.weeks), max(spec.weeks)
        quick, slow = middle < quickest * (1 - NEAR), middle > slowest * (1 + NEAR) and not spec.unfinished_weeks
        beyond = "less than the quickest" if quick else "more than the slowest"
        if quick or slow:
            found = f"the plan without queues and risks takes {middle:.0f} weeks, {beyond} of {len(spec.weeks)} similar ones"
            yield at("reference_class", id_, message=f"{found}, {quickest if quick else slowest:g}: are steps missing, or others?")


def work_under_way_can_last(outlook: Outlook) -> Iterator[Fault]:
    """Work under way that has lasted longer than its distribution allows."""
    yield from outlived(outlook.plan)


PLAN_WARNINGS: tuple[PlanCheck, ...] = (dates_can_be_held, ranges_cover_history, middles_fit_evidence, work_under_way_can_last)
"""What can be simulated but is hardly meant, as far as the plan shows it."""


def warned_of(loaded: LoadedScenario) -> Mapping[str, tuple[Fault, ...]]:
    """All warnings of a scenario with their places, by the name of the check that gives them."""
    outlook = Outlook(compile_scenario(loaded.scenario))
    found = {one.__name__: tuple(one(loaded.scenario)) for one in WARNINGS} | {one.__name__: tuple(one(outlook)) for one in PLAN_WARNINGS}
    return {name: tuple(loaded.locate(fault) for fault in dict.fromkeys(faults)) for name, faults in found.items() if faults}


def names() -> tuple[str, ...]:
    """Names of all checks that warn."""
    return tuple(one.__name__ for one in (*WARNINGS, *PLAN_WARNINGS))
