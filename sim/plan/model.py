# long module: all that a plan is made of, in one place
"""What a scenario compiles to: who waits for what, in numbers.

A :class:`Plan` holds no randomness and no dates: days are counted from ``scenario.start``, offices and activities by their
place in the scenario. Both engines and the sampling read it; neither reads the scenario.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.calendars import WorkCalendar
from sim.distributions import Distribution
from sim.scenario.schema import Scalar, Scenario


class Kind(IntEnum):
    """What decides how long an activity takes."""

    WORK = 0
    """A duration on a calendar."""
    MEETING = 1
    """The next meeting of a series."""
    OPENING = 2
    """The next day on which an office may open."""


class End(IntEnum):
    """The two moments of an activity."""

    START = 0
    FINISH = 1


@dataclass(frozen=True, slots=True)
class Relation:
    """A predecessor: an end of ``source`` holds back one end of the activity that lists it."""

    source: int
    source_end: End
    lag: int
    """Working days of the successor's calendar."""
    exits: int
    """Bits of the redo loops that contain the source but not the successor: it waits for the last pass of these."""


@dataclass(frozen=True, slots=True)
class Give:
    """The end of a held span."""

    pool: int
    exits: int
    """Bits of the redo loops that contain the end of the span but not its beginning: given back at their last pass only."""


@dataclass(frozen=True, slots=True)
class Condition:
    """An office's variable must have one of the allowed values."""

    variable: int
    allowed: int
    """One bit per value code."""

    def is_met(self, codes: Sequence[int]) -> bool:
        """Whether the code of the variable is one of the allowed; -1 (any other value) never is."""
        code = codes[self.variable]
        return code >= 0 and bool(self.allowed >> code & 1)


@dataclass(frozen=True, slots=True)
class DurationPlan:
    """Which distribution the duration of an activity has, as indices into ``Plan.distributions``."""

    default: int
    cases: tuple[tuple[Condition, int], ...] = ()
    """The first that fits goes before the default."""
    adjustments: tuple[tuple[tuple[Condition, ...], float], ...] = ()
    """Every factor whose conditions all fit multiplies."""


@dataclass(frozen=True, slots=True)
class ActivityPlan:
    """One activity of the process, the same for every office.

    Attributes
    ----------
    holds_start, holds_finish
        Relations that hold back its start (FS, SS) and its finish (FF, SF), in the order of the scenario.
    uses
        Pools and units needed from start to finish.
    takes
        Pools of which one unit is held from this activity's start, unless the office holds it already.
    gives_at_start, gives_at_finish
        Held units given back.
    loops
        Bits of the redo loops whose span contains it.
    redo
        The loop that its finish may set off, or -1.
    first_pass, pass_count, strides
        Its passes are ``first_pass + sum(pass number of loop × stride)``.
    """

    index: int
    id: str
    name: str
    phase: str
    actor: str
    kind: Kind
    calendar: int
    week: int
    """Days in a week of its calendar."""
    holds_start: tuple[Relation, ...]
    holds_finish: tuple[Relation, ...]
    uses: tuple[tuple[int, int], ...]
    takes: tuple[int, ...]
    gives_at_start: tuple[Give, ...]
    gives_at_finish: tuple[Give, ...]
    not_before: int
    series: int
    """Index into ``Plan.series`` for meetings and openings, or -1."""
    lead: int
    duration: DurationPlan | None
    when: tuple[Condition, ...]
    probability: float
    loops: int
    redo: int
    first_pass: int
    pass_count: int
    strides: tuple[tuple[int, int], ...]
    risks: tuple[int, ...]

    @property
    def passes(self) -> slice:
        """Its part of the pass axis."""
        return slice(self.first_pass, self.first_pass + self.pass_count)


@dataclass(frozen=True, slots=True)
class Loop:
    """A redo: after ``activity`` the span back to ``back_to`` may be done again."""

    index: int
    activity: int
    back_to: int
    members: tuple[int, ...]
    probability: float
    scale: float
    at_most: int
    inside: int
    """Bits of the loops that lie within this one (not itself)."""


