"""Checks on offices: types, mixes, weights, ids and targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.errors import Fault
from sim.scenario.attributes import FIELDS, Attributes, attribute, certainly_fits, names_of, weighted
from sim.scenario.schema import Scenario, TypeMix
from sim.scenario.wording import at, listing

TOLERANCE = 1e-6
"""How far a sum of weights may be from 1."""


def ids_differ(scenario: Scenario) -> Iterator[Fault]:
    """Two ids of a section differ in more than ``-`` and ``_``."""
    for section in Scenario.model_fields:
        entries = getattr(scenario, section)
        seen: dict[str, str] = {}
        for id_ in entries if isinstance(entries, dict) else ():
            other = seen.setdefault(id_.replace("-", "_"), id_)
            if other != id_:
                yield at(section, id_, message=f'differs from "{other}" only in - and _; rename one of them')


def office_weights_sum(scenario: Scenario) -> Iterator[Fault]:
    """Weights of uncertain attributes sum to 1."""
    for id_, office in scenario.offices.items():
        for name, weights in weighted(office).items():
            yield from _sum(("offices", id_, name), weights)


def branch_weights_sum(scenario: Scenario) -> Iterator[Fault]:
    """Probabilities of outcomes sum to 1, also by type and round."""
    for id_, branch in scenario.branches.items():
        yield from _sum(("branches", id_, "options"), branch.options)
        for name, tables in (("by_type", branch.by_type), ("by_round", branch.by_round)):
            for key, weights in tables.items():
                yield from _sum(("branches", id_, name, key), weights)


def _sum(path: tuple[str, ...], weights: Mapping[str, float]) -> Iterator[Fault]:
    total = sum(weights.values())
    if abs(total - 1) > TOLERANCE:
        yield at(*path, message=f"weights sum to {total:.7g}, not to 1; tables merge by key, so those of a base count too")


def branch_outcomes_exist(scenario: Scenario) -> Iterator[Fault]:
    """Outcomes by type and round are among the options."""
    for id_, branch in scenario.branches.items():
        for name, tables in (("by_type", branch.by_type), ("by_round", branch.by_round)):
            for key, weights in tables.items():
                for option in weights:
                    if option not in branch.options:
                        message = f'"{option}" is not an outcome of this branch; use one of {listing(branch.options)}, or add it to options'
                        yield at("branches", id_, name, key, option, message=message)


def branch_names_free(scenario: Scenario) -> Iterator[Fault]:
    """A branch is not named as an attribute: ``when`` could mean either."""
    taken = {"id", *FIELDS} | {name for office in scenario.offices.values() for name in names_of(office)}
    for id_ in scenario.branches:
        if id_ in taken:
            yield at("branches", id_, message="is also an attribute of offices, and filters could not tell them apart; rename one")


def types_are_given(scenario: Scenario) -> Iterator[Fault]:
    """An office that pays by type has one."""
    attributes = Attributes(scenario)
    for id_, office in scenario.offices.items():
        if "type" in attributes.of[id_] or office.type is not None:
            continue
        needing = [
            c for c, item in scenario.costs.items() if (item.by_type or item.share is not None) and attributes.may_fit(id_, item.offices)
        ]
        if needing:
            yield at(
                "offices",
                id_,
                "type",
                message=f"is needed by costs {listing(needing)}: give a type, weights, or a type mix with this office",
            )


def shares_have_a_base(scenario: Scenario) -> Iterator[Fault]:
    """A share of the budget or of the operating cost needs that sum of every type."""
    for id_, item in scenario.costs.items():
        if item.share is None:
            continue
        lacking = [t for t, spec in scenario.office_types.items() if getattr(spec, item.share_of) is None]
        if lacking:
            yield at("costs", id_, "share", message=f"is a share of {item.share_of}, which these types lack: {listing(lacking)}")


def filters_are_certain(scenario: Scenario) -> Iterator[Fault]:
    """Mixes and risks choose offices beforehand, so by attributes that are certain."""
    attributes = Attributes(scenario)
    for section, entries in (("type_mix", scenario.type_mix), ("risks", scenario.risks)):
        for id_, entry in entries.items():
            for name in entry.offices:
                vague = [o for o, values in attributes.of.items() if name in values and not _is_certain(scenario, o, name)]
                if vague:
                    message = f"{name} is uncertain for {listing(vague)}; choose by attributes that are certain"
                    yield at(section, id_, "offices", name, message=message)


def _is_certain(scenario: Scenario, office_id: str, name: str) -> bool:
    value = attribute(office_id, scenario.offices[office_id], name)
    return value is not None and not isinstance(value, Mapping)


def mixes_stand_apart(scenario: Scenario) -> Iterator[Fault]:
    """No office is in two mixes, or in one with weights of its own; every mix has offices."""
    mixed: dict[str, str] = {}
    for mix_id, mix in scenario.type_mix.items():
        members = [id_ for id_, office in scenario.offices.items() if certainly_fits(id_, office, mix.offices)]
        if not members:
            yield at("type_mix", mix_id, "offices", message="fits no office")
        for id_ in members:
            if mixed.setdefault(id_, mix_id) != mix_id:
                yield at("type_mix", mix_id, "offices", message=f"{id_} is also in the mix {mixed[id_]}; an office can be in one")
            if isinstance(attribute(id_, scenario.offices[id_], "type"), Mapping):
                yield at("offices", id_, "type", message=f"has weights, and the mix {mix_id} decides it too; keep one")


def mixes_are_possible(scenario: Scenario) -> Iterator[Fault]:
    """The counts of a mix can be met by its offices, those with a fixed type counted."""
    for mix_id, mix in scenario.type_mix.items():
        ranges = {t: count if isinstance(count, tuple) else (count, count) for t, count in mix.counts.items()}
        for type_, (low, high) in ranges.items():
            if low > high:
                yield at("type_mix", mix_id, "counts", type_, message=f"the smallest number, {low}, is more than the largest, {high}")
        if all(low <= high for low, high in ranges.values()):
            yield from _mix_fits(scenario, mix_id, mix, ranges)


def _mix_fits(scenario: Scenario, mix_id: str, mix: TypeMix, ranges: Mapping[str, tuple[int, int]]) -> Iterator[Fault]:
    members = [office for id_, office in scenario.offices.items() if certainly_fits(id_, office, mix.offices)]
    fixed = [office.type for office in members if isinstance(office.type, str)]
    over = [t for t in dict.fromkeys(fixed) if fixed.count(t) > ranges.get(t, (0, 0))[1]]
    for type_ in over:
        message = f"{fixed.count(type_)} offices of the mix are {type_}, and it allows {ranges.get(type_, (0, 0))[1]}"
        yield at("type_mix", mix_id, "counts", message=message)
    low = sum(max(least, fixed.count(t)) for t, (least, _) in ranges.items())
    high = sum(most for _, most in ranges.values())
    if members and not over and not low <= len(members) <= high:
        wanted = f"{low}" if low == high else f"{low} to {high}"
        yield at("type_mix", mix_id, "counts", message=f"counts make {wanted} offices, and the filter fits {len(members)}")


def targets_are_possible(scenario: Scenario) -> Iterator[Fault]:
    """``at_least`` is not more than there are offices."""
    attributes = Attributes(scenario)
    for id_, target in scenario.targets.items():
        count = sum(attributes.may_fit(office, target.offices) for office in scenario.offices)
        if target.at_least is not None and target.at_least > count + target.existing:
            there = f"{count} offices fit" + (f", with {target.existing} existing {count + target.existing}" if target.existing else "")
            yield at("targets", id_, "at_least", message=f"asks for {target.at_least}, and {there}")
        elif not count:
            yield at("targets", id_, "offices", message="fits no office")
