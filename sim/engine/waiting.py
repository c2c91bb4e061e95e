"""The queue for the pools: what is free, who waits, and who is served.

All requests stand in one total order, whatever pools they ask for, so that no two of them can block each other. There is no
clock here: :class:`sim.engine.process.Desk` says when the queue is walked.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sim.errors import DeadEndError
from sim.plan import Plan, PoolPlan
from sim.timeline import Driver

NOBODY = -1
"""No node is the cause."""

Place = tuple[int, int, int, int]
"""Place in the order: (priority of the office, request day, office, activity)."""

Reason = tuple[Driver, int]
"""What decided a day, and the node it points at."""


@dataclass(eq=False, slots=True)
class Request:
    """A wish for units of one or several pools, all at once."""

    place: Place
    units: dict[int, int]
    """Units by pool."""
    granted: Any
    """The event to set off when it is granted."""


@dataclass(slots=True)
class Round:
    """What has become free since the last walk through the queue."""

    releases: list[tuple[int, int]] = field(default_factory=list)
    """(node that released, pool)."""
    changed: set[int] = field(default_factory=set)
    """Pools whose capacity changed."""

    def reason_for(self, pools: dict[int, int]) -> Reason:
        """What let a request with these pools through: the first of their releases, a change of theirs, else any release."""
        own = [node for node, pool in self.releases if pool in pools]
        if own:
            return Driver.POOL, min(own)
        if self.changed & pools.keys() or not self.releases:
            return Driver.CAPACITY, NOBODY
        return Driver.POOL, min(self.releases)[0]


class Queue:
    """Units that are free, and the requests that wait, in their order."""

    def __init__(self, pools: Iterable[PoolPlan]) -> None:
        self.strict = {pool.index for pool in pools if pool.strict}
        """Pools in which nobody passes a waiting request."""
        self.capacity = [pool.capacity for pool in pools]
        self.free = list(self.capacity)
        """May be below 0: work under way keeps its units when a capacity falls."""
        self.waiting: list[Request] = []
        self.round = Round()

    def join(self, request: Request) -> None:
        """Take a request into the queue."""
        insort(self.waiting, request, key=lambda r: r.place)

    def give_back(self, node: int, pool: int, units: int) -> None:
        """Units become free."""
        self.free[pool] += units
        self.round.releases.append((node, pool))

    def change(self, pool: int, capacity: int) -> None:
        """A capacity rises or falls."""
        self.free[pool] += capacity - self.capacity[pool]
        self.capacity[pool] = capacity
        self.round.changed.add(pool)

    def walk(self) -> list[tuple[Request, Reason]]:
        """Walk the order once: grant what is free, unless an earlier request still waits for one of its pools."""
        round_, self.round = self.round, Round()
        blocked: set[int] = set()
        granted, still_waiting = [], []
        for request in self.waiting:
            lacking = [pool for pool, units in request.units.items() if self.free[pool] < units]
            if not lacking and blocked.isdisjoint(request.units):
                for pool, units in request.units.items():
                    self.free[pool] -= units
                granted.append((request, round_.reason_for(request.units)))
            else:
                blocked |= request.units.keys() & self.strict
                still_waiting.append(request)
        self.waiting = still_waiting
        return granted

    def dead_end(self, plan: Plan, replication: int) -> DeadEndError:
        """The error that says who still waits for which pool when nothing more can happen."""
        request = self.waiting[0]
        _, day, office, activity = request.place
        pools = ", ".join(f"{plan.pools[p].id} ({n} needed, {self.free[p]} free of {self.capacity[p]})" for p, n in request.units.items())
        return DeadEndError(
            f"offices.{plan.offices[office].id}: {plan.activities[activity].id} waits for ever for {pools} "
            f"since {plan.date(day)} in replication {replication}; "
            "raise the capacity, or see which activities hold the pool without giving it back"
        )
