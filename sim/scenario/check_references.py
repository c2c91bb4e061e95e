"""Checks that every name refers to something."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sim.errors import Fault
from sim.scenario.attributes import Attributes, attribute, names_of, same_among
from sim.scenario.paths import Path, dotted
from sim.scenario.schema import Filter, Office, Scenario
from sim.scenario.wording import at, did_you_mean, listing, show, unknown

Named = tuple[Path, str]
"""Place of a reference, and the name that it gives."""


def _absent(references: Iterable[Named], known: Collection[str], what: str, section: str) -> Iterator[Fault]:
    for path, name in references:
        if name not in known:
            yield unknown(dotted(*path), name, what, known, f"the scenario has no [{section}]")


def calendars_exist(scenario: Scenario) -> Iterator[Fault]:
    """``calendar`` of the scenario and of activities."""
    named: list[Named] = [(("activities", id_, "calendar"), a.calendar) for id_, a in scenario.activities.items() if a.calendar is not None]
    if scenario.scenario.calendar is not None:
        named.insert(0, (("scenario", "calendar"), scenario.scenario.calendar))
    yield from _absent(named, scenario.calendars, "a calendar", "calendars.ID")


def activities_exist(scenario: Scenario) -> Iterator[Fault]:
    """``opening``, ``after``, ``back_to``, ``enters_at`` and the activities of risks."""
    named: list[Named] = [(("scenario", "opening"), scenario.scenario.opening)] if scenario.scenario.opening is not None else []
    for id_, activity in scenario.activities.items():
        named += [(("activities", id_, "after", i), after.activity) for i, after in enumerate(activity.after)]
        if activity.redo:
            named.append((("activities", id_, "redo", "back_to"), activity.redo.back_to))
    for id_, office in scenario.offices.items():
        named += [(("offices", id_, "enters_at", i), name) for i, name in enumerate(office.enters_at)]
    for id_, risk in scenario.risks.items():
        named += [(("risks", id_, "activities", i), name) for i, name in enumerate(risk.activities)]
    yield from _absent(named, scenario.activities, "an activity", "activities.ID")


def moments_exist(scenario: Scenario) -> Iterator[Fault]:
    """Activities in the moments of held spans and costs, such as ``lease.finish``."""
    named: list[Named] = []
    for id_, resource in scenario.resources.items():
        if resource.held:
            named += [(("resources", id_, "held", "from"), resource.held.from_), (("resources", id_, "held", "until"), resource.held.until)]
    for id_, item in scenario.costs.items():
        moments: dict[tuple[str, ...], str | None] = {("at",): item.at, ("per_year_from",): item.per_year_from, ("until",): item.until}
        if item.over:
            moments |= {("over", "from"): item.over.from_, ("over", "until"): item.over.until}
        named += [(("costs", id_, *path), event) for path, event in moments.items() if event is not None]
    activities = ((path, event.rpartition(".")[0]) for path, event in named)
    yield from _absent(activities, scenario.activities, "an activity", "activities.ID")


def pools_exist(scenario: Scenario) -> Iterator[Fault]:
    """``uses`` of activities."""
    named = ((("activities", id_, "uses", pool), pool) for id_, a in scenario.activities.items() for pool in a.uses)
    yield from _absent(named, scenario.resources, "a pool", "resources.ID")


def meetings_exist(scenario: Scenario) -> Iterator[Fault]:
    """``meeting`` of activities."""
    named = ((("activities", id_, "meeting"), a.meeting) for id_, a in scenario.activities.items() if a.meeting is not None)
    yield from _absent(named, scenario.meetings, "a series of meetings", "meetings.ID")


def phases_exist(scenario: Scenario) -> Iterator[Fault]:
    """``phase`` of activities, where phases are given at all."""
    named = ((("activities", id_, "phase"), a.phase) for id_, a in scenario.activities.items() if a.phase is not None)
    if scenario.phases:
        yield from _absent(named, scenario.phases, "a phase", "phases.ID")


def actors_exist(scenario: Scenario) -> Iterator[Fault]:
    """``actor`` of risks: some activity must have it."""
    known = dict.fromkeys(a.actor for a in scenario.activities.values() if a.actor is not None)
    for id_, risk in scenario.risks.items():
        for i, actor in enumerate(risk.actor):
            if actor in known:
                continue
            path: Path = ("risks", id_, "actor", i) if len(risk.actor) > 1 else ("risks", id_, "actor")
            yield unknown(dotted(*path), actor, "the actor of any activity", known, "no activity has an actor")


def types_exist(scenario: Scenario) -> Iterator[Fault]:
    """Types of offices and mixes, and keys of ``by_type``."""
    named: list[Named] = []
    for id_, office in scenario.offices.items():
        types = [office.type] if isinstance(office.type, str) else list(office.type or ())
        named += [(("offices", id_, "type") if len(types) == 1 else ("offices", id_, "type", t), t) for t in types]
    for id_, mix in scenario.type_mix.items():
        named += [(("type_mix", id_, "counts", t), t) for t in mix.counts]
    for section, entries in (("activities", scenario.activities), ("branches", scenario.branches), ("costs", scenario.costs)):
        named += [((section, id_, "by_type", t), t) for id_, entry in entries.items() for t in entry.by_type]
    yield from _absent(named, scenario.office_types, "an office type", "office_types.ID")


def rounds_exist(scenario: Scenario) -> Iterator[Fault]:
    """Keys of ``by_round``: whole numbers that are the round of some office."""
    known = {str(office.round): None for office in scenario.offices.values() if office.round is not None}
    for section, entries in (("activities", scenario.activities), ("branches", scenario.branches)):
        for id_, entry in entries.items():
            for key in entry.by_round:
                if key not in known:
                    yield unknown(dotted(section, id_, "by_round", key), key, "the round of any office", known, "no office has a round")


def price_indexes_exist(scenario: Scenario) -> Iterator[Fault]:
    """``price_index`` of costs."""
    named = ((("costs", id_, "price_index"), c.price_index) for id_, c in scenario.costs.items() if c.price_index is not None)
    yield from _absent(named, scenario.price_index, "a price index", "price_index.ID")


def cost_items_exist(scenario: Scenario) -> Iterator[Fault]:
    """``items`` of budgets."""
    named = ((("budgets", id_, "items", i), name) for id_, b in scenario.budgets.items() for i, name in enumerate(b.items))
    yield from _absent(named, scenario.costs, "a cost item", "costs.ID")


def _filters(scenario: Scenario) -> Iterator[tuple[Path, Filter, bool]]:
    """Place of each filter, the filter, and whether it may ask for branches."""
    for id_, activity in scenario.activities.items():
        yield ("activities", id_, "when"), activity.when, True
        yield from ((("activities", id_, "adjustments", i, "when"), a.when, True) for i, a in enumerate(activity.adjustments))
    for section in ("type_mix", "risks", "costs", "budgets", "targets", "reference_class"):
        yield from (((section, id_, "offices"), entry.offices, False) for id_, entry in getattr(scenario, section).items())


def filters_can_fit(scenario: Scenario) -> Iterator[Fault]:
    """Attributes, types and branch outcomes that filters ask for."""
    known = Attributes(scenario).known
    outcomes = {id_: tuple(branch.options) for id_, branch in scenario.branches.items()}
    for path, wanted, branches in _filters(scenario):
        values = {**known, **outcomes} if branches else known
        for name, allowed in wanted.items():
            if name not in values:
                yield _unknown_attribute((*path, name), name, values, name in outcomes)
                continue
            yield from (_unknown_value((*path, name), name, v, values[name]) for v in allowed if not same_among(v, values[name]))


def _unknown_attribute(path: Path, name: str, known: Collection[str], is_branch: bool) -> Fault:
    if is_branch:
        return at(*path, message=f'"{name}" is a branch, and this filter can only ask for attributes of offices')
    return at(*path, message=f'no office has an attribute "{name}"; use one of {listing(known)}{did_you_mean(name, known)}')


def _unknown_value(path: Path, name: str, value: object, known: Collection[object]) -> Fault:
    texts = [v for v in known if isinstance(v, str)]
    hint = did_you_mean(value, texts) if isinstance(value, str) else ""
    return at(*path, message=f"{show(value)} is no value of {name}; use one of {listing([show(v) for v in known])}{hint}")


def risk_scopes_exist(scenario: Scenario) -> Iterator[Fault]:
    """``scope`` of risks: an attribute that is certain for every office, or ``programme`` or ``office``."""
    attributes = dict.fromkeys(name for office in scenario.offices.values() for name in names_of(office))
    known = ["programme", "office", *attributes]
    for id_, risk in scenario.risks.items():
        if risk.scope not in (*known, "id"):
            yield unknown(dotted("risks", id_, "scope"), risk.scope, "a scope", known)
        elif risk.scope not in ("programme", "office"):
            vague = [o for o, office in scenario.offices.items() if _is_uncertain(o, office, risk.scope)]
            if vague:
                yield at("risks", id_, "scope", message=f"{risk.scope} is uncertain for {listing(vague)}; a scope must be known beforehand")


def _is_uncertain(office_id: str, office: Office, name: str) -> bool:
    return isinstance(attribute(office_id, office, name), dict)
