"""The files of a scenario: which may be read, how large they may be, and what their bytes say.

A scenario may name files in its own folder, below it, or anywhere under the folder one level above it (so that a project can
keep ``scenarios/``, ``data/`` and ``what-if/`` side by side). Absolute paths, and relative ones that lead further out, by
``..`` or by a link, are refused: a scenario that someone sends you reads nothing else of yours.
"""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from sim.errors import Fault, InputError

MOST_BYTES = 20_000_000
"""Largest file that is read."""

MOST_TOML_BYTES = 2_000_000
"""Largest scenario file: what is long stands in tables of its own, which are read a hundred times faster."""

MOST_KEY_PARTS = 40
"""Parts of one dotted key; the reader takes a time that grows with their square."""

_OTHER_FORMATS = (
    (b"\xff\xfe\x00\x00", "is UTF-32"),
    (b"\xff\xfe", "is UTF-16"),
    (b"\xfe\xff", "is UTF-16"),
    (b"PK\x03\x04", "is an Excel or zip file by its content"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel file (.xls) by its content"),
    (b"%PDF", "is a PDF by its content"),
)
"""What other files begin with."""


@dataclass(frozen=True, slots=True)
class FileBytes:
    """A file as read: its name as seen from the scenario's folder, where it is, and its bytes."""

    name: str
    path: Path
    data: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


class Folder:
    """The files that one scenario may read.

    Parameters
    ----------
    scenario
        Path of the scenario that was asked for.
    """

    def __init__(self, scenario: Path) -> None:
        self.scenario = _resolved(scenario)
        self.home = self.scenario.parent
        self.root = self.home.parent
        self.digests: dict[str, str] = {}
        """SHA-256 of every file read so far, by name."""

    def find(self, name: str, beside: Path) -> Path:
        """Path of a file that is named in the file ``beside``.

        Raises
        ------
        InputError
            The name leads out of the scenario's folders.
        """
        if not name.strip():
            raise InputError(Fault("", "is empty; give the name of a file"))
        if PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive or name.startswith(("\\", "~")):
            raise InputError(Fault("", f'"{name}" is an absolute path; write it relative to the file that names it'))
        path = _resolved(beside.parent / name, name)
        if not path.is_relative_to(self.root):
            raise InputError(
                Fault("", f'"{name}" leads out of the scenario\'s folders; files may lie anywhere under "{self.root.name or self.root}"')
            )
        return path

    def read(self, path: Path, most: int = MOST_BYTES) -> FileBytes:
        """Read a file of at most ``most`` bytes and remember its digest.

        Raises
        ------
        InputError
            There is no such file, it cannot be read, or it is too large.
        """
        name = self.name(path)
        try:
            if not path.is_file():
                raise InputError(Fault("", _absent(path), name))
            if path.stat().st_size > most:
                raise InputError(Fault("", _too_large(most), name))
            file = FileBytes(name, path, path.read_bytes())
        except (OSError, ValueError) as error:
            message = f"cannot be read: {getattr(error, 'strerror', None) or error}; see to its name and to your rights to read it"
            raise InputError(Fault("", message, name)) from None
        self.digests[name] = file.digest
        return file

    def name(self, path: Path) -> str:
        """Name of a file as seen from the scenario's folder, with ``/`` on every platform."""
        return Path(os.path.relpath(path, self.home)).as_posix()


def _resolved(path: Path, name: str = "") -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        message = f'"{name or path}" is not a path that can be followed; name a file in the scenario\'s folder'
        raise InputError(Fault("", message)) from None


def _too_large(most: int) -> str:
    if most < MOST_BYTES:
        advice = "put many offices in an offices_file, facts in a status_file, observed values in a CSV file"
        return f"is larger than {most // 1_000_000} MB; {advice}"
    return f"is larger than {most // 1_000_000} MB; leave out the columns and rows that the scenario does not use"


def _absent(path: Path) -> str:
    """What to say of a path that is no file: the folder's near names help."""
    from sim.scenario.wording import did_you_mean

    if path.is_dir():
        return "is a folder; name a file"
    near = sorted(p.name for p in path.parent.iterdir()) if path.parent.is_dir() else []
    return f"no such file{did_you_mean(path.name, near)}"


def decode(file: FileBytes) -> str:
    """Text of a UTF-8 file, with or without a byte-order mark.

    Raises
    ------
    InputError
        Other encodings; the message names the first byte that is not UTF-8, and the line.
    """
    for sign, what in _OTHER_FORMATS:
        if file.data.startswith(sign):
            raise InputError(Fault("", f"{what}, not UTF-8; {_SAVE_AS}", file.name, 1))
    if b"\0" in file.data[:1000]:
        raise InputError(
            Fault("", f"is no text in UTF-8: it has zero bytes, as UTF-16 and programs' own files have; {_SAVE_AS}", file.name, 1)
        )
    try:
        return file.data.decode("utf-8").lstrip("\ufeff")
    except UnicodeDecodeError as error:
        line = file.data.count(b"\n", 0, error.start) + 1
        sign = bytes([file.data[error.start]])
        message = f'is not UTF-8: byte 0x{sign[0]:02X} ("{sign.decode("cp1252", "replace")}" in Windows-1252, as Excel saves); {_SAVE_AS}'
        raise InputError(Fault("", message, file.name, line)) from None


_SAVE_AS = 'save it as "UTF-8" or "CSV UTF-8"'

_KEY_HINT = 'write "key = value"; a key with other signs than A–Z, a–z, 0–9, _ and - stands in quotes'
_VALUE_HINT = "texts stand in straight quotes, dates as 2022-06-01, numbers as 1.5 or 1_000"

_HINTS = (
    ("Invalid value", _VALUE_HINT),
    ("Invalid date or datetime", "there is no such day; write dates as 2022-06-01"),
    ("Expected newline or end of document after a statement", f'one "key = value" a line; {_VALUE_HINT}'),
    ("Expected '=' after a key", f"{_KEY_HINT}; numbers have a decimal point, not a comma"),
    ("Cannot overwrite a value", "the key stands twice; keep one"),
    ("Cannot declare", "the table stands twice; put its keys together under one heading"),
    ("Cannot redefine", "the table stands twice; put its keys together under one heading"),
    ("Cannot mutate", "it has been given as a whole before; put its keys together in one place"),
    ("Duplicate inline table key", "the key stands twice; keep one"),
    ("Unclosed array", "a list ends with ]"),
    ("Unclosed inline table", "a table that begins with { ends with } on the same line, with commas between its keys"),
    ("Invalid initial character for a key part", f"{_KEY_HINT}; a table within a line ends without a comma"),
    ("Invalid statement", 'a line is a heading such as [offices.boden], or "key = value"; # begins a comment'),
    ("Expected ']' at the end", f"a heading is [table.id]; {_KEY_HINT}"),
    ("Illegal character '\\n'", "a text ends with a quote on the line where it begins"),
    ("Illegal character", "a sign that cannot be seen; delete it"),
    ("Found invalid character '\\r'", "the file has the line ends of old Macs; save it with those of Unix or Windows"),
    ("Found invalid character", "a sign that cannot be seen; delete it"),
    ("Unterminated string", "a text ends with the quote that it begins with"),
    ("Expected \"'", "a text ends with the quote that it begins with"),
    ("Invalid hex value", 'in "…" write \\\\ for a backslash, or put the text in single quotes'),
    ("Unescaped '\\'", 'in "…" write \\\\ for a backslash, or put the text in single quotes'),
)
_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)\Z")
_NAMES = re.compile(r"\((?:'[^']*',? ?)+\)")
_LONG_KEY = re.compile(rf"(?<![\w\"'-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){{{MOST_KEY_PARTS}}}")
_LONG_NUMBER = re.compile(r"\d{4000}")


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """Read TOML.

    Raises
    ------
    InputError
        The text is not TOML; the message has line and column.
    """
    if long := _LONG_KEY.search(text):
        message = f"a key has more than {MOST_KEY_PARTS} parts; the deepest of a scenario has about ten"
        raise InputError(Fault("", message, name, _line_at(text, long)))
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise InputError(Fault("", "is nested too deeply; lists and tables stand at most a few deep in one another", name)) from None
    except ValueError as error:  # among them tomllib.TOMLDecodeError, and numbers of thousands of digits
        raise InputError(_syntax_fault(str(error), text, name)) from None


def _syntax_fault(message: str, text: str, name: str) -> Fault:
    """What the reader says, with advice on what to do."""
    if message.startswith("Exceeds the limit"):
        long = _LONG_NUMBER.search(text)
        return Fault("", "is not TOML: a number has thousands of digits; shorten it", name, _line_at(text, long) if long else None)
    place = _PLACE.search(message)
    what = message[: place.start()] if place else message
    line, column = (int(n) if n else None for n in place.groups()) if place else (None, None)
    hint = next((f"; {advice}" for sign, advice in _HINTS if what.startswith(sign)), "")
    what = _NAMES.sub(lambda match: ".".join(re.findall(r"'([^']*)'", match[0])), what)
    where = f" at column {column}" if column else " at the end" if place else ""
    line = line or (len(text.splitlines()) if place else None)
    return Fault("", f"is not TOML: {what[:1].lower()}{what[1:]}{where}{hint}", name, line)


def _line_at(text: str, match: re.Match[str]) -> int:
    return text.count("\n", 0, match.start()) + 1
