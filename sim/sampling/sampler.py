"""From a plan to draws."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.plan import Plan
from sim.sampling.cases import Cases
from sim.sampling.draws import Draws
from sim.sampling.layout import Output, Packed, Room, Source
from sim.sampling.learning import CASES, Learnt, given_lengths
from sim.sampling.names import Names
from sim.sampling.pack import CommonSums, UnitPacker, certain_codes, pack_choices, pack_laws, pack_risks, pack_rows
from sim.sampling.pack_mixes import pack_mixes
from sim.sampling.quasi import SobolSpec, dimensions_of, sobol_words
from sim.sampling.streams import stream_keys
from sim.sampling.under_way import condition


class Sampler:
    """A plan made ready for drawing; used again for block after block, and by several threads at once.

    Parameters
    ----------
    plan
        The compiled scenario.
    quasi
        Feed the streams that matter most from scrambled Sobol sequences, see :mod:`sim.sampling.quasi`; default: as the scenario
        says, Philox for all or sequences for as many replications as it has.
    """

    def __init__(self, plan: Plan, quasi: SobolSpec | None = None) -> None:
        self.plan = plan
        self.quasi = quasi or quasi_of(plan)

    @cached_property
    def cases(self) -> Cases:
        """What the activities are like, by outcome of the uncertain variables."""
        return Cases.of(self.plan)

    @cached_property
    def streams(self) -> tuple[str, ...]:
        """Names of all streams that may be asked for."""
        return tuple(self._packed[1])

    @cached_property
    def _packed(self) -> tuple[Packed, dict[str, int]]:
        from sim.sampling.generator import normal_table  # late: needs the compiler

        plan, names, sums = self.plan, Names(), CommonSums(self.plan)
        mixes, choices, risks = pack_mixes(plan, names), pack_choices(plan, names), pack_risks(plan, names)
        factors = names.numbers(f"factor/{name}" for name in plan.factor_names)
        always = np.arange(len(names.index), dtype=np.uint32)
        units = UnitPacker(plan, self.cases, names, sums).pack()
        laws, rows = pack_laws(plan.distributions), pack_rows(plan, self.cases)
        certain, common = certain_codes(plan).ravel(), sums.pack(factors, (self.learnt.mean, self.learnt.root) if self.learnt else None)
        return Packed(normal_table(), certain, always, mixes, choices, common, risks, laws, rows, units), names.index

    @cached_property
    def learnt(self) -> Learnt | None:
        """What the status teaches about the common factors; ``None`` when nothing is learnt from it."""
        if not (self.plan.learn and self.plan.factor_names and any(office.facts for office in self.plan.offices)):
            return None
        found = learn(self.plan)
        return found if found.used else None

    @cached_property
    def _keys(self) -> NDArray[np.uint64]:
        return stream_keys(self.plan.seed, self.streams)

    @cached_property
    def _dimensions(self) -> NDArray[np.int32]:
        return dimensions_of(self.streams) if self.quasi else np.full(len(self.streams), -1, np.int32)

    def draw(self, first: int, count: int) -> Draws:
        """Draw replications ``first … first + count - 1``.

        Parameters
        ----------
        first
            Number of the first replication, from 0.
        count
            How many, at least 0.

        Returns
        -------
        Draws
            The same whatever block a replication is drawn in.
        """
        from sim.sampling.kernel import draw_block  # late: needs the compiler

        if first < 0 or count < 0:
            raise ValueError(f"a block begins at replication 0 or later and is not shorter than 0: first {first}, count {count}")
        begin = first // 4 * 4
        size = (first + count + 3) // 4 * 4 - begin
        packed, output = self._packed[0], self._output(size)
        draw_block(packed, self._source(begin, size), Room.of(packed), begin // 4, output)
        draws = self._shaped(first, output, slice(first - begin, first - begin + count))
        condition(self.plan, self.cases, draws)
        return draws

    def none(self) -> Draws:
        """Draws of no replication."""
        return self._shaped(0, self._output(0), slice(0, 0))

    def _source(self, begin: int, size: int) -> Source:
        """Random words for a block; each call has its own, because threads may share the sampler."""
        points = np.zeros((0, 0), np.uint32)
        if self.quasi:
            points = sobol_words(self.plan.seed, self.quasi, int(self._dimensions.max(initial=-1)) + 1, begin, size)
        return Source(self._keys, self._dimensions, points, np.empty((4, self._packed[0].longest_list), np.uint64))

    def _output(self, size: int) -> Output:
        plan = self.plan
        cells = len(plan.offices) * len(plan.passes)
        return Output(
            codes=np.empty((size, len(plan.offices) * len(plan.variables)), np.int16),
            happens=np.empty((size, cells), np.bool_),
            duration=np.empty((size, cells), np.float32),
            redo=np.empty((size, cells), np.bool_),
            risk_factor=np.empty((size, plan.risk_members)),
            risk_delay=np.empty((size, plan.risk_members)),
            factors=np.empty((size, len(plan.factor_names)), np.float32),
        )

    def _shaped(self, first: int, output: Output, rows: slice) -> Draws:
        count, offices = rows.stop - rows.start, len(self.plan.offices)
        by_pass = count, offices, len(self.plan.passes)
        return Draws(
            first=first,
            codes=output.codes[rows].reshape(count, offices, len(self.plan.variables)),
            happens=output.happens[rows].reshape(by_pass),
            duration=output.duration[rows].reshape(by_pass),
            redo=output.redo[rows].reshape(by_pass),
            risk_factor=output.risk_factor[rows],
            risk_delay=output.risk_delay[rows],
            factors=output.factors[rows],
        )


def learn(plan: Plan) -> Learnt:
    """What the status of a plan teaches about its common factors, whether or not the plan is to learn from it."""
    return given_lengths(plan, Sampler(replace(plan, learn=False)).draw(0, CASES))


def quasi_of(plan: Plan) -> SobolSpec | None:
    """The sequences that a scenario asks for."""
    asked = plan.scenario.scenario
    return SobolSpec.for_run(asked.replications) if asked.sampling == "sobol" else None


def sample(plan: Plan, first: int, count: int, *, sampler: Sampler | None = None) -> Draws:
    """Draw replications ``first … first + count - 1`` of a plan.

    Give the ``sampler`` of the plan when several blocks are drawn: making one costs more than a small block.
    """
    return (sampler or Sampler(plan)).draw(first, count)
