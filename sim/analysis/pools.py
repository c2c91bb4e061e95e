"""Compiled reading of a timeline: who held which pool when, and who waited for it how long.

A request waits from the day on which it is made (the first working day that logic and dates allow) to the day on which it is granted: the
release that the record names, or the day on which the capacity rose. From then on it has its units, also over days off before the work
begins. The record does not tell all days off before work: work of length 0 that a risk makes longer may have asked on one, and counts
from its first working day; where two releases by the same pass, or two rises, fit, one after the other on days off, the first is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.analysis.chain_steps import (
    AT_START,
    BY_CAPACITY,
    BY_DONE,
    BY_POOL,
    FINISH,
    I32,
    NOBODY,
    START,
    START_CAUSE,
    START_DRIVER,
    STEP_NEEDS,
    Flags,
    Net,
    asked,
    lets_begin,
    lowest,
    released,
)
from sim.compiled import inlined, jit
from sim.plan import Plan, PoolPlan


class Pools(NamedTuple):
    """What reading the use of pools needs to know of a plan.

    Attributes
    ----------
    user
        (pass, pool, units, bits of all pools that it uses) of every pass that uses a pool from start to finish.
    taker
        (pass, pool) of every pass at whose start a held span begins.
    giver
        (pass, pool, end, first, end of passes) of every pass at whose end a held span may end; of the passes from ``first`` on only the
        last that is made gives the unit back.
    entered
        Whether an office holds a unit when it enters, shape ``(offices, pools)``.
    match
        Whether a giver ends a span of a taker (a row each): they are in the same round of the loops around both.
    change
        (pool, day, whether it rises) of every change of capacity, in order.
    """

    user: I32
    taker: I32
    giver: I32
    entered: Flags
    match: Flags
    change: I32


class Use(NamedTuple):
    """What is counted; days after the scenario's start.

    Attributes
    ----------
    held, waiting
        Change in the units in use, and in the requests that wait, at each day, summed over the replications; shape ``(pools, days)``.
    waits
        Requests by the days that they waited, shape ``(pools, days)``.
    last
        Replications by the last day on which a unit is in use, shape ``(pools, days)``.
    sums
        For each replication: requests, and days waited; shape ``(replications, pools, 2)``.
    """

    held: NDArray[np.int64]
    waiting: NDArray[np.int64]
    waits: NDArray[np.int64]
    last: NDArray[np.int64]
    sums: NDArray[np.int64]


def lay_out_pools(plan: Plan) -> Pools:
    """The pools of a plan, by pass."""
    from sim.engine.pack import bits  # late: the machine code of this room need not change with the engine's

    user: list[tuple[int, ...]] = []
    taker: list[tuple[int, int]] = []
    giver: list[tuple[int, ...]] = []
    for activity in plan.activities:
        used = bits(pool for pool, _ in activity.uses)
        for here in range(activity.first_pass, activity.passes.stop):
            user += [(here, pool, units, used) for pool, units in activity.uses]
            taker += [(here, pool) for pool in activity.takes]
            for end, gives in enumerate((activity.gives_at_start, activity.gives_at_finish)):
                giver += [(here, give.pool, end, *_only_last(plan, here, give.exits)) for give in gives]
    changes = [(pool.index, day, after > before) for pool in plan.pools for day, before, after in capacities(pool)]
    match = [[_same_round(plan, here, there[0]) and pool == there[1] for there in giver] for here, pool in taker]
    entered = np.array([[pool.index in office.held for pool in plan.pools] for office in plan.offices], np.bool_)
    return Pools(
        user=_table(user, 4),
        taker=_table(taker, 2),
        giver=_table(giver, 5),
        entered=entered.reshape(len(plan.offices), len(plan.pools)),
        match=np.array(match, np.bool_).reshape(len(taker), len(giver)),
        change=_table(changes, 3),
    )


def capacities(pool: PoolPlan) -> Iterator[tuple[int, int, int]]:
    """Day of each change of a capacity, what it was, and what it is then."""
    before = pool.capacity
    for day, after in pool.changes:
        yield day, before, after
        before = after


def _table(rows: Sequence[tuple[int, ...]], width: int) -> I32:
    return np.array(rows, np.int32).reshape(-1, width)


def _same_round(plan: Plan, here: int, there: int) -> bool:
    numbers = dict(plan.passes[here].numbers)
    return all(numbers.get(loop, n) == n for loop, n in plan.passes[there].numbers)


def _only_last(plan: Plan, here: int, exits: int) -> tuple[int, int]:
    """Passes that go on in the loops ``exits``: a unit is given back only at the last of these."""
    numbers = dict(plan.passes[here].numbers)
    activity = plan.activities[plan.passes[here].activity]
    kin = [
        i
        for i in range(activity.first_pass, activity.passes.stop)
        if all(n == numbers[loop] for loop, n in plan.passes[i].numbers if not exits >> loop & 1)
    ]
    return kin[0], kin[-1] + 1


@inlined
def raised(net: Net, pools: Pools, record: I32, here: int, needs: int, request: int) -> tuple[int, int]:
    """Day of the change of capacity that let a pass through, and the pool it waited for, of those that it asked for (bits ``needs``).

    It is the first from which the pass could begin when it did: of those rises of a pool that the pass asked for; where there is none, of
    another pool's, which let an earlier request through, and that this one: the pool is the first that was asked for. A fall lets nobody
    through; one of a pool that was asked for is what a record names when another pool was given back on its day.
    """
    best, waited_for, best_rank = request, lowest(needs), 0
    for i in range(pools.change.shape[0]):
        pool, day, rises = pools.change[i, 0], pools.change[i, 1], pools.change[i, 2] == 1
        own = needs >> pool & 1 == 1
        rank = (3 if own else 2) if rises else (1 if own else 0)
        fits = rank > 0 and request <= day <= record[START] and lets_begin(net, record, here, day)
        if fits and (rank > best_rank or (rank == best_rank and day < best)):
            best, best_rank = day, rank
            waited_for = pool if own else lowest(needs)
    return best, waited_for


@inlined
def granted(net: Net, pools: Pools, future: I32, office: int, here: int, needs: int, pool: int) -> tuple[int, int, bool]:
    """Days on which a pass asked for pools (bits ``needs``) and got them, and whether this pool was what it waited for."""
    record = future[office, here]
    _, request = asked(net, future[office], here)
    driver, start = record[START_DRIVER], record[START]
    if driver == BY_POOL:
        cause, passes = record[START_CAUSE], future.shape[1]
        end, waited_for = released(net, needs, record, here, future[cause // passes], cause % passes)
        its_day = future[cause // passes, cause % passes, START if end == AT_START else FINISH]
        return request, max(request, min(its_day, start)), waited_for == pool
    if driver == BY_CAPACITY:
        day, waited_for = raised(net, pools, record, here, needs, request)
        return request, day, waited_for == pool
    return request, request, False


@inlined
def note_request(use: Use, r: int, pool: int, request: int, grant: int, waited: bool) -> None:
    """Count a request, and its wait when it was for this pool."""
    days = grant - request if waited else 0
    use.waits[pool, days] += 1
    use.sums[r, pool, 0] += 1
    use.sums[r, pool, 1] += days
    use.waiting[pool, request] += days > 0
    use.waiting[pool, request + days] -= days > 0


@inlined
def note_use(use: Use, pool: int, units: int, begin: int, end: int) -> int:
    """Count units in use between two mornings; returns the last day of it."""
    use.held[pool, begin] += units
    use.held[pool, end] -= units
    return end


@inlined
def next_give(pools: Pools, own: I32, pool: int, since: int, taker: int, never: int) -> int:
    """First day from ``since`` on at which the unit of a taker (or of an office that entered with it, -1) is given back, or ``never``."""
    best = NOBODY
    for i in range(pools.giver.shape[0]):
        here = pools.giver[i, 0]
        if pools.giver[i, 1] != pool or own[here, START] < 0 or own[here, START_DRIVER] == BY_DONE:
            continue
        if taker >= 0 and not pools.match[taker, i]:
            continue
        last = True
        for later in range(here + 1, pools.giver[i, 4]):
            last &= own[later, START] < 0 or later < pools.giver[i, 3]
        day = own[here, START if pools.giver[i, 2] == AT_START else FINISH]
        if last and day >= since and (best == NOBODY or day < best):
            best = day
    return never if best == NOBODY else best


@inlined
def read_held(net: Net, pools: Pools, future: I32, happens: Flags, r: int, office: int, pool: int, use: Use, took: I32) -> int:
    """Count the spans over which an office holds a unit of a pool; returns the last day of them.

    ``took`` gets the pool for each pass that asked for its unit: what the pass uses itself belongs to the same request.
    """
    last, end = NOBODY, use.held.shape[1] - 1
    since = net.start[office] if pools.entered[office, pool] else NOBODY
    if since >= 0:
        last = note_use(use, pool, 1, since, next_give(pools, future[office], pool, since, NOBODY, end))
    for i in range(pools.taker.shape[0]):
        here = pools.taker[i, 0]
        if pools.taker[i, 1] == pool and happens[office, here]:
            request, grant, waited = granted(net, pools, future, office, here, net.step[here, STEP_NEEDS], pool)
            if grant < last:
                continue  # the office holds its unit still
            note_request(use, r, pool, request, grant, waited)
            took[here] |= 1 << pool
            last = note_use(use, pool, 1, grant, next_give(pools, future[office], pool, grant, i, end))
    return last


@jit
def read_block(net: Net, pools: Pools, record: I32, happens: Flags, use: Use) -> None:
    """Count a block of futures."""
    n_pools = use.held.shape[0]
    last, took = np.empty(n_pools, np.int64), np.empty(record.shape[2], np.int32)
    for r in range(record.shape[0]):
        future = record[r]
        last[:] = 0
        for office in range(record.shape[1]):
            took[:] = 0
            for pool in range(n_pools):
                last[pool] = max(last[pool], read_held(net, pools, future, happens[r], r, office, pool, use, took))
            for i in range(pools.user.shape[0]):
                here, pool = pools.user[i, 0], pools.user[i, 1]
                if happens[r, office, here]:
                    needs = pools.user[i, 3] | took[here]  # but for units that the office holds still
                    request, grant, waited = granted(net, pools, future, office, here, needs, pool)
                    if not took[here] >> pool & 1:
                        note_request(use, r, pool, request, grant, waited)
                    last[pool] = max(last[pool], note_use(use, pool, pools.user[i, 2], grant, future[office, here, FINISH]))
        for pool in range(n_pools):
            use.last[pool, last[pool]] += 1
