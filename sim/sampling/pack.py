"""A plan packed into the arrays of :mod:`sim.sampling.layout`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import sqrt

import numpy as np

from sim.distributions import Z_LIMIT, Distribution, Fixed, step_table, z_grid, z_table
from sim.plan import ActivityPlan, Kind, OfficePlan, PassPlan, Plan, Weights
from sim.sampling.cases import Cases, Profiles, uncertain_variables
from sim.sampling.layout import Chance, Choices, Codes, Common, Duties, Index, Laws, Offsets, Real, Risks, Rows, Units
from sim.sampling.names import NEVER, Names, first_of, index_of
from sim.sampling.streams import pass_stream, variable_stream
from sim.sampling.under_way import under_way

CONSTANTS = Fixed(1.0), Fixed(0.0)
"""Laws added after those of the plan: no factor; no delay and no work. After them stands a table that gives the score itself."""


def pack_choices(plan: Plan, names: Names) -> Choices:
    """Attributes with weights and branches, by variable: what they depend on stands before them in the plan."""
    drawn = uncertain_variables(plan)
    profiles = Profiles(plan)
    limits: list[list[float]] = []
    entries: list[tuple[int, int, int, int]] = []
    for variable in plan.variables:
        for office in plan.offices:
            weights = office.weights.get(variable.index)
            if weights is None:
                continue
            uncertain = tuple(sorted(weights.asked & drawn[office.index]))
            stream = names.number(variable_stream(office.id, variable.name, variable.is_branch))
            slot = office.index * len(plan.variables) + variable.index
            entries.append((slot, stream, len(limits), profiles.number(office.index, uncertain)))
            limits.extend(_limits(weights, office, profiles, uncertain))
    slot_, stream_, base, profile = (index_of(column) for column in (zip(*entries, strict=True) if entries else [()] * 4))
    return Choices(slot_, stream_, base, profile, Offsets(*profiles.parts()), _table(limits))


def _limits(weights: Weights, office: OfficePlan, profiles: Profiles, uncertain: tuple[int, ...]) -> list[list[float]]:
    """Cumulated weights for each outcome of what they depend on; the last value that can come takes what rounding leaves."""
    rows = []
    codes = list(office.codes)
    for outcome in profiles.combinations(uncertain):
        for variable, code in zip(uncertain, outcome, strict=True):
            codes[variable] = code
        row = weights.row(codes)
        last = max(code for code, weight in enumerate(row) if weight > 0)
        rows.append([limit if code < last else NEVER for code, limit in enumerate(accumulate(row))])
    return rows


def pack_risks(plan: Plan, names: Names) -> Risks:
    """The members of all risks."""
    one, zero = (len(plan.distributions) + i for i in range(len(CONSTANTS)))
    members = [(risk, name) for risk in plan.risks for name in risk.names]
    return Risks(
        occurs=names.numbers(f"risk/{risk.id}/{name}/occurs" for risk, name in members),
        size=names.numbers(f"risk/{risk.id}/{name}/size" for risk, name in members),
        probability=np.array([risk.probability for risk, _ in members], np.float64),
        factor=index_of(risk.factor if risk.factor >= 0 else one for risk, _ in members),
        delay=index_of(risk.delay if risk.delay >= 0 else zero for risk, _ in members),
    )


def pack_laws(distributions: Sequence[Distribution]) -> Laws:
    """Tables of all distributions."""
    smooth: list[Real] = []
    steps: list[tuple[Real, Real]] = []
    tables = []
    for law in (*distributions, *CONSTANTS):
        if law.steps:
            tables.append(-1 - len(steps))
            steps.append(step_table(law))
        else:
            tables.append(len(smooth))
            smooth.append(z_table(law))
    tables.append(len(smooth))
    smooth.append(z_grid())
    return Laws(
        table=np.array(tables, np.int32),
        limit=Z_LIMIT,
        smooth=np.array(smooth),
        first=first_of(len(values) for _, values in steps),
        threshold=np.concatenate([np.empty(0), *(thresholds for thresholds, _ in steps)]),
        value=np.concatenate([np.empty(0), *(values for _, values in steps)]),
    )


def pack_rows(plan: Plan, cases: Cases) -> Rows:
    """The cases of the activities; after them one, with a profile of its own, whose duration is the score."""
    law = np.where(cases.law >= 0, cases.law, len(plan.distributions) + CONSTANTS.index(Fixed(0.0)))
    score = len(plan.distributions) + len(CONSTANTS)
    return Rows(
        happens=np.append(cases.happens, True),
        law=np.append(law, score).astype(np.uint32),
        factor=np.append(cases.factor, 1.0),
        offsets=Offsets(np.append(cases.first, cases.first[-1]), cases.slot, cases.stride),
    )


class CommonSums:
    """The distinct sums of common factors that the durations of offices and activities have."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.index: dict[tuple[tuple[int, float], ...], int] = {}

    def number(self, office: int, activity: int) -> int:
        """Number of the sum of an office and activity; a new one is added."""
        terms = ((int(layer.factor[office, activity]), layer.share) for layer in self.plan.layers)
        return self.index.setdefault(tuple((factor, share) for factor, share in terms if factor >= 0), len(self.index))

    def own(self) -> list[float]:
        """Coefficient of the own part beside each sum, so that the variance of the score is 1."""
        return [sqrt(max(0.0, 1.0 - sum(share for _, share in terms))) for terms in self.index]

    def pack(self, streams: Index, learnt: tuple[Real, Real] | None) -> Common:
        """The factors, given their streams and, where something is learnt about them, their means and root; and the sums."""
        return Common(
            stream=streams,
            first=first_of(len(terms) for terms in self.index),
            factor=index_of(factor for terms in self.index for factor, _ in terms),
            coefficient=np.array([sqrt(share) for terms in self.index for _, share in terms], np.float64),
            mean=learnt[0] if learnt else np.zeros(0),
            root=learnt[1] if learnt else np.zeros((0, 0)),
        )


