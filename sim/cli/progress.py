"""A progress bar with the time left, on a terminal and for what takes more than a second."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 1.0
"""Seconds after which a person wants to see that something happens."""


class Bar:
    """Shows how many of ``total`` are done; call it with their number. It needs no words, so it speaks every language."""

    def __init__(self, total: int, *, shown: bool = True) -> None:
        self.total = total
        self.shown = shown and sys.stderr.isatty()
        self.begin = time.monotonic()
        self._bar: tuple[Progress, TaskID] | None = None

    def __enter__(self) -> Self:
        """Begin to count the time."""
        self.begin = time.monotonic()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar[0].stop()

    def __call__(self, done: int, total: int | None = None) -> None:
        """Tell how many are done, and of how many where that was not known before."""
        self.total = total or self.total
        if not self.shown or time.monotonic() - self.begin < PATIENCE:
            return
        if self._bar is None:
            self._bar = self._start()
        progress, task = self._bar
        self.total = max(self.total, done)
        progress.update(task, completed=done, total=self.total)

    def _start(self) -> tuple[Progress, TaskID]:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

        columns = (BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        progress = Progress(*columns, console=Console(stderr=True), transient=True)
        progress.start()
        return progress, progress.add_task("", total=self.total)
