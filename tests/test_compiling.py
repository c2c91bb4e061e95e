"""Compiling ahead: that all of it can be done with no more than a few futures of the readable engine."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor
from pathlib import Path

import pytest

from sim.engine import kernel
from sim.results import ask, compiling
from sim.results.compiling import BY_KERNEL, compile_ahead, compile_rest, gather_with, is_compiled
from sim.results.runs import make_ready

ROOT = Path(__file__).parents[1]
STARTER = ROOT / "sim" / "cli" / "starter" / "scenario.toml"
UNDER_WAY = ROOT / "scenarios" / "examples" / "living" / "forecast-2022-09.toml"


@pytest.mark.parametrize("scenario", [STARTER, UNDER_WAY], ids=["starter", "under-way"])
def test_engine_and_rest_are_called_with_what_a_run_has(scenario: Path) -> None:
    setup = make_ready(ask(scenario, overrides=["scenario.learn=true"]))
    assert kernel.simulate(setup.plan, setup.sampler.none()).replications == 0
    assert set(gather_with(setup, BY_KERNEL)) <= set(BY_KERNEL)
    compile_rest(setup.plan)
    assert is_compiled()


def test_a_process_that_dies_leaves_the_work_to_the_first_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    class Dead:
        def __init__(self, *_: object, **__: object) -> None:
            raise BrokenExecutor

    monkeypatch.setattr(compiling, "ProcessPoolExecutor", Dead)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    compile_ahead(ask(STARTER))
