"""How an opening is spread: strips in the table, and S-curve with histogram for what the reader chooses."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice

from markupsafe import Markup

from sim.report.charts.spec import BLUE, INK, LIGHT, ORANGE, RULE, Chart, Spec, layer, time_axis, tip, value_axis, when
from sim.report.model import ReportInput, once

BIN = 7
"""Days in a bar of the histogram."""

MOST_CHOICES = 150
"""Offices that have a strip and can be chosen."""

STRIP_WIDTH, STRIP_HEIGHT = 120, 26
"""Size of a strip in the table, in pixels."""


@dataclass(frozen=True)
class Density:
    """In how many futures something happened on each date, in order of date; futures in which it never did are not there."""

    dates: tuple[dt.date, ...]
    counts: tuple[int, ...]

    def bins(self, first: dt.date, size: int = BIN) -> list[tuple[dt.date, int]]:
        """Counts by so many days from a date on, empty bins between full ones included.

        >>> day = dt.date(2022, 1, 3)
        >>> Density((day, day + dt.timedelta(20)), (3, 4)).bins(day)
        [(datetime.date(2022, 1, 3), 3), (datetime.date(2022, 1, 10), 0), (datetime.date(2022, 1, 17), 4)]
        """
        bins: dict[int, int] = defaultdict(int)
        for date, count in zip(self.dates, self.counts, strict=True):
            bins[(date - first).days // size] += count
        return [(first + dt.timedelta(size * k), bins[k]) for k in range(min(bins), max(bins) + 1)]

    def reached(self, share: float) -> dt.date:
        """The first date by which a share of what is counted here has happened.

        >>> day = dt.date(2022, 1, 3)
        >>> Density((day, day + dt.timedelta(20)), (3, 4)).reached(0.5)
        datetime.date(2022, 1, 23)
        """
        wanted, so_far = share * sum(self.counts), 0
        for date, count in zip(self.dates, self.counts, strict=True):
            so_far += count
            if so_far >= wanted:
                return date
        return self.dates[-1]


STRIP_BINS = 30
"""Bars that a strip would have; fewer and wider than weeks, so that closed weeks do not cut the hill to pieces."""


@once
def densities(given: ReportInput, what: str) -> dict[str, Density]:
    """Densities by id: ``what`` is ``office`` or ``target``."""
    if not given.has(f"{what}_density") and not (what == "office" and given.has("opening_density")):
        return {}
    table = given.table("opening_density" if what == "office" else "target_density")
    gathered: dict[str, list[tuple[dt.date, int]]] = defaultdict(list)
    for id_, date, count in zip(table[what], table["date"], table["count"], strict=True):
        if count:
            gathered[id_].append((date, int(count)))
    return {id_: Density(*zip(*sorted(pairs), strict=True)) for id_, pairs in gathered.items()}


def span(densities: dict[str, Density]) -> tuple[dt.date, dt.date]:
    """From the first date of all to the last that is not in the latest hundredth of any: few late futures must not flatten the rest."""
    return min(density.dates[0] for density in densities.values()), max(density.reached(0.99) for density in densities.values())


def strip(density: Density, first: dt.date, last: dt.date, marks: tuple[dt.date | None, dt.date | None, dt.date | None]) -> Markup:
    """A strip of an office's spread: the density as a hill, P50 and P80 as ticks, the planned date as a diamond.

    It is drawn here as SVG, because a table of thirty offices with a chart object each would be slow. The numbers beside it say the same.
    """
    total = max((last - first).days, 1)
    size = max(total // STRIP_BINS, 1)
    bins = [(date + dt.timedelta(size // 2), count) for date, count in density.bins(first, size) if date <= last]
    top = max(count for _, count in bins)

    def x(date: dt.date) -> float:
        return round(min(max((date - first).days / total, 0), 1) * (STRIP_WIDTH - 8) + 4, 1)

    base = STRIP_HEIGHT - 6
    hill = " ".join(f"{x(date)},{round(base - count / top * (base - 2), 1)}" for date, count in bins)
    parts = [
        f'<polygon points="{x(bins[0][0])},{base} {hill} {x(bins[-1][0])},{base}" fill="{LIGHT}"/>',
        f'<line x1="2" x2="{STRIP_WIDTH - 2}" y1="{base}" y2="{base}" stroke="{RULE}"/>',
    ]
    p50, p80, plan = marks
    for date, colour in ((p50, BLUE), (p80, INK)):
        if date is not None:
            parts.append(f'<line x1="{x(date)}" x2="{x(date)}" y1="2" y2="{base + 3}" stroke="{colour}" stroke-width="2"/>')
    if plan is not None:
        c = x(plan)
        parts.append(f'<path d="M{c} {base - 4}l4 4l-4 4l-4 -4z" fill="{ORANGE}"/>')
    shape = f'width="{STRIP_WIDTH}" height="{STRIP_HEIGHT}" viewBox="0 0 {STRIP_WIDTH} {STRIP_HEIGHT}"'
    return Markup(f'<svg class="strip" {shape} aria-hidden="true" focusable="false">{"".join(parts)}</svg>')


def choices(given: ReportInput) -> list[tuple[str, str, str]]:
    """What the S-curve can show: (key, kind, name), targets first."""
    targets = densities(given, "target")
    offices = densities(given, "office")
    found = [(f"target:{id_}", "target", given.names.target(id_)) for id_ in targets]
    return found + [(f"office:{id_}", "office", given.names.office(id_)) for id_ in islice(offices, MOST_CHOICES)]


def s_curve(given: ReportInput, choice: str | None = None) -> Chart | None:
    """Histogram by week with the chance to be open by each date, for one office or target; the parameter ``choice`` decides which."""
    both = {f"target:{id_}": density for id_, density in densities(given, "target").items()}
    both |= {f"office:{id_}": density for id_, density in islice(densities(given, "office").items(), MOST_CHOICES)}
    if not both:
        return None
    t = given.t
    chosen = choice if choice in both else next(iter(both))
    spec = layer(*_s_layers(given), data=_s_rows(given, both), height=320)
    spec["params"] = [{"name": "choice", "value": chosen}]
    spec["transform"] = [{"filter": "datum.key === choice"}]
    spec["resolve"] = {"scale": {"y": "independent"}}
    name = {key: name for key, _, name in choices(given)}[chosen]
    description = t("Histogram by week and S-curve: the chance to be open by each date. Shown: {name}.", name=name)
    return Chart("s_curve", t("Chance by date"), description, spec, given.f)


def _s_rows(given: ReportInput, both: dict[str, Density]) -> list[Spec]:
    """A row for each choice: its first Monday, the weeks after it, and the share of all futures in each.

    Futures in which it never happens count among all. The chart unfolds the rows: written out they would be most of the page.
    """
    n, goals = _replications(given, both), _goals(given)
    found: list[Spec] = []
    for key, density in both.items():
        first = density.dates[0] - dt.timedelta(density.dates[0].weekday())
        full = with_ends_of_gaps([(place, count) for place, (_, count) in enumerate(density.bins(first)) if count])
        row: Spec = {"key": key, "first": when(first), "week": [place for place, _ in full], "share": [count / n for _, count in full]}
        found.append(row | ({"goal": when(goals[key])} if key in goals else {}))
    return found


def with_ends_of_gaps(weeks: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Weeks with their counts, and the last empty week before each after a gap, so that the curve is flat until then.

    >>> with_ends_of_gaps([(0, 5), (1, 2), (4, 3)])
    [(0, 5), (1, 2), (3, 0), (4, 3)]
    """
    present = {week for week, _ in weeks}
    gaps = [(week - 1, 0) for week, _ in weeks[1:] if week - 1 not in present]
    return sorted([*weeks, *gaps])


