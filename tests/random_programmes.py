"""Random programmes for hypothesis: every feature of the language that an engine can meet, in small numbers.

Built so that nearly every example is a valid scenario; what the checks still refuse is thrown away. Strategies are made once and
kept: hypothesis looks at a new one for longer than the program takes to simulate what comes out of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import combinations
from typing import Any

from hypothesis import assume, reject
from hypothesis import strategies as st
from programmes import MONDAY, Tables, scenario_of

from sim.engine import process
from sim.errors import DeadEndError, InputError
from sim.plan import Plan, compile_scenario
from sim.plan.network import ancestors
from sim.sampling import Sampler
from sim.scenario.checks import check
from sim.scenario.graph import reachable
from sim.timeline import Field, Timeline

Draw = Any

TYPES = ("FS", "FS", "FS", "SS", "FF", "SF")
CALENDARS: Tables = {
    "week": {"closed": [{"from": "07-04", "to": "07-20"}]},
    "days": {"every_day": True},
    "slow": {"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat"], "pace": [{"from": "02-01", "to": "03-31", "share": 0.4}]},
    "swedish": {"country": "SE", "pace": [{"weeks": [28, 31], "share": 0.45}]},
}
MEETINGS: Tables = {
    "board": {"rule": "second Tuesday of every month except July", "lead": 3},
    "group": {"dates": [MONDAY + dt.timedelta(days) for days in (9, 30, 47, 90)], "rule": "every Friday"},
}


@lru_cache(maxsize=None, typed=True)  # 1 and 1.0 are not the same
def one(*values: Any) -> st.SearchStrategy[Any]:
    """One of some values."""
    return st.sampled_from(values)


@lru_cache(maxsize=None, typed=True)
def some(*values: Any, least: int = 0, most: int | None = None) -> st.SearchStrategy[list[Any]]:
    """Some of some values, in any order, none of them twice."""
    return st.lists(one(*values), min_size=least, max_size=most, unique=True)


@cache
def dates(most: int = 150) -> st.SearchStrategy[dt.date]:
    """Dates soon after the start."""
    return st.integers(0, most).map(lambda days: MONDAY + dt.timedelta(days))


@cache
def durations() -> st.SearchStrategy[Tables]:
    """Lengths that are often 0, often whole, and sometimes of every other kind."""
    laws: list[st.SearchStrategy[Tables]] = [
        st.just({"fixed": 0}),
        st.integers(1, 12).map(lambda d: {"fixed": d}),
        one(0.3, 0.5, 1.5, 2.49).map(lambda d: {"fixed": d}),
        st.integers(1, 15).map(lambda b: {"uniform": [0, b]}),
        st.just({"exponential": {"mean": 5}}),
        st.just({"triangular": [1, 2, 9]}),
        st.just({"discrete": {"values": [0, 1, 7], "weights": [0.5, 0.25, 0.25]}}),
        st.just({"lognormal": {"p10": 2, "p90": 9}}),
        st.just({"fixed": 1, "unit": "weeks"}),
    ]
    return st.one_of(laws)


@st.composite
def afters(draw: Draw, earlier: list[str]) -> list[Tables]:
    """Relations to activities that stand before, none of them twice."""
    chosen = draw(st.lists(st.tuples(one(*earlier), one(*TYPES)), max_size=3, unique=True)) if earlier else []
    return [{"activity": id_, "type": type_, "lag": draw(one(0, 0, 0, 1, 6))} for id_, type_ in chosen]


@cache
def endings() -> st.SearchStrategy[Tables]:
    """What decides how long an activity takes; mostly work."""
    work = durations().map(lambda d: {"duration": d})
    by_round = st.tuples(durations(), durations()).map(lambda d: {"duration": d[0], "by_round": {"2": d[1]}})
    adjusted = durations().map(lambda d: {"duration": d, "adjustments": [{"when": {"zone": "x"}, "factor": 1.5}]})
    meeting = one(*sorted(MEETINGS)).map(lambda m: {"meeting": m})
    opening = st.fixed_dictionaries({"weekdays": st.sampled_from([["tue"], ["mon", "fri"], ["sat"]]), "notice": st.integers(0, 5)})
    return st.one_of(work, work, work, by_round, adjusted, meeting, opening.map(lambda o: {"opening_days": o}))


WHENS = st.sampled_from([{}, {}, {}, {"zone": "x"}, {"round": [1, 2]}, {"way": "long"}, {"way": ["long", "short"], "round": 2}])


@st.composite
def activities(draw: Draw, pools: list[str], most: int = 7) -> Tables:
    """A process: each activity waits for some of those before it."""
    result: Tables = {}
    for i in range(draw(st.integers(1, most))):
        activity: Tables = {"after": draw(afters(list(result))), "calendar": draw(one(*sorted(CALENDARS))), **draw(endings())}
        activity["when"] = draw(WHENS)
        activity["probability"] = draw(one(1.0, 1.0, 0.5))
        activity["actor"] = draw(one("us", "them"))
        if pools:
            activity["uses"] = draw(st.dictionaries(one(*pools), st.integers(1, 2), max_size=2))
        if draw(st.integers(0, 5)) == 0:
            activity["not_before"] = draw(dates(60))
        result[f"a{i}"] = activity
    add_handover(draw, result)
    add_redos(draw, result)
    return result


def add_handover(draw: Draw, process: Tables) -> None:
    """Now and then something that ends only when a later one has begun: a circle of activities, though not of their moments."""
    if len(process) > 1 and draw(st.integers(0, 4)) == 0:
        before, after = sorted(draw(some(*process, least=2, most=2)))
        if f"{after}.start" not in reachable(following_moments(process), f"{before}.finish"):
            process[before]["after"].append({"activity": after, "type": "SF", "lag": draw(one(0, 2))})


REDO = st.fixed_dictionaries({"probability": one(0.5, 1.0), "at_most": st.integers(1, 2), "scale": one(1.0, 0.5, 0.0)})


def add_redos(draw: Draw, process: Tables) -> None:
    """Some redo loops, nested or apart."""
    direct = {id_: {after["activity"] for after in activity["after"]} for id_, activity in process.items()}
    spans: list[set[str]] = []
    for id_ in draw(some(*process, most=3)):
        back_to = draw(one(*sorted(ancestors(direct, [id_]) | {id_})))
        span = {id_, back_to} | {m for m in ancestors(direct, [id_]) if back_to in ancestors(direct, [m])}
        if all(not span & other or span <= other or other <= span for other in spans):
            spans.append(span)
            process[id_]["redo"] = {"back_to": back_to, **draw(REDO)}


def following_moments(process: Tables) -> dict[str, list[str]]:
    """What waits for each moment, as ``a1.finish``."""
    following: dict[str, list[str]] = {f"{id_}.start": [f"{id_}.finish"] for id_ in process}
    ends = {"S": "start", "F": "finish"}
    for id_, activity in process.items():
        for after in activity["after"]:
            source, end = f"{after['activity']}.{ends[after['type'][0]]}", f"{id_}.{ends[after['type'][1]]}"
            following.setdefault(source, []).append(end)
    return following


def moments_after(process: Tables, first: str) -> list[str]:
    """Moments that come after the start of an activity."""
    following = following_moments(process)
    return sorted(reachable(following, f"{first}.start") - {f"{first}.start"})


@st.composite
def capacities(draw: Draw) -> Tables:
    """A capacity and its changes, some of them before the start; some day it is large enough for any activity."""
    days = sorted(draw(st.lists(st.integers(-10, 120), max_size=3, unique=True)))
    units = draw(st.lists(one(0, 1, 1, 2, 3, 4), min_size=len(days) + 1, max_size=len(days) + 1))
    units[draw(st.integers(0, len(days)))] = draw(st.integers(3, 4))
    changes = [{"from": MONDAY + dt.timedelta(day), "capacity": n} for day, n in zip(days, units[1:], strict=True)]
    return {"capacity": units[0], "changes": changes}


@st.composite
def resources(draw: Draw, pools: list[str], process: Tables) -> Tables:
    """Pools with few units, so that offices wait; some are held over a span."""
    result: Tables = {}
    for pool in pools:
        result[pool] = {**draw(capacities()), "queue": draw(one("strict", "fit"))}
        if draw(st.booleans()):
            first = draw(one(*process))
            result[pool]["held"] = {"from": f"{first}.start", "until": draw(one(*moments_after(process, first)))}
    return result


in_any_order = cache(st.permutations)

CERTAIN = [{"round": 1, "zone": {"x": 0.5, "y": 0.5}}, {"round": 2, "zone": "x"}]
"""The first two offices: every value that a rule may ask for is some office's."""


