"""What a report is made of: tables, the scenario that names things, and how the run was made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sim.analysis.table import Table
from sim.report.formats import Formats, formats
from sim.report.texts import Texts, texts
from sim.scenario.schema import Scenario

EMPTY = Table("", {})
"""Stands for a table that the run has not."""


@dataclass(frozen=True)
class ReportInput:
    """All that the reports draw from.

    Attributes
    ----------
    scenario
        For names, targets, frames and coordinates.
    tables
        By name. Those of a run folder: ``openings, open_count, targets, activities, drivers, resources, cost_by_month, cost_by_year, budgets,
        joint``. And, where the run has them:

        - ``opening_density``: ``office, date, count`` and ``target_density``: ``target, date, count``: in how many futures it was on that date
        - ``office_causes``: ``office, kind, id, delay_days_mean``: parts that add up to the office's mean delay
        - ``leave_one_out``: ``kind, id, effect_days_mean, effect_days_low, effect_days_high, effect_days_p80``, and ``target:ID``, ``target:ID:low``,
          ``target:ID:high``: what changes when this is switched off
        - ``queue_by_month``: ``resource, month, waiting_mean, waiting_p90, in_use_mean, capacity``
        - ``joint_sample``: ``group, replication, date, cost`` (last opening and cost) and ``frontier``: ``group, confidence, date, cost``
        - ``safe_dates``: ``office, activity, latest_safe_finish, low, high, n``
        - ``assumptions``: ``path, value, grade, source`` and ``changes``: ``path, old, new, source``

        What a table lacks is left out of the report; further columns are kept.
    passport
        How the run was made, as in ``run.json``.
    plan_dates
        The plan's opening date by office, for offices that have no ``target`` of their own; shown as the plan's line.
    language
        Of the texts; the scenario's when left out.
    """

    scenario: Scenario
    tables: Mapping[str, Table]
    passport: Mapping[str, Any] = field(default_factory=dict)
    plan_dates: Mapping[str, dt.date] = field(default_factory=dict)
    language: str | None = None

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

    @cached_property
    def names(self) -> Names:
        """What things are called."""
        return Names(self.scenario, self.t)

    @cached_property
    def plan(self) -> dict[str, dt.date]:
        """The plan's date of every office that has one."""
        own = {id_: office.target for id_, office in self.scenario.offices.items() if office.target}
        return {**self.plan_dates, **own}


@dataclass(frozen=True)
class Names:
    """What the things of a scenario are called."""

    scenario: Scenario
    t: Texts

    def office(self, id_: str) -> str:
        """An office."""
        office = self.scenario.offices.get(id_)
        return (office.name if office else "") or id_

    def type(self, id_: Any) -> str:
        """An office type; uncertain ones are said to be so."""
        if not isinstance(id_, str) or not id_:
            return self.t("uncertain")
        found = self.scenario.office_types.get(id_)
        return self.t.of(found.name, id_) if found else id_

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

    def cause(self, kind: str, id_: str) -> str:
        """A cause of delay: what it is, and which."""
        name = self._cause(id_)
        kinds = self.kinds
        if kind not in kinds:
            return f"{kind}: {name}" if name and kind else name or kind
        return kinds[kind].format(name=name) if name and name != kind else self.kinds_alone.get(kind, kinds[kind].format(name=name))

    @cached_property
    def kinds(self) -> dict[str, str]:
        """How causes of each kind are named."""
        t = self.t
        waiting = t("Waiting for {name}")
        return {
            "actor": "{name}",
            "risk": t("Risk: {name}"),
            "pool": waiting,
            "resource": waiting,
            "meeting": waiting,
            "calendar": t("Calendar: {name}"),
            "redo": t("Done again: {name}"),
            "branch": t("Way chosen: {name}"),
            "layer": t("Common factor: {name}"),
            "not_before": t("Not before a date: {name}"),
            "type": t("Office type: {name}"),
        }

    @cached_property
    def kinds_alone(self) -> dict[str, str]:
        """What a kind is called where nothing in particular is named."""
        t = self.t
        return {
            "calendar": t("Holidays and slow periods"),
            "redo": t("Work done again"),
            "branch": t("Way chosen"),
            "not_before": t("Not before a date"),
            "type": t("Office types"),
            "pool": t("Queues for shared resources"),
            "resource": t("Queues for shared resources"),
            "meeting": t("Waiting for meetings"),
            "opening": t("Waiting for an opening day"),
            "opening_days": t("Waiting for an opening day"),
            "lag": t("Prescribed waiting"),
            "rest": t("Everything else"),
        }

    def _cause(self, id_: str) -> str:
        s = self.scenario
        for section in (s.risks, s.resources, s.meetings, s.actors, s.activities, s.phases, s.costs):
            if id_ in section:
                return self.t.of(section[id_].name, id_)  # type: ignore[attr-defined]
        return self.kinds_alone.get(id_, id_.replace("_", " "))

    def group(self, key: str) -> str:
        """A group of offices, as tables name it: ``programme``, ``all``, ``round=1``, ``type:small``, ``office:boden``."""
        kind, _, value = key.replace("=", ":", 1).partition(":")
        if not value:
            return {"programme": self.t("The whole programme"), "all": self.t("All offices")}.get(kind, kind)
        value = value.strip()
        if kind in {"office", "type"}:
            return self.office(value) if kind == "office" else self.type(value)
        known = {"round": self.t("Round {value}", value=value), "county": self.t("County of {value}", value=value)}
        return known.get(kind, f"{kind} {value}")
