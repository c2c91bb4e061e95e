"""Why it is late: parts of the delay, what each threat changes, and queues."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from sim.report.charts.spec import (
    BLUE,
    GREY,
    INK,
    LIGHT,
    ORANGE,
    PALETTE,
    Chart,
    Spec,
    coloured,
    layer,
    plain,
    rows,
    time_axis,
    tip,
    value_axis,
)
from sim.report.model import ReportInput, once

MOST_CAUSES = 8
"""Causes with a colour of their own; the rest are put together."""

MEAN_OFFICE = ""
"""Stands for the mean over all offices where others are named by id."""

MOST_OFFICES = 150
"""Offices with a bar of their own; the table has all."""

IDLE = 0.05
"""A pool of which less is used or waited for is at rest; the picture ends there."""

MOST_BARS = 15
"""Bars of a tornado."""

HALF = {"expr": "width / 2 - 40"}
"""Room for a name in a legend of two columns, beside its sign."""


def main_causes(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The (kind, id) of the causes with the largest sums of days, largest first."""
    size: dict[tuple[str, str], float] = defaultdict(float)
    for row in rows:
        size[row["kind"], row["id"]] += abs(row["delay_days_mean"] or 0)
    return sorted((key for key in size if size[key]), key=lambda key: -size[key])


@once
def delay_rows(given: ReportInput) -> list[dict[str, Any]]:
    """The parts of the delay: of the mean office, and of each office where that is known; totals are left out."""
    own = given.has("delay_by_cause")
    drawn = set(islice(given.scenario.offices, MOST_OFFICES))
    of_offices = [row for row in given.table("delay_by_cause").rows() if row["kind"] != "total" and row["office"] in drawn]
    return [{**row, "office": MEAN_OFFICE} for row in driver_rows(given)] + of_offices if own else driver_rows(given)


@once
def driver_rows(given: ReportInput) -> list[dict[str, Any]]:
    """The causes of the whole programme, without their total."""
    table = given.table("drivers")
    scopes = list(table.columns.get("scope", ()))
    return [row for row in table.rows() if row["kind"] != "total" and (not scopes or row["scope"] == scopes[0])]


def delay_by_cause(given: ReportInput) -> Chart | None:
    """The mean delay of each office (or of the programme) as stacked parts; those to the left of 0 saved time."""
    parts = delay_rows(given)
    if not parts:
        return None
    t, own = given.t, "office" in parts[0]
    main = main_causes(driver_rows(given) or parts)[:MOST_CAUSES]
    rest = t("Other causes")
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for row in parts:
        key = row["kind"], row["id"]
        office = given.names.office(row["office"]) if own and row["office"] else t("Mean office")
        sums[office, given.names.cause(*key) if key in main else rest] += row["delay_days_mean"] or 0
    names = list(dict.fromkeys(given.names.cause(*key) for key in main))
    names += [rest] if any(cause == rest for _, cause in sums) else []
    points = [
        {"office": office, "cause": cause, "rank": names.index(cause), "days": round(days, 3)} for (office, cause), days in sums.items()
    ]
    colours = {"domain": names, "range": [*PALETTE[: len(names) - 1], GREY] if rest in names else list(PALETTE[: len(names)])}
    spec = layer(*_stack(given, colours), data=points, height=20 * len({point["office"] for point in points}) if own else 60)
    description = t(
        "Stacked bars: mean days of delay by cause. The largest cause is {cause}.", cause=given.names.cause(*main[0]) if main else "–"
    )
    return Chart("delay_by_cause", t("Delay by cause"), description, spec, given.f)


def _stack(given: ReportInput, colours: Spec) -> list[Spec]:
    t = given.t
    y = {"field": "office", "type": "nominal", "sort": None, "axis": {"title": None, "ticks": False}}
    bars = {
        "mark": {"type": "bar", "stroke": "white", "strokeWidth": 1},
        "encoding": {
            "y": y,
            "x": {"field": "days", "aggregate": "sum", **value_axis(t("Days of delay, mean")), "stack": "zero"},
            "color": {
                "field": "cause",
                "type": "nominal",
                "scale": colours,
                "legend": {"columns": 2, "direction": "vertical", "labelLimit": HALF},
            },
            "order": {"field": "rank"},
            "tooltip": tip(("office", t("Office"), "text"), ("cause", t("Cause"), "text"), ("days", t("Days"), ",.1f")),
        },
    }
    zero = {"mark": {"type": "rule", "color": INK}, "encoding": {"x": {"datum": 0, "type": "quantitative"}}}
    return [bars, zero]


def tornado(given: ReportInput) -> Chart | None:
    """Days by which the mean opening comes earlier without each cause; whiskers are 95 % intervals."""
    found = gains(given, "mean_opening", first_of(given, "mean_opening"), "gain_days_mean")[:MOST_BARS]
    if not found:
        return None
    t = given.t
    spec = layer(*_tornado(given, t("Days earlier, mean opening")), data=found, height=24 * len(found))
    description = t("Tornado chart: what would be won if one thing alone were taken away. The largest is {cause}.", cause=found[0]["name"])
    return Chart("tornado", t("What would be won without it, in days"), description, spec, given.f)


