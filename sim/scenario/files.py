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

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


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
        if PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive or name.startswith(("\\", "~")):
            raise InputError(Fault("", f'"{name}" is an absolute path; write it relative to the file that names it'))
        path = _resolved(beside.parent / name)
        if not path.is_relative_to(self.root):
            raise InputError(
                Fault("", f'"{name}" leads out of the scenario\'s folders; files may lie anywhere under "{self.root.name or self.root}"')
            )
        return path

    def read(self, path: Path) -> FileBytes:
        """Read a file and remember its digest.

        Raises
        ------
        InputError
            There is no such file, it cannot be read, or it is too large.
        """
        name = self.name(path)
        try:
            if not path.is_file():
                raise InputError(Fault("", _absent(path), name))
            if path.stat().st_size > MOST_BYTES:
                raise InputError(Fault("", f"is larger than {MOST_BYTES // 1_000_000} MB; a scenario's files are small", name))
            file = FileBytes(name, path, path.read_bytes())
        except (OSError, ValueError) as error:
            raise InputError(Fault("", f"cannot be read: {getattr(error, 'strerror', None) or error}", name)) from None
        self.digests[name] = file.digest
        return file

    def name(self, path: Path) -> str:
        """Name of a file as seen from the scenario's folder, with ``/`` on every platform."""
        return Path(os.path.relpath(path, self.home)).as_posix()


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        raise InputError(Fault("", f"{str(path)!r} is not a path that can be followed")) from None


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
    if file.data.startswith(_UTF16):
        raise InputError(Fault("", 'is UTF-16, not UTF-8; save it as "UTF-8" or "CSV UTF-8"', file.name, 1))
    try:
        return file.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.data.count(b"\n", 0, error.start) + 1
        byte = file.data[error.start]
        message = f'is not UTF-8: byte 0x{byte:02X} ("{bytes([byte]).decode("latin-1")}" in Latin-1); save it as "UTF-8" or "CSV UTF-8"'
        raise InputError(Fault("", message, file.name, line)) from None


_HINTS = (
    ("Invalid value", "texts stand in quotes, dates as 2022-06-01, numbers as 1.5 or 1_000"),
    ("Expected newline or end of document after a statement", 'one "key = value" a line; numbers have a decimal point, not a comma'),
    ("Expected '=' after a key", 'write "key = value"; a key with other signs than A–Z, a–z, 0–9, _ and - stands in quotes'),
    ("Cannot overwrite a value", "the key stands twice; keep one"),
    ("Cannot declare", "the table stands twice; put its keys together under one heading"),
    ("Unclosed array", "a list ends with ]"),
    ("Invalid initial character for a key part", "a key begins with a letter, a digit, _ or -, or stands in quotes"),
)
_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)\Z")


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """Read TOML.

    Raises
    ------
    InputError
        The text is not TOML; the message has line and column.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise InputError(Fault("", "is nested too deeply", name)) from None
    except ValueError as error:  # among them tomllib.TOMLDecodeError, and numbers of thousands of digits
        message = str(error)
        place = _PLACE.search(message)
        what = message[: place.start()] if place else message
        line, column = (int(n) if n else None for n in place.groups()) if place else (None, None)
        if what.startswith("Exceeds the limit"):
            what = "A number has thousands of digits"
        hint = next((f"; {advice}" for sign, advice in _HINTS if what.startswith(sign)), "")
        where = f" at column {column}" if column else " at the end" if place else ""
        line = line or (len(text.splitlines()) if place else None)
        raise InputError(Fault("", f"is not TOML: {what[:1].lower()}{what[1:]}{where}{hint}", name, line)) from None
