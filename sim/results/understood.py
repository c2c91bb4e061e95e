"""What was understood of a scenario, as tables: offices with the plan without delays, activities, pools, risks, assumptions, changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.analysis.table import Table
from sim.analysis.targets import most, text_of
from sim.plan import ActivityPlan, Kind, OfficePlan, Plan, compile_scenario
from sim.results.planned import undelayed
from sim.results.tables import assumptions, brief, changes, numbers_of
from sim.scenario import LoadedScenario


@dataclass(frozen=True)
class Understood:
    """A scenario as the program has understood it.

    Attributes
    ----------
    name
        Its title.
    tables
        ``offices``, ``activities``, ``pools``, ``risks``, ``targets``, ``assumptions``, ``changes``, ``status``.
    """

    name: str
    loaded: LoadedScenario
    tables: Mapping[str, Table]


def understand(loaded: LoadedScenario) -> Understood:
    """Compile a scenario, run its deterministic plan, and tell."""
    plan = compile_scenario(loaded.scenario)
    made = (offices(plan), activities(plan), pools(plan), risks(plan), targets(plan), assumptions(loaded), changes(loaded), status(plan))
    return Understood(loaded.scenario.scenario.name, loaded, {table.name: table for table in made})


def offices(plan: Plan) -> Table:
    """Each office: its date, and the date of the plan without delays (medians, no risks, no queues), with the days to spare."""
    openings = undelayed(plan).opening(plan)[0].tolist()
    rows = []
    for office, day in zip(plan.offices, openings, strict=True):
        spec = plan.scenario.offices[office.id]
        target = None if office.target < 0 else plan.date(office.target)
        spare = None if office.target < 0 else office.target - day
        rows.append((office.id, office.name, spec.round, type_of(plan, office), plan.date(office.start), target, plan.date(day), spare))
    names = ("office", "name", "round", "type", "start", "target", "undelayed", "days_to_spare")
    return Table.of_rows("offices", names, rows)


def type_of(plan: Plan, office: OfficePlan) -> str | None:
    """The type of an office; those that it may have where it is not certain."""
    variable = plan.type_variable
    if variable < 0:
        return None
    values = [str(value) for value in plan.variables[variable].values]
    if variable in office.weights:
        return " / ".join(v for v, w in zip(values, office.weights[variable].default, strict=True) if w > 0)
    mix = next((mix for mix in plan.mixes if office.index in mix.offices), None)
    if mix is not None:
        return " / ".join(v for i, v in enumerate(values) if any(row[i] for row in mix.counts))
    return values[office.codes[variable]] if office.codes[variable] >= 0 else None


def activities(plan: Plan) -> Table:
    """Each activity of the process: who does it, how long it takes, what it waits for."""
    rows = []
    for activity in plan.activities:
        spec = plan.scenario.activities.get(activity.id)
        after = ", ".join(plan.activities[r.source].id for r in (*activity.holds_start, *activity.holds_finish))
        when = brief({k: list(v) for k, v in spec.when.items()}) if spec and spec.when else None
        uses = ", ".join(plan.pools[pool].id for pool, _ in activity.uses)
        rows.append(
            (activity.id, activity.name, activity.phase, activity.actor, length_of(plan, activity), after, when, activity.probability, uses)
        )
    names = ("activity", "name", "phase", "actor", "length", "after", "when", "probability", "uses")
    return Table.of_rows("activities", names, rows)


def length_of(plan: Plan, activity: ActivityPlan) -> str:
    """What decides how long an activity takes."""
    if activity.kind is Kind.MEETING:
        return f"meeting {plan.series_names[activity.series]}"
    spec = plan.scenario.activities.get(activity.id)
    if activity.kind is Kind.OPENING or spec is None or spec.duration is None:
        return "opening day" if activity.kind is Kind.OPENING else ""
    numbers = numbers_of(spec.duration)
    unit = numbers.pop("unit", "days")
    return f"{brief(numbers)} {unit}"


def pools(plan: Plan) -> Table:
    """Each pool: units at the start and later, and how it is used."""
    rows = []
    for pool in plan.pools:
        spec = plan.scenario.resources[pool.id]
        held = f"{spec.held.from_} – {spec.held.until}" if spec.held else None
        users = [a.id for a in plan.activities if any(p == pool.index for p, _ in a.uses)]
        later = ", ".join(f"{change.from_}: {change.capacity}" for change in spec.changes) or None
        rows.append((pool.id, pool.name, pool.capacity, later, held, ", ".join(users) or None))
    return Table.of_rows("pools", ("resource", "name", "capacity", "later", "held", "used_by"), rows)


def risks(plan: Plan) -> Table:
    """Each risk: how likely, for whom, what it does."""
    rows = []
    for risk in plan.risks:
        spec = plan.scenario.risks[risk.id]
        effects = {name: numbers_of(part) for name, part in (("factor", spec.factor), ("delay", spec.delay)) if part is not None}
        hit = ", ".join(plan.activities[a].id for a in risk.activities)
        rows.append((risk.id, risk.name, risk.probability, spec.scope, len(risk.names), brief(effects), hit))
    return Table.of_rows("risks", ("risk", "name", "probability", "scope", "members", "effect", "activities"), rows)


def targets(plan: Plan) -> Table:
    """Each target: how many of how many, by when, how sure."""
    rows = []
    for id_, target in plan.scenario.targets.items():
        of = most(plan, target.offices) + target.existing
        name = text_of(target.name, id_, plan.scenario.scenario.language)
        rows.append((id_, name, of if target.at_least is None else target.at_least, of, target.by, target.confidence))
    return Table.of_rows("targets", ("target", "name", "at_least", "of", "by", "confidence"), rows)


def status(plan: Plan) -> Table:
    """Each office of which something is known: what it finished last, what it is at since when, or that it has opened."""
    rows = []
    for office in plan.offices:
        known = [(plan.activities[plan.passes[here].activity], fact) for here, fact in office.facts.items() if fact.happens]
        over = [(fact.finish, activity) for activity, fact in known if fact.finish >= 0]
        going = sorted((fact.start, activity.id) for activity, fact in known if fact.finish < 0)
        opened = max((day for day, activity in over if activity.index == plan.opening), default=None)
        day, last = max(((day, activity.id) for day, activity in over), default=(None, None))
        under_way = ", ".join(f"{id_} ({plan.date(start)})" for start, id_ in going) or None
        dates = (None if day is None else plan.date(day), under_way, None if opened is None else plan.date(opened))
        if known:
            rows.append((office.id, office.name, len(over), last, *dates))
    return Table.of_rows("status", ("office", "name", "finished", "last", "last_finished", "under_way", "opened"), rows)
