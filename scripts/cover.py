"""Coverage by branches: how many of the ways through ``sim/`` the tests take. ``make coverage``.

    python scripts/cover.py [--seconds 20] [--least 95] [OPTION OF PYTEST …]

Coverage cannot look into machine code. So two runs of the tests count together: all of them as they are, and those of the rooms
with compiled functions once more with these as plain Python (``NUMBA_DISABLE_JIT=1``). That is some hundred times slower: there
a test is left after ``--seconds``. Options of pytest go to both runs, ``-n auto`` for one.

Prints the share of the statements and of the branches of each room that is gone through, and ends with status 1 when that of all
branches is below ``--least`` per cent. ``coverage report`` and ``coverage html`` show the lines.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent

COMPILED = ("engine_*", "sampling", "sobol", "status", "cost*", "activities", "chains", "delay", "openings", "resources",
            "targets", "safe_dates", "leave_one_out", "replay", "sensitivity", "runner", "scores")  # fmt: skip
"""Tests of the rooms with compiled functions."""

PATIENCE = "COVER_SECONDS"
"""Environment variable with the seconds after which a test is left."""


def main() -> int:
    """Run the tests both ways and print what they go through."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=20, help="of a test in plain Python")
    parser.add_argument("--least", type=float, default=95.0, help="per cent of all branches")
    given, options = parser.parse_known_args()
    coverage("erase")
    whole = coverage("run", "-m", "pytest", "-q", *options)
    tests = sorted({str(path.relative_to(ROOT)) for name in COMPILED for path in ROOT.glob(f"tests/test_{name}.py")})
    plain = {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(Path(__file__).parent), PATIENCE: str(given.seconds)}
    again = coverage("run", "-m", "pytest", "-q", "-p", "cover", *tests, *options, more=plain)
    coverage("combine", "--quiet")
    share = report()
    if whole or again:
        print("Some tests failed: what they would have gone through is missing.")
    return int(share < given.least)


def coverage(*arguments: str, more: dict[str, str] | None = None) -> int:
    """Call coverage in the project's folder and return its status."""
    return subprocess.run([sys.executable, "-m", "coverage", *arguments], cwd=ROOT, env=os.environ | (more or {}), check=False).returncode


def report() -> float:
    """Print the shares of each room; returns that of all branches, in per cent."""
    with tempfile.TemporaryDirectory() as folder:
        coverage("json", "--quiet", "-o", f"{folder}/coverage.json")
        files = json.loads(Path(folder, "coverage.json").read_text("utf-8"))["files"]
    rooms: dict[str, Counter[str]] = {}
    for name, file in files.items():
        parts = Path(name).parts
        for room in (parts[1] if len(parts) > 2 else "sim", "all"):
            rooms.setdefault(room, Counter()).update({key: n for key, n in file["summary"].items() if isinstance(n, int)})
    print(f"\n{'room':<15}{'statements':>11}{'branches':>10}{'not taken':>11}")
    for room, n in sorted(rooms.items(), key=lambda item: item[0] == "all"):
        lines, ways = (100 * n[f"covered_{a}"] / max(n[f"num_{b}"], 1) for a, b in (("lines", "statements"), ("branches", "branches")))
        print(f"{room:<15}{lines:>9.1f} %{ways:>8.1f} %{n['missing_branches']:>11}")
    return 100 * rooms["all"]["covered_branches"] / rooms["all"]["num_branches"]


# --- as a plugin of pytest: -p cover ---------------------------------------------------------------------------------------------------


MOMENT = 0.01
"""Seconds after which to look again."""


def leave(_number: int, frame: FrameType | None) -> None:
    """End the test that runs, but not while coverage holds a lock, which nobody would give back."""
    if frame is not None and f"{os.sep}coverage{os.sep}" in frame.f_code.co_filename:
        signal.setitimer(signal.ITIMER_PROF, MOMENT)
        return
    pytest.skip("takes too long in plain Python")


def pytest_configure() -> None:
    """Let compiled functions be what they are without the compiler, as far as Python itself does not see to that."""
    import numba

    def left_as_it_is(**_options: object) -> Callable[[Callable[..., object]], Callable[..., object]]:
        def plain(function: Callable[..., object]) -> Callable[..., object]:
            function.py_func = function  # type: ignore[attr-defined]
            return function

        return plain

    numba.njit = left_as_it_is
    from sim.costs import pack

    pack.ITEM = np.dtype((np.record, pack.ITEM))  # the fields of an item are read as its attributes


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Iterator[None]:
    """Give the fixtures of a test only so many seconds."""
    return (yield from in_time())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Give a test only so many seconds."""
    return (yield from in_time())


def in_time() -> Iterator[None]:
    """End what is done meanwhile when it takes too long."""
    signal.signal(signal.SIGPROF, leave)
    signal.setitimer(signal.ITIMER_PROF, float(os.environ[PATIENCE]))  # of the processor: others may be at work on the machine
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


if __name__ == "__main__":
    sys.exit(main())
