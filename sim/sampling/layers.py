"""What the score of a duration has of each common factor."""

from __future__ import annotations

from collections.abc import Container

import numpy as np
from numpy.typing import NDArray

from sim.plan import Plan

Real = NDArray[np.float64]


def load_of(plan: Plan, office: int, activity: int, among: Container[str] | None = None) -> Real:
    """What the score of an office's activity has of each common factor: roots of the shares, shape ``(factors,)``.

    ``among`` names the layers that are asked for; default: all.
    """
    load = np.zeros(len(plan.factor_names))
    for layer in plan.layers:
        factor = layer.factor[office, activity]
        if factor >= 0 and (among is None or layer.name in among):
            load[factor] += np.sqrt(layer.share)
    return load


def own_of(load: Real) -> Real:
    """Variance of the own part beside some loads."""
    own: Real = np.maximum(1 - (load**2).sum(axis=-1), 0.0)
    return own
