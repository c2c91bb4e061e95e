"""Each activity's duration, fitted: the families tried, the one taken, how well it goes with the records."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.calibration.families import FAMILIES
from sim.calibration.goodness import RESAMPLES, Goodness, Survival, goodness, of_all, survival
from sim.calibration.groups import GroupFit, fit_groups
from sim.calibration.likelihood import Fit, fit
from sim.calibration.spans import Lengths
from sim.distributions import Distribution

LEAST_FINISHED = 5
"""Finished cases without which nothing is fitted: two parameters would follow single cases."""

FEW_FINISHED = 20
"""Below this the families can hardly be told apart, and the table says so."""


@dataclass(frozen=True, eq=False)
class ActivityFit:
    """An activity's duration, fitted to records.

    Attributes
    ----------
    activity
        Its name in the records.
    lengths
        What was known.
    tried
        Every family fitted, the best first.
    best
        The fit that is taken; of a mean group where there are groups.
    goodness
        How well it goes with the records.
    survival
        What the records say without a form.
    overall
        The law of all cases together: ``best``, or the mixture of the groups.
    groups
        The groups, where there are any.
    """

    activity: str
    lengths: Lengths
    tried: tuple[Fit, ...]
    best: Fit
    goodness: Goodness
    survival: Survival
    overall: Distribution
    groups: GroupFit | None = None

    @property
    def finished(self) -> int:
        """How many cases have finished."""
        return int(self.lengths.finished.sum())

    @property
    def weights(self) -> tuple[float, ...]:
        """Akaike weight of each family tried: about how likely it is to be the best of them (Burnham and Anderson 2002, 2.9)."""
        relative = [math.exp((self.tried[0].aic - one.aic) / 2) for one in self.tried]
        return tuple(weight / sum(relative) for weight in relative)


def fit_activity(
    activity: str,
    lengths: Lengths,
    names: Sequence[str] | None = None,
    families: Sequence[str] = tuple(FAMILIES),
    resamples: int = RESAMPLES,
) -> ActivityFit | None:
    """Fit an activity's duration, or ``None`` when too few cases have finished, or none took longer than a day.

    The family is chosen by Akaike's criterion, corrected for few cases, on all cases as one.

    Parameters
    ----------
    names
        Group of each case; default: no groups.
    families
        Which are tried, of :data:`sim.calibration.families.FAMILIES`.
    resamples
        Bootstrap samples of the goodness of fit.
    """
    if lengths.finished.sum() < LEAST_FINISHED or lengths.days[lengths.finished].max() <= 1:
        return None
    tried = sorted((fit(FAMILIES[name], lengths) for name in families), key=lambda one: round(one.aic, 6))
    best, groups, factors = tried[0], None, None
    if names is not None and len(set(names)) > 1:
        groups = fit_groups(best.family, lengths, names, best)
        best, factors = groups.fit, groups.factors(names)
    found = goodness(best, lengths, factors, resamples)
    overall = best.law if factors is None else of_all(best.law, factors)
    return ActivityFit(activity, lengths, tuple(tried), best, found, survival(lengths), overall, groups)


def without_unfinished(lengths: Lengths) -> Lengths:
    """The finished cases alone, as if the others had never begun: what many do, and what makes work look quicker than it is."""
    done = lengths.finished
    return Lengths(lengths.days[done], lengths.finished[done], np.full(int(done.sum()), lengths.limit.max()))
