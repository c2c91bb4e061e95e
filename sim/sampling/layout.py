"""A plan as the compiled sampling reads it: arrays only. Built by :mod:`sim.sampling.pack`.

*Ragged* means that the parts of item ``i`` are ``first[i] … first[i + 1] - 1``. A *slot* is ``office * variables + variable``, a
*cell* is ``office * passes + pass``, a *unit* is a pass of an activity of an office that can happen.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.uint32]
"""Positions. Without sign, because the compiled code would ask each signed index whether it counts from the end."""
Signed = NDArray[np.int32]
Real = NDArray[np.float64]
Words = NDArray[np.uint64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int16]
Days = NDArray[np.float32]


class Source(NamedTuple):
    """Where random words come from, and where they are put."""

    key: Words
    """Key of each stream, shape ``(streams,)``."""
    dimension: Signed
    """Column of each stream in the quasi-random points, or -1 for Philox, shape ``(streams,)``."""
    points: NDArray[np.uint32]
    """Quasi-random words, shape ``(replications, dimensions)``; without columns when there are none."""
    words: Words
    """Words of the streams asked for last, in four replications, shape ``(4, longest list)``."""


class Offsets(NamedTuple):
    """Profiles, ragged: the offset of one is the sum of ``stride * code`` over its slots."""

    first: Index
    slot: Index
    stride: Index


class Mixes(NamedTuple):
    """Groups of offices whose types are drawn together."""

    first: Index
    """Ragged over the mixes: the offices that share what seats are left."""
    slot: Index
    """Slot of the type of each of these offices."""
    stream: Index
    """Stream of each one's key."""
    first_told: Index
    """Ragged over the mixes: the offices of whose types facts tell something; they are drawn first, in turn."""
    told_slot: Index
    told_stream: Index
    counts_stream: Index
    """Stream of each mix that chooses the row of seats."""
    root: Index
    """Node of each mix at which drawing begins."""
    first_choice: Index
    """Ragged over the nodes: what may be drawn there."""
    limit: Real
    """Cumulated probabilities; the last of a node is never reached."""
    code: Index
    """Type of an office, or without meaning where the row of seats is chosen."""
    following: Index
    """Node at which the next office is drawn; where the row of seats is chosen, the row."""
    seats: Index
    """Seats of each type that are left, shape ``(rows, types)``."""


class Choices(NamedTuple):
    """Variables drawn office by office, in the order in which they depend on each other."""

    slot: Index
    stream: Index
    base: Index
    """First row of ``limits``."""
    profile: Index
    """Profile whose offset is added to ``base``."""
    offsets: Offsets
    limits: Real
    """Cumulated weights, shape ``(rows, codes)``; the code is the number of limits that the uniform number has reached."""


class Common(NamedTuple):
    """Common factors, and what they add up to; ragged over the distinct sums."""

    stream: Index
    """Stream of each factor."""
    first: Index
    factor: Index
    coefficient: Real
    mean: Real
    """Of each factor, given the facts; empty when nothing is learnt from these."""
    root: Real
    """Lower triangle that turns independent factors into those given the facts, shape ``(factors, factors)``."""


class Risks(NamedTuple):
    """Risk members."""

    occurs: Index
    """Stream that decides whether it occurs."""
    size: Index
    """Stream of its size."""
    probability: Real
    factor: Index
    """Law of its factor."""
    delay: Index
    """Law of its delay."""


class Laws(NamedTuple):
    """Tables of the distributions, and after them of the constants 1 (no factor) and 0 (no delay, no work)."""

    table: Signed
    """Row in ``smooth``; for a step law ``-1 - place`` in ``first``."""
    limit: float
    """The even grid of normal scores runs from ``-limit`` to ``limit``."""
    smooth: Real
    """Values on that grid, shape ``(smooth laws, nodes)``."""
    first: Index
    """Ragged over the step laws."""
    threshold: Real
    """Each value holds below its threshold; the last one has none above it."""
    value: Real


