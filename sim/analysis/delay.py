"""Why an office opens later than the deterministic plan says: the days of delay by cause, adding up exactly in every future.

The *deterministic plan* has the most likely types and branches, median durations, activities that are more likely than not, no
risk, no redo and pools without end. The *undelayed plan* of a future is the same with that future's own types and branches. Then

    delay = opening - opening in the deterministic plan
          = (opening in the undelayed plan - opening in the deterministic plan)      outcome
          + (opening - opening in the undelayed plan)                                the sum along the chain

and the second line is split along the chain behind the opening (:mod:`sim.analysis.chains`, within the office). With moments m₀, m₁, …, mₙ
of the chain, from the office's first day to its opening, and gap(m) the days by which a moment is later than the same moment
of the undelayed plan,

    opening - opening in the undelayed plan = Σ (gap(mᵢ) - gap(mᵢ₋₁)),

so each link is charged with what it adds to the gap: its own days less the days that the plan needs there. A link of work is charged in
the order calendar (the planned work, begun on the actual day), actor (the length drawn against the median), risks one by one. What is
left over is *slack*: days that the plan had to spare between the two moments because another path was longer there. They
swallow delay, so they are negative. From being sent back to finishing again all counts as redo.

*Example.* Two activities after one another and a board. The plan: design 10 days, permit 20, board on day 35. A future: design takes
13 (its actor + 3), a queue of 4 days (pool + 4), permit 25 of which a risk gives 2 (actor + 3, risk + 2), so it is day 42; the next
board is on day 63. The plan waited 35 - 30 = 5 days for the board, the future 21: meeting + 16. Delay 63 - 35 = 28 = 3 + 4 + 3 + 2 + 16.

The split says what the days were, not what would happen without a cause: a meeting missed by one day costs weeks, all charged to
the meeting. For that see :mod:`sim.analysis.leave_one_out`.

Shares of variance are ``cov(part, delay) / var(delay)``: they add up to 1, and a part that swallows delay has a negative one (the
covariance or Euler allocation; Tasche, Risk contributions and performance measurement, 1999).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.estimates import GROUP_RUN, GROUPS, all_known, groups_left_out, half_width, jackknife, known
from sim.analysis.precision import rank
from sim.analysis.table import Table
from sim.analysis.undelayed import without_pools
from sim.plan import Plan

if TYPE_CHECKING:
    from sim.analysis.causes import Name
    from sim.analysis.delay_parts import Law
    from sim.engine.pack import Packed
    from sim.runner import Block
    from sim.sampling import Draws
    from sim.sampling.cases import Cases
    from sim.timeline import Timeline

Real = NDArray[np.float64]
Whole = NDArray[np.int64]

DENSE, EVERY, MOST = 1024, 17, 65_536
"""Of the first replications all are split, of the runs of 64 that follow every 17th up to the last: the undelayed plan of each costs a
simulation more. All futures are alike, so no weights are needed; tables say how many they rest on. With 17 the runs fall in turn to all 16
groups that standard errors are made from."""

AROUND = 0.05
"""Parts at P80 are means over the futures between the quantiles 0.75 and 0.85 of delay."""


def planned_opening(plan: Plan) -> NDArray[np.int32]:
    """Day on which each office opens in the deterministic plan, shape ``(offices,)``."""
    from sim.engine import kernel
    from sim.sampling import median_draws

    calm = without_pools(plan)
    result: NDArray[np.int32] = kernel.simulate(calm, median_draws(calm)).opening(calm)[0]
    return result


class Splitter:
    """A plan made ready for splitting delays."""

    def __init__(self, plan: Plan) -> None:
        from sim.analysis.causes import causes_of

        self.plan = plan
        self.calm = without_pools(plan)
        self.planned = planned_opening(plan)
        self.names, self.places = causes_of(plan)

    def __reduce__(self) -> tuple[type[Splitter], tuple[Plan]]:
        return Splitter, (self.plan,)

    @cached_property
    def law(self) -> Law:
        """What the compiled part reads."""
        from sim.analysis.chain_steps import lay_out
        from sim.analysis.delay_parts import Law, hits_of

        return Law(lay_out(self.plan), self.places, hits_of(self.plan))

    @cached_property
    def packed(self) -> Packed:
        """The undelayed plan as the kernel reads it."""
        from sim.engine.pack import pack

        return pack(self.calm)

    @cached_property
    def cases(self) -> Cases:
        """What the activities of the plan are like."""
        from sim.sampling.cases import Cases

        return Cases.of(self.calm)

    def undelayed(self, draws: Draws, into: Timeline | None = None) -> Timeline:
        """The undelayed plan of each future."""
        from sim.engine import kernel
        from sim.sampling import medians_given

        return kernel.simulate(self.calm, medians_given(self.calm, draws, self.cases), self.packed, into)

    def split(self, block: Block, rows: slice = slice(None), into: Timeline | None = None) -> NDArray[np.int32]:
        """Days of delay by cause of some rows of a block; they add up to opening less planned opening.

        Parameters
        ----------
        into
            A timeline of as many replications, written over by the undelayed plans.

        Returns
        -------
        int32, shape ``(replications, offices, causes)``
        """
        from sim.analysis.delay_parts import Case, split_block

        draws = block.draws.take(rows)
        then = self.undelayed(draws, into)
        parts = np.zeros((draws.replications, len(self.plan.offices), len(self.names)), np.int32)
        passes = self.plan.activities[self.plan.opening].passes
        now = block.timeline.record[rows], block.timeline.happens[rows]
        cases = Case(*now, then.record, then.happens, draws.duration, draws.risk_factor, draws.risk_delay)
        split_block(self.law, cases, (passes.start, passes.stop), self.planned, parts)
        return parts


def scopes_of(plan: Plan) -> dict[str, NDArray[np.bool_]]:
    """Which offices are told of together: all, and each round when there are several."""
    rounds = [plan.scenario.offices[o.id].round for o in plan.offices]
    names = [r for r in dict.fromkeys(rounds) if r is not None]
    scopes = {"all": np.ones(len(rounds), np.bool_)}
    if len(names) > 1:
        scopes |= {f"round {name}": np.array([r == name for r in rounds]) for name in sorted(names, key=str)}
    return scopes


def is_split(replication: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the delays of replications are split.

    >>> is_split(np.array([0, 1023, 1024, 1087, 1088, 1151, 1152, 2176, 65_536])).tolist()
    [True, True, False, False, True, True, False, True, False]
    """
    result: NDArray[np.bool_] = (replication < DENSE) | ((replication // GROUP_RUN % EVERY == 0) & (replication < MOST))
    return result


class DelayTally:
    """Delays by cause of the replications that :func:`is_split` names: sums by office, and each future's sums over scopes."""

    def __init__(self, plan: Plan, splitter: Splitter | None = None) -> None:
        self.plan = plan
        self.splitter = splitter or Splitter(plan)
        self.scopes = scopes_of(plan)
        shape = GROUPS, len(plan.offices), len(self.splitter.names)
        self.parts, self.products = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        """Sums of parts, and of parts times delay."""
        self.delays = np.zeros((GROUPS, shape[1], 3), np.int64)
        """Replications, sums of delay and of its square."""
        self._kept: dict[int, NDArray[np.int32]] = {}
        self._room: Timeline | None = None

    @property
    def names(self) -> tuple[Name, ...]:
        """Kind and id of each cause."""
        return self.splitter.names

    def add(self, block: Block) -> None:
        """Split the delays of a block."""
        from sim.analysis.activities import stretches

        for rows in stretches(is_split(np.arange(block.draws.first, block.draws.first + block.replications))):
            self._add(block, rows)

    def _add(self, block: Block, rows: slice) -> None:
        from sim.analysis.delay_parts import Added, add_up
        from sim.timeline import Timeline

        n, first = rows.stop - rows.start, block.draws.first + rows.start
        if self._room is None or self._room.replications < n:
            self._room = Timeline.empty(n, len(self.plan.offices), len(self.plan.passes))
        parts = self.splitter.split(block, rows, Timeline(self._room.record[:n], self._room.happens[:n]))
        self._kept[first] = np.zeros((n, len(self.scopes), len(self.names)), np.int32)
        add_up(parts, first, np.stack(list(self.scopes.values())), Added(self.parts, self.products, self.delays, self._kept[first]))

    def merge(self, other: DelayTally) -> None:
        """Add what another tally of the same plan has gathered."""
        self.parts += other.parts
        self.products += other.products
        self.delays += other.delays
        self._kept |= other._kept
        self._room = None

    @property
    def counted(self) -> int:
        """Replications split."""
        return int(self.delays[:, 0, 0].sum())

    def sums(self) -> Whole:
        """Days by cause, summed over the offices of each scope, in order of replications; shape ``(n, scopes, causes)``."""
        if not self._kept:
            return np.zeros((0, len(self.scopes), len(self.names)), np.int64)
        return np.concatenate([self._kept[first] for first in sorted(self._kept)]).astype(np.int64)


# --- one office -------------------------------------------------------------------------------------------------------------

OFFICE_COLUMNS = (
    "office",
    "planned",
    "kind",
    "id",
    "delay_days_mean",
    "share_of_variance",
    "n",
    "delay_days_mean_se",
    "share_of_variance_se",
)


def delay_by_cause(tally: DelayTally) -> Table:
    """Each office's mean delay and its parts by cause; the row ``total`` is their sum, and causes of no office are left out.

    ``planned`` is the opening in the deterministic plan. Standard errors are by the jackknife over groups of replications.
    """
    counts = tally.delays[:, 0, 0]
    sums = [tally.parts, tally.products, tally.delays]
    whole = _means_and_shares(*(part.sum(axis=0) for part in sums))
    left_out = _means_and_shares(*(groups_left_out(part, counts) for part in sums))
    errors = [jackknife(part) for part in left_out]
    rows: list[tuple[Any, ...]] = []
    for o, office in enumerate(tally.plan.offices):
        planned = tally.plan.date(int(tally.splitter.planned[o]))
        for c in [-1, *np.flatnonzero(whole[0][o, :-1])]:
            kind, id_ = ("total", "") if c < 0 else (str(tally.names[c][0]), tally.names[c][1])
            values = [known(whole[i][o, c]) for i in (0, 1)] + [tally.counted] + [known(errors[i][o, c]) for i in (0, 1)]
            rows.append((office.id, planned, kind, id_, *values))
    return Table.of_rows("delay_by_cause", OFFICE_COLUMNS, rows)


def _means_and_shares(parts: Whole, products: Whole, delays: Whole) -> tuple[Real, Real]:
    """Mean days and shares of variance, shape ``(…, offices, causes + 1)``; the last is the total."""
    n, total, squares = (delays[..., i, np.newaxis].astype(np.float64) for i in range(3))
    parts, products = (np.concatenate([of, whole], axis=-1) for of, whole in ((parts, delays[..., 1:2]), (products, delays[..., 2:3])))
    spread = n * squares - total * total
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.where(spread > 0, (n * products - parts * total) / np.where(spread > 0, spread, 1.0), 0.0)
        return parts / n, shares


# --- the programme ----------------------------------------------------------------------------------------------------------

COLUMNS = (
    *("scope", "kind", "id", "delay_days_mean", "delay_days_low", "delay_days_high"),
    *("share_of_variance", "share_of_variance_low", "share_of_variance_high"),
    *("delay_days_p80", "delay_days_p80_low", "delay_days_p80_high", "n"),
)

EFFECTS = tuple(f"effect_days_{what}{end}" for what in ("mean", "p80") for end in ("", "_low", "_high"))
"""Further columns: what becomes better without the cause."""


def drivers(tally: DelayTally, effects: Mapping[tuple[str, str, str], Mapping[str, Any]] | None = None) -> Table:
    """What delays the programme: days per office by cause, for all offices and by round; largest mean first.

    ``delay_days_p80`` is the part of a cause in the futures about the P80 of the scope's delay: what the buffer goes to. The row ``total``
    is the sum of the others in each column. Causes without a day anywhere are left out.

    Parameters
    ----------
    effects
        What becomes better without a cause, by (scope, kind, id): values of :data:`EFFECTS`, as
        :func:`sim.analysis.leave_one_out.driver_effects` gives them. They are empty for causes without.
    """
    rows: list[list[Any]] = []
    sums = tally.sums()
    for s, (scope, offices) in enumerate(tally.scopes.items()):
        parts = sums[:, s] / max(int(offices.sum()), 1)
        causes = _by_size(parts)
        of_causes = np.column_stack([parts.sum(axis=1), parts[:, causes[1:]]])
        for c, values in zip(causes, _of_causes(of_causes) if causes else (), strict=True):
            kind, id_ = ("total", "") if c < 0 else (str(tally.names[c][0]), tally.names[c][1])
            effect = (effects or {}).get((scope, kind, id_), {})
            rows.append([scope, kind, id_, *values, len(parts), *(effect.get(name) for name in EFFECTS)])
    return Table.of_rows("drivers", (*COLUMNS, *EFFECTS), rows)


def _by_size(parts: Real) -> list[int]:
    """The total (-1), then the causes with any day by their means, largest first."""
    any_day = np.flatnonzero((parts != 0).any(axis=0))
    return [-1, *sorted(any_day.tolist(), key=lambda c: -float(parts[:, c].mean()))] if len(parts) else []


def _of_causes(parts: Real) -> list[list[float | None]]:
    """Of each column, the first of which is the delay: mean, share of variance and part at P80, each with its interval."""
    groups = np.arange(len(parts)) // GROUP_RUN % GROUPS
    present = np.unique(groups)
    found = _three(parts)
    left_out = np.array([_three(parts[groups != g]) for g in present]) if len(present) > 1 else None
    half = half_width(left_out) if left_out is not None else np.full(found.shape, np.nan)
    return [all_known(row) for row in np.stack([found, found - half, found + half], axis=-1).reshape(parts.shape[1], 9)]


def _three(parts: Real) -> Real:
    """Mean, share of variance and part at P80 of each column, the first of which is the delay; shape ``(columns, 3)``."""
    delay = parts[:, 0]
    spread, around = float(delay.var()), delay - delay.mean()
    shares = (parts - parts.mean(axis=0)).T @ around / len(parts) / spread if spread > 0 else np.zeros(parts.shape[1])
    return np.column_stack([parts.mean(axis=0), shares, part_at(parts, delay, 0.8)])


def part_at(parts: Real, delay: Real, level: float) -> Real:
    """Mean of parts (columns) over the futures whose delay is near its quantile: the parts of the quantile, by Tasche (1999).

    >>> part_at(np.array([[1.0], [2.0], [3.0], [4.0], [5.0]]), np.array([10.0, 20.0, 30.0, 40.0, 50.0]), 0.8)
    array([4.])
    """
    ordered = np.sort(delay)
    low, high = (ordered[rank(min(max(level + side, 0.0), 1.0), len(ordered)) - 1] for side in (-AROUND, AROUND))
    if high > low and len(ordered) * AROUND < 1:
        low = high = ordered[rank(level, len(ordered)) - 1]
    near: Real = parts[(delay >= low) & (delay <= high)].mean(axis=0)
    return near
