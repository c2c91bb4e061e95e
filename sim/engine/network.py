"""The process as the readable engine looks it up: who waits for whom, by moment."""

from __future__ import annotations

from dataclasses import dataclass

from sim.engine.days import DayTables
from sim.plan import ActivityPlan, End, Give, Plan


@dataclass(frozen=True, slots=True)
class Successor:
    """An end of an activity that waits for the moment it is listed under."""

    activity: ActivityPlan
    end: End
    moment: int
    exits: int
    """Bits of the redo loops that contain the moment but not this: it waits for their last pass."""
    enters: int
    """Bits of the redo loops that contain this but not the moment: only in their first pass does it wait."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The start or finish of an activity, and what follows from it."""

    gives: tuple[Give, ...]
    """Held units given back."""
    successors: list[Successor]
    """Who waits for it."""


class Network:
    """What is the same in every future, at hand as plain lists. A moment (start or finish) is ``2 * activity + end``."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.holds = [relations for a in plan.activities for relations in (a.holds_start, a.holds_finish)]
        """What each moment waits for."""
        self.waits_for = [[plan.relations(here, end) for end in End] for here in range(len(plan.passes))]
        """What the start and the finish of each pass wait for."""
        self.waits = [len(relations) for relations in self.holds]
        """How many moments each moment waits for, in first passes."""
        self.starts = [Moment(a.gives_at_start, []) for a in plan.activities]
        self.finishes = [Moment(a.gives_at_finish, []) for a in plan.activities]
        for moment, relations in enumerate(self.holds):
            for r in relations:
                activity = plan.activities[moment // 2]
                successor = Successor(activity, End(moment % 2), moment, r.exits, activity.loops & ~plan.activities[r.source].loops)
                (self.starts if r.source_end is End.START else self.finishes)[r.source].successors.append(successor)
        self.process = [plan.activities[index] for index in plan.process]
        """Activities in the order of the process."""
        self.members = [[a for a in self.process if a.index in loop.members] for loop in plan.loops]
        """Of them those of each loop."""
        self.first_pass = [a.first_pass for a in plan.activities]
        """The first pass of each activity."""
        self.risks = [[plan.risks[index] for index in a.risks] for a in plan.activities]
        """The risks of each activity."""
        self.tables = DayTables(plan)
