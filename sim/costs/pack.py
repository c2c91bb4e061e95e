"""Items, moments, accounts and budgets as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sim.costs.filters import FilterPacker
from sim.costs.grid import Grid
from sim.costs.layout import APPROPRIATION, AT, COST, DEBT, ITEM, LOAN, OVER, YEARLY, Accounts, Budgets, Int, Moments, Real
from sim.costs.model import FINANCING, Unit
from sim.distributions import Distribution
from sim.plan import ActivityPlan, OfficePlan, Plan
from sim.scenario.build import build_distribution
from sim.scenario.schema import CostItem, OfficeType
from sim.timeline import Field

ORE = 100
"""Öre in a krona."""

KINDS = {"cost": COST, "appropriation": APPROPRIATION, "loan": LOAN}


def to_ore(kronor: float, share: float = 1.0) -> int:
    """A share of an amount in whole öre, by the decimals as they were written.

    >>> to_ore(1_550_000.0, 0.17)
    26350000
    """
    return round(Fraction(repr(kronor)) * Fraction(repr(share)) * ORE)


def moments_of(item: CostItem) -> list[str]:
    """Events at which an item begins and ends; what is due at once has one of them twice, what runs on for ever has no second."""
    if item.over is not None:
        return [item.over.from_, item.over.until]
    if item.at is not None:
        return [item.at, item.at]
    assert item.per_year_from is not None  # one of the three, see the checks
    return [item.per_year_from, item.until] if item.until else [item.per_year_from]


class MomentPacker:
    """Numbers the events that items ask for."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.index: dict[str, int] = {}

    def number(self, event: str) -> int:
        """Number of an event; a new one is added."""
        return self.index.setdefault(event, len(self.index))

    def pack(self) -> Moments:
        """All events as arrays."""
        parts = [event.rsplit(".", 1) for event in self.index]
        activities = [self.plan.activities[self.plan.activity_index[id_]] for id_, _ in parts]
        return Moments(
            first_pass=np.array([a.first_pass for a in activities], np.uint32),
            passes=np.array([a.pass_count for a in activities], np.uint32),
            field=np.array([Field[end.upper()] for _, end in parts], np.uint32),
            repeated=np.array([e for e, a in enumerate(activities) if a.pass_count > 1], np.uint32),
            done=np.array([[lies_behind(o, a) for a in activities] for o in self.plan.offices], np.bool_).reshape(-1, len(activities)),
        )


def lies_behind(office: OfficePlan, activity: ActivityPlan) -> bool:
    """Whether an activity is done, with nothing known of when: before the office entered, or by what else is known on the status date."""
    passes = range(activity.first_pass, activity.first_pass + activity.pass_count)
    return office.done[activity.index] or any(here in office.facts and not office.facts[here].happens for here in passes)


class ItemPacker:
    """Collects items, their accounts and their own uncertainty."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.scenario = plan.scenario
        self.costs = list(plan.scenario.costs.items())
        self.moments = MomentPacker(plan)
        self.filters = FilterPacker(plan)
        self.laws: dict[Distribution, int] = {}
        self.units: list[Unit] = []
        self.accounts: dict[tuple[int, int, int], int] = {}
        self.lists: dict[tuple[int, ...], int] = {}

    def pack(self) -> NDArray[np.void]:
        """All items as records."""
        indices = list(self.scenario.price_index)
        result = np.zeros(len(self.costs), ITEM)
        moments = [[self.moments.number(event) for event in moments_of(item)] for _, item in self.costs]
        for record, (first, *last), (id_, item) in zip(result, moments, self.costs, strict=True):
            accounts = tuple(self.accounts_of(id_, item))
            record["kind"] = AT if item.at else OVER if item.over else YEARLY
            record["first"], record["last"] = first, last[0] if last else len(self.moments.index)
            record["price_index"] = indices.index(item.price_index) if item.price_index else len(indices)
            record["filter"] = self.filters.number(item.offices)
            record["account_list"] = self.lists.setdefault(accounts, len(self.lists))
            record["stretches"] = item.stretches
            record["ends"] = item.per_year_from is None or item.until is not None
        return result

    def amounts(self) -> Real:
        """Öre by office, item and type code; the last place stands for an office without a type."""
        types = self.scenario.office_types
        rows = [[to_ore(*_amount(item, self.scenario.office_types, t)) for t in (*types, None)] for _, item in self.costs]
        table = np.array(rows, np.float64).reshape(len(self.costs), len(types) + 1)
        return np.repeat(table[np.newaxis], len(self.plan.offices), axis=0)

    def unit_table(self) -> Int:
        """Column of the own uncertainty of each office and item."""
        table = np.full((len(self.plan.offices), len(self.costs)), -1, np.int32)
        for i, (id_, item) in enumerate(self.costs):
            if item.uncertainty is not None:
                law = self.law(build_distribution(item.uncertainty))
                for office in self.plan.offices:
                    table[office.index, i] = len(self.units)
                    self.units.append(Unit(office.index, i, f"{office.id}/{id_}/cost", law, item.correlation))
        return table

    def law(self, law: Distribution) -> int:
        """Index of a distribution; equal ones share a table."""
        return self.laws.setdefault(law, len(self.laws))

    def accounts_of(self, id_: str, item: CostItem) -> list[int]:
        """Accounts that an item is entered in: one for each budget that counts it, and the debt if a loan pays it."""
        life = max(round(12 * item.depreciation_years), 1) if item.financing == FINANCING[1] and item.depreciation_years else 0
        result = []
        for b, budget in enumerate(self.scenario.budgets.values()):
            counted = (not budget.items or id_ in budget.items) and (budget.kind != "loan" or life)
            if counted:
                result.append(self.account(b, self.filters.number(budget.offices), 0 if budget.kind == "cost" else life))
        if life:
            result.append(self.account(len(self.scenario.budgets), self.filters.number({}), life))
        return result

    def account(self, budget: int, wanted: int, life: int) -> int:
        """Number of an account; a new one is added."""
        return self.accounts.setdefault((budget, wanted, life), len(self.accounts))

    def pack_accounts(self) -> Accounts:
        """All accounts."""
        columns = np.array(list(self.accounts), np.int32).reshape(-1, 3)
        budget, wanted, life = (np.ascontiguousarray(column) for column in columns.T)
        first = np.cumsum([0, *map(len, self.lists)], dtype=np.uint32)
        entered = np.array([a for accounts in self.lists for a in accounts], np.uint32)
        return Accounts(first, entered, wanted.astype(np.uint32), budget, life)

    def pack_budgets(self, grid: Grid) -> Budgets:
        """All frames, and the debt of the programme month by month."""
        budgets = list(self.scenario.budgets.values())
        ends = [[(int(year) - grid.start.year + 1) * 12 - grid.start.month for year in b.years] for b in budgets]
        months = [*ends, list(range(grid.months))]
        return Budgets(
            kind=np.array([*(KINDS[b.kind] for b in budgets), DEBT], np.int32),
            interest=np.array([*(b.interest for b in budgets), 0.0]),
            first=np.cumsum([0, *map(len, months)], dtype=np.int32),
            month=np.array([m for of_budget in months for m in of_budget], np.int32),
        )


def _amount(item: CostItem, types: Mapping[str, OfficeType], type_: str | None) -> tuple[float, float]:
    """Kronor for an office of a type, and the share of them."""
    if item.amount is not None:
        return item.amount, 1.0
    if type_ is None:
        return 0.0, 1.0
    if item.share is not None:
        return getattr(types[type_], item.share_of) or 0.0, item.share
    return item.by_type.get(type_, 0.0), 1.0
