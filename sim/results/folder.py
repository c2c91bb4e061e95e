"""A run folder: written whole or not at all.

Everything is written into a folder of its own beside the target, which takes the target's name when it is whole. A folder that
is there already is moved away only then. What goes wrong before leaves nothing behind and the old folder as it was.
"""

from __future__ import annotations

import contextlib
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
    temporary = target.parent / f".{target.name}-{uuid4().hex[:12]}.part"
    try:
        temporary.mkdir(parents=True)
        yield temporary
        _put_in_place(temporary, target)
    except OSError as error:
        raise ResultsError(f"{target}: cannot be written: {error.strerror or error}; nothing is left behind") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _put_in_place(new: Path, target: Path) -> None:
    """Give a folder its name; what has that name is moved away first, and back if the new one does not come."""
    for attempt in range(TRIES):
        old = target.parent / f".{target.name}-{uuid4().hex[:12]}.old"
        moved = _moved(target, old)
        try:
            new.rename(target)
        except OSError:
            taken = target.exists()  # another run was quicker: this one goes over it
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


def _moved(path: Path, to: Path) -> bool:
    try:
        path.rename(to)
    except FileNotFoundError:
        return False
    return True
