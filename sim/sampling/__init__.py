"""All randomness: named streams, correlated durations, risks, type mixes → :class:`Draws`.

The compiler is imported when the first block is drawn, not before.
"""

from sim.sampling.draws import Draws
from sim.sampling.quasi import SobolSpec
from sim.sampling.sampler import Sampler, median_draws, medians_given, sample

__all__ = ["Draws", "Sampler", "SobolSpec", "median_draws", "medians_given", "sample"]
