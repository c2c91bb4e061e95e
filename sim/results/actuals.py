"""What has happened, from a CSV file or an Excel sheet.

The first row names the columns. A row is about an office, or a count:

- ``office`` and ``opened``, the day on which it opened; empty while it has not. When only bounds are known, ``not_open_on`` is a
  day on which it was seen not to be open and ``open_by`` one on which it was seen to be.
- ``date`` and ``open``, how many offices of the scenario were open on that day; ``filter`` says which count, as in
  ``open_count.csv``: ``round=1``, ``county=Skåne``; empty or ``all`` for all.

Files are read as tables of offices are, see :mod:`sim.scenario.office_table`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from pathlib import Path

from sim.analysis.outcomes import Actuals, Count, members
from sim.analysis.scores import NEVER, Outcome
from sim.calibration.records import header_faults, open_table
from sim.errors import Fault, InputError
from sim.plan import Plan
from sim.scenario.attributes import Attributes
from sim.scenario.office_table import Row, date_text
from sim.scenario.schema import Filter
from sim.scenario.wording import did_you_mean, listing, show, unknown

COLUMNS = ("office", "opened", "not_open_on", "open_by", "date", "open", "filter")
DATES = ("opened", "not_open_on", "open_by", "date")

MOST_ROWS = 1_000_000
"""Rows that are read."""


def read_actuals(path: str | Path, plan: Plan, as_of: dt.date | None = None) -> Actuals:
    """Read what has happened to the offices of a scenario.

    Parameters
    ----------
    as_of
        The last day of which it is known what was open; needed when some office has not opened.

    Raises
    ------
    InputError
        Every fault of the file.
    """
    table = open_table(path, "what has happened", _header_faults)
    return _Reader(table.file.name, table.columns, plan, as_of).read(table.rows)


def _header_faults(columns: list[str]) -> Iterable[str]:
    """What is wrong with the names of the columns."""
    yield from header_faults(columns, ["office", "opened"] if "office" in columns or "date" not in columns else ["date", "open"])
    for column in dict.fromkeys(c for c in columns if c and c not in COLUMNS):
        yield f'"{column}" is not a column of what has happened; use {listing(COLUMNS)}{did_you_mean(column, COLUMNS)}'


class _Reader:
    """Reads the rows under one header."""

    def __init__(self, name: str, columns: list[str], plan: Plan, as_of: dt.date | None) -> None:
        self.name, self.columns, self.plan, self.as_of = name, columns, plan, as_of
        self.offices = [office.id for office in plan.offices]
        self.faults: list[Fault] = []
        self.openings: dict[str, Outcome] = {}
        self.lines: dict[str, int] = {}
        self.waiting: list[int] = []
        """Lines of offices that have not opened."""
        self.counts: list[Count] = []

    def read(self, rows: Iterable[Row]) -> Actuals:
        """All rows; raise all faults."""
        if self.as_of and self.as_of < self.plan.start:
            self.faults.append(Fault("--as-of", f"{self.as_of} is before the start of the scenario, {self.plan.start}"))
        for number, (line, cells) in enumerate(rows, 1):
            if number > MOST_ROWS:
                raise InputError(*self.faults, Fault("", f"has more than {MOST_ROWS} rows", self.name, line))
            given = {column: cell for column, cell in zip(self.columns, cells, strict=False) if cell}
            if any(cells[len(self.columns) :]):
                self.blame(line, "has more cells than columns; is a quote or a delimiter too many?")
            self.row(line, given)
        if self.waiting and self.as_of is None:
            many = f"{len(self.waiting)} offices have" if len(self.waiting) > 1 else "the office has"
            self.blame(self.waiting[0], f"{many} not opened, and nothing says by which day; give --as-of DATE")
        if not self.openings and not self.counts and not self.faults:
            self.faults.append(Fault("", "says nothing: no row has an office or a count", self.name))
        if self.faults:
            raise InputError(*self.faults)
        return Actuals(self.openings, tuple(self.counts), self.as_of)

    def blame(self, line: int, message: str) -> None:
        """Note a fault."""
        self.faults.append(Fault("", message, self.name, line))

    def row(self, line: int, given: dict[str, str]) -> None:
        """Take in a row."""
        before = len(self.faults)
        dates = {column: self.date(line, column, given[column]) for column in DATES if column in given}
        if "office" in given and given.keys() & {"date", "open", "filter"}:
            self.blame(line, "is about an office and a count; give each its own row")
        elif "office" in given:
            self.office(line, given["office"], dates, sound=len(self.faults) == before)
        elif given.keys() & {"opened", "not_open_on", "open_by"}:
            self.blame(line, "names no office")
        elif "date" in given and "open" in given:
            self.count(line, dates["date"], given["open"], given.get("filter", "all"))
        elif given:
            self.blame(line, "a count needs date and open")

    def date(self, line: int, column: str, cell: str) -> dt.date | None:
        """A date within the time that is simulated, and not after the day up to which facts are known."""
        try:
            found = dt.date.fromisoformat(date_text(cell))
        except ValueError as error:
            self.blame(line, f"{column}: {show(cell)} {error}")
            return None
        last = min(self.plan.date(self.plan.last), self.as_of or dt.date.max)
        if found > last:
            why = "the day up to which facts are known" if last == self.as_of else "the last day that is simulated"
            self.blame(line, f"{column}: {found} is after {last}, {why}")
        elif found < self.plan.start:
            self.blame(line, f"{column}: {found} is before the start of the scenario, {self.plan.start}")
        else:
            return found
        return None

    def office(self, line: int, office: str, dates: dict[str, dt.date | None], *, sound: bool) -> None:
        """What is known of an office."""
        if office not in self.offices:
            self.blame(line, unknown("", office, "an office of the run", self.offices).message)
        elif office in self.lines:
            self.blame(line, f"{office} stands twice, first in line {self.lines[office]}")
        elif "opened" in dates and len(dates) > 1:
            self.blame(line, f"{office}: opened says it all; leave not_open_on and open_by empty")
        elif sound:
            self.lines[office] = line
            day = {column: self.plan.day(date) for column, date in dates.items() if date}
            self.known(line, office, day)

    def known(self, line: int, office: str, day: dict[str, int]) -> None:
        """Keep what is known as an interval of days."""
        if "opened" in day:
            self.openings[office] = Outcome(day["opened"], day["opened"])
        elif "open_by" in day:
            first = day.get("not_open_on", -1) + 1
            if first > day["open_by"]:
                self.blame(line, f"{office}: open_by is not after not_open_on")
            self.openings[office] = Outcome(first, day["open_by"])
        else:
            self.waiting.append(line)
            seen = self.plan.day(self.as_of) if self.as_of else -1
            self.openings[office] = Outcome(max(seen, day.get("not_open_on", -1)) + 1, NEVER)

    def count(self, line: int, date: dt.date | None, cell: str, label: str) -> None:
        """A count of open offices."""
        wanted = self.filter(line, label)
        number = int(cell) if re.fullmatch(r"\d{1,9}", cell) else None
        if number is None:
            self.blame(line, f"open: {show(cell)} is not a whole number")
        if wanted is None or number is None or date is None:
            return
        counted = members(self.plan, wanted)
        if counted is None:
            self.blame(line, f"filter: {label} hangs on what is uncertain in the scenario; count by what is certain")
        elif number > len(counted):
            self.blame(line, f"open: {number} is more than the {len(counted)} offices that {label} has in the run")
        else:
            self.counts.append(Count(date, number, wanted, label))

    def filter(self, line: int, label: str) -> Filter | None:
        """A filter as ``open_count.csv`` writes it."""
        if label == "all":
            return {}
        name, sign, text = label.partition("=")
        known = Attributes(self.plan.scenario).known
        if not sign or name not in known:
            self.blame(line, f"filter: {show(label)} is none; write all, or ATTRIBUTE=VALUE with one of {listing(known)}")
            return None
        value = next((v for v in known[name] if str(v) == text), None)
        if value is None:
            values = [str(v) for v in known[name]]
            self.blame(line, f"filter: no office has the {name} {show(text)}; use one of {listing(values)}{did_you_mean(text, values)}")
            return None
        return {name: (value,)}
