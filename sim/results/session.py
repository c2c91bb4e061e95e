"""Warm answers: a scenario held ready, asked again and again with small changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sim.plan import ActivityPlan, Layer, Plan, compile_scenario
from sim.results.gather import QUICK, Setup
from sim.results.model import Result
from sim.results.question import Overrides, ask
from sim.results.runs import Clock, Progress, answer, make_ready
from sim.runner import Engine
from sim.sampling import Sampler
from sim.sampling.sampler import quasi_of
from sim.scenario import LoadedScenario


class Session:
    """A scenario held ready for questions.

    Every answer is that of a run on its own; only what a change touches is made anew. A change that leaves all durations, types,
    branches and risks alone (a capacity, a meeting date, a target, a cost) keeps the sampler.

    Parameters
    ----------
    scenario, replications, seed, overrides, engine, workers
        As in :func:`sim.results.run`.

    Examples
    --------
    >>> session = Session("scenarios/examples/two-machine-workshop.toml", replications=200)
    >>> as_it_is, one_more = session.answer(), session.answer({"resources.lathe.capacity": 2})
    >>> one_more["targets"]["probability"][0] >= as_it_is["targets"]["probability"][0]
    True
    """

    def __init__(
        self,
        scenario: str | Path | LoadedScenario,
        *,
        replications: int | None = None,
        seed: int | None = None,
        overrides: Overrides = (),
        engine: Engine = "kernel",
        workers: int | None = None,
    ) -> None:
        self.question = ask(scenario, replications=replications, seed=seed, overrides=overrides, engine=engine)
        self.setup = make_ready(self.question)
        self.workers = workers

    def answer(self, changes: Overrides = (), *, gather: tuple[str, ...] = QUICK, progress: Progress | None = None) -> Result:
        """The answer to the session's scenario with some changes.

        Parameters
        ----------
        changes
            ``{"resources.crews.capacity": 4}`` or ``["resources.crews.capacity=4"]``.
        gather
            What to gather; default: openings, targets and money.

        Raises
        ------
        InputError
            A change is at fault; the session goes on.
        """
        clock = Clock()
        with clock("load"):
            question = ask(self.question.loaded, overrides=changes, engine=self.question.engine)
        with clock("compile"):
            setup = self.setup if question.loaded is self.question.loaded else self.changed(compile_scenario(question.loaded.scenario))
        return answer(question, gather=gather, workers=self.workers, progress=progress, setup=setup, clock=clock)

    def changed(self, plan: Plan) -> Setup:
        """A plan made ready, with the session's sampler where that draws the same."""
        sampler = self.setup.sampler if same_draws(self.setup.plan, plan) else Sampler(plan)
        return Setup(plan, self.setup.engine, sampler)


def same_draws(a: Plan, b: Plan) -> bool:
    """Whether the draws of two plans are equal in every replication."""
    return _drawn(a) == _drawn(b) and _same_layers(a.layers, b.layers)


def _drawn(plan: Plan) -> tuple[object, ...]:
    """All of a plan that sampling reads, but for the layers."""
    activities = tuple(_drawn_activity(activity) for activity in plan.activities)
    network = (plan.offices, plan.passes, plan.loops, activities)
    return (plan.seed, plan.learn, quasi_of(plan), *network, plan.risks, plan.variables, plan.mixes, plan.factor_names, plan.distributions)


def _drawn_activity(activity: ActivityPlan) -> tuple[object, ...]:
    logic = (activity.kind, activity.loops, activity.redo, activity.first_pass, activity.pass_count, activity.strides)
    return (activity.id, activity.duration, activity.when, activity.probability, activity.risks, *logic)


def _same_layers(a: tuple[Layer, ...], b: tuple[Layer, ...]) -> bool:
    names = [(layer.name, layer.share) for layer in a] == [(layer.name, layer.share) for layer in b]
    return names and all(np.array_equal(x.factor, y.factor) for x, y in zip(a, b, strict=True))
