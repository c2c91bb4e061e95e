"""The same small network in several programs: points of reference for the engines.

32 offices, each with 20 activities in layers of 4 where every activity waits for the whole layer before it; durations are drawn
beforehand. No pools: this is the one model that all of them can say in a few lines.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

OFFICES, LAYERS, WIDTH = 32, 5, 4
Days = NDArray[np.int32]


def draw(replications: int) -> Days:
    """Durations, shape (replications, offices, layers, width)."""
    return np.random.default_rng(1).integers(5, 60, (replications, OFFICES, LAYERS, WIDTH)).astype(np.int32)


def with_numpy(days: Days) -> Days:
    """Longest path, all replications in step."""
    return days.max(axis=3).sum(axis=2)


def with_simpy(days: Days) -> Days:
    """One SimPy process an office."""
    import simpy

    def office(env: simpy.Environment, own: list[list[int]], out: Days, i: int) -> Iterator[simpy.Event]:
        for layer in own:
            yield env.all_of([env.timeout(d) for d in layer])
        out[i] = env.now

    result = np.zeros(days.shape[:2], np.int32)
    for r in range(len(days)):
        env = simpy.Environment()
        for i in range(OFFICES):
            env.process(office(env, days[r, i].tolist(), result[r], i))
        env.run()
    return result


def with_salabim(days: Days) -> Days:
    """One salabim component an activity, a state for each layer that is done."""
    import salabim

    salabim.yieldless(False)
    result = np.zeros(days.shape[:2], np.int32)

    class Activity(salabim.Component):  # type: ignore[misc]
        def setup(self, length: int) -> None:
            self.length = length

        def process(self) -> Iterator[object]:
            yield self.hold(self.length)

    class Office(salabim.Component):  # type: ignore[misc]
        def setup(self, own: list[list[int]], row: Days, i: int) -> None:
            self.own, self.row, self.i = own, row, i

        def process(self) -> Iterator[object]:
            for layer in self.own:
                work = [Activity(length=d, env=self.env) for d in layer]
                yield self.hold(till=self.env.now() + max(w.length for w in work))
            self.row[self.i] = self.env.now()

    for r in range(len(days)):
        env = salabim.Environment(trace=False, yieldless=False)
        for i in range(OFFICES):
            Office(own=days[r, i].tolist(), row=result[r], i=i, env=env)
        env.run()
    return result


def with_kernel(days: Days) -> Callable[[], Days]:
    """Our compiled engine, given the same durations."""
    import dataclasses

    from sim.engine import kernel
    from sim.plan import compile_scenario
    from sim.sampling import Sampler
    from sim.scenario.schema import Scenario

    activities = {
        f"a{layer}{i}": {"duration": {"fixed": 1}, "after": [f"a{layer - 1}{j}" for j in range(WIDTH)] if layer else []}
        for layer in range(LAYERS)
        for i in range(WIDTH)
    }
    activities["end"] = {"duration": {"fixed": 0}, "after": [f"a{LAYERS - 1}{i}" for i in range(WIDTH)]}
    tables = {
        "scenario": {"name": "reference", "start": "2022-01-01"},
        "calendars": {"any": {"every_day": True}},
        "offices": {f"o{i}": {} for i in range(OFFICES)},
        "activities": activities,
    }
    plan = compile_scenario(Scenario.model_validate(tables))
    draws = Sampler(plan).draw(0, len(days))
    durations = np.zeros_like(draws.duration)
    durations[:, :, :-1] = days.reshape(len(days), OFFICES, -1)
    draws = dataclasses.replace(draws, duration=durations)
    packed = kernel.pack(plan)
    timeline = kernel.simulate(plan, draws, packed)
    return lambda: kernel.simulate(plan, draws, packed, timeline).opening(plan)


def measure(replications: int) -> Iterator[tuple[str, float]]:
    """(program, seconds per replication); all must agree."""
    days = draw(replications)
    expected = with_numpy(days)
    programs: list[tuple[str, Callable[[], Days]]] = [
        ("salabim", lambda: with_salabim(days)),
        ("SimPy, bare", lambda: with_simpy(days)),
        ("NumPy, longest path of this network by hand", lambda: with_numpy(days)),
        ("kernel", with_kernel(days)),
    ]
    for name, work in programs:
        times = []
        for _ in range(3):
            begin = time.perf_counter()
            found = work()
            times.append(time.perf_counter() - begin)
        assert np.array_equal(found, expected), name
        yield name, min(times) / replications
