"""A second opinion on what matters: the share of the variance of the opening that each input explains, by two estimators.

The ranking of causes (:mod:`sim.analysis.delay`, :mod:`sim.analysis.leave_one_out`) rests on following chains and on switching things
off. This check uses neither: it looks at what went into each future and at what came out, and estimates the *first-order index*

    S = var(E[Y | X]) / var(Y),

the share of the variance of Y, the mean opening of a scope, that would go if the input X were known (Sobol, Sensitivity estimates for
nonlinear mathematical models, 1993). The inputs are one number each of a future:

* each common factor of a layer of few members, for larger layers (offices) the mean of its factors;
* each risk: its factors less 1 and its delays, summed over its members;
* each actor: how long its work is on average against the medians, less what common factors explain of that;
* types, attributes and branches that are drawn: how many offices have each value;
* each redo: how often offices were sent back.

They are as good as independent, so the indices add up to at most about 1, the rest being interaction and single activities.

Two estimators from the same futures: means in classes of equal count, corrected for the number of classes (ω² of the analysis of
variance; Plischke, Borgonovo and Smith, Global sensitivity measures from given data, Eur. J. Oper. Res. 226, 2013, 536–550), and random
balance designs by Fourier series as SALib has them (Herman and Usher, J. Open Source Software 2, 2017, 97).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.causes import CauseKind
from sim.analysis.delay import scopes_of
from sim.analysis.estimates import GROUP_RUN, GROUPS, half_width, known
from sim.analysis.table import Table
from sim.analysis.undelayed import median_durations
from sim.analysis.variants import LAYER
from sim.plan import Kind, Plan
from sim.sampling.cases import Cases, uncertain_variables

if TYPE_CHECKING:
    from sim.analysis.leave_one_out import LeaveOneOutTally
    from sim.runner import Block
    from sim.sampling import Draws

Real = NDArray[np.float64]

REPLICATIONS = 10_000
"""Futures that are looked at, from the first on."""

FEW = 8
"""A layer with at most so many factors has each of them as an input."""

CLASSES = 32
"""Classes of equal count of an input; values that are equal stay together."""

RESAMPLES = 20
"""Of SALib's intervals."""

FEWEST_FOR_SALIB = 100
"""Futures that ``rbd_fast`` needs: with twice its ten harmonics it divides by zero, with few more it says nothing."""

Input = tuple[str, str, Callable[["Draws"], Real]]
"""Kind, id, and its value in each replication."""


