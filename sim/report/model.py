"""What a report is made of: tables, the scenario that names things, and how the run was made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from sim.analysis.table import Table
from sim.report.formats import Formats, formats
from sim.report.texts import Texts, texts
from sim.scenario.schema import Scenario

EMPTY = Table("", {})
"""Stands for a table that the run has not."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class ReportInput:
    """All that the reports draw from.

    Attributes
    ----------
    scenario
        For names, targets, frames and coordinates.
    tables
        By name. Those of a run folder: ``openings, open_count, targets, activities, drivers, resources, cost_by_month, cost_by_year,
        budgets, joint``. And, where the run has them:

        - ``opening_density``: ``office, date, count`` and ``target_density``: ``target, date, count``: in how many futures it was then
        - ``delay_by_cause``: ``office, planned, kind, id, delay_days_mean``: parts that add up to the office's mean delay (kind ``total``)
        - ``leave_one_out``: ``measure, of, kind, id, gain_days_mean, gain_days_p80, gain_points, n``, each gain with ``_low`` and
          ``_high``: what is won when this is switched off
        - ``queue_by_month``: ``resource, month, waiting_mean, in_use_mean, capacity``
        - ``joint_sample``: ``group, replication, date, cost`` (last opening and cost) and ``frontier``: ``group, confidence, date, cost``
        - ``safe_dates``: ``office, activity, latest_safe_finish, low, high, n``
        - ``assumptions``: ``path, value, grade, source`` and ``changes``: ``path, old, new, source``

        What a table lacks is left out of the report; further columns are kept.
    passport
        How the run was made, as in ``run.json``.
    plan_dates
        The plan's opening date by office, for offices that have no ``target`` of their own; shown as the plan's line. Where neither is
        known, it is the deterministic plan's (``delay_by_cause.planned``).
    language
        Of the texts; the scenario's when left out.
    """

    scenario: Scenario
    tables: Mapping[str, Table]
    passport: Mapping[str, Any] = field(default_factory=dict)
    plan_dates: Mapping[str, dt.date] = field(default_factory=dict)
    language: str | None = None
    _kept: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def table(self, name: str) -> Table:
        """A table, empty when the run has none of that name."""
        return self.tables.get(name, EMPTY)

    def has(self, name: str) -> bool:
        """Whether there is such a table with something in it."""
        return len(self.table(name)) > 0

    @cached_property
    def t(self) -> Texts:
        """The texts."""
        return texts(self.language or self.scenario.scenario.language)

    @cached_property
    def f(self) -> Formats:
        """The formats."""
        return formats(self.language or self.scenario.scenario.language)

    @property
    def description(self) -> str:
        """What question the scenario answers."""
        return self.t.of(self.scenario.scenario.description)

    @cached_property
    def names(self) -> Names:
        """What things are called."""
        return Names(self.scenario, self.t)

    @cached_property
    def plan(self) -> dict[str, dt.date]:
        """The plan's date of every office that has one."""
        own = {id_: office.target for id_, office in self.scenario.offices.items() if office.target}
        causes = self.table("delay_by_cause")
        undelayed = dict(zip(causes["office"], causes["planned"], strict=True)) if "planned" in causes.columns else {}
        return {**undelayed, **self.plan_dates, **own}


def once(make: Callable[Concatenate[ReportInput, P], T]) -> Callable[Concatenate[ReportInput, P], T]:
    """For what several sections, sheets and pictures draw from: made once for a report, and only read by those who get it."""

    @wraps(make)
    def kept(given: ReportInput, /, *args: P.args, **more: P.kwargs) -> T:
        key = (make.__module__, make.__qualname__, args, tuple(more.items()))
        if key not in given._kept:
            given._kept[key] = make(given, *args, **more)
        found: T = given._kept[key]
        return found

    return kept


