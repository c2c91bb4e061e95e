"""The outside view: against SciPy's Kaplan–Meier estimate, by hand, and beside what the simulation says."""

from __future__ import annotations

from math import inf
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from programmes import plan_of
from report_data import report_input
from scipy.stats import CensoredData, ecdf

from sim.analysis.reference_class import ReferenceTally, outside_view, reference_classes, reference_curves
from sim.engine import kernel
from sim.plan import Plan
from sim.report.charts.outside import gap_text, outside_views
from sim.results import run as simulated
from sim.runner import Block
from sim.sampling import Sampler

ROOT = Path(__file__).parent.parent
WEEKS = st.lists(st.integers(1, 20).map(float), min_size=1, max_size=8)


@given(WEEKS, st.lists(st.integers(1, 25).map(float), max_size=8))
def test_without_left_censored_cases_it_is_kaplan_and_meier(finished: list[float], unfinished: list[float]) -> None:
    view = outside_view(finished, unfinished)
    known = ecdf(CensoredData(uncensored=finished, right=unfinished)).cdf
    at = sorted(set(finished))
    shares = [view.share[view.weeks == week][0] for week in at]
    assert shares == pytest.approx(known.evaluate(np.array(at)), abs=1e-6)


def test_finished_cases_alone_are_their_own_distribution() -> None:
    view = outside_view([30, 10, 20, 20])
    assert (view.weeks.tolist(), view.share.tolist()) == ([10, 20, 30], pytest.approx([0.25, 0.75, 1]))
    assert [view.quantile(p) for p in (0.25, 0.5, 0.76, 1)] == [10, 20, 30, 30]


def test_beyond_what_was_seen_nothing_is_known() -> None:
    view = outside_view([39] * 4, [66] * 4)
    assert view.quantile(0.5) == 39
    assert view.quantile(0.51) == inf


def test_left_censored_cases_by_hand() -> None:
    """Cases 10 and 20, and one known only to be at most 15: that can only be at 10, as nothing else lies before 15."""
    view = outside_view([10, 20], at_most=[15])
    assert view.quantile(0.5) == 10
    assert dict(zip(view.weeks.tolist(), view.share.tolist(), strict=True))[20] == pytest.approx(1)
    assert view.share[view.weeks == 10][0] == pytest.approx(2 / 3, abs=1e-3)


def test_a_left_censored_case_without_another_before_it_counts_at_its_end() -> None:
    view = outside_view([20], at_most=[15])
    assert view.weeks.tolist() == [15, 20]
    assert view.share.tolist() == pytest.approx([0.5, 1])


def test_a_left_censored_case_is_shared_out_by_what_is_likely() -> None:
    """At most 25 is 10 or 20, as often as these are: it changes nothing between them."""
    view = outside_view([10, 10, 20], [30], [25])
    shares = dict(zip(view.weeks.tolist(), view.share.tolist(), strict=True))
    assert shares[10] / shares[20] == pytest.approx(2 / 3, abs=1e-3)
    assert shares[20] == pytest.approx(0.8, abs=1e-3)


def tally_of(plan: Plan) -> ReferenceTally:
    """The tally of a few futures, in two parts."""
    tally, rest = ReferenceTally(plan), ReferenceTally(plan)
    for into, first in ((tally, 0), (rest, 40)):
        draws = Sampler(plan).draw(first, 40)
        into.add(Block(plan, draws, kernel.simulate(plan, draws)))
    tally.merge(rest)
    return tally


PROGRAMME = """
scenario.calendar = "days"
activities.prepare = { duration = 0 }
activities.build = { duration = { fixed = 20, unit = "weeks" }, after = "prepare" }
[offices]
a = { zone = "x" }
b = { zone = "x", start = 2022-03-01 }
c = { zone = "x", enters_at = ["build"] }
d = { zone = "y" }
[reference_class.before]
name = "Earlier"
offices = { zone = "x" }
weeks = [10, 12, 14, 14]
[reference_class.few]
weeks = [18]
unfinished_weeks = [30]
"""


