"""What would be gained without a cause: each risk, pool limit, redo and actor's variability switched off, in the same futures.

Every future is simulated again with one cause less (:mod:`sim.analysis.variants`) and compared with itself, so the difference is the
cause and not noise: a cause that touches nothing has a gain of exactly 0. Gains do not add up: two causes that hide each other have
little gain each, two that must both go have it only together. For days that add up see :mod:`sim.analysis.delay`.

A gain is counted as better: days earlier, percentage points more. *An actor's variability* off means that all its work takes the
median, so its gain may be negative: early finishes are lost with the late ones. *A pool's limit* off means that nobody has to wait for it.
*A layer* of common factors off means that what it moves together varies on its own: the mean hardly moves, the chance that many
are late at once does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.delay import EFFECTS, scopes_of
from sim.analysis.estimates import GROUP_RUN, GROUPS, Z, all_known, half_width, known
from sim.analysis.precision import rank
from sim.analysis.table import Table
from sim.errors import DeadEndError
from sim.plan import Plan

if TYPE_CHECKING:
    from sim.analysis.variants import Variant
    from sim.runner import Block
    from sim.timeline import Timeline

Real = NDArray[np.float64]

REPLICATIONS = 500
"""How many futures are compared unless told otherwise: each is simulated once more for every cause. Being pairs, few tell much."""

MEMORY = 2**28
"""Bytes for the openings of all variants; with very many offices fewer futures fit than are asked for."""

LEVEL = 0.8
"""Of the quantile that is compared."""


class Prepared:
    """A plan and its variants, made ready for simulation; shared by all workers of a process."""

    def __init__(self, plan: Plan, kinds: tuple[str, ...] | None = None) -> None:
        from sim.analysis.variants import KINDS, variants_of
        from sim.engine.pack import pack

        self.plan, self.kinds = plan, kinds
        self.variants: tuple[Variant, ...] = variants_of(plan, kinds or KINDS)
        packed = {id(plan): pack(plan)}
        for variant in self.variants:
            if id(variant.plan) not in packed:
                same_days = variant.plan.calendars is plan.calendars and variant.plan.series is plan.series
                packed[id(variant.plan)] = pack(variant.plan, packed[id(plan)] if same_days else None)
        self.packed = [packed[id(variant.plan)] for variant in self.variants]
        self.day_type = np.int16 if plan.last < 2**15 else np.int32

    def __reduce__(self) -> tuple[type[Prepared], tuple[Plan, tuple[str, ...] | None]]:
        return Prepared, (self.plan, self.kinds)

    def most(self) -> int:
        """How many futures fit into memory."""
        return MEMORY // (np.dtype(self.day_type).itemsize * len(self.plan.offices) * (len(self.variants) + 1))


class LeaveOneOutTally:
    """Openings of every future as it is (row 0) and with each cause switched off, and what is needed to judge them."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self._openings: dict[int, NDArray[Any]] = {}
        self._codes: dict[int, NDArray[np.int16]] = {}
        self._factors: dict[int, NDArray[np.float32]] = {}
        self.stuck: set[int] = set()
        """Variants, from 0, of which a future cannot go on, or ends after the last day: nothing is said of them."""
        self._room: Timeline | None = None

    def add(self, block: Block) -> None:
        """Simulate a block again without each cause."""
        first = block.draws.first
        openings = np.empty((len(self.prepared.variants) + 1, *block.opening.shape), self.prepared.day_type)
        openings[:] = block.opening
        for i, variant in enumerate(self.prepared.variants):
            rows = np.flatnonzero(variant.touched(block))
            if len(rows) and i not in self.stuck:
                try:
                    openings[i + 1, rows] = self._without(i, block, rows)
                except DeadEndError:
                    self.stuck.add(i)
        self._openings[first], self._codes[first], self._factors[first] = openings, block.draws.codes.copy(), block.draws.factors.copy()

    def _without(self, i: int, block: Block, rows: NDArray[np.intp]) -> NDArray[np.int32]:
        from sim.engine import kernel
        from sim.timeline import Timeline

        variant, plan = self.prepared.variants[i], self.prepared.plan
        draws = variant.change(block.draws)
        if len(rows) < block.replications:
            draws = draws.take(rows)
        if self._room is None or self._room.replications < block.replications:
            self._room = Timeline.empty(block.replications, len(plan.offices), len(plan.passes))
        into = Timeline(self._room.record[: len(rows)], self._room.happens[: len(rows)])
        return kernel.simulate(variant.plan, draws, self.prepared.packed[i], into).opening(plan)

    def merge(self, other: LeaveOneOutTally) -> None:
        """Add what another tally has gathered."""
        self._openings |= other._openings
        self._codes |= other._codes
        self._factors |= other._factors
        self.stuck |= other.stuck
        self._room = None

    @property
    def replications(self) -> int:
        """Futures compared."""
        return sum(len(codes) for codes in self._codes.values())

    @property
    def openings(self) -> NDArray[Any]:
        """Opening days, shape ``(1 + variants, n, offices)``."""
        none = np.empty((len(self.prepared.variants) + 1, 0, len(self.prepared.plan.offices)), self.prepared.day_type)
        return np.concatenate([none, *_in_order(self._openings)], axis=1)

    @property
    def codes(self) -> NDArray[np.int16]:
        """Value codes, shape ``(n, offices, variables)``."""
        return np.concatenate(_in_order(self._codes))

    @property
    def factors(self) -> NDArray[np.float32]:
        """Common factors, shape ``(n, factors)``."""
        return np.concatenate(_in_order(self._factors))