@dataclass(frozen=True)
class Names:
    """What the things of a scenario are called."""

    scenario: Scenario
    t: Texts

    def office(self, id_: str) -> str:
        """An office."""
        office = self.scenario.offices.get(id_)
        return (office.name if office else "") or id_

    def type(self, id_: str | None, share: float | None = None) -> str:
        """An office type; one that is only the most frequent is said with its share."""
        if not id_:
            return ""
        found = self.scenario.office_types.get(id_)
        name = self.t.of(found.name, id_) if found else id_
        return name if share is None or share >= 1 else f"{name} ({formats(self.t.language).percent(share)})"

    def target(self, id_: str) -> str:
        """A target."""
        found = self.scenario.targets.get(id_)
        return self.t.of(found.name, id_) if found else id_

    def activity(self, id_: str) -> str:
        """An activity."""
        found = self.scenario.activities.get(id_)
        return self.t.of(found.name, id_) if found else id_

    def budget(self, id_: str) -> str:
        """A frame."""
        found = self.scenario.budgets.get(id_)
        return self.t.of(found.name, id_) if found else id_

    def resource(self, id_: str) -> str:
        """A pool."""
        found = self.scenario.resources.get(id_)
        return self.t.of(found.name, id_) if found else id_

    def meeting(self, id_: str) -> str:
        """A meeting."""
        found = self.scenario.meetings.get(id_)
        return self.t.of(found.name, id_) if found else id_

    def cause(self, kind: str, id_: str) -> str:
        """A cause of delay: what it is, and which."""
        if not id_ or id_ == kind:
            return self.kinds_alone.get(kind, kind.replace("_", " "))
        name = self.layers.get(id_) if kind == "layer" else None
        return self.kinds.get(kind, kind.replace("_", " ") + ": {name}").replace("{name}", name or self._cause(id_))

    @cached_property
    def kinds(self) -> dict[str, str]:
        """How causes of each kind are named."""
        t = self.t
        waiting = t("Waiting for {name}")
        return {
            "actor": t("Work by {name}"),
            "risk": t("Risk: {name}"),
            "pool": waiting,
            "meeting": waiting,
            "redo": t("Done again: {name}"),
            "occurrence": t("What may happen: {name}"),
            "layer": t("Moving together: {name}"),
        }

    @cached_property
    def kinds_alone(self) -> dict[str, str]:
        """What a kind is called where nothing in particular is named."""
        t = self.t
        return {
            "outcome": t("Office type and way chosen"),
            "actor": t("Longer or shorter work"),
            "pool": t("Queues for shared resources"),
            "meeting": t("Waiting for meetings"),
            "opening_day": t("Waiting for an opening day"),
            "calendar": t("Holidays and slow periods"),
            "not_before": t("Not before a date"),
            "redo": t("Work done again"),
            "slack": t("Days to spare in the plan"),
            "status": t("Facts until the status date"),
        }

    @cached_property
    def layers(self) -> dict[str, str]:
        """Layers of common factors."""
        t = self.t
        return {
            "programme": t("all offices"),
            "county": t("offices of a county"),
            "municipality": t("offices of a municipality"),
            "office": t("the activities of an office"),
            "actor": t("the work of an actor"),
        }

    def _cause(self, id_: str) -> str:
        s = self.scenario
        for section in (s.risks, s.resources, s.meetings, s.actors, s.activities, s.phases, s.costs):
            if id_ in section:
                return self.t.of(section[id_].name, id_)
        return id_.replace("_", " ")

    def group(self, key: str) -> str:
        """A group of offices, as tables name it: ``programme``, ``all``, ``round=1``, ``type:small``, ``office:boden``."""
        kind, _, value = key.replace("=", ":", 1).partition(":")
        if not value:
            return {"programme": self.t("The whole programme"), "all": self.t("All offices")}.get(kind, kind)
        value = value.strip()
        if kind in {"office", "type"}:
            return self.office(value) if kind == "office" else self.type(value)
        known = {"round": self.t("Round {value}", value=value), "county": self.t("County: {value}", value=value)}
        return known.get(kind, f"{kind} {value}")