@st.composite
def offices(draw: Draw, process: Tables, most: int = 5) -> Tables:
    """Some offices, a few of them already under way."""
    result: Tables = {}
    for i, name in enumerate(draw(in_any_order("abcde"[: draw(st.integers(2, most))]))):
        office: Tables = {"round": draw(one(1, 2)), "zone": draw(one("x", "y"))}
        office.update(CERTAIN[i] if i < len(CERTAIN) else {})
        office["municipality"] = draw(one("north", "south"))
        office["priority"] = draw(one(0, 0, 0, 1, -1))
        if draw(st.booleans()):
            office["start"] = draw(dates(30))
        if draw(st.integers(0, 3)) == 0:
            office["enters_at"] = draw(entries(process))
        result[name] = office
    return result


@st.composite
def entries(draw: Draw, process: Tables) -> list[str]:
    """One or two activities of which none comes before the other."""
    direct = {id_: {after["activity"] for after in activity["after"]} for id_, activity in process.items()}
    chosen: list[str] = draw(some(*process, least=1, most=2))
    apart = all(x not in ancestors(direct, [y]) and y not in ancestors(direct, [x]) for x, y in combinations(chosen, 2))
    return chosen if apart else chosen[:1]


EFFECTS = st.sampled_from([{"factor": 2}, {"delay": {"fixed": 1.6}}, {"factor": 0.3, "delay": {"fixed": 1, "unit": "weeks"}}])