class InputTally:
    """What went into the first futures, and the sums of opening days of each scope."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.scopes = scopes_of(plan)
        self.inputs = tuple(_inputs(plan))
        self._kept: dict[int, tuple[Real, NDArray[np.int64]]] = {}

    def add(self, block: Block) -> None:
        """Note the inputs and the openings of a block."""
        count = min(max(REPLICATIONS - block.draws.first, 0), block.replications)
        if count:
            draws = block.draws.take(slice(0, count))
            values = np.column_stack([value(draws) for _, _, value in self.inputs]) if self.inputs else np.zeros((count, 0))
            sums = np.column_stack([block.opening[:count, of].sum(axis=1, dtype=np.int64) for of in self.scopes.values()])
            self._kept[block.draws.first] = values, sums

    def merge(self, other: InputTally) -> None:
        """Add what another tally has noted."""
        self._kept |= other._kept

    def inputs_and_openings(self) -> tuple[Real, Real]:
        """Inputs, shape ``(n, inputs)``, and mean openings, ``(n, scopes)``."""
        parts = [self._kept[first] for first in sorted(self._kept)]
        sizes = np.array([int(of.sum()) for of in self.scopes.values()])
        if not parts:
            return np.zeros((0, len(self.inputs))), np.zeros((0, len(sizes)))
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts]) / sizes


def gather(
    plan: Plan,
    replications: int = REPLICATIONS,
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> InputTally:
    """Note the inputs of the first futures of a plan; ``workers``, ``executor`` and ``progress`` as for :func:`sim.runner.run`."""
    from sim.runner import Job, run

    job = Job(plan, {"inputs": partial(InputTally, plan)})
    tally: InputTally = run(job, min(replications, REPLICATIONS), workers=workers, executor=executor, progress=progress)["inputs"]
    return tally


# --- inputs -----------------------------------------------------------------------------------------------------------------


def _inputs(plan: Plan) -> Iterator[Input]:
    for layer in plan.layers:
        members = np.unique(layer.factor[layer.factor >= 0])
        if len(members) > FEW:
            yield LAYER, layer.name, partial(_factor, members)
        else:
            yield from ((LAYER, plan.factor_names[f], partial(_factor, np.array([f]))) for f in members)
    for risk in plan.risks:
        yield CauseKind.RISK, risk.id, partial(_size, slice(risk.first_member, risk.first_member + len(risk.names)))
    cases = Cases.of(plan)
    for actor in dict.fromkeys(a.actor for a in plan.activities if a.kind is Kind.WORK):
        own = [a.index for a in plan.activities if a.actor == actor and a.kind is Kind.WORK]
        yield CauseKind.ACTOR, actor, partial(_length, plan, cases, own)
    for variable in sorted(set().union(*uncertain_variables(plan))):
        for code, value in enumerate(plan.variables[variable].values[:-1]):  # the last is what the others leave
            yield CauseKind.OUTCOME, f"{plan.variables[variable].name}={value}", partial(_share, variable, code)
    for loop in plan.loops:
        yield CauseKind.REDO, plan.activities[loop.activity].id, partial(_times, plan.activities[loop.activity].passes)


def _factor(members: NDArray[np.int32], draws: Draws) -> Real:
    return np.asarray(draws.factors[:, members].mean(axis=1, dtype=np.float64))


def _size(members: slice, draws: Draws) -> Real:
    return np.asarray((draws.risk_factor[:, members] - 1 + draws.risk_delay[:, members]).sum(axis=1))


def _length(plan: Plan, cases: Cases, activities: list[int], draws: Draws) -> Real:
    """Drawn days against median days of all the work of an actor, as a logarithm; NaN where it has none."""
    passes = np.array([p.activity in activities for p in plan.passes])
    here = draws.happens & passes
    median = np.where(here, median_durations(plan, cases, draws.codes, activities), 0).sum(axis=(1, 2), dtype=np.float64)
    drawn = np.where(here, draws.duration, 0).sum(axis=(1, 2), dtype=np.float64)
    return np.asarray(np.where(median > 0, np.log(np.maximum(drawn, 1e-3) / np.maximum(median, 1e-3)), np.nan))


def _share(variable: int, code: int, draws: Draws) -> Real:
    return np.asarray((draws.codes[:, :, variable] == code).mean(axis=1))


def _times(passes: slice, draws: Draws) -> Real:
    return np.asarray(draws.redo[:, :, passes].sum(axis=(1, 2), dtype=np.float64))


# --- estimators -------------------------------------------------------------------------------------------------------------


def classes_of(x: Real, classes: int = CLASSES) -> NDArray[np.intp]:
    """Class of each value, of about equal count; equal values share one.

    >>> classes_of(np.array([1.0, 5.0, 2.0, 9.0]), 2).tolist(), classes_of(np.array([0.0, 0.0, 0.0, 1.0]), 2).tolist()
    ([0, 1, 0, 1], [0, 0, 0, 1])
    """
    ordered = np.sort(x)
    first = np.searchsorted(ordered, x)
    result = np.unique(first * classes // max(len(x), 1), return_inverse=True)[1]
    return np.asarray(result)


def first_order(x: Real, y: Real) -> float:
    """Share of the variance of y that the mean of y given x explains: ω² over classes of x, 0 for a constant.

    ``ω² = (between - (k - 1) · within / (n - k)) / (total + within / (n - k))``, sums of squares of n values in k classes (Hays,
    Statistics for Psychologists, 1963).

    >>> first_order(np.arange(8.0), np.array([0.0, 0, 0, 0, 1, 1, 1, 1]))
    0.0
    >>> round(first_order(np.repeat([0.0, 1.0], 50), np.repeat([3.0, 5.0], 50)), 6)
    1.0
    """
    label = classes_of(x)
    n, k = len(y), int(label.max(initial=0)) + 1
    total = float(((y - y.mean()) ** 2).sum()) if n else 0.0
    if k < 2 or n <= k or total == 0:
        return 0.0
    counts, sums = np.bincount(label), np.bincount(label, weights=y - y.mean())
    between = float((sums**2 / counts).sum())
    noise = (total - between) / (n - k)
    return (between - (k - 1) * noise) / (total + noise)


def own_part(x: Real, factors: Real) -> Real:
    """What is left of an input when the common factors have explained what they can, by least squares; 0 where it is not known."""
    here = ~np.isnan(x)
    columns = np.column_stack([np.ones(len(x)), factors])[here]
    result = np.zeros(len(x))
    result[here] = x[here] - columns @ np.linalg.lstsq(columns, x[here], rcond=None)[0]
    return result


# --- the table --------------------------------------------------------------------------------------------------------------

COLUMNS = ("scope", "kind", "id", "share", "share_low", "share_high", "salib", "salib_low", "salib_high", "n")


def sensitivity(tally: InputTally, *, salib: bool = True) -> Table:
    """First-order index of each input by both estimators, largest first within each scope; inputs that never vary are left out.

    ``share`` is by classes, with an interval of 95 % by the jackknife; ``salib`` by SALib's ``rbd_fast`` with its bootstrap interval,
    for all offices together and from :data:`FEWEST_FOR_SALIB` futures on only, because it takes some seconds.
    """
    x, y = tally.inputs_and_openings()
    names, columns = _varying(tally, x)
    rows: list[tuple[Any, ...]] = []
    for s, scope in enumerate(tally.scopes):
        asked = salib and s == 0 and len(names) > 0 and len(y) >= FEWEST_FOR_SALIB and y[:, s].std() > 0
        other = _by_salib(columns, y[:, s]) if asked else [(None,) * 3] * len(names)
        found = [
            (scope, *name, *_with_interval(column, y[:, s]), *of_salib, len(y))
            for name, column, of_salib in zip(names, columns.T, other, strict=True)
        ]
        rows += sorted(found, key=lambda row: -row[3])
    return Table.of_rows("sensitivity", COLUMNS, rows)


def _varying(tally: InputTally, x: Real) -> tuple[list[tuple[str, str]], Real]:
    """Names and values of the inputs that vary, those of actors without what common factors explain."""
    factors = x[:, [kind == LAYER for kind, _, _ in tally.inputs]]
    names, columns = [], []
    for (kind, id_, _), column in zip(tally.inputs, x.T, strict=True):
        own = own_part(column, factors) if kind == CauseKind.ACTOR else column
        if len(own) and np.ptp(own) > 1e-6:
            names.append((str(kind), id_))
            columns.append(own)
    return names, np.column_stack(columns) if columns else np.zeros((len(x), 0))


def _with_interval(x: Real, y: Real) -> tuple[float, float | None, float | None]:
    share, groups = first_order(x, y), np.arange(len(y)) // GROUP_RUN % GROUPS
    present = np.unique(groups)
    if len(present) < 2:
        return share, None, None
    half = float(half_width(np.array([first_order(x[groups != g], y[groups != g]) for g in present])))
    return share, share - half, share + half


def _by_salib(x: Real, y: Real) -> list[tuple[float | None, ...]]:
    from SALib.analyze import rbd_fast  # late: 1 s

    problem = {"num_vars": x.shape[1], "names": [str(i) for i in range(x.shape[1])], "bounds": [[0, 1]] * x.shape[1]}
    with np.errstate(invalid="ignore"):  # of few futures some that are drawn again may all open on one day: then nothing is known
        found = rbd_fast.analyze(problem, x, y, num_resamples=RESAMPLES, seed=0)
    pairs = zip(found["S1"], found["S1_conf"], strict=True)
    return [(known(s), known(s - half), known(s + half)) for s, half in pairs]


RANKING_COLUMNS = ("scope", "kind", "id", "share", "spread_lost", "rank_share", "rank_spread_lost", "agreement")


def ranking_check(table: Table, tally: LeaveOneOutTally) -> Table:
    """Whether the shares rank the causes of a kind as switching them off does.

    ``spread_lost`` is the share of the variance of a scope's mean opening that goes when the cause is switched off, in the same futures;
    ``agreement`` the rank correlation (Spearman) of both over the causes of a kind, the same in each of its rows. The two need not be of
    one size: an actor switched off takes its share of the common factors with it, ``share`` is what its work adds to them.
    Both are point estimates; causes near 0 have no order to speak of.
    """
    rows: list[tuple[Any, ...]] = []
    openings, variants = tally.openings, tally.prepared.variants
    for scope, of in scopes_of(tally.prepared.plan).items():
        days = openings[:, :, of].mean(axis=2)
        base = float(days[0].var())
        lost = {(str(v.kind), v.id): 1 - float(days[i].var()) / base if base > 0 else 0.0 for i, v in enumerate(variants, 1)}
        shares = {(r["kind"], r["id"]): r["share"] for r in table.where(scope=scope).rows() if (r["kind"], r["id"]) in lost}
        for kind in dict.fromkeys(kind for kind, _ in shares):
            keys = [key for key in shares if key[0] == kind]
            rows += [(scope, *key, *of_key) for key, of_key in zip(keys, _ranked([(shares[k], lost[k]) for k in keys]), strict=True)]
    return Table.of_rows("ranking_check", RANKING_COLUMNS, rows)


def _ranked(pairs: list[tuple[float, float]]) -> list[tuple[float | None, ...]]:
    """Both numbers, their ranks from the largest, and how far these agree."""
    from sim.analysis.activities import rank_correlation, ranks

    first, second = (_places(np.array(column)) for column in zip(*pairs, strict=True))
    agreement = rank_correlation(first, second) if len(pairs) > 1 else None
    orders = zip(len(pairs) + 1 - ranks(first), len(pairs) + 1 - ranks(second), strict=True)
    return [(*pair, float(a), float(b), agreement) for pair, (a, b) in zip(pairs, orders, strict=True)]


def _places(values: Real) -> NDArray[np.intp]:
    """Whole numbers in the order of the values."""
    return np.asarray(np.unique(values, return_inverse=True)[1])
