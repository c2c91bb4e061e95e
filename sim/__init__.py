"""Say when offices will open, how sure that is, and what it costs.

A discrete-event simulation of a programme of many similar establishments. In short::

    import sim

    result = sim.run("scenarios/programme-2021.toml")
    result["targets"].pandas()
    result.save("results")
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.analysis.table import Table
    from sim.errors import EtableraError, InputError
    from sim.results import Result, load, run
    from sim.results.calibrate import calibrate
    from sim.results.diff import diff
    from sim.results.learning import learn
    from sim.results.score import score
    from sim.results.session import Session
    from sim.scenario import load_scenario

_HOME = {
    "EtableraError": "sim.errors",
    "InputError": "sim.errors",
    "Result": "sim.results",
    "Session": "sim.results.session",
    "Table": "sim.analysis.table",
    "calibrate": "sim.results.calibrate",
    "diff": "sim.results.diff",
    "learn": "sim.results.learning",
    "load": "sim.results",
    "load_scenario": "sim.scenario",
    "run": "sim.results",
    "score": "sim.results.score",
}
"""Where each public name lives; it is imported when it is asked for, because ``etablera --help`` needs none of them."""

__all__ = [
    "EtableraError",
    "InputError",
    "Result",
    "Session",
    "Table",
    "calibrate",
    "diff",
    "learn",
    "load",
    "load_scenario",
    "run",
    "score",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
