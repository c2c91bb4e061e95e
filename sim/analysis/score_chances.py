"""How good the chances were that a forecast gave: of targets, of offices on time, and of counts of open offices."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.analysis.outcomes import Count, members, open_by, reached
from sim.analysis.precision import wilson
from sim.analysis.rivals import count_forecast
from sim.analysis.score import Scoring
from sim.analysis.scores import Forecast, Outcome, crps, pit
from sim.analysis.table import Table

BINS = 5
"""Classes of chances in the table of reliability: with thirty offices more would be empty."""

CHANCE_COLUMNS = ("kind", "id", "name", "by", "chance", "happened", "brier", "brier_plan", "chance_reference", "brier_reference")
BRIER_COLUMNS = ("kind", "chances", "happened", "mean_chance", "brier", "expected", "brier_plan", "brier_reference", "brier_half")
RELIABILITY_COLUMNS = ("from", "to", "chances", "mean_chance", "happened", "low", "high")


def score_chances(scoring: Scoring, targets: Table) -> Table:
    """Chances and what came of them: every target and every office with a date whose day is known to be held or missed; one a row.

    ``brier`` is the squared difference between the chance and 1 (it happened) or 0. ``brier_plan`` is that of the plan, which is sure of
    itself, ``brier_reference`` that of the reference class, for offices alone.

    Parameters
    ----------
    targets
        The table of the run, with their chances.
    """
    rows = [*_targets(scoring, targets), *_on_time(scoring)]
    return Table.of_rows("score_chances", CHANCE_COLUMNS, rows)


def _targets(scoring: Scoring, targets: Table) -> list[list[Any]]:
    rows = []
    for row in targets.rows():
        happened = reached(scoring.plan, scoring.plan.scenario.targets[row["target"]], scoring.actuals)
        if happened is not None and 0 < row["probability"] < 1:
            chance = row["probability"]
            brier = ((chance - happened) ** 2, float(not happened))
            rows.append(["target", row["target"], row["name"], row["by"], chance, happened, *brier, None, None])
    return rows


def _on_time(scoring: Scoring) -> list[list[Any]]:
    rows = []
    for i in scoring.offices:
        office = scoring.plan.offices[i]
        happened = open_by(scoring.outcome(i), office.target) if office.target >= 0 else None
        if happened is None:
            continue
        chance = float(scoring.forecast(i).cdf(office.target))
        reference = scoring.references[i]
        outside = float(reference[1].cdf(office.target)) if reference else None
        rows.append([
            *("on time", office.id, office.name, scoring.plan.date(office.target), chance, happened),
            *((chance - happened) ** 2, float(not happened), outside, None if outside is None else (outside - happened) ** 2),
        ])  # fmt: skip
    return rows


def score_brier(chances: Table) -> Table:
    """Mean Brier score by kind of chance, against that of right chances, of the plan, of the reference class and of one half."""
    rows = []
    for kind in dict.fromkeys(chances["kind"]):
        part = chances.where(kind=kind)
        p = np.array(part["chance"], float)
        outside = [b for b in part["brier_reference"] if b is not None]
        rows.append([
            *(kind, len(part), float(np.mean(part["happened"])), float(p.mean()), float(np.mean(part["brier"]))),
            *(float((p * (1 - p)).mean()), float(np.mean(part["brier_plan"])), float(np.mean(outside)) if outside else None, 0.25),
        ])  # fmt: skip
    return Table.of_rows("score_brier", BRIER_COLUMNS, rows)


def score_reliability(chances: Table) -> Table:
    """Of what was given about so much chance, how much came true; a class of chances a row, empty ones left out.

    ``low`` and ``high`` are Wilson's interval of the share, as if the events had nothing to do with one another.
    """
    p, happened = np.array(chances["chance"], float), np.array(chances["happened"], bool)
    place = np.minimum((p * BINS).astype(int), BINS - 1)
    rows = []
    for k in range(BINS):
        own = place == k
        n, came = int(own.sum()), int(happened[own].sum())
        if n:
            rows.append([k / BINS, (k + 1) / BINS, n, float(p[own].mean()), came / n, *wilson(came, n)])
    return Table.of_rows("score_reliability", RELIABILITY_COLUMNS, rows)


# --- counts -----------------------------------------------------------------------------------------------------------------

COUNT_COLUMNS = (
    *(
        "date",
        "filter",
        "of",
        "open",
        "p10",
        "p50",
        "p90",
        "pit_low",
        "pit_high",
        "rps",
        "planned",
        "rps_plan",
        "reference_p50",
        "rps_reference",
    ),
)


def score_counts(scoring: Scoring) -> Table:
    """How many were open on a date, against the forecast of that count; a count a row.

    ``rps`` is the ranked probability score, in offices: for a count promised without doubt it is the absolute error. The reference class
    takes the offices as if they had nothing to do with one another.
    """
    return Table.of_rows("score_counts", COUNT_COLUMNS, [_count(scoring, count) for count in scoring.actuals.counts])


def _count(scoring: Scoring, count: Count) -> list[Any]:
    plan, day = scoring.plan, scoring.plan.day(count.date)
    counted = members(plan, count.offices) or []
    forecast = Forecast.of_futures((scoring.days[:, counted] <= day).sum(axis=1))
    outcome = Outcome(count.open, count.open)
    planned = sum(scoring.plans[i][0] <= day for i in counted)
    known = [scoring.references[i] for i in counted]
    chances = [float(one[1].cdf(day)) for one in known if one]
    reference = count_forecast(chances) if len(chances) == len(counted) and counted else None
    return [
        *(count.date, count.label, len(counted), count.open, *(forecast.quantile(p) for p in (0.1, 0.5, 0.9))),
        *(*pit(forecast, outcome), crps(forecast, outcome), planned, float(abs(planned - count.open))),
        *((reference.quantile(0.5), crps(reference, outcome)) if reference else (None, None)),
    ]
