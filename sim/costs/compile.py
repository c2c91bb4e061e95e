"""Scenario → :class:`~sim.costs.model.CostPlan`: what costs how much, when, and what it is measured against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from sim.costs.accrue import Costs, accrue
from sim.costs.fold import Folder
from sim.costs.grid import compile_prices, make_grid
from sim.costs.layout import AT, OVER, YEARLY, Packed, Real
from sim.costs.model import FINANCING, CostPlan, Group, Reference
from sim.costs.pack import ItemPacker
from sim.costs.sampler import neutral
from sim.plan import OfficePlan, Plan
from sim.sampling import Draws, Sampler, median_draws, medians_given
from sim.sampling.cases import uncertain_variables
from sim.scenario.build import build_distribution
from sim.timeline import Field, Timeline

Engine = Callable[[Plan, Draws], Timeline]
"""What simulates a block."""

UNDELAYED = 100
"""Undelayed futures behind the plan's money when types or branches are uncertain: replications 0 to 99."""


def compile_costs(plan: Plan, simulate: Engine, sampler: Sampler | None = None) -> CostPlan:
    """Compile the money of a scenario.

    Parameters
    ----------
    plan
        The compiled scenario.
    simulate
        The engine. It runs a handful of deterministic futures: one for each office type, to know how long the spans of
        stretching items are in the plan, and the undelayed futures that results are measured against.
    sampler
        The plan's sampler, when there is one already.

    Returns
    -------
    CostPlan

    Notes
    -----
    Operation goes on for ever, so money must end somewhere: with the last day of the year after the last target or the last planned
    opening, or of the last budget year, whichever is latest.
    """
    as_planned = without_facts(plan)
    central = median_draws(as_planned)
    timeline = simulate(as_planned, central)
    status = plan.scenario.scenario.status_date
    grid = make_grid(plan.start, _last_year(plan, timeline), plan.last, status)
    time = grid.arrays()
    packer = ItemPacker(plan)
    items = packer.pack()
    index_laws = [packer.law(build_distribution(p.uncertainty)) if p.uncertainty else -1 for p in plan.scenario.price_index.values()]
    budgets, accounts = packer.pack_budgets(grid), packer.pack_accounts()
    packed = Packed(
        time=time,
        prices=compile_prices(plan.scenario.price_index, grid, time),
        moments=packer.moments.pack(),
        filters=packer.filters.pack(),
        items=items,
        unit=packer.unit_table(),
        amounts=packer.amounts()[..., np.newaxis],
        accounts=accounts,
        budgets=budgets,
        type_variable=plan.type_variable,
    )
    bare = CostPlan(
        plan=plan,
        as_planned=as_planned,
        grid=grid,
        items=tuple(plan.scenario.costs),
        budgets=tuple(plan.scenario.budgets),
        groups=_groups(plan),
        units=tuple(packer.units),
        laws=tuple(packer.laws),
        index_laws=tuple(index_laws),
        packed=packed,
    )
    planned = replace(bare, packed=packed._replace(amounts=_with_plan(bare, simulate, central)))
    return replace(planned, reference=_reference(planned, simulate, sampler, central))


def without_facts(plan: Plan) -> Plan:
    """The plan as if nothing were known on the status date (but for the types and branches that are certain by it)."""
    nothing: dict[str, Any] = {"facts": {}, "absent": frozenset(), "again": {}}
    starts = (plan.day(o.start) if o.start else 0 for o in plan.scenario.offices.values())
    offices = [replace(o, start=day, enters=day, **nothing) for o, day in zip(plan.offices, starts, strict=True)]
    return replace(plan, offices=tuple(offices), status_day=0)


def _last_year(plan: Plan, timeline: Timeline) -> int:
    scenario = plan.scenario
    planned = plan.date(int(timeline.opening(plan).max()))
    after = [target.by.year for target in scenario.targets.values()] + [planned.year]
    return max(max(after) + 1, *(int(year) for budget in scenario.budgets.values() for year in budget.years), plan.start.year)


def _groups(plan: Plan) -> tuple[Group, ...]:
    scenario = plan.scenario
    rounds = sorted({o.round for o in scenario.offices.values() if o.round is not None})
    return (
        Group("programme"),
        *(Group(f"round:{r}") for r in rounds),
        *(Group(f"type:{t}") for t in scenario.office_types),
        *(Group("programme", financing=f) for f in FINANCING),
        *(Group("programme", id_, item.financing) for id_, item in scenario.costs.items()),
        *(Group(f"office:{id_}") for id_ in scenario.offices),
    )


