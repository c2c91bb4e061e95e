"""Latest safe dates: by hand, against other programs, and as often right as they say."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from programmes import plan_of
from scipy.optimize import isotonic_regression

from sim.analysis.safe_counts import fit_falling
from sim.analysis.safe_dates import COLUMNS, DATE, LATER, NEVER, SafeDatesTally, chance_by_finish, latest_safe, safe_dates
from sim.analysis.table import Table
from sim.engine import kernel
from sim.plan import Plan
from sim.runner import Block, Job, run
from sim.sampling import Sampler

FIXED_TAIL = """
    [offices.a]
    target = 2022-02-02                  # day 30
    [offices.undated]
    [activities.lease]
    calendar = "days"
    duration = { uniform = [5, 40] }
    [activities.build]
    calendar = "days"
    duration = 10
    after = ["lease"]
    [activities.side]
    calendar = "days"
    duration = { uniform = [1, 5] }
    after = ["lease"]
    [activities.never]
    calendar = "days"
    duration = 1
    probability = 0
    [activities.open]
    calendar = "days"
    duration = 0
    after = ["build", "never"]
    [activities.close]
    calendar = "days"
    duration = 3
    after = ["open"]
    [scenario]
    opening = "open"
    """


def gathered(plan: Plan, replications: int = 2000, **options: Any) -> SafeDatesTally:
    tally: SafeDatesTally = run(Job(plan, {"safe": partial(SafeDatesTally, plan, **options)}), replications, workers=1)["safe"]
    return tally


def row(table: Table, activity: str, office: str = "a") -> dict[str, Any]:
    (found,) = table.where(office=office, activity=activity).rows()
    return found


def test_with_a_fixed_tail_the_date_is_known() -> None:
    table = safe_dates(gathered(plan_of(FIXED_TAIL)))
    lease = row(table, "lease")
    assert tuple(table.columns) == COLUMNS
    assert (lease["latest_safe_finish"], lease["date"], lease["reading"]) == (dt.date(2022, 1, 23), dt.date(2022, 2, 2), DATE)
    assert lease["low"] <= lease["latest_safe_finish"] <= lease["high"]
    assert lease["margin_days"] == (lease["latest_safe_finish"] - lease["finish_p50"]).days
    assert lease["p_on_time"] == pytest.approx(15.5 / 35, abs=0.04)
    assert row(table, "build")["latest_safe_finish"] == row(table, "open")["latest_safe_finish"] == dt.date(2022, 2, 2)


def test_what_cannot_matter_is_left_out() -> None:
    table = safe_dates(gathered(plan_of(FIXED_TAIL), 200))
    assert set(table["activity"]) == {"lease", "build", "open"}
    assert set(table["office"]) == {"a"}


def test_another_date_can_be_asked_for() -> None:
    dates = {"undated": dt.date(2022, 1, 28)}
    table = safe_dates(gathered(plan_of(FIXED_TAIL), dates=dates))
    assert set(table["office"]) == {"undated"}
    assert row(table, "lease", "undated")["latest_safe_finish"] == dt.date(2022, 1, 18)


def test_dates_that_always_or_never_hold_say_so() -> None:
    plan = plan_of(FIXED_TAIL)
    late = row(safe_dates(gathered(plan, 300, dates={"a": dt.date(2024, 1, 1)})), "lease")
    early = row(safe_dates(gathered(plan, 300, dates={"a": dt.date(2022, 1, 10)})), "lease")
    assert (late["reading"], late["high"], late["p_on_time"]) == (LATER, None, 1.0)
    assert late["latest_safe_finish"] >= dt.date(2022, 2, 10)
    assert (early["reading"], early["latest_safe_finish"], early["margin_days"], early["low"]) == (NEVER, None, None, None)


def test_the_curve_falls_and_holds_all_futures() -> None:
    tally = gathered(plan_of(FIXED_TAIL), 500)
    curve = chance_by_finish(tally, "a", "lease")
    assert [(r["chance"], r["finish"]) for r in curve.rows()][1:] == [(0.0, dt.date(2022, 1, 24))]
    assert sum(curve["n"]) == 500


def test_grouping_changes_nothing() -> None:
    plan = plan_of(FIXED_TAIL)
    pieces = SafeDatesTally(plan)
    for first, count in ((900, 100), (0, 900)):
        draws = Sampler(plan).draw(first, count)
        pieces.add(Block(plan, draws, kernel.simulate(plan, draws)))
    two = run(Job(plan, {"safe": partial(SafeDatesTally, plan)}), 1000, workers=2)["safe"]
    assert safe_dates(pieces).csv() == safe_dates(two).csv() == safe_dates(gathered(plan, 1000)).csv()


def test_an_asked_chance_that_is_higher_gives_an_earlier_date() -> None:
    plan = plan_of(FIXED_TAIL.replace("duration = 10\n", "duration = { uniform = [1, 20] }\n", 1))
    tally = gathered(plan)
    dates = [row(safe_dates(tally, level), "lease")["latest_safe_finish"] for level in (0.95, 0.8, 0.5, 0.2)]
    assert dates == sorted(dates)
    assert abs((dates[2] - dt.date(2022, 1, 23)).days) <= 2  # half of the builds take at most 10 days
    assert dates[0] < dates[3]


# --- estimators -------------------------------------------------------------------------------------------------------------------

COUNTS = st.lists(st.integers(1, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), min_size=1, max_size=25)


@given(COUNTS)
def test_the_falling_fit_against_scipy(counts: list[tuple[int, int]]) -> None:
    n, k = np.array(counts, np.int64).T.copy()
    blocks = np.zeros((len(n) + 1, 3))
    count = fit_falling(n, k, 0, len(n), blocks)
    fitted = np.repeat(blocks[:count, 1] / blocks[:count, 0], np.diff([0, *blocks[:count, 2].astype(int)]))
    assert fitted == pytest.approx(isotonic_regression(k / n, weights=n, increasing=False).x, abs=1e-9)


@given(COUNTS, st.sampled_from([0.5, 0.8]))
def test_the_interval_holds_the_estimate(counts: list[tuple[int, int]], level: float) -> None:
    n, k = np.array(counts, np.int64).T.copy()
    days = np.arange(len(n)) * 3 + 7
    safe, low, high, reading = latest_safe(days, n, k, level)
    assert (reading == NEVER) == (safe is None)
    assert low is None or safe is None or low <= safe
    assert high is None or safe is None or safe <= high


def test_the_interval_by_hand() -> None:
    """Two days of ten: refusing the second as safe costs 2 · (ln L(9 of 10) - ln L at 0.8), little; as safe all, much."""
    days, n, k = np.array([1, 2]), np.array([10, 10]), np.array([9, 1])
    assert latest_safe(days, n, k) == (1, None, 1, DATE)  # 9 of 10 may well be less than 0.8, 1 of 10 is not 0.8 or more
    assert latest_safe(days, 100 * n, 100 * k) == (1, 1, 1, DATE)


def test_many_days_are_taken_together() -> None:
    days = np.arange(1500)
    n = np.full(1500, 4)
    k = np.where(days < 900, 4, 0)
    safe, low, high, _ = latest_safe(days, n, k)
    assert safe is not None
    assert abs(safe - 899) <= 3
    assert (low, high) != (None, None)


def test_intervals_cover_the_truth() -> None:
    generator = np.random.default_rng(11)
    days = np.arange(60)
    p = 1 / (1 + np.exp((days - 30) / 6))
    truth = int(days[p >= 0.8][-1])
    n = np.full(60, 15)
    hits = 0
    for _ in range(300):
        _, low, high, _ = latest_safe(days, n, generator.binomial(n, p))
        hits += (low is None or low <= truth) and (high is None or truth <= high)
    assert hits / 300 >= 0.94
