"""A run folder: written whole or not at all.

Everything is written into a folder of its own beside the target, which takes the target's name when it is whole. A folder that
is there already is moved away only then. What goes wrong before leaves nothing behind and the old folder as it was.

A run that is killed cannot clear up after itself. The folders that it leaves have hidden names with its machine and process in
them; the next run of the same question on that machine removes them, and gives an old folder that had been moved away its name
back. Nobody reads them until then.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import platform
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from sim.errors import ResultsError

TRIES = 20
"""How often a folder is tried to be put in place while other runs do the same."""


@contextlib.contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A folder to write into that becomes ``target`` when the block ends well, and goes when it does not.

    Raises
    ------
    ResultsError
        The disk is full, or the folder cannot be written.
    """
    temporary, made = _beside(target, "part"), _missing(target.parent)
    try:
        temporary.mkdir(parents=True)
        clear_up(target)
        yield temporary
        _put_in_place(temporary, target)
    except OSError as error:
        raise ResultsError(f"{target}: cannot be written: {error.strerror or error}; nothing is left behind") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        _remove_empty(made)


def _missing(folder: Path) -> list[Path]:
    """The folders that have to be made for one to be there, the innermost first."""
    return [there for there in (folder, *folder.parents) if not os.path.lexists(there)]


def _remove_empty(folders: list[Path]) -> None:
    """Remove folders, the innermost first, up to the first in which there is something."""
    with contextlib.suppress(OSError):
        for folder in folders:
            folder.rmdir()


def check_place(folder: Path) -> None:
    """See that a folder can be made or written before a long run, and write nothing.

    Raises
    ------
    ResultsError
        Something on the way there is no folder, or one that may not be written to.
    """
    there = folder.absolute()
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    if not there.is_dir():
        raise ResultsError(f"{folder}: cannot be written: {there} is not a folder; name another with --out")
    if not os.access(there, os.W_OK | os.X_OK):
        raise ResultsError(f"{folder}: cannot be written: {there} may not be written to; name another with --out")


def _put_in_place(new: Path, target: Path) -> None:
    """Give a folder its name; what has that name is moved away first, and back if the new one does not come."""
    for attempt in range(TRIES):
        old = _beside(target, "old")
        moved = _moved(target, old)
        try:
            new.rename(target)
        except OSError as error:
            taken = error.errno in _TAKEN or target.exists()  # another run was quicker: this one goes over it
            if moved and not taken:
                old.rename(target)
                moved = False
            if not taken or attempt == TRIES - 1:
                raise
        else:
            return
        finally:
            if moved:
                shutil.rmtree(old, ignore_errors=True)


_TAKEN = (errno.ENOTEMPTY, errno.EEXIST)
"""What systems say when a folder cannot take a name that another has; a third run may have moved that one away since."""


def _moved(path: Path, to: Path) -> bool:
    try:
        path.rename(to)
    except FileNotFoundError:
        return False
    return True


def clear_up(target: Path) -> None:
    """Remove what killed runs of this machine have left beside a folder, and put an old folder back that has no successor."""
    for left in target.parent.glob(f".*-{_machine()}-*"):
        match = _LEFT.fullmatch(left.name)
        if match is None or match["name"] != target.name or _is_alive(int(match["process"])):
            continue
        if match["kind"] == "old" and not target.exists():
            with contextlib.suppress(OSError):
                left.rename(target)
        else:
            shutil.rmtree(left, ignore_errors=True)


_LEFT = re.compile(r"\.(?P<name>.+)-[0-9a-f]{6}-(?P<process>\d+)-[0-9a-f]{8}\.(?P<kind>part|old)")


def _beside(target: Path, kind: str) -> Path:
    """A hidden name of its own beside a folder, which says whose it is."""
    return target.parent / f".{target.name}-{_machine()}-{os.getpid()}-{uuid4().hex[:8]}.{kind}"


def _machine() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:6]


def _is_alive(process: int) -> bool:
    """Whether a process of this machine still runs; where that cannot be asked without harm, it is taken to."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