def _with_plan(costs: CostPlan, simulate: Engine, central: Draws) -> Real:
    """Amounts with what the items measure and cost in the deterministic plan, of each office as each type that it may have."""
    plan, items, amount = costs.as_planned, costs.packed.items, costs.packed.amounts[..., 0]
    types = len(costs.types)
    codes = np.repeat(central.codes, types + 1, axis=0)
    for office, drawn in zip(plan.offices, uncertain_variables(plan), strict=True):
        if plan.type_variable in drawn:
            codes[:types, office.index, plan.type_variable] = np.arange(types)
    draws = medians_given(plan, replace(central, codes=codes))
    lengths, arises = _lengths(costs, simulate(plan, draws))
    if any(any(office.done) for office in plan.offices):
        amount = np.rint(amount * _shares_left(costs, simulate, draws, lengths))
    ends, yearly = items["ends"] == 1, items["kind"] == YEARLY
    timed = ends & (yearly | (items["stretches"] == 1))
    measure = _by_type(plan, np.where(timed, lengths, 0.0))
    planned = np.rint(amount * _by_type(plan, np.where(ends, arises * np.where(yearly, lengths, 1.0), 0.0)))
    return np.ascontiguousarray(np.stack([amount, measure, planned], axis=-1))


def _by_type(plan: Plan, values: Real) -> Real:
    """From futures (one for each type, then the likeliest) × offices × items to offices × items × types, likeliest where certain."""
    table = np.moveaxis(values, 0, -1).copy()
    for office, drawn in zip(plan.offices, uncertain_variables(plan), strict=True):
        if plan.type_variable not in drawn:
            table[office.index] = table[office.index, :, -1:]
    return table


def _lengths(costs: CostPlan, timeline: Timeline) -> tuple[Real, Real]:
    """Length of each item (days of spans, calendar years of yearly items) and whether it arises, shape (futures, offices, items)."""
    moments, items, time = costs.packed.moments, costs.packed.items, costs.packed.time
    days, known = [], []
    for e, first in enumerate(moments.first_pass):
        passes = slice(first, first + moments.passes[e])
        days.append(timeline.finish[:, :, passes].max(axis=2) if moments.field[e] == Field.FINISH else timeline.start[:, :, first])
        known.append(timeline.happens[:, :, passes].any(axis=2))
    days.append(np.zeros(timeline.happens.shape[:2], np.int32))  # what runs on for ever has no length
    lengths, arises = [], []
    for kind, first, last in zip(items["kind"], items["first"], items["last"], strict=True):
        begin = np.maximum(days[first], 0)
        end = np.maximum(days[last], begin)
        lengths.append((end - begin).astype(np.float64) if kind == OVER else time.year_at[end] - time.year_at[begin])
        arises.append(known[first] | (moments.done[:, first] if kind != AT else False))
    shape = (timeline.replications, len(costs.plan.offices), len(items))
    return _stacked(lengths, shape), _stacked(arises, shape)


def _stacked(columns: list[Real], shape: tuple[int, int, int]) -> Real:
    return np.stack(columns, axis=2).astype(np.float64) if columns else np.zeros(shape)


def _shares_left(costs: CostPlan, simulate: Engine, draws: Draws, lengths: Real) -> Real:
    """What is left to pay of spans that began before the office entered: as the planned rest of the span stands to the whole of it.

    The whole is that of the same office had it begun from the start. What lay before the entry is past and paid.
    """
    plan, items, moments = costs.as_planned, costs.packed.items, costs.packed.moments
    offices: tuple[OfficePlan, ...] = tuple(replace(o, done=(False,) * len(o.done), held=()) for o in plan.offices)
    fresh = replace(plan, offices=offices)
    whole, _ = _lengths(costs, simulate(fresh, medians_given(fresh, draws)))
    share = np.divide(lengths, whole, out=np.ones_like(whole), where=whole > 0)
    begun = moments.done[:, items["first"]] & (items["kind"] == OVER)
    return _by_type(plan, np.where(begun, np.minimum(share, 1.0), 1.0))


def _reference(costs: CostPlan, simulate: Engine, sampler: Sampler | None, central: Draws) -> Reference:
    """Means over undelayed futures."""
    plan = costs.as_planned
    draws = central
    if any(uncertain_variables(plan)):
        draws = medians_given(plan, (sampler or Sampler(costs.plan)).draw(0, UNDELAYED))
    timeline = simulate(plan, draws)
    undelayed: Costs = accrue(costs, draws, timeline, neutral(costs, draws.replications))
    once = undelayed.joint_once[:, :, 1]
    return Reference(Folder(costs).rows(undelayed).mean(axis=0), once.mean(axis=0), undelayed.last_opening.mean(axis=0))
