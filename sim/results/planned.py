"""The plan without its troubles: medians, the most likely types and branches, no risks, nothing done again, no queues."""

from __future__ import annotations

import datetime as dt

from sim.analysis.undelayed import without_pools
from sim.plan import Plan
from sim.results.gather import simulate_with
from sim.runner import Engine
from sim.sampling import median_draws
from sim.timeline import Timeline


def undelayed(plan: Plan, engine: Engine = "simpy") -> Timeline:
    """The deterministic plan as one future; by the readable engine unless the other is at hand: one future needs no compiler."""
    return simulate_with(engine)(without_pools(plan), median_draws(plan))


def planned_openings(plan: Plan, engine: Engine = "simpy") -> dict[str, dt.date]:
    """Opening date of every office in the deterministic plan."""
    days = undelayed(plan, engine).opening(plan)[0].tolist()
    return {office.id: plan.date(day) for office, day in zip(plan.offices, days, strict=True)}
