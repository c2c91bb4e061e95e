"""How faults are worded: what was found, what is allowed, what was probably meant."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterable
from itertools import islice

from sim.errors import Fault
from sim.scenario.paths import dotted

MOST_SHOWN = 12
"""Allowed names listed in one message."""

MOST_COMPARED = 5_000
"""Names compared with a misspelt one."""


def show(value: object) -> str:
    """Write a value as it would stand in TOML, cut after 60 characters.

    Examples
    --------
    >>> show("smal"), show(True), show([1, 2])
    ('"smal"', 'true', '[1, 2]')
    """
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…" + text[-1]


def listing(names: Collection[str]) -> str:
    """List names with commas, the first few of many.

    Examples
    --------
    >>> listing(["large", "small"])
    'large, small'
    """
    shown = ", ".join(islice(names, MOST_SHOWN))
    return f"{shown}, … ({len(names)} in all)" if len(names) > MOST_SHOWN else shown


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Guess what a misspelt word was meant to be; empty when nothing is near.

    Examples
    --------
    >>> did_you_mean("smal", ["large", "small"])
    ' (did you mean "small"?)'
    """
    folded = {name.casefold(): name for name in islice(known, MOST_COMPARED)}
    near = difflib.get_close_matches(word.casefold(), folded, n=1)
    return f' (did you mean "{folded[near[0]]}"?)' if near else ""


def unknown(path: str, value: str, what: str, known: Collection[str], none: str = "there is none in the scenario") -> Fault:
    """Fault of a name that refers to nothing.

    Parameters
    ----------
    path, value
        Where the name stands, and the name.
    what
        What it should be, with its article: ``an office type``.
    known
        The names there are.
    none
        Said when there are no names at all.

    Examples
    --------
    >>> print(unknown("offices.boden.type", "smal", "an office type", ["large", "small"]))
    offices.boden.type: "smal" is not an office type; use one of large, small (did you mean "small"?)
    """
    advice = f"use one of {listing(known)}{did_you_mean(value, known)}" if known else none
    return Fault(path, f'"{value}" is not {what}; {advice}')


def at(*parts: str | int, message: str) -> Fault:
    """Fault at a path given by its parts."""
    return Fault(dotted(*parts), message)
