"""Hundreds of broken scenarios through ``check`` and ``run``: each is told with its place, and nothing is written."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from broken import Case, cases, is_told, name_of, write
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario_cases import GOOD, faults_in, write_case

from sim.cli.check import check
from sim.cli.run import run
from sim.errors import InputError
from sim.scenario import load_scenario
from sim.scenario.files import MOST_TOML_BYTES, FileBytes
from sim.scenario.locate import key_lines
from sim.scenario.observations import read_observations
from sim.scenario.office_table import read_offices
from sim.scenario.paths import Path as Place
from sim.scenario.paths import dotted, split
from sim.scenario.status_table import read_status

ROOT = Path(__file__).parent.parent
CASES = cases()


def ended(command: Callable[..., None], *arguments: Any, **options: Any) -> int:
    """Exit status of a command, run as the command line runs it."""
    with pytest.raises(typer.Exit) as stopped:
        command(*arguments, **options)
    return stopped.value.exit_code


def test_the_corpus_is_large() -> None:
    assert len(CASES) > 400


COMMANDS: tuple[tuple[Any, tuple[str, ...]], ...] = ((check, ()), (run, ("out",)))


@pytest.mark.parametrize(("number", "case"), list(enumerate(CASES)), ids=[f"{i}-{name_of(case)}" for i, case in enumerate(CASES)])
def test_what_is_broken_is_told_with_its_place_and_nothing_is_written(
    tmp_path: Path, number: int, case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commands take turns, as both begin with the same reading; every tenth case goes through both."""
    scenario = write(case, tmp_path)
    before = sorted(tmp_path.iterdir())
    for turn, (command, writes) in enumerate(COMMANDS):
        if number % 2 == turn or number % 10 == 0:
            assert ended(command, scenario, set_=case.get("set"), **dict.fromkeys(writes, tmp_path / "out")) == 2
            shown = capsys.readouterr()
            assert shown.out == ""
            lines = shown.err.splitlines()
            assert is_told(case["told"], lines[0])
            assert all(has_a_place(line) for line in lines), lines
    assert sorted(tmp_path.iterdir()) == before


def has_a_place(line: str) -> bool:
    """Whether a line of a message ends with a file (or an option), and says more than that."""
    return bool(re.fullmatch(r".{12,}  \[(--set.*|[^\]]+\.[a-z]+(, line \d+)?)\]", line)) or line.startswith("and ")


# --- mutations of a good scenario --------------------------------------------------------------------------------------------------


def leaves(node: Any, path: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every value of a table that is no table, by its path."""
    for key, value in node.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


TABLES = tomllib.loads(GOOD.read_text("utf-8"))
OWN_NAMES = {"offices": {"area_open"}}
"""Keys that the planner may choose freely, where a misspelt one is another good one."""

WRONG = ["nan", "-1e18", '"no \\u0001 such"', "[[]]", "{ no = 1 }", "1e300", "[{ no = [1] }]", "1979-05-27T07:32:00Z", "-7", '""']


def is_near(fault_path: str, path: Place) -> bool:
    """Whether a fault is told at a place, inside it, or of what is just around it."""
    told = split(fault_path)
    return told[: len(path)] == path or path[:-1] == told or (path[: len(told)] == told and len(path) - len(told) <= 2)


def test_a_wrong_value_anywhere_is_told_at_its_place(tmp_path: Path) -> None:
    not_told = []
    for number, (path, _) in enumerate(leaves(TABLES)):
        value = WRONG[number % len(WRONG)]
        scenario = write_case(tmp_path, f"{dotted(*path)} = {value}")
        try:
            load_scenario(scenario)
        except InputError as error:
            if any(fault.line == 2 and fault.file == "case.toml" and is_near(fault.path, path) for fault in error.faults):
                continue
            not_told.append((dotted(*path), value, str(error)))
        else:
            not_told.append((dotted(*path), value, "nothing"))
    assert [case for case in not_told if not may_be(*case)] == []


def may_be(path: str, value: str, told: str) -> bool:
    """Values that are good after all where they stand: any text is a source or an attribute, and a number below 0 a priority."""
    free = path.endswith((".source", "area_open", ".colocated", ".actor"))
    return told == "nothing" and (free or value in ('""', "-7"))


def test_a_misspelt_key_anywhere_is_told_with_what_was_meant(tmp_path: Path) -> None:
    lines = GOOD.read_text("utf-8").splitlines()
    places = {line: path for path, line in key_lines("\n".join(lines)).items() if isinstance(path[-1], str)}
    not_told = []
    tried = 0
    for number, path in places.items():
        key = str(path[-1])
        line = lines[number - 1]
        if len(key) < 4 or not line.startswith(f"{key} ="):
            continue
        tried += 1
        misspelt = key[:2] + key[3:]
        text = "\n".join([*lines[: number - 1], line.replace(key, misspelt, 1), *lines[number:]])
        scenario = tmp_path / "case.toml"
        scenario.write_text(text, "utf-8")
        expected = f'did you mean "{key}"?'
        if not any(expected in told and f"[case.toml, line {number}]" in told for told in faults_in(scenario)):
            not_told.append(dotted(*path))
    assert tried > 90
    assert [place for place in not_told if not place.startswith("offices.")] == []


# --- size and depth ----------------------------------------------------------------------------------------------------------------


def test_a_table_of_a_million_offices_is_told_and_not_read_to_its_end(tmp_path: Path) -> None:
    scenario = write({"table": ""}, tmp_path)
    (tmp_path / "offices.csv").write_text("id\n" + "\n".join(f"o{i}" for i in range(1_000_000)), "utf-8")
    begin = time.process_time()
    assert faults_in(scenario) == ["has more than 100000 offices  [offices.csv, line 100002]"]
    assert time.process_time() - begin < 60


def test_a_scenario_file_has_a_largest_size(tmp_path: Path) -> None:
    scenario = tmp_path / "case.toml"
    scenario.write_bytes(b"#" * (MOST_TOML_BYTES + 1))
    assert faults_in(scenario)[0].startswith("is larger than 2 MB; put many offices in an offices_file")


@pytest.mark.parametrize(
    "text",
    ["x = " + "[" * 100_000, ".".join("a" * 50_000) + " = 1", "x = " + "{a = " * 20_000, "[" + "a." * 50_000 + "a]", "a" * 1_000_000],
)
def test_what_is_deep_or_long_is_told_at_once(tmp_path: Path, text: str) -> None:
    scenario = tmp_path / "case.toml"
    scenario.write_text(text, "utf-8")
    [fault] = faults_in(scenario)
    assert len(fault) < 400


def test_a_scenario_named_ten_thousand_times_is_read_once(tmp_path: Path) -> None:
    scenario = write_case(tmp_path, "")
    names = ", ".join(['"good.toml"'] * 10_000)
    scenario.write_text(f"extends = [{names}]\n", "utf-8")
    assert faults_in(scenario) == []


def test_very_many_faults_of_one_column_are_told_in_few_lines(tmp_path: Path) -> None:
    told = faults_in(write({"table": "id,round\n" + "".join(f"o{i},x\n" for i in range(1000))}, tmp_path))
    assert len(told) == 21
    assert told[-1] == "and 980 faults more in the column round  [offices.csv, line 22]"


def is_one_line(text: str) -> bool:
    """Whether nothing in a text steers the terminal or begins a new line."""
    return not any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in text)


# --- anything at all ---------------------------------------------------------------------------------------------------------------

PIECES = [
    "{",
    "}",
    "[",
    "]",
    ",",
    "=",
    '"',
    "'",
    "remove",
    "nan",
    "1e999",
    "-1",
    "0",
    "2022-02-30",
    "2022-06-01",
    "{",
    "fixed",
    "=",
    "3",
    "}",
    '"find"',
    "true",
    "\\",
    "#",
    '"""',
]
WORDS = st.sampled_from(
    [*(f"[{name}.x]" for name in TABLES), *(f"{dotted(*path)} = " for path, _ in leaves(TABLES)), *PIECES, "\n", "\r", "\0", "\x1b"]
)