def test_the_gap_between_the_views() -> None:
    plan = plan_of(PROGRAMME)
    before, few = reference_classes(plan, tally_of(plan)).rows()
    assert (before["name"], before["cases"], before["offices"], before["left_out"]) == ("Earlier", 4, 2, 1)
    assert (before["outside_p50"], before["inside_p50"], before["gap_weeks"]) == (12, 20, 8)
    assert (before["gap_low"], before["gap_high"], before["inside_is"]) == (6, 10, "longer")
    assert (few["outside_p50"], few["outside_p80"], few["gap_weeks"]) == (18, None, 2)
    assert (few["gap_low"], few["gap_high"], few["inside_is"]) == (None, 2, "cannot tell")


def test_curves_of_both_views() -> None:
    plan = plan_of(PROGRAMME)
    rows = list(reference_curves(plan, tally_of(plan)).where(reference="before").rows())
    assert [(r["weeks"], r["share"]) for r in rows if r["view"] == "outside"] == [(10, 0.25), (12, 0.5), (14, 1)]
    assert [(r["weeks"], r["share"]) for r in rows if r["view"] == "inside"] == [(20, 1), (21, 1)]


def test_a_class_that_nobody_fits_has_no_inside_view() -> None:
    other = PROGRAMME.replace('offices = { zone = "x" }', 'offices = { zone = "y" }')
    plan = plan_of(other.replace('d = { zone = "y" }', 'd = { zone = "y", enters_at = ["build"] }'))
    row = next(reference_classes(plan, tally_of(plan)).rows())
    assert (row["offices"], row["left_out"], row["inside_p50"], row["gap_weeks"]) == (0, 1, None, None)


def test_the_chart_has_the_steps_of_the_cases_and_the_gap() -> None:
    given = report_input("en")
    [(row, made)] = outside_views(given)
    forecast, steps, crosses, *_ = (part["data"]["values"] for part in made.spec["layer"])
    assert [(p["weeks"], p["share"]) for p in steps] == [(0, 0), (39, 0.5), (66, 0.5)], "flat as far as the unfinished cases are known"
    assert crosses == [{"weeks": 66, "share": 0.5}]
    assert (forecast[0]["share"], forecast[-1]["share"]) == (0, 1)
    assert gap_text(given, row).endswith(
        "Half of them had opened within 39 weeks from the start; of the forecast's offices, half take more than 84 weeks. "
        "The forecast is 45 weeks slower. But the cases are too few to tell whether the offices of the forecast differ from them."
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"gap_weeks": -5.0, "gap_low": -9.0, "gap_high": -2.0, "inside_is": "shorter"},
            "5 weeks faster. With so few cases the gap may be -9",
        ),
        ({"gap_weeks": 0.2, "gap_low": -9.0, "gap_high": 9.0}, "They say the same. But the cases are too few"),
        ({"outside_p50": None, "gap_weeks": None}, "Too few of them are finished to know how long half of them took"),
    ],
)
def test_the_gap_is_said_as_it_is(change: dict[str, object], said: str) -> None:
    given = report_input("en")
    row = next(given.table("reference_class").rows()) | change
    assert said in gap_text(given, row)


def test_every_run_of_a_scenario_with_a_class_has_both_tables() -> None:
    result = simulated(ROOT / "scenarios" / "programme-2021.toml", replications=5, gather=("openings", "reference"))
    [row] = result["reference_class"].rows()
    assert (row["cases"], row["offices"], row["outside_p50"]) == (8, 28, 39)
    assert row["inside_p50"] > 20
    assert set(result["reference_curve"]["view"]) == {"inside", "outside"}
    without = simulated(ROOT / "scenarios" / "examples" / "pert-network.toml", replications=5)
    assert not {"reference_class", "reference_curve"} & set(without.names)
