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
    from sim.results.comparison import compare
    from sim.results.diff import diff
    from sim.results.learning import learn
    from sim.results.replay import replay
    from sim.results.score import score
    from sim.results.session import Session
    from sim.results.solve import solve
    from sim.results.sweep import sweep
    from sim.scenario import load_scenario

_HOME = {
    "EtableraError": "sim.errors",
    "InputError": "sim.errors",
    "Result": "sim.results",
    "Session": "sim.results.session",
    "Table": "sim.analysis.table",
    "calibrate": "sim.results.calibrate",
    "compare": "sim.results.comparison",
    "diff": "sim.results.diff",
    "learn": "sim.results.learning",
    "load": "sim.results",
    "load_scenario": "sim.scenario",
    "replay": "sim.results.replay",
    "run": "sim.results",
    "score": "sim.results.score",
    "solve": "sim.results.solve",
    "sweep": "sim.results.sweep",
}
"""Where each public name lives; it is imported when it is asked for, because ``etablera --help`` needs none of them."""

__all__ = [
    "EtableraError",
    "InputError",
    "Result",
    "Session",
    "Table",
    "calibrate",
    "compare",
    "diff",
    "learn",
    "load",
    "load_scenario",
    "replay",
    "run",
    "score",
    "solve",
    "sweep",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
