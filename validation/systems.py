"""Queues with known waits, and money."""

from __future__ import annotations

from dataclasses import replace
from math import factorial

import numpy as np

from sim.costs import CostSampler, accrue, compile_costs
from sim.engine import kernel
from sim.sampling import Sampler
from validation.case import Case, Days, compiled, exact_case, mean_case, plan_of, raw_of, simulated

BEGIN = 200
"""First arrivals that are left out: the queue begins empty."""
GAP = 1000 / 7
"""Mean days between arrivals; load 0.7 with one server of mean 100."""

WINDOW = slice(3, 9)
"""Breakdowns of a machine that count: before them all machines are up, and machines leave after their 21st, which shortens late waits."""


def stream_waits(name: str, size: int, service: str, mean: float, gap: float = GAP) -> Days:
    """Mean wait in each of some independent Poisson streams, by seeded draws laid over the plan's own."""
    plan = plan_of(name)
    draws, generator = Sampler(plan).draw(0, size), np.random.default_rng(1909)
    arrivals = generator.exponential(gap, draws.duration.shape[:2]).cumsum(axis=1)
    lengths = {"exponential": lambda: generator.exponential(mean, arrivals.shape), "fixed": lambda: np.full(arrivals.shape, mean)}
    lengths["gamma"] = lambda: generator.gamma(4, mean / 4, arrivals.shape)
    duration = np.stack([arrivals, lengths[service]()], axis=2).astype(np.float32)
    timeline = kernel.simulate(plan, replace(draws, duration=duration))
    waits: Days = (timeline.start - timeline.ready)[:, BEGIN:, 1].mean(axis=1)
    return waits


def erlang_wait(servers: int, load: float, service: float) -> float:
    """Mean wait in M/M/c (A. K. Erlang, 1917)."""
    a = load * servers
    busy = a**servers / factorial(servers) / (1 - load)
    return busy / (sum(a**k / factorial(k) for k in range(servers)) + busy) * service / (servers - a)


def queues(size: int) -> list[Case]:
    """M/M/1, M/M/3, M/D/1 and M/G/1."""
    erlang, pk = "Erlang (1917), formula from memory", "Pollaczek–Khinchine, formula from memory"
    one = stream_waits("queue-one", size, "exponential", 100)
    three = stream_waits("queue-three", size, "exponential", 300)
    wash = stream_waits("queue-one", size, "fixed", 120, 200)
    return [
        mean_case("m-m-1", erlang, "mean wait, load 0.7", erlang_wait(1, 0.7, 100), one, 0.5),
        mean_case(
            "m-m-3",
            erlang,
            "the same with three servers",
            erlang_wait(3, 0.7, 300),
            three,
            0.5,
        ),
        mean_case("m-d-1", "code.policylink.org 24279479 (seen; prints 0.45 cars)", "cars in line at a car wash", 0.45, wash / 200, 0.0025),
        mean_case("m-g-1", pk, "gamma service, shape 4", 0.7 * 100 * 1.25 / 0.6, stream_waits("queue-one", size, "gamma", 100), 0.5),
    ]


def printed(size: int) -> list[Case]:
    """Textbook examples with their printed results; hours are counted as hundreds of days."""
    anderson = "Anderson et al., An Introduction to Management Science, pp. 477–478 (seen; print 1.279 and 0.0834 hours)"
    render = "Render et al., Quantitative Analysis for Management, alternative example 14.3 (seen; prints L = 3/4)"
    desk = stream_waits("queue-two", size, "exponential", 100, 150)
    return [
        mean_case("machine-repair", anderson, "mean wait of six machines for one mechanic", 127.9, repair_waits(size * 4, 1), 0.5),
        mean_case("machine-repair-two", anderson, "the same with two mechanics", 8.34, repair_waits(size * 4, 2), 0.5),
        mean_case("information-desk", render, "people at a desk with two employees (waiting and served)", 0.75, desk / 150 + 2 / 3, 0.0025),
    ]


def repair_waits(size: int, mechanics: int) -> Days:
    """Mean wait of the machines in each future."""
    plan = compiled(raw_of("machine-repair") | {"resources": {"mechanic": {"capacity": mechanics}}})
    timeline = simulated(plan, size)[1]
    repair = plan.activities[plan.opening]
    waits: Days = (timeline.start - timeline.ready)[:, :, repair.passes][:, :, WINDOW].mean(axis=(1, 2))
    return waits


def money(size: int) -> list[Case]:
    """Costs by hand: 22 days of a year's rent, a single sum, an amount spread over a span of random length."""
    plan = plan_of("money")
    draws, timeline = simulated(plan, size)
    costs = compile_costs(plan, kernel.simulate, Sampler(plan))
    item = accrue(costs, draws, timeline, CostSampler(costs).draw(draws)).item / 100
    rent, sign, wages = (item[:, costs.items.index(name)] for name in ("rent", "sign", "wages"))
    hand = "by hand"
    return [
        exact_case("rent", hand, "22 of 365 days of 365 000 a year", 22_000, float(rent.sum(axis=1).max())),
        exact_case("sum-kept", hand, "1 000 over a span of any length", 1000, float(wages.sum(axis=1).min())),
        mean_case("sign-month", hand, "80 due in January or February, one chance in two each", 40, sign[:, 0]),
    ]


def cases(size: int) -> list[Case]:
    """All cases of the family."""
    return [*queues(size // 20), *printed(size // 20), *money(size)]
