"""The outside view beside the inside view: how long similar establishments took, and how long the simulation says.

The outside view is the distribution of the time from start to opening in a reference class, estimated without a form from
finished cases, from cases that are known only to have taken longer (right-censored) and from cases known only to have opened by
some time (left-censored): the non-parametric maximum likelihood estimate of Turnbull (The empirical distribution function with
arbitrarily grouped, censored and truncated data. J. R. Stat. Soc. B 38, 1976), by its self-consistency. Without left-censored
cases it is the estimate of Kaplan and Meier. It says nothing beyond the longest time seen, and is then left empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.precision import CONFIDENCE
from sim.analysis.table import Table
from sim.analysis.targets import counts_in
from sim.plan import Plan
from sim.plan.compile import text
from sim.runner import Block
from sim.scenario.schema import ReferenceClass

Real = NDArray[np.float64]

LEVELS = (0.1, 0.5, 0.8, 0.9)
STEPS = 2000
"""Most steps of the self-consistent iteration."""
RESAMPLES = 2000
"""Bootstrap samples of the cases."""
ALMOST = 1e-6
"""A share that lacks so little of a level has reached it."""

COLUMNS = (
    *("reference", "name", "cases", "finished", "unfinished", "at_most", "offices", "left_out"),
    *(f"outside_{view}" for view in ("p10", "p50", "p80", "p90")),
    *(f"inside_{view}" for view in ("p10", "p50", "p80", "p90")),
    *("gap_weeks", "gap_low", "gap_high", "inside_is"),
)


class ReferenceTally:
    """How many days pass from start to opening, in all futures of the offices that each reference class is compared with.

    Offices that are under way already when they enter are left out: their first day is not their start.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.whole = np.array([not any(office.done) for office in plan.offices])
        self.counts = np.zeros((len(plan.scenario.reference_class), plan.last + 3), np.int64)
        """Futures by days, for each reference class."""

    def add(self, block: Block) -> None:
        """Count a block."""
        days = block.opening - np.array([office.start for office in self.plan.offices])
        for i, reference in enumerate(self.plan.scenario.reference_class.values()):
            fits = counts_in(self.plan, reference.offices, block.draws.codes) & self.whole
            self.counts[i] += np.bincount(days[np.broadcast_to(fits, days.shape)], minlength=self.counts.shape[1])

    def merge(self, other: ReferenceTally) -> None:
        """Add the replications that follow on these."""
        self.counts += other.counts


@dataclass(frozen=True)
class Outside:
    """The estimate of a reference class.

    Attributes
    ----------
    weeks
        Where it has mass, in rising order; the last may be infinite, for cases that take longer than any that has finished.
    share
        Share of the cases that have taken at most so long.
    """

    weeks: Real
    share: Real

    def quantile(self, p: float) -> float:
        """Weeks that a share ``p`` of the cases takes at most; infinite when that is beyond what has been seen."""
        return float(self.weeks[np.argmax(self.share >= p - ALMOST)])


def outside_view(finished: Sequence[float], unfinished: Sequence[float] = (), at_most: Sequence[float] = ()) -> Outside:
    """Estimate how long cases take.

    Parameters
    ----------
    finished, unfinished, at_most
        Weeks of finished cases, weeks so far of cases that took longer, and weeks by which others had finished.

    Examples
    --------
    Of four cases two took 30 weeks, one is still going on after 20 and one after 40; the one of 20 counts among those after it:

    >>> view = outside_view([30, 30], [20, 40])
    >>> view.weeks.tolist(), view.share.round(4).tolist()
    ([30.0, inf], [0.6667, 1.0])
    """
    points, fits = _fits(finished, unfinished, at_most)
    return Outside(points, np.cumsum(_self_consistent(fits, np.ones((1, len(fits))))[0]))


def _fits(finished: Sequence[float], unfinished: Sequence[float], at_most: Sequence[float]) -> tuple[Real, Real]:
    """Points that may have mass, and which of them each case may be at, shape ``(cases, points)``.

    Turnbull's innermost intervals: every finished time; and between a beginning (0, or the time of an unfinished case) and the end
    of an at-most time, or for ever, where no other time ends. What lies in such an interval counts at its end.
    """
    ends = sorted({*map(float, finished), *map(float, at_most), inf})
    points = []
    for before, end in zip([0.0, *ends], ends, strict=False):
        latest = max((x for x in unfinished if x < end), default=0.0)
        if end in finished or before <= latest < end:
            points.append(end)
    found = np.array(points)
    cases = [found == x for x in finished] + [found > x for x in unfinished] + [found <= x for x in at_most]
    return found, np.array(cases, float).reshape(-1, len(found))


