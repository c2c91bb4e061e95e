"""Every error that a person can cause, and no other.

A leaf: it imports nothing of this package. The exceptions can be rebuilt from ``.args``, because SimPy re-creates the
exception of a failed process as ``type(exc)(*exc.args)``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_WITHOUT_END = re.compile(r"\S{160,}")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with the input, said so that a planner can mend it.

    Attributes
    ----------
    path
        The place in the scenario, e.g. ``offices.boden.type``; empty when the fault is with a whole file.
    message
        What was found, what is allowed and what to do, in one sentence or two.
    file
        Name of the file, when known.
    line
        Line in that file, counted from 1, when known.
    """

    path: str
    message: str
    file: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        where = self.file + (f", line {self.line}" if self.file and self.line else "")
        return printable(f"{place}{self.message}" + (f"  [{where}]" if where else ""))


def printable(text: str) -> str:
    r"""Write a text from a file so that it can be shown on one line of any terminal.

    Signs that cannot be seen, or that steer a terminal, are written as escapes; what runs on without a blank is cut.

    Examples
    --------
    >>> print(printable("a\x1b[31m"))
    a\x1b[31m
    >>> len(printable("x" * 10_000))
    121
    """
    text = _UNSEEN.sub(lambda match: ascii(match[0])[1:-1], text)
    return _WITHOUT_END.sub(lambda match: f"{match[0][:80]}…{match[0][-40:]}", text)


class EtableraError(Exception):
    """Base of all errors that a person can cause; the command line turns it into a message and an exit status."""


class InputError(EtableraError):
    """The input is at fault: all faults found, at once. Exit status 2.

    Parameters
    ----------
    *faults
        What is wrong, in the order in which it was found.
    """

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults, each a :class:`Fault`; a bare string counts as one without a place."""
        return tuple(f if isinstance(f, Fault) else Fault("", str(f)) for f in self.args)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


class DeadEndError(EtableraError):
    """A future that cannot go on: pools in a circle, no meeting left, the horizon passed. Exit status 2.

    The single argument is the message; it names office, activity, pool and replication.
    """


class ResultsError(EtableraError):
    """The results cannot be written or read back: the folder, the disk, or a file that is not ours. Exit status 2."""
