"""Backward questions: which value of one key is the last, or the first, with which a chance is as high as asked.

All values meet the same futures, so the chance over the value is a curve and not a cloud. Where it rises, the smallest value that holds is
sought (a capacity); where it falls, the largest (a start, a date, a factor). A few values spread over the range show which, then the
range between one that holds and one that does not is halved. Every value tried checks that the curve goes one way: where it turns
by more than chance can make it (McNemar's test on the pairs), halving proves nothing, so the whole range is scanned, and
what is given is where the stretch that holds ends, with a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.analysis.paired import sign_test
from sim.analysis.precision import verdict, wilson
from sim.analysis.table import Table
from sim.analysis.vary import written

PROBES = 5
"""Values that are tried first, spread over the range."""

SCANNED = 200
"""Values that are tried at most when the curve turns."""

TURNS_BELOW = 0.001
"""Chance at most with which a curve that goes one way is taken for one that turns, each time two values are looked at."""

Status = Literal["found", "all", "none"]


@dataclass(frozen=True, eq=False)
class Trial:
    """One value and what came of it.

    Attributes
    ----------
    value
        The value of the key.
    held
        Whether what is asked holds, in each future; empty when futures come to a dead end with this value: then it does not hold.
    note
        Why there are no futures.
    """

    value: Any
    held: NDArray[np.bool_]
    note: str = ""

    @property
    def count(self) -> int:
        """Futures in which it holds."""
        return int(self.held.sum())

    @property
    def chance(self) -> float:
        """Share of the futures in which it holds."""
        return self.count / len(self.held) if len(self.held) else 0.0

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's interval of the chance."""
        return wilson(self.count, len(self.held)) if len(self.held) else None


@dataclass(frozen=True)
class Solution:
    """What was found.

    Attributes
    ----------
    status
        ``found``; ``all``: every value of the range holds; ``none``: none that was tried does.
    value
        The outermost value that holds; of ``all`` the one at the hard end of the range; of ``none`` nothing.
    rises
        Whether the chance rises with the value, so that the smallest is sought; else the largest.
    turns
        Whether the curve turns; then other values beyond the one found may hold as well, see ``curve``.
    asked
        The chance that is asked for.
    curve
        Every value that was tried, in their order.
    """

    status: Status
    value: Any
    rises: bool
    turns: bool
    asked: float
    curve: tuple[Trial, ...]

    @property
    def trial(self) -> Trial | None:
        """What came of the value found."""
        return next((trial for trial in self.curve if trial.value == self.value), None) if self.status != "none" else None

    @property
    def sure(self) -> str:
        """Whether the value found holds given the interval of its chance: ``yes`` or ``cannot tell``."""
        interval = self.trial.interval if self.trial else None
        return verdict(*interval, self.asked) if interval else "no"


def solve(values: Sequence[Any], attempt: Callable[[Any], Trial], asked: float) -> Solution:
    """Search the outermost value that holds.

    Parameters
    ----------
    values
        The range, in rising order.
    attempt
        Tries a value.
    asked
        The chance that is asked for; a value holds when its share of futures reaches it.

    Examples
    --------
    >>> def attempt(value):
    ...     return Trial(value, np.arange(100) < 20 * value)
    >>> found = solve(range(1, 9), attempt, 0.5)
    >>> found.status, found.value, found.rises, [trial.value for trial in found.curve]
    ('found', 3, True, [1, 2, 3, 5, 6, 8])
    """
    search = _Search(values, attempt, asked)
    for place in dict.fromkeys(round(i * (len(values) - 1) / (PROBES - 1)) for i in range(PROBES)):
        search.holds(place)
    search.halve()
    if search.turns():
        search.scan()
    return search.solution()


