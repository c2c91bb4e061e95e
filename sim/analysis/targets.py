"""Targets: does each hold, what date or number would, and do several hold together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.openings import Days, joined
from sim.analysis.precision import quantile_interval, rank, standard_error, verdict, wilson
from sim.analysis.table import Table
from sim.plan import Plan
from sim.plan.model import Condition
from sim.runner import Block
from sim.scenario.schema import Filter

TARGET_COLUMNS = (
    *("target", "name", "by", "at_least", "existing", "of", "replications", "probability", "low", "high", "standard_error"),
    *("confidence", "holds", "date_at_confidence", "date_low", "date_high", "k_at_confidence"),
)

PAIRS_OF = 12
"""Most targets of which every pair is told."""


class TargetTally:
    """For each target: when it is reached in every replication, and in how many of them how many of its offices are open on its date."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.dtype = np.int16 if plan.last + 2 < 2**15 else np.int32
        self.never = plan.last + 1
        """Stands for a target that is not reached, because too few offices count."""
        targets = len(plan.scenario.targets)
        self._reached: list[NDArray[Any]] = [np.empty((targets, 0), self.dtype)]
        self.open_by = np.zeros((targets, len(plan.offices) + 1), np.int64)
        """Replications by how many offices that count are open on the target's date, existing ones not included."""

    def add(self, block: Block) -> None:
        """Count a block."""
        from sim.analysis.counting import reach_counts  # late: needs the compiler

        reached = np.empty((len(self.plan.scenario.targets), block.replications), self.dtype)
        open_by: Days = np.empty(block.replications, self.dtype)
        for i, target in enumerate(self.plan.scenario.targets.values()):
            counting = counts_in(self.plan, target.offices, block.draws.codes)
            wanted = -1 if target.at_least is None else max(target.at_least - target.existing, 0)
            reach_counts(block.opening, counting, wanted, due(self.plan, i), self.never, reached[i], open_by)
            self.open_by[i] += np.bincount(open_by, minlength=self.open_by.shape[1])
        self._reached.append(reached)

    def merge(self, other: TargetTally) -> None:
        """Add the replications that follow on these."""
        self._reached += other._reached
        self.open_by += other.open_by

    @property
    def reached(self) -> NDArray[Any]:
        """Day on which each target is reached, shape ``(targets, replications)``; ``never`` when it is not."""
        return joined(self._reached, axis=1)


def due(plan: Plan, target: int) -> int:
    """Last day on which a target holds; not beyond the horizon, so that what is never reached is not in time either."""
    return min(plan.day(list(plan.scenario.targets.values())[target].by), plan.last)


