"""Checks on the status of a running programme."""

from __future__ import annotations

from collections.abc import Iterator

from sim.errors import Fault
from sim.scenario.graph import is_sound, moment
from sim.scenario.schema import Scenario
from sim.scenario.status import Status


def status_holds_together(scenario: Scenario) -> Iterator[Fault]:
    """Facts lie in the past, name what there is, are given once, and do not contradict the process or one another."""
    info = scenario.scenario
    if info.status is None:
        return
    if info.status_date is None:
        yield Fault("scenario.status_date", "is missing: the day up to which the status tells what has happened")
        return
    if not is_sound(scenario) or any(name not in scenario.activities for name in _named(scenario)):
        return  # told by other checks
    status = Status(scenario)
    yield from status.faults
    if not info.accept_out_of_sequence:
        for fault in status.out_of_sequence:
            yield Fault(fault.path, f"{fault.message}; mend the dates, or set scenario.accept_out_of_sequence = true")


def _named(scenario: Scenario) -> Iterator[str]:
    """Activities named by what facts are looked at with."""
    if scenario.scenario.opening is not None:
        yield scenario.scenario.opening
    yield from (activity.redo.back_to for activity in scenario.activities.values() if activity.redo)
    yield from (moment(r.held.from_)[0] for r in scenario.resources.values() if r.held)
