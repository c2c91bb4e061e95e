"""Errors and signals as messages and exit statuses.

====  ==============================================================================
0     done
1     our fault
2     the input is at fault, or the results cannot be written; nothing was written
3     ``check --strict`` found warnings
4     ``run --fail-below``: a target misses its confidence
130   stopped by Ctrl-C; nothing was written
====  ==============================================================================
"""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import ParamSpec

import typer

P = ParamSpec("P")

DONE, OUR_FAULT, INPUT_FAULT, WARNINGS, TARGET_MISSED, STOPPED = 0, 1, 2, 3, 4, 130


def guarded(command: Callable[P, int | None]) -> Callable[P, None]:
    """Let a command give its exit status, and turn what a person can cause into a message on standard error."""

    @functools.wraps(command)
    def guard(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            with stopping():
                status = command(*args, **kwargs)
        except KeyboardInterrupt:
            say("Stopped; nothing was written.")
            status = STOPPED
        except Exception as error:
            known = status_of(error)
            if known is None:
                raise
            say(str(error))
            status = known
        raise typer.Exit(status or DONE)

    return guard


def status_of(error: Exception) -> int | None:
    """Exit status of an error that a person can cause; ``None`` for one that is our fault, which shows its traceback."""
    from sim.errors import EtableraError

    if not isinstance(error, EtableraError):
        return None
    return {"WorkerError": OUR_FAULT, "CancelledError": STOPPED}.get(type(error).__name__, INPUT_FAULT)


def say(text: str) -> None:
    """A message on standard error, red on a terminal."""
    if colours(sys.stderr.isatty()):
        text = f"\x1b[31m{text}\x1b[0m"
    typer.echo(text, err=True, color=True)


def colours(terminal: bool) -> bool:
    """Whether to use colours: on a terminal, unless the user has said no (https://no-color.org)."""
    return terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


@contextmanager
def stopping() -> Iterator[None]:
    """Take being told to end (SIGTERM) as Ctrl-C, so that nothing is left half-written then either."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
