"""The offices: attributes that matter, how uncertain ones are drawn, and establishments that are already under way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from sim.plan.model import Condition, MixPlan, OfficePlan, Variable, Weights
from sim.plan.network import ancestors, predecessors
from sim.scenario.attributes import attribute, outcome
from sim.scenario.attributes import certainly_fits as fits
from sim.scenario.schema import Activity, Branch, Filter, Office, Scalar, Scenario


def _filters(scenario: Scenario) -> Iterator[Filter]:
    for activity in scenario.activities.values():
        yield activity.when
        yield from (adjustment.when for adjustment in activity.adjustments)
        yield {"type": tuple(activity.by_type), "round": tuple(_number(r) for r in activity.by_round)}
    for branch in scenario.branches.values():
        yield {"type": tuple(branch.by_type), "round": tuple(_number(r) for r in branch.by_round)}
    yield from (target.offices for target in scenario.targets.values())
    for item in scenario.costs.values():
        yield item.offices
    for budget in scenario.budgets.values():
        yield budget.offices
    for reference in scenario.reference_class.values():
        yield reference.offices


def _number(key: str) -> Scalar:
    return int(key) if key.lstrip("-").isdigit() else key


class Variables:
    """The variables of a scenario: attributes that some rule asks for, then the branches."""

    def __init__(self, scenario: Scenario) -> None:
        values: dict[str, dict[Scalar, None]] = {"type": dict.fromkeys(scenario.office_types)} if scenario.office_types else {}
        for wanted in _filters(scenario):
            for name, allowed in wanted.items():
                if name not in scenario.branches and allowed:
                    values.setdefault(name, {}).update(dict.fromkeys(allowed))
        for name, known in values.items():
            if name != "type":
                for office in scenario.offices.values():
                    weights = getattr(office, name, None)
                    known.update(dict.fromkeys(map(outcome, weights)) if isinstance(weights, Mapping) else {})
        all_values = [(n, tuple(v) if n == "type" else tuple(sorted(v, key=str)), False) for n, v in values.items()]
        all_values += [(n, tuple(b.options), True) for n, b in scenario.branches.items()]
        self.all = tuple(Variable(i, name, v, is_branch) for i, (name, v, is_branch) in enumerate(all_values))
        self.by_name = {v.name: v for v in self.all}

    def condition(self, name: str, allowed: tuple[Scalar, ...]) -> Condition:
        """The variable must have one of these values."""
        variable = self.by_name[name]
        return Condition(variable.index, sum(1 << variable.code(value) for value in allowed))

    def conditions(self, wanted: Filter) -> tuple[Condition, ...]:
        """All conditions of a filter."""
        return tuple(self.condition(name, values) for name, values in wanted.items())

    def code(self, office_id: str, office: Office, variable: Variable) -> int | Weights:
        """Certain code of an attribute, or how it is drawn."""
        value = attribute(office_id, office, variable.name)
        if isinstance(value, Mapping):
            weights = {outcome(key): weight for key, weight in value.items()}
            return Weights(tuple(weights.get(v, 0.0) for v in variable.values))
        return variable.code(value)

    def branch(self, branch: Branch, variable: Variable) -> Weights:
        """How a branch is drawn: by round, else by type, else by its own options."""

        def row(options: Mapping[str, float]) -> tuple[float, ...]:
            return tuple(options.get(str(v), 0.0) for v in variable.values)

        given = [((self.condition("round", (_number(r),)),), row(o)) for r, o in branch.by_round.items()]
        given += [((self.condition("type", (t,)),), row(o)) for t, o in branch.by_type.items()]
        return Weights(row(branch.options), tuple(given))


def compile_mixes(scenario: Scenario, variables: Variables) -> tuple[MixPlan, ...]:
    """The groups whose types are drawn together."""
    return tuple(_mix(scenario, variables, id_) for id_ in scenario.type_mix)


def _mix(scenario: Scenario, variables: Variables, id_: str) -> MixPlan:
    mix = scenario.type_mix[id_]
    types = variables.by_name["type"]
    group = [(i, o) for i, (key, o) in enumerate(scenario.offices.items()) if fits(key, o, mix.offices)]
    free = tuple(i for i, office in group if office.type is None)
    taken = [sum(1 for _, office in group if office.type == t) for t in types.values]
    ranges = []
    for t, seats in zip(types.values, taken, strict=True):
        count = mix.counts.get(str(t), 0)
        low, high = count if isinstance(count, tuple) else (count, count)
        ranges.append(range(max(low - seats, 0), high - seats + 1))
    rows = tuple(row for row in product(*ranges) if sum(row) == len(free))
    return MixPlan(id_, free, rows)


def likeliest(weights: Weights, codes: list[int]) -> int:
    """The likeliest code, given those of what it depends on; of several the first."""
    row = weights.row(codes)
    return max(range(len(row)), key=row.__getitem__)


def _most_seats(mix: MixPlan) -> int:
    """The type that has most seats over all rows."""
    seats = [sum(column) for column in zip(*mix.counts, strict=True)]
    return seats.index(max(seats))


def compile_offices(
    scenario: Scenario, variables: Variables, mixes: tuple[MixPlan, ...], activities: Mapping[str, Activity]
) -> tuple[OfficePlan, ...]:
    """All offices, in the order of the scenario."""
    mixed = {i: _most_seats(mix) for mix in mixes if mix.counts for i in mix.offices}
    direct = predecessors(activities)
    index = {id_: i for i, id_ in enumerate(activities)}
    result = []
    for i, (id_, office) in enumerate(scenario.offices.items()):
        weights: dict[int, Weights] = {}
        codes: list[int] = []
        for variable in variables.all:
            drawn = (
                variables.branch(scenario.branches[variable.name], variable)
                if variable.is_branch
                else variables.code(id_, office, variable)
            )
            if isinstance(drawn, Weights):
                weights[variable.index] = drawn
                drawn = likeliest(drawn, codes)
            elif variable.name == "type" and i in mixed:
                drawn = mixed[i]
            codes.append(drawn)
        done = ancestors(direct, office.enters_at) - set(office.enters_at)
        result.append(_office(scenario, i, id_, codes, weights, {index[d] for d in done}, len(index), done))
    return tuple(result)


def _office(
    scenario: Scenario, i: int, id_: str, codes: list[int], weights: dict[int, Weights], done: set[int], count: int, names: set[str]
) -> OfficePlan:
    office = scenario.offices[id_]
    start = scenario.scenario.start

    def entered(event: str) -> bool:
        return event.rsplit(".", 1)[0] in names

    held = [p for p, r in enumerate(scenario.resources.values()) if r.held and entered(r.held.from_) and not entered(r.held.until)]
    first = (office.start - start).days if office.start else 0
    return OfficePlan(
        index=i,
        id=id_,
        name=office.name or id_,
        start=first,
        priority=office.priority,
        target=(office.target - start).days if office.target else -1,
        codes=tuple(codes),
        weights=weights,
        done=tuple(a in done for a in range(count)),
        held=tuple(held),
        enters=first,
    )
