"""Warnings: what can be simulated but is hardly meant. Each is a function of its own with the signature of a check."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from sim.errors import Fault
from sim.scenario.attributes import Attributes, attribute, certainly_fits
from sim.scenario.build import last_date
from sim.scenario.check_numbers import most_units
from sim.scenario.graph import moment, reachable, successors
from sim.scenario.schema import Duration, Evidence, Office, Risk, Scenario
from sim.scenario.status import Status
from sim.scenario.wording import at, did_you_mean, listing

MARGIN = dt.timedelta(days=365)
"""Time after the last planned date for which meetings should be given."""


def activities_are_waited_for(scenario: Scenario) -> Iterator[Fault]:
    """Nothing waits for an activity that is neither the outcome nor after it."""
    opening = scenario.scenario.opening
    following = successors(scenario)
    if opening is None or opening not in following:
        return
    after = reachable(following, opening)
    noted = {moment(event)[0] for event in _events(scenario)}
    for id_, waiting in following.items():
        if not waiting and id_ not in after and id_ not in noted:
            yield at("activities", id_, message=f"nothing waits for it, so it cannot delay {opening}; is it missing in an after?")


def _events(scenario: Scenario) -> Iterator[str]:
    """Moments that pools and costs look at."""
    for resource in scenario.resources.values():
        if resource.held:
            yield from (resource.held.from_, resource.held.until)
    for item in scenario.costs.values():
        yield from (event for event in (item.at, item.per_year_from, item.until) if event)
        yield from (item.over.from_, item.over.until) if item.over else ()


def actors_do_something(scenario: Scenario) -> Iterator[Fault]:
    """A name for somebody who does nothing."""
    known = {activity.actor for activity in scenario.activities.values() if activity.actor is not None}
    for id_ in scenario.actors:
        if id_ not in known:
            yield at("actors", id_, message=f"does no activity{did_you_mean(id_, sorted(known))}")


def pools_are_used(scenario: Scenario) -> Iterator[Fault]:
    """A pool that nobody uses or holds."""
    used = {pool for activity in scenario.activities.values() for pool in activity.uses}
    for id_, resource in scenario.resources.items():
        if id_ not in used and resource.held is None:
            yield at("resources", id_, message="is never used; name it in the uses of an activity, or give held")


def pools_are_not_closed_for_ever(scenario: Scenario) -> Iterator[Fault]:
    """A pool without units from some day on."""
    for id_, resource in scenario.resources.items():
        last = resource.changes[-1].capacity if resource.changes else resource.capacity
        if last == 0:
            since = f"from {resource.changes[-1].from_} on" if resource.changes else "always"
            yield at("resources", id_, message=f"has no units {since}, for ever; whoever needs one then waits in vain")


def offices_fit_the_pools(scenario: Scenario) -> Iterator[Fault]:
    """More offices than a held pool ever has units: some must wait for others to end."""
    for id_, resource in scenario.resources.items():
        if resource.held and len(scenario.offices) > most_units(resource):
            units = f"at most {most_units(resource)} units for {len(scenario.offices)} offices"
            message = f"has {units} that hold one each: some wait for others to finish"
            yield at("resources", id_, "capacity", message=message)


def risks_touch_something(scenario: Scenario) -> Iterator[Fault]:
    """A risk that hits no work, no office, or no day of the simulated time."""
    info = scenario.scenario
    for id_, risk in scenario.risks.items():
        hit = [a for a, spec in scenario.activities.items() if a in risk.activities or spec.actor in risk.actor]
        if hit and all(scenario.activities[a].duration is None for a in hit):
            yield at("risks", id_, message=f"touches only {listing(hit)}, which end by meetings or opening days and cannot take longer")
        if risk.window and (risk.window[1] < info.start or risk.window[0] > last_date(info)):
            yield at("risks", id_, "window", message=f"lies outside the simulated time, {info.start} to {last_date(info)}")
        if risk.probability == 0:
            yield at("risks", id_, "probability", message="is 0: the risk never occurs")
        if not any(certainly_fits(o, office, risk.offices) for o, office in scenario.offices.items()):
            yield at("risks", id_, "offices", message="fits no office")


def risk_scopes_are_given(scenario: Scenario) -> Iterator[Fault]:
    """An office without the attribute that a risk is drawn by is never hit."""
    for id_, risk in scenario.risks.items():
        if risk.scope not in ("programme", "office"):
            without = [o for o, office in scenario.offices.items() if _escapes(o, office, risk)]
            if without:
                yield at("risks", id_, "scope", message=f"never hits {listing(without)}: no {risk.scope} is given there")


def _escapes(office_id: str, office: Office, risk: Risk) -> bool:
    return certainly_fits(office_id, office, risk.offices) and attribute(office_id, office, risk.scope) is None


def targets_after_start(scenario: Scenario) -> Iterator[Fault]:
    """A date to hold that lies before the start, or before the office may begin."""
    start = scenario.scenario.start
    for id_, office in scenario.offices.items():
        if office.target is not None and office.target <= start:
            yield at("offices", id_, "target", message=f"{office.target} is not after the scenario's start, {start}")
        elif office.target is not None and office.start is not None and office.target <= office.start:
            yield at("offices", id_, "target", message=f"{office.target} is not after the office's own start, {office.start}")
    for id_, target in scenario.targets.items():
        if target.by <= start:
            yield at("targets", id_, "by", message=f"{target.by} is not after the scenario's start, {start}")


def targets_on_opening_days(scenario: Scenario) -> Iterator[Fault]:
    """A planned date on which the opening rule lets no office open."""
    from sim.calendars import Period, opening_mask

    rule = next((a.opening_days for id_, a in scenario.activities.items() if a.opening_days and id_ == scenario.scenario.opening), None)
    if rule is None:
        return
    closed = [Period(p.from_, p.to, p.weeks) for p in rule.closed]
    for id_, office in scenario.offices.items():
        if office.target is not None and not opening_mask(office.target, 0, rule.weekdays, closed, None)[0]:
            message = f"{office.target} ({office.target:%A}) is no day on which {scenario.scenario.opening} may be"
            yield at("offices", id_, "target", message=message)


def meetings_last(scenario: Scenario) -> Iterator[Fault]:
    """Dates without a rule that end before the programme surely has."""
    dates = [office.target for office in scenario.offices.values() if office.target] + [target.by for target in scenario.targets.values()]
    needed = max(dates, default=scenario.scenario.start + MARGIN) + MARGIN
    for id_, meeting in scenario.meetings.items():
        if meeting.rule is None and meeting.dates and max(meeting.dates) < needed:
            message = f"end on {max(meeting.dates)}; a future that needs a later one cannot go on. Add a rule, or dates to {needed}"
            yield at("meetings", id_, "dates", message=message)


_GRADED = ("activities", "branches", "resources", "risks", "costs", "price_index", "type_mix")


def numbers_have_grades(scenario: Scenario) -> Iterator[Fault]:
    """Entries with numbers of their own that say neither how good these are nor where they come from."""
    entries: list[tuple[tuple[str, ...], Evidence]] = [((s, id_), entry) for s in _GRADED for id_, entry in getattr(scenario, s).items()]
    if scenario.correlation.model_fields_set - {"grade", "source"}:
        entries.append((("correlation",), scenario.correlation))
    for path, entry in entries:
        if not _is_graded(entry) and _has_numbers(entry):
            yield at(*path, message='has numbers without a grade or a source; say e.g. grade = "assumption"')


def _is_graded(node: Any) -> bool:
    """Whether a part of the scenario, or anything in it, has a grade or a source."""
    if isinstance(node, Evidence) and (node.grade is not None or node.source):
        return True
    return any(_is_graded(child) for child in _inside(node))


def _has_numbers(node: Any) -> bool:
    """Whether it gives an uncertain or measured number; a milestone of fixed length 0 does not."""
    if isinstance(node, Duration) and node.fixed == 0:
        return False
    if isinstance(node, (int, float)) and not isinstance(node, bool):
        return True
    return any(_has_numbers(child) for child in _inside(node))


def _inside(node: Any) -> Iterator[Any]:
    """What a model gives explicitly, or a table or list holds; counts of pools used and lags are no estimates."""
    if isinstance(node, BaseModel):
        yield from (getattr(node, name) for name in node.model_fields_set if name not in ("uses", "after", "when", "offices"))
    elif isinstance(node, Mapping):
        yield from node.values()
    elif isinstance(node, tuple):
        yield from node


def branches_are_alive(scenario: Scenario) -> Iterator[Fault]:
    """Outcomes and activities that can never be, and redos that always are."""
    for id_, branch in scenario.branches.items():
        tables = [branch.options, *branch.by_type.values(), *branch.by_round.values()]
        for option in branch.options:
            if all(table.get(option, 0) == 0 for table in tables):
                yield at("branches", id_, "options", option, message="has probability 0 everywhere: it never holds")
    for id_, activity in scenario.activities.items():
        if activity.probability == 0:
            yield at("activities", id_, "probability", message="is 0: the activity never happens")
        if activity.redo and activity.redo.probability in (0, 1):
            always = "always" if activity.redo.probability else "never"
            yield at("activities", id_, "redo", "probability", message=f"is {activity.redo.probability:g}: the span is {always} done again")


def types_are_drawn(scenario: Scenario) -> Iterator[Fault]:
    """An office type that no office can have."""
    possible = {value for values in Attributes(scenario).of.values() for value in values.get("type", ())}
    for id_ in scenario.office_types:
        if id_ not in possible:
            yield at("office_types", id_, message="no office can be of this type")


def costs_cover_types(scenario: Scenario) -> Iterator[Fault]:
    """A type of office for which a cost by type gives no amount."""
    attributes = Attributes(scenario)
    for id_, item in scenario.costs.items():
        if not item.by_type:
            continue
        allowed = item.offices.get("type")
        types = {t for o, v in attributes.of.items() if attributes.may_fit(o, item.offices) for t in v.get("type", ())}
        lacking = sorted(str(t) for t in types if t not in item.by_type and (allowed is None or t in allowed))
        if lacking:
            yield at(
                "costs",
                id_,
                "by_type",
                message=f"gives no amount for {listing(lacking)}, which then cost nothing; write 0 if that is meant",
            )


def attributes_are_spelt(scenario: Scenario) -> Iterator[Fault]:
    """An attribute that is nearly the name of a field; told once."""
    first: dict[str, str] = {}
    for id_, office in scenario.offices.items():
        for name in office.__pydantic_extra__ or {}:
            first.setdefault(name, id_)
    for name, id_ in first.items():
        near = difflib.get_close_matches(name, Office.model_fields, n=1, cutoff=0.75)
        if near and abs(len(near[0]) - len(name)) <= 1:
            yield at("offices", id_, name, message=f'is taken as an attribute of your own; did you mean "{near[0]}"?')


def not_before_matters(scenario: Scenario) -> Iterator[Fault]:
    """An earliest start that lies before everything."""
    start = scenario.scenario.start
    for id_, activity in scenario.activities.items():
        if activity.not_before is not None and activity.not_before < start:
            yield at(
                "activities",
                id_,
                "not_before",
                message=f"{activity.not_before} is before the scenario's start, {start}, and holds back nothing",
            )


def status_in_sequence(scenario: Scenario) -> Iterator[Fault]:
    """A warning for every fact against the order of the process that has been accepted."""
    info = scenario.scenario
    if info.status is not None and info.status_date is not None and info.accept_out_of_sequence:
        for fault in Status(scenario).out_of_sequence:
            yield Fault(fault.path, f"{fault.message}; the facts stand, and what is not done is still to be done")
