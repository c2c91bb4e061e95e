"""One cause less in the same futures: gains by hand, none where nothing is touched, and intervals from the pairs."""

from __future__ import annotations

import tomllib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from programmes import Tables, attempt, plan_of, scenario_of
from random_programmes import plan_if_valid, programmes

from sim.analysis.delay import DelayTally, drivers
from sim.analysis.leave_one_out import (
    COLUMNS,
    LeaveOneOutTally,
    Prepared,
    driver_effects,
    gather,
    layer_shares,
    leave_one_out,
    paired,
    quantile_gains,
)
from sim.analysis.table import Table
from sim.analysis.variants import variants_of
from sim.engine import kernel
from sim.plan import compile_scenario
from sim.runner import Block
from sim.sampling import Sampler

NUMBERS = COLUMNS[4:13]

EVERYTHING = """
    [offices.a]
    target = 2022-01-23
    round = 1
    [offices.b]
    target = 2022-02-02
    round = 1
    [activities.work]
    actor = "us"
    calendar = "days"
    duration = { uniform = [2, 8] }
    redo = { probability = 0.5, back_to = "work" }
    [activities.build]
    actor = "them"
    calendar = "days"
    duration = 10
    after = ["work"]
    uses = { crews = 1, desks = 1 }
    [resources.crews]
    capacity = 1
    [resources.desks]
    capacity = 9
    [risks.strike]
    probability = 1
    activities = ["build"]
    delay = { fixed = 5 }
    scope = "programme"
    [risks.comet]
    probability = 1
    activities = ["build"]
    factor = 3
    scope = "office"
    window = [2024-01-01, 2024-12-31]
    [risks.rumour]
    probability = 0
    activities = ["build"]
    factor = 3
    scope = "office"
    [correlation]
    programme = 0.4
    [targets.both]
    by = 2022-02-02
    """
NEVER = """
    [targets.never]
    at_least = 3
    by = 2022-02-02
    """


@pytest.fixture(scope="module")
def tally() -> LeaveOneOutTally:
    return gather(plan_of(EVERYTHING), 400, workers=1)


@pytest.fixture(scope="module")
def table(tally: LeaveOneOutTally) -> Table:
    return leave_one_out(tally)


def row(table: Table, measure: str, of: str, kind: str, id_: str) -> dict[str, Any]:
    (found,) = table.where(measure=measure, of=of, kind=kind, id=id_).rows()
    return found


def test_what_touches_nothing_gains_exactly_nothing(table: Table) -> None:
    for kind, id_ in (("risk", "comet"), ("risk", "rumour"), ("pool", "desks"), ("actor", "them")):
        for found in table.where(kind=kind, id=id_).rows():
            assert {found[name] for name in NUMBERS} <= {0.0, None}
            assert found["changed"] == 0


def test_a_certain_delay_is_gained_whole_by_the_first_and_twice_by_who_queues_behind(table: Table) -> None:
    first, second = (row(table, "office", office, "risk", "strike") for office in "ab")
    assert first["gain_days_mean"] + second["gain_days_mean"] == pytest.approx(
        15, abs=0.1
    )  # a little less where there is no queue without it
    assert min(first["gain_days_mean"], second["gain_days_mean"]) >= 5
    last = row(table, "last_opening", "all", "risk", "strike")
    assert last["gain_days_mean"] == pytest.approx(10, abs=0.1)
    assert (last["changed"], last["n"]) == (1, 400)


def test_without_the_pool_nobody_waits(table: Table, tally: LeaveOneOutTally) -> None:
    place = next(i for i, v in enumerate(tally.prepared.variants, 1) if v.id == "crews")
    base, without = tally.openings[0], tally.openings[place]
    last = row(table, "last_opening", "all", "pool", "crews")
    assert last["gain_days_mean"] == pytest.approx((base.max(axis=1) - without.max(axis=1)).mean())
    assert without.max() <= 8 + 8 + 15
    chance = 100.0 * ((without <= 30).all(axis=1).mean() - (base <= 30).all(axis=1).mean())
    assert row(table, "target", "both", "pool", "crews")["gain_points"] == pytest.approx(chance)


def test_without_an_actors_variability_its_work_takes_the_median(tally: LeaveOneOutTally) -> None:
    place = next(i for i, v in enumerate(tally.prepared.variants, 1) if v.id == "us")
    assert set(np.unique(tally.openings[place].min(axis=1))) <= {5 + 15, 10 + 15}  # without or with a redo


def test_without_redo_there_is_one_pass(tally: LeaveOneOutTally) -> None:
    place = next(i for i, v in enumerate(tally.prepared.variants, 1) if v.kind == "redo")
    assert tally.openings[place].min(axis=1).max() <= 8 + 15 < tally.openings[0].min(axis=1).max()


def test_a_target_out_of_reach_has_no_days() -> None:
    plan = compile_scenario(scenario_of(tomllib.loads(EVERYTHING + NEVER)))  # the checks would say that it never holds
    found = row(leave_one_out(gather(plan, 40, kinds=("risk",), workers=1)), "target", "never", "risk", "strike")
    assert (found["gain_days_mean"], found["gain_days_p80"], found["gain_points"]) == (None, None, 0)


def test_rows_are_sorted_by_gain_within_an_outcome(table: Table) -> None:
    means = list(table.where(measure="mean_opening", of="all")["gain_days_mean"])
    assert means == sorted(means, reverse=True)
    assert tuple(table.columns) == COLUMNS


