"""What known lengths teach about the common factors of what is still to come.

Late permits may be bad luck of one office, or a sign of the municipality, of all permits, or of the whole programme: that is what
the shares of ``correlation`` say beforehand. Given them, the facts make the factors more or less likely. Nothing else is learnt: the
distributions of the scenario, its risks and branches stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.plan import Plan
from sim.sampling.cases import Cases
from sim.sampling.draws import Draws
from sim.sampling.known_lengths import Length, intervals, known_lengths
from sim.sampling.layers import load_of, own_of
from sim.sampling.propagation import Scores, given

Real = NDArray[np.float64]

CASES = 512
"""Futures from which the chances of types, branches and risks are taken."""


@dataclass(frozen=True, eq=False)
class Learnt:
    """The common factors, given the facts.

    Attributes
    ----------
    mean, covariance
        Shapes ``(factors,)`` and ``(factors, factors)``; without facts 0 and the identity.
    used
        The lengths that they follow from.
    unused
        Lengths that no case of the distribution allows.
    """

    mean: Real
    covariance: Real
    used: tuple[Length, ...]
    unused: tuple[Length, ...]

    @property
    def root(self) -> Real:
        """Lower triangle that turns independent factors into these."""
        return np.linalg.cholesky(self.covariance).astype(np.float64)


def given_lengths(plan: Plan, prior: Draws) -> Learnt:
    """The common factors of a plan, given the lengths that its status tells of.

    Parameters
    ----------
    prior
        Futures of the plan, drawn without regard to these lengths.
    """
    known, cases = known_lengths(plan), Cases.of(plan)
    factors = len(plan.factor_names)
    found = [intervals(plan, cases, one, prior) for one in known]
    used = [i for i, one in enumerate(found) if one.possible]
    unused = tuple(one for i, one in enumerate(known) if i not in set(used))
    width = max((len(found[i].low) for i in used), default=1)
    low, high, weight = (np.zeros((len(used), width)) for _ in range(3))
    for row, i in enumerate(used):
        n = len(found[i].low)
        low[row, :n], high[row, :n], weight[row, :n] = found[i].low, found[i].high, found[i].weight
    weight = np.where(low < high, weight, 0.0)
    load = np.stack([load_of(plan, known[i].office, known[i].activity) for i in used]) if used else np.zeros((0, factors))
    mean, covariance = given(Scores(load, own_of(load), low, high, weight))
    return Learnt(mean, covariance, tuple(known[i] for i in used), unused)
