"""Futures simulated once more, beside other work."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from programmes import plan_of

from sim.analysis import leave_one_out
from sim.results import run
from sim.results.why import Again, gather_again, gather_beside

RISKY = """
[offices.a]
[offices.b]
[activities.work]
calendar = "days"
duration = { normal = { mean = 50, sd = 5 } }
[risks.rain]
probability = 0.5
activities = ["work"]
delay = { fixed = 10 }
"""
STARTER = Path(__file__).parents[1] / "sim" / "cli" / "starter" / "scenario.toml"
NAMES = ("leave_one_out", "inputs")


def test_beside_other_work_the_same_is_found() -> None:
    plan, done = plan_of(RISKY), []
    beside = gather_beside(plan, 300, NAMES, Again(why=200), lambda: done.append(True))
    alone = gather_again(plan, 300, NAMES, Again(why=200))
    assert done == [True]
    assert sorted(beside) == sorted(alone) == sorted(NAMES)
    assert leave_one_out.leave_one_out(beside["leave_one_out"]).csv() == leave_one_out.leave_one_out(alone["leave_one_out"]).csv()


def test_what_ends_the_other_work_ends_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, ended = plan_of(RISKY), threading.Event()

    def endless(*_: object, progress: object, **__: object) -> None:
        try:
            while callable(progress):
                progress(0)
                time.sleep(0.01)
        finally:
            ended.set()

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(leave_one_out, "gather", endless)
    with pytest.raises(KeyboardInterrupt):
        gather_beside(plan, 300, NAMES, Again(), interrupted)
    assert ended.is_set()


def test_tables_made_meanwhile_are_those_made_at_the_end() -> None:
    result = run(STARTER, replications=200, why=100)
    assert "openings" in result._made
    assert "drivers" not in result._made
    assert any(result["drivers"]["effect_days_mean"])
    assert not any(run(STARTER, replications=200, why=0)["drivers"]["effect_days_mean"])
