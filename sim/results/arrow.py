"""Futures as Parquet: openings, and whole timelines. pyarrow is imported when something is written.

Columns are made from their memory: ``pyarrow.array`` would import pandas, which takes longer than all the rest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.table import Table, cell
from sim.plan import Plan
from sim.runner import Block
from sim.timeline import Driver

ROWS = 1 << 17
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
            replication = np.repeat(np.arange(first, first + len(part)), len(names))
            office = np.tile(np.arange(len(names)), len(part))
            columns = [whole_numbers(replication), words(office, names), whole_numbers(part.ravel())]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def whole_numbers(values: NDArray[Any]) -> Any:
    """An Arrow column of int32."""
    import pyarrow as pa

    return pa.Array.from_buffers(pa.int32(), len(values), [None, pa.py_buffer(np.ascontiguousarray(values, np.int32))])


def truths(values: NDArray[np.bool_]) -> Any:
    """An Arrow column of truth values."""
    import pyarrow as pa

    return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(np.packbits(values, bitorder="little"))])


def words(codes: NDArray[Any], names: Sequence[str]) -> Any:
    """An Arrow column of texts, given as codes and what they stand for."""
    import pyarrow as pa

    texts = [name.encode() for name in names]
    ends = np.cumsum([0, *map(len, texts)], dtype=np.int32)
    known = pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends), pa.py_buffer(b"".join(texts)))
    return pa.DictionaryArray.from_arrays(whole_numbers(codes), known)


def write_table(path: Path, table: Table) -> None:
    """Write a table; a column whose values are of different kinds becomes text, as in its CSV file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = [column(values) for values in table.columns.values()]
    pq.write_table(pa.Table.from_arrays(columns, names=list(table.columns)), path, compression="zstd")


def column(values: Sequence[Any]) -> Any:
    """An Arrow column of whole numbers, floats, truth values, dates or texts; ``None`` is null."""
    import pyarrow as pa

    kinds = {type(value) for value in values if value is not None}
    known = np.array([value is not None for value in values], np.bool_)
    data: NDArray[Any]
    nulls = pa.py_buffer(np.packbits(known, bitorder="little"))
    if kinds and kinds <= {int, float}:
        kind, filled = (pa.int64(), np.int64) if kinds == {int} else (pa.float64(), np.float64)
        data = np.array([value or 0 for value in values], filled)
    elif kinds == {bool}:
        kind, data = pa.bool_(), np.packbits([bool(value) for value in values], bitorder="little")
    elif kinds == {dt.date}:
        kind, data = pa.date32(), np.array([value.toordinal() - EPOCH if value else 0 for value in values], np.int32)
    else:
        texts = [b"" if value is None else cell(value).encode() for value in values]
        ends = np.cumsum([0, *map(len, texts)], dtype=np.int32)
        return pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends), pa.py_buffer(b"".join(texts)), nulls)
    return pa.Array.from_buffers(kind, len(values), [nulls, pa.py_buffer(data)])


EPOCH = dt.date(1970, 1, 1).toordinal()
"""Day 0 of Arrow's dates."""


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

    word = pa.dictionary(pa.int32(), pa.string())
    whole = pa.int32()
    fields = [("replication", whole), ("office", word), ("activity", word), ("happens", pa.bool_())]
    schema = pa.schema([*fields, ("start", whole), ("finish", whole), ("wait", whole), ("driver", word)])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for block in blocks():
            writer.write_table(pa.Table.from_arrays(timeline_columns(plan, block), schema=schema))


def timeline_columns(plan: Plan, block: Block) -> list[Any]:
    """Arrow columns of a block, a row for each replication, office and activity."""
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
    return [
        whole_numbers(np.repeat(np.arange(block.draws.first, block.draws.first + n), offices * activities)),
        words(np.tile(np.repeat(np.arange(offices), activities), n), [office.id for office in plan.offices]),
        words(np.tile(np.arange(activities), n * offices), [activity.id for activity in plan.activities]),
        truths(happens.ravel()),
        *(whole_numbers(c.ravel()) for c in (start, finish, wait)),
        words(driver.ravel(), [known.name.lower() for known in Driver]),
    ]
