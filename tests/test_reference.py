"""The pages that are made from the program are in step with it."""

from __future__ import annotations

import difflib
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from reference import DOCS, PAGES, docstring  # noqa: E402 - the scripts lie beside this folder


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_in_step(name: str) -> None:
    page = DOCS / name
    there = page.read_text("utf-8") if page.exists() else ""
    differs = list(difflib.unified_diff(there.splitlines(), PAGES[name]().splitlines(), "page", "program", lineterm="", n=0))
    assert differs == [], "run: make reference"


def test_every_command_and_option_has_its_line() -> None:
    import typer

    from sim.cli import app

    page = (DOCS / "reference" / "commands.md").read_text("utf-8")
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        part = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
        assert part, name
        assert [o for p in command.params for o in p.opts if o.startswith("--") and o != "--help" and f"`{o}`" not in part[1]] == []


def test_docstrings_become_markdown() -> None:
    text = """Do it.

    In short::

        x = 1

    Parameters
    ----------
    a, b
        Two ``things``,
        see :func:`sim.run`.

    Raises
    ------
    KeyError
        No such thing.

    Examples
    --------
    One:

    >>> 1 + 1
    2
    """
    assert docstring(text).splitlines() == [
        *("Do it.", "", "In short:", "", "```text", "x = 1", "```", ""),
        *("*Parameters*", "", "- `a, b`: Two `things`, see `sim.run`.", "", "*Raises*", "", "- `KeyError`: No such thing.", ""),
        *("*Examples*", "", "One:", "", "<!-- not run: pytest runs the docstrings themselves -->", "```pycon", ">>> 1 + 1", "2", "```"),
    ]
