"""When each office opens, with what chance it holds its date, and how many are open by a date."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.precision import mean_and_sd, quantile_interval, quantile_ranks, rank, standard_error, wilson
from sim.analysis.table import Table
from sim.plan import Plan
from sim.runner import Block

Days = NDArray[np.signedinteger]
"""Opening days, shape ``(replications, offices)``."""

Codes = NDArray[np.signedinteger]
"""Codes of types; -1: none."""

OPENING_LEVELS = (0.05, 0.1, 0.5, 0.8, 0.9, 0.95)
COUNT_LEVELS = (0.05, 0.1, 0.5, 0.9, 0.95)
WITH_INTERVAL = (0.1, 0.5, 0.8, 0.9)
"""Quantiles that bring their own interval into the tables."""

OPENING_COLUMNS = (
    *("office", "name", "round", "type", "type_share", "target", "replications", "mean", "mean_se_days", "sd"),
    *("p05", "p10", "p50", "p80", "p90", "p95"),
    *("p10_low", "p10_high", "p50_low", "p50_high", "p80_low", "p80_high", "p90_low", "p90_high"),
    *("p_on_time", "p_on_time_low", "p_on_time_high", "expected_delay_days", "p_last", "p_last_low", "p_last_high"),
)

COUNT_COLUMNS = (
    *("date", "filter", "replications", "of", "planned", "mean", "mean_se", "p05", "p10", "p50", "p90", "p95"),
    *("p10_low", "p10_high", "p50_low", "p50_high", "p90_low", "p90_high"),
)


class OpeningTally:
    """The opening day of every office in every replication, and the types that were drawn.

    Two bytes an office and replication (four where the horizon is beyond 2^15 days), one more where types are drawn (two for more than 127
    types); nothing else grows with the number of replications.
    """

    def __init__(self, plan: Plan) -> None:
        self.dtype = np.int16 if plan.last + 2 < 2**15 else np.int32
        self.type_variable = plan.type_variable if types_are_drawn(plan) else -1
        self._days: list[Days] = [np.empty((0, len(plan.offices)), self.dtype)]
        self._types: list[Codes] = [np.empty((0, len(plan.offices)), code_type(plan))]

    def add(self, block: Block) -> None:
        """Keep the openings of a block."""
        self._days.append(block.opening.astype(self.dtype))
        if self.type_variable >= 0:
            self._types.append(block.draws.codes[:, :, self.type_variable].astype(self._types[0].dtype))

    def merge(self, other: OpeningTally) -> None:
        """Add the replications that follow on these."""
        self._days += other._days
        self._types += other._types

    @property
    def days(self) -> Days:
        """Opening day of each office, shape ``(replications, offices)``."""
        return joined(self._days)

    @property
    def types(self) -> Codes:
        """Type code of each office, shape ``(replications, offices)``; without rows where types are certain."""
        return joined(self._types)

    @property
    def replications(self) -> int:
        """Number of replications so far."""
        return len(self.days)


def joined(parts: list[NDArray[Any]], axis: int = 0) -> NDArray[Any]:
    """One array of all parts; the list keeps only that. Parts are let go as they are taken over, so that not all is there twice."""
    if len(parts) > 1:
        shape = list(parts[0].shape)
        shape[axis] = sum(part.shape[axis] for part in parts)
        whole, end = np.empty(shape, parts[0].dtype), 0
        places = np.moveaxis(whole, axis, 0)
        parts.reverse()
        while parts:
            part = np.moveaxis(parts.pop(), axis, 0)
            places[end : end + len(part)] = part
            end += len(part)
        parts.append(whole)
    return parts[0]


def types_are_drawn(plan: Plan) -> bool:
    """Whether the type of some office is known only by chance."""
    variable = plan.type_variable
    return variable >= 0 and (bool(plan.mixes) or any(variable in office.weights for office in plan.offices))


def code_type(plan: Plan) -> type[np.int8 | np.int16]:
    """Whole numbers that hold the code of every type."""
    return np.int8 if len(plan.scenario.office_types) < 2**7 else np.int16


def type_codes(plan: Plan, tally: OpeningTally) -> Codes:
    """Type code of each office: a row for each replication where types are drawn, else one for all; -1 where there are no types."""
    if tally.type_variable >= 0:
        return tally.types
    certain = [office.codes[plan.type_variable] if plan.type_variable >= 0 else -1 for office in plan.offices]
    return np.array([certain], code_type(plan))


# --- each office ----------------------------------------------------------------------------------------------------------


def openings(plan: Plan, tally: OpeningTally) -> Table:
    """When each office opens, an office a row.

    ``p80`` is the first date that at least 80 % of the replications have reached; ``p80_low`` and ``p80_high`` are its 95 % interval
    (empty where there are too few replications for one). ``p_on_time`` is the chance to hold the date in ``target``;
    ``expected_delay_days`` the mean delay in the futures that miss it. ``p_last`` is the chance that no office of its round opens
    later; offices that open last together count each. ``type`` is the most frequent type, ``type_share`` its share.
    """
    last = count_last(plan, tally.days)
    codes = type_codes(plan, tally)
    rows = [_office_row(plan, o, np.sort(tally.days[:, o]), codes[:, o], int(last[o])) for o in range(len(plan.offices))]
    return Table.of_rows("openings", OPENING_COLUMNS, rows)


def _office_row(plan: Plan, office: int, ordered: Days, codes: Codes, last: int) -> list[Any]:
    known, n = plan.offices[office], len(ordered)
    spec = plan.scenario.offices[known.id]
    mean, sd = mean_and_sd(int(ordered.sum(dtype=np.int64)), int((ordered.astype(np.int64) ** 2).sum()), n)
    target = None if known.target < 0 else plan.date(known.target)
    return [
        *(known.id, known.name, spec.round, *_likeliest(plan, codes), target, n),
        *(plan.date(round(mean)), standard_error(sd, n), sd),
        *(plan.date(int(ordered[rank(p, n) - 1])) for p in OPENING_LEVELS),
        *(bound for p in WITH_INTERVAL for bound in _interval(plan, ordered, p)),
        *_on_time(known.target, ordered),
        *(last / n, *wilson(last, n)),
    ]


def _likeliest(plan: Plan, codes: Codes) -> tuple[str | None, float | None]:
    """Most frequent type (of several the first in the scenario) and its share."""
    counts = np.bincount(codes[codes >= 0], minlength=1)
    if plan.type_variable < 0 or not counts.any():
        return None, None
    return str(plan.variables[plan.type_variable].values[int(counts.argmax())]), float(counts.max() / len(codes))


def _interval(plan: Plan, ordered: Days, p: float) -> list[dt.date | None]:
    bounds = quantile_interval(lambda i: int(ordered[i - 1]), len(ordered), p)
    return [None if bound is None else plan.date(bound) for bound in bounds]


def _on_time(target: int, ordered: Days) -> tuple[float | None, float | None, float | None, float | None]:
    """Chance to hold a date, its interval, and the mean delay of the futures that miss it."""
    if target < 0:
        return None, None, None, None
    n, held = len(ordered), int(np.searchsorted(ordered, target, side="right"))
    late = ordered[held:]
    delay = float((late.astype(np.int64) - target).sum() / len(late)) if len(late) else None
    return held / n, *wilson(held, n), delay


def count_last(plan: Plan, days: Days) -> NDArray[np.int64]:
    """In how many replications no office of the same round opens later than this one, shape ``(offices,)``."""
    rounds = [plan.scenario.offices[office.id].round for office in plan.offices]
    result = np.zeros(len(rounds), np.int64)
    for number in dict.fromkeys(rounds):
        members = [i for i, r in enumerate(rounds) if r == number]
        own = days[:, members]
        result[members] = (own == own.max(axis=1, keepdims=True)).sum(axis=0)
    return result


def opening_density(plan: Plan, tally: OpeningTally) -> Table:
    """In how many futures each office opens on each date; an office and date a row, dates without openings left out."""
    names = ("office", "date", "count")
    rows: list[tuple[str, dt.date, int]] = []
    for office in plan.offices:
        days, counts = np.unique(tally.days[:, office.index], return_counts=True)
        rows += [(office.id, plan.date(day), count) for day, count in zip(days.tolist(), counts.tolist(), strict=True)]
    return Table.of_rows("opening_density", names, rows)


# --- how many are open --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Group:
    """Offices that are counted together.

    Attributes
    ----------
    label
        ``all``, ``round=1``, ``county=Skåne län`` or ``type=small``.
    offices
        Indices of the offices that are in it, or may be.
    type_code
        Code of the type that makes an office belong to it, or -1.
    """

    label: str
    offices: tuple[int, ...]
    type_code: int = -1


def groups_of(plan: Plan) -> tuple[Group, ...]:
    """All offices, each round, each county and each type."""
    offices = [plan.scenario.offices[office.id] for office in plan.offices]
    found = [Group("all", tuple(range(len(offices))))]
    for name in ("round", "county"):
        values = [getattr(office, name) for office in offices]
        known = sorted({v for v in values if v is not None}) if name == "round" else dict.fromkeys(v for v in values if v is not None)
        found += [Group(f"{name}={value}", tuple(i for i, v in enumerate(values) if v == value)) for value in known]
    if plan.type_variable >= 0:
        types = plan.variables[plan.type_variable].values
        found += [Group(f"type={value}", tuple(range(len(offices))), code) for code, value in enumerate(types)]
    return tuple(found)


def month_ends(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """The last day of each month from that of ``first`` to that of ``last``.

    >>> [str(day) for day in month_ends(dt.date(2023, 12, 31), dt.date(2024, 2, 1))]
    ['2023-12-31', '2024-01-31', '2024-02-29']
    """
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        yield dt.date(year, month, calendar.monthrange(year, month)[1])
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def count_dates(plan: Plan, last_day: int) -> list[dt.date]:
    """Month ends until every office is open in every future, and the dates of the targets."""
    dates = {*month_ends(plan.start, plan.date(last_day)), *(target.by for target in plan.scenario.targets.values())}
    return sorted(date for date in dates if date >= plan.start)


def open_count(plan: Plan, tally: OpeningTally) -> Table:
    """How many offices are open on a date, for all, each round, county and type; a date and filter a row.

    ``of`` is how many there are at most, ``planned`` how many should be open by their own dates (not known for types that are drawn).
    """
    dates = count_dates(plan, int(tally.days.max(initial=0)))
    groups = groups_of(plan)
    counts = _Counts(plan, tally, groups, dates)
    columns: dict[str, list[Any]] = {name: [] for name in COUNT_COLUMNS}
    for g, group in enumerate(groups):
        for name, values in counts.statistics(g).items():
            columns[name] += values
        columns["filter"] += [group.label] * len(dates)
        columns["date"] += dates
        columns["of"] += [len(group.offices)] * len(dates)
        columns["planned"] += _planned(plan, group, dates)
    return Table("open_count", columns)


def _planned(plan: Plan, group: Group, dates: list[dt.date]) -> list[int | None]:
    if group.type_code >= 0:
        return [None] * len(dates)
    targets = [plan.offices[i].target for i in group.offices if plan.offices[i].target >= 0]
    return [sum(target <= plan.day(date) for target in targets) for date in dates]


class _Counts:
    """For each group and date, in how many replications so many offices are open."""

    def __init__(self, plan: Plan, tally: OpeningTally, groups: tuple[Group, ...], dates: list[dt.date]) -> None:
        from sim.analysis.counting import Lists, count_open  # late: needs the compiler

        of_office = [[g for g, group in enumerate(groups) if group.type_code < 0 and o.index in group.offices] for o in plan.offices]
        by_code = {group.type_code: g for g, group in enumerate(groups) if group.type_code >= 0}
        lists = Lists(
            first=np.cumsum([0, *map(len, of_office)]).astype(np.int32),
            of=np.array([g for own in of_office for g in own], np.int32),
            of_type=np.array([by_code.get(code, -1) for code in range(max(by_code, default=-1) + 1)], np.int32),
            place=np.cumsum([0, *(len(group.offices) + 1 for group in groups)]).astype(np.int32),
        )
        days = np.array([plan.day(date) for date in dates])
        date_of_day = np.searchsorted(days, np.arange(plan.last + 3)).astype(np.int32)
        self.place, self.n = lists.place, tally.replications
        self.counts = count_open(tally.days, type_codes(plan, tally), lists, date_of_day, len(dates))

    def statistics(self, g: int) -> dict[str, list[Any]]:
        """Columns of a group, a value a date."""
        counts = self.counts[:, self.place[g] : self.place[g + 1]].astype(np.int64)
        reached, values = counts.cumsum(axis=1), np.arange(counts.shape[1])
        moments = [mean_and_sd(t, s, self.n) for t, s in zip((counts @ values).tolist(), (counts @ values**2).tolist(), strict=True)]
        columns: dict[str, list[Any]] = {
            "replications": [self.n] * len(counts),
            "mean": [mean for mean, _ in moments],
            "mean_se": [standard_error(sd, self.n) for _, sd in moments],
        }

        def at(rank_: int | None) -> list[Any]:
            return [None] * len(reached) if rank_ is None else (reached < rank_).sum(axis=1).tolist()

        for p in COUNT_LEVELS:
            columns[f"p{round(p * 100):02d}"] = at(rank(p, self.n))
            if p in WITH_INTERVAL:
                low, high = quantile_ranks(self.n, p)
                columns[f"p{round(p * 100):02d}_low"], columns[f"p{round(p * 100):02d}_high"] = at(low), at(high)
        return columns