def counts_in(plan: Plan, wanted: Filter, codes: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Whether each office fits a filter: one row when that is certain, else one for each replication.

    Parameters
    ----------
    codes
        Value codes, shape ``(replications, offices, variables)``, see :class:`sim.sampling.Draws`.
    """
    conditions = [_condition(plan, name, values) for name, values in wanted.items()]
    drawn = any(_is_drawn(plan, condition.variable) for condition in conditions)
    fits = np.ones((len(codes) if drawn else min(len(codes), 1), len(plan.offices)), np.bool_)
    for condition in conditions:
        code = codes[: len(fits), :, condition.variable].astype(np.int64)
        allowed = np.array([condition.allowed >> c & 1 for c in range(len(plan.variables[condition.variable].values))], np.bool_)
        fits &= (code >= 0) & allowed[np.maximum(code, 0)]
    return fits


def _condition(plan: Plan, name: str, values: Iterable[Any]) -> Condition:
    variable = next(v for v in plan.variables if v.name == name)
    codes = {variable.code(value) for value in values}
    return Condition(variable.index, sum(1 << code for code in codes if code >= 0))


def _is_drawn(plan: Plan, variable: int) -> bool:
    by_mix = variable == plan.type_variable and bool(plan.mixes)
    return by_mix or any(variable in office.weights for office in plan.offices)


def targets(plan: Plan, tally: TargetTally) -> Table:
    """Each target: the chance that it holds, and what would hold.

    ``holds`` is ``yes`` when the 95 % interval of ``probability`` lies at or above ``confidence``, ``no`` when it lies below, else
    ``cannot tell`` (at this many replications). ``date_at_confidence`` is the first date on which the target is reached in at least
    that share of the futures (empty: there is none), between ``date_low`` and ``date_high``. ``k_at_confidence`` is the largest
    number that is open on the date with that confidence, existing ones included. ``of`` is how many there can be at most.
    """
    rows = [_row(plan, tally, i, id_) for i, id_ in enumerate(plan.scenario.targets)]
    return Table.of_rows("targets", TARGET_COLUMNS, rows)


def _row(plan: Plan, tally: TargetTally, i: int, id_: str) -> list[Any]:
    target = plan.scenario.targets[id_]
    ordered, n = np.sort(tally.reached[i]), tally.reached.shape[1]
    held = int(np.searchsorted(ordered, due(plan, i), side="right"))
    low, high = wilson(held, n)
    p = held / n
    of = most(plan, target.offices) + target.existing
    fewest_first = tally.open_by[i].cumsum()

    def date(day: int | None) -> Any:
        return None if day is None or day == tally.never else plan.date(day)

    bounds = quantile_interval(lambda r: int(ordered[r - 1]), n, target.confidence)
    return [
        *(id_, text_of(target.name, id_, plan.scenario.scenario.language), target.by),
        *(of if target.at_least is None else target.at_least, target.existing, of, n, p, low, high),
        *(standard_error((p * (1 - p)) ** 0.5, n), target.confidence, verdict(low, high, target.confidence)),
        *(date(int(ordered[rank(target.confidence, n) - 1])), date(bounds[0]), date(bounds[1])),
        int(np.searchsorted(fewest_first, n - rank(target.confidence, n), side="right")) + target.existing,
    ]


def most(plan: Plan, wanted: Filter) -> int:
    """How many offices may fit a filter at most."""
    conditions = [_condition(plan, name, values) for name, values in wanted.items()]
    return sum(all(_may_fit(plan, office, c) for c in conditions) for office in range(len(plan.offices)))


def _may_fit(plan: Plan, office: int, condition: Condition) -> bool:
    known = plan.offices[office]
    if condition.variable == plan.type_variable and any(office in mix.offices for mix in plan.mixes):
        return True
    if condition.variable in known.weights:
        return True
    code = known.codes[condition.variable]
    return code >= 0 and bool(condition.allowed >> code & 1)


def text_of(name: str | Mapping[Any, str], default: str, language: str) -> str:
    """A name in a language, else in any, else the default."""
    if isinstance(name, str):
        return name or default
    return name.get(language) or next(iter(name.values()), default)


def targets_joint(plan: Plan, tally: TargetTally) -> Table:
    """The chance that several targets hold together: every pair (of up to twelve targets), and all; a group of targets a row.

    ``if_independent`` is the product of their own chances: how far ``probability`` is above it says how much they hang together.
    """
    ids = list(plan.scenario.targets)
    groups: list[tuple[int, ...]] = list(combinations(range(len(ids)), 2)) if len(ids) <= PAIRS_OF else []
    if len(ids) > 2:
        groups.append(tuple(range(len(ids))))
    names = ("targets", "replications", "probability", "low", "high", "if_independent")
    return Table.of_rows("targets_joint", names, [together(plan, tally, [ids[i] for i in group]) for group in groups])


def together(plan: Plan, tally: TargetTally, ids: Iterable[str]) -> tuple[str, int, float, float, float, float]:
    """Some targets, the number of replications, the chance that all of them hold, its interval, and the product of their chances."""
    names = list(ids)
    index = {id_: i for i, id_ in enumerate(plan.scenario.targets)}
    held = np.stack([tally.reached[index[id_]] <= due(plan, index[id_]) for id_ in names])
    both, n = int(held.all(axis=0).sum()), held.shape[1]
    return " + ".join(names), n, both / n, *wilson(both, n), float(np.prod(held.mean(axis=1)))


def target_density(plan: Plan, tally: TargetTally) -> Table:
    """In how many futures each target is reached on each date; a target and date a row. What is never reached is left out."""
    rows: list[tuple[str, Any, int]] = []
    for i, id_ in enumerate(plan.scenario.targets):
        days, counts = np.unique(tally.reached[i][tally.reached[i] != tally.never], return_counts=True)
        rows += [(id_, plan.date(day), count) for day, count in zip(days.tolist(), counts.tolist(), strict=True)]
    return Table.of_rows("target_density", ("target", "date", "count"), rows)
