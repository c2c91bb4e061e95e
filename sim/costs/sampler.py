"""Chance in money: own uncertainties of items and of price indices.

=========================== ==================================================================
stream                      decides
=========================== ==================================================================
``boden/furniture/cost``    the factor on the amount of an item of an office
``index/construction/size`` the factor on the deviation of a price index
=========================== ==================================================================

As all draws, a function of (seed, stream name, replication) and nothing else, see :mod:`sim.sampling.streams`.
"""

from __future__ import annotations

from functools import cached_property
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.costs.layout import Drawn, Real
from sim.costs.model import CostPlan
from sim.plan import Plan
from sim.sampling import Draws
from sim.sampling.layout import Index, Source
from sim.sampling.pack import pack_laws
from sim.sampling.streams import stream_keys

if TYPE_CHECKING:
    from sim.costs.draw import Chances

OF_AN_OFFICE = ("programme", "county", "municipality", "office")
"""Layers of common factors that an office has as a whole."""


def neutral(costs: CostPlan, replications: int) -> Drawn:
    """No uncertainty of money: every factor is 1."""
    return Drawn(np.ones((replications, len(costs.units))), np.ones((replications, len(costs.index_laws))))


class CostSampler:
    """Draws the own uncertainties of a cost plan; used again for block after block, and by several threads at once."""

    def __init__(self, costs: CostPlan) -> None:
        self.costs = costs

    @cached_property
    def _keys(self) -> NDArray[np.uint64]:
        return stream_keys(self.costs.plan.seed, [stream for stream, *_ in self._drawn()])

    def _drawn(self) -> list[tuple[str, int, int, int, float]]:
        """What is drawn: stream, law, column, office and correlation."""
        costs, units = self.costs, len(self.costs.units)
        drawn = [(u.stream, u.law, column, u.office, u.correlation) for column, u in enumerate(costs.units)]
        indices = enumerate(zip(costs.plan.scenario.price_index, costs.index_laws, strict=True))
        return drawn + [(f"index/{id_}/size", law, units + x, 0, 0.0) for x, (id_, law) in indices if law >= 0]

    @cached_property
    def _chances(self) -> Chances:
        from sim.costs.draw import Chances  # late: needs the compiler
        from sim.sampling.generator import normal_table

        _, law, column, office, correlation = zip(*self._drawn(), strict=True)
        first, factor, weight = office_factors(self.costs.plan)
        held = np.array([c if first[o] < first[o + 1] else 0.0 for c, o in zip(correlation, office, strict=True)])
        return Chances(
            scores=normal_table(),
            laws=pack_laws(self.costs.laws),
            stream=np.arange(len(law), dtype=np.uint32),
            law=np.array(law, np.uint32),
            column=np.array(column, np.uint32),
            office=np.array(office, np.uint32),
            correlation=held,
            own=np.sqrt(1.0 - held * held),
            first=first,
            factor=factor,
            weight=weight,
        )

    def draw(self, draws: Draws) -> Drawn:
        """Draw for the replications of a block; an item's factor may go with the common factors of the block's durations."""
        from sim.costs.draw import draw_chances  # late: needs the compiler

        units, count = len(self.costs.units), len(self._keys)
        out = np.ones((draws.replications, units + len(self.costs.index_laws)))
        if count:
            no_points = np.zeros((0, 0), np.uint32)
            source = Source(self._keys, np.full(count, -1, np.int32), no_points, np.empty((4, count), np.uint64))
            shared = np.empty(len(self.costs.plan.offices))
            draw_chances(self._chances, source, draws.first, draws.factors, shared, out)
        return Drawn(np.ascontiguousarray(out[:, :units]), np.ascontiguousarray(out[:, units:]))


def office_factors(plan: Plan) -> tuple[Index, Index, Real]:
    """An office's own common factor, of variance 1: the layers that it has as a whole, by the roots of their shares.

    Returns
    -------
    first, factor, weight
        Ragged over the offices; empty for an office without common factors.
    """
    first, factors, weights = [0], [], []
    layers = [layer for layer in plan.layers if layer.name in OF_AN_OFFICE]
    for office in plan.offices:
        terms = [(int(layer.factor[office.index, 0]), layer.share) for layer in layers if layer.factor[office.index, 0] >= 0]
        total = sum(share for _, share in terms)
        factors += [factor for factor, _ in terms]
        weights += [sqrt(share / total) for _, share in terms]
        first.append(len(factors))
    return np.array(first, np.uint32), np.array(factors, np.uint32), np.array(weights, np.float64)
