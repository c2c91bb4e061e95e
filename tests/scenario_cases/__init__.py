"""A good scenario, and what is said of it when a piece of TOML is laid over it."""

from __future__ import annotations

from pathlib import Path

from sim.errors import InputError
from sim.scenario import LoadedScenario, load_scenario, warnings

GOOD = Path(__file__).parent / "good.toml"


def write_case(folder: Path, overlay: str) -> Path:
    """A file that lays ``overlay`` over the good scenario."""
    (folder / "good.toml").write_bytes(GOOD.read_bytes())
    case = folder / "case.toml"
    case.write_text('extends = "good.toml"\n' + overlay, encoding="utf-8")
    return case


def load_case(folder: Path, overlay: str) -> LoadedScenario:
    return load_scenario(write_case(folder, overlay))


def faults_of(folder: Path, overlay: str) -> list[str]:
    """Faults of the good scenario with something laid over it."""
    return faults_in(write_case(folder, overlay))


def faults_in(path: Path, *overrides: str) -> list[str]:
    """Faults of a file; none when it loads."""
    try:
        load_scenario(path, overrides)
    except InputError as error:
        return [str(fault) for fault in error.faults]
    return []


def warnings_of(folder: Path, overlay: str) -> list[str]:
    """Warnings about the good scenario with something laid over it."""
    loaded = load_case(folder, overlay)
    return [str(loaded.locate(fault)) for fault in warnings(loaded.scenario)]
