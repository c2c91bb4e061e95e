"""The passport of a run, ``run.json``: all that is needed to make the run again, and to see whether it came out the same."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sim.errors import ResultsError
from sim.results.question import Question, own_version
from sim.sampling import SobolSpec

NAME = "run.json"
FORMAT = 1
"""Counts up when a reader of an older passport could go wrong."""

LIBRARIES = ("numpy", "numba", "simpy", "scipy", "pandas", "pyarrow", "pydantic", "holidays")
"""Libraries whose versions are noted: those that answers or files could depend on."""


_HELD: Mapping[str, type] = {
    **dict.fromkeys(("run_id", "scenario_file"), str),
    **dict.fromkeys(("replications", "seed"), int),
    **dict.fromkeys(("scenario", "versions", "inputs", "files", "tables"), dict),
    "changes": list,
}
"""What every passport holds, and in which form."""


def versions() -> dict[str, str]:
    """Versions of this program, Python and the libraries."""
    found = {"etablera": own_version(), "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def digest_of(path: Path) -> str:
    """SHA-256 of a file, which may be larger than memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def result_digest(files: Mapping[str, str]) -> str:
    """One digest of all CSV files, from the digest of each by name."""
    return digest("".join(f"{name} {files[name]}\n" for name in sorted(files) if name.endswith(".csv")).encode())


def passport_of(question: Question, timings: Mapping[str, float]) -> dict[str, Any]:
    """What is to be said of a run before its files are written.

    Parameters
    ----------
    timings
        Seconds of each stage.
    """
    loaded = question.loaded
    return {
        "format": FORMAT,
        "run_id": question.id,
        "name": loaded.scenario.scenario.name,
        "scenario_file": loaded.path.name,
        "replications": question.replications,
        "seed": question.seed,
        "engine": question.engine,
        "sampling": sampling_of(question),
        "language": loaded.scenario.scenario.language,
        "made": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "system": platform.platform(),
        "versions": versions(),
        "timings": {stage: round(seconds, 4) for stage, seconds in timings.items()},
        "inputs": loaded.files,
        "changes": [asdict(change) for change in loaded.changes],
        "scenario": loaded.raw,
    }


def sampling_of(question: Question) -> dict[str, Any]:
    """How the futures were drawn, and which intervals the tables have."""
    asked = question.loaded.scenario.scenario
    if asked.sampling == "independent":
        return {"method": "independent"}
    spec = SobolSpec.for_run(asked.replications)
    said = "openings and targets: Student's t over the randomisations; other tables: as for independent futures, as a rule too wide"
    return {"method": "sobol", "randomisations": -(-asked.replications // spec.length), "points": spec.length, "intervals": said}


def write_passport(about: Mapping[str, Any], files: Mapping[str, str], kinds: Mapping[str, Mapping[str, str]]) -> str:
    """The passport as JSON.

    Parameters
    ----------
    about
        As from :func:`passport_of`.
    files
        SHA-256 of every file of the folder.
    kinds
        Kind of each column of each table, see :mod:`sim.results.saved`.
    """
    tables = {name: dict(columns) for name, columns in kinds.items()}
    whole = {**about, "status": "complete", "result_digest": result_digest(files), "files": dict(files), "tables": tables}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def read_passport(folder: Path) -> dict[str, Any]:
    """Read the passport of a run folder.

    Raises
    ------
    ResultsError
        There is none, or it is not one of ours.
    """
    path = folder / NAME
    try:
        passport = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ResultsError(f"{folder}: is not a run folder; it has no {NAME}") from None
    except (OSError, ValueError) as error:
        raise ResultsError(f"{path}: cannot be read: {error}") from None
    if not isinstance(passport, dict) or passport.get("status") != "complete":
        raise ResultsError(f"{path}: is not the passport of a whole run")
    if passport.get("format") != FORMAT:
        raise ResultsError(f"{path}: has format {passport.get('format')}; this version reads format {FORMAT}")
    wrong = [name for name, kind in _HELD.items() if not isinstance(passport.get(name), kind)]
    if wrong:
        raise ResultsError(f"{path}: has been changed: it has no {', '.join(wrong)}")
    return passport
