"""How well a fitted law goes with the records, and how sure its quantiles are.

The distance is that of Kolmogorov and Smirnov between the fitted law and the estimate of Kaplan and Meier, which lets unfinished
cases count for as long as they have lasted. What distance chance alone gives has no table when cases are censored and parameters
fitted, so it is found by simulation (parametric bootstrap; W. Stute and others, Metrika 40, 1993): the same cases, drawn
from the fitted law, unfinished where they would have gone on past the day on which the records were taken, are fitted anew.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from sim.calibration.likelihood import COARSE, Fit, Known, best, law_at
from sim.calibration.spans import Lengths, Real
from sim.distributions import Distribution, Mixture

RESAMPLES = 200
"""Bootstrap samples: a p-value of 5 % is then sure to within 3 per cent units."""

LEVELS = (0.1, 0.5, 0.8, 0.9)
"""Quantiles that are told."""


@dataclass(frozen=True, eq=False)
class Survival:
    """The estimate of Kaplan and Meier: the share that has finished after so many days.

    Attributes
    ----------
    days
        Days on which cases finished, in rising order, shape ``(steps,)``.
    share, low, high
        Share finished after each, and its pointwise interval of 95 % (log-log, from Greenwood's variance).
    """

    days: Real
    share: Real
    low: Real
    high: Real


def survival(lengths: Lengths) -> Survival:
    """Estimate without a form how long cases take, by SciPy.

    Examples
    --------
    Of four cases two took 30 days, one goes on after 20 and one after 40; the one of 20 counts among those after it:

    >>> days = np.array([30, 30, 20, 40])
    >>> survival(Lengths(days, np.array([True, True, False, False]), days)).share.round(4).tolist()
    [0.6667]
    """
    from scipy.stats import CensoredData, ecdf

    days = np.maximum(lengths.days, 1).astype(float)
    data = CensoredData(days[lengths.finished], right=lengths.days[~lengths.finished].astype(float))
    found = ecdf(data).cdf
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # where none or all have finished there is no interval
        interval = found.confidence_interval(method="log-log")
    steps = np.isin(found.quantiles, days[lengths.finished])
    low, high = interval.low.probabilities[steps], interval.high.probabilities[steps]
    share = found.probabilities[steps]
    return Survival(found.quantiles[steps], share, np.where(np.isfinite(low), low, share), np.where(np.isfinite(high), high, share))


def distance(lengths: Lengths, law: Distribution) -> float:
    """Largest difference between the share finished by the law and by Kaplan and Meier, over the days on which that changes."""
    found = survival(lengths)
    fitted = law.cdf(np.stack([found.days - 0.5, found.days + 0.5]))
    fitted[0, found.days <= 1] = 0.0  # all that is rounded to one day has finished after one
    before = np.concatenate([[0.0], found.share[:-1]])
    return float(np.abs(np.stack([before, found.share]) - fitted).max())


@dataclass(frozen=True, eq=False)
class Goodness:
    """How well a law goes with the records.

    Attributes
    ----------
    distance
        Of Kolmogorov and Smirnov.
    p
        Share of bootstrap samples with as large a distance: small means that the law does not go with the records.
    quantiles
        Of the law refitted to each sample, shape ``(samples, levels)``.
    """

    distance: float
    p: float
    quantiles: Real

    def interval(self, level: float, confidence: float = 0.95) -> tuple[float, float]:
        """Interval of a quantile in :data:`LEVELS`."""
        tail = (1 - confidence) / 2
        low, high = np.quantile(self.quantiles[:, LEVELS.index(level)], [tail, 1 - tail])
        return float(low), float(high)


def goodness(fit: Fit, lengths: Lengths, factors: Real | None = None, resamples: int = RESAMPLES, seed: int = 0) -> Goodness:
    """Draw the records anew from the law that was fitted to them, and see how far those lie from it.

    Parameters
    ----------
    factors
        Factor of each case's group, shape ``(cases,)``; held as they are.
    """
    rng = np.random.default_rng(seed)
    of_case = np.ones(len(lengths)) if factors is None else factors
    own = distance(lengths, of_all(fit.law, of_case))
    further, quantiles = 1, []
    for uniform in rng.random((resamples, len(lengths))):
        again = lengths.seen(fit.law.quantile(uniform) * of_case)
        if again.finished.sum() < fit.family.parameters:
            continue
        law = law_at(fit.family, best(fit.family, _known(again, of_case), fit.at, tolerance=COARSE))
        further += distance(again, of_all(law, of_case)) >= own
        quantiles.append(law.quantile(LEVELS))
    return Goodness(own, further / (len(quantiles) + 1), np.array(quantiles).reshape(-1, len(LEVELS)))


def _known(lengths: Lengths, factors: Real) -> Known:
    """What is known of the lengths of a group of factor 1."""
    low, high = lengths.bounds
    return Known.between(low / factors, high / factors)


def of_all(law: Distribution, factors: Real) -> Distribution:
    """The law of all cases together, when each group has its factor."""
    values, counts = np.unique(factors, return_counts=True)
    laws = tuple(law.scaled(float(factor)) for factor in values)
    return laws[0] if len(laws) == 1 else Mixture(laws, tuple((counts / len(factors)).tolist()))
