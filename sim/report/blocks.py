"""What a page is built of: sections of paragraphs, tables and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from sim.report.charts.spec import Chart
from sim.report.sentences import Verdict


@dataclass(frozen=True)
class Choice:
    """A list in which the reader chooses what a figure shows.

    Attributes
    ----------
    groups
        Heading of each group of options, and its (key, name) pairs.
    said
        A sentence for each key.
    """

    label: str
    groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    said: dict[str, str]
    chosen: str


@dataclass(frozen=True)
class Figure:
    """A chart with its table."""

    kind: ClassVar[str] = "figure"
    chart: Chart
    table: Markup | None = None
    choice: Choice | None = None
    note: str = ""


@dataclass(frozen=True)
class Grid:
    """Small figures beside one another."""

    kind: ClassVar[str] = "grid"
    figures: Sequence[Figure]


@dataclass(frozen=True)
class Paragraphs:
    """Plain text."""

    kind: ClassVar[str] = "paragraphs"
    texts: Sequence[str]


@dataclass(frozen=True)
class Points:
    """A list of sentences."""

    kind: ClassVar[str] = "points"
    texts: Sequence[str]


@dataclass(frozen=True)
class Verdicts:
    """The targets with their states."""

    kind: ClassVar[str] = "verdicts"
    heading: str
    verdicts: Sequence[Verdict]


@dataclass(frozen=True)
class Titled:
    """A table under a heading; ``folded`` until it is asked for."""

    kind: ClassVar[str] = "titled"
    heading: str
    table: Markup
    folded: bool = False
    note: str = ""


@dataclass(frozen=True)
class Facts:
    """Names and values."""

    kind: ClassVar[str] = "facts"
    heading: str
    pairs: Sequence[tuple[str, str]]


Block = Figure | Grid | Paragraphs | Points | Verdicts | Titled | Facts


@dataclass(frozen=True)
class Section:
    """A part of the page with its heading; left out when it has no blocks."""

    id: str
    heading: str
    blocks: Sequence[Block]

    @property
    def folds(self) -> bool:
        """Whether something in it is folded until it is asked for."""
        return any(isinstance(block, Figure | Grid) or getattr(block, "folded", False) for block in self.blocks)


def figures_of(sections: Sequence[Section]) -> list[Figure]:
    """All figures of a page."""
    found: list[Figure] = []
    for section in sections:
        for block in section.blocks:
            found += [block] if isinstance(block, Figure) else list(block.figures) if isinstance(block, Grid) else []
    return found
