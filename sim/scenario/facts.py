"""Facts on the status date, row by row: what each says, and what is wrong with it by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from sim.errors import Fault
from sim.scenario.graph import is_sound, reachable, span, successors
from sim.scenario.paths import dotted
from sim.scenario.schema import Activity, Fact, Redo, Scenario
from sim.scenario.wording import listing, unknown

OUTCOME = ""
"""Stands for the end of the whole process, where no activity of the scenario is the outcome."""

START, FINISH = "start", "finish"

Key = tuple[str, str]
"""An activity and the label of one of its passes (empty for the first), as :class:`sim.plan.PassPlan` has it."""


@dataclass(frozen=True, slots=True)
class Known:
    """A fact in its plainest form.

    Attributes
    ----------
    activity, label
        The pass of an activity; see :data:`Key`.
    started, finished
        Days; ``finished`` is ``None`` for what is under way.
    expected
        The finish that is hoped for, or ``None``.
    row
        Its place in ``scenario.status``.
    """

    activity: str
    label: str
    started: dt.date
    finished: dt.date | None
    expected: dt.date | None
    row: int

    @property
    def key(self) -> Key:
        """The pass."""
        return self.activity, self.label

    def day(self, end: str) -> dt.date | None:
        """Day of an end, if that has been reached."""
        return self.started if end == START else self.finished


@dataclass(slots=True)
class OfficeStatus:
    """All that is known of one office.

    Attributes
    ----------
    facts
        By pass.
    absent
        Passes that are known not to have happened.
    done
        Activities that are done on days not known, because the office has opened.
    """

    facts: dict[Key, Known] = field(default_factory=dict)
    absent: set[Key] = field(default_factory=set)
    done: set[str] = field(default_factory=set)


class Spans:
    """The redo spans of a process, outer ones first, and the labels of passes within them."""

    def __init__(self, scenario: Scenario) -> None:
        following = successors(scenario) if is_sound(scenario) else {}
        order = {id_: i for i, id_ in enumerate(scenario.activities)}
        found: list[tuple[str, Redo, set[str]]] = []
        for id_, activity in scenario.activities.items():
            if activity.redo and activity.redo.back_to in following:
                found.append((id_, activity.redo, span(following, activity.redo.back_to, id_)))
        found.sort(key=lambda s: (-len(s[2]), order[s[0]]))
        self.members = {id_: members for id_, _, members in found}
        self.times = {id_: redo.at_most + 1 for id_, redo, _ in found}

    def around(self, activity: str) -> list[str]:
        """Activities with the redos whose spans contain an activity, outermost first."""
        return [id_ for id_, members in self.members.items() if activity in members]

    def read(self, activity: str, text: int | str) -> str | None:
        """Label of a pass as a planner writes it: a number, or ``lease.2,permit.3``; ``None`` when there is no such pass."""
        around = self.around(activity)
        if str(text).isdecimal():
            if int(text) == 1:
                return ""
            rounds = {around[0]: int(text)} if len(around) == 1 else {}
        else:
            rounds = rounds_of(str(text).replace(" ", ""))
        fits = bool(rounds) and all(id_ in around and 2 <= n <= self.times[id_] for id_, n in rounds.items())
        return self.label(activity, rounds) if fits else None

    def label(self, activity: str, rounds: dict[str, int]) -> str:
        """Label of the pass that an activity makes in given rounds; a span that is not named is in its first."""
        return ",".join(f"{id_}.{rounds[id_]}" for id_ in self.around(activity) if rounds.get(id_, 1) > 1)


def rounds_of(label: str) -> dict[str, int]:
    """Rounds of spans that a label names.

    >>> rounds_of("lease.2,permit.3"), rounds_of("")
    ({'lease': 2, 'permit': 3}, {})
    """
    parts = [part.rpartition(".") for part in label.split(",") if part]
    return {id_: int(n) for id_, _, n in parts if n.isdecimal() and len(n) < 7}


class Facts:
    """The facts of a scenario, read row by row.

    Attributes
    ----------
    offices
        What is known, by office; only offices of which something is.
    faults
        What is wrong with single rows.
    spans
        The redo spans.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.faults: list[Fault] = []
        self.offices: dict[str, OfficeStatus] = {}
        self.spans = Spans(scenario)
        for i, row in enumerate(scenario.scenario.status or ()):
            self._take_in(i, row)

    @cached_property
    def outcome(self) -> str:
        """The activity whose finish is the opening."""
        if self.scenario.scenario.opening is not None:
            return self.scenario.scenario.opening
        last = self.last
        return last[0] if len(last) == 1 else OUTCOME

    @cached_property
    def last(self) -> list[str]:
        """Activities that nothing waits for."""
        return [id_ for id_, waiting in self.following.items() if not waiting]

    @cached_property
    def following(self) -> dict[str, list[str]]:
        """Activities that wait for each activity."""
        return successors(self.scenario)

    @cached_property
    def before(self) -> dict[str, list[str]]:
        """Activities that each activity waits for."""
        known = self.scenario.activities
        return {id_: [after.activity for after in a.after if after.activity in known] for id_, a in known.items()}

    def blame(self, row: int, name: str, message: str) -> None:
        """Note a fault of a row, or of a cell of it."""
        self.faults.append(Fault(dotted("scenario", "status", row, *([name] if name else [])), message))

    # --- rows -----------------------------------------------------------------------------------------------------------

    def _take_in(self, i: int, row: Fact) -> None:
        """Keep a row that makes sense by itself; tell of one that does not."""
        known = len(self.faults)
        self._check_names(i, row)
        self._check_dates(i, row)
        if len(self.faults) > known:
            return
        activity = self.outcome if row.opened else row.activity or ""
        label = self.spans.read(activity, row.pass_)
        started = row.started or row.finished or row.opened
        if label is None:
            self.blame(i, "pass", f'"{row.pass_}" is no pass of {activity}; {self._passes_of(activity)}')
        elif started is not None:  # a row without a date says nothing
            office = self.offices.setdefault(row.office, OfficeStatus())
            fact = Known(activity, label, started, row.finished or row.opened, row.expected_finish, i)
            if fact.key in office.facts:
                self.blame(i, "", f"{row.office}: {activity or 'the opening'} stands twice, first in row {office.facts[fact.key].row + 1}")
                return
            office.facts[fact.key] = fact
            if row.opened:
                office.done |= self._all_before(activity)

    def _passes_of(self, activity: str) -> str:
        around = self.spans.around(activity)
        if not around:
            return "it is done once"
        most = " and ".join(f"{id_} 2 to {self.spans.times[id_]}" for id_ in around)
        return f"count {most}, as {around[-1]}.2, or as 2 where there is one span alone"

    def _check_names(self, i: int, row: Fact) -> None:
        for name, value, known in (("office", row.office, self.scenario.offices), ("activity", row.activity, self.scenario.activities)):
            if value is not None and value not in known:
                article = "an office" if name == "office" else "an activity"
                self.faults.append(unknown(dotted("scenario", "status", i, name), value, article, known))
        if row.opened and (row.activity or row.started or row.finished or row.expected_finish or row.pass_ != 1):
            self.blame(i, "opened", f"{row.office}: stands alone, without activity and other dates; or give the opening as an activity")
        elif not row.opened and row.activity is None:
            self.blame(i, "", f"{row.office}: the row names no activity; give one, or opened")
        office = self.scenario.offices.get(row.office)
        if office is not None and row.pass_ == 1 and row.activity in self.entered(office.enters_at):
            message = f"{row.office}: {row.activity} is done when the office enters at {listing(office.enters_at)}; keep one of the two"
            self.blame(i, "activity", message)

    def _check_dates(self, i: int, row: Fact) -> None:
        info = self.scenario.scenario
        what = f"{row.office}: {row.activity or 'the opening'}"
        for name in ("started", "finished", "opened"):
            day = getattr(row, name)
            if day is not None and info.status_date is not None and day > info.status_date:
                self.blame(i, name, f"{what} {name} on {day}, after the status date, {info.status_date}; only what has happened is a fact")
            elif day is not None and day < info.start:
                self.blame(i, name, f"{what} {name} on {day}, before the start, {info.start}; use enters_at of the office")
        if row.started and row.finished and row.finished < row.started:
            self.blame(i, "finished", f"{what} finished on {row.finished}, before it started on {row.started}")
        activity = self.scenario.activities.get(row.activity or "")
        if activity and row.finished and not row.started and takes_time(activity):
            self.blame(i, "started", f"{what} has finished, and its start is missing")
        if row.expected_finish and (row.finished or not row.started):
            self.blame(i, "expected_finish", f"{what} has one, and is not under way; leave it out")
        elif row.expected_finish and info.status_date and row.expected_finish <= info.status_date:
            self.blame(i, "expected_finish", f"{what} is expected on {row.expected_finish}, not after the status date, {info.status_date}")

    def entered(self, at: Iterable[str]) -> set[str]:
        """What lies before the point where an office enters."""
        return {id_ for name in at if name in self.before for id_ in reachable(self.before, name)} - set(at)

    def _all_before(self, activity: str) -> set[str]:
        """Everything on a path to an activity."""
        ends = self.last if activity == OUTCOME else [activity]
        found = {id_ for end in ends for id_ in reachable(self.before, end)}
        return found if activity == OUTCOME else found - {activity}


def takes_time(activity: Activity) -> bool:
    """Whether an activity goes on for some time: work does, a milestone, a meeting or an opening may not."""
    return activity.duration is not None and activity.duration.fixed != 0
