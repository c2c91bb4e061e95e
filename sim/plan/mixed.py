"""The types of a mix when facts tell something about the types of some of its offices: drawn one after another, exactly.

Without facts a row of seats is chosen, each row as likely, and dealt out in random order. Facts about an office make each of its
types more or less likely. The types of the offices that facts tell of, *c* seats of each type in all, and the row *r* have

    P(types, r) ∝ Π likelihood(type of each office) · Π r(type)!/(r(type) - c(type))!

The offices are drawn in turn: what matters of those before is only how many seats of each type they have taken, so that the
weights of all that may follow are summed backwards over these counts. The last draw chooses the row; those of which nothing is
known share what is left in random order, as they do in any case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import perm, prod

from sim.errors import Fault, InputError
from sim.plan.model import Choice, MixPlan

MOST_CHOICES = 500_000
"""Choices that are kept for a mix: possible types of an office, by seats taken before."""

Seats = tuple[int, ...]
"""Seats of each type."""

Likelihood = Sequence[float]
"""Of the facts of an office, given each type."""


def given_likelihoods(mix: MixPlan, likelihoods: Mapping[int, Likelihood]) -> MixPlan:
    """A mix, given what facts tell of the types of some offices.

    Parameters
    ----------
    mix
        A mix without facts.
    likelihoods
        By office of the mix.

    Raises
    ------
    InputError
        No way to deal out the types agrees with the facts, or there are too many.

    Examples
    --------
    Two seats, one of each type: what the first office is, the second is not.

    >>> mix = given_likelihoods(MixPlan("m", (4, 7), ((1, 1),)), {4: (1.0, 0.25)})
    >>> mix.told, [round(p, 3) for p in marginals(mix)[4]], [round(p, 3) for p in marginals(mix)[7]]
    ((4,), [0.8, 0.2], [0.2, 0.8])
    """
    told = tuple(office for office in mix.offices if office in likelihoods and not _is_flat(mix, likelihoods[office]))
    if not told:
        return mix
    steps = _Steps(mix, [likelihoods[office] for office in told])
    return replace(mix, told=told, choices=steps.choices())


def _is_flat(mix: MixPlan, likelihood: Likelihood) -> bool:
    """Whether all types that there are seats for are as likely as before."""
    return len({p for p, seats in zip(likelihood, zip(*mix.counts, strict=True), strict=True) if any(seats)}) == 1


class _Steps:
    """Seats taken after each of the told offices, and the weight of all that may follow."""

    def __init__(self, mix: MixPlan, likelihoods: Sequence[Likelihood]) -> None:
        self.mix, self.likelihoods = mix, likelihoods
        self.types = len(mix.counts[0]) if mix.counts else 0
        self.levels: list[list[Seats]] = [[(0,) * self.types]]
        found = 0
        for likelihood in likelihoods:
            after = {taken for before in self.levels[-1] for taken in self.following(before, likelihood).values()}
            found += len(after) * self.types
            if found > MOST_CHOICES:
                message = f"the facts tell something of the types of {len(likelihoods)} offices, in too many ways together; give some types"
                raise InputError(Fault(f"type_mix.{mix.id}", message))
            self.levels.append(sorted(after))

    def following(self, taken: Seats, likelihood: Likelihood) -> dict[int, Seats]:
        """Seats taken when one more office has each type that it may have."""
        found = {}
        for code in range(self.types):
            after = tuple(seats + (t == code) for t, seats in enumerate(taken))
            if likelihood[code] > 0 and any(all(a <= r for a, r in zip(after, row, strict=True)) for row in self.mix.counts):
                found[code] = after
        return found

    def rows(self, taken: Seats) -> list[float]:
        """Weight of each row of seats when so many are taken by the offices told of."""
        ways = perm(len(self.mix.offices), len(self.likelihoods))
        return [prod(perm(r, c) if c <= r else 0 for r, c in zip(row, taken, strict=True)) / ways for row in self.mix.counts]

    def choices(self) -> tuple[tuple[Choice, ...], ...]:
        """The choices at each node; first come the nodes of the first office, last those that choose the row."""
        first = [sum(map(len, self.levels[:level])) for level in range(len(self.levels) + 1)]
        node = [{taken: first[level] + i for i, taken in enumerate(seats)} for level, seats in enumerate(self.levels)]
        found = [tuple(Choice(row, w, row) for row, w in _shares(enumerate(self.rows(taken)))) for taken in self.levels[-1]]
        worth = {taken: sum(self.rows(taken)) for taken in self.levels[-1]}
        for level in range(len(self.likelihoods) - 1, -1, -1):
            likelihood, here, found_here = self.likelihoods[level], {}, []
            top = max(worth.values(), default=0.0) or 1.0
            for taken in self.levels[level]:
                after = self.following(taken, likelihood)
                weights = [(code, likelihood[code] * worth[then] / top) for code, then in after.items()]
                here[taken] = sum(weight for _, weight in weights)
                found_here.append(tuple(Choice(code, w, node[level + 1][after[code]]) for code, w in _shares(weights)))
            worth, found = here, found_here + found
        if not any(worth.values()):
            message = "no way to deal out its types agrees with the facts of its offices; change the counts, or the facts"
            raise InputError(Fault(f"type_mix.{self.mix.id}.counts", message))
        return tuple(found)


def _shares(weights: Iterable[tuple[int, float]]) -> list[tuple[int, float]]:
    """What can be chosen, with probabilities that sum to 1."""
    some = [(code, weight) for code, weight in weights if weight > 0]
    total = sum(weight for _, weight in some)
    return [(code, weight / total) for code, weight in some]


def marginals(mix: MixPlan) -> dict[int, list[float]]:
    """Probability of each type, by office."""
    types, n = len(mix.counts[0]), len(mix.offices) - len(mix.told)
    at: dict[int, tuple[float, Seats]] = {0: (1.0, (0,) * types)}
    result = {}
    for office in mix.told:
        chances = [0.0] * types
        after: dict[int, tuple[float, Seats]] = {}
        for node, (p, taken) in at.items():
            for choice in mix.choices[node]:
                chances[choice.code] += p * choice.probability
                before = after.get(choice.following, (0.0, taken))[0]
                seats = tuple(s + (t == choice.code) for t, s in enumerate(taken))
                after[choice.following] = (before + p * choice.probability, seats)
        result[office], at = chances, after
    rest = [0.0] * types
    for node, (p, taken) in at.items():
        for choice in mix.choices[node]:
            for t in range(types):
                rest[t] += p * choice.probability * (mix.counts[choice.code][t] - taken[t]) / max(n, 1)
    return result | {office: rest for office in mix.offices if office not in mix.told}