def _in_order(parts: Mapping[int, NDArray[Any]]) -> list[NDArray[Any]]:
    return [parts[first] for first in sorted(parts)]


def gather(
    plan: Plan,
    replications: int = REPLICATIONS,
    *,
    kinds: tuple[str, ...] | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> LeaveOneOutTally:
    """Simulate the first futures of a plan with each cause switched off.

    Parameters
    ----------
    kinds
        Which kinds of causes (see :data:`sim.analysis.variants.KINDS`); default: all.
    workers, executor, progress
        As for :func:`sim.runner.run`.
    """
    from sim.runner import Job, run

    prepared = Prepared(plan, kinds)
    job = Job(plan, {"leave_one_out": partial(LeaveOneOutTally, prepared)})
    count = min(replications, max(prepared.most(), 100))
    tally: LeaveOneOutTally = run(job, count, workers=workers, executor=executor, progress=progress)["leave_one_out"]
    return tally


# --- what is compared -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Outcome:
    """A number of each future, with every cause and without each.

    Attributes
    ----------
    measure, of
        ``mean_opening`` or ``last_opening`` of a scope; ``target``: the day on which one is reached; ``office``: its opening.
    days
        Shape ``(1 + variants, n)``.
    by
        Last day that is in time, or -1.
    """

    measure: str
    of: str
    days: NDArray[Any]
    by: int


def outcomes_of(tally: LeaveOneOutTally, *, offices: bool = True, variants: bool = True) -> Iterator[Outcome]:
    """The programme and its rounds, the targets, and the offices; without ``variants`` only the futures as they are."""
    plan, openings = tally.prepared.plan, tally.openings if variants else tally.openings[:1]
    for scope, of in scopes_of(plan).items():
        own = openings[:, :, of]
        yield Outcome("mean_opening", scope, own.mean(axis=2), -1)
        yield Outcome("last_opening", scope, own.max(axis=2), -1)
    yield from _targets(plan, openings, tally.codes)
    for office in plan.offices if offices else ():
        yield Outcome("office", office.id, openings[:, :, office.index], office.target)


def _targets(plan: Plan, openings: NDArray[Any], codes: NDArray[np.int16]) -> Iterator[Outcome]:
    from sim.analysis.counting import reach_counts
    from sim.analysis.targets import counts_in, due

    openings = openings.astype(np.int32)
    open_by = np.empty(openings.shape[1], np.int32)
    for i, (id_, target) in enumerate(plan.scenario.targets.items()):
        counts = counts_in(plan, target.offices, codes)
        wanted = -1 if target.at_least is None else max(target.at_least - target.existing, 0)
        days = np.empty(openings.shape[:2], np.int32)
        for row, of_variant in zip(days, openings, strict=True):
            reach_counts(of_variant, counts, wanted, due(plan, i), plan.last + 1, row, open_by)
        yield Outcome("target", id_, days, due(plan, i))


# --- gains ------------------------------------------------------------------------------------------------------------------

COLUMNS = (
    *("measure", "of", "kind", "id", "gain_days_mean", "gain_days_mean_low", "gain_days_mean_high"),
    *("gain_days_p80", "gain_days_p80_low", "gain_days_p80_high", "gain_points", "gain_points_low", "gain_points_high"),
    *("changed", "n"),
)


def leave_one_out(tally: LeaveOneOutTally, *, offices: bool = True) -> Table:
    """What is gained without each cause, largest gain of the mean first within each outcome.

    ``gain_days_mean`` and ``gain_days_p80`` are days by which the mean and the P80 come earlier, ``gain_points`` percentage points by which
    the chance of being in time rises (empty without a date). ``changed`` is the share of the futures in which anything moved.
    Intervals are of 95 %, from the pairs: a gain that lies on both sides of 0 may be noise. Days are empty where a target is out of reach.
    """
    plan, variants = tally.prepared.plan, tally.prepared.variants
    rows: list[tuple[Any, ...]] = []
    for outcome in outcomes_of(tally, offices=offices) if tally.replications else ():
        found = gains(plan, outcome)
        of_outcome = [
            (outcome.measure, outcome.of, v.kind, v.id, *(NOTHING if i in tally.stuck else found[i]), outcome.days.shape[1])
            for i, v in enumerate(variants)
        ]
        rows += sorted(of_outcome, key=lambda row: -(row[4] or 0.0))
    return Table.of_rows("leave_one_out", COLUMNS, rows)


NOTHING: tuple[float | None, ...] = (None,) * 10
"""What is said of a variant that cannot go on."""


def gains(plan: Plan, outcome: Outcome) -> list[list[float | None]]:
    """Gains of the mean, the P80 and the chance without each cause, each with its interval, and the share of futures that changed."""
    base, without = outcome.days[0].astype(np.float64), outcome.days[1:].astype(np.float64)
    days = np.column_stack([*paired(base - without), *quantile_gains(base, without)])
    days[(base.max() > plan.last) | (without.max(axis=1) > plan.last)] = np.nan
    points = np.full((len(without), 3), np.nan)
    if outcome.by >= 0:
        points = np.column_stack(paired(100.0 * ((without <= outcome.by).astype(float) - (base <= outcome.by))))
    moved = (base != without).mean(axis=1, keepdims=True)
    return [all_known(row) for row in np.concatenate([days, points, moved], axis=1)]


Three = tuple[Real, Real, Real]


def paired(differences: Real) -> Three:
    """Means of rows of paired differences, and their intervals.

    >>> [x.round(3).tolist() for x in paired(np.array([[0.0, 1.0, 2.0, 1.0]]))]
    [[1.0], [0.2], [1.8]]
    """
    n = differences.shape[1]
    mean: Real = differences.mean(axis=1)
    half = Z * differences.std(axis=1, ddof=1) / n**0.5 if n > 1 else np.zeros(len(mean))
    return mean, mean - half, mean + half


def quantile_gains(base: Real, without: Real, level: float = LEVEL) -> Three:
    """Differences of two quantiles of the same futures (each row of ``without`` against ``base``), and their intervals.

    A quantile is off by about ``(level - 1[x ≤ q]) / f(q)`` on average over the futures (Bahadur, A note on quantiles in large samples,
    Ann. Math. Statist. 37, 1966, 577–580), so the pairs tell the error of the difference.

    >>> [x.tolist() for x in quantile_gains(np.array([3.0, 4.0, 5.0, 6.0, 7.0]), np.array([[3.0, 4.0, 5.0, 6.0, 7.0]]))]
    [[0.0], [0.0], [0.0]]
    """
    (q, influence), (others, theirs) = _influences(base[np.newaxis], level), _influences(without, level)
    gain: Real = q - others
    half = Z * (influence - theirs).std(axis=1) / len(base) ** 0.5
    return gain, gain - half, gain + half


def _influences(values: Real, level: float) -> tuple[Real, Real]:
    """The quantile of each row, and by how much each future moves it."""
    ordered, n = np.sort(values, axis=1), values.shape[1]
    q: Real = ordered[:, rank(level, n) - 1]
    side = min(bandwidth(n, level), 0.9 * min(level, 1 - level))
    low, high = rank(level - side, n), rank(level + side, n)
    spacing = np.maximum(ordered[:, high - 1] - ordered[:, low - 1], 1.0)
    density = max(high - low, 1) / n / spacing
    influence: Real = (level - (values <= q[:, np.newaxis])) / density[:, np.newaxis]
    return q, influence


def bandwidth(n: int, level: float) -> float:
    """Half-width, in shares, over which the density at a quantile is measured: Hall and Sheather, J. R. Statist. Soc. B 50 (1988) 381–391.

    >>> round(bandwidth(10_000, 0.8), 4)
    0.0265
    """
    from statistics import NormalDist

    normal = NormalDist()
    z = normal.inv_cdf(level)
    return float(n ** (-1 / 3) * Z ** (2 / 3) * (1.5 * normal.pdf(z) ** 2 / (2 * z * z + 1)) ** (1 / 3))


def driver_effects(table: Table) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Columns for :func:`sim.analysis.delay.drivers`: days by which a cause moves the mean and the P80 of a scope's mean opening."""
    renamed = {name: name.replace("effect", "gain") for name in EFFECTS}
    return {
        (row["of"], row["kind"], row["id"]): {new: row[old] for new, old in renamed.items()}
        for row in table.rows()
        if row["measure"] == "mean_opening"
    }


# --- layers of common factors -----------------------------------------------------------------------------------------------

LAYER_COLUMNS = ("measure", "of", "layer", "share_of_variance", "low", "high", "n")


def layer_shares(tally: LeaveOneOutTally, *, offices: bool = True) -> Table:
    """How much of the spread of each outcome comes from each layer of common factors; ``rest`` is everything else.

    The share of a layer is the sum of the squared correlations of the outcome with its factors, which are independent of each
    other, less what chance alone gives (1/n for each): what a straight line through each factor explains. The share of the programme's
    layer is what does not average out, however many offices there are.
    """
    plan = tally.prepared.plan
    factors = tally.factors.astype(np.float64) if tally.replications else np.zeros((0, 0))
    groups = np.arange(len(factors)) // GROUP_RUN % GROUPS
    present = np.unique(groups)
    rows: list[tuple[Any, ...]] = []
    for outcome in outcomes_of(tally, offices=offices, variants=False) if tally.replications and plan.layers else ():
        days = outcome.days[0].astype(np.float64)
        whole = _shares(plan, factors, days)
        left_out = [_shares(plan, factors[groups != g], days[groups != g]) for g in present] if len(present) > 1 else []
        half = half_width(np.array(left_out)) if left_out else np.full(len(whole), np.nan)
        for name, share, h in zip([*(layer.name for layer in plan.layers), "rest"], whole, half, strict=True):
            rows.append((outcome.measure, outcome.of, name, float(share), known(share - h), known(share + h), len(days)))
    return Table.of_rows("layer_shares", LAYER_COLUMNS, rows)


def _shares(plan: Plan, factors: Real, days: Real) -> Real:
    n, spread = len(days), days.std()
    centred = factors - factors.mean(axis=0)
    covariance = centred.T @ (days - days.mean()) / max(n, 1)
    scale = np.maximum(centred.std(axis=0), 1e-12) * max(float(spread), 1e-12)
    squares = (covariance / scale) ** 2 - 1.0 / max(n, 1) if spread > 0 else np.zeros(len(covariance))
    members = [np.unique(layer.factor[layer.factor >= 0]) for layer in plan.layers]
    shares = [max(float(squares[of].sum()), 0.0) for of in members]
    return np.array([*shares, 1.0 - sum(shares)])
