"""First-order indices against known answers, and what the inputs of a future are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from programmes import plan_of

from sim.analysis import leave_one_out
from sim.analysis.sensitivity import InputTally, classes_of, first_order, gather, own_part, ranking_check, sensitivity
from sim.analysis.table import Table
from sim.engine import kernel
from sim.runner import Block
from sim.sampling import Sampler

PROGRAMME = """
    [offices.a]
    kind = "x"
    [offices.b]
    kind = { x = 0.5, y = 0.5 }
    [activities.work]
    actor = "us"
    calendar = "days"
    duration = { normal = { mean = 500, sd = 50 } }
    [activities.wait]
    actor = "them"
    calendar = "days"
    duration = { fixed = 10 }
    when = { kind = "x" }
    after = ["work"]
    [activities.check]
    actor = "us"
    calendar = "days"
    duration = 1
    after = ["wait"]
    redo = { probability = 0.3, back_to = "check" }
    [risks.storm]
    probability = 0.5
    activities = ["wait"]
    delay = { fixed = 60 }
    scope = "programme"
    [risks.comet]
    probability = 0
    activities = ["wait"]
    factor = 2
    scope = "office"
    [correlation]
    programme = 0.5
    """


@pytest.fixture(scope="module")
def tally() -> InputTally:
    return gather(plan_of(PROGRAMME), 3000, workers=1)


@pytest.fixture(scope="module")
def table(tally: InputTally) -> Table:
    return sensitivity(tally)


def row(table: Table, id_: str) -> dict[str, Any]:
    (found,) = table.where(scope="all", id=id_).rows()
    return found


def test_shares_of_a_programme_with_known_answer(table: Table) -> None:
    total = 2500 * (0.5 + 0.5 / 2) + spread_of_waits()  # of the mean of two offices
    assert row(table, "programme")["share"] == pytest.approx(1250 / total, abs=0.05)
    assert row(table, "us")["share"] == pytest.approx(625 / total, abs=0.05)
    storm = 60 * (1 + 0.5) / 2  # b waits in half of the futures
    assert row(table, "storm")["share"] == pytest.approx((storm / 2) ** 2 / total, abs=0.04)
    for id_ in ("programme", "us", "storm"):
        found = row(table, id_)
        assert found["salib"] == pytest.approx(found["share"], abs=0.04)
        assert found["share_low"] < found["share"] < found["share_high"]


def spread_of_waits() -> float:
    """Variance of the mean of the waits: 10 or 70 days for a, and for b in half of the futures."""
    values = [(10 + 60 * storm) * (1 + b) / 2 for storm in (0, 1) for b in (0, 1)]
    return float(np.var(values))


def test_what_never_varies_is_left_out_and_the_rest_is_sorted(table: Table) -> None:
    ids = list(table.where(scope="all")["id"])
    assert set(ids) == {"programme", "us", "storm", "kind=x", "check"}
    shares = list(table.where(scope="all")["share"])
    assert shares == sorted(shares, reverse=True)


def test_a_switched_off_cause_is_ranked_likewise(table: Table) -> None:
    plan = plan_of(PROGRAMME)
    check = ranking_check(table, leave_one_out.gather(plan, 1000, workers=1))
    assert {r["kind"]: r["agreement"] for r in check.rows()} == {"layer": None, "actor": None, "risk": None, "redo": None}
    storm = next(r for r in check.rows() if r["id"] == "storm")
    assert storm["spread_lost"] > 0.15


def test_grouping_changes_nothing(tally: InputTally) -> None:
    plan = plan_of(PROGRAMME)
    pieces = InputTally(plan)
    for first, count in ((2000, 1000), (0, 2000)):
        draws = Sampler(plan).draw(first, count)
        pieces.add(Block(plan, draws, kernel.simulate(plan, draws)))
    assert sensitivity(pieces, salib=False).csv() == sensitivity(tally, salib=False).csv()


def test_nothing_gathered_gives_an_empty_table() -> None:
    assert len(sensitivity(InputTally(plan_of(PROGRAMME)))) == 0


# --- estimators -------------------------------------------------------------------------------------------------------------------


def test_first_order_indices_of_the_function_of_ishigami() -> None:
    """Known: 0.3139, 0.4424 and 0 (Ishigami and Homma 1990)."""
    x = np.random.default_rng(3).uniform(-np.pi, np.pi, (20_000, 3))
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    assert [first_order(column, y) for column in x.T] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.015)


def test_first_order_of_a_coin() -> None:
    generator = np.random.default_rng(5)
    coin = generator.integers(0, 2, 20_000).astype(float)
    assert first_order(coin, 2 * coin + generator.normal(0, 1, 20_000)) == pytest.approx(0.5, abs=0.02)  # 1 of 1 + 1


def test_noise_explains_nothing_on_average() -> None:
    generator = np.random.default_rng(2)
    found = [first_order(generator.normal(size=200), generator.normal(size=200)) for _ in range(400)]
    assert abs(np.mean(found)) < 0.01


@given(st.lists(st.integers(0, 5), max_size=60))
def test_equal_values_share_a_class(values: list[int]) -> None:
    x = np.array(values, float)
    label = classes_of(x, 4)
    assert all(len(set(label[x == value])) == 1 for value in set(values))
    assert all(label[a] <= label[b] for a in range(len(x)) for b in range(len(x)) if x[a] < x[b])


def test_the_own_part_is_what_factors_do_not_explain() -> None:
    factors = np.random.default_rng(1).normal(size=(500, 2))
    own = np.random.default_rng(2).normal(size=500)
    x = 3 + factors @ [2.0, -1.0] + own
    x[:5] = np.nan
    left = own_part(x, factors)
    assert (left[:5] == 0).all()
    assert np.corrcoef(left[5:], own[5:])[0, 1] > 0.99
