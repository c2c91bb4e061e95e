"""Every table of a run by name: what it needs, and how it is made. Tables are made when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from sim import costs
from sim.analysis.activities import activity_table
from sim.analysis.delay import delay_by_cause, drivers
from sim.analysis.leave_one_out import driver_effects, layer_shares, leave_one_out
from sim.analysis.openings import OpeningTally, open_count, opening_density, openings
from sim.analysis.randomised import randomised_openings, randomised_targets
from sim.analysis.reference_class import reference_classes, reference_curves
from sim.analysis.resources import queue_by_month, resources
from sim.analysis.safe_dates import safe_dates
from sim.analysis.sensitivity import ranking_check, sensitivity
from sim.analysis.table import Table
from sim.analysis.targets import TargetTally, target_density, targets, targets_joint
from sim.plan import Plan
from sim.scenario import LoadedScenario, Scenario
from sim.scenario.schema import Evidence


@dataclass(frozen=True)
class Known:
    """What is known after a run.

    Attributes
    ----------
    loaded
        The scenario.
    plan
        The same, compiled.
    tallies
        What was gathered of the futures, by name.
    """

    loaded: LoadedScenario
    plan: Plan
    tallies: Mapping[str, Any]
    table: Callable[[str], Table]
    """Another table of the run, by its name."""


@dataclass(frozen=True)
class Answer:
    """One table.

    Attributes
    ----------
    needs
        The tally it is made from, or nothing.
    make
        Makes it.
    when
        Whether the scenario has anything to say in it.
    may_use
        Another tally, which it says more with.
    """

    needs: str
    make: Callable[[Known], Table]
    when: Callable[[Known], bool] | None = None
    may_use: str = ""


def _money(name: str, make: Callable[[Any], costs.Table], when: Callable[[Known], bool] | None = None) -> Answer:
    return Answer("money", lambda known: Table(name, make(known.tallies["money"].costs)), when)


def _joint(name: str, make: Callable[[Any], costs.Table]) -> Answer:
    return Answer("money", lambda known: Table(name, make(known.tallies["money"].costs.joint())))


def _openings(plan: Plan, tally: OpeningTally) -> Table:
    return randomised_openings(plan, tally, openings(plan, tally))


def _targets(plan: Plan, tally: TargetTally) -> Table:
    return randomised_targets(plan, tally, targets(plan, tally))


ANSWERS: dict[str, Answer] = {
    "openings": Answer("openings", lambda known: _openings(known.plan, known.tallies["openings"])),
    "open_count": Answer("openings", lambda known: open_count(known.plan, known.tallies["openings"])),
    "opening_density": Answer("openings", lambda known: opening_density(known.plan, known.tallies["openings"])),
    "targets": Answer("targets", lambda known: _targets(known.plan, known.tallies["targets"])),
    "targets_joint": Answer(
        "targets", lambda known: targets_joint(known.plan, known.tallies["targets"]), lambda known: len(known.loaded.scenario.targets) > 1
    ),
    "target_density": Answer("targets", lambda known: target_density(known.plan, known.tallies["targets"])),
    "activities": Answer("activities", lambda known: activity_table(known.tallies["activities"])),
    "safe_dates": Answer("safe_dates", lambda known: safe_dates(known.tallies["safe_dates"])),
    "delay_by_cause": Answer("delay", lambda known: delay_by_cause(known.tallies["delay"])),
    "leave_one_out": Answer("leave_one_out", lambda known: leave_one_out(known.tallies["leave_one_out"], offices=False)),
    "drivers": Answer("delay", lambda known: drivers(known.tallies["delay"], _effects(known)), may_use="leave_one_out"),
    "layer_shares": Answer(
        "leave_one_out", lambda known: layer_shares(known.tallies["leave_one_out"], offices=False), lambda known: bool(known.plan.layers)
    ),
    "sensitivity": Answer("inputs", lambda known: sensitivity(known.tallies["inputs"])),
    "ranking_check": Answer(
        "inputs",
        lambda known: ranking_check(known.table("sensitivity"), known.tallies["leave_one_out"]),
        lambda known: "leave_one_out" in known.tallies,
    ),
    "resources": Answer("resources", lambda known: resources(known.plan, known.tallies["resources"])),
    "queue_by_month": Answer("resources", lambda known: queue_by_month(known.plan, known.tallies["resources"])),
    "cost_by_month": _money("cost_by_month", costs.cost_by_month),
    "cost_by_year": _money("cost_by_year", costs.cost_by_year),
    "budgets": _money("budgets", costs.budgets),
    "tertials": _money("tertials", costs.tertials),
    "forecast": _money("forecast", costs.forecast, lambda known: known.loaded.scenario.scenario.status_date is not None),
    "debt_by_month": _money("debt_by_month", costs.debt_by_month, lambda known: bool(known.loaded.scenario.budgets)),
    "cost_of_delay": Answer("delay_cost", lambda known: Table("cost_of_delay", known.tallies["delay_cost"].pairs.table())),
    "joint": _joint("joint", costs.joint),
    "joint_sample": _joint("joint_sample", costs.joint_sample),
    "frontier": _joint("frontier", costs.frontier),
    "contingency": _joint("contingency", costs.contingency),
    "uplift": _joint("uplift", costs.uplift),
    "whole_futures": _joint("whole_futures", costs.whole_futures),
    "reference_class": Answer("reference", lambda known: reference_classes(known.plan, known.tallies["reference"])),
    "reference_curve": Answer("reference", lambda known: reference_curves(known.plan, known.tallies["reference"])),
    "assumptions": Answer("", lambda known: assumptions(known.loaded)),
    "changes": Answer("", lambda known: changes(known.loaded)),
}
"""The tables of a run folder, in the order in which they are written. A new answer adds its line here."""


def _effects(known: Known) -> dict[tuple[str, str, str], dict[str, Any]] | None:
    """What becomes better without each cause, where that has been simulated."""
    return driver_effects(known.table("leave_one_out")) if "leave_one_out" in known.tallies else None


def available(known: Known) -> tuple[str, ...]:
    """Names of the tables that a run has."""
    return tuple(name for name, answer in ANSWERS.items() if _has(known, answer))


def settled(known: Known, later: Collection[str]) -> tuple[str, ...]:
    """Names of the tables that will not be others when some tallies have come too."""
    return tuple(name for name in available(known) if not {ANSWERS[name].needs, ANSWERS[name].may_use} & set(later))


def _has(known: Known, answer: Answer) -> bool:
    gathered = not answer.needs or answer.needs in known.tallies
    return gathered and (answer.when is None or answer.when(known))


def make(known: Known, name: str) -> Table:
    """Make a table."""
    return ANSWERS[name].make(known)


def changes(loaded: LoadedScenario) -> Table:
    """What differs from the base scenario, and what made it so; a change a row."""
    rows = [(change.path, brief(change.old), brief(change.new), change.source) for change in loaded.changes]
    return Table.of_rows("changes", ("path", "old", "new", "source"), rows)


def assumptions(loaded: LoadedScenario) -> Table:
    """Everything in the scenario that says how good its numbers are, with grade and source; an entry a row."""
    rows = [(path, brief(estimates(said)), entry.grade, entry.source) for path, entry, said in evidence(loaded.scenario)]
    return Table.of_rows("assumptions", ("path", "value", "grade", "source"), rows)


def evidence(scenario: Scenario) -> Iterator[tuple[str, Evidence, Mapping[str, Any]]]:
    """Entries with a grade or a source: their place in the scenario, and what they say."""
    said = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)  # all at once: much quicker
    yield from _evidence(scenario, "", said)


def _evidence(node: Any, path: str, said: Any) -> Iterator[tuple[str, Evidence, Mapping[str, Any]]]:
    if isinstance(node, Evidence) and (node.grade is not None or node.source):
        yield path, node, said
    if isinstance(node, BaseModel):
        inside = {(type(node).model_fields[name].alias or name): getattr(node, name) for name in type(node).model_fields}
    elif isinstance(node, Mapping):
        inside = dict(node)
    elif isinstance(node, tuple):
        inside, said = {str(i): item for i, item in enumerate(node)}, {str(i): item for i, item in enumerate(said)}
    else:
        return
    for key, item in inside.items():
        if key in said:  # what is not said is a default, and that has neither grade nor source
            yield from _evidence(item, f"{path}.{key}" if path else str(key), said[key])


WORDS = {"name", "grade", "source", "after", "phase", "actor", "calendar", "when", "offices"}
"""Keys of an entry that are no estimates."""


def numbers_of(entry: Evidence) -> Any:
    """What an entry says beside its name, place and evidence."""
    return estimates(entry.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True))


def estimates(said: Mapping[str, Any]) -> dict[str, Any]:
    """The same of what it says in all."""
    return {key: value for key, value in said.items() if key not in WORDS}


LONGEST = 160
"""Signs of a value in a table."""


def brief(value: Any) -> str | None:
    """A value of the scenario in a cell.

    >>> brief({"uniform": [2, 4], "unit": "weeks"}), brief(16), brief("small"), brief(None)
    ('uniform [2, 4], unit weeks', '16', 'small', None)
    """
    if value is None:
        return None
    text = _brief(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _brief(value: Any, inner: bool = False) -> str:
    if isinstance(value, Mapping):
        text = ", ".join(f"{key} {_brief(item, True)}" for key, item in value.items())
        return f"({text})" if inner else text
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_brief(item, True) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
