"""Type mixes packed into the arrays of :mod:`sim.sampling.layout`."""

from __future__ import annotations

from itertools import accumulate, chain

import numpy as np

from sim.plan import MixPlan, Plan
from sim.plan.model import Choice
from sim.sampling.layout import Mixes
from sim.sampling.names import NEVER, Names, first_of, index_of
from sim.sampling.streams import variable_stream


def pack_mixes(plan: Plan, names: Names) -> Mixes:
    """The groups whose types are drawn together."""
    nodes, roots, rows = _nodes(plan.mixes)
    untold = [[office for office in mix.offices if office not in mix.told] for mix in plan.mixes]

    def slots(offices: list[int]) -> list[int]:
        return [office * len(plan.variables) + plan.type_variable for office in offices]

    def streams(offices: list[int]) -> list[str]:
        return [variable_stream(plan.offices[office].id, "type", False) for office in offices]

    told, rest = list(chain.from_iterable(mix.told for mix in plan.mixes)), list(chain.from_iterable(untold))
    return Mixes(
        first=first_of(map(len, untold)),
        slot=index_of(slots(rest)),
        stream=names.numbers(streams(rest)),
        first_told=first_of(len(mix.told) for mix in plan.mixes),
        told_slot=index_of(slots(told)),
        told_stream=names.numbers(streams(told)),
        counts_stream=names.numbers(f"mix/{mix.id}/counts" for mix in plan.mixes),
        root=index_of(roots),
        first_choice=first_of(map(len, nodes)),
        limit=np.array([limit for node in nodes for limit in _limits(node)], np.float64),
        code=index_of(choice.code for node in nodes for choice in node),
        following=index_of(choice.following for node in nodes for choice in node),
        seats=np.array(rows, np.uint32) if rows else np.zeros((0, 0), np.uint32),
    )


def _nodes(mixes: tuple[MixPlan, ...]) -> tuple[list[list[Choice]], list[int], list[tuple[int, ...]]]:
    """Nodes of all mixes with numbers of their own, the first of each mix, and the rows of seats that may be left."""
    nodes: list[list[Choice]] = []
    roots: list[int] = []
    rows: dict[tuple[int, ...], int] = {}
    for mix in mixes:
        roots.append(len(nodes))
        taken = _taken(mix)
        for node, choices in enumerate(mix.choices or (_any_row(mix),)):
            if node in taken:
                left = [tuple(r - c for r, c in zip(mix.counts[c_.code], taken[node], strict=True)) for c_ in choices]
                last = [Choice(c_.code, c_.probability, rows.setdefault(row, len(rows))) for c_, row in zip(choices, left, strict=True)]
                nodes.append(last)
            else:
                nodes.append([Choice(c_.code, c_.probability, roots[-1] + c_.following) for c_ in choices])
    return nodes, roots, list(rows)


def _any_row(mix: MixPlan) -> tuple[Choice, ...]:
    """All rows of a mix, each as likely."""
    return tuple(Choice(row, 1 / len(mix.counts), row) for row in range(len(mix.counts)))


def _taken(mix: MixPlan) -> dict[int, tuple[int, ...]]:
    """Seats taken by the offices that facts tell of, at each node at which the row is chosen."""
    at = {0: (0,) * len(mix.counts[0])} if mix.counts else {}
    for _ in mix.told:
        steps = [(choice, taken) for node, taken in at.items() for choice in mix.choices[node]]
        at = {choice.following: tuple(s + (t == choice.code) for t, s in enumerate(taken)) for choice, taken in steps}
    return at


def _limits(choices: list[Choice]) -> list[float]:
    """Cumulated probabilities; the last choice takes what rounding leaves."""
    return [*list(accumulate(choice.probability for choice in choices))[:-1], *([NEVER] if choices else [])]
