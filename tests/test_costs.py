"""Accrual: closed forms by hand, exact sums, prices, and who pays when."""

from __future__ import annotations

import datetime as dt
import pickle
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from costing import KRONA, TYPES, Money, scenario
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.costs import CostSampler, CostTally, accrue, compile_costs, neutral
from sim.costs.fold import Folder
from sim.costs.grid import make_grid, price_levels
from sim.costs.layout import DAYS
from sim.costs.pack import to_ore
from sim.scenario.schema import PriceIndex

NORMAL = {"normal": {"mean": 1, "sd": 0.1}}
SPAN = {"from": "work.start", "until": "work.finish"}


# --- closed forms ---


def test_a_span_is_spread_evenly_over_its_days() -> None:
    """1 January + 90 days: 31, 28 and 31 days of 90 000 kronor."""
    money = Money(scenario({"wages": {"over": SPAN, "amount": 90_000}}, activities={"work": {"duration": {"fixed": 90}}}))
    assert money.kronor("wages") == [31_000, 28_000, 31_000]


def test_a_span_over_a_uniform_time_costs_the_same_whenever_it_ends() -> None:
    """T ~ U(10, 20) days from 25 January: 7 days lie in January, so its share is 7 / T; E[7 / T] over the whole days drawn."""
    work = {"wait": {"duration": {"fixed": 24}}, "work": {"duration": {"uniform": [10, 20]}, "after": ["wait"]}}
    money = Money(scenario({"wages": {"over": SPAN, "amount": 1000}}, activities=work), 4000)
    days = (money.timeline.finish[:, 0, 1] - money.timeline.start[:, 0, 1]).astype(np.int64)
    item = money.accrue().item[:, 0]
    assert np.array_equal(item[:, 0], 1000 * KRONA * 7 // days)
    assert (item.sum(axis=1) == 1000 * KRONA).all()
    probabilities = np.array([0.5, *[1.0] * 9, 0.5]) / 10  # rounding gives the ends half a day
    assert item[:, 0].mean() == pytest.approx(1000 * KRONA * float(np.sum(probabilities * 7 / np.arange(10, 21))), rel=0.01)


def test_a_stretching_span_is_a_burn_rate_times_its_length() -> None:
    """Fixed 500 + 100 a day: planned 15 days (the median), so 1 500 stretch in proportion to T."""
    costs = {"fixed": {"at": "work.start", "amount": 500}, "wages": {"over": SPAN, "amount": 1500, "stretches": True}}
    money = Money(scenario(costs, activities={"work": {"duration": {"uniform": [10, 20]}}}), 500)
    days = money.timeline.finish[:, 0, 0].astype(np.int64)
    assert np.array_equal(money.accrue().total, (500 + 100 * days) * KRONA)
    assert len(set(days)) > 5


def test_an_item_at_an_event_with_two_dates() -> None:
    work = {"work": {"duration": {"discrete": {"values": [20, 40], "weights": [0.25, 0.75]}}}}
    money = Money(scenario({"sign": {"at": "work.finish", "amount": 80}}, activities=work), 4000)
    months = money.accrue().item[:, 0] / KRONA
    assert set(map(tuple, months[:, :2])) == {(80, 0), (0, 80)}
    assert months[:, 0].mean() == pytest.approx(20, abs=3 * 80 * np.sqrt(0.25 * 0.75 / 4000))


def test_a_year_costs_a_year_whether_it_is_a_leap_year_or_not() -> None:
    """From 1 January 2023; the horizon is the end of 2025 by the budget."""
    costs = {"operation": {"per_year_from": "work.finish", "amount": 3_650_001}}
    spec = scenario(costs, start="2022-12-01", activities={"work": {"duration": {"fixed": 31}}}, budgets={"b": {"years": {"2025": 0}}})
    money = Money(spec)
    months = money.accrue().item[0, 0]
    by_year = [int(months[1 + 12 * y : 13 + 12 * y].sum()) for y in range(3)]
    assert by_year == [3_650_001 * KRONA] * 3
    feb_2023, feb_2024 = int(months[2]), int(months[14])
    per_day = 3_650_001 * KRONA
    assert feb_2023 == per_day * 59 // 365 - per_day * 31 // 365
    assert feb_2024 == per_day * 60 // 366 - per_day * 31 // 366


def test_part_of_a_year_goes_by_days() -> None:
    """10 to 31 January of an ordinary year are 22 of 365 days."""
    costs = {"rent": {"per_year_from": "work.start", "until": "work.finish", "amount": 365_000}}
    work = {"wait": {"duration": {"fixed": 9}}, "work": {"duration": {"fixed": 22}, "after": ["wait"]}}
    assert Money(scenario(costs, activities=work)).kronor("rent") == [22_000]


@given(
    start=st.dates(dt.date(2019, 1, 1), dt.date(2025, 12, 31)),
    wait=st.integers(0, 800),
    work=st.integers(1, 1000),
    amount=st.integers(1, 11 * 10**9),
    even=st.booleans(),
)
def test_every_month_is_exact_up_to_eleven_milliards(start: dt.date, wait: int, work: int, amount: int, even: bool) -> None:
    """By whole numbers: what has come to the end of a month, less what had come to its beginning, each rounded down to öre.

    Where a day costs whole öre, the least error would lose one.
    """
    span = max(amount // work, 1) * work if even else amount
    yearly = max(amount // (365 * 366), 1) * 365 * 366 if even else amount
    costs = {
        "span": {"over": SPAN, "amount": span},
        "year": {"per_year_from": "work.start", "until": "work.finish", "amount": yearly},
    }
    activities = {"wait": {"duration": {"fixed": wait}}, "work": {"duration": {"fixed": work}, "after": ["wait"]}}
    money = Money(scenario(costs, activities=activities, start=start.isoformat()))
    begin, end = start + dt.timedelta(days=wait), start + dt.timedelta(days=wait + work)

    def of_span(day: dt.date) -> int:
        return span * KRONA * (day - begin).days // work

    def of_year(day: dt.date) -> int:
        new_year = dt.date(day.year, 1, 1)
        length = (dt.date(day.year + 1, 1, 1) - new_year).days
        return yearly * KRONA * (day.year - start.year) + yearly * KRONA * (day - new_year).days // length

    months = money.accrue().item[0]
    first = [dt.date(start.year + m // 12, m % 12 + 1, 1) for m in range(start.month - 1, start.month + months.shape[1])]
    for row, so_far in zip(months, (of_span, of_year), strict=True):
        sums = [so_far(min(max(day, begin), end)) for day in first]
        assert row.tolist() == [after - before for before, after in pairwise(sums)]


def test_an_empty_span_costs_its_whole_on_that_day_and_an_empty_year_nothing() -> None:
    costs = {"a": {"over": SPAN, "amount": 7}, "b": {"per_year_from": "work.start", "until": "work.finish", "amount": 7}}
    block = Money(scenario(costs, activities={"work": {"duration": {"fixed": 0}}})).accrue()
    assert block.item.sum(axis=2).tolist() == [[700, 0]]


# --- which offices, which types, what happens ---


def test_zero_variance_gives_the_budgets_exactly() -> None:
    """Shares of 1 in all of a small and a large office: 1 550 000 + 3 850 000, stretching items too."""
    costs = {
        "wages": {"over": SPAN, "share": 0.37, "stretches": True},
        "furniture": {"at": "work.finish", "share": 0.33, "financing": "loan", "depreciation_years": 5},
        "it": {"at": "work.start", "share": 0.3},
        "operation": {"per_year_from": "work.finish", "share": 1.0, "share_of": "operating_cost"},
    }
    work = {"work": {"duration": {"fixed": 100}, "uses": {"crew": 1}}}
    offices = {"boden": {"type": "small", "round": 1}, "are": {"type": "large", "round": 1}}
    spec = scenario(costs, activities=work, offices=offices, office_types=TYPES, resources={"crew": {"capacity": 1}}, start="2021-03-05")
    money = Money(spec)
    block = money.accrue()
    assert block.once[0, :, 0].tolist() == [155_000_000, 385_000_000]
    assert block.once[0, :, 2].tolist() == [0, 0]
    assert np.array_equal(block.once[0, :, 3], block.once[0, :, 1])
    assert block.years[0, 2 + 3].tolist()[1] == 320_000_000 + 1_530_000_000  # all of 2022
    assert money.costs.planned.once.tolist() == [540_000_000, 540_000_000]


def test_the_amount_is_that_of_the_type_drawn() -> None:
    costs = {
        "a": {"at": "work.finish", "by_type": {"small": 10, "large": 70}},
        "b": {"at": "work.finish", "amount": 1, "offices": {"type": "large"}},
    }
    spec = scenario(costs, offices={"boden": {"type": {"small": 0.5, "large": 0.5}}}, office_types=TYPES)
    money = Money(spec, 200)
    large = money.draws.codes[:, 0, money.plan.type_variable] == 1
    assert 0 < large.sum() < 200
    assert np.array_equal(money.accrue().total, np.where(large, 71, 10) * KRONA)


def test_what_does_not_happen_costs_nothing() -> None:
    work = {
        "fibre": {"duration": {"fixed": 5}, "probability": 0.4},
        "work": {"duration": {"fixed": 5}, "after": ["fibre"]},
    }
    costs = {
        "at": {"at": "fibre.finish", "amount": 10},
        "over": {"over": {"from": "fibre.start", "until": "work.finish"}, "amount": 100},
        "yearly": {"per_year_from": "fibre.start", "until": "work.finish", "amount": 365_000},
    }
    money = Money(scenario(costs, activities=work), 300)
    happens = money.timeline.took_place(money.plan, 0)[:, 0]
    assert 0 < happens.sum() < 300
    assert np.array_equal(money.accrue().item.sum(axis=2), np.outer(happens, [1_000, 10_000, 1_000_000]))


def test_what_the_plan_does_not_hold_stretches_nothing_and_is_not_due_to_time() -> None:
    """Fibre is not in the deterministic plan: its span has no planned length, and what it costs is scope."""
    work = {"fibre": {"duration": {"fixed": 5}, "probability": 0.4}, "work": {"duration": {"fixed": 5}, "after": ["fibre"]}}
    costs = {
        "dig": {"over": {"from": "fibre.start", "until": "fibre.finish"}, "amount": 100, "stretches": True},
        "box": {"at": "fibre.finish", "amount": 10},
    }
    money = Money(scenario(costs, activities=work), 100)
    happens = money.timeline.took_place(money.plan, 0)[:, 0]
    assert np.array_equal(money.accrue().once[:, 0], np.outer(happens, [11_000, 11_000, 0, 0]))


def test_an_item_counts_the_last_pass_of_a_redo() -> None:
    work = {
        "search": {"duration": {"fixed": 10}},
        "work": {"duration": {"fixed": 5}, "after": ["search"], "redo": {"probability": 1.0, "back_to": "search", "at_most": 1}},
    }
    costs = {"a": {"over": {"from": "search.start", "until": "work.finish"}, "amount": 300, "stretches": True}}
    money = Money(scenario(costs, activities=work))
    assert money.timeline.opening(money.plan)[0, 0] == 30
    assert money.accrue().total.tolist() == [60_000]


def test_an_office_that_enters_on_the_way_has_paid_for_what_lies_behind() -> None:
    """30 + 10 days; it enters at the work, so a quarter of the span is left, the event is past, and the rent runs from the first day."""
    work = {"search": {"duration": {"fixed": 30}}, "work": {"duration": {"fixed": 10}, "after": ["search"]}}
    whole = {"from": "search.start", "until": "work.finish"}
    costs = {
        "lease": {"at": "search.finish", "amount": 999},
        "wages": {"over": whole, "amount": 400},
        "burn": {"over": whole, "amount": 400, "stretches": True},
        "rent": {"per_year_from": "search.finish", "until": "work.finish", "amount": 36_500},
    }
    money = Money(scenario(costs, activities=work, offices={"boden": {"enters_at": ["work"]}, "are": {}}))
    by_item = money.accrue().item[0].sum(axis=1) / KRONA
    assert by_item.tolist() == [999, 400 + 100, 400 + 100, 1000 + 1000]


def test_what_lay_behind_and_is_done_again_costs_what_it_costs_when_it_is_done() -> None:
    """As above, and the work sends back to the search: 10 days, then 30 and 10."""
    work = {
        "search": {"duration": {"fixed": 30}},
        "work": {"duration": {"fixed": 10}, "after": ["search"], "redo": {"probability": 1.0, "back_to": "search", "at_most": 1}},
    }
    costs = {"lease": {"at": "search.finish", "amount": 999}}
    money = Money(scenario(costs, activities=work, offices={"boden": {"enters_at": ["work"]}}))
    assert money.timeline.opening(money.plan).tolist() == [[50]]
    assert money.kronor("lease") == [0, 999]


def test_an_until_before_the_beginning_costs_no_negative_sum() -> None:
    work = {"other": {"duration": {"fixed": 3}}, "work": {"duration": {"fixed": 9}}}
    costs = {
        "rent": {"per_year_from": "work.finish", "until": "other.finish", "amount": 1000},
        "wages": {"over": {"from": "work.finish", "until": "other.finish"}, "amount": 5},
    }
    assert Money(scenario(costs, activities=work)).accrue().item.sum(axis=2).tolist() == [[0, 500]]


# --- exact sums ---


def rich(seed: int) -> Money:
    """Two rounds, drawn types, indices, uncertain amounts, loans, frames and redo."""
    work = {
        "search": {"duration": {"lognormal": {"p10": 20, "p90": 200}}, "calendar": "any"},
        "fibre": {"duration": {"uniform": [1, 90]}, "probability": 0.5, "after": ["search"]},
        "work": {
            "duration": {"lognormal": {"p10": 30, "p90": 300}},
            "after": ["fibre"],
            "uses": {"crew": 1},
            "redo": {"probability": 0.3, "back_to": "search", "at_most": 2},
        },
    }
    costs = {
        "wages": {"over": {"from": "search.start", "until": "work.finish"}, "share": 0.3331, "stretches": True, "price_index": "pay"},
        "fibre": {"at": "fibre.finish", "amount": 12_345.67, "uncertainty": {"lognormal": {"median": 1, "sigma": 0.4}}, "correlation": 0.5},
        "it": {"at": "search.finish", "share": 0.2, "financing": "loan", "depreciation_years": 1.5, "price_index": "goods"},
        "rent": {"per_year_from": "search.finish", "until": "work.finish", "amount": 100_000, "price_index": "goods"},
        "operation": {"per_year_from": "work.finish", "share": 1.0, "share_of": "operating_cost", "uncertainty": NORMAL},
    }
    indices = {
        "pay": {"base": "2021-01-01", "yearly": 0.025},
        "goods": {"base": "2021-06-01", "points": {"2022-06-01": 1.1}, "uncertainty": {"uniform": [0, 2]}},
    }
    offices = {
        "are": {"type": {"small": 0.5, "large": 0.5}, "round": 1},
        "boden": {"type": "small", "round": 1},
        "lund": {"type": "large", "round": 2},
        "osby": {"type": {"small": 0.9, "large": 0.1}},
    }
    budgets = {
        "all": {"years": {"2021": 1_000_000, "2022": 9_000_000}},
        "grant": {"kind": "appropriation", "years": {"2022": 2_000_000}, "offices": {"round": 1}, "interest": 0.02},
        "loans": {"kind": "loan", "years": {"2021": 300_000, "2022": 900_000}, "offices": {"type": "large"}},
    }
    shared = {"correlation": {"programme": 0.2, "office": 0.2}, "resources": {"crew": {"capacity": 2}}}
    more = shared | {"price_index": indices, "budgets": budgets}
    info = {"seed": seed, "status_date": "2021-09-22"}
    spec = scenario(costs, activities=work, offices=offices, office_types=TYPES, start="2021-05-17", info=info, **more)
    return Money(spec, 60)


@pytest.fixture(scope="module")
def money() -> Money:
    return rich(1)


@settings(max_examples=20)
@given(seed=st.integers(0, 2**40))
def test_the_parts_add_up_to_the_ore_in_every_future(seed: int) -> None:
    money = rich(seed)
    costs, block = money.costs, money.accrue()
    folder = Folder(costs)
    rows, cells = folder.rows(block), folder.cells
    groups = {(g.label, g.item, g.financing): i for i, g in enumerate(costs.groups)}
    offices = sum(rows[:, cells.month(groups[f"office:{o.id}", "", ""])] for o in money.plan.offices)
    items = sum(rows[:, cells.month(groups["programme", id_, i.financing])] for id_, i in money.plan.scenario.costs.items())
    financing = sum(rows[:, cells.month(groups["programme", "", f])] for f in ("appropriation", "loan"))
    types = sum(rows[:, cells.month(groups[f"type:{t}", "", ""])] for t in costs.types)
    programme = rows[:, cells.month(0)]
    for parts in (offices, items, financing, types):
        assert np.array_equal(parts, programme)
    without_round = rows[:, cells.month(groups["office:osby", "", ""])]
    assert np.array_equal(rows[:, cells.month(1)] + rows[:, cells.month(2)] + without_round, programme)
    for g in range(len(costs.groups)):
        assert np.array_equal(np.cumsum(rows[:, cells.month(g)], axis=1), rows[:, cells.cumulative(g)])
        assert np.array_equal(rows[:, cells.year(g)].sum(axis=1), rows[:, cells.cumulative(g)][:, -1])
        assert np.array_equal(np.cumsum(rows[:, cells.year_fixed(g)], axis=1), rows[:, cells.cumulative_fixed(g)])
    for g in range(cells.main):
        assert np.array_equal(rows[:, cells.tertial(g)].sum(axis=1), rows[:, cells.year(g)].sum(axis=1))
        assert np.array_equal(rows[:, cells.known(g)] + rows[:, cells.left(g)], rows[:, cells.year(g)][:, 0])
    assert np.array_equal(rows[:, cells.year_fixed(0)].sum(axis=1), block.years[:, :4].sum(axis=(1, 2)))


def test_without_an_index_current_and_fixed_prices_are_the_same() -> None:
    costs = {"a": {"over": SPAN, "amount": 1000}, "b": {"per_year_from": "work.finish", "amount": 777.77}}
    block = Money(scenario(costs, activities={"work": {"duration": {"lognormal": {"p10": 20, "p90": 700}}}}), 100).accrue()
    assert np.array_equal(block.once[:, :, 0], block.once[:, :, 1])
    assert np.array_equal(block.office.sum(axis=(1, 2)), block.years[:, :1].sum(axis=(1, 2)))


def test_what_ends_is_counted_whole_beyond_the_last_month() -> None:
    """Also what begins there, on any day of a month."""
    work = {
        "work": {"duration": {"discrete": {"values": [10, 3010], "weights": [0.6, 0.4]}}},
        "move": {"duration": {"fixed": 45}, "after": ["work"]},
    }
    moving = {"from": "move.start", "until": "move.finish"}
    costs = {"a": {"over": SPAN, "amount": 1000}, "b": {"at": "work.finish", "amount": 50}, "c": {"over": moving, "amount": 700}}
    money = Money(scenario(costs, activities=work, info={"opening": "move"}), 50)
    late = money.timeline.opening(money.plan)[:, 0] == 3055
    block = money.accrue()
    assert 0 < late.sum() < 50
    assert (block.once[:, 0, 0] == 175_000).all()
    assert (block.total[late] < 105_000).all()
    assert (block.total[~late] == 175_000).all()


def test_what_falls_due_in_the_month_after_the_last_is_in_no_month() -> None:
    """Whatever day of any month it is: in its month, or if that is not reported in none, and never before a status day there is not."""
    costs = {"a": {"at": "work.finish", "amount": 7}}
    weights = {"values": list(range(20, 1200, 7)), "weights": [1 / 169] * 169}
    money = Money(scenario(costs, activities={"work": {"duration": {"discrete": weights}}}), 300)
    block, reported = money.accrue(), money.costs.grid.months
    month_of = money.costs.packed.time.month_of[money.timeline.opening(money.plan)[:, 0]]
    assert (month_of == reported).any()
    assert (month_of == reported - 1).any()
    assert np.array_equal(block.office[:, 0], 7 * KRONA * (month_of[:, np.newaxis] == np.arange(reported)))
    assert not block.months[:, :, -1].any()


# --- prices ---


def test_an_index_has_straight_lines_and_then_grows() -> None:
    index = PriceIndex(base=dt.date(2021, 7, 1), points={"2021-07-11": 1.10}, yearly=0.5)
    levels = price_levels(index, dt.date(2021, 6, 30), 12 + 365)
    assert levels[[0, 1, 2, 6, 11]] == pytest.approx([1.0, 1.0, 1.01, 1.05, 1.10])
    assert levels[376] == pytest.approx(1.10 * 1.5, abs=1e-9)


def test_an_event_has_the_price_of_its_day_and_a_span_those_of_its_months() -> None:
    """Level 1 + day / 100 from 1 January. The span is 31 days of January (mean day 15) and 28 of February (mean day 44.5)."""
    index = {"base": "2021-01-01", "points": {"2021-04-11": 2.0}}
    costs = {"a": {"at": "work.finish", "amount": 100, "price_index": "p"}, "b": {"over": SPAN, "amount": 5900, "price_index": "p"}}
    money = Money(scenario(costs, activities={"work": {"duration": {"fixed": 59}}}, price_index={"p": index}))
    assert money.kronor("a") == [0, 0, 159]
    assert money.kronor("b") == [3565, 4046]  # 3 100 at 1.15 and 2 800 at 1.445
    assert money.accrue().years[0, 1:, 0].tolist() == [10_000, 590_000]


def test_an_uncertain_index_scales_its_deviation() -> None:
    index = {"base": "2021-01-01", "yearly": 0.1, "uncertainty": {"uniform": [0, 2]}}
    at = {"at": "work.finish", "price_index": "p"}
    costs = {"a": {**at, "amount": 100_000}, "b": {**at, "amount": 50_000}}
    money = Money(scenario(costs, activities={"work": {"duration": {"fixed": 365}}}, price_index={"p": index}), 4000)
    item = money.accrue().item.sum(axis=2) / KRONA
    factor = money.chance.draw(money.draws).prices[:, 0]
    assert item[:, 0] == pytest.approx(100_000 * (1 + 0.1 * factor), abs=0.006)
    assert item[:, 0] == pytest.approx(2 * item[:, 1], abs=0.011)
    assert item[:, 0].mean() == pytest.approx(110_000, abs=4 * 10_000 * np.sqrt(1 / 3 / 4000))


# --- own uncertainty ---


def test_own_uncertainty_goes_with_the_office_as_configured() -> None:
    item = {"at": "work.finish", "amount": 100, "uncertainty": {"lognormal": {"median": 1, "sigma": 0.2}}}
    costs = {"a": {**item, "correlation": -0.6}, "b": item}
    money = Money(scenario(costs, offices={"boden": {}, "are": {}}, correlation={"programme": 0.1, "office": 0.3}), 6000)
    factor = np.log(money.chance.draw(money.draws).factor) / 0.2
    common = money.draws.factors @ np.array([0.1, 0.3, 0.0]) ** 0.5 / 0.4**0.5
    columns = [money.costs.units[u].stream for u in range(4)]
    assert columns == ["boden/a/cost", "are/a/cost", "boden/b/cost", "are/b/cost"]
    assert money.plan.factor_names == ("programme", "office:boden", "office:are")
    correlation = np.corrcoef(np.column_stack([factor, common]).T)
    tolerance = 4 / np.sqrt(6000)
    assert factor.std(axis=0) == pytest.approx(np.ones(4), abs=tolerance)
    assert correlation[0, 4] == pytest.approx(-0.6, abs=tolerance)
    assert correlation[1, 4] == pytest.approx(-0.6 * 0.25, abs=tolerance)  # by the programme's part alone
    assert correlation[2, 4] == pytest.approx(0, abs=tolerance)
    assert correlation[0, 2] == pytest.approx(0, abs=tolerance)


def test_a_draw_depends_on_its_name_and_replication_alone(money: Money) -> None:
    factor = money.chance.draw(money.draws).factor
    for rows in (slice(0, 7), slice(7, 60), slice(13, 14)):
        assert np.array_equal(money.chance.draw(money.draws.take(rows)).factor, factor[rows])
    spec = money.plan.scenario
    more = spec.model_copy(update={"costs": {"new": spec.costs["fibre"], **spec.costs}})
    other = Money(more, 60)
    by_name = {u.stream: c for c, u in enumerate(other.costs.units)}
    for column, unit in enumerate(money.costs.units):
        assert np.array_equal(other.chance.draw(other.draws).factor[:, by_name[unit.stream]], factor[:, column])


def test_neutral_money_has_no_chance(money: Money) -> None:
    drawn = neutral(money.costs, 3)
    assert (drawn.factor == 1).all()
    assert (drawn.prices == 1).all()
    assert drawn.factor.shape == (3, 8)


# --- blocks ---


def same(one: CostTally, other: CostTally) -> bool:
    equal = all(np.array_equal(a, b) for a, b in zip(one.histograms, other.histograms, strict=True))
    joint = np.array_equal(one.joint().cost, other.joint().cost) and np.array_equal(one.joint().day, other.joint().day)
    return equal and joint and np.array_equal(one.over, other.over) and one.excess == other.excess


@pytest.mark.parametrize("block", [1, 7, 59, 60])
def test_a_tally_does_not_depend_on_the_blocks(money: Money, block: int) -> None:
    one, other = money.tally(), money.tally(block)
    assert one.replications == other.replications == 60
    assert same(one, other)


def test_tallies_merge_in_any_order(money: Money) -> None:
    parts = []
    for first in (40, 0, 20):
        part = CostTally(money.costs)
        rows = slice(first, first + 20)
        timeline = type(money.timeline)(**{n: getattr(money.timeline, n)[rows] for n in type(money.timeline).__dataclass_fields__})
        part.add_block(money.chance, money.draws.take(rows), timeline)
        parts.append(part)
    whole = CostTally(money.costs)
    for part in parts:
        whole.merge(part)
    assert same(whole, money.tally())
    assert whole.means() == pytest.approx(Folder(money.costs).rows(money.accrue()).mean(axis=0), abs=0.01)


# --- the grid ---


def test_months_and_tertials_of_a_grid() -> None:
    grid = make_grid(dt.date(2021, 6, 17), 2022, 100)
    assert (grid.months, grid.month_names[0], grid.month_names[-1]) == (19, "2021-06", "2022-12")
    assert grid.tertials == [(2021, 2, 0, 2), (2021, 3, 3, 6), (2022, 1, 7, 10), (2022, 2, 11, 14), (2022, 3, 15, 18)]
    time = grid.arrays()
    assert time.scale[DAYS, :3].tolist() == [0, 14, 14 + 31]
    assert time.year_end.tolist() == [6, 18]
    assert time.scale[DAYS, 19] == (dt.date(2023, 1, 1) - grid.start).days


@pytest.mark.parametrize(("kronor", "share", "ore"), [(1.005, 1.0, 100), (2_875_000.0, 0.07, 20_125_000), (-3.5, 1.0, -350)])
def test_kronor_become_ore_by_their_decimals(kronor: float, share: float, ore: int) -> None:
    assert to_ore(kronor, share) == ore


# --- what is known ---


def test_facts_are_counted_on_their_days_and_measured_against_the_plan_without_them() -> None:
    """Planned 10 + 20 days; the search took 25, and the work has begun: the burn goes on by the day, the plan is as it was."""
    work = {"search": {"duration": {"fixed": 10}}, "work": {"duration": {"fixed": 20}, "after": ["search"]}}
    costs = {
        "burn": {"over": {"from": "search.start", "until": "work.finish"}, "amount": 300, "stretches": True},
        "lease": {"at": "search.finish", "amount": 70},
    }
    status = [
        {"office": "boden", "activity": "search", "started": "2021-01-01", "finished": "2021-01-26"},
        {"office": "boden", "activity": "work", "started": "2021-01-26"},
    ]
    money = Money(scenario(costs, activities=work, info={"status_date": "2021-02-01", "status": status}))
    block = money.accrue()
    assert money.timeline.opening(money.plan).tolist() == [[45]]
    assert block.once[0, 0].tolist() == [(450 + 70) * KRONA, (450 + 70) * KRONA, 150 * KRONA, 370 * KRONA]
    assert money.costs.planned.once.tolist() == [370 * KRONA]
    assert money.costs.planned.opening.tolist() == [30]
    assert block.months[0, 1:, 0].tolist() == [310 * KRONA, 70 * KRONA]


def test_of_the_status_month_what_lies_before_the_status_day_is_told_apart() -> None:
    """On 15 February: what has ended, what goes on, what begins on the 20th, and what has gone on since January; 100 kronor a day."""
    days = {"ended": 5, "goes_on": 20, "begins": 5, "long": 100}
    work: dict[str, Any] = {name: {"duration": {"fixed": length}} for name, length in days.items()}
    work["begins"]["not_before"] = "2021-02-20"
    spans = {name: {"from": f"{name}.start", "until": f"{name}.finish"} for name in work}
    costs = {name: {"over": span, "amount": 100 * days[name]} for name, span in spans.items()}
    costs |= {f"{name}_yearly": {"per_year_from": span["from"], "until": span["until"], "amount": 36_500} for name, span in spans.items()}
    status = [
        {"office": "boden", "activity": "ended", "started": "2021-02-03", "finished": "2021-02-08"},
        {"office": "boden", "activity": "goes_on", "started": "2021-02-11"},
        {"office": "boden", "activity": "long", "started": "2021-01-01"},
    ]
    facts = {"opening": "long", "status_date": "2021-02-15", "status": status}
    block = Money(scenario(costs, activities=work, info=facts)).accrue()
    february, before = block.months[0, 1:, 1] // KRONA, block.months[0, 1:, -1] // KRONA
    assert before.tolist() == [500, 400, 0, 1400] * 2
    assert february.tolist() == [500, 1800, 500, 2800] * 2


def test_what_is_known_only_to_lie_behind_is_paid() -> None:
    """Nothing is said of the search: its event is past; rent from it runs from the first day that is known."""
    work = {"search": {"duration": {"fixed": 10}}, "work": {"duration": {"fixed": 20}, "after": ["search"]}}
    costs = {
        "lease": {"at": "search.finish", "amount": 70},
        "rent": {"per_year_from": "search.finish", "until": "work.finish", "amount": 365},
    }
    status = [{"office": "boden", "activity": "work", "started": "2021-01-08"}]
    facts = {"status_date": "2021-01-09", "status": status}
    spec = scenario(costs, activities=work, info=facts, offices={"boden": {"enters_at": ["work"]}})
    assert Money(spec).accrue().item[0].sum(axis=1).tolist()[0] == 0
    assert Money(spec).accrue().item[0, 1].sum() > 0


# --- engines and workers ---


def test_both_engines_give_the_same_money(money: Money) -> None:
    from sim.engine.kernel import simulate as kernel

    costs = compile_costs(money.plan, kernel)
    timeline = kernel(money.plan, money.draws)
    fast = accrue(costs, money.draws, timeline, CostSampler(costs).draw(money.draws))
    slow = money.accrue()
    for name in ("months", "years", "once", "budget", "opening"):
        assert np.array_equal(getattr(fast, name), getattr(slow, name)), name
    assert np.array_equal(costs.planned.cells, money.costs.planned.cells)


def test_a_tally_can_be_sent_to_another_process(money: Money) -> None:
    tally = money.tally()
    sampler, copy = pickle.loads(pickle.dumps((money.chance, tally)))  # noqa: S301  # our own
    assert same(copy, tally)
    assert np.array_equal(sampler.draw(money.draws).factor, money.chance.draw(money.draws).factor)
    copy.merge(tally)
    assert copy.replications == 120
