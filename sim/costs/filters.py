"""Filters of offices: what is certain is settled here, what is drawn is asked in every future."""

from __future__ import annotations

import numpy as np

from sim.costs.layout import ASK, NO, YES, Filters
from sim.plan import Plan
from sim.sampling.cases import uncertain_variables
from sim.scenario.schema import Filter, Scalar


class FilterPacker:
    """Collects the filters of items and budgets; equal ones share a number."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.drawn = uncertain_variables(plan)
        self.variables = {v.name: v for v in plan.variables}
        self.index: dict[tuple[tuple[str, tuple[Scalar, ...]], ...], int] = {}

    def number(self, wanted: Filter) -> int:
        """Number of a filter; a new one is added."""
        return self.index.setdefault(tuple(sorted(wanted.items())), len(self.index))

    def pack(self) -> Filters:
        """All filters as arrays."""
        codes = max((len(v.values) for v in self.plan.variables), default=1)
        first, variables, allowed = [0], [], []
        state = np.full((len(self.index), len(self.plan.offices)), YES, np.int8)
        for row, wanted in zip(state, self.index, strict=True):
            for name, values in wanted:
                variable = self.variables[name]
                fits = [value in values for value in variable.values]
                row[:] = np.minimum(row, [self._certain(o, variable.index, fits) for o in range(len(row))])
                if any(variable.index in drawn for drawn in self.drawn):
                    variables.append(variable.index)
                    allowed.append(fits + [False] * (codes - len(fits)))
            first.append(len(variables))
        for row, wanted in zip(state, self.index, strict=True):
            asks = [self._asks(o, wanted) for o in range(len(row))]
            row[(row == YES) & asks] = ASK
        table = np.array(allowed, np.bool_).reshape(len(variables), codes)
        return Filters(np.ascontiguousarray(state.T), np.array(first, np.int32), np.array(variables, np.int32), table)

    def _certain(self, office: int, variable: int, fits: list[bool]) -> int:
        """Whether an office may fit by one variable: no if that is certain and does not."""
        code = self.plan.offices[office].codes[variable]
        return YES if variable in self.drawn[office] or (code >= 0 and fits[code]) else NO

    def _asks(self, office: int, wanted: tuple[tuple[str, tuple[Scalar, ...]], ...]) -> bool:
        return any(self.variables[name].index in self.drawn[office] for name, _ in wanted)
