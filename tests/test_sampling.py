"""Sampling: the generator, what each kind of draw follows, and that a draw depends on seed, name and replication alone."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.distributions import Discrete, Distribution, Fixed, Lognormal, z_grid, z_table
from sim.errors import InputError
from sim.plan import Plan, compile_scenario
from sim.sampling import Draws, Sampler, SobolSpec, cases, median_draws, medians_given, sample
from sim.sampling.generator import fetch, normal, normal_table, philox, uniform
from sim.sampling.layout import Source
from sim.sampling.pack import depth_of, parent_of
from sim.sampling.quasi import dimensions_of, sobol_words
from sim.sampling.streams import stream_key
from sim.scenario.schema import Scenario

Tables = dict[str, Any]
SPREAD = {"lognormal": {"median": 20, "sigma": 0.5}}
"""A law without steps."""
MANY = 20_000


def plan_of(**tables: Any) -> Plan:
    """A plan of some tables; one calendar on which every day counts, and one office if none is given."""
    usual: Tables = {
        "scenario": {"name": "case", "start": dt.date(2022, 1, 3), "seed": 11},
        "calendars": {"days": {"every_day": True}},
        "offices": {"boden": {}},
        "activities": {"work": {"duration": SPREAD}},
    }
    return compile_scenario(Scenario.model_validate(usual | tables))


def one(activity: Tables, **tables: Any) -> Plan:
    """A plan of one activity."""
    return plan_of(activities={"work": activity}, **tables)


def draw(plan: Plan, count: int = MANY, first: int = 0) -> Draws:
    return Sampler(plan).draw(first, count)


def near(estimates: NDArray[Any], expected: float) -> bool:
    """Whether the mean of independent numbers is within four standard errors of what is expected."""
    return abs(estimates.mean() - expected) <= 4 * estimates.std() / math.sqrt(len(estimates)) + 1e-12


def code(plan: Plan, variable: str, value: object) -> int:
    return next(v for v in plan.variables if v.name == variable).values.index(value)  # type: ignore[arg-type]


def column(plan: Plan, variable: str) -> int:
    return next(v.index for v in plan.variables if v.name == variable)


def pass_index(plan: Plan, activity: str, label: str = "") -> int:
    index = plan.activity_index[activity]
    return next(i for i, step in enumerate(plan.passes) if step.activity == index and step.label == label)


# --- the generator --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
    ids=["zeros", "ones", "pi"],
)
def test_philox_gives_the_published_answers(counter: str, key: str, expected: str) -> None:
    """Known-answer vectors of philox4x32-10 in the authors' Random123 (tests/kat_vectors)."""
    words = np.zeros((4, 3), np.uint64)
    words[:2] = np.array([[int(word, 16)] for word in key.split()], np.uint64)
    start = tuple(np.uint64(int(word, 16)) for word in counter.split())
    philox(start, words[0], words[1], words[2], words[3], 3)  # type: ignore[arg-type]
    assert [f"{word:08x}" for word in words[:, 2]] == expected.split()
    assert (words == words[:, :1]).all()


def philox_in_python(counter: tuple[int, ...], key: tuple[int, ...]) -> tuple[int, ...]:
    """Philox4x32-10 as the paper has it: multiply, swap the halves, mix in the key, which moves on between rounds."""
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * counter[0], 1 << 32)
        high1, low1 = divmod(0xCD9E8D57 * counter[2], 1 << 32)
        counter = high1 ^ counter[1] ^ key[0], low1, high0 ^ counter[3] ^ key[1], low0
        key = (key[0] + 0x9E3779B9) % (1 << 32), (key[1] + 0xBB67AE85) % (1 << 32)
    return counter


def uniform_of(seed: int, name: str, replication: int) -> float:
    """What a stream gives a replication, from the words of the documentation alone."""
    digest = hashlib.blake2b(seed.to_bytes(8, "little") + name.encode(), digest_size=8).digest()
    group, place = divmod(replication, 4)
    key = int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")
    return (philox_in_python((group % (1 << 32), group >> 32, 0, 0), key)[place] + 0.5) / 2**32


@pytest.mark.parametrize("group", [0, 1, 2**32 - 1, 2**32, 10**11])
def test_words_of_a_stream_count_replications_by_four_over_64_bits(group: int) -> None:
    key = np.array([stream_key(11, "a"), stream_key(11, "b")], np.uint64)
    source = Source(key, np.full(2, -1, np.int32), np.zeros((0, 0), np.uint32), np.zeros((4, 2), np.uint64))
    fetch(source, np.array([1, 0], np.uint32), 2, group, 0)
    for k in range(4):
        assert [uniform(word) for word in source.words[k]] == [uniform_of(11, name, 4 * group + k) for name in "ba"]


def test_uniform_numbers_lie_inside_the_open_interval() -> None:
    assert uniform(np.uint64(0)) == 2.0**-33
    assert uniform(np.uint64(2**32 - 1)) == 1 - 2.0**-33


WORDS = st.integers(0, 2**32 - 1) | st.integers(0, 4000) | st.integers(2**31 - 4000, 2**31 + 4000)
TABLE = normal_table()


@given(WORDS)
@settings(max_examples=400)
def test_normal_scores_are_those_of_scipy_and_symmetric(word: int) -> None:
    z = normal(np.uint64(word), TABLE)
    assert z == pytest.approx(ndtri((word + 0.5) / 2**32), rel=3e-7)
    assert normal(np.uint64(2**32 - 1 - word), TABLE) == -z