@dataclass(frozen=True, slots=True)
class PassPlan:
    """One pass of an activity."""

    activity: int
    numbers: tuple[tuple[int, int], ...]
    """(loop, pass number from 0) of each loop that contains the activity, outermost first."""
    scale: float
    label: str
    """Part of the stream name, empty for the first pass."""

    @property
    def last_loop(self) -> int:
        """Innermost loop that is not in its first round, or -1: its redo came last."""
        return next((loop for loop, n in reversed(self.numbers) if n), -1)


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """A pool of equal units."""

    index: int
    id: str
    name: str
    capacity: int
    changes: tuple[tuple[int, int], ...]
    """(day, new capacity), in order."""
    strict: bool
    """Nobody passes a waiting request."""


@dataclass(frozen=True, slots=True)
class RiskPlan:
    """A risk and whom it can hit.

    Members are numbered over all risks; ``member[office]`` is -1 for an office that the risk cannot hit.
    """

    index: int
    id: str
    name: str
    probability: float
    first: int
    last: int
    names: tuple[str, ...]
    first_member: int
    member: tuple[int, ...]
    factor: int
    """Index into ``Plan.distributions``, or -1."""
    delay: int
    delay_in_weeks: bool
    activities: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """An attribute of offices or a branch, with the values that matter, coded 0, 1, …; -1 stands for any other value."""

    index: int
    name: str
    values: tuple[Scalar, ...]
    is_branch: bool

    def code(self, value: Scalar | None) -> int:
        """Code of a value, -1 when it is none of those that matter."""
        return self.values.index(value) if value in self.values else -1


@dataclass(frozen=True, slots=True)
class Weights:
    """How an office's variable is drawn: by the row that fits the codes of other variables, else by ``default``."""

    default: tuple[float, ...]
    given: tuple[tuple[tuple[Condition, ...], tuple[float, ...]], ...] = ()
    """The first row of which all conditions fit."""

    def row(self, codes: Sequence[int]) -> tuple[float, ...]:
        """The row that fits the codes of what it depends on."""
        return next((row for conditions, row in self.given if all(c.is_met(codes) for c in conditions)), self.default)

    @property
    def asked(self) -> set[int]:
        """Variables that it depends on."""
        return {condition.variable for conditions, _ in self.given for condition in conditions}


@dataclass(frozen=True, slots=True)
class FactPlan:
    """What is known of one pass on the status date.

    Attributes
    ----------
    start, finish
        Days; ``finish`` is -1 for what is under way.
    work
        Working days between them, lead or notice of a meeting or opening; 0 for what is under way.
    outlasted
        Working days that its work is known to take more than; 0 when nothing is known.
    expected
        Working days that it is expected to take in all, 0 for no expectation.
    happens
        Whether it took place, or is known only to lie behind.
    takes
        Whether the pools held from its start are taken by it, and not still held since an earlier pass.
    """

    start: int
    finish: int = -1
    work: int = 0
    outlasted: int = 0
    expected: int = 0
    happens: bool = True
    takes: bool = True


