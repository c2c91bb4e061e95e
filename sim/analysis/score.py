"""How good a forecast was: each office, coverage, and against rivals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.outcomes import Actuals, horizon, open_by
from sim.analysis.precision import CONFIDENCE
from sim.analysis.rivals import plan_dates, reference_forecasts
from sim.analysis.scores import NEVER, Forecast, Outcome, Real, crps, crps_of_each, pit, share_within
from sim.analysis.table import Table
from sim.plan import Plan

MOST_TRIALS = 2000
"""Futures that are taken for the outcome, one after the other, to learn what chance alone does to the scores."""

RESAMPLES = 2000
"""Bootstrap samples of the offices, for the difference to a rival."""

INTERVALS = (("P10-P90", 0.1, 0.9), ("up to P50", 0.0, 0.5), ("up to P80", 0.0, 0.8))
"""Intervals whose coverage is told."""

PIT_BINS = 10

OFFICE_COLUMNS = (
    *("office", "name", "opened", "not_open_on", "open_by", "p10", "p50", "p80", "p90", "pit_low", "pit_high", "in_p10_p90", "by_p80"),
    *("crps", "plan_date", "plan_from", "crps_plan", "reference", "crps_reference"),
)

COVERAGE_COLUMNS = ("interval", "nominal", "offices", "inside", "outside", "unknown", "coverage", "low", "high", "verdict")
SUMMARY_COLUMNS = ("measure", "offices", "found", "low", "high", "verdict")
RIVAL_COLUMNS = ("rival", "offices", "forecast", "rival_score", "gain", "low", "high", "skill", "verdict")
PIT_COLUMNS = ("from", "to", "share", "low", "high")


@dataclass(frozen=True, eq=False)
class Scoring:
    """A forecast and what came of it.

    Attributes
    ----------
    plan
        The scenario of the run, compiled.
    days
        Opening day of every office in every future, shape ``(replications, offices)``.
    undelayed
        Opening days of the plan without its troubles.
    actuals
        What is known.
    """

    plan: Plan
    days: NDArray[np.signedinteger]
    undelayed: list[int]
    actuals: Actuals

    @cached_property
    def offices(self) -> list[int]:
        """Offices that are scored: something is known of them, and was not when the forecast was made."""
        named = [i for i, office in enumerate(self.plan.offices) if office.id in self.actuals.openings]
        return [i for i in named if not self.forecast(i).is_certain]

    @cached_property
    def forecasts(self) -> dict[int, Forecast]:
        """Forecast of each office of which something is known."""
        known = (i for i, office in enumerate(self.plan.offices) if office.id in self.actuals.openings)
        return {i: Forecast.of_futures(self.days[:, i]) for i in known}

    def forecast(self, office: int) -> Forecast:
        """The forecast of an office."""
        return self.forecasts[office]

    def outcome(self, office: int) -> Outcome:
        """What is known of an office."""
        return self.actuals.openings[self.plan.offices[office].id]

    @cached_property
    def horizon(self) -> int | None:
        """Last day that counts in scores, or ``None``."""
        return horizon(self.plan, self.actuals)

    @cached_property
    def spans(self) -> Real:
        """Span of probability that each scored office's outcome takes up, shape ``(offices, 2)``."""
        return np.array([pit(self.forecast(i), self.outcome(i)) for i in self.offices]).reshape(-1, 2)

    @cached_property
    def telling(self) -> NDArray[np.bool_]:
        """Scored offices whose outcome tells something of the forecast: not those that no future has open so early, and are not."""
        found: NDArray[np.bool_] = self.spans[:, 1] - self.spans[:, 0] < 1
        return found

    @cached_property
    def told(self) -> Real:
        """Spans of the telling offices, shape ``(offices, 2)``."""
        found: Real = self.spans[self.telling]
        return found

    @cached_property
    def trials_told(self) -> Real:
        """Spans of the telling offices in the trials, shape ``(trials, offices, 2)``."""
        found: Real = self.trial_spans[:, self.telling]
        return found

    @cached_property
    def scores(self) -> Real:
        """Score of each scored office, in days."""
        return np.array([crps(self.forecast(i), self.outcome(i), self.horizon) for i in self.offices])

    @cached_property
    def plans(self) -> list[tuple[int, str]]:
        """Planned day of each office, and where it comes from."""
        return plan_dates(self.plan, self.undelayed)

    @cached_property
    def references(self) -> list[tuple[str, Forecast] | None]:
        """The reference class of each office."""
        return reference_forecasts(self.plan)

    def rival_scores(self, rival: str) -> list[float | None]:
        """Score of a rival, ``plan`` or ``reference``, for each scored office."""
        found: list[float | None] = []
        for i in self.offices:
            given = Forecast.at(self.plans[i][0]) if rival == "plan" else (self.references[i] or ("", None))[1]
            found.append(None if given is None else crps(given, self.outcome(i), self.horizon))
        return found

    # --- what chance does ---------------------------------------------------------------------------------------------------

    @cached_property
    def trials(self) -> NDArray[np.intp]:
        """Futures that are taken for the outcome, evenly over all."""
        n = len(self.days)
        return np.unique(np.linspace(0, n - 1, min(n, MOST_TRIALS)).astype(np.intp))

    @cached_property
    def trial_spans(self) -> Real:
        """The spans, had each trial come true and been seen as the outcome was, shape ``(trials, offices, 2)``."""
        found = np.empty((len(self.trials), len(self.offices), 2))
        for place, i in enumerate(self.offices):
            forecast, (first, last) = self.forecast(i), _seen(self.days[self.trials, i], self.outcome(i), self.horizon)
            found[:, place, 0], found[:, place, 1] = forecast.cdf(first - 1), forecast.cdf(last)
        return found

    @cached_property
    def trial_scores(self) -> Real:
        """The mean score, had each trial come true."""
        each = [crps_of_each(self.forecast(i), self.days[self.trials, i], self.horizon) for i in self.offices]
        found: Real = np.mean(each, axis=0)
        return found