@given(st.lists(WORDS, min_size=2, max_size=2, unique=True).map(sorted))
def test_normal_scores_rise(words: list[int]) -> None:
    low, high = (normal(np.uint64(word), TABLE) for word in words)
    assert low < high


# --- streams --------------------------------------------------------------------------------------------------------------


def test_each_draw_is_the_one_its_name_says() -> None:
    """Every kind of draw, worked out again from names, an independent Philox and SciPy."""
    plan = plan_of(
        offices={"boden": {"colocated": {"true": 0.3, "false": 0.7}}},
        branches={"permit": {"options": {"yes": 0.4, "no": 0.6}}},
        correlation={"programme": 0.1, "office": 0.15},
        risks={"wave": {"probability": 0.5, "scope": "programme", "activities": ["work"], "delay": SPREAD}},
        activities={
            "fibre": {"duration": {"fixed": 1}, "probability": 0.4, "when": {"colocated": [True, False]}},
            "work": {"duration": SPREAD, "redo": {"probability": 0.6, "back_to": "work", "scale": 0.5, "at_most": 2}},
        },
    )
    draws = draw(plan, 10, first=1_000_001)
    for row in range(10):

        def u(name: str, row: int = row) -> float:
            return uniform_of(11, name, 1_000_001 + row)

        assert draws.codes[row, 0, column(plan, "colocated")] == code(plan, "colocated", u("boden/colocated/attribute") >= 0.7)
        assert draws.codes[row, 0, column(plan, "permit")] == (u("boden/permit/branch") >= 0.4)
        assert draws.happens[row, 0, pass_index(plan, "fibre")] == (u("boden/fibre/happens") < 0.4)
        again = u("boden/work/redo") < 0.6
        once_more = again and u("boden/work/redo/work.2") < 0.6
        made = [pass_index(plan, "work", label) for label in ("", "work.2", "work.3")]
        assert draws.redo[row, 0, made].tolist() == [again, once_more, False]
        programme, office = ndtri(u("factor/programme")), ndtri(u("factor/office:boden"))
        assert draws.factors[row] == pytest.approx([programme, office], rel=1e-6)
        for label, scale, made in (("", 1.0, True), ("work.2", 0.5, again), ("work.3", 0.5, once_more)):
            own = ndtri(u("boden/work/duration" + (f"/{label}" if label else "")))
            z = math.sqrt(0.1) * programme + math.sqrt(0.15) * office + math.sqrt(0.75) * own
            expected = scale * np.interp(z, z_grid(), z_table(Lognormal(20, 0.5))) if made else 0
            assert draws.duration[row, 0, pass_index(plan, "work", label)] == pytest.approx(expected, rel=1e-6)
            assert draws.happens[row, 0, pass_index(plan, "work", label)] == made
        occurs, size = u("risk/wave/programme/occurs") < 0.5, ndtri(u("risk/wave/programme/size"))
        assert draws.risk_delay[row] == pytest.approx([20 * math.exp(0.5 * size) if occurs else 0], rel=1e-4)
        assert draws.risk_factor[row] == 1


def test_boolean_codes_are_in_the_order_of_the_plan() -> None:
    plan = one({"duration": SPREAD, "when": {"colocated": True}}, offices={"a": {"colocated": {"true": 1, "false": 0}}})
    assert (draw(plan, 100).codes[:, 0, 0] == code(plan, "colocated", True)).all()


def test_uniform_numbers_fill_the_interval_evenly_and_know_nothing_of_each_other() -> None:
    plan = plan_of(offices={"a": {}, "b": {}}, activities={"work": {"duration": {"uniform": [0, 1]}}})
    u = draw(plan, 40_000).duration[:, :, 0].astype(float)
    counts = np.bincount((u[:, 0] * 100).astype(int), minlength=100)
    assert ((counts - 400) ** 2 / 400).sum() < 162  # chi-square with 99 degrees of freedom: 1 in 20 000
    pairs = [(u[:, 0], u[:, 1]), (u[:-1, 0], u[1:, 0]), (u[:-4, 0], u[4:, 0])]
    for one_, other in pairs:
        assert abs(np.corrcoef(one_, other)[0, 1]) < 4 / math.sqrt(40_000)


def test_seeds_give_different_futures_and_0_is_a_seed() -> None:
    scenario = {"name": "case", "start": dt.date(2022, 1, 3)}
    drawn = [draw(plan_of(scenario=scenario | {"seed": seed}), 8).duration for seed in (0, 1, 2**63 - 1)]
    for a, b in itertools.combinations(drawn, 2):
        assert not np.isin(a, b).any()


# --- laws -----------------------------------------------------------------------------------------------------------------

LAWS: dict[str, Tables] = {
    "fixed": {"fixed": 4},
    "uniform": {"uniform": [2, 9]},
    "triangular": {"triangular": [1, 3, 10]},
    "pert": {"pert": [1, 3, 10]},
    "normal": {"normal": {"mean": 10, "sd": 6}},
    "exponential": {"exponential": {"mean": 7}},
    "gamma": {"gamma": {"mean": 8, "sd": 5}},
    "weibull": {"weibull": {"shape": 1.5, "scale": 9}},
    "lognormal": {"lognormal": {"p10": 4, "p90": 30}},
    "metalog": {"quantiles": {"p10": 5, "p50": 9, "p90": 20}},
    "discrete": {"discrete": {"values": [0, 3, 10], "weights": [0.2, 0.5, 0.3]}},
    "mixture": {"mixture": {"of": [{"fixed": 0}, {"lognormal": {"median": 10, "sigma": 0.4}}], "weights": [0.6, 0.4]}},
}


