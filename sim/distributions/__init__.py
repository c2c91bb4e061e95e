"""Uncertain numbers: families of distributions that know their mean, variance, bounds and quantiles, and tables to draw from them.

All numbers are at least 0 and have no unit here. Bad parameters raise ValueError with one plain sentence.
"""

from sim.distributions.base import Conditional, Distribution, Fixed, Scaled
from sim.distributions.bounded import Pert, Triangular, Uniform
from sim.distributions.families import Exponential, Gamma, Lognormal, Normal, Weibull
from sim.distributions.metalog import Metalog
from sim.distributions.mixture import Mixture
from sim.distributions.steps import Discrete, Empirical
from sim.distributions.tables import STEP_CELLS, TABLE_CELLS, Z_LIMIT, step_table, z_grid, z_table

__all__ = [
    "STEP_CELLS",
    "TABLE_CELLS",
    "Z_LIMIT",
    "Conditional",
    "Discrete",
    "Distribution",
    "Empirical",
    "Exponential",
    "Fixed",
    "Gamma",
    "Lognormal",
    "Metalog",
    "Mixture",
    "Normal",
    "Pert",
    "Scaled",
    "Triangular",
    "Uniform",
    "Weibull",
    "step_table",
    "z_grid",
    "z_table",
]
