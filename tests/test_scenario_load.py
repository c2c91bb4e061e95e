"""Loading: files and what they name, limits, the passport, and that nothing a person writes brings a traceback."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scenario_cases import GOOD, faults_in, load_case

from sim.errors import InputError
from sim.scenario import Change, from_raw, load_scenario, warnings
from sim.scenario.load import MOST_ACTIVITIES, MOST_FAULTS

SMALL = """
[scenario]
name = "One project"
start = 2021-06-01
[calendars.any]
every_day = true
[offices.project]
[activities.dig]
duration = { fixed = 3 }
"""


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write files and give the path of the first."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / next(iter(files))


def faults(folder: Path, files: dict[str, str | bytes], *overrides: str) -> list[str]:
    return faults_in(write(folder, files), *overrides)


def test_smallest_scenario(tmp_path: Path) -> None:
    loaded = load_scenario(write(tmp_path, {"small.toml": SMALL}))
    assert loaded.scenario.activities["dig"].duration is not None
    assert loaded.scenario.activities["dig"].duration.fixed == 3
    assert loaded.files == {"small.toml": hashlib.sha256(SMALL.encode()).hexdigest()}
    assert loaded.changes == ()


def test_extends_in_order_with_digests_of_all_files(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "what-if/top.toml": 'extends = ["../base.toml", "b.toml"]\nscenario.seed = 3',
        "base.toml": SMALL,
        "what-if/b.toml": 'extends = "../base.toml"\nscenario.name = "b"\nscenario.seed = 2',
    }
    loaded = load_scenario(write(tmp_path, files))
    assert (loaded.scenario.scenario.name, loaded.scenario.scenario.seed) == ("b", 3)
    assert set(loaded.files) == {"top.toml", "../base.toml", "b.toml"}
    assert loaded.changes == (
        Change("scenario.name", "One project", "b", "b.toml"),
        Change("scenario.seed", None, 3, "top.toml"),
    )


def test_two_what_ifs_of_one_base_combine(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "both.toml": 'extends = ["a.toml", "b.toml"]',
        "base.toml": SMALL,
        "a.toml": 'extends = "base.toml"\nscenario.seed = 1',
        "b.toml": 'extends = "base.toml"\nactivities.dig.duration.fixed = 9',
    }
    loaded = load_scenario(write(tmp_path, files))
    assert [(c.path, c.old, c.new, c.source) for c in loaded.changes] == [
        ("scenario.seed", None, 1, "a.toml"),
        ("activities.dig.duration.fixed", 3, 9, "b.toml"),
    ]


def test_options_go_over_files_and_later_over_earlier(tmp_path: Path) -> None:
    path = write(tmp_path, {"small.toml": SMALL})
    loaded = load_scenario(path, ["scenario.seed=1", "scenario.seed=2", "scenario.name=Two words"])
    assert (loaded.scenario.scenario.seed, loaded.scenario.scenario.name) == (2, "Two words")
    assert [c.source for c in loaded.changes] == ["--set scenario.seed=2", "--set scenario.name=Two words"]


def test_a_ring_is_printed(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a.toml": 'extends = "b.toml"',
        "b.toml": 'extends = "c.toml"',
        "c.toml": '# first\nextends = ["a.toml"]',
    }
    assert faults(tmp_path, files) == [
        "extends: scenarios extend one another in a ring: a.toml → b.toml → c.toml → a.toml  [c.toml, line 2]",
    ]


def test_a_file_that_extends_itself(tmp_path: Path) -> None:
    assert faults(tmp_path, {"a.toml": 'extends = "./a.toml"'}) == [
        "extends: scenarios extend one another in a ring: a.toml → a.toml  [a.toml, line 1]"
    ]


def test_a_long_chain_is_refused(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"{i}.toml": f'extends = "{i + 1}.toml"' for i in range(15)}
    assert faults(tmp_path, files) == [
        'extends: "13.toml": more than 12 scenarios in a row, or 100 in all, are laid over one another  [12.toml, line 1]'
    ]


def test_bases_that_cannot_be_read(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "in/top.toml": 'extends = ["bse.toml", "../../out.toml", "/etc/hosts", "C:\\\\x.toml", "sub"]\noffices_file = "o.csv"\n',
        "in/base.toml": SMALL,
        "in/sub/x.toml": SMALL,
    }
    assert faults(tmp_path / "root", files) == [
        'extends: "bse.toml": no such file (did you mean "base.toml"?)  [top.toml, line 1]',
        'extends: "../../out.toml" leads out of the scenario\'s folders; files may lie anywhere under "root"  [top.toml, line 1]',
        'extends: "/etc/hosts" is an absolute path; write it relative to the file that names it  [top.toml, line 1]',
        'extends: "C:\\x.toml" is an absolute path; write it relative to the file that names it  [top.toml, line 1]',
        'extends: "sub": is a folder; name a file  [top.toml, line 1]',
        'offices_file: "o.csv": no such file  [top.toml, line 2]',
    ]


def test_a_link_out_of_the_folders_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.toml").write_text(SMALL)
    path = write(tmp_path / "root", {"in/top.toml": 'extends = "link.toml"'})
    (path.parent / "link.toml").symlink_to(tmp_path / "secret.toml")
    assert "leads out of the scenario's folders" in faults_in(path)[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfea\x00", 'is UTF-16, not UTF-8; save it as "UTF-8" or "CSV UTF-8"  [x.toml, line 1]'),
        (
            "a = 1\nb = 'å'".encode("latin-1"),
            'is not UTF-8: byte 0xE5 ("å" in Windows-1252, as Excel saves); save it as "UTF-8" or "CSV UTF-8"  [x.toml, line 2]',
        ),
        (
            b"[a]\np10 = 1,5",
            "is not TOML: expected newline or end of document after a statement at column 8; "
            'one "key = value" a line; texts stand in straight quotes, dates as 2022-06-01, numbers as 1.5 or 1_000  [x.toml, line 2]',
        ),
        (
            b"name = Boden",
            "is not TOML: invalid value at column 8; "
            "texts stand in straight quotes, dates as 2022-06-01, numbers as 1.5 or 1_000  [x.toml, line 1]",
        ),
        (b"a = 1\na = 2", "is not TOML: cannot overwrite a value at the end; the key stands twice; keep one  [x.toml, line 2]"),
        (b"a = [1,\n2", "is not TOML: unclosed array at the end; a list ends with ]  [x.toml, line 2]"),
        (b"a = " + b"[" * 5000, "is nested too deeply; lists and tables stand at most a few deep in one another  [x.toml]"),
        (b"a = " + b"9" * 5000, "is not TOML: a number has thousands of digits; shorten it  [x.toml, line 1]"),
        (b"extends = 3\nscenario.seed = nan", 'extends: give a file, or a list of files: extends = "base.toml"  [x.toml, line 1]'),
        (b"offices_file = 3", 'offices_file: give the name of a file: offices_file = "offices.csv"  [x.toml, line 1]'),
        (b'offices_file = "x.toml"', 'offices_file: "x.toml" is not a table of offices; use a .csv or .xlsx file  [x.toml, line 1]'),
        (b"a.b.c.d.e.f.g.h.i.j.k.l.m = 1", "a.b.c.d.e.f.g.h.i.j.k.l: is nested more than 12 levels deep  [x.toml, line 1]"),
        (b"x = " + b"[" * 20 + b"]" * 20, "x[0][0][0][0][0][0][0][0][0][0][0]: is nested more than 12 levels deep  [x.toml, line 1]"),
        (b"[scenario]\nseed = nan", "scenario.seed: nan is not a number that can be used; give a finite one  [x.toml, line 2]"),
    ],
)
def test_files_that_are_no_scenarios(tmp_path: Path, content: bytes, message: str) -> None:
    assert message in faults(tmp_path, {"x.toml": content})


def test_an_empty_file_is_told_as_such(tmp_path: Path) -> None:
    assert faults(tmp_path, {"x.toml": b" \n"}) == ["is empty; write a scenario, or let etablera new DIR write one to begin with  [x.toml]"]


def test_a_file_of_comments_names_what_is_missing(tmp_path: Path) -> None:
    assert faults(tmp_path, {"x.toml": b"# to be written"}) == [
        "scenario: is missing: name, first day, number of futures, seed  [x.toml]",
        "calendars: is missing: working time, by id  [x.toml]",
        "offices: is missing: the establishments, by id; a network without offices has one  [x.toml]",
        "activities: is missing: steps of the process, by id  [x.toml]",
    ]


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    path = write(tmp_path, {"x.toml": b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode()})
    assert load_scenario(path).scenario.scenario.name == "One project"


def test_missing_unreadable_and_odd_paths(tmp_path: Path) -> None:
    write(tmp_path, {"programme.toml": SMALL})
    assert faults_in(tmp_path / "program.toml") == ['no such file (did you mean "programme.toml"?)  [program.toml]']
    assert "is a folder; name a file" in faults_in(tmp_path)[0]
    assert "is not a path that can be followed" in faults_in(Path("a\0b"))[0]


def test_too_large_a_file(tmp_path: Path) -> None:
    path = tmp_path / "big.toml"
    with path.open("wb") as file:
        file.truncate(2_000_001)
    assert faults_in(path) == [
        "is larger than 2 MB; put many offices in an offices_file, facts in a status_file, observed values in a CSV file  [big.toml]"
    ]


def test_too_many_activities(tmp_path: Path) -> None:
    many = "".join(f"a{i}.duration.fixed = 1\n" for i in range(MOST_ACTIVITIES + 1))
    text = SMALL.partition("[activities")[0] + "[activities]\n" + many
    assert faults(tmp_path, {"x.toml": text}) == [
        f"activities: there are {MOST_ACTIVITIES + 1}; at most {MOST_ACTIVITIES} can be simulated"
    ]


def test_too_many_faults_are_counted(tmp_path: Path) -> None:
    many = "".join(f"[offices.o{i}]\nround = -1\n" for i in range(MOST_FAULTS + 10))
    found = faults(tmp_path, {"x.toml": SMALL + many})
    assert len(found) == MOST_FAULTS
    assert found[-1] == "and 11 faults more"


def test_offices_file_lies_under_the_files_own_tables(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "top.toml": 'extends = "base.toml"\n[offices]\nb = "remove"\n[offices.c]\nround = 3\n',
        "base.toml": SMALL.replace("[scenario]", 'offices_file = "data/o.csv"\n[scenario]', 1) + "[offices.a]\nround = 9\n",
        "data/o.csv": "id,name,round,note\na,A,1,remove\nb,B,2,\nc,C,2,x\n",
    }
    loaded = load_scenario(write(tmp_path, files))
    assert {id_: (o.name, o.round) for id_, o in loaded.scenario.offices.items()} == {"a": ("A", 9), "c": ("C", 3), "project": ("", None)}
    assert loaded.raw["offices"]["a"]["note"] == "remove"
    assert [c.path for c in loaded.changes] == ["offices.b", "offices.c.round"]
    assert "data/o.csv" in loaded.files


def test_faults_in_an_offices_file_have_its_lines(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "top.toml": 'offices_file = "o.csv"\n' + SMALL + "[offices.a]\nround = 2\n",
        "o.csv": "id;round;type\na;1;smal\nB c;2;\n",
    }
    assert faults(tmp_path, files) == [
        'offices."B c": "B c" is not an id; use lower-case a–z, 0–9, "_" and "-", at most 64 (perhaps "b-c")  [o.csv, line 3]'
    ]
    (tmp_path / "o.csv").write_text("id;round;type\na;1;smal\n")
    assert faults_in(tmp_path / "top.toml") == [
        'offices.a.type: "smal" is not an office type; the scenario has no [office_types.ID]  [o.csv, line 2]'
    ]


def test_observed_values_become_part_of_the_passport(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "top.toml": SMALL.replace("{ fixed = 3 }", '{ empirical = "data/obs.csv", unit = "weeks" }'),
        "data/obs.csv": "weeks;place\n10,5;x\n12;y\n",
    }
    loaded = load_scenario(write(tmp_path, files))
    assert loaded.raw["activities"]["dig"]["duration"] == {"empirical": "data/obs.csv", "unit": "weeks", "empirical_values": [10.5, 12.0]}
    (tmp_path / "data/obs.csv").unlink()
    assert from_raw(json.loads(json.dumps(loaded.raw))) == loaded.scenario


def test_observed_values_by_an_option(tmp_path: Path) -> None:
    path = write(tmp_path, {"top.toml": SMALL, "obs.csv": "3\n4\n"})
    loaded = load_scenario(path, ["activities.dig.duration.empirical=obs.csv"])
    assert loaded.raw["activities"]["dig"]["duration"] == {"empirical": "obs.csv", "empirical_values": [3.0, 4.0]}


def test_observed_values_that_cannot_be_read(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "top.toml": SMALL.replace("{ fixed = 3 }", '{ mixture = { weights = [1], of = [{ empirical = "obs.csv" }] } }')
        + '[activities.fill]\nduration = { empirical = "no.csv" }\n',
        "obs.csv": "days\n3\nfour\n-1\n",
    }
    assert faults(tmp_path, files) == [
        '"four" is not a number of at least 0  [obs.csv, line 3]',
        '"-1" is not a number of at least 0  [obs.csv, line 4]',
        'activities.fill.duration.empirical: "no.csv": no such file (did you mean "obs.csv"?)  [top.toml, line 11]',
    ]


def test_the_passport_gives_the_same_scenario() -> None:
    loaded = load_scenario(GOOD)
    assert from_raw(json.loads(json.dumps(loaded.raw))) == loaded.scenario


def test_a_passport_that_is_none() -> None:
    with pytest.raises(InputError, match="scenario: is missing"):
        from_raw({})
    raw = json.loads(json.dumps(load_scenario(GOOD).raw))
    raw["offices"]["east"]["type"] = "tiny"
    with pytest.raises(InputError, match='"tiny" is not an office type'):
        from_raw(raw)


def test_attributes_keep_their_types(tmp_path: Path) -> None:
    overlay = "[offices.east]\nopened = 2020-01-01\ncode = '0885'\nshare = 1.0\ncount = 1\nold = true\nmix = { a = 0.5, b = 0.5 }"
    loaded = load_case(tmp_path, overlay)
    office = from_raw(json.loads(json.dumps(loaded.raw))).offices["east"]
    values = office.__pydantic_extra__ or {}
    assert {name: repr(value) for name, value in values.items()} == {
        "opened": "datetime.date(2020, 1, 1)",
        "code": "'0885'",
        "share": "1.0",
        "count": "1",
        "old": "True",
        "mix": "{'a': 0.5, 'b': 0.5}",
    }


GOOD_TABLES = tomllib.loads(GOOD.read_text(encoding="utf-8"))
PLACES = [
    (section, *rest)
    for section, entries in GOOD_TABLES.items()
    for rest in [
        (),
        *((key,) for key in entries),
        *((key, field) for key, entry in entries.items() if isinstance(entry, dict) for field in entry),
    ]
]
ODD: list[Any] = [
    None,
    -1,
    0,
    10**9,
    10**30,
    1e300,
    "",
    "remove",
    "small",
    "lease",
    "lease.start",
    [],
    {},
    [1, 2],
    True,
    {"fixed": 3},
    {"a": 1},
]
ODD += ["2022-02-30", "06-31", ["x"], [[]], [{}], {"": 0}, "å" * 100, "a.b", {"from": 3}, 0.5]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(ODD)), min_size=1, max_size=4))
def test_mutated_scenarios_load_or_are_told_off(changes: list[tuple[tuple[str, ...], Any]]) -> None:
    raw = json.loads(json.dumps(GOOD_TABLES, default=str))
    for path, value in changes:
        node = raw
        for key in path[:-1]:
            node = node[key] if isinstance(node, dict) and key in node else {}
        if isinstance(node, dict):
            if value is None:
                node.pop(path[-1], None)
            else:
                node[path[-1]] = value
    assert all("Input should" not in text for text in told(raw))


def told(raw: dict[str, Any]) -> list[str]:
    """Faults of resolved tables, or warnings when there are none."""
    try:
        return [str(fault) for fault in warnings(from_raw(raw))]
    except InputError as error:
        return [str(fault) for fault in error.faults]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=40), st.integers(0, len(GOOD.read_bytes())), st.integers(0, 40))
def test_damaged_files_load_or_are_told_off(tmp_path: Path, noise: bytes, at: int, length: int) -> None:
    data = GOOD.read_bytes()
    for fault in faults(tmp_path, {"x.toml": data[:at] + noise + data[at + length :]}):
        assert "x.toml" in fault