@pytest.mark.parametrize("correlation", [{}, {"programme": 0.3, "office": 0.5}], ids=["independent", "correlated"])
@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_durations_have_the_mean_and_variance_of_their_law(law: Tables, correlation: Tables) -> None:
    """Also when they are correlated: common factors move no mean and no variance of one duration."""
    plan = one({"duration": law}, correlation=correlation)
    days = draw(plan).duration[:, 0, 0].astype(float)
    distribution: Distribution = plan.distributions[0]
    assert near(days, distribution.mean)
    assert near((days - distribution.mean) ** 2, distribution.variance)


def test_atoms_come_exactly_with_their_weight() -> None:
    plan = one({"duration": LAWS["discrete"]})
    days = draw(plan).duration[:, 0, 0]
    assert set(np.unique(days)) == {0, 3, 10}
    assert near(days == 3, 0.5)
    assert plan.distributions[0] == Discrete((0.0, 3.0, 10.0), (0.2, 0.5, 0.3))


def test_a_week_is_seven_days_of_an_every_day_calendar() -> None:
    assert (draw(one({"duration": {"fixed": 2, "unit": "weeks"}}), 4).duration == 14).all()


# --- correlation ----------------------------------------------------------------------------------------------------------


def test_scores_correlate_as_the_shares_say() -> None:
    """Programme 0.10 and office 0.15: 0.10 between offices, 0.25 within one; an actor's share only among its own activities."""
    plan = plan_of(
        offices={"a": {}, "b": {}},
        correlation={"programme": 0.10, "office": 0.15, "actor": 0.30},
        activities={"x": {"duration": SPREAD}, "y": {"duration": SPREAD, "actor": "firm"}, "z": {"duration": SPREAD, "actor": "firm"}},
    )
    scores = np.log(draw(plan, 60_000).duration.astype(float)[:, :, :3] / 20) / 0.5
    shape = np.arange(6)
    office, activity = shape // 3, shape % 3
    expected = 0.10 + 0.15 * (office[:, None] == office) + 0.30 * ((activity[:, None] > 0) & (activity > 0))
    np.fill_diagonal(expected, 1)
    assert np.abs(np.corrcoef(scores.reshape(-1, 6).T) - expected).max() < 4 / math.sqrt(60_000)
    assert np.abs(scores.std(axis=0) - 1).max() < 4 / math.sqrt(2 * 60_000)


def test_offices_outside_a_layer_are_left_out_of_it() -> None:
    offices = {"a": {"county": "Norrbotten"}, "b": {"county": "Norrbotten"}, "c": {"county": "Skåne"}, "d": {}}
    plan = plan_of(offices=offices, correlation={"county": 0.6})
    assert plan.factor_names == ("county:Norrbotten", "county:Skåne")
    draws = draw(plan, 40_000)
    scores = np.log(draws.duration[:, :, 0].astype(float))
    expected = np.eye(4)
    expected[0, 1] = expected[1, 0] = 0.6
    assert np.abs(np.corrcoef(scores.T) - expected).max() < 4 / math.sqrt(40_000)
    assert np.corrcoef(draws.factors[:, 1], scores[:, 2])[0, 1] == pytest.approx(math.sqrt(0.6), abs=0.02)


def test_a_whole_share_leaves_no_own_part() -> None:
    days = draw(plan_of(offices={"a": {}, "b": {}}, correlation={"programme": 1.0}), 50).duration
    assert (days[:, 0] == days[:, 1]).all()


# --- attributes, branches, mixes ------------------------------------------------------------------------------------------

TYPES: Tables = {"small": {}, "medium": {}, "large": {}}


def test_branches_follow_their_options_by_round_and_by_type() -> None:
    branch = {
        "options": {"yes": 0.2, "no": 0.8},
        "by_type": {"large": {"yes": 0.9, "no": 0.1}},
        "by_round": {"2": {"yes": 0.5, "no": 0.5}},
    }
    offices = {
        "a": {"type": "small"},
        "b": {"type": "large"},
        "c": {"type": "large", "round": 2},
        "d": {"type": {"small": 0.5, "large": 0.5}},
    }
    plan = plan_of(office_types=TYPES, offices=offices, branches={"permit": branch})
    draws = draw(plan)
    kinds, yes = draws.codes[:, :, column(plan, "type")], draws.codes[:, :, column(plan, "permit")] == code(plan, "permit", "yes")
    assert all(near(yes[:, office], share) for office, share in enumerate((0.2, 0.9, 0.5)))
    large = kinds[:, 3] == code(plan, "type", "large")
    assert near(large, 0.5)
    assert near(yes[large, 3], 0.9)
    assert near(yes[~large, 3], 0.2)
    assert (kinds[:, :3] == [code(plan, "type", t) for t in ("small", "large", "large")]).all()


def test_the_last_outcome_that_can_come_takes_what_rounding_leaves() -> None:
    plan = plan_of(branches={"b": {"options": {"x": 1 - 1e-7, "y": 0.0}}})
    assert (draw(plan, 1000).codes[:, 0, column(plan, "b")] == 0).all()


MIX: Tables = {"offices": {"round": 1}, "counts": {"small": [1, 3], "medium": [0, 1], "large": 1}}


def mixed(count: int = 4, **offices: Tables) -> Plan:
    """Offices of round 1 in a mix, and others."""
    group = {f"o{i}": {"round": 1} for i in range(count)}
    return plan_of(office_types=TYPES, offices=group | offices, type_mix={"one": MIX})


