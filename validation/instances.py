"""Resource-constrained projects with proved optima, from PSPLIB and from the job shop of Fisher and Thompson.

The program does not search for optima. What is asked: that with pools without end the makespan is the critical path, that with the pools as
they are it never falls below the proved optimum, and that no rule is broken at any instant.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sim.plan import Plan
from validation.case import Case, compiled, exact_case, raw_of, simulated

PSPLIB = "PSPLIB (Kolisch and Sprecher 1997), {name}: data seen in MiniZinc/minizinc-benchmarks, optimum in ptal/kobe-scheduling"
OPTIMA = {"j301-1": 43, "j309-1": 83, "j3013-1": 58, "j3029-1": 85, "j3045-2": 125, "j3048-10": 54}
"""Proved optima, as in the list of the optima of j30 (seen)."""

PRINTED = {"j301-1": 38}
"""Length of the critical path as the instance file itself prints it (MPM-Time, seen)."""

FT06 = "Fisher and Thompson (1963), ft06, data from memory; optimum 55 seen in a list of instances"
UNLIMITED = 10_000
"""Units of a pool that nobody waits for."""

Raw = dict[str, Any]


def cases() -> list[Case]:
    """All cases of the family."""
    found = [case for name, best in OPTIMA.items() for case in instance(name, PSPLIB.format(name=name), best)]
    source = PSPLIB.format(name="j3048-10")
    plan = compiled(raw_of("j3048-10"))
    makespan = float(simulated(plan, 1)[1].opening(plan)[0, 0])
    found.append(
        exact_case("j3048-10-makespan", source, "makespan where the pools never bind: the optimum itself", OPTIMA["j3048-10"], makespan)
    )
    return [*found, *instance("ft06", FT06, 55)]


def instance(name: str, source: str, best: int) -> list[Case]:
    """What is asked of one instance."""
    raw = raw_of(name)
    plan = compiled(raw)
    start, finish = spans(plan)
    free = compiled(raw | {"resources": {pool: {"capacity": UNLIMITED} for pool in raw["resources"]}})
    makespan, path = max(finish.values()), max(spans(free)[1].values())
    printed = "as the file prints it" if name in PRINTED else "by recursion"
    return [
        exact_case(f"{name}-path", source, f"critical path, pools without end ({printed})", PRINTED.get(name, longest_path(raw)), path),
        exact_case(
            f"{name}-optimum", source, f"days by which the makespan is below the proved optimum, {best}", 0, max(0, best - makespan)
        ),
        exact_case(f"{name}-capacity", source, "instants at which a pool lends more than it has", 0, overused(raw, start, finish)),
        exact_case(f"{name}-precedence", source, "activities begun before one ahead has ended", 0, begun_early(raw, start, finish)),
    ]


def spans(plan: Plan) -> tuple[dict[str, int], dict[str, int]]:
    """Start and finish of every activity in the one future there is."""
    timeline = simulated(plan, 1)[1]
    start, finish = timeline.start[0, 0], timeline.finish[0, 0]
    return {a.id: int(start[a.first_pass]) for a in plan.activities}, {a.id: int(finish[a.first_pass]) for a in plan.activities}


def predecessors(entry: Raw) -> list[str]:
    """Ids of those that an activity waits for."""
    after = entry.get("after", [])
    return [after] if isinstance(after, str) else list(after)


def longest_path(raw: Raw) -> int:
    """Length of the critical path, by recursion over the instance and without the program."""
    activities: Mapping[str, Raw] = raw["activities"]

    @cache
    def end(id_: str) -> int:
        entry = activities[id_]
        return int(entry["duration"]["fixed"]) + max(map(end, predecessors(entry)), default=0)

    return max(map(end, activities))


def overused(raw: Raw, start: Mapping[str, int], finish: Mapping[str, int]) -> int:
    """Days on which the activities under way need more of some pool than there is."""
    activities, last = raw["activities"], max(finish.values())
    return sum(
        sum(entry.get("uses", {}).get(pool, 0) for id_, entry in activities.items() if start[id_] <= day < finish[id_]) > known["capacity"]
        for pool, known in raw["resources"].items()
        for day in range(last)
    )


def begun_early(raw: Raw, start: Mapping[str, int], finish: Mapping[str, int]) -> int:
    """Pairs in which an activity begins before one that it waits for has ended."""
    return sum(start[id_] < finish[ahead] for id_, entry in raw["activities"].items() for ahead in predecessors(entry))
