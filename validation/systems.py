"""Queues with known waits, resource-constrained instances with known optima, the Swedish calendar, and money."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from math import factorial

import numpy as np
from numpy.typing import NDArray

from sim.costs import CostSampler, accrue, compile_costs
from sim.engine import kernel
from sim.sampling import Sampler
from validation.case import Case, Days, exact_case, mean_case, plan_of, simulated

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


def repair_wait(machines: int, up: float, repair: float) -> float:
    """Mean wait of machines for one mechanic, from the birth-and-death chain and Little's law."""
    weights = [factorial(machines) / factorial(machines - n) * (repair / up) ** n for n in range(machines + 1)]
    mean = sum(n * w for n, w in enumerate(weights)) / sum(weights)
    busy = 1 - weights[0] / sum(weights)
    return (mean - busy) / ((machines - mean) / up)


def queues(size: int) -> list[Case]:
    """M/M/1, M/M/3, M/D/1, M/G/1 and a finite source."""
    plan = plan_of("machine-repair")
    timeline = simulated(plan, size * 4)[1]
    repair = plan.activities[plan.opening]
    waits = (timeline.start - timeline.ready)[:, :, repair.passes][:, :, WINDOW].mean(axis=(1, 2))
    erlang, pk = "Erlang (1917), formula from memory", "Pollaczek–Khinchine, formula from memory"
    one = stream_waits("queue-one", size, "exponential", 100)
    three = stream_waits("queue-three", size, "exponential", 300)
    wash = stream_waits("queue-one", size, "fixed", 120, 200)
    anderson = "Anderson et al., An Introduction to Management Science, p. 477 (set-up seen; formulas 11.35–11.36)"
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
        mean_case("machine-repair", anderson, "mean wait of six machines for one mechanic", repair_wait(6, 2000, 200), waits, 0.5),
    ]


def optima() -> list[Case]:
    """A job shop with a proved optimum: never below it, and no rule broken at any instant."""
    plan = plan_of("ft06")
    timeline = simulated(plan, 1)[1]
    start, finish = timeline.start[0, 0], timeline.finish[0, 0]
    most = max(_in_use(plan.activities, pool.index, start, finish) for pool in plan.pools)
    broken = sum(start[a.first_pass] < finish[r.source] for a in plan.activities for r in a.holds_start)
    source = "Fisher and Thompson (1963), ft06, data from memory; optimum 55 seen in a list of instances"
    below = max(0, 55 - int(timeline.opening(plan)[0, 0]))
    return [
        exact_case("ft06-optimum", source, "days by which the makespan is below the proved optimum", 0, below),
        exact_case("ft06-capacity", source, "most jobs on one machine at any instant", 1, most),
        exact_case("ft06-precedence", source, "operations begun before the one ahead has ended", 0, int(broken)),
    ]


def _in_use(activities: tuple[object, ...], pool: int, start: NDArray[np.int32], finish: NDArray[np.int32]) -> int:
    users = [a.first_pass for a in activities if any(p == pool for p, _ in a.uses)]  # type: ignore[attr-defined]
    return max(sum(start[u] <= day < finish[u] for u in users) for day in range(int(finish.max())))


def easter(year: int) -> dt.date:
    """Easter Sunday by the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * e) // 451
    month, day = divmod(h + e - 7 * m + 114, 31)
    return dt.date(year, month, day + 1)


def swedish_working_days(year: int) -> int:
    """Weekdays less the holidays of lag (1989:253) and the three eves."""
    fixed = {(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)}
    moving = {easter(year) + dt.timedelta(k) for k in (-2, 1, 39)}
    midsummer = next(day for day in (dt.date(year, 6, 19) + dt.timedelta(k) for k in range(7)) if day.weekday() == 4)
    days = (dt.date(year, 1, 1) + dt.timedelta(k) for k in range(366))
    free = moving | {midsummer}
    return sum(d.year == year and d.weekday() < 5 and (d.month, d.day) not in fixed and d not in free for d in days)


def calendar() -> list[Case]:
    """Working days of each year, 2021 to 2030."""
    plan = plan_of("swedish")
    work = plan.calendars[plan.activities[0].calendar]
    found: dict[int, int] = {}
    for day in range(plan.day(dt.date(2031, 1, 1))):
        found[plan.date(day).year] = found.get(plan.date(day).year, 0) + int(work.first_on_or_after(day) == day)
    source = "lag (1989:253) and Meeus' Easter, from memory"
    return [exact_case(f"sweden-{y}", source, f"working days of {y}", swedish_working_days(y), n) for y, n in found.items()]


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
    return [*queues(size // 20), *optima(), *calendar(), *money(size)]