def test_every_assignment_of_a_mix_is_as_likely() -> None:
    """Four offices: either 3 small and 1 large (4 ways) or 2 small, 1 medium and 1 large (12 ways), each half of the time."""
    codes = draw(mixed(), 32_000).codes[:, :, 0]
    found, times = np.unique(codes, axis=0, return_counts=True)
    has_medium = (found == 1).any(axis=1)
    assert (np.sort(found[~has_medium], axis=1) == [0, 0, 0, 2]).all()
    assert (np.sort(found[has_medium], axis=1) == [0, 0, 1, 2]).all()
    expected = np.where(has_medium, 16_000 / 12, 16_000 / 4)
    assert len(found) == 16
    assert ((times - expected) ** 2 / expected).sum() < 44  # chi-square with 15 degrees of freedom: 1 in 10 000


def test_what_offices_of_known_type_take_beyond_the_least_is_not_owed_to_the_others() -> None:
    """One small office is asked for and two are known: the two others are one large, and one small or medium."""
    known = {f"k{i}": {"round": 1, "type": "small"} for i in range(2)}
    free = {f"o{i}": {"round": 1} for i in range(2)}
    mix = MIX | {"counts": {"small": [1, 3], "medium": [0, 3], "large": 1}}
    plan = plan_of(office_types=TYPES, offices=known | free, type_mix={"one": mix})
    assert sorted(plan.mixes[0].counts) == [(0, 1, 1), (1, 0, 1)]


def test_an_office_of_known_type_takes_its_seat_first() -> None:
    codes = draw(mixed(3, known={"round": 1, "type": "large"}), 500).codes[:, :, 0]
    assert (codes[:, 3] == 2).all()
    assert (codes[:, :3] < 2).all()
    assert ((codes == 1).sum(axis=1) <= 1).all()


def test_two_mixes_do_not_meet() -> None:
    offices = {f"o{i}": {"round": i % 2} for i in range(12)}
    mixes = {"a": {"offices": {"round": 0}, "counts": {"small": 6}}, "b": {"offices": {"round": 1}, "counts": {"medium": 4, "large": 2}}}
    codes = draw(plan_of(office_types=TYPES, offices=offices, type_mix=mixes), 300).codes[:, :, 0]
    assert (codes[:, ::2] == 0).all()
    assert (np.sort(codes[:, 1::2], axis=1) == [1, 1, 1, 1, 2, 2]).all()