def parent_of(plan: Plan, number: int) -> int:
    """Pass whose redo leads to a pass, or -1 for a first pass.

    It is the pass of the redo activity of the innermost loop that is not in its first round, one round before. Where that
    activity is itself in a loop inside (a handover makes such a circle), its first round in there has decided.
    """
    numbers = dict(plan.passes[number].numbers)
    again = [loop for loop, round_ in plan.passes[number].numbers if round_ > 0]
    if not again:
        return -1
    numbers[again[-1]] -= 1
    sender = plan.activities[plan.loops[again[-1]].activity]
    return sender.first_pass + sum(numbers.get(loop, 0) * stride for loop, stride in sender.strides)


def redo_probability(plan: Plan, step: PassPlan) -> float:
    """Chance that a pass of a redo activity is followed by another, 0 for other activities and for the last pass allowed."""
    activity = plan.activities[step.activity]
    if activity.redo < 0:
        return 0.0
    loop = plan.loops[activity.redo]
    return loop.probability if dict(step.numbers)[loop.index] < loop.at_most else 0.0


def depth_of(number: int, parents: Sequence[int]) -> int:
    """How many redos lead to a pass."""
    return 0 if parents[number] < 0 else 1 + depth_of(parents[number], parents)


class UnitPacker:
    """Collects the passes that can happen."""

    def __init__(self, plan: Plan, cases: Cases, names: Names, sums: CommonSums) -> None:
        self.plan, self.cases, self.names, self.sums = plan, cases, names, sums
        self.parents = [parent_of(plan, p) for p in range(len(plan.passes))]
        self.redo = [redo_probability(plan, step) for step in plan.passes]
        self.scored = {(w.here, w.office) for w in under_way(plan)}
        self.depth = [depth_of(p, self.parents) for p in range(len(plan.passes))]
        passes = sorted(range(len(plan.passes)), key=self.depth.__getitem__)
        # Pass by pass, and office by office within each, so that offices share a table while it is near.
        self.units = [(p, office) for p in passes for office in plan.offices if self.possible(p, office)]
        self.activities = [plan.activities[plan.passes[p].activity] for p, _ in self.units]

    def pack(self) -> Units:
        """The arrays."""
        width, redo = len(self.plan.passes), np.array([self.chance_of_redo(p, o) for p, o in self.units], np.float64)
        placed = [(o.index, a.index) for (_, o), a in zip(self.units, self.activities, strict=True)]
        scored = np.array([(p, o.index) in self.scored for p, o in self.units], np.bool_)
        known = np.array([p in o.facts for p, o in self.units], np.bool_)
        over = np.array([p in o.facts and o.facts[p].finish >= 0 for p, o in self.units], np.bool_)
        sums = index_of(self.sums.number(o, a) for o, a in placed)
        chance = np.array([a.probability for a in self.activities], np.float64)
        return Units(
            level=self.levels(range(len(self.units))),
            cell=index_of(o.index * width + p for p, o in self.units),
            parent=index_of(o.index * width + max(self.parents[p], 0) for p, o in self.units),
            base=np.where(scored, len(self.cases.happens), index_of(self.cases.base[place] for place in placed)).astype(np.uint32),
            profile=np.where(scored, len(self.cases.first) - 1, index_of(self.cases.profile[place] for place in placed)).astype(np.uint32),
            scale=np.where(scored, 1.0, np.array([self.plan.passes[p].scale for p, _ in self.units], np.float64)),
            common=sums,
            own=np.array(self.sums.own(), np.float64)[sums],
            happens=Chance(self.duties("happens", (chance < 1) & ~known), chance),
            redo=Chance(self.duties("redo", redo > 0), redo),
            work=self.duties("duration", np.array([a.kind is Kind.WORK for a in self.activities], np.bool_) & ~over),
        )

    def duties(self, what: str, needed: Iterable[bool]) -> Duties:
        """The units for which something is drawn, with the streams of that."""
        units = [unit for unit, need in enumerate(needed) if need]
        return Duties(index_of(units), index_of(self.stream(*self.units[unit], what) for unit in units), self.levels(units))

    def levels(self, units: Iterable[int]) -> Index:
        """Where each level begins in a list of units."""
        counts = np.bincount([self.depth[self.units[u][0]] for u in units], minlength=max(self.depth) + 1)
        return first_of(counts)

    def possible(self, number: int, office: OfficePlan) -> bool:
        """Whether a pass can happen at all: not done before, not sent away by a certain attribute, and somebody may lead to it."""
        activity = self.plan.activities[self.plan.passes[number].activity]
        parent = self.parents[number]
        if number in office.absent or (number in office.facts and not office.facts[number].happens):
            return False
        if activity.probability == 0 or (office.done[activity.index] if parent < 0 else self.chance_of_redo(parent, office) == 0):
            return False
        base = self.cases.base[office.index, activity.index]
        return bool(self.cases.happens[base]) or not self.cases.always_same(office.index, activity.index)

    def chance_of_redo(self, number: int, office: OfficePlan) -> float:
        """Chance that a pass is followed by another; 0 or 1 where that is known."""
        return float(office.again.get(number, self.redo[number]))

    def stream(self, number: int, office: OfficePlan, what: str) -> int:
        """Stream of a pass."""
        step = self.plan.passes[number]
        activity: ActivityPlan = self.plan.activities[step.activity]
        return self.names.number(pass_stream(office.id, activity.id, what, step.label))


def certain_codes(plan: Plan) -> Codes:
    """Codes of all variables, shape ``(offices, variables)``; those that are drawn have the most likely one."""
    return np.array([office.codes for office in plan.offices], np.int16).reshape(len(plan.offices), len(plan.variables))


def _table(rows: list[list[float]]) -> Real:
    """Rows of different lengths as one array; what is missing is never reached."""
    width = max(map(len, rows), default=1)
    return np.array([row + [NEVER] * (width - len(row)) for row in rows], np.float64).reshape(-1, width)