def test_workers_change_nothing(table: Table, tally: LeaveOneOutTally) -> None:
    two = gather(plan_of(EVERYTHING), 400, workers=2)
    assert leave_one_out(two).csv() == table.csv()
    assert layer_shares(two).csv() == layer_shares(tally).csv()


def test_kinds_can_be_chosen() -> None:
    plan = plan_of(EVERYTHING)
    assert [(v.kind, v.id) for v in variants_of(plan, ("pool", "layer"))] == [("pool", "crews"), ("pool", "desks"), ("layer", "programme")]
    assert len(leave_one_out(LeaveOneOutTally(Prepared(plan, ("pool",))))) == 0


def test_effects_join_the_drivers(table: Table, tally: LeaveOneOutTally) -> None:
    plan = tally.prepared.plan
    delays = DelayTally(plan)
    draws = Sampler(plan).draw(0, 64)
    delays.add(Block(plan, draws, kernel.simulate(plan, draws)))
    joined = drivers(delays, driver_effects(table))
    (strike,) = joined.where(scope="all", kind="risk", id="strike").rows()
    assert strike["effect_days_mean"] == row(table, "mean_opening", "all", "risk", "strike")["gain_days_mean"]
    assert next(joined.rows())["effect_days_p80"] is None


@given(programmes())
def test_futures_left_out_as_untouched_are_untouched(tables: Tables) -> None:
    plan = plan_if_valid(tables)
    draws = Sampler(plan).draw(0, 4)
    timeline, _ = attempt(kernel, plan, draws)
    if timeline is None:
        return
    block = Block(plan, draws, timeline)
    for variant in variants_of(plan):
        again, _ = attempt(kernel, variant.plan, variant.change(draws))
        if again is not None:
            quiet = ~variant.touched(block)
            assert np.array_equal(again.opening(plan)[quiet], block.opening[quiet])


# --- shares of layers -----------------------------------------------------------------------------------------------------------


def test_shares_of_layers_on_a_case_with_known_answer() -> None:
    plan = plan_of("""
        [offices.a]
        [offices.b]
        [activities.work]
        calendar = "days"
        duration = { normal = { mean = 500, sd = 50 } }
        [correlation]
        programme = 0.5
        office = 0.3
        """)
    table = layer_shares(gather(plan, 4000, kinds=("layer",), workers=1))
    one = {r["layer"]: r for r in table.where(measure="office", of="a").rows()}
    assert one["programme"]["share_of_variance"] == pytest.approx(0.5, abs=0.05)
    assert one["office"]["share_of_variance"] == pytest.approx(0.3, abs=0.05)
    assert one["rest"]["low"] < 0.2 < one["rest"]["high"]
    # of the mean of two offices the variance is 0.5 + 0.3 / 2 + 0.2 / 2 = 0.75 of one's
    both = {r["layer"]: r["share_of_variance"] for r in table.where(measure="mean_opening", of="all").rows()}
    assert both["programme"] == pytest.approx(0.5 / 0.75, abs=0.05)
    assert sum(both.values()) == pytest.approx(1)


def test_without_a_layer_each_office_keeps_its_spread_and_the_mean_loses_some() -> None:
    plan = plan_of("""
        [offices.a]
        [offices.b]
        [activities.work]
        calendar = "days"
        duration = { normal = { mean = 500, sd = 50 } }
        [correlation]
        programme = 0.8
        """)
    openings = gather(plan, 2000, kinds=("layer",), workers=1).openings.astype(float)
    assert openings[1, :, 0].std() == pytest.approx(openings[0, :, 0].std(), rel=0.1)
    assert np.corrcoef(openings[0].T)[0, 1] == pytest.approx(0.8, abs=0.05)
    assert abs(np.corrcoef(openings[1].T)[0, 1]) < 0.1


# --- intervals ------------------------------------------------------------------------------------------------------------------


def test_intervals_of_gains_cover_the_truth() -> None:
    generator = np.random.default_rng(7)
    runs, n, hits = 600, 400, np.zeros(2)
    for _ in range(runs):
        base = generator.normal(100, 20, n)
        without = base - generator.uniform(0, 10, n) * (generator.random(n) < 0.5)
        _, low, high = paired((base - without)[np.newaxis])
        hits[0] += low[0] <= 2.5 <= high[0]
        _, low, high = quantile_gains(base, without[np.newaxis])
        hits[1] += low[0] <= TRUE_GAIN <= high[0]
    assert (hits / runs > 0.92).all()
    assert (hits / runs < 0.99).all()


TRUE_GAIN = 2.278
"""Of the P80: 116.832 by the normal law less the root of its mixture with the shifted one, by integration."""


def test_the_true_gain_of_the_case_above() -> None:
    from scipy import integrate, optimize, stats

    def share(x: float) -> float:
        moved = integrate.quad(lambda u: stats.norm.cdf(x + u, 100, 20) / 10, 0, 10)[0]
        return float(0.5 * stats.norm.cdf(x, 100, 20) + 0.5 * moved)

    q = optimize.brentq(lambda x: share(x) - 0.8, 50, 200)
    assert stats.norm.ppf(0.8, 100, 20) - q == pytest.approx(TRUE_GAIN, abs=2e-3)
