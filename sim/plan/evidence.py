"""What facts tell about attributes and branches: values that contradict them are excluded, the others weigh as Bayes has it.

Evidence is that an activity took place, or did not. One that took place excludes the values with which its ``when`` does not fit.
One that did not excludes those with which it would have, or makes them less likely when it had only a chance to happen. How long
things took is not taken as evidence of an office's type or branch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from math import prod

from sim.errors import Fault, InputError
from sim.plan.model import ActivityPlan, Condition, OfficePlan, Plan, Weights
from sim.plan.offices import likeliest

MOST_COMBINATIONS = 200_000
"""Values of the variables of one office that evidence touches, taken together."""

Codes = tuple[int, ...]
"""Codes of some variables, in the order of these."""


def given_evidence(plan: Plan) -> Plan:
    """The plan with the variables of each office as they are drawn given its facts.

    Raises
    ------
    InputError
        Facts that no value allows; or that exclude a type of an office in a type mix, where the types of all are drawn together.
    """
    seats = {office: mix.counts for mix in plan.mixes for office in mix.offices}
    offices: list[OfficePlan] = []
    faults: list[Fault] = []
    for office in plan.offices:
        try:
            offices.append(_Evidence(plan, office, seats.get(office.index, ())).office() if office.facts else office)
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(*faults)
    return replace(plan, offices=tuple(offices))


class _Evidence:
    """The evidence of one office."""

    def __init__(self, plan: Plan, office: OfficePlan, seats: Sequence[Sequence[int]]) -> None:
        self.plan, self.before = plan, office
        self.took_place = [self.activity(here) for here, fact in office.facts.items() if fact.happens]
        self.left_out = [self.activity(here) for here in office.absent]
        self.mixed = plan.type_variable if seats else -1
        self.seats = [sum(column) > 0 for column in zip(*seats, strict=True)] if seats else []
        self.touched = self._touched()

    def activity(self, here: int) -> ActivityPlan:
        """The activity of a pass."""
        return self.plan.activities[self.plan.passes[here].activity]

    def _touched(self) -> list[int]:
        """Uncertain variables that the evidence asks for, and those that these depend on."""
        asked = {c.variable for a in (*self.took_place, *self.left_out) for c in a.when}
        found: set[int] = set()
        while asked:
            variable = asked.pop()
            if variable not in found and (variable in self.before.weights or variable == self.mixed):
                found.add(variable)
                asked |= self.before.weights[variable].asked if variable in self.before.weights else set()
        return sorted(found)

    def office(self) -> OfficePlan:
        """The office, its variables drawn as the evidence has it."""
        if not self.touched:
            return self.before
        table = self._posterior()
        if not any(table.values()):
            raise InputError(Fault(f"offices.{self.before.id}", "its facts contradict one another: no type or branch allows them all"))
        self._check_mix(table)
        weights = dict(self.before.weights)
        for place, variable in enumerate(self.touched):
            if variable != self.mixed:
                weights[variable] = self._row_by_row(table, place, variable)
        codes = list(self.before.codes)
        for variable in sorted(weights):
            codes[variable] = likeliest(weights[variable], codes)
        return replace(self.before, codes=tuple(codes), weights=weights)

    def _posterior(self) -> dict[Codes, float]:
        """Weight of every combination of the codes of the touched variables."""
        sizes = [len(self.plan.variables[v].values) for v in self.touched]
        if prod(sizes) > MOST_COMBINATIONS:
            message = f"its facts touch {prod(sizes)} combinations of attributes and branches; at most {MOST_COMBINATIONS} are weighed"
            raise InputError(Fault(f"offices.{self.before.id}", message))
        return {codes: self._weight(codes) for codes in product(*map(range, sizes))}

    def _weight(self, outcome: Codes) -> float:
        """Prior weight of a combination times the likelihood of the evidence."""
        codes = list(self.before.codes)
        for variable, code in zip(self.touched, outcome, strict=True):
            codes[variable] = code
        weight = 1.0
        for variable in self.touched:
            weight *= self.seats[codes[variable]] if variable == self.mixed else self.before.weights[variable].row(codes)[codes[variable]]
        for activity in self.took_place:
            weight *= activity.probability if _fits(activity, codes) else 0.0
        for activity in self.left_out:
            weight *= 1 - activity.probability if _fits(activity, codes) else 1.0
        return weight

    def _check_mix(self, table: dict[Codes, float]) -> None:
        if self.mixed not in self.touched:
            return
        left = _sums(table, self.touched.index(self.mixed) + 1, self.touched.index(self.mixed))
        gone = [str(self.plan.variables[self.mixed].values[t]) for t, seat in enumerate(self.seats) if seat and not left.get((t,), 0)]
        if gone:
            message = f"its facts tell that it is not {' or '.join(gone)}, and its type mix may draw that; give the type"
            raise InputError(Fault(f"offices.{self.before.id}.type", message))

    def _row_by_row(self, table: dict[Codes, float], place: int, variable: int) -> Weights:
        """How one variable is drawn, by the codes of the touched ones before it."""
        size = len(self.plan.variables[variable].values)
        whole = _sums(table, place + 1, place)
        given = []
        for first, row in _rows(_sums(table, place + 1), size):
            conditions = tuple(Condition(v, 1 << code) for v, code in zip(self.touched, first, strict=False))
            given.append((conditions, row))
        return Weights(_scaled([whole.get((code,), 0.0) for code in range(size)]), tuple(given) if place else ())


def _fits(activity: ActivityPlan, codes: Sequence[int]) -> bool:
    return all(condition.is_met(codes) for condition in activity.when)


def _sums(table: dict[Codes, float], stop: int, start: int = 0) -> dict[Codes, float]:
    """Weights summed over all variables outside a range of places."""
    found: dict[Codes, float] = {}
    for codes, weight in table.items():
        found[codes[start:stop]] = found.get(codes[start:stop], 0.0) + weight
    return found


def _rows(sums: dict[Codes, float], size: int) -> Iterator[tuple[Codes, tuple[float, ...]]]:
    """For each possible beginning the weights of the last variable, summing to 1."""
    for first in dict.fromkeys(codes[:-1] for codes in sums):
        row = [sums[(*first, code)] for code in range(size)]
        if sum(row) > 0:
            yield first, _scaled(row)


def _scaled(row: Sequence[float]) -> tuple[float, ...]:
    total = sum(row)
    return tuple(weight / total for weight in row)
