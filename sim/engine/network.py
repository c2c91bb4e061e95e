"""The process as the readable engine looks it up: who waits for whom, by moment."""

from __future__ import annotations

from dataclasses import dataclass

from sim.engine.days import DayTables
from sim.plan import ActivityPlan, End, Plan


@dataclass(frozen=True, slots=True)
class Successor:
    """An end of an activity that waits for the moment it is listed under."""

    activity: ActivityPlan
    end: End
    exits: int
    """Bits of the redo loops that contain the moment but not this: it waits for their last pass."""
    enters: int
    """Bits of the redo loops that contain this but not the moment: only in their first pass does it wait."""


class Network:
    """What is the same in every future, at hand as plain lists. A moment (start or finish) is ``2 * activity + end``."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.holds = [relations for a in plan.activities for relations in (a.holds_start, a.holds_finish)]
        """What each moment waits for."""
        self.successors: list[list[Successor]] = [[] for _ in self.holds]
        """Who waits for each moment."""
        for moment, relations in enumerate(self.holds):
            for r in relations:
                activity = plan.activities[moment // 2]
                successor = Successor(activity, End(moment % 2), r.exits, activity.loops & ~plan.activities[r.source].loops)
                self.successors[2 * r.source + r.source_end].append(successor)
        self.tables = DayTables(plan)
