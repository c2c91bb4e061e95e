"""What an activity is like for an office, by the outcomes of the office's uncertain variables.

For every office and activity the conditions on certain attributes are settled here, once. What remains depends on a few
uncertain variables (its type in a mix, a branch): every combination of their codes becomes a *row*, and the row of an office,
activity and replication is ``base + offset``, where the offset belongs to a *profile* (an office and a set of uncertain
variables) that its activities share.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from sim.errors import Fault, InputError
from sim.plan import ActivityPlan, Kind, OfficePlan, Plan

MAX_ROWS = 1 << 20
"""Combinations of outcomes that are kept for all activities together."""

Row = tuple[bool, int, float]
"""(``when`` fits, distribution or -1, product of the adjustments)."""


def row_of(activity: ActivityPlan, codes: Sequence[int]) -> Row:
    """What an activity is like for an office with these codes."""
    happens = all(c.is_met(codes) for c in activity.when)
    duration = activity.duration
    if duration is None or activity.kind is not Kind.WORK:
        return happens, -1, 1.0
    law = next((law for condition, law in duration.cases if condition.is_met(codes)), duration.default)
    factor = prod(factor for conditions, factor in duration.adjustments if all(c.is_met(codes) for c in conditions))
    return happens, law, float(factor)


def conditions_of(activity: ActivityPlan) -> set[int]:
    """Variables that an activity depends on."""
    conditions = list(activity.when)
    if activity.duration is not None:
        conditions += [condition for condition, _ in activity.duration.cases]
        conditions += [condition for all_of, _ in activity.duration.adjustments for condition in all_of]
    return {condition.variable for condition in conditions}


def uncertain_variables(plan: Plan) -> list[set[int]]:
    """Variables that are drawn, for each office."""
    drawn = [set(office.weights) for office in plan.offices]
    for mix in plan.mixes:
        for office in mix.offices:
            drawn[office].add(plan.type_variable)
    return drawn


class Profiles:
    """Offsets into rows: each profile is an office and some of its uncertain variables, each with a stride."""

    def __init__(self, plan: Plan) -> None:
        self.width = len(plan.variables)
        self.sizes = [len(v.values) for v in plan.variables]
        self.index: dict[tuple[int, tuple[int, ...]], int] = {}

    def number(self, office: int, variables: tuple[int, ...]) -> int:
        """Number of a profile; a new one is added."""
        return self.index.setdefault((office, variables), len(self.index))

    def combinations(self, variables: tuple[int, ...]) -> Iterable[tuple[int, ...]]:
        """All combinations of codes, in the order of their offsets."""
        return product(*(range(self.sizes[v]) for v in variables))

    def count(self, variables: tuple[int, ...]) -> int:
        """Number of combinations."""
        return prod(self.sizes[v] for v in variables)

    def parts(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]:
        """Ragged arrays ``first`` (profiles + 1), ``slot`` (``office * variables + variable``) and ``stride`` of all profiles."""
        first, slots, strides = [0], [], []
        for office, variables in self.index:
            stride = 1
            for v in reversed(variables):
                slots.append(office * self.width + v)
                strides.append(stride)
                stride *= self.sizes[v]
            first.append(len(slots))
        return np.array(first, np.uint32), np.array(slots, np.uint32), np.array(strides, np.uint32)


@dataclass(frozen=True, eq=False)
class Cases:
    """The rows of a plan, and where each office and activity finds its own.

    Attributes
    ----------
    base, profile
        First row and profile, shape ``(offices, activities)``.
    happens, law, factor
        Of each row: whether ``when`` fits, index of the distribution (-1: none), factor on the duration.
    first, slot, stride
        The profiles, as :meth:`Profiles.parts` gives them.
    """

    base: NDArray[np.uint32]
    profile: NDArray[np.uint32]
    happens: NDArray[np.bool_]
    law: NDArray[np.int32]
    factor: NDArray[np.float64]
    first: NDArray[np.uint32]
    slot: NDArray[np.uint32]
    stride: NDArray[np.uint32]

    @classmethod
    def of(cls, plan: Plan) -> Cases:
        """Settle all cases of a plan."""
        return _Builder(plan).build()

    def offsets(self, codes: NDArray[np.int16]) -> NDArray[np.uint32]:
        """Offset of each profile, shape ``(n, profiles)``, from codes of shape ``(n, offices, variables)``."""
        flat = codes.reshape(len(codes), -1)
        result = np.zeros((len(codes), len(self.first) - 1), np.uint32)
        for profile, (begin, end) in enumerate(zip(self.first[:-1], self.first[1:], strict=True)):
            for part in range(begin, end):
                result[:, profile] += flat[:, self.slot[part]].astype(np.uint32) * self.stride[part]
        return result

    def rows(self, office: int, activity: int, codes: NDArray[np.int16]) -> NDArray[np.uint32]:
        """Row of an office and activity in each replication, shape ``(n,)``, from codes of shape ``(n, offices, variables)``."""
        flat, profile = codes.reshape(len(codes), -1), self.profile[office, activity]
        result = np.full(len(codes), self.base[office, activity])
        for part in range(self.first[profile], self.first[profile + 1]):
            result += flat[:, self.slot[part]].astype(np.uint32) * self.stride[part]
        return result

    def always_same(self, office: int, activity: int) -> bool:
        """Whether nothing uncertain decides what the activity is like for the office."""
        profile = self.profile[office, activity]
        return bool(self.first[profile] == self.first[profile + 1])


class _Builder:
    """Collects rows; offices that are alike share them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.drawn = uncertain_variables(plan)
        self.profiles = Profiles(plan)
        self.rows: list[Row] = []
        self.known: dict[tuple[object, ...], int] = {}

    def build(self) -> Cases:
        """All rows, for every office and activity."""
        shape = len(self.plan.offices), len(self.plan.activities)
        base, profile = np.zeros(shape, np.uint32), np.zeros(shape, np.uint32)
        for activity in self.plan.activities:
            asked = conditions_of(activity)
            for office in self.plan.offices:
                uncertain = tuple(sorted(asked & self.drawn[office.index]))
                profile[office.index, activity.index] = self.profiles.number(office.index, uncertain)
                base[office.index, activity.index] = self.base(activity, office, asked, uncertain)
        happens, law, factor = (np.array(column) for column in zip(*self.rows, strict=True))
        return Cases(base, profile, happens, law.astype(np.int32), factor, *self.profiles.parts())

    def base(self, activity: ActivityPlan, office: OfficePlan, asked: set[int], uncertain: tuple[int, ...]) -> int:
        """First row of an office and activity."""
        certain = tuple((v, office.codes[v]) for v in sorted(asked.difference(uncertain)))
        key = (activity.index, certain, uncertain)
        if key not in self.known:
            self.known[key] = len(self.rows)
            self.add_rows(activity, list(office.codes), uncertain)
        return self.known[key]

    def add_rows(self, activity: ActivityPlan, codes: list[int], uncertain: tuple[int, ...]) -> None:
        """One row for each combination of outcomes."""
        if len(self.rows) + (count := self.profiles.count(uncertain)) > MAX_ROWS:
            names = ", ".join(self.plan.variables[v].name for v in uncertain)
            message = f"depends on {count} combinations of uncertain attributes and branches ({names}); all activities may have {MAX_ROWS}"
            raise InputError(Fault(f"activities.{activity.id}", message))
        for outcome in self.profiles.combinations(uncertain):
            for variable, code in zip(uncertain, outcome, strict=True):
                codes[variable] = code
            self.rows.append(row_of(activity, codes))
