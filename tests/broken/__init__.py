"""Broken scenarios, kept as small pieces: ``cases.toml`` says what each is made of and the first thing that is told of it.

========  ==================================================================================================
overlay   TOML laid over the good scenario
replace   a piece of the good scenario, and what stands there instead
add       TOML put at the end of the good scenario
text      the whole scenario file
hex       its bytes
table     an offices file, beside a small scenario that names it (``table_hex``: its bytes)
encoding  of ``replace``, ``text`` or ``table``; default UTF-8
suffix    of the offices file; default .csv
set       options ``--set`` for the good scenario
files     further files by name
told      the first line that is told; ``…`` at its end stands for anything
========  ==================================================================================================
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from scenario_cases import GOOD

CASES_FILE = Path(__file__).parent / "cases.toml"
Case = dict[str, Any]

WITH_TABLE = """offices_file = "offices{suffix}"
[scenario]
name = "With a table"
start = 2021-06-01
[calendars.all]
every_day = true
[office_types.large]
[office_types.small]
[activities.opening]
duration = {{ fixed = 3 }}
"""


def cases() -> list[Case]:
    """All cases, in order."""
    found: list[Case] = tomllib.loads(CASES_FILE.read_text(encoding="utf-8"))["case"]
    return found


def name_of(case: Case) -> str:
    """A short name: what the case is made of."""
    made_of = next(str(value) for key, value in case.items() if key != "told")
    return "".join(c if c.isprintable() and c.isascii() else "?" for c in made_of[:70])


def is_told(expected: str, line: str) -> bool:
    """Whether a line is what a case expects."""
    return line.startswith(expected[:-1]) if expected.endswith("…") else line == expected


def write(case: Case, folder: Path) -> Path:
    """Write the files of a case; gives the scenario to ask for."""
    (folder / "good.toml").write_bytes(GOOD.read_bytes())
    for name, text in case.get("files", {}).items():
        (folder / name).write_text(text, encoding="utf-8")
    path = folder / "case.toml"
    path.write_bytes(_scenario(case))
    if "table" in case or "table_hex" in case:
        data = bytes.fromhex(case["table_hex"]) if "table_hex" in case else case["table"].encode(case.get("encoding", "utf-8"))
        (folder / f"offices{case.get('suffix', '.csv')}").write_bytes(data)
    return path


def _scenario(case: Case) -> bytes:
    good = GOOD.read_text(encoding="utf-8")
    if "table" in case or "table_hex" in case:
        return WITH_TABLE.format(suffix=case.get("suffix", ".csv")).encode()
    if "hex" in case:
        return bytes.fromhex(case["hex"])
    if "set" in case:
        return b'extends = "good.toml"\n'
    if "overlay" in case:
        return f'extends = "good.toml"\n{case["overlay"]}\n'.encode()
    if "replace" in case:
        old, new = case["replace"]
        assert old in good
        text = good.replace(old, new, 1)
    else:
        text = case["text"] if "text" in case else good + case["add"] + "\n"
    return text.encode(case.get("encoding", "utf-8"))
