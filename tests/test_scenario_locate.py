"""Lines of keys in TOML: hand-counted cases, and every key of any text that tomllib reads."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenario_cases import GOOD

from sim.scenario.locate import key_lines
from sim.scenario.paths import dotted, split

TEXT = '''\
# a comment with [brackets] and = signs
top = 1
[a]
b.c = """
  text with [x] and = and \\"""
"""
"quoted key" = 'it''s' # not valid, replaced below
[a.d."e f"]
g = [ 1, [2,
  3], { h = "}" }
]  # end
i = { j = 1, k = { l = [
  2] } }
[[rows]]
m = 1
[[rows]]
m = 2021-06-01
[rows.n]
o = 1_000
'''.replace("'it''s'", "'it is'")


def test_lines_by_hand() -> None:
    tomllib.loads(TEXT)
    lines = key_lines(TEXT)
    expected = {
        "top": 2,
        "a": 3,
        "a.b": 4,
        "a.b.c": 4,
        'a."quoted key"': 7,
        'a.d."e f"': 8,
        'a.d."e f".g': 9,
        'a.d."e f".g[0]': 9,
        'a.d."e f".g[1]': 9,
        'a.d."e f".g[1][1]': 10,
        'a.d."e f".g[2].h': 10,
        'a.d."e f".i.j': 12,
        'a.d."e f".i.k.l': 12,
        'a.d."e f".i.k.l[0]': 13,
        "rows[0]": 14,
        "rows[0].m": 15,
        "rows[1]": 16,
        "rows[1].m": 17,
        "rows[1].n": 18,
        "rows[1].n.o": 19,
    }
    assert {path: lines.get(split(path)) for path in expected} == expected


@pytest.mark.parametrize("text", ["a = [1\r\nb", "a", "[", '"', "a = {", "= 3", "", "a = '''", "[[x]"])
def test_broken_text_is_no_trouble(text: str) -> None:
    assert isinstance(key_lines(text), dict)


def test_windows_line_ends_count_once() -> None:
    assert key_lines("a = 1\r\nb = 2\r\n") == {("a",): 1, ("b",): 2}


def paths_of(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [p for key, item in items for p in ((*path, key), *paths_of(item, (*path, key)))]


@pytest.mark.parametrize("file", [GOOD, *GOOD.parents[2].glob("scenarios/**/*.toml")], ids=lambda file: file.name)
def test_every_key_of_real_files_is_found(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    lines = key_lines(text)
    rows = text.splitlines()
    for path in paths_of(tomllib.loads(text)):
        assert path in lines
        if isinstance(path[-1], str):
            assert path[-1] in rows[lines[path] - 1]


words = st.text("abc_-[]{}=#.,'\\\n \té", max_size=6)
values = st.recursive(
    st.integers() | st.booleans() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(key)} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[\n" + ",\n".join(map(toml, value)) + "\n]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        return f'"{escaped}"'
    return str(value).lower()


@given(st.dictionaries(words, values, min_size=1, max_size=4))
def test_every_key_of_any_text_is_found(tables: dict[str, Any]) -> None:
    text = "".join(f"{toml(key)} = {toml(value)}\n" for key, value in tables.items())
    assert tomllib.loads(text) == tables
    assert set(key_lines(text)) == set(paths_of(tables))


@given(st.lists(st.text(min_size=1, max_size=5) | st.integers(0, 99), min_size=1, max_size=4).filter(lambda p: isinstance(p[0], str)))
def test_paths_are_read_back(parts: list[str | int]) -> None:
    assert split(dotted(*parts)) == tuple(parts)
