"""Tables and text on a terminal of at least 100 columns; colours only there."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import typer

from sim.cli.status import colours

WIDTH = 100
"""Columns that everything fits."""

GAP = "  "
NBSP, MINUS = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"
EIGHTHS = " ▏▎▍▌▋▊▉"
BOLD, GREY, GREEN, YELLOW, RED = "1", "2", "32", "33", "31"
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Column:
    """A column: its heading, its greatest width, and whether it stands to the right."""

    heading: str
    width: int = 0
    right: bool = False


def clean(text: str) -> str:
    r"""A text from a scenario without what could steer a terminal.

    >>> clean("Boden\x1b[31m")
    'Boden [31m'
    """
    return CONTROL.sub(" ", text)


def cut(text: str, width: int) -> str:
    """A text that is too long, shortened.

    >>> cut("Göteborg, Biskopsgården", 12)
    'Göteborg, B…'
    """
    text = clean(text)
    return text if not width or len(text) <= width else text[: width - 1] + "…"


def bar(share: float | None, cells: int = 8) -> str:
    """A share as a bar.

    >>> bar(0.5, 4), bar(0.3, 4), bar(None, 4)
    ('██', '█▎', '')
    """
    if share is None:
        return ""
    full, rest = divmod(round(share * cells * 8), 8)
    return ("█" * full + EIGHTHS[rest]).rstrip()


def shade(share: float | None) -> str:
    """Colour of a chance; the number stands beside it, so no colour stands alone."""
    if share is None:
        return ""
    return GREEN if share >= 0.8 else YELLOW if share >= 0.5 else RED


class Screen:
    """Standard output."""

    def __init__(self) -> None:
        self.colours = colours(sys.stdout.isatty())
        encoding = getattr(sys.stdout, "encoding", None) or "ascii"
        self.encoding = encoding

    def paint(self, text: str, colour: str) -> str:
        """A text in a colour, where there are any."""
        return f"\x1b[{colour}m{text}\x1b[0m" if colour and self.colours else text

    def line(self, text: str = "", colour: str = "") -> None:
        """One line, in signs that the terminal has: plain spaces and hyphens as they can be copied into other programs."""
        text = text.replace(NBSP, " ").replace(MINUS, "-")
        fit = text.encode(self.encoding, "replace").decode(self.encoding)
        typer.echo(self.paint(fit, colour), color=True)

    def heading(self, text: str) -> None:
        """A heading with a blank line before it."""
        self.line()
        self.line(text, BOLD)

    def paragraph(self, text: str, indent: str = "  ") -> None:
        """A text, wrapped."""
        whole = clean(text).replace(" %", NBSP + "%")
        for line in textwrap.wrap(whole, WIDTH, initial_indent=indent, subsequent_indent=indent + "  "):
            self.line(line)

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]], shades: Sequence[str] = ()) -> None:
        """A table; its first column yields where it would be too wide. ``shades`` colours the last column of each row."""
        cells = [[cut(cell, column.width) for cell, column in zip(row, columns, strict=True)] for row in rows]
        widths = [max([len(c.heading), *(len(row[i]) for row in cells)]) for i, c in enumerate(columns)]
        widths[0] = max(widths[0] - max(sum(widths) + len(GAP) * (len(widths) - 1) - WIDTH, 0), 8)
        cells = [[cut(row[0], widths[0]), *row[1:]] for row in cells]
        self.line(GAP.join(aligned([c.heading for c in columns], columns, widths)).rstrip(), GREY)
        for i, row in enumerate(cells):
            *front, last = aligned(row, columns, widths)
            self.line(GAP.join([*front, self.paint(last.rstrip(), shades[i] if shades else "")]).rstrip())


def aligned(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> list[str]:
    """The cells of a row, filled up to their widths."""
    return [cell.rjust(w) if c.right else cell.ljust(w) for cell, c, w in zip(cells, columns, widths, strict=True)]