class Rows(NamedTuple):
    """What activities are like, by case: see :class:`sim.sampling.cases.Cases`."""

    happens: Flags
    law: Index
    factor: Real
    offsets: Offsets


class Duties(NamedTuple):
    """Units for which something is drawn."""

    unit: Index
    """The units, in their order."""
    stream: Index
    """Stream of each."""
    level: Index
    """Ragged over the levels: places in ``unit``."""


class Chance(NamedTuple):
    """Something that comes to pass for some units."""

    duties: Duties
    probability: Real
    """Of each unit, listed or not."""


class Units(NamedTuple):
    """Passes of activities that can happen, for each office, by level: a unit's parent is in a level before its own."""

    level: Index
    """Ragged over the levels: the units."""
    cell: Index
    parent: Index
    """Cell whose redo leads to this pass; without meaning in the first level."""
    base: Index
    """First row of its cases."""
    profile: Index
    """Profile whose offset is added to ``base``."""
    scale: Real
    common: Index
    """Sum of common factors."""
    own: Real
    """Coefficient of the own part."""
    happens: Chance
    """Activities with a probability below 1."""
    redo: Chance
    """Passes that may be followed by another."""
    work: Duties
    """Activities with a duration."""


class Packed(NamedTuple):
    """Everything that the compiled sampling needs of a plan, beside the source of random words."""

    scores: Real
    """The table of :func:`sim.sampling.generator.normal_table`."""
    certain: Codes
    """Codes of certain variables, shape ``(slots,)``."""
    always: Index
    """Streams asked for in every replication: those of mixes, choices, risks and common factors; the first ones there are."""
    mixes: Mixes
    choices: Choices
    common: Common
    risks: Risks
    laws: Laws
    rows: Rows
    units: Units

    @property
    def longest_list(self) -> int:
        """Largest number of streams asked for at once."""
        return max(len(self.units.cell), len(self.always))


class Output(NamedTuple):
    """The arrays to fill, one row per replication, the other axes flat; names as in :class:`sim.sampling.Draws`."""

    codes: Codes
    happens: Flags
    duration: Days
    redo: Flags
    risk_factor: Real
    risk_delay: Real
    factors: Days


class Room(NamedTuple):
    """Room to work in for four replications; one for each call, so that threads do not meet."""

    unit: Index
    """Units chosen, shape ``(units + 1,)``."""
    stream: Index
    """Their streams, shape ``(units + 1,)``."""
    luck: Flags
    """What a toss decided about them, shape ``(4, units)``."""
    z: Real
    """Their normal scores, shape ``(4, units)``."""
    here: Flags
    """Whether each unit is reached, fits and happens, shape ``(4, units)``."""
    case: Index
    """Row of the case of each unit, shape ``(4, units)``."""
    offsets: Index
    """Offset of each profile, shape ``(4, profiles)``."""
    factors: Real
    """Common factors, shape ``(factors,)``."""
    sums: Real
    """Weighted sums of common factors, shape ``(4, sums)``."""
    keys: Words
    """Keys of the offices in mixes, shape ``(offices in mixes,)``."""

    @classmethod
    def of(cls, packed: Packed) -> Room:
        """Room enough for a plan."""
        units = len(packed.units.cell)
        return cls(
            unit=np.empty(units + 1, np.uint32),
            stream=np.empty(units + 1, np.uint32),
            luck=np.empty((4, units), np.bool_),
            z=np.empty((4, units)),
            here=np.empty((4, units), np.bool_),
            case=np.empty((4, units), np.uint32),
            offsets=np.empty((4, len(packed.rows.offsets.first) - 1), np.uint32),
            factors=np.empty(len(packed.common.stream)),
            sums=np.empty((4, len(packed.common.first) - 1)),
            keys=np.empty(len(packed.mixes.slot), np.uint64),
        )