@given(st.integers(1, 60), st.integers(0, 2**40))
@settings(max_examples=30)
def test_seats_are_filled_whatever_the_size_of_the_group(size: int, first: int) -> None:
    offices = {f"o{i}": {"round": 1} for i in range(size)}
    mix = {"m": {"offices": {"round": 1}, "counts": {"small": size // 2, "medium": size - size // 2}}}
    codes = draw(plan_of(office_types=TYPES, offices=offices, type_mix=mix), 8, first).codes[:, :, 0]
    assert ((codes == 0).sum(axis=1) == size // 2).all()
    assert ((codes == 1).sum(axis=1) == size - size // 2).all()


# --- activities -----------------------------------------------------------------------------------------------------------


def test_durations_follow_type_round_and_adjustments() -> None:
    work = {
        "duration": {"fixed": 10},
        "by_type": {"large": {"fixed": 20}},
        "by_round": {"2": {"fixed": 30}},
        "adjustments": [{"when": {"type": "large"}, "factor": 2}, {"when": {"round": 2, "permit": "yes"}, "factor": 1.5}],
    }
    offices = {"a": {"type": "small"}, "b": {"type": "large"}, "c": {"type": "large", "round": 2}}
    plan = one(work, office_types=TYPES, offices=offices, branches={"permit": {"options": {"yes": 0.5, "no": 0.5}}})
    draws = draw(plan, 400)
    days = draws.duration[:, :, 0]
    assert (days[:, 0] == 10).all()
    assert (days[:, 1] == 40).all()
    yes = draws.codes[:, 2, column(plan, "permit")] == code(plan, "permit", "yes")
    assert (days[:, 2] == np.where(yes, 90, 60)).all()


def test_an_activity_happens_where_it_fits_with_its_probability() -> None:
    plan = one({"duration": SPREAD, "when": {"round": 1}, "probability": 0.3}, offices={"a": {"round": 1}, "b": {"round": 2}})
    draws = draw(plan)
    assert near(draws.happens[:, 0, 0], 0.3)
    assert not draws.happens[:, 1].any()
    assert (draws.duration[~draws.happens] == 0).all()
    assert (draws.duration[draws.happens] > 0).all()


def test_a_condition_on_a_branch_is_met_future_by_future() -> None:
    plan = one({"duration": SPREAD, "when": {"permit": ["a", "b"]}}, branches={"permit": {"options": {"a": 0.2, "b": 0.3, "c": 0.5}}})
    draws = draw(plan, 2000)
    assert (draws.happens[:, 0, 0] == (draws.codes[:, 0, column(plan, "permit")] < 2)).all()


def test_meetings_and_openings_have_no_duration() -> None:
    activities = {
        "decision": {"meeting": "board", "redo": {"probability": 0.5, "back_to": "decision"}},
        "opening": {"opening_days": {}, "after": ["decision"]},
    }
    draws = draw(plan_of(activities=activities, meetings={"board": {"rule": "every Monday"}}), 100)
    assert draws.happens[:, 0, 0].all()
    assert draws.happens[:, 0, 2].all()
    assert (draws.duration == 0).all()
    assert (draws.happens[:, 0, 1] == draws.redo[:, 0, 0]).all()


def test_probability_0_and_1_need_no_luck() -> None:
    plan = plan_of(activities={"never": {"duration": SPREAD, "probability": 0}, "always": {"duration": SPREAD, "after": ["never"]}})
    sampler = Sampler(plan)
    assert sampler.streams == ("boden/always/duration",)
    assert (sampler.draw(0, 10).happens[:, 0] == [False, True]).all()


# --- redo -----------------------------------------------------------------------------------------------------------------


def nested(inner: float = 0.5, outer: float = 0.4, **offices: Tables) -> Plan:
    """search → lease (back to search, scale 0.5) → design → permit (back to search, twice at most, scale 0.8)."""
    return plan_of(
        offices=offices or {"a": {}, "b": {}},
        activities={
            "search": {"duration": {"fixed": 10}},
            "lease": {"duration": SPREAD, "after": ["search"], "redo": {"probability": inner, "back_to": "search", "scale": 0.5}},
            "design": {"duration": SPREAD, "after": ["lease"]},
            "permit": {
                "duration": SPREAD,
                "after": ["design"],
                "redo": {"probability": outer, "back_to": "search", "scale": 0.8, "at_most": 2},
            },
            "move": {"duration": SPREAD, "after": ["permit"]},
        },
    )


def test_redos_are_independent_at_each_pass_that_is_reached() -> None:
    plan = nested()
    draws = draw(plan)
    first, second, third = (draws.redo[:, 0, pass_index(plan, "permit", label)] for label in ("", "permit.2", "permit.3"))
    assert near(first, 0.4)
    assert near(second[first], 0.4)
    assert not second[~first].any()
    assert not third.any()  # the last pass allowed
    lease = pass_index(plan, "lease", "permit.2")
    assert near(draws.redo[first, 0, lease], 0.5)
    assert not draws.redo[~first, 0, lease].any()


def test_passes_that_nothing_leads_to_are_left_out() -> None:
    plan = nested()
    draws = draw(plan, 500)
    for number in range(len(plan.passes)):
        parent = parent_of(plan, number)
        reached = draws.redo[:, :, parent] if parent >= 0 else True
        assert (draws.happens[:, :, number] == reached).all()
        assert ((draws.duration[:, :, number] > 0) == reached).all()


def test_further_passes_are_scaled() -> None:
    plan = nested()
    draws = draw(plan, 2000)
    for label, scale in (("", 1), ("lease.2", 0.5), ("permit.2", 0.8), ("permit.3", 0.8), ("permit.2,lease.2", 0.4)):
        number = pass_index(plan, "search", label)
        days = draws.duration[:, :, number][draws.happens[:, :, number]]
        assert len(days) > 0
        assert days == pytest.approx(10 * scale)


def test_a_pass_is_led_to_by_the_innermost_redo_before_it() -> None:
    plan = nested()

    def parent(activity: str, label: str) -> int:
        return parent_of(plan, pass_index(plan, activity, label))

    assert parent("search", "") == parent("move", "") == -1
    assert parent("search", "lease.2") == pass_index(plan, "lease")
    assert parent("search", "permit.2") == parent("design", "permit.2") == pass_index(plan, "permit")
    assert parent("search", "permit.3,lease.2") == pass_index(plan, "lease", "permit.3")
    assert parent("design", "permit.3") == pass_index(plan, "permit", "permit.2")
    parents = [parent_of(plan, number) for number in range(len(plan.passes))]
    assert depth_of(pass_index(plan, "search", "permit.3,lease.2"), parents) == 3


def test_an_activity_that_does_not_happen_sends_nobody_back() -> None:
    plan = one({"duration": SPREAD, "probability": 0.5, "redo": {"probability": 1.0, "back_to": "work"}})
    draws = draw(plan, 400)
    assert (draws.redo[:, 0, 0] == draws.happens[:, 0, 0]).all()
    assert draws.redo.any()


def test_what_was_done_before_the_office_entered_is_done_again_only_after_a_redo() -> None:
    plan = nested(inner=0.5, outer=0.5, late={"enters_at": ["permit"]})
    draws = draw(plan, 400)
    assert not draws.happens[:, 0, [pass_index(plan, a) for a in ("search", "lease", "design")]].any()
    assert draws.happens[:, 0, pass_index(plan, "permit")].all()
    back = draws.redo[:, 0, pass_index(plan, "permit")]
    assert (draws.happens[:, 0, pass_index(plan, "search", "permit.2")] == back).all()
    assert not draws.happens[:, 0, pass_index(plan, "search", "lease.2")].any()
    assert back.any()


# --- risks ----------------------------------------------------------------------------------------------------------------


def test_risks_are_drawn_once_for_each_member_of_their_scope() -> None:
    offices = {"a": {"municipality": "Boden"}, "b": {"municipality": "Boden"}, "c": {"municipality": "Lund"}, "d": {}}
    risks = {
        "wave": {"probability": 0.5, "scope": "programme", "activities": ["work"], "factor": {"uniform": [1, 2]}},
        "queue": {"probability": 0.2, "scope": "municipality", "activities": ["work"], "delay": {"uniform": [4, 8], "unit": "weeks"}},
        "own": {"probability": 0.1, "activities": ["work"], "factor": 1.5, "delay": {"fixed": 3}},
    }
    plan = plan_of(offices=offices, risks=risks)
    assert [risk.names for risk in plan.risks] == [("programme",), ("Boden", "Lund"), ("a", "b", "c", "d")]
    draws = draw(plan)
    factor, delay = draws.risk_factor, draws.risk_delay
    assert all(near(factor[:, m] > 1, p) for m, p in enumerate([0.5, 0, 0, 0.1, 0.1, 0.1, 0.1]))
    assert all(near(delay[:, m] > 0, p) for m, p in enumerate([0, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1]))
    assert near(factor[factor[:, 0] > 1, 0], 1.5)
    assert near(delay[delay[:, 1] > 0, 1], 6)  # in weeks, as written
    assert delay[:, 1:3].max() <= 8
    assert (delay[:, 3:] == np.where(factor[:, 3:] > 1, 3, 0)).all()
    assert abs(np.corrcoef(delay[:, 1], delay[:, 2])[0, 1]) < 0.03


def test_factor_and_delay_of_a_risk_come_from_one_size() -> None:
    risk = {"probability": 1, "activities": ["work"], "factor": {"uniform": [1, 3]}, "delay": {"uniform": [0, 10]}}
    draws = draw(plan_of(risks={"r": risk}), 100)
    assert (draws.risk_factor[:, 0] - 1) * 5 == pytest.approx(draws.risk_delay[:, 0], abs=1e-4)


# --- common random numbers ------------------------------------------------------------------------------------------------

RICH: Tables = {
    "office_types": TYPES,
    "offices": {f"o{i}": {"round": i % 2, "county": "x" if i % 3 else "y"} | ({"type": "small"} if i % 2 == 0 else {}) for i in range(6)},
    "type_mix": {"one": {"offices": {"round": 1}, "counts": {"small": 1, "medium": 1, "large": 1}}},
    "branches": {"permit": {"options": {"yes": 0.4, "no": 0.6}, "by_type": {"large": {"yes": 0.8, "no": 0.2}}}},
    "correlation": {"programme": 0.2, "county": 0.1, "office": 0.2},
    "risks": {"wave": {"probability": 0.5, "scope": "county", "activities": ["search"], "factor": {"uniform": [1, 2]}}},
    "activities": {
        "search": {"duration": SPREAD, "by_type": {"large": {"pert": [5, 9, 40]}}},
        "lease": {"duration": LAWS["mixture"], "after": ["search"], "redo": {"probability": 0.3, "back_to": "search", "at_most": 2}},
        "permit_case": {"duration": SPREAD, "when": {"permit": "yes"}, "after": ["lease"]},
        "fibre": {"duration": {"fixed": 3}, "probability": 0.5, "after": ["search"]},
    },
}


def rich(**changes: Tables) -> Plan:
    """A plan with everything in it, some tables extended."""
    return plan_of(
        **{name: changes.get(name, {}) | table for name, table in RICH.items()}, **{k: v for k, v in changes.items() if k not in RICH}
    )


RICH_PLAN = rich()
RICH_SAMPLER = Sampler(RICH_PLAN)


@given(st.integers(0, 2**34), st.lists(st.integers(0, 9), min_size=1, max_size=5))
def test_blocks_make_no_difference(first: int, sizes: list[int]) -> None:
    whole = RICH_SAMPLER.draw(first, sum(sizes))
    begins = itertools.accumulate(sizes, initial=first)
    blocks = [RICH_SAMPLER.draw(begin, size) for begin, size in zip(begins, sizes, strict=False)]
    assert whole.first == first
    assert whole.replications == sum(sizes)
    for name in Draws.arrays():
        assert np.array_equal(np.concatenate([getattr(block, name) for block in blocks]), getattr(whole, name)), name


def test_threads_make_no_difference() -> None:
    with ThreadPoolExecutor(4) as pool:
        blocks = list(pool.map(lambda first: RICH_SAMPLER.draw(first, 40), range(0, 640, 40)))
    whole = RICH_SAMPLER.draw(0, 640)
    assert np.array_equal(np.concatenate([b.duration for b in blocks]), whole.duration)


def assert_same_where_shared(plan: Plan, other: Plan, offices: dict[int, int] | None = None) -> None:
    """The draws of the rich plan must be found in another one, wherever its things stand there."""
    one_, two = draw(plan, 60), draw(other, 60)
    offices = offices or {o.index: other.office_index[o.id] for o in plan.offices}
    mine, theirs = list(offices), list(offices.values())
    passes = [pass_index(other, plan.activities[p.activity].id, p.label) for p in plan.passes]
    for name in ("happens", "duration", "redo"):
        assert np.array_equal(getattr(one_, name)[:, mine], getattr(two, name)[:, theirs][:, :, passes]), name
    variables = [column(other, v.name) for v in plan.variables]
    assert np.array_equal(one_.codes[:, mine], two.codes[:, theirs][:, :, variables])
    factors = [other.factor_names.index(name) for name in plan.factor_names]
    assert np.array_equal(one_.factors, two.factors[:, factors])
    members = [f"{r.id}/{name}" for r in plan.risks for name in r.names]
    others = [f"{r.id}/{name}" for r in other.risks for name in r.names]
    assert np.array_equal(one_.risk_factor, two.risk_factor[:, [others.index(m) for m in members]])


@pytest.mark.parametrize(
    "changes",
    [
        {"offices": {"new": {"round": 0, "type": "large", "county": "z"}}},
        {"activities": {"survey": {"duration": SPREAD, "probability": 0.4}}},
        {"risks": {"strike": {"probability": 0.5, "activities": ["lease"], "delay": SPREAD}}},
        {"branches": {"heating": {"options": {"a": 0.5, "b": 0.5}}}},
        {"meetings": {"board": {"rule": "every Monday"}}},
    ],
    ids=["office", "activity", "risk", "branch", "meeting"],
)
def test_what_is_added_changes_no_other_draw(changes: Tables) -> None:
    """The additions come first in their tables, so that every number in the plan moves."""
    assert_same_where_shared(RICH_PLAN, rich(**changes))


@given(st.permutations(list(RICH["offices"])))
@settings(max_examples=10)
def test_the_order_of_offices_changes_no_draw(order: list[str]) -> None:
    tables = RICH | {"offices": {id_: RICH["offices"][id_] for id_ in order}}
    assert_same_where_shared(RICH_PLAN, plan_of(**tables))


def test_a_change_of_one_office_changes_no_other() -> None:
    offices = RICH["offices"] | {"o0": {"round": 0, "type": "large", "county": "y"}}
    other = plan_of(**(RICH | {"offices": offices}))
    assert_same_where_shared(RICH_PLAN, other, {i: i for i in range(1, 6)})
    mine, theirs = draw(RICH_PLAN, 60).duration[:, 0, 0], draw(other, 60).duration[:, 0, 0]
    assert not np.array_equal(mine, theirs)
    assert (np.argsort(mine[:10]) == np.argsort(theirs[:10])).all()  # another law, the same luck


def test_an_office_in_a_mix_keeps_its_luck_but_must_yield_seats() -> None:
    before, after = draw(mixed(3), 400).codes[:, :3, 0], draw(mixed(4), 400).codes[:, :3, 0]
    assert 0.3 < (before == after).all(axis=1).mean() < 1


# --- blocks ---------------------------------------------------------------------------------------------------------------


def test_a_block_can_be_taken_apart() -> None:
    draws = RICH_SAMPLER.draw(100, 12)
    assert draws.take(slice(3, 7)).differences(RICH_SAMPLER.draw(103, 4)) == []
    assert draws.take(slice(3, 7)).first == 103
    picked = draws.take([5, 5, 2])
    assert picked.first == 105
    assert np.array_equal(picked.duration, draws.duration[[5, 5, 2]])
    assert draws.take([]).replications == 0
    assert draws.differences(RICH_SAMPLER.draw(101, 12)) == ["codes", "happens", "duration", "redo", "risk_factor", "factors"]


def test_a_block_knows_its_size() -> None:
    draws = RICH_SAMPLER.draw(0, 8)
    cells, members, factors = 6 * 9, 2, 1 + 2 + 6
    assert len(RICH_PLAN.passes) == 9  # three of search and of lease, two others, and the end of all
    assert draws.nbytes == 8 * (6 * len(RICH_PLAN.variables) * 2 + cells * (1 + 4 + 1) + members * 16 + factors * 4)
    types = {name: getattr(draws, name).dtype.name for name in Draws.arrays()}
    assert types == {
        "codes": "int16",
        "happens": "bool",
        "duration": "float32",
        "redo": "bool",
        "risk_factor": "float64",
        "risk_delay": "float64",
        "factors": "float32",
    }


def test_an_empty_block_is_a_block() -> None:
    draws = draw(plan_of(), 0, first=6)
    assert draws.duration.shape == (0, 1, 1)
    assert draws.codes.shape == (0, 1, 0)


@pytest.mark.parametrize(("first", "count"), [(-1, 4), (0, -1)])
def test_a_block_before_the_first_replication_is_refused(first: int, count: int) -> None:
    with pytest.raises(ValueError, match=f"first {first}, count {count}"):
        RICH_SAMPLER.draw(first, count)


def test_sample_draws_with_a_sampler_of_its_own_or_with_a_given_one() -> None:
    assert sample(RICH_PLAN, 5, 7).differences(sample(RICH_PLAN, 5, 7, sampler=RICH_SAMPLER)) == []


def test_too_many_combinations_of_outcomes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "MAX_ROWS", 7)
    branches = {name: {"options": {"x": 0.5, "y": 0.5}} for name in "abc"}
    plan = one({"duration": SPREAD, "when": dict.fromkeys("abc", "x")}, branches=branches)
    with pytest.raises(InputError, match=r"activities.work: depends on 8 combinations .* \(a, b, c\)"):
        Sampler(plan).draw(0, 1)


def test_the_compiler_is_not_loaded_before_the_first_draw() -> None:
    code_ = "import sys, sim.sampling; sys.exit('numba' in sys.modules or 'scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code_], check=False).returncode == 0


# --- the deterministic plan -----------------------------------------------------------------------------------------------


def test_medians_are_the_plan_without_chance() -> None:
    work = {"duration": SPREAD, "by_type": {"large": {"uniform": [0, 100]}}, "adjustments": [{"when": {"type": "large"}, "factor": 2}]}
    plan = plan_of(
        office_types=TYPES,
        offices={"a": {"type": "small"}, "b": {"type": {"small": 0.4, "large": 0.6}}},
        risks={"r": {"probability": 1, "activities": ["work"], "factor": 2, "delay": {"fixed": 5}}},
        correlation={"programme": 0.5},
        activities={
            "work": work | {"redo": {"probability": 0.9, "back_to": "work"}},
            "likely": {"duration": {"fixed": 3}, "probability": 0.51},
            "even": {"duration": {"fixed": 3}, "probability": 0.5},
            "large_only": {"duration": {"fixed": 4}, "when": {"type": "large"}, "after": ["work", "likely", "even"]},
        },
    )
    draws = median_draws(plan)
    assert draws.replications == 1
    expected = {"a": {"work": 20, "likely": 3}, "b": {"work": 100, "likely": 3, "large_only": 4}}
    for office, days in expected.items():
        row = draws.duration[0, plan.office_index[office]]
        happens = draws.happens[0, plan.office_index[office]]
        found = {plan.activities[step.activity].id: row[i] for i, step in enumerate(plan.passes) if happens[i]}
        assert found == pytest.approx(days)
    assert not draws.redo.any()
    assert (draws.risk_factor == 1).all()
    assert (draws.risk_delay == 0).all()
    assert (draws.factors == 0).all()


def test_medians_leave_out_what_was_done_before() -> None:
    plan = nested(late={"enters_at": ["permit"]})
    happens = median_draws(plan).happens[0, 0]
    assert [plan.activities[plan.passes[i].activity].id for i in np.flatnonzero(happens)] == ["permit", "move"]


def test_medians_given_keep_types_and_branches() -> None:
    draws = RICH_SAMPLER.draw(40, 30)
    medians = medians_given(RICH_PLAN, draws)
    assert medians.first == 40
    assert np.array_equal(medians.codes, draws.codes)
    large = draws.codes[:, :, 0] == code(RICH_PLAN, "type", "large")
    median_of_pert = RICH_PLAN.distributions[1].median
    assert medians.duration[:, :, 0] == pytest.approx(np.where(large, median_of_pert, 20))
    yes = draws.codes[:, :, column(RICH_PLAN, "permit")] == code(RICH_PLAN, "permit", "yes")
    assert (medians.happens[:, :, pass_index(RICH_PLAN, "permit_case")] == yes).all()
    assert not medians.happens[:, :, [i for i, step in enumerate(RICH_PLAN.passes) if step.label]].any()
    assert not medians.happens[:, :, pass_index(RICH_PLAN, "fibre")].any()  # a probability of one half is not above it


def test_medians_given_of_certain_offices_are_the_deterministic_plan() -> None:
    plan = nested()
    assert medians_given(plan, draw(plan, 1)).differences(median_draws(plan)) == []


# --- quasi-random points --------------------------------------------------------------------------------------------------


def test_what_matters_most_comes_first() -> None:
    names = Sampler(RICH_PLAN, SobolSpec()).streams
    dimension = dict(zip(names, dimensions_of(names), strict=True))
    order = [
        "factor/programme",
        "risk/wave/x/occurs",
        "mix/one/counts",
        "o1/type/attribute",
        "o0/permit/branch",
        "o0/search/duration",
    ]
    found = [int(dimension[name]) for name in order]
    assert found == sorted(found)
    assert found[0] == 0
    assert dimension["o0/fibre/happens"] == dimension["o0/lease/redo"] == dimension["o0/search/duration/lease.2"] == -1
    used = np.array([d for d in dimension.values() if d >= 0])
    assert (np.sort(used) == np.arange(len(used))).all()


@given(st.integers(0, 300), st.lists(st.integers(0, 9), min_size=1, max_size=4))
@settings(max_examples=15)
def test_quasi_random_blocks_make_no_difference(first: int, sizes: list[int]) -> None:
    sampler = Sampler(RICH_PLAN, SobolSpec(3))
    whole = sampler.draw(first, sum(sizes))
    begins = itertools.accumulate(sizes, initial=first)
    blocks = [sampler.draw(begin, size) for begin, size in zip(begins, sizes, strict=False)]
    for name in Draws.arrays():
        assert np.array_equal(np.concatenate([getattr(block, name) for block in blocks]), getattr(whole, name)), name


def test_quasi_random_estimates_are_unbiased_and_closer() -> None:
    """Mean of a sum of durations from 128 futures, over 60 randomisations: on the spot, and far less spread than independent ones."""
    activities = {f"a{i}": {"duration": {"uniform": [0, 10]}} for i in range(4)}
    plan = plan_of(activities=activities, correlation={"programme": 0.3})
    quasi = np.array([Sampler(plan, SobolSpec(r)).draw(0, 128).duration.sum(axis=2).mean() for r in range(60)])
    plain = np.array([Sampler(plan).draw(128 * r, 128).duration.sum(axis=2).mean() for r in range(60)])
    assert near(quasi, 20)
    assert near(plain, 20)
    assert quasi.std() < plain.std() / 5


def test_randomisations_and_seeds_differ_and_repeat() -> None:
    words = [sobol_words(seed, SobolSpec(r), 5, 0, 16) for seed, r in ((1, 0), (1, 1), (2, 0), (1, 0))]
    assert words[0].shape == (16, 5)
    assert words[0].dtype == np.uint32
    assert np.array_equal(words[0], words[3])
    assert not np.array_equal(words[0], words[1])
    assert not np.array_equal(words[0], words[2])


def test_a_plan_without_uncertainty_can_be_asked_for_quasi_random_futures() -> None:
    plan = one({"meeting": "board"}, meetings={"board": {"rule": "every Monday"}})
    assert Sampler(plan, SobolSpec()).draw(0, 4).happens.all()


def test_fixed_laws_are_drawn_as_they_are() -> None:
    plan = one({"duration": {"fixed": 2.5}})
    assert plan.distributions == (Fixed(2.5),)
    assert (draw(plan, 6).duration == 2.5).all()
