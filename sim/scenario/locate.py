"""On which line of a TOML text a key stands.

``tomllib`` reads values but not places. This scanner walks a text that ``tomllib`` has already accepted and notes where each
key, and each item of a list, begins. It is best effort: what it cannot follow it leaves out, and a fault then names no line.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from contextlib import suppress

from sim.scenario.paths import Path


def key_lines(text: str) -> dict[Path, int]:
    r"""Line, counted from 1, of every key, table header and list item.

    Examples
    --------
    >>> lines = key_lines('[a.b]\nc = [\n  1,\n  { d = 2 },\n]\n')
    >>> lines["a", "b"], lines["a", "b", "c"], lines["a", "b", "c", 1, "d"]
    (1, 2, 4)
    """
    scanner = _Scanner(text.replace("\r\n", "\n"))
    # What has been found until it loses its way is right; the rest has no line.
    with suppress(IndexError, ValueError, RecursionError):
        scanner.document()
    return scanner.found


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text + "\n"
        self.at = 0
        self.found: dict[Path, int] = {}
        self._starts = [i + 1 for i, c in enumerate(self.text) if c == "\n"]
        self._arrays: dict[Path, int] = {}

    def document(self) -> None:
        """Read the whole text."""
        table: Path = ()
        while self._skip(newlines=True):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._assignment(table)

    def _note(self, path: Path, start: int) -> None:
        """Record a path and, where they have none yet, the tables around it."""
        line = bisect_right(self._starts, start) + 1
        for length in range(1, len(path) + 1):
            self.found.setdefault(path[:length], line)

    def _skip(self, *, newlines: bool) -> bool:
        """Pass over blanks and comments; False at the end of the text."""
        while self.at < len(self.text):
            c = self.text[self.at]
            if c == "#":
                self.at = self.text.index("\n", self.at)
            elif c in " \t" or (newlines and c == "\n"):
                self.at += 1
            else:
                break
        return self.at < len(self.text)

    def _header(self) -> Path:
        start = self.at
        many = self.text.startswith("[[", start)
        self.at += 2 if many else 1
        path = self._in_arrays(self._key(), last_too=not many)
        self.at += 2 if many else 1
        if many:
            self._arrays[path] = self._arrays.get(path, -1) + 1
            path = (*path, self._arrays[path])
        self._note(path, start)
        self.found[path] = bisect_right(self._starts, start) + 1
        return path

    def _in_arrays(self, key: Path, *, last_too: bool) -> Path:
        """Put in the position of the current item where a key leads through a list of tables."""
        path: Path = ()
        for i, part in enumerate(key):
            path = (*path, part)
            if path in self._arrays and (last_too or i < len(key) - 1):
                path = (*path, self._arrays[path])
        return path

    def _key(self) -> Path:
        parts: list[str] = []
        while True:
            self._skip(newlines=False)
            start = self.at
            if self.text[start] in "\"'":
                self._string()
                parts.append(str(tomllib.loads(f"k = {self.text[start : self.at]}")["k"]))
            else:
                while self.text[self.at].isalnum() or self.text[self.at] in "_-":
                    self.at += 1
                parts.append(self.text[start : self.at])
            self._skip(newlines=False)
            if self.text[self.at] != ".":
                return tuple(parts)
            self.at += 1

    def _assignment(self, table: Path) -> None:
        start = self.at
        path = (*table, *self._key())
        if self.text[self.at] != "=":
            raise ValueError("not a key")
        self._note(path, start)
        self.at += 1
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip(newlines=False)
        c = self.text[self.at]
        if c in "\"'":
            self._string()
        elif c == "[":
            self._items(path)
        elif c == "{":
            self._inline(path)
        else:
            while self.text[self.at] not in ",]}#\n":
                self.at += 1

    def _items(self, path: Path) -> None:
        self.at += 1
        position = 0
        while self._skip(newlines=True) and self.text[self.at] != "]":
            self._note((*path, position), self.at)
            self._value((*path, position))
            position += 1
            self._comma()
        self.at += 1

    def _inline(self, path: Path) -> None:
        self.at += 1
        while self._skip(newlines=True) and self.text[self.at] != "}":
            self._assignment(path)
            self._comma()
        self.at += 1

    def _comma(self) -> None:
        self._skip(newlines=True)
        if self.text[self.at] == ",":
            self.at += 1

    def _string(self) -> None:
        quote = self.text[self.at]
        mark = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self.at += len(mark)
        while not self.text.startswith(mark, self.at):
            if self.at >= len(self.text):
                raise ValueError("a text without end")
            self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
        self.at += len(mark)
        while len(mark) == 3 and self.text[self.at] == quote:
            self.at += 1  # up to two quotes may stand just inside the closing ones
