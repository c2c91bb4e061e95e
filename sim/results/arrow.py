"""Futures as Parquet: openings, and whole timelines. pyarrow is imported when something is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.plan import Plan
from sim.runner import Block
from sim.timeline import Driver

ROWS = 1 << 20
"""Rows of a row group: as much as is held in memory at a time."""


def write_openings(path: Path, plan: Plan, days: NDArray[Any]) -> None:
    """Write ``replication, office, day``; days are whole days after ``scenario.start``.

    Parameters
    ----------
    days
        Opening days, shape ``(replications, offices)``.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [office.id for office in plan.offices]
    schema = pa.schema([("replication", pa.int32()), ("office", pa.dictionary(pa.int32(), pa.string())), ("day", pa.int32())])
    step = max(ROWS // len(names), 1)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for first in range(0, len(days), step):
            part = days[first : first + step]
            office = np.tile(np.arange(len(names), dtype=np.int32), len(part))
            replication = np.repeat(np.arange(first, first + len(part), dtype=np.int32), len(names))
            columns = [replication, pa.DictionaryArray.from_arrays(office, names), part.ravel().astype(np.int32)]
            writer.write_table(pa.Table.from_arrays([pa.array(c) if isinstance(c, np.ndarray) else c for c in columns], schema=schema))


def read_openings(path: Path, offices: int) -> NDArray[np.int32]:
    """Opening days from ``openings.parquet``, shape ``(replications, offices)``."""
    import pyarrow.parquet as pq

    days: NDArray[np.int32] = pq.read_table(path, columns=["day"])["day"].to_numpy().reshape(-1, offices)
    return days


def write_timeline(path: Path, plan: Plan, blocks: Callable[[], Iterator[Block]]) -> None:
    """Write every activity of every future, block by block: memory does not grow with their number.

    Columns ``replication, office, activity, happens, start, finish, wait, driver``: first start and last finish over the passes of
    the activity, the days that all its passes waited after logic had let them begin, and what decided the first start.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [[o.id for o in plan.offices], [a.id for a in plan.activities], [driver.name.lower() for driver in Driver]]
    word = pa.dictionary(pa.int32(), pa.string())
    whole = pa.int32()
    fields = [("replication", whole), ("office", word), ("activity", word), ("happens", pa.bool_())]
    schema = pa.schema([*fields, ("start", whole), ("finish", whole), ("wait", whole), ("driver", word)])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for block in blocks():
            columns = timeline_columns(plan, block)
            coded = dict(zip((1, 2, 7), names, strict=True))
            arrays = [pa.DictionaryArray.from_arrays(c, coded[i]) if i in coded else pa.array(c) for i, c in enumerate(columns)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def timeline_columns(plan: Plan, block: Block) -> list[NDArray[Any]]:
    """Columns of a block, a row for each replication, office and activity."""
    timeline = block.timeline
    n, offices, activities = block.replications, len(plan.offices), len(plan.activities)
    start, finish, wait, driver = (np.empty((n, offices, activities), np.int32) for _ in range(4))
    happens = np.empty((n, offices, activities), np.bool_)
    waited = timeline.start - timeline.ready  # 0 where a pass was never made
    for a, activity in enumerate(plan.activities):
        happens[:, :, a] = timeline.took_place(plan, a)
        start[:, :, a] = timeline.first_start(plan, a)
        finish[:, :, a] = timeline.last_finish(plan, a)
        wait[:, :, a] = waited[:, :, activity.passes].sum(axis=2)
        driver[:, :, a] = timeline.start_driver[:, :, activity.first_pass]
    replication = np.repeat(np.arange(block.draws.first, block.draws.first + n, dtype=np.int32), offices * activities)
    office = np.tile(np.repeat(np.arange(offices, dtype=np.int32), activities), n)
    activity_codes = np.tile(np.arange(activities, dtype=np.int32), n * offices)
    return [replication, office, activity_codes, *(c.ravel() for c in (happens, start, finish, wait, driver))]