@st.composite
def risks(draw: Draw, process: Tables) -> Tables:
    """Risks of every scope, with and without a window."""
    result: Tables = {}
    for i in range(draw(st.integers(0, 2))):
        risk: Tables = {"probability": draw(one(0.5, 1.0)), "activities": [draw(one(*process))]}
        risk["scope"] = draw(one("programme", "office", "municipality"))
        risk |= {"actor": "them"} if draw(st.booleans()) else {}
        risk |= draw(EFFECTS)
        if draw(st.booleans()):
            first = draw(dates(60))
            risk["window"] = [first, first + dt.timedelta(draw(st.integers(0, 60)))]
        result[f"risk{i}"] = risk
    return result


@st.composite
def programmes(draw: Draw, *, most_pools: int = 3, short: bool = False) -> Tables:
    """A whole programme; ``short`` ones may come to the end of the simulated time."""
    pools = [f"p{i}" for i in range(draw(st.integers(0, most_pools)))]
    process = draw(activities(pools))
    days = draw(st.integers(60, 130)) if short else 1500
    opening = draw(one(None, *process))
    return {
        "scenario": {"seed": draw(st.integers(0, 99)), "horizon": MONDAY + dt.timedelta(days), "opening": opening},
        "calendars": CALENDARS,
        "meetings": MEETINGS,
        "branches": {"way": {"options": {"long": 0.5, "short": 0.5}, "by_round": {"2": {"long": 1.0, "short": 0.0}}}},
        "activities": process,
        "resources": draw(resources(pools, process)),
        "offices": draw(offices(process)),
        "risks": draw(risks(process)),
        "correlation": {"programme": 0.2, "office": 0.3},
    }


def plan_if_valid(tables: Tables) -> Plan:
    """The plan of a programme; what is not valid is left out."""
    scenario = scenario_of(tables)
    assume(not check(scenario))
    try:
        return compile_scenario(scenario)
    except InputError:  # redo spans that wait for each other
        reject()


# --- what is known on a day in the middle of a programme --------------------------------------------------------------------


def facts_until(plan: Plan, timeline: Timeline, day: int, offices: Iterable[int] | None = None, replication: int = 0) -> list[Tables]:
    """What somebody could tell of a future on a day: rows of a status."""
    rows = []
    for office in range(len(plan.offices)) if offices is None else offices:
        for here, step in enumerate(plan.passes):
            record = timeline.record[replication, office, here]
            start, finish = int(record[Field.START]), int(record[Field.FINISH])
            if plan.activities[step.activity].id not in plan.scenario.activities:  # the end of all, which has no name of its own
                rows += [{"office": plan.offices[office].id, "opened": plan.date(finish)}] if finish <= day else []
            elif timeline.happens[replication, office, here] and start <= day:
                row: Tables = {"office": plan.offices[office].id, "activity": plan.activities[step.activity].id}
                row |= {"started": plan.date(start)} | ({"finished": plan.date(finish)} if finish <= day else {})
                rows.append(row | ({"pass": step.label} if step.label else {}))
    return rows


def with_status(tables: Tables, day: int, rows: list[Tables], **more: object) -> Tables:
    """The programme on its status date."""
    return tables | {"scenario": tables.get("scenario", {}) | {"status_date": MONDAY + dt.timedelta(day), "status": rows, **more}}


@st.composite
def programmes_under_way(draw: Draw) -> Tables:
    """A programme with what is known on some day of one of its futures, of all offices or some."""
    tables = draw(programmes())
    plan = plan_if_valid(tables)
    try:
        timeline = process.simulate(plan, Sampler(plan).draw(draw(st.integers(0, 50)), 1))
    except DeadEndError:
        reject()
    day = draw(st.integers(0, min(int(timeline.finish.max()) + 1, plan.last)))
    offices = draw(some(*range(len(plan.offices)), least=1))
    return with_status(tables, day, facts_until(plan, timeline, day, sorted(offices)))