class _Search:
    """Values tried so far, by their place in the range."""

    def __init__(self, values: Sequence[Any], attempt: Callable[[Any], Trial], asked: float) -> None:
        self.values, self.attempt, self.asked = values, attempt, asked
        self.tried: dict[int, Trial] = {}

    def holds(self, place: int) -> bool:
        """Whether the value at a place holds; tries it if need be."""
        if place not in self.tried:
            self.tried[place] = self.attempt(self.values[place])
        return self.tried[place].chance >= self.asked - 1e-12

    @property
    def curve(self) -> tuple[Trial, ...]:
        """What was tried, in the order of the values."""
        return tuple(self.tried[place] for place in sorted(self.tried))

    @property
    def rises(self) -> bool:
        """Whether the chance is higher at the end of the range than at its beginning; of two alike, whether it rises at first."""
        chances = [trial.chance for trial in self.curve]
        return (chances[-1], max(chances[len(chances) // 2 :])) >= (chances[0], max(chances[: (len(chances) + 1) // 2]))

    def from_hard(self) -> list[int]:
        """Places tried, from the end of the range at which it is harder to hold."""
        return sorted(self.tried, reverse=not self.rises)

    def halve(self) -> None:
        """Halve the range between the outermost value that holds and the one before it that does not."""
        while (gap := self._gap()) is not None and abs(gap[0] - gap[1]) > 1:
            self.holds((gap[0] + gap[1]) // 2)

    def _gap(self) -> tuple[int, int] | None:
        """The last place that does not hold before the stretch that holds up to the easy end, and the first of that stretch."""
        before, stretch = None, None
        for place in self.from_hard():
            if not self.holds(place):
                before, stretch = place, None
            elif stretch is None:
                stretch = place
        return None if before is None or stretch is None else (before, stretch)

    def turns(self) -> bool:
        """Whether a value nearer to the easy end holds less often than one before it, by more than chance can make it; or not at all."""
        easy_end = self.from_hard()[-1]
        if not self.holds(easy_end) and any(self.holds(place) for place in self.tried):
            return True
        known = [self.tried[place] for place in self.from_hard()]
        return any(_is_worse(harder, easier) for i, harder in enumerate(known) for easier in known[i + 1 :])

    def scan(self) -> None:
        """Try the whole range, or as many values of it as one may, and close every gap between one that holds and one that does not."""
        count = min(len(self.values), SCANNED)
        for place in dict.fromkeys(round(i * (len(self.values) - 1) / max(count - 1, 1)) for i in range(count)):
            self.holds(place)
        known = sorted(self.tried)
        for low, high in pairwise(known):
            self._close(low, high)

    def _close(self, low: int, high: int) -> None:
        while high - low > 1 and self.holds(low) != self.holds(high):
            middle = (low + high) // 2
            if self.holds(middle) == self.holds(low):
                low = middle
            else:
                high = middle

    def solution(self) -> Solution:
        """What was found: the hard end of the stretch that holds up to the easy end; where that does not hold, of the first that holds."""
        places = self.from_hard()
        holding = [place for place in places if self.holds(place)]
        common = (self.rises, self.turns(), self.asked, self.curve)
        if not holding:
            return Solution("none", None, *common)
        gap = self._gap()
        found = holding[0] if gap is None else gap[1]
        status: Status = "all" if len(holding) == len(places) else "found"
        return Solution(status, self.values[found], *common)


def _is_worse(harder: Trial, easier: Trial) -> bool:
    if not len(harder.held):
        return False
    if not len(easier.held):
        return harder.count > 0
    lost, gained = int((harder.held & ~easier.held).sum()), int((easier.held & ~harder.held).sum())
    return lost > gained and sign_test(gained, lost) < TURNS_BELOW


COLUMNS = ("value", "probability", "low", "high", "holds", "found", "replications", "note")


def curve_table(found: Solution) -> Table:
    """The curve that was searched, a value a row: the chance, its interval, and whether that holds (``yes``, ``no``, ``cannot tell``)."""
    rows = []
    for trial in found.curve:
        low, high = trial.interval or (None, None)
        said = "no" if low is None or high is None else verdict(low, high, found.asked)
        chance = trial.chance if len(trial.held) else None
        mark = found.status != "none" and trial.value == found.value
        rows.append((written(trial.value), chance, low, high, said, mark, len(trial.held), trial.note or None))
    return Table.of_rows("solve", COLUMNS, rows)
