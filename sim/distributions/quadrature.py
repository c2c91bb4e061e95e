"""Integrals over a whole distribution, by Gauss-Legendre panels in the logit of the probability.

In the logit both tails decay like exponentials, so that square-root edges and heavy tails are integrated alike.
"""

from __future__ import annotations

import numpy as np

from sim.distributions.tails import Array, expit

LOWEST_LOGIT = -40.0
"""Below it lies a probability of 4e-18."""

EVEN_LOGIT = 40.0
"""Up to it the panels have width 1; from there on each is ``GROWTH`` times as wide as the last."""

GROWTH = 1.25
NODES = 16
"""Nodes of a panel."""


def panels(edges: Array) -> tuple[Array, Array]:
    """Nodes and weights of a Gauss-Legendre rule on each panel between ``edges`` (rising); both of shape (panels × NODES,).

    >>> x, w = panels(np.array([0.0, 1.0, 3.0]))
    >>> round(float(w @ x**2), 12)
    9.0
    """
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    halves = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + halves * (1 + nodes)).ravel(), (halves * weights).ravel()


def logistic_rule(furthest: float) -> tuple[Array, Array, Array]:
    """A rule for integrals over all probabilities.

    Parameters
    ----------
    furthest
        Largest logit: the probability above it is about ``exp(-furthest)`` and is left out.

    Returns
    -------
    p, q, weights
        Probability below and above each node, and its weight: the integral of f over p from 0 to 1 is ``weights @ f(p)``.
    """
    edges = [*np.arange(LOWEST_LOGIT, min(EVEN_LOGIT, furthest)), min(EVEN_LOGIT, furthest)]
    width = 1.0
    while edges[-1] < furthest:
        width *= GROWTH
        edges.append(min(edges[-1] + width, furthest))
    logits, weights = panels(np.array(edges))
    p, q = expit(logits), expit(-logits)
    return p, q, weights * p * q
