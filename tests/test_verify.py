"""A run is made again and proved equal, or the first difference is told with its cause: every cause has a case."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.errors import InputError, ResultsError
from sim.results import load, run
from sim.results.passport import digest
from sim.results.verify import Verdict, verify

STARTER = Path(__file__).parent.parent / "sim" / "cli" / "starter"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A run folder, and the scenario file that it was run from."""
    place = tmp_path_factory.mktemp("kept")
    shutil.copytree(STARTER, place / "mine")
    scenario = place / "mine" / "scenario.toml"
    overrides = {"resources.crew.capacity": 2, "scenario.replications": 60}
    return run(scenario, overrides=overrides, why=0).save(place / "results"), scenario


@pytest.fixture
def folder(kept: tuple[Path, Path], tmp_path: Path) -> Path:
    """The run folder, to be spoilt."""
    return Path(shutil.copytree(kept[0], tmp_path / "run"))


@pytest.fixture
def scenario(kept: tuple[Path, Path], tmp_path: Path) -> Path:
    """The scenario file, to be changed."""
    return Path(shutil.copytree(kept[1].parent, tmp_path / "mine")) / "scenario.toml"


def change_passport(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "run.json"
    passport = json.loads(path.read_text("utf-8"))
    change(passport)
    path.write_text(json.dumps(passport), "utf-8")


def spoil(folder: Path, *, in_passport_too: bool) -> None:
    """Another number in a table; with its digest it looks as if it had been computed so."""
    path = folder / "targets.csv"
    path.write_bytes(path.read_bytes().replace(b"0.8", b"0.9", 1))
    if in_passport_too:
        change_passport(folder, lambda passport: passport["files"].update({"targets.csv": digest(path.read_bytes())}))


def test_what_is_as_it_was_is_proved_equal(folder: Path, scenario: Path) -> None:
    assert verify(load(folder), scenario=scenario) == Verdict(True, len(load(folder).names))


def test_a_table_that_was_edited(folder: Path) -> None:
    spoil(folder, in_passport_too=False)
    verdict = verify(load(folder))
    assert verdict.difference == (
        "targets.csv: row 1 (first_four), column confidence: 0.9 in the folder, 0.8 made again (0 of 360 openings are on other days)"
    )
    assert verdict.cause == "targets.csv has been changed since the run: its digest is not that in the passport"


def test_another_file_that_was_edited(folder: Path) -> None:
    path = folder / "openings.parquet"
    path.write_bytes(path.read_bytes() + b" ")
    verdict = verify(load(folder))
    assert (verdict.equal, verdict.difference) == (False, "openings.parquet: its bytes are not those that were written")
    assert verdict.cause.startswith("openings.parquet has been changed since the run")


def test_a_passport_whose_scenario_was_edited(folder: Path) -> None:
    change_passport(folder, lambda passport: passport["scenario"]["resources"]["crew"].update(capacity=3))
    verdict = verify(load(folder))
    assert verdict.difference == f"run.json: the scenario in it is not that of run {load(folder).id}"
    assert verdict.cause == "the input has been changed since the run"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("seed = 1", "seed = 2", "scenario.toml: scenario.seed is 2 now, and was 1 in the run"),
        (
            "seed = 1",
            "seed = 1\nhorizon = 2040-01-01",
            'scenario.toml: scenario.horizon is "2040-01-01" now, and was not given in the run',
        ),
    ],
)
def test_a_scenario_file_that_was_edited(folder: Path, scenario: Path, old: str, new: str, told: str) -> None:
    text = scenario.read_text("utf-8")
    assert old in text
    scenario.write_text(text.replace(old, new, 1), "utf-8")
    verdict = verify(load(folder), scenario=scenario)
    assert (verdict.equal, verdict.cause) == (False, "the input has been changed since the run")
    assert verdict.difference == told


def test_a_scenario_that_was_edited_where_an_option_went_over_it_is_the_same_input(folder: Path, scenario: Path) -> None:
    text = scenario.read_text("utf-8")
    scenario.write_text(text + "\n# a remark\n", "utf-8")
    assert verify(load(folder), scenario=scenario).equal


def test_other_versions(folder: Path) -> None:
    spoil(folder, in_passport_too=True)
    change_passport(folder, lambda passport: passport["versions"].update(scipy="1.0"))
    assert verify(load(folder)).cause.startswith("made with other versions: scipy 1.0 → ")


def test_another_system(folder: Path) -> None:
    spoil(folder, in_passport_too=True)
    change_passport(folder, lambda passport: passport.update(system="Plan 9"))
    assert verify(load(folder)).cause == "made on another system, Plan 9; its mathematical library may differ in the last digit"


def test_no_cause_that_is_known(folder: Path) -> None:
    spoil(folder, in_passport_too=True)
    assert verify(load(folder)).cause.startswith("not known")


def test_a_file_that_is_missing(folder: Path) -> None:
    (folder / "targets.csv").unlink()
    with pytest.raises(ResultsError, match=r"targets\.csv: cannot be read"):
        verify(load(folder))


def test_a_scenario_file_that_cannot_be_read(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        verify(load(folder), scenario=tmp_path / "no.toml")


@pytest.mark.parametrize("name", ["run_id", "scenario", "files", "tables", "versions", "changes", "seed"])
def test_a_passport_without_something_is_told(folder: Path, name: str) -> None:
    change_passport(folder, lambda passport: passport.pop(name))
    with pytest.raises(ResultsError, match=f"has been changed: it has no {name}"):
        load(folder)
