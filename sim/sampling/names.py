"""What the packing of draws shares: the streams in use, numbered, and lists as arrays."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

import numpy as np

from sim.sampling.layout import Index

NEVER = 2.0
"""A limit that no uniform number reaches."""


class Names:
    """The streams in use, numbered."""

    def __init__(self) -> None:
        self.index: dict[str, int] = {}

    def number(self, name: str) -> int:
        """Number of a stream; a new one is added."""
        return self.index.setdefault(name, len(self.index))

    def numbers(self, names: Iterable[str]) -> Index:
        """Numbers of several streams."""
        return index_of(self.number(name) for name in names)


def index_of(values: Iterable[int]) -> Index:
    """Positions as an array."""
    return np.fromiter(values, np.uint32)


def first_of(counts: Iterable[int]) -> Index:
    """Where each part of a ragged list begins, and where the last ends."""
    return index_of(accumulate(counts, initial=0))
