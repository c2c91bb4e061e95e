"""What every table and column of a run folder means: the catalogue ``columns.toml``, read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

COMMON = "common"
"""Section of the columns that mean the same wherever they stand."""

INTERVAL, ERROR = ("_low", "_high"), "_se"
"""Endings of columns that tell how sure another one is."""


@dataclass(frozen=True)
class About:
    """What a table is.

    Attributes
    ----------
    per
        What has a row each.
    tells
        What it tells, in a sentence.
    columns
        Meaning of its own columns, by name.
    """

    per: str
    tells: str
    columns: Mapping[str, str]


@cache
def _read() -> Mapping[str, Mapping[str, object]]:
    return tomllib.loads(Path(__file__).with_name("columns.toml").read_text("utf-8"))


@cache
def catalogue() -> Mapping[str, About]:
    """All tables by name."""
    return {name: About(**known) for name, known in _read().items() if name != COMMON}  # type: ignore[arg-type]


def meaning(table: str, column: str) -> str:
    """What a column of a table means.

    Raises
    ------
    KeyError
        The catalogue does not know it.

    Examples
    --------
    >>> meaning("openings", "p80")
    '80 % chance of that or less.'
    >>> meaning("openings", "p_on_time_low")
    'Lower end of the 95 % interval of `p_on_time`.'
    """
    own, common = catalogue()[table].columns, _read()[COMMON]
    if column in own or column in common:
        return str(own.get(column) or common[column])
    if quantile := re.fullmatch(r"p(\d\d)", column):
        return f"{int(quantile[1])} % chance of that or less."
    for end, text in zip(INTERVAL, ("Lower", "Upper"), strict=True):
        if column.endswith(end):
            return f"{text} end of the 95 % interval of `{_known(table, column.removesuffix(end))}`."
    if column.endswith(ERROR):
        return f"Standard error of `{_known(table, column.removesuffix(ERROR))}`."
    raise KeyError(f"{table}.{column}: say what it means in sim/results/columns.toml")


def _known(table: str, column: str) -> str:
    """A column that another one is about: itself, or its mean."""
    for name in (column, f"{column}_mean"):
        try:
            meaning(table, name)
        except KeyError:
            continue
        return name
    raise KeyError(f"{table}.{column}: say what it means in sim/results/columns.toml")
