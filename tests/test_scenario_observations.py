"""Observed values from CSV: headings, delimiters, decimal commas."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import InputError
from sim.scenario.files import FileBytes
from sim.scenario.observations import MOST_VALUES, read_observations


def read(content: str) -> list[float]:
    return read_observations(FileBytes("f.csv", Path("f.csv"), content.encode()))


@pytest.mark.parametrize(
    ("content", "values"),
    [
        ("1\n2.5\n", [1, 2.5]),
        ("days\n1\n\n2\n", [1, 2]),
        ("days\n1,5\n2,5\n", [1.5, 2.5]),
        ("days;place\n1,5;a\n2;b\n", [1.5, 2]),
        ("days\tplace\n1,5\ta\n", [1.5]),
        ("days,place\n1.5,a\n2,b\n", [1.5, 2]),
        ("days,place,x\n1,2,3\n", [1]),
        ('"days"\n"3"\n', [3]),
        ("1e2\n", [100]),
        ("﻿days\n4\n", [4]),
        ("0\n", [0]),
    ],
)
def test_values(content: str, values: list[float]) -> None:
    assert read(content) == values


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no values; one number a line is expected  [f.csv]"),
        ("days\n", "holds no values; one number a line is expected  [f.csv]"),
        ("1\nx\n", '"x" is not a number of at least 0  [f.csv, line 2]'),
        ("1\n-1\nnan\n", '"-1" is not a number of at least 0  [f.csv, line 2]\n"nan" is not a number of at least 0  [f.csv, line 3]'),
        (
            "1,5\n2,5\n",
            "are these decimal commas, or two columns? Write a heading in the first line, or use decimal points  [f.csv, line 1]",
        ),
        ("1\n" * (MOST_VALUES + 1), f"holds {MOST_VALUES + 1} values; at most {MOST_VALUES} are read  [f.csv]"),
    ],
)
def test_faults(content: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(content)
    assert str(caught.value) == message
