"""Guesses at what a misspelt word was meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the end of a message, `` (did you mean "…"?)``; empty when no known word is close.

    Examples
    --------
    >>> did_you_mean("juli", ["june", "july"])
    ' (did you mean "july"?)'
    """
    close = difflib.get_close_matches(word, list(known), n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""
