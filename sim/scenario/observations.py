"""Observed values for empirical distributions, from a CSV file.

The first column is read; a first row that is no number is a heading. Columns are divided by semicolon or tab where the file
has one, else by comma. Numbers have a decimal point, or a comma where commas do not divide columns.
"""

from __future__ import annotations

import re

from sim.errors import Fault, InputError
from sim.scenario.files import FileBytes, decode
from sim.scenario.office_table import few
from sim.scenario.wording import show

MOST_VALUES = 100_000
"""Values that are read from one file."""

_NUMBER = re.compile(r"\d+([.,]\d+)?([eE][-+]?\d+)?\Z")


def read_observations(file: FileBytes) -> list[float]:
    """Read the values of the first column.

    Raises
    ------
    InputError
        A cell that is no number of at least 0, no value at all, or too many.
    """
    lines = [(number, line.strip()) for number, line in enumerate(decode(file).splitlines(), 1) if line.strip()]
    divider = _divider([line for _, line in lines], file.name)
    cells = [(number, re.split(f"[{divider}]", line)[0].strip().strip('"') if divider else line.strip('"')) for number, line in lines]
    if cells and not re.match(r"[-+.,]?\d|\Z", cells[0][1]):
        del cells[0]
    wrong = [Fault("", f"{show(cell)} is not a number of at least 0", file.name, n) for n, cell in cells if not _NUMBER.match(cell)]
    faults = few(wrong, "in the first column")
    if not cells:
        faults.append(Fault("", "holds no values; one number a line is expected", file.name))
    if len(cells) > MOST_VALUES:
        faults.append(Fault("", f"holds {len(cells)} values; at most {MOST_VALUES} are read", file.name))
    if faults:
        raise InputError(*faults)
    return [float(cell.replace(",", ".")) for _, cell in cells]


def _divider(lines: list[str], name: str) -> str:
    """What divides columns: ``;`` and tab, ``,``, or nothing."""
    if any(";" in line or "\t" in line for line in lines):
        return ";\t"
    if not any("," in line for line in lines[:1]):
        return "" if all(line.count(",") <= 1 for line in lines) else ","
    if all(re.fullmatch(r"\d+,\d+", line) for line in lines):
        raise InputError(
            Fault("", "are these decimal commas, or two columns? Write a heading in the first line, or use decimal points", name, 1)
        )
    return ","
