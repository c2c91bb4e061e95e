"""Names of random streams. A draw is a function of (seed, stream name, replication) and of nothing else.

=========================================  ====================================================================
stream                                     decides
=========================================  ====================================================================
``boden/type/attribute``                   an uncertain attribute of an office; in a type mix its place in the draw
``boden/permit/branch``                    a branch of an office
``mix/round1/counts``                      how many offices of each type a mix has
``factor/programme``                       a common factor of durations
``factor/county:Norrbotten``               the same, of one member of a layer
``risk/pandemic_wave/programme/occurs``    whether a risk occurs for a member of its scope
``risk/pandemic_wave/programme/size``      how much it then does: its factor and its delay both
``boden/fibre/happens``                    whether an activity with a probability takes place
``boden/lease/redo``                       whether the office is sent back
``boden/site_works/duration``              the office's own part of a duration
``boden/site_works/duration/lease.2``      the same in a further pass (``happens`` and ``redo`` alike)
=========================================  ====================================================================

So an office, activity or risk that is added changes no other draw. One exception is meant: offices in a type mix share its
seats, and an office added to a mix must change the types of others.

The key of a stream is the 8-byte BLAKE2b digest of the seed (8 bytes, low byte first) and the name (UTF-8).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def stream_key(seed: int, name: str) -> int:
    """64-bit key of a stream.

    >>> hex(stream_key(0, "boden/site_works/duration"))
    '0x8f85ffdb83496f8a'
    """
    data = seed.to_bytes(8, "little") + name.encode()
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def stream_keys(seed: int, names: Iterable[str]) -> NDArray[np.uint64]:
    """Keys of many streams, shape ``(streams,)``."""
    return np.array([stream_key(seed, name) for name in names], np.uint64)


def pass_stream(office: str, activity: str, what: str, label: str) -> str:
    """Name of a stream of one pass of an activity.

    >>> pass_stream("boden", "lease", "redo", ""), pass_stream("boden", "site_works", "duration", "lease.2")
    ('boden/lease/redo', 'boden/site_works/duration/lease.2')
    """
    return f"{office}/{activity}/{what}/{label}" if label else f"{office}/{activity}/{what}"


def variable_stream(office: str, variable: str, is_branch: bool) -> str:
    """Name of the stream of an uncertain attribute or a branch."""
    return f"{office}/{variable}/{'branch' if is_branch else 'attribute'}"
