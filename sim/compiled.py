"""Compiled functions: the ``jit`` decorator and where their machine code is kept.

A leaf, and the only module that imports numba. Import it late: numba costs about 0.4 s, and ``etablera check`` needs none of it.

Numba sees a change in the file of a function, but not in the files of the functions that it calls, nor of the numbers that it reads.
So the machine code of a room of this package (its subpackage) is kept in a folder named after a digest of the sources it depends on.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

USES_JIT = b"from sim.compiled import"
"""What tells a source file with compiled functions."""

PACKAGE = Path(__file__).parent


class Kept(NamedTuple):
    """A function whose machine code is kept."""

    module: str
    folder: Path
    """Of its machine code."""
    name: str
    """``file.function``"""


_compiled: list[Kept] = []


def sources(room: str) -> list[Path]:
    """Files with compiled functions in a room of the package and those that these import from, in a fixed order.

    Of an imported file with compiled functions, its imports count too; of others it is only what they hold themselves.
    """
    found: set[Path] = set()
    waiting = [path for path in (PACKAGE / room).rglob("*.py") if USES_JIT in path.read_bytes()]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            text = path.read_bytes()
            if USES_JIT in text:
                waiting += [file for module in IMPORTED.findall(text) for file in files_of(module.decode())]
    return sorted(found)


def files_of(module: str) -> list[Path]:
    """The file of a module of the package, given without ``sim.``; of a subpackage all files directly in it."""
    path = PACKAGE.joinpath(*module.split("."))
    file = path.with_suffix(".py")
    return [file] if file.is_file() else list(path.glob("*.py"))


IMPORTED = re.compile(rb"^from sim\.([\w.]+) import", re.MULTILINE)


@cache
def digest(room: str) -> str:
    """Short digest of the sources that a room's machine code depends on, and of the Python that runs."""
    state = hashlib.blake2b((sys.implementation.cache_tag or "").encode(), digest_size=6)
    for path in sources(room):
        state.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return state.hexdigest()


def user_cache() -> Path:
    """The user's cache directory by the custom of the system."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def writable(folder: Path) -> bool:
    """Whether a folder exists, or can be made, and files can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def choose_folder() -> Path:
    """``NUMBA_CACHE_DIR`` if that is set, else a folder of ours in the user's cache directory, else in the temporary directory."""
    if given := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(given)
    try:
        folder = user_cache() / "etablera"
    except RuntimeError:  # no home directory
        folder = Path(tempfile.gettempdir()) / "etablera"
    if writable(folder):
        return folder
    own = f"etablera-{os.getuid()}" if hasattr(os, "getuid") else "etablera"
    return Path(tempfile.gettempdir()) / own


CACHE = choose_folder()
"""Folder of the machine code; each room of the package has folders of its own in it."""

os.environ["NUMBA_CACHE_DIR"] = str(CACHE)  # before numba is imported, and for processes that we start

import numba  # noqa: E402
import numba.core.config  # noqa: E402

_njit: Any = numba.njit  # its stubs do not know the option _nrt
ALWAYS = {"nogil": True, "error_model": "numpy"}
"""Without the interpreter lock, dividing by zero as NumPy does, and by IEEE arithmetic: every machine gets the same numbers."""


def keep_with(function: Callable[..., object]) -> None:
    """Have the machine code of a function kept in a folder of its room's present sources: other sources, other folder."""
    path = Path(function.__code__.co_filename)
    room = path.relative_to(PACKAGE).parts[0] if path.is_relative_to(PACKAGE) else ""
    folder = CACHE / f"compiled-{room or 'outside'}-{digest(room) if room else 'any'}"
    numba.core.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]


def jit(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function when it is first called, and keep the machine code for later processes.

    The function as written stays available as ``py_func``.
    """
    return _compile(function, cache=True)


def merged(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function part of the one function that calls it, before that is compiled; for large steps that are used once.

    As :func:`inlined` steps they would be optimised again in every caller's caller.
    """
    result: Callable[P, R] = _njit(**ALWAYS, inline="always", _nrt=False)(function)
    return result


def jit_plain(function: Callable[P, R]) -> Callable[P, R]:
    """Like :func:`jit` for functions that make no array: without reference counts, which cost more than the work itself."""
    return _compile(function, cache=True, _nrt=False)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function as a part of every compiled function that calls it; for small steps of a long loop."""
    result: Callable[P, R] = _njit(**ALWAYS, forceinline=True, _nrt=False)(function)
    return result


def summing(function: Callable[P, R]) -> Callable[P, R]:
    """Like :func:`inlined` for sums that are exact in any order: the compiler may take several terms at a time, and gets the same."""
    result: Callable[P, R] = _njit(**ALWAYS, forceinline=True, _nrt=False, fastmath={"reassoc"})(function)
    return result


def _compile(function: Callable[P, R], **options: bool) -> Callable[P, R]:
    keep_with(function)
    made = _njit(**ALWAYS, **options)(function)
    if hasattr(made, "stats"):  # not with NUMBA_DISABLE_JIT, which leaves the function as it is
        source = Path(function.__code__.co_filename)
        _compiled.append(Kept(function.__module__, Path(made.stats.cache_path), f"{source.stem}.{function.__qualname__}"))
    result: Callable[P, R] = made
    return result


def is_cached(modules: Collection[str] = ()) -> bool:
    """Whether machine code of the present sources is kept for every compiled function of some modules, or of all imported so far.

    When it is not, the first call takes some seconds, once; the command line says so. Another copy of the program has its own.
    """
    asked = {(kept.folder, kept.name) for kept in _compiled if not modules or kept.module in modules}
    return asked <= {(folder, path.name.rsplit("-", 1)[0]) for folder in {folder for folder, _ in asked} for path in folder.glob("*.nbi")}
