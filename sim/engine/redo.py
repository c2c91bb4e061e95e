"""The passes of an office through its redo spans: which one each activity is in, and when a span is to be done again."""

from __future__ import annotations

from sim.engine.network import Network
from sim.plan import ActivityPlan, Loop


class Passes:
    """Where one office stands in its redo loops.

    Whether a pass is the last is known when it begins, from its draw; so what stands outside a span and waits for something
    inside it can be let go by the last pass only.
    """

    def __init__(self, network: Network, again: list[bool]) -> None:
        self.plan = plan = network.plan
        self.again = again
        """Whether the office is sent back when a pass has finished."""
        self.number = [0] * len(plan.loops)
        """Present pass of each loop, from 0."""
        self.present = network.first_pass.copy()
        """The pass that each activity is in, or is to make next."""
        self.unfinished = [len(loop.members) for loop in plan.loops]
        """Activities that have still to finish in the present pass of each loop."""
        self.sent_back = 0
        """Bits of the loops whose present pass is not the last."""
        self.begun_again = 0
        """Bits of the loops that are not in their first pass."""
        for loop in plan.loops:
            self.look_ahead(loop)

    def look_ahead(self, loop: Loop) -> None:
        """Whether the present pass of a loop is the last; its draw tells."""
        again = self.again[self.present[loop.activity]]
        self.sent_back = self.sent_back | 1 << loop.index if again else self.sent_back & ~(1 << loop.index)

    def count_finish(self, activity: ActivityPlan) -> Loop | None:
        """Count a finish in the loops that are to be done again; the loop whose span is now to be done again, or None.

        A loop counts an activity when it is done with all further passes of the loops inside.
        """
        again = self.sent_back & activity.loops
        for loop in self.plan.loops:
            if again >> loop.index & 1 and not again & loop.inside:
                self.unfinished[loop.index] -= 1
                if not self.unfinished[loop.index]:
                    return loop
        return None

    def begin_next(self, loop: Loop) -> None:
        """The next pass of a loop; in it, the loops inside begin anew."""
        self.number[loop.index] += 1
        self.begun_again = self.begun_again & ~loop.inside | 1 << loop.index
        inner = [other for other in self.plan.loops if loop.inside >> other.index & 1]
        for other in inner:
            self.number[other.index] = 0
        for member in loop.members:
            activity = self.plan.activities[member]
            self.present[member] = activity.first_pass + sum(self.number[at] * stride for at, stride in activity.strides)
        for other in (loop, *inner):
            self.unfinished[other.index] = len(other.members)
            self.look_ahead(other)
