from __future__ import annotations

from hypothesis import given
from programmes import Tables, attempt
from random_programmes import plan_if_valid, programmes

from sim.engine import kernel, process
from sim.plan import Plan
from sim.sampling import Draws, Sampler

FUTURES = 4


def compare(plan: Plan, draws: Draws) -> None:
    """Both engines give the same timeline, or stop at the same replication with the same message."""
    expected, reason = attempt(process, plan, draws)
    found, why = attempt(kernel, plan, draws)
    assert why == reason
    if expected is not None and found is not None:
        assert found.differences(expected) == []


@given(programmes())
def test_equal_on_random_programmes(tables: Tables) -> None:
    plan = plan_if_valid(tables)
    compare(plan, Sampler(plan).draw(0, FUTURES))


@given(programmes(short=True))
def test_dead_ends_are_the_same(tables: Tables) -> None:
    plan = plan_if_valid(tables)
    draws = Sampler(plan).draw(0, FUTURES)
    compare(plan, draws)
    for i in range(FUTURES):
        compare(plan, draws.take([i]))
