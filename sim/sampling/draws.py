"""All the randomness of a block of replications."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Draws:
    """What chance decides, in ``n`` replications; an engine adds nothing to it.

    Attributes
    ----------
    first
        Number of the first replication.
    codes
        Value code of each variable, branches included, shape ``(n, offices, variables)``.
    happens
        Whether the activity takes place in a pass, shape ``(n, offices, passes)``: ``when`` fits and the probability said yes.
        False for what was done before the office entered, and for further passes that no redo leads to.
    duration
        Days of the activity's calendar, after scale and adjustments, before risks and rounding, shape ``(n, offices, passes)``;
        0 where nothing happens and for meetings and openings.
    redo
        Whether the office is sent back when the pass has finished, shape ``(n, offices, passes)``; only at passes that are
        reached, happen and may be followed by another.
    risk_factor
        Factor of each risk member, shape ``(n, risk members)``; 1 where the risk does not occur.
    risk_delay
        Delay of each risk member in the risk's own unit, shape ``(n, risk members)``; 0 where it does not occur.
    factors
        Common factors of durations, standard normal, shape ``(n, factors)``.
    """

    first: int
    codes: NDArray[np.int16]
    happens: NDArray[np.bool_]
    duration: NDArray[np.float32]
    redo: NDArray[np.bool_]
    risk_factor: NDArray[np.float64]
    risk_delay: NDArray[np.float64]
    factors: NDArray[np.float32]

    @property
    def replications(self) -> int:
        """Number of replications in the block."""
        return int(self.codes.shape[0])

    @property
    def nbytes(self) -> int:
        """Size in bytes of all arrays."""
        return sum(getattr(self, name).nbytes for name in self.arrays())

    @classmethod
    def arrays(cls) -> tuple[str, ...]:
        """Names of the arrays."""
        return tuple(f.name for f in fields(cls) if f.name != "first")

    def take(self, indices: slice | NDArray[np.intp] | list[int]) -> Draws:
        """Some of the replications, counted from 0 within this block.

        ``first`` becomes the number of the first one taken; whether the others follow on it is for the caller to know.
        """
        taken = np.arange(self.replications)[indices]
        first = self.first + (int(taken[0]) if len(taken) else 0)
        return Draws(first, **{name: getattr(self, name)[indices] for name in self.arrays()})

    def differences(self, other: Draws) -> list[str]:
        """Names of the arrays in which two blocks are not equal; empty when they are the same futures."""
        return [name for name in self.arrays() if not np.array_equal(getattr(self, name), getattr(other, name))]
