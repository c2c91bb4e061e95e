"""Scenarios compared on the same futures: nothing differs from itself, signs turn with the sides, chance is not called a difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import InputError
from sim.results import run
from sim.results.comparison import Comparison, compare
from sim.scenario import LoadedScenario, load_scenario

WORKSHOP = Path(__file__).parent.parent / "scenarios" / "examples" / "two-machine-workshop.toml"
STARTER = Path(__file__).parent.parent / "sim" / "cli" / "starter" / "scenario.toml"

TURNED = {"earlier": "later", "later": "earlier", "likelier": "less likely", "less likely": "likelier", "fewer": "more", "more": "fewer"}


def workshop(*changes: str) -> LoadedScenario:
    return load_scenario(WORKSHOP, ["scenario.replications=400", *changes])


@pytest.fixture(scope="module")
def slower() -> Comparison:
    return compare([workshop(), workshop("activities.turn.duration.gamma.mean=3.5", "scenario.name='Slower'")])


@pytest.fixture(scope="module")
def quicker() -> Comparison:
    return compare([workshop("activities.turn.duration.gamma.mean=3.5"), workshop()])


def test_a_scenario_does_not_differ_from_itself() -> None:
    found = compare([STARTER, STARTER], replications=100)
    rows = list(found["compare"].rows())
    assert {row["question"].split(".")[0] for row in rows} == {"targets", "programme", "rounds", "offices", "costs"}
    nothing = (0.0, 0.0, 0.0, 1.0, "no difference")
    assert {tuple(row[name] for name in ("difference", "low", "high", "p", "verdict")) for row in rows} == {nothing}
    assert [(row["a"], row["a_low"], row["a_high"]) for row in rows] == [(row["b"], row["b_low"], row["b_high"]) for row in rows]
    shares = ("p_earlier", "p_same", "p_later", "mean_difference_days")
    assert {tuple(row[name] for name in shares) for row in found["earlier"].rows()} == {(0, 1, 0, 0)}
    assert len(found["input_changes"]) == 0
    assert found.names == ("scenario", "scenario (2)")


def test_changing_places_changes_the_sign_and_nothing_else(slower: Comparison, quicker: Comparison) -> None:
    for there, back in zip(slower["compare"].rows(), quicker["compare"].rows(), strict=True):
        assert there["question"] == back["question"]
        assert (there["a"], there["b"]) == (back["b"], back["a"])
        assert there["difference"] == pytest.approx(-back["difference"], abs=1e-12)
        assert (there["low"], there["high"]) == pytest.approx((-back["high"], -back["low"]), abs=1e-12)
        assert there["p"] == pytest.approx(back["p"], rel=1e-9)
        assert there["verdict"] == TURNED.get(back["verdict"], back["verdict"])
    for there, back in zip(slower["earlier"].rows(), quicker["earlier"].rows(), strict=True):
        assert (there["p_earlier"], there["p_later"]) == (back["p_later"], back["p_earlier"])


def test_the_answers_are_those_of_the_runs_alone(slower: Comparison) -> None:
    alone = run(workshop("activities.turn.duration.gamma.mean=3.5"), gather=("openings", "targets"))
    told = {row["question"]: row["b"] for row in slower["compare"].rows()}
    assert told["targets.all_in_april"] == alone["targets"]["probability"][0]
    assert [told[f"offices.{id_}.p80"] for id_ in alone["openings"]["office"]] == alone["openings"]["p80"]


def test_more_work_makes_it_later_in_every_single_future(slower: Comparison) -> None:
    """Longer work with the same draws can only push back: where a machine waits for nothing else, no office is earlier."""
    alone = {row["subject"]: row for row in slower["earlier"].rows()}["offices.flange"]
    assert alone["p_earlier"] < alone["p_later"]
    told = {row["question"]: row for row in slower["compare"].rows()}
    assert told["programme.p80"]["verdict"] == "later"
    assert told["targets.all_in_april"]["verdict"] == "less likely"


def test_the_interval_of_a_pair_is_much_narrower_than_that_of_two_runs() -> None:
    found = compare([workshop(), workshop("activities.pack.duration.fixed=2")], questions=["offices.gear.mean"])
    [row] = found["compare"].rows()
    assert row["high"] - row["low"] < 0.4 * ((row["a_high"] - row["a_low"]).days + (row["b_high"] - row["b_low"]).days)
    assert row["low"] <= row["difference"] <= row["high"]


def test_what_chance_could_have_made_is_not_called() -> None:
    other = [load_scenario(WORKSHOP, ["scenario.replications=30", f"activities.turn.duration.gamma.mean={mean}"]) for mean in (3, 3.02)]
    verdicts = set(compare(other)["compare"]["verdict"])
    assert verdicts <= {"cannot tell", "no difference"}
    assert "cannot tell" in verdicts


def test_what_was_changed_is_listed_but_no_name(slower: Comparison) -> None:
    [row] = slower["input_changes"].rows()
    assert (row["path"], row["a"], row["b"]) == ("activities.turn.duration.gamma.mean", "3", "3.5")


def test_a_run_folder_is_run_again(tmp_path: Path) -> None:
    folder = run(STARTER, replications=60, seed=5, gather=("openings", "targets")).save(tmp_path)
    found = compare([folder, STARTER], costs=False)
    assert {question.seed for question in found.questions} == {5}
    assert set(found["compare"]["difference"]) == {0.0}
    assert set(found["compare"]["replications"]) == {60}


def test_one_scenario_is_too_few_and_a_question_must_be_there() -> None:
    with pytest.raises(InputError, match="two or more"):
        compare([WORKSHOP])
    with pytest.raises(InputError, match="is no office"):
        compare([WORKSHOP, WORKSHOP], questions=["offices.nowhere.p80"], replications=10)
