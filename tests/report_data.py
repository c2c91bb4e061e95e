"""A made-up run of the default scenario: all tables of a report with plausible numbers, so that nothing has to be simulated."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sim.analysis.table import Table
from sim.report import ReportInput
from sim.scenario import load_scenario
from sim.scenario.schema import Scenario

SCENARIO = Path(__file__).parent.parent / "scenarios" / "programme-2021.toml"
EVIL = '=HYPERLINK("x")<script>alert(1)</script>'
FUTURES = 10_000
START = dt.date(2021, 6, 1)


@cache
def scenario() -> Scenario:
    return load_scenario(SCENARIO).scenario


def day(number: float) -> dt.date:
    return START + dt.timedelta(int(number))


@cache
def openings() -> np.ndarray:
    """Opening days, shape (futures, offices), with a shared part."""
    rng = np.random.default_rng(7)
    offices = list(scenario().offices.values())
    centre = np.array([520 if o.round == 1 else 800 if o.round == 2 else 260 for o in offices]) + rng.integers(-60, 90, len(offices))
    shared = rng.normal(0, 35, (FUTURES, 1))
    own = rng.gamma(4, 22, (FUTURES, len(offices))) - 60
    return np.maximum(centre + shared + own, 30).astype(int)


def office_rows() -> list[list[Any]]:
    rows = []
    for (id_, office), days in zip(scenario().offices.items(), openings().T, strict=True):
        q = [day(np.sort(days)[int(np.ceil(p * FUTURES)) - 1]) for p in (0.05, 0.1, 0.5, 0.8, 0.9, 0.95)]
        chance = low = high = delay = None
        if office.target:
            limit = (office.target - START).days
            chance = float(np.mean(days <= limit))
            low, high, delay = max(chance - 0.01, 0), min(chance + 0.01, 1), float(np.mean(days) - limit)
        mean = day(days.mean())
        rows.append([id_, office.name, office.round, office.type, office.target, mean, float(days.std()), *q, chance, low, high, delay])
    return rows


def openings_table() -> Table:
    names = "office name round type target mean sd p05 p10 p50 p80 p90 p95 p_on_time p_on_time_low p_on_time_high expected_delay_days"
    return Table.of_rows("openings", names.split(), office_rows())


def month_ends(first: int = 2021, last: int = 2024) -> list[dt.date]:
    return [dt.date(y + m // 12, m % 12 + 1, 1) - dt.timedelta(1) for y in range(first, last + 1) for m in range(1, 13)][5:]


def open_count() -> Table:
    rounds = np.array([o.round for o in scenario().offices.values()])
    rows = []
    for which, mask in (("all", rounds >= 0), *((f"round={r}", rounds == r) for r in (0, 1, 2))):
        for date in month_ends():
            n = (openings()[:, mask] <= (date - START).days).sum(axis=1)
            rows.append(
                [date, which, float(n.mean()), *(int(v) for v in np.quantile(n, [0.05, 0.1, 0.5, 0.9, 0.95], method="inverted_cdf"))]
            )
    return Table.of_rows("open_count", ["date", "filter", "mean", "p05", "p10", "p50", "p90", "p95"], rows)


def reached(id_: str) -> tuple[np.ndarray, int, int]:
    """Day on which a target is reached, how many it needs, of how many."""
    target = scenario().targets[id_]
    wanted = target.offices.get("round")
    mask = np.array([wanted is None or o.round in wanted for o in scenario().offices.values()])
    of = int(mask.sum())
    need = target.at_least or of
    return np.sort(openings()[:, mask], axis=1)[:, need - 1], need, of


def targets() -> Table:
    names = "target by at_least of probability low high confidence holds date_at_confidence existing"
    rows = []
    for id_, target in scenario().targets.items():
        days, need, of = reached(id_)
        p = float(np.mean(days <= (target.by - START).days))
        low, high = max(p - 0.009, 0.0), min(p + 0.009, 1.0)
        holds = "yes" if low >= target.confidence else "no" if high < target.confidence else "cannot tell"
        at = day(np.sort(days)[int(np.ceil(target.confidence * FUTURES)) - 1])
        rows.append([id_, target.by, need, of, p, low, high, target.confidence, holds, at, target.existing])
    return Table.of_rows("targets", names.split(), rows)


def density(what: str) -> Table:
    if what == "office":
        series = dict(zip(scenario().offices, openings().T, strict=True))
    else:
        series = {id_: reached(id_)[0] for id_ in scenario().targets}
    rows = [[id_, day(d), int(c)] for id_, days in series.items() for d, c in zip(*np.unique(days, return_counts=True), strict=True)]
    return Table.of_rows(f"{what}_density", [what, "date", "count"], rows)


def activities() -> Table:
    names = (
        "office activity happens start_p50 finish_p10 finish_p50 finish_p90 duration_mean wait_mean criticality ssi cruciality plan_finish"
    )
    rows = []
    ids = list(scenario().activities)
    for office, days in zip(scenario().offices, openings().T, strict=True):
        end = float(np.median(days))
        for k, id_ in enumerate(ids):
            start, finish = end * k / len(ids), end * (k + 1.3) / len(ids)
            dates = [day(start), day(finish * 0.9), day(finish), day(finish * 1.2)]
            rows.append([office, id_, 1.0, *dates, finish - start, 1.25, 0.5, 0.25, 0.125, day(finish * 0.85)])
    return Table.of_rows("activities", names.split(), rows)


CAUSES = [("actor", "landlord", 21.4), ("actor", "municipality", 14.2), ("pool", "installation_crews", 12.1),
          ("risk", "material_shortage", 9.7), ("redo", "lease", 8.1), ("meeting", "board", 6.2), ("actor", "ssc", 5.5),
          ("calendar", "", 4.0), ("opening_day", "", 3.0), ("outcome", "", -5.5)]  # fmt: skip


def delay_by_cause() -> Table:
    rng = np.random.default_rng(3)
    rows: list[list[Any]] = []
    for office in scenario().offices:
        parts = [round(days * float(rng.uniform(0.4, 1.6)), 2) for _, _, days in CAUSES]
        rows.append([office, day(600), "total", "", sum(parts)])
        rows += [[office, day(600), kind, id_, part] for (kind, id_, _), part in zip(CAUSES, parts, strict=True)]
    return Table.of_rows("delay_by_cause", ["office", "planned", "kind", "id", "delay_days_mean"], rows)


def drivers() -> Table:
    causes = [("total", "", sum(days for _, _, days in CAUSES)), *CAUSES]
    rows = [[scope, kind, id_, days, abs(days) / 100, days * 1.3] for scope in ("programme", "round=1") for kind, id_, days in causes]
    return Table.of_rows("drivers", ["scope", "kind", "id", "delay_days_mean", "share_of_variance", "effect_days_p80"], rows)


def leave_one_out() -> Table:
    gains = [f"gain_{what}{end}" for what in ("days_mean", "days_p80", "points") for end in ("", "_low", "_high")]
    causes = [("risk", id_, 8.0 - k) for k, id_ in enumerate(scenario().risks)]
    causes += [("pool", id_, 11.0 - k) for k, id_ in enumerate(scenario().resources)] + [("layer", "programme", -0.2)]
    rows = []
    for measure, of in (("mean_opening", "all"), ("last_opening", "all"), *(("target", id_) for id_ in scenario().targets)):
        for kind, id_, days in causes:
            points = [days / 2 + half for half in (0, -0.5, 0.5)] if measure == "target" else [None] * 3
            both = [days * scale + half for scale in (1, 1.2) for half in (0, -0.4, 0.4)]
            rows.append([measure, of, kind, id_, *both, *points, 0.9, 500])
    return Table.of_rows("leave_one_out", ["measure", "of", "kind", "id", *gains, "changed", "n"], rows)


def resources() -> Table:
    names = ["resource", "capacity", "utilisation", "queue_days_mean", "queue_days_p90", "peak_month"]
    rows = [[id_, r.capacity, 0.83, 12.4, 41.0, dt.date(2022, 11, 1)] for id_, r in scenario().resources.items()]
    return Table.of_rows("resources", names, rows)


def queue_by_month() -> Table:
    rows = [
        [id_, date.replace(day=1), 3 * np.exp(-(((k - 17) / 6) ** 2)), 5 * np.exp(-(((k - 17) / 6) ** 2)), r.capacity * 0.7, r.capacity]
        for id_, r in scenario().resources.items()
        for k, date in enumerate(month_ends())
    ]
    return Table.of_rows("queue_by_month", ["resource", "month", "waiting_mean", "waiting_p90", "in_use_mean", "capacity"], rows)


STATISTICS = ["plan", "mean", "p10", "p50", "p80", "p90"]
FACTORS = [0.9, 1.0, 0.7, 0.98, 1.2, 1.35]


def groups() -> list[tuple[str, str, str, float]]:
    s = scenario()
    found = (
        [("programme", "", "", 1.0)]
        + [(f"round:{r}", "", "", 0.5) for r in (1, 2)]
        + [(f"type:{id_}", "", "", 0.25) for id_ in s.office_types]
    )
    found += [("programme", item, "", 0.1) for item in s.costs] + [("programme", "", "loan", 0.3)]
    return found + [(f"office:{id_}", "", "", 0.03) for id_, o in s.offices.items() if o.round]


def cost_by_month() -> Table:
    names = ["period", "group", "item", "financing", *STATISTICS, *(f"cumulative_{s}" for s in STATISTICS)]
    rows = []
    for group, item, financing, share in groups():
        total = 0.0
        for k, date in enumerate(month_ends()):
            month = share * 1e6 * (0.4 + 0.2 * k)
            total += month
            rows.append(
                [f"{date:%Y-%m}", group, item, financing, *(round(month * f, 2) for f in FACTORS), *(round(total * f, 2) for f in FACTORS)]
            )
    return Table.of_rows("cost_by_month", names, rows)


def cost_by_year() -> Table:
    names = ["period", "group", "item", "financing", "prices", *STATISTICS, *(f"cumulative_{s}" for s in STATISTICS)]
    rows = [
        [
            y,
            group,
            item,
            financing,
            prices,
            *(share * f * 4e7 * (y - 2020) for f in FACTORS),
            *(share * f * 6e7 * (y - 2020) for f in FACTORS),
        ]
        for group, item, financing, share in groups()
        for y in range(2021, 2025)
        for prices in ("current", "fixed")
    ]
    return Table.of_rows("cost_by_year", names, rows)


def budgets() -> Table:
    names = ["budget", "kind", "year", "frame", "probability_over", "low", "high", "expected_excess", "mean_left", *STATISTICS]
    rows = []
    for id_, budget in scenario().budgets.items():
        for k, (year, frame) in enumerate(budget.years.items()):
            p = 0.02 + 0.11 * k
            money = [frame * x * (0.6 + 0.1 * k) for x in FACTORS]
            rows.append([id_, budget.kind, int(year), frame, p, p - 0.005, p + 0.005, frame * 0.01 * k, frame * 0.2, *money])
    return Table.of_rows("budgets", names, rows)


def joint() -> tuple[Table, Table]:
    rng = np.random.default_rng(5)
    last = openings().max(axis=1)
    cost = 5.2e7 + 2e4 * (last - last.mean()) + rng.normal(0, 2e6, FUTURES)
    sample = [["programme", k, day(d), round(float(c), 2)] for k, (d, c) in enumerate(zip(last, cost, strict=True))]
    levels = (0.1, 0.5, 0.8, 0.9)
    grid = []
    for a in levels:
        for b in levels:
            d, c = np.quantile(last, a, method="inverted_cdf"), float(np.quantile(cost, b, method="inverted_cdf"))
            p = float(np.mean((last <= d) & (cost <= c)))
            grid.append(["programme", a, day(d), b, c, p, p - 0.01, p + 0.01])
    names = ["group", "date_level", "date", "cost_level", "cost", "probability", "low", "high"]
    return Table.of_rows("joint", names, grid), Table.of_rows("joint_sample", ["group", "replication", "date", "cost"], sample)


def safe_dates() -> Table:
    rows = [
        [office, activity, day(250 + k), day(240 + k), day(260 + k), FUTURES]
        for k, office in enumerate(scenario().offices)
        for activity in ("lease", "bygglov_application")
    ]
    return Table.of_rows("safe_dates", ["office", "activity", "latest_safe_finish", "low", "high", "n"], rows)


def assumptions() -> Table:
    rows = [
        [f"activities.{id_}.duration", "lognormal, 2–7 weeks", a.grade, a.source] for id_, a in scenario().activities.items() if a.grade
    ]
    rows += [[f"risks.{id_}", f"{r.probability}", r.grade, r.source] for id_, r in scenario().risks.items()]
    return Table.of_rows("assumptions", ["path", "value", "grade", "source"], rows)


def changes() -> Table:
    rows = [["resources.establishment_slots.capacity", "18", "14", "fewer-slots.toml"]]
    return Table.of_rows("changes", ["path", "old", "new", "source"], rows)


PASSPORT = {
    "id": "a1b2c3d4e5f6",
    "scenario_file": "programme-2021.toml",
    "seed": 20210922,
    "replications": FUTURES,
    "engine": "kernel",
    "versions": {"etablera": "0.1.0", "python": "3.11.9", "numpy": "2.4.0"},
    "inputs": {"programme-2021.toml": "0" * 64, "offices.csv": "1" * 64},
    "timings": {"simulate": 0.71},
    "result_digest": "f" * 64,
}


@cache
def reference_class() -> Table:
    """One class: four cases that took 39 weeks, four known only to take longer than 66."""
    views = (*(f"{view}_{q}" for view in ("outside", "inside") for q in ("p10", "p50", "p80", "p90")), "gap_weeks", "gap_low", "gap_high")
    head = ("reference", "name", "cases", "finished", "unfinished", "at_most", "offices", "left_out")
    row = ["ssc_2019_2021", "Earlier", 8, 4, 4, 0, 28, 0, 39.0, 39.0, None, None, 49.0, 84.0, 117.4, 136.1, 45.0, None, 45.0]
    return Table.of_rows("reference_class", (*head, *views, "inside_is"), [[*row, "cannot tell"]])


def reference_curve() -> Table:
    """Its steps, and a straight line for the forecast."""
    rows = [("ssc_2019_2021", "outside", 39.0, 0.5)]
    rows += [("ssc_2019_2021", "inside", float(week), (week - 34) / 100) for week in range(34, 135)]
    return Table.of_rows("reference_curve", ("reference", "view", "weeks", "share"), rows)


@cache
def report_input(language: str = "sv") -> ReportInput:
    """Everything; made once, so that whoever needs it otherwise makes a copy."""
    grid, sample = joint()
    made = [
        openings_table(),
        open_count(),
        targets(),
        activities(),
        drivers(),
        resources(),
        cost_by_month(),
        cost_by_year(),
        budgets(),
        grid,
    ]
    made += [sample, delay_by_cause(), leave_one_out(), queue_by_month(), safe_dates(), assumptions(), changes()]
    made += [reference_class(), reference_curve()]
    tables = {table.name: table for table in made} | {"opening_density": density("office"), "target_density": density("target")}
    plan = {id_: day(730) for id_, o in scenario().offices.items() if not o.target}
    return ReportInput(scenario=scenario(), tables=tables, passport=PASSPORT, plan_dates=plan, language=language)


def renamed(given: ReportInput, name: str = EVIL) -> ReportInput:
    """The same with a hostile name: of the first office, a target, a risk, an actor's activity and in what was changed."""
    s = given.scenario
    first = next(iter(s.offices))
    offices = {**s.offices, first: s.offices[first].model_copy(update={"name": name})}
    target, risk, activity = next(iter(s.targets)), next(iter(s.risks)), next(iter(s.activities))
    copy = s.model_copy(
        update={
            "offices": offices,
            "targets": {**s.targets, target: s.targets[target].model_copy(update={"name": name})},
            "risks": {**s.risks, risk: s.risks[risk].model_copy(update={"name": name})},
            "activities": {**s.activities, activity: s.activities[activity].model_copy(update={"name": name})},
            "scenario": s.scenario.model_copy(update={"name": name, "description": name}),
        }
    )
    table = given.tables["openings"]
    tables = {**given.tables, "openings": Table("openings", {**table.columns, "name": [name, *table["name"][1:]]})}
    tables["changes"] = Table.of_rows("changes", ["path", "old", "new", "source"], [[name, name, name, name]])
    return replace(given, scenario=copy, tables=tables, passport={**given.passport, "scenario_file": name})
