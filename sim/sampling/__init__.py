"""All randomness: named streams, correlated durations, risks, type mixes → :class:`Draws`.

The compiler is imported when the first block is drawn, not before.
"""

from sim.sampling.draws import Draws
from sim.sampling.medians import median_draws, medians_given
from sim.sampling.quasi import SobolSpec
from sim.sampling.sampler import Sampler, sample
from sim.sampling.under_way import outlived

__all__ = ["Draws", "Sampler", "SobolSpec", "median_draws", "medians_given", "outlived", "sample"]
