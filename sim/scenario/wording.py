"""How faults are worded: what was found, what is allowed, what was probably meant."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Iterable
from itertools import islice

from sim.errors import Fault
from sim.scenario.paths import dotted

MOST_SHOWN = 12
"""Allowed names listed in one message."""

MOST_COMPARED = 5_000
"""Names compared with a misspelt one."""


LONGEST_COMPARED = 200
"""Letters of a name that may be misspelt; no name is longer."""


def show(value: object) -> str:
    """Write a value as it would stand in TOML, cut after 60 characters.

    Examples
    --------
    >>> show("smal"), show(True), show([1, 2])
    ('"smal"', 'true', '[1, 2]')
    """
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…" + text[-1]


def number(value: float) -> str:
    """Write a number with all its digits, as far as a person reads them.

    Examples
    --------
    >>> number(1_000_000_000), number(2.5), number(1e12), number(2**63), number(1e300)
    ('1000000000', '2.5', '1000000000000', '9223372036854775808', '1e+300')
    """
    whole = isinstance(value, int) or (value.is_integer() and abs(value) < 1e16)
    return str(int(value)) if whole and abs(value) < 1e30 else f"{value:.12g}"


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
    if len(word) > LONGEST_COMPARED:
        return ""
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
    return Fault(path, f"{show(value)} is not {what}; {advice}")


def at(*parts: str | int, message: str) -> Fault:
    """Fault at a path given by its parts."""
    return Fault(dotted(*parts), message)


_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def unseen_sign(text: str) -> str:
    r"""What to say of a text with a sign that cannot be seen; empty when there is none.

    Such a sign has no place in a name, and reports and spreadsheets cannot keep it.

    Examples
    --------
    >>> unseen_sign("Bo\x07den"), unseen_sign("two\nlines")
    ('holds a sign that cannot be seen (U+0007, the 3rd of its letters); delete it', '')
    """
    found = _UNSEEN.search(text)
    if not found:
        return ""
    place = found.start() + 1
    ending = {1: "st", 2: "nd", 3: "rd"}.get(place % 10 if place % 100 not in (11, 12, 13) else 0, "th")
    return f"holds a sign that cannot be seen (U+{ord(found[0]):04X}, the {place}{ending} of its letters); delete it"