def _self_consistent(fits: Real, weights: Real) -> Real:
    """Masses of the points for several weightings of the cases, shape ``(weightings, points)``.

    Each step gives every case's weight to the points that it may be at, in proportion to their masses.
    """
    total = weights.sum(axis=1, keepdims=True)
    masses = np.full((len(weights), fits.shape[1]), 1 / max(fits.shape[1], 1))
    for _ in range(STEPS):
        of_case = masses @ fits.T
        new: Real = masses * (np.divide(weights, of_case, out=np.zeros_like(of_case), where=of_case > 0) @ fits) / total
        if np.abs(new - masses).max(initial=0) < ALMOST**2:
            return new
        masses = new
    return masses


def reference_classes(plan: Plan, tally: ReferenceTally) -> Table:
    """Each reference class: weeks from start to opening by the outside and the inside view, and the gap between their medians.

    ``gap_weeks`` is the inside median less the outside one; its interval of 95 % has the uncertainty of the few outside cases
    (bootstrap), an end that is beyond what was seen being empty. ``inside_is`` is ``longer`` or ``shorter`` when the interval
    does not hold 0, else ``cannot tell``. ``left_out`` counts offices that fit but were under way when they entered.
    """
    rows = [_row(plan, id_, spec, tally.counts[i]) for i, (id_, spec) in enumerate(plan.scenario.reference_class.items())]
    return Table.of_rows("reference_class", COLUMNS, rows)


def _row(plan: Plan, id_: str, spec: ReferenceClass, counts: NDArray[np.int64]) -> list[Any]:
    sizes = [len(spec.weeks), len(spec.unfinished_weeks), len(spec.at_most_weeks)]
    name = text(spec.name, id_, plan.scenario.scenario.language)
    codes = np.array([[o.codes for o in plan.offices]], np.int16).reshape(1, len(plan.offices), -1)
    fitting = counts_in(plan, spec.offices, codes)[0]
    late = np.array([any(o.done) for o in plan.offices])
    head = [id_, name, sum(sizes), *sizes, int((fitting & ~late).sum()), int((fitting & late).sum())]
    if not sum(sizes) or not counts.any():
        return [*head, *[None] * (len(COLUMNS) - len(head))]
    outside, reached = outside_view(spec.weeks, spec.unfinished_weeks, spec.at_most_weeks), np.cumsum(counts)
    inside = [float(np.searchsorted(reached, p * reached[-1])) / 7 for p in LEVELS]
    gap = inside[1] - outside.quantile(0.5)
    low, high = (inside[1] - bound for bound in reversed(_median_interval(spec)))
    says = "longer" if low > 0 else "shorter" if high < 0 else "cannot tell"
    return [*head, *(_finite(outside.quantile(p)) for p in LEVELS), *inside, _finite(gap), _finite(low), _finite(high), says]


def _median_interval(spec: ReferenceClass) -> tuple[float, float]:
    """Interval of the outside median: quantiles of it when the cases are drawn anew from themselves."""
    points, fits = _fits(spec.weeks, spec.unfinished_weeks, spec.at_most_weeks)
    n = len(fits)
    drawn = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), RESAMPLES).astype(float)
    shares = np.cumsum(_self_consistent(fits, drawn), axis=1)
    medians = np.sort(points[np.argmax(shares >= 0.5 - ALMOST, axis=1)])
    tail = (1 - CONFIDENCE) / 2
    return float(medians[int(tail * RESAMPLES)]), float(medians[int((1 - tail) * RESAMPLES)])


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None


def reference_curves(plan: Plan, tally: ReferenceTally) -> Table:
    """Both views as curves: the share that has opened by so many weeks after the start; a point of a view a row.

    The inside view has a point a week; the outside view one at each step, and none beyond what has been seen.
    """
    rows: list[tuple[str, str, float, float]] = []
    for (id_, spec), counts in zip(plan.scenario.reference_class.items(), tally.counts, strict=True):
        if spec.weeks or spec.unfinished_weeks or spec.at_most_weeks:
            view = outside_view(spec.weeks, spec.unfinished_weeks, spec.at_most_weeks)
            pairs = zip(view.weeks.tolist(), view.share.tolist(), strict=True)
            rows += [(id_, "outside", week, share) for week, share in pairs if isfinite(week)]
        if counts.any():
            reached = np.cumsum(counts) / counts.sum()
            first, last = np.flatnonzero(counts)[[0, -1]] // 7
            weeks = range(int(first), int(last) + 2)
            rows += [(id_, "inside", float(w), float(reached[min(7 * w, len(reached) - 1)])) for w in weeks]
    return Table.of_rows("reference_curve", ("reference", "view", "weeks", "share"), rows)