@settings(max_examples=60)
@given(st.lists(WORDS | st.text(max_size=8), max_size=12).map("".join))
def test_any_text_is_a_scenario_or_is_told(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    told = faults_in(write_case(folder, text.encode("utf-8", "ignore").decode()))
    assert all(is_one_line(fault) for fault in told)


@settings(max_examples=60)
@given(st.data())
def test_any_bytes_of_a_good_scenario_changed_are_told_or_harmless(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    good = bytearray(GOOD.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(good) - 1))
        good[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    scenario = tmp_path_factory.mktemp("any") / "case.toml"
    scenario.write_bytes(good)
    assert all(is_one_line(fault) for fault in faults_in(scenario))


COLUMNS = [
    "id",
    "name",
    "round",
    "target",
    "type",
    "start",
    "enters_at",
    "colocated",
    "office",
    "activity",
    "started",
    "finished",
    "opened",
    "pass",
]
CELLS = st.sampled_from([*COLUMNS, *PIECES, "44713", "1,5", "1 234,5", "ja", "small", "opening", '""', "=1+1", "#REF!", "\0", "\x07"])
LINES = st.lists(st.lists(CELLS | st.text(max_size=4), max_size=5), max_size=6)
READERS: tuple[Callable[[FileBytes], object], ...] = (read_offices, read_status, read_observations)


@settings(max_examples=120)
@given(
    st.builds(
        lambda rows, comma, end, start: (start + end.join(comma.join(row) for row in rows)).encode("utf-8", "ignore"),
        LINES,
        st.sampled_from(";,\t"),
        st.sampled_from(["\n", "\r\n", "\r"]),
        st.sampled_from(["", "sep=;\n", "\ufeff", "id;name\n", "office,activity,started\n", "\n\n"]),
    )
    | st.binary(max_size=60),
    st.sampled_from(READERS),
    st.sampled_from([".csv", ".csv", ".csv", ".xlsx", ".tsv", ".doc"]),
)
def test_any_table_is_read_or_is_told(data: bytes, read: Callable[[FileBytes], object], suffix: str) -> None:
    told: list[str] = []
    try:
        read(FileBytes(f"t{suffix}", Path(f"t{suffix}"), data))
    except InputError as error:
        told = str(error).splitlines()
    assert all(is_one_line(fault) for fault in told)


# --- real processes ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"\xff\xfe[\0s\0", 'is UTF-16, not UTF-8; save it as "UTF-8" or "CSV UTF-8"  [skåp.toml, line 1]\n'),
        (b'extends = "sk\xc3\xa5p.toml"', "extends: scenarios extend one another in a ring: skåp.toml → skåp.toml  [skåp.toml, line 1]\n"),
    ],
)
def test_a_process_ends_with_2_and_the_message_alone(tmp_path: Path, text: bytes, told: str) -> None:
    scenario = tmp_path / "skåp.toml"
    scenario.write_bytes(text)
    arguments = [sys.executable, "-X", "utf8", "-m", "sim", "run", str(scenario)]
    done = subprocess.run(arguments, capture_output=True, cwd=tmp_path, check=False, env=environment(), encoding="utf-8")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)
    assert list(tmp_path.iterdir()) == [scenario]


def environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT)}