@dataclass(frozen=True, slots=True)
class OfficePlan:
    """One establishment.

    Attributes
    ----------
    codes
        Code of each variable; for those in ``weights`` it is only the most likely one.
    done
        Whether each activity lies before the point where the office enters.
    held
        Pools of which it holds a unit when it enters.
    enters
        Day on which it enters the simulation: its start, or the status date when something is known of it.
    facts
        What is known, by pass.
    absent
        Passes known not to have happened.
    again
        Whether the office was sent back, by pass of a redo activity that has finished.
    """

    index: int
    id: str
    name: str
    start: int
    priority: int
    target: int
    """Planned opening day, or -1."""
    codes: tuple[int, ...]
    weights: dict[int, Weights]
    done: tuple[bool, ...]
    held: tuple[int, ...]
    enters: int
    facts: Mapping[int, FactPlan] = field(default_factory=dict)
    absent: frozenset[int] = frozenset()
    again: Mapping[int, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the things that may be drawn at a node of a mix: the type of an office, in the end the row of seats."""

    code: int
    probability: float
    following: int
    """Node at which the next office is drawn."""


@dataclass(frozen=True, slots=True)
class MixPlan:
    """The offices of a group whose types are drawn together.

    Every row of ``counts`` is as likely. A row has the number of seats of each type code; seats of offices in the group whose
    type is fixed are taken off, and these offices are not listed. So each row sums to the number of ``offices``.
    """

    id: str
    offices: tuple[int, ...]
    counts: tuple[tuple[int, ...], ...]
    told: tuple[int, ...] = ()
    """Offices whose facts tell something of their types: drawn first, in this order (see :mod:`sim.plan.mixed`)."""
    choices: tuple[tuple[Choice, ...], ...] = ()
    """What may be drawn at each node, from node 0 on; the last on the way chooses the row. Empty without facts: any row."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of common factors of durations."""

    name: str
    share: float
    """Share of the variance."""
    factor: NDArray[np.int32]
    """Factor of each office and activity, shape ``(offices, activities)``; -1: none."""


@dataclass(frozen=True)
class Plan:
    """A scenario compiled. Days run from 0 to ``last`` (the horizon)."""

    scenario: Scenario
    start: dt.date
    last: int
    seed: int
    offices: tuple[OfficePlan, ...]
    activities: tuple[ActivityPlan, ...]
    passes: tuple[PassPlan, ...]
    loops: tuple[Loop, ...]
    pools: tuple[PoolPlan, ...]
    risks: tuple[RiskPlan, ...]
    risk_members: int
    variables: tuple[Variable, ...]
    mixes: tuple[MixPlan, ...]
    layers: tuple[Layer, ...]
    factor_names: tuple[str, ...]
    calendars: tuple[WorkCalendar, ...]
    series: tuple[NDArray[np.int32], ...]
    series_names: tuple[str, ...]
    distributions: tuple[Distribution, ...]
    opening: int
    """The activity whose finish is the outcome."""
    order: tuple[tuple[int, End], ...] = field(repr=False)
    """Starts and finishes of the activities so that each comes after what it waits for."""
    status_day: int = 0
    """Nothing but facts starts or finishes before this day."""
    learn: bool = False
    """Whether the lengths of facts move the common factors."""

    @property
    def type_variable(self) -> int:
        """Index of the variable ``type``, or -1."""
        return next((v.index for v in self.variables if v.name == "type"), -1)

    @cached_property
    def process(self) -> tuple[int, ...]:
        """Activities in the order of the process: each after those that its start waits for."""
        return tuple(activity for activity, end in self.order if end is End.START)

    @cached_property
    def activity_index(self) -> dict[str, int]:
        """Index of each activity by id."""
        return {a.id: a.index for a in self.activities}

    @cached_property
    def office_index(self) -> dict[str, int]:
        """Index of each office by id."""
        return {o.id: o.index for o in self.offices}

    def relations(self, here: int, end: End) -> tuple[Relation, ...]:
        """What holds back an end of a pass: in one that is begun again only what lies within the innermost loop that begins it again.

        What lies outside held back the first pass; where that is a fact, it may come later still.
        """
        step = self.passes[here]
        activity = self.activities[step.activity]
        held = activity.holds_start if end is End.START else activity.holds_finish
        if step.last_loop < 0:
            return held
        return tuple(relation for relation in held if relation.source in self.loops[step.last_loop].members)

    def day(self, date: dt.date) -> int:
        """Days from the scenario's start to a date."""
        return (date - self.start).days

    def date(self, day: int) -> dt.date:
        """The date of a day."""
        return self.start + dt.timedelta(days=int(day))

    def node(self, node: int) -> tuple[int, int]:
        """Office and pass of a node number as found in a timeline's causes."""
        return divmod(node, len(self.passes))