def target_tornado(given: ReportInput, target: str | None = None) -> Chart | None:
    """The same in percentage points of a target's chance; the parameter ``choice`` decides which target."""
    found = target_gains(given)
    targets = drawn_targets(given)
    if not found:
        return None
    t, chosen = given.t, target if target in targets else targets[0]
    most = max(Counter(row["target"] for row in found).values())
    spec = layer(*_tornado(given, t("Percentage points of chance")), data=found, height=24 * most)
    spec["params"] = [{"name": "choice", "value": chosen}]
    spec["transform"] = [{"filter": "datum.target === choice"}]
    description = t("Tornado chart: how the chance of a target changes if one thing alone is taken away. Shown: {name}.",
                    name=given.names.target(chosen))  # fmt: skip
    return Chart("tornado_targets", t("What would be won without it, in chance"), description, spec, given.f)


def drawn_targets(given: ReportInput) -> list[str]:
    """Targets whose chance some cause changes."""
    return list(dict.fromkeys(row["target"] for row in target_gains(given)))


@once
def target_gains(given: ReportInput) -> list[Spec]:
    """Percentage points by target and cause, the largest first within each target."""
    found: list[Spec] = []
    for target in given.scenario.targets:
        found += [{"target": target, **row} for row in gains(given, "target", target, "gain_points")[:MOST_BARS]]
    return found


def first_of(given: ReportInput, measure: str) -> str:
    """The first thing of which a measure is known: all offices."""
    table = given.table("leave_one_out")
    return next((row["of"] for row in table.rows() if row["measure"] == measure), "")


def gains(given: ReportInput, measure: str, of: str, column: str) -> list[Spec]:
    """What a column of ``leave_one_out`` says of an outcome, the largest first; causes without any effect are left out."""
    table = given.table("leave_one_out")
    own = table.where(measure=measure, of=of).rows() if len(table) else ()
    found = [
        {
            "name": given.names.cause(row["kind"], row["id"]),
            **{new: plain(row[column + end]) for new, end in (("effect", ""), ("low", "_low"), ("high", "_high"))},
        }
        for row in own
        if row[column]
    ]
    return sorted(found, key=lambda point: -abs(point["effect"]))


def _tornado(given: ReportInput, title: str) -> list[Spec]:
    t = given.t
    y = {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None, "ticks": False, "labelLimit": 360}}
    told = tip(("name", t("Without"), "text"), ("effect", title, "+,.1f"), ("low", t("Lower"), "+,.1f"), ("high", t("Upper"), "+,.1f"))
    bar = {
        "mark": {"type": "bar", "height": {"band": 0.6}},
        "encoding": {
            "y": y,
            "x": {"field": "effect", **value_axis(title, "+,.2~f")},
            "color": {"condition": {"test": "datum.effect > 0", "value": LIGHT}, "value": ORANGE},
            "tooltip": told,
        },
    }
    whisker = {
        "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
        "mark": {"type": "rule", "color": INK, "strokeWidth": 1.5},
        "encoding": {"y": y, "x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}, "tooltip": told},
    }
    zero = {"mark": {"type": "rule", "color": INK}, "encoding": {"x": {"datum": 0, "type": "quantitative"}}}
    return [bar, whisker, zero]


def queues(given: ReportInput, resource: str) -> Chart | None:
    """Offices that wait for a pool, and units in use against its capacity, over time."""
    table = given.table("queue_by_month")
    own = table.where(resource=resource) if len(table) else table
    if not len(own):
        return None
    t = given.t
    busy = [place for place, row in enumerate(own.rows()) if max(row["waiting_mean"] or 0, row["in_use_mean"] or 0) >= IDLE]
    shown = list(own.rows())[: max(busy, default=0) + 2]
    points = rows(shown, "waiting_mean", "waiting_p90", "in_use_mean", "capacity", date="month")
    name = given.names.resource(resource)
    worst = max(own.rows(), key=lambda row: row["waiting_mean"] or 0)
    description = t(
        "Bars: offices waiting for {name} each month. Most in {month}, {n} on average.",
        name=name, month=given.f.month(worst["month"]), n=given.f.number(worst["waiting_mean"], 1),
    )  # fmt: skip
    if (worst["waiting_mean"] or 0) < IDLE:
        description = t("Hardly any office ever waits for {name}.", name=name)
    spec = layer(*_queue(given, own.columns), data=points, height=230)
    spec["encoding"] = coloured([part["encoding"]["color"]["datum"] for part in spec["layer"]], [ORANGE, BLUE, INK])
    return Chart(f"queue_{resource}", t("Queue for {name}", name=name), description, spec, given.f)


def _queue(given: ReportInput, has: Mapping[str, Any]) -> list[Spec]:
    t = given.t
    waiting, use, capacity = t("Waiting, mean"), t("In use, mean"), t("Capacity")
    x = {"field": "date", **time_axis()}
    told = tip(
        ("date", t("Month"), "date"), ("waiting_mean", waiting, ",.1f"), ("in_use_mean", use, ",.1f"), ("capacity", capacity, ",.0f")
    )
    y = value_axis(t("Offices, units"), ",.1~f")
    encoding = {
        "x": {**x, "timeUnit": "yearmonth"},
        "y": {"field": "waiting_mean", **y},
        "color": {"datum": waiting},
        "tooltip": told,
    }
    layers: list[Spec] = [{"mark": {"type": "bar", "width": {"band": 0.7}}, "encoding": encoding}]
    for name, column, more in ((use, "in_use_mean", {}), (capacity, "capacity", {"strokeDash": [6, 4], "interpolate": "step-after"})):
        if column in has:
            line = {"x": x, "y": {"field": column, **y}, "color": {"datum": name}, "tooltip": told}
            layers.append({"mark": {"type": "line", "strokeWidth": 2, **more}, "encoding": line})
    return layers
