"""What facts tell about attributes and branches: values that contradict them are excluded, the others weigh as Bayes has it.

Evidence is that an activity took place, or did not. One that took place excludes the values with which its ``when`` does not fit.
One that did not excludes those with which it would have, or makes them less likely when it had only a chance to happen. How long
things took is not taken as evidence of an office's type or branch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from math import prod

from sim.errors import Fault, InputError
from sim.plan.mixed import Likelihood, given_likelihoods, marginals
from sim.plan.model import ActivityPlan, Condition, OfficePlan, Plan, Weights
from sim.plan.offices import likeliest

MOST_COMBINATIONS = 200_000
"""Values of the variables of one office that evidence touches, taken together."""

Codes = tuple[int, ...]
"""Codes of some variables, in the order of these."""


def given_evidence(plan: Plan) -> Plan:
    """The plan with the variables of each office as they are drawn given its facts, and the types of mixes given those of all.

    Raises
    ------
    InputError
        Facts that no value allows.
    """
    faults: list[Fault] = []
    told: dict[int, _Evidence] = {}
    for office in plan.offices:
        try:
            if office.facts:
                told[office.index] = _Evidence(plan, office)
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(*faults)
    mixes = tuple(given_likelihoods(mix, {o: told[o].of_types for o in mix.offices if o in told}) for mix in plan.mixes)
    types = {o: row.index(max(row)) for mix in mixes if mix.told for o, row in marginals(mix).items()}
    offices = tuple(_office(plan, office, told.get(office.index), types) for office in plan.offices)
    return replace(plan, offices=offices, mixes=mixes)


def _office(plan: Plan, office: OfficePlan, told: _Evidence | None, types: Mapping[int, int]) -> OfficePlan:
    """An office given what is told of it, and its likeliest type in a mix."""
    if told is None and office.index not in types:
        return office
    weights = told.weights() if told else office.weights
    codes = list(office.codes)
    if office.index in types:
        codes[plan.type_variable] = types[office.index]
    for variable in sorted(weights):
        codes[variable] = likeliest(weights[variable], codes)
    return replace(office, codes=tuple(codes), weights=weights)


class _Evidence:
    """The evidence of one office."""

    def __init__(self, plan: Plan, office: OfficePlan) -> None:
        self.plan, self.before = plan, office
        self.took_place = [self.activity(here) for here, fact in office.facts.items() if fact.happens]
        self.left_out = [self.activity(here) for here in office.absent]
        mix = next((mix for mix in plan.mixes if office.index in mix.offices), None)
        self.mixed = plan.type_variable if mix else -1
        self.seats = [any(column) for column in zip(*mix.counts, strict=True)] if mix else []
        self.touched = self._touched()
        self.table = self._posterior() if self.touched else {}
        if self.touched and not any(self.table.values()):
            raise InputError(Fault(f"offices.{office.id}", "its facts contradict one another: no type or branch allows them all"))

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

    @property
    def of_types(self) -> Likelihood:
        """Likelihood of the facts, given each type that it may have in its mix."""
        if self.mixed not in self.touched:
            return [1.0] * len(self.seats)
        place = self.touched.index(self.mixed)
        found = _sums(self.table, place + 1, place)
        return [found.get((code,), 0.0) for code in range(len(self.seats))]

    def weights(self) -> dict[int, Weights]:
        """How its variables are drawn, each after those that stand before it."""
        found = dict(self.before.weights)
        for place, variable in enumerate(self.touched):
            if variable != self.mixed:
                found[variable] = self._row_by_row(self.table, place, variable)
        return found

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
            row = self.seats if variable == self.mixed else self.before.weights[variable].row(codes)
            weight *= row[codes[variable]]
        for activity in self.took_place:
            weight *= activity.probability if _fits(activity, codes) else 0.0
        for activity in self.left_out:
            weight *= 1 - activity.probability if _fits(activity, codes) else 1.0
        return weight

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