UNFOLD: list[Spec] = [
    {"flatten": ["week", "share"]},
    {"calculate": f"timeOffset('day', toDate(datum.first), {BIN} * datum.week)", "as": "date"},
    {"calculate": f"timeOffset('day', datum.date, {BIN - 1})", "as": "end"},
    {"window": [{"op": "sum", "field": "share", "as": "chance"}], "sort": [{"field": "week"}]},
]
"""From a row a choice to a row a week."""


def _replications(given: ReportInput, both: dict[str, Density]) -> int:
    seen = max(sum(density.counts) for density in both.values())
    return max(int(given.passport.get("replications") or 0), seen)


def _goals(given: ReportInput) -> dict[str, dt.date]:
    """The date that each choice is to hold."""
    targets = {f"target:{id_}": target.by for id_, target in given.scenario.targets.items()}
    return {**targets, **{f"office:{id_}": date for id_, date in given.plan.items()}}


def _s_layers(given: ReportInput) -> list[Spec]:
    t = given.t
    x = {"field": "date", **time_axis()}
    told = tip(("date", t("Week from"), "date"), ("share", t("Share"), ".1%"), ("chance", t("Chance so far"), ".1%"))
    y = {"field": "share", **value_axis(t("Share per week"), ".1~%"), "scale": {"zero": True}}
    bars = {
        "transform": UNFOLD,
        "mark": {"type": "bar", "color": LIGHT},
        "encoding": {"x": x, "x2": {"field": "end"}, "y": y, "y2": {"datum": 0}, "tooltip": told},
    }
    curve = {
        "transform": UNFOLD,
        "mark": {"type": "line", "color": BLUE, "strokeWidth": 2.5, "interpolate": "monotone"},
        "encoding": {
            "x": {**x, "field": "end"},
            "y": {
                "field": "chance",
                **value_axis(t("Chance to be open by then"), ".0%", orient="right", grid=False),
                "scale": {"domain": [0, 1]},
            },
            "tooltip": told,
        },
    }
    goal = {
        "transform": [{"filter": "isValid(datum.goal)"}],
        "mark": {"type": "rule", "color": ORANGE, "strokeWidth": 2, "strokeDash": [6, 4]},
        "encoding": {"x": {**x, "field": "goal"}, "tooltip": tip(("goal", t("Plan or target"), "date"))},
    }
    return [bars, curve, goal]
