"""Memory between the stages of a run."""

from __future__ import annotations

import sys


def give_back() -> None:
    """Give memory that is free back to the system: the C library of Linux keeps what threads have let go, a hundred megabytes of it."""
    if sys.platform != "linux":
        return
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, musl has not
    if trim is not None:
        trim(0)
