"""The pools: how much they are used, how long offices wait for them, and when."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.openings import month_ends
from sim.analysis.precision import quantile_day, wilson, z_score
from sim.analysis.table import Table
from sim.plan import Plan
from sim.runner import Block

RESOURCE_COLUMNS = (
    *("resource", "name", "capacity", "replications", "utilisation", "requests_mean", "p_wait", "p_wait_low", "p_wait_high"),
    *("queue_days_mean", "queue_days_low", "queue_days_high", "queue_days_p90", "peak_month", "peak_waiting_mean"),
)

MONTH_COLUMNS = ("resource", "month", "replications", "capacity", "in_use_mean", "utilisation", "waiting_mean")


class ResourceTally:
    """Use of and waits for every pool; whole numbers, so that they add up the same in any grouping."""

    def __init__(self, plan: Plan) -> None:
        from sim.analysis.chain_steps import lay_out  # late: needs the compiler
        from sim.analysis.pools import lay_out_pools

        self.plan, self.net, self.pools = plan, lay_out(plan), lay_out_pools(plan)
        shape = len(plan.pools), plan.last + 3
        self.held, self.waiting, self.waits, self.last = (np.zeros(shape, np.int64) for _ in range(4))
        self.replications = 0
        self.sums: NDArray[np.object_] = np.zeros((len(plan.pools), 5), np.object_)
        """Of each pool, over the replications: requests n, days waited w, n², w², n·w; as whole numbers of any size."""

    def add(self, block: Block) -> None:
        """Count a block."""
        from sim.analysis.pools import Use, read_block

        per_future = np.zeros((block.replications, len(self.plan.pools), 2), np.int64)
        use = Use(self.held, self.waiting, self.waits, self.last, per_future)
        read_block(self.net, self.pools, block.timeline.record, block.timeline.happens, use)
        n, w = per_future[:, :, 0], per_future[:, :, 1]
        parts = np.stack([part.sum(axis=0) for part in (n, w, n * n, w * w, n * w)], axis=1)
        self.sums += parts.astype(np.object_)
        self.replications += block.replications

    def merge(self, other: ResourceTally) -> None:
        """Add the replications of another tally."""
        for name in ("held", "waiting", "waits", "last", "sums"):
            getattr(self, name).__iadd__(getattr(other, name))
        self.replications += other.replications

    def __getstate__(self) -> dict[str, Any]:
        """Without what is made of the plan: results travel between processes, and this is large."""
        return {name: value for name, value in self.__dict__.items() if name not in ("net", "pools", "plan")}


def resources(plan: Plan, tally: ResourceTally) -> Table:
    """Each pool over all futures, a pool a row; empty cells where nobody ever asks for it.

    ``utilisation`` is the share of its unit-days that are used, from the scenario's start to the last day of each future on which
    it is in use. A request waits from the first day on which logic, dates and calendar let the activity begin to the day on which
    its units are granted; who asks for several pools waits for the one whose release let it through. ``queue_days_mean`` is over
    all requests, also those that need not wait (``p_wait`` of them must); its 95 % interval is that of a ratio of means (W. G.
    Cochran, Sampling Techniques, 3rd ed. 1977, section 6.4), because requests of one future hang together. ``peak_month`` is the
    month with the most waiting requests, or with the most units in use when nobody waits.
    """
    rows = [_row(plan, tally, pool) for pool in range(len(plan.pools))]
    return Table.of_rows("resources", RESOURCE_COLUMNS, rows)


def _row(plan: Plan, tally: ResourceTally, pool: int) -> list[Any]:
    known, n = plan.pools[pool], tally.replications
    requests, waited = int(tally.waits[pool].sum()), int(tally.waits[pool, 1:].sum())
    head = [known.id, known.name, known.capacity, n, utilisation(plan, tally, pool), requests / n]
    if not requests:
        return head + [None] * (len(RESOURCE_COLUMNS) - len(head))
    months, in_use, waiting = _monthly(plan, tally, pool)
    peak = int(np.argmax(waiting if waiting.any() else in_use))
    return [
        *head,
        *(waited / requests, *wilson(waited, requests)),
        *mean_wait(tally.sums[pool].tolist(), n),
        quantile_day(tally.waits[pool], 0.9),
        f"{months[peak]:%Y-%m}",
        float(waiting[peak]),
    ]


def mean_wait(sums: list[int], n: int) -> tuple[float, float | None, float | None]:
    """Days waited a request with their 95 % interval, which a single replication does not give.

    Parameters
    ----------
    sums
        Over the replications: requests r, days w, r², w², r·w.

    Examples
    --------
    Two futures with 2 requests each that wait 2 and 6 days: 2 days a request; deviations of w - 2r are -2 and 2.

    >>> [round(x, 4) for x in mean_wait([4, 8, 8, 40, 16], 2)]
    [2.0, 0.04, 3.96]
    """
    requests, days, squares, days_squares, products = sums
    mean = days / requests
    if n < 2:
        return mean, None, None
    spread = max(days_squares - 2 * mean * products + mean * mean * squares, 0.0) / (n - 1)
    half = z_score() * (spread * n) ** 0.5 / requests
    return mean, max(mean - half, 0.0), mean + half


def capacity_by_day(plan: Plan, pool: int) -> NDArray[np.int64]:
    """Units of a pool on each day up to the horizon."""
    known = plan.pools[pool]
    capacity = np.full(plan.last + 3, known.capacity, np.int64)
    for day, units in known.changes:
        capacity[max(day, 0) :] = units
    return capacity


def utilisation(plan: Plan, tally: ResourceTally, pool: int) -> float | None:
    """Unit-days in use by unit-days there are, each future to the last day on which the pool is in use."""
    there = np.concatenate([[0], capacity_by_day(plan, pool).cumsum()])[:-1]
    available = int((there * tally.last[pool]).sum())
    return int(tally.held[pool].cumsum().sum()) / available if available else None


def _monthly(plan: Plan, tally: ResourceTally, pool: int) -> tuple[list[dt.date], NDArray[np.float64], NDArray[np.float64]]:
    """Month ends, units in use and requests waiting on an average day of each month and future."""
    last = int(np.flatnonzero(tally.last.any(axis=0)).max(initial=0))
    months = list(month_ends(plan.start, plan.date(last)))
    ends = np.array([min(plan.day(month) + 1, plan.last + 3) for month in months])
    days = np.diff(ends, prepend=0)
    curves = (tally.held[pool].cumsum(), tally.waiting[pool].cumsum())
    in_use, waiting = (np.diff(np.concatenate([[0], c.cumsum()])[ends], prepend=0) / (days * tally.replications) for c in curves)
    return months, in_use, waiting


def queue_by_month(plan: Plan, tally: ResourceTally) -> Table:
    """Each pool on an average day of each month (named by its last day): units there are, in use, and requests that wait."""
    rows: list[tuple[Any, ...]] = []
    for pool in plan.pools:
        months, in_use, waiting = _monthly(plan, tally, pool.index)
        capacity = capacity_by_day(plan, pool.index)
        first = 0
        for month, used, queue in zip(months, in_use.tolist(), waiting.tolist(), strict=True):
            end = min(plan.day(month) + 1, plan.last + 3)
            there = float(capacity[first:end].mean())
            rows.append((pool.id, month, tally.replications, there, used, used / there if there else None, queue))
            first = end
    return Table.of_rows("queue_by_month", MONTH_COLUMNS, rows)
