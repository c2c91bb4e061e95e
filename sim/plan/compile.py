"""Scenario → :class:`~sim.plan.model.Plan`: names become numbers, dates become days, rules become tables.

A pure function. It trusts that the scenario has passed its checks (:mod:`sim.scenario.checks`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sim import calendars as cal
from sim.distributions import Distribution
from sim.plan.model import ActivityPlan, DurationPlan, End, Give, Kind, Layer, PassPlan, Plan, PoolPlan, Relation, RiskPlan
from sim.plan.network import check_loops, compile_loops, compile_relations, compute_order, loop_bits, passes_of, strides, with_single_end
from sim.plan.offices import Variables, compile_mixes, compile_offices
from sim.plan.status import with_status
from sim.scenario import schema
from sim.scenario.attributes import attribute
from sim.scenario.attributes import certainly_fits as fits
from sim.scenario.build import build_distribution, in_days, last_date


def text(name: schema.Text, default: str, language: str = "en") -> str:
    """A name in one language, else in any, else the default."""
    if isinstance(name, str):
        return name or default
    return name.get(language) or next(iter(name.values()), default)  # type: ignore[call-overload]


def compile_scenario(scenario: schema.Scenario) -> Plan:
    """Compile a checked scenario.

    Parameters
    ----------
    scenario
        A scenario without faults.

    Returns
    -------
    Plan
        What sampling and engines read.
    """
    return with_status(_Compiler(scenario).plan())


class _Compiler:
    """State shared while one scenario is compiled."""

    def __init__(self, scenario: schema.Scenario) -> None:
        info = scenario.scenario
        self.scenario = scenario
        self.start = info.start
        self.last = (last_date(info) - info.start).days
        self.activities, self.opening = with_single_end(scenario.activities, info.opening)
        self.index = {id_: i for i, id_ in enumerate(self.activities)}
        self.pool_index = {id_: i for i, id_ in enumerate(scenario.resources)}
        self.calendar_index = {id_: i for i, id_ in enumerate(scenario.calendars)}
        self.variables = Variables(scenario)
        self.loops = compile_loops(self.activities)
        self.bits = {id_: loop_bits(self.loops, i) for id_, i in self.index.items()}
        self.distributions: dict[Distribution, int] = {}
        self.series: list[NDArray[np.int32]] = []
        self.series_names: list[str] = []
        self.meeting_series: dict[str, int] = {}

    def plan(self) -> Plan:
        scenario = self.scenario
        mixes = compile_mixes(scenario, self.variables)
        relations = [compile_relations(a, self.index, self.bits, self.bits[id_]) for id_, a in self.activities.items()]
        check_loops(list(self.activities), self.loops, relations)
        risks = self.risks()
        passes: list[PassPlan] = []
        activities = tuple(self.activity(id_, relations[i], risks, passes) for id_, i in self.index.items())
        layers, factor_names = self.layers()
        return Plan(
            scenario=scenario,
            start=self.start,
            last=self.last,
            seed=scenario.scenario.seed,
            offices=compile_offices(scenario, self.variables, mixes, self.activities),
            activities=activities,
            passes=tuple(passes),
            loops=self.loops,
            pools=self.pools(),
            risks=risks,
            risk_members=sum(len(r.names) for r in risks),
            variables=self.variables.all,
            mixes=mixes,
            layers=layers,
            factor_names=factor_names,
            calendars=tuple(work_calendar(c, self.start, self.last) for c in scenario.calendars.values()),
            series=tuple(self.series),
            series_names=tuple(self.series_names),
            distributions=tuple(self.distributions),
            opening=self.index[self.opening],
            order=compute_order(relations),
            learn=scenario.scenario.learn,
        )

    def day(self, date: dt.date) -> int:
        return (date - self.start).days

    def distribution(self, law: Distribution) -> int:
        """Index of a distribution; equal ones share a table."""
        return self.distributions.setdefault(law, len(self.distributions))

    def activity(
        self, id_: str, relations: dict[End, tuple[Relation, ...]], risks: tuple[RiskPlan, ...], passes: list[PassPlan]
    ) -> ActivityPlan:
        spec = self.activities[id_]
        index, bits = self.index[id_], self.bits[id_]
        first_pass = len(passes)
        passes.extend(passes_of(index, list(self.activities), self.loops, bits))
        calendar = calendar_of(self.scenario, spec)
        kind, series, lead = self.ending(id_, spec, calendar)
        week = _week(self.scenario.calendars[calendar])
        return ActivityPlan(
            index=index,
            id=id_,
            name=text(spec.name, id_, self.scenario.scenario.language),
            phase=spec.phase or "",
            actor=spec.actor or "",
            kind=kind,
            calendar=self.calendar_index[calendar],
            week=week,
            holds_start=relations[End.START],
            holds_finish=relations[End.FINISH],
            uses=tuple(sorted((self.pool_index[p], units) for p, units in spec.uses.items())),
            takes=self.takes(id_),
            gives_at_start=self.gives(f"{id_}.start"),
            gives_at_finish=self.gives(f"{id_}.finish"),
            not_before=self.day(spec.not_before) if spec.not_before else 0,
            series=series,
            lead=lead,
            duration=self.duration(spec, week) if kind is Kind.WORK else None,
            when=self.variables.conditions(spec.when),
            probability=spec.probability,
            loops=bits,
            redo=next((loop.index for loop in self.loops if loop.activity == index), -1),
            first_pass=first_pass,
            pass_count=len(passes) - first_pass,
            strides=strides(self.loops, bits),
            risks=tuple(r.index for r in risks if index in r.activities),
        )

    def ending(self, id_: str, spec: schema.Activity, calendar: str) -> tuple[Kind, int, int]:
        """Kind, series and lead of an activity."""
        if spec.meeting is not None:
            return Kind.MEETING, self.meeting(spec.meeting), self.scenario.meetings[spec.meeting].lead
        if spec.opening_days is not None:
            return Kind.OPENING, self.opening_days(id_, spec.opening_days, calendar), spec.opening_days.notice
        return Kind.WORK, -1, 0

    def meeting(self, id_: str) -> int:
        """Series of a meeting: its dates, then what its rule gives after the last of them."""
        if id_ not in self.meeting_series:
            spec = self.scenario.meetings[id_]
            dates = sorted(spec.dates)
            if spec.rule:
                after = dates[-1] + dt.timedelta(days=1) if dates else self.start
                dates += cal.meeting_dates(spec.rule, after, self.start + dt.timedelta(days=self.last))
            self.meeting_series[id_] = self.add_series(id_, cal.next_in_series(dates, self.start, self.last))
        return self.meeting_series[id_]

    def opening_days(self, id_: str, spec: schema.OpeningDays, calendar: str) -> int:
        """Series of the days on which an office may open."""
        of_calendar = self.scenario.calendars[calendar]
        country = spec.country or of_calendar.country
        holidays = (
            cal.holidays_mask(country, of_calendar.subdivision, self.start, self.last) if country else np.zeros(self.last + 1, np.bool_)
        )
        closed = [_period(p) for p in spec.closed]
        allowed = cal.opening_mask(self.start, self.last, spec.weekdays, closed, holidays)
        return self.add_series(id_, cal.next_allowed(allowed))

    def add_series(self, name: str, following: NDArray[np.int32]) -> int:
        self.series.append(following)
        self.series_names.append(name)
        return len(self.series) - 1

    def takes(self, id_: str) -> tuple[int, ...]:
        return tuple(self.pool_index[p] for p, r in self.scenario.resources.items() if r.held and r.held.from_ == f"{id_}.start")

    def gives(self, event: str) -> tuple[Give, ...]:
        result = []
        for pool, resource in self.scenario.resources.items():
            if resource.held and resource.held.until == event:
                began, ends = (e.rsplit(".", 1)[0] for e in (resource.held.from_, resource.held.until))
                result.append(Give(self.pool_index[pool], self.bits[ends] & ~self.bits[began]))
        return tuple(result)

    def duration(self, spec: schema.Activity, week: int) -> DurationPlan:
        """Distributions of an activity; ``by_round`` goes before ``by_type``, and both inherit the unit."""
        assert spec.duration is not None
        unit = spec.duration.unit

        def law(duration: schema.Duration) -> int:
            return self.distribution(in_days(duration.model_copy(update={"unit": duration.unit or unit}), week))

        cases = [(self.variables.condition("round", (int(r),)), law(d)) for r, d in spec.by_round.items()]
        cases += [(self.variables.condition("type", (t,)), law(d)) for t, d in spec.by_type.items()]
        adjustments = tuple((self.variables.conditions(a.when), a.factor) for a in spec.adjustments)
        return DurationPlan(law(spec.duration), tuple(cases), adjustments)

    def pools(self) -> tuple[PoolPlan, ...]:
        return tuple(
            PoolPlan(
                index=i,
                id=id_,
                name=text(r.name, id_, self.scenario.scenario.language),
                capacity=r.capacity,
                changes=tuple(sorted((self.day(c.from_), c.capacity) for c in r.changes)),
                strict=r.queue == "strict",
            )
            for i, (id_, r) in enumerate(self.scenario.resources.items())
        )

    def risks(self) -> tuple[RiskPlan, ...]:
        result: list[RiskPlan] = []
        members = 0
        for id_, spec in self.scenario.risks.items():
            risk = self.risk(len(result), id_, spec, members)
            members += len(risk.names)
            result.append(risk)
        return tuple(result)

    def risk(self, index: int, id_: str, spec: schema.Risk, first_member: int) -> RiskPlan:
        keys = [
            _scope_key(spec.scope, key, office) if fits(key, office, spec.offices) else None
            for key, office in self.scenario.offices.items()
        ]
        names = tuple(dict.fromkeys(key for key in keys if key is not None))
        by_name = {name: first_member + i for i, name in enumerate(names)}
        hit = [a for a, s in self.activities.items() if a in spec.activities or (s.duration is not None and s.actor in spec.actor)]
        first, last = (self.day(d) for d in spec.window) if spec.window else (0, self.last)
        return RiskPlan(
            index=index,
            id=id_,
            name=text(spec.name, id_, self.scenario.scenario.language),
            probability=spec.probability,
            first=first,
            last=last,
            names=names,
            first_member=first_member,
            member=tuple(-1 if key is None else by_name[key] for key in keys),
            factor=self.distribution(build_distribution(spec.factor)) if spec.factor else -1,
            delay=self.distribution(build_distribution(spec.delay)) if spec.delay else -1,
            delay_in_weeks=bool(spec.delay and spec.delay.unit == "weeks"),
            activities=tuple(self.index[a] for a in hit),
        )

    def layers(self) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
        """Common factors: one per programme, county, municipality, office, actor or activity, for the layers in use."""
        names: dict[str, int] = {}
        layers = []
        for layer in ("programme", "county", "municipality", "office", "actor", "activity"):
            share = getattr(self.scenario.correlation, layer)
            if share:
                factor = np.full((len(self.scenario.offices), len(self.activities)), -1, np.int32)
                for o, (key, office) in enumerate(self.scenario.offices.items()):
                    for a, (id_, activity) in enumerate(self.activities.items()):
                        member = {"actor": activity.actor, "activity": id_}.get(layer) or _scope_key(layer, key, office)
                        if member is not None:
                            name = layer if layer == "programme" else f"{layer}:{member}"
                            factor[o, a] = names.setdefault(name, len(names))
                layers.append(Layer(layer, share, factor))
        return tuple(layers), tuple(names)


def _period(spec: schema.Period) -> cal.Period:
    return cal.Period(spec.from_, spec.to, spec.weeks)


def _week(spec: schema.Calendar) -> int:
    return 7 if spec.every_day else 5


def _scope_key(scope: str, office_id: str, office: schema.Office) -> str | None:
    """Which member of a scope an office belongs to, or None."""
    if scope == "programme":
        return "programme"
    if scope == "office":
        return office_id
    value = attribute(office_id, office, scope)
    return None if value is None or isinstance(value, Mapping) else str(value)


def work_calendar(spec: schema.Calendar, start: dt.date, last: int) -> cal.WorkCalendar:
    """Working days of a calendar from a date on, until ``last`` days after it."""
    working = cal.working_days(
        start,
        last,
        every_day=spec.every_day,
        weekdays=spec.weekdays,
        country=spec.country,
        subdivision=spec.subdivision,
        closed=[_period(p) for p in spec.closed],
        pace=[(_period(p), p.share) for p in spec.pace],
    )
    return cal.WorkCalendar.from_mask(working)


def calendar_of(scenario: schema.Scenario, activity: schema.Activity) -> str:
    """The activity's calendar, else the scenario's, else the first (which then can make no difference)."""
    return activity.calendar or scenario.scenario.calendar or next(iter(scenario.calendars))