def _seen(days: NDArray[np.signedinteger], outcome: Outcome, end: int | None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What would have been known of other openings: all that is beyond the horizon alike, and all within an interval."""
    first, last = days.astype(np.int64), days.astype(np.int64)
    if not outcome.is_exact and outcome.last < NEVER:
        hidden = (days >= outcome.first) & (days <= outcome.last)
        first[hidden], last[hidden] = outcome.first, outcome.last
    if end is not None:
        first[days > end], last[days > end] = end + 1, NEVER
    return first, last


# --- tables -----------------------------------------------------------------------------------------------------------------


def score_offices(scoring: Scoring) -> Table:
    """Each office: when it opened, when it was to open, and the score of the forecast and of its rivals, in days.

    ``pit_low`` and ``pit_high`` are the share of the futures that opened before, and up to, what is known; ``in_p10_p90`` and
    ``by_p80`` are empty while that cannot be told.
    """
    rivals = zip(scoring.rival_scores("plan"), scoring.rival_scores("reference"), strict=True)
    rows = [_office(scoring, place, i, *scores) for (place, i), scores in zip(enumerate(scoring.offices), rivals, strict=True)]
    return Table.of_rows("score_offices", OFFICE_COLUMNS, rows)


def _office(scoring: Scoring, place: int, i: int, plan_score: float | None, reference_score: float | None) -> list[Any]:
    plan, forecast, outcome = scoring.plan, scoring.forecast(i), scoring.outcome(i)
    quantiles = [forecast.quantile(p) for p in (0.1, 0.5, 0.8, 0.9)]
    exact, open_ended = outcome.is_exact, outcome.last == NEVER
    reference = scoring.references[i]
    return [
        *(plan.offices[i].id, plan.offices[i].name, plan.date(outcome.first) if exact else None),
        *(None if exact else plan.date(outcome.first - 1), None if exact or open_ended else plan.date(outcome.last)),
        *(plan.date(day) for day in quantiles),
        *scoring.spans[place].tolist(),
        *(_inside(scoring, i, 0.1, 0.9), _inside(scoring, i, 0.0, 0.8), float(scoring.scores[place])),
        *(plan.date(scoring.plans[i][0]), scoring.plans[i][1], plan_score),
        *(reference[0] if reference else None, reference_score),
    ]


def score_coverage(scoring: Scoring) -> Table:
    """How many offices opened within intervals of the forecast; an interval a row.

    ``coverage`` counts an office that has not opened, or whose day has several futures, by the part of its span of probability that lies
    within; one that no future has open so early, and that is not, is left out. ``low`` to ``high`` is where coverage lies in 95 % of
    the futures themselves, seen as the outcome was: offices move together, so few of them say little. ``verdict`` is ``as it should``,
    ``too few`` or ``too many``.
    """
    rows = []
    offices = [i for i, tells in zip(scoring.offices, scoring.telling, strict=True) if tells]
    for name, low, high in INTERVALS:
        trials = share_within(scoring.trials_told, low, high).mean(axis=1) if offices else np.zeros(0)
        found = float(share_within(scoring.told, low, high).mean()) if offices else None
        bounds = _middle(trials)
        states = [_inside(scoring, i, low, high) for i in offices]
        counts = (states.count(True), states.count(False), states.count(None))
        rows.append([name, high - low, len(offices), *counts, found, *bounds, _verdict(found, bounds)])
    return Table.of_rows("score_coverage", COVERAGE_COLUMNS, rows)


def _inside(scoring: Scoring, office: int, low: float, high: float) -> bool | None:
    """Whether an office opened between two quantiles of its forecast, both days included; ``None`` when that is not known."""
    forecast, outcome = scoring.forecast(office), scoring.outcome(office)
    too_early = open_by(outcome, forecast.quantile(low) - 1) if low else False
    in_time = open_by(outcome, forecast.quantile(high))
    return False if too_early or in_time is False else True if too_early is False and in_time else None


def _middle(values: Real) -> tuple[float | None, float | None]:
    """Where 95 % of some values lie."""
    if not values.size:
        return None, None
    low, high = np.quantile(values, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def _verdict(found: float | None, bounds: tuple[float | None, float | None], words: Sequence[str] = ("too few", "too many")) -> str:
    low, high = bounds
    if found is None or low is None or high is None:
        return "cannot tell"
    return words[0] if found < low - 1e-9 else words[1] if found > high + 1e-9 else "as it should"


def score_pit(scoring: Scoring) -> Table:
    """Where in their forecasts the outcomes fell, in tenths: even when the forecast is right; a tenth a row.

    ``share`` is that of the offices; ``low`` to ``high`` where it lies in 95 % of the futures themselves.
    """
    rows = []
    for k in range(PIT_BINS if scoring.telling.any() else 0):
        low, high = k / PIT_BINS, (k + 1) / PIT_BINS
        trials = share_within(scoring.trials_told, low, high).mean(axis=1)
        rows.append([low, high, float(share_within(scoring.told, low, high).mean()), *_middle(trials)])
    return Table.of_rows("score_pit", PIT_COLUMNS, rows)


def score_summary(scoring: Scoring) -> Table:
    """The whole forecast in a few numbers, each with where it lies in 95 % of the futures themselves; a measure a row.

    ``crps`` is the mean score in days. ``pit_mean`` is ½ when openings come as early and late as forecast, more when they come late.
    ``pit_distance`` is the largest difference between the PIT and an even one; only a large one is a fault.
    """
    if not scoring.telling.any():
        return Table.of_rows("score_summary", SUMMARY_COLUMNS, [])
    told, trials_told, many = scoring.told, scoring.trials_told, int(scoring.telling.sum())
    measures = [
        ("crps", len(scoring.offices), float(scoring.scores.mean()), scoring.trial_scores, ("better", "worse")),
        ("pit_mean", many, float(told.mean()), trials_told.mean(axis=(1, 2)), ("earlier", "later")),
        ("pit_distance", many, float(_distance(told)), _distance(trials_told), ("as it should", "uneven")),
    ]
    rows = [[name, n, found, *(bounds := _middle(trials)), _verdict(found, bounds, words)] for name, n, found, trials, words in measures]
    return Table.of_rows("score_summary", SUMMARY_COLUMNS, rows)


def _distance(spans: Real) -> Real:
    """Largest difference between the share of outcomes up to a level and the level, over all tenths."""
    levels = np.arange(1, PIT_BINS) / PIT_BINS
    found: Real = np.max([np.abs(share_within(spans, 0.0, p).mean(axis=-1) - p) for p in levels], axis=0)
    return found


def score_rivals(scoring: Scoring) -> Table:
    """The forecast against the plan's own dates and a reference class, on the offices that both have; a rival a row.

    ``gain`` is by how many days the forecast's mean score is smaller, with its interval of 95 % from offices drawn anew; offices that move
    together make the true one wider. ``skill`` is the gain as a share of the rival's score.
    """
    return Table.of_rows("score_rivals", RIVAL_COLUMNS, list(_rival_rows(scoring)))


def _rival_rows(scoring: Scoring) -> Iterator[list[Any]]:
    for rival in ("plan", "reference"):
        theirs = scoring.rival_scores(rival)
        both = [(own, other) for own, other in zip(scoring.scores.tolist(), theirs, strict=True) if other is not None]
        if not both:
            continue
        own, other = np.array(both).T
        gain = other - own
        drawn = np.random.default_rng(0).integers(0, len(gain), (RESAMPLES, len(gain)))
        low, high = _middle(gain[drawn].mean(axis=1))
        assert low is not None
        assert high is not None
        says = "better" if low > 0 else "worse" if high < 0 else "cannot tell"
        skill = float(gain.mean() / other.mean()) if other.mean() > 0 else None
        yield [rival, len(gain), float(own.mean()), float(other.mean()), float(gain.mean()), low, high, skill, says]
