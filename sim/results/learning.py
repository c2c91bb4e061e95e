"""What a running programme teaches: tables, a piece of a scenario, and the folder that keeps them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from sim.analysis.learning import P10, P90, Lesson, lesson_table, lessons
from sim.analysis.table import Table
from sim.calibration.families import digits
from sim.distributions import Metalog
from sim.errors import Fault, InputError
from sim.plan import Plan, compile_scenario
from sim.results.answer_folder import Writer, write_answer
from sim.results.model import RESULTS
from sim.results.question import Overrides, ask, own_version, question_id
from sim.sampling.learning import Learnt
from sim.sampling.sampler import learn as learn_factors
from sim.scenario import LoadedScenario
from sim.scenario.build import in_days
from sim.scenario.schema import Duration

PIECE = "learnt.toml"
"""The piece of a scenario, in the folder."""

HARDLY = 5e-4
"""A change of the score by less than this is none."""

Extra = Callable[["Learning", Path], object]
"""Writes further files (pictures) into the folder."""


@dataclass(frozen=True, eq=False)
class Learning:
    """What the status of a programme teaches.

    Attributes
    ----------
    loaded
        The scenario with its status.
    plan
        The same, compiled.
    learnt
        The common factors, given the known lengths.
    lessons
        What that means for each activity.
    tables
        ``lessons`` and ``factors``.
    """

    loaded: LoadedScenario
    plan: Plan
    learnt: Learnt
    lessons: tuple[Lesson, ...]
    tables: Mapping[str, Table]

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    @property
    def piece(self) -> str:
        """The durations after, as a piece that a scenario can extend, with the evidence in comments."""
        return "\n".join(_piece(self)) + "\n"

    @property
    def id(self) -> str:
        """Address of the answer: a digest of the scenario with its status, and of the version."""
        return question_id(self.loaded.raw)

    def save(self, out: str | Path = RESULTS, extras: Iterable[Extra] = ()) -> Path:
        """Write the folder ``out/<scenario>/learn-<id>``, whole or not at all.

        Raises
        ------
        ResultsError
            The folder cannot be written.
        """
        target = Path(out) / self.loaded.path.stem / f"learn-{self.id}"
        about = {"kind": "learn", "id": self.id, "scenario": str(self.loaded.path), "version": own_version()}
        writers: list[Writer] = [self._write_piece, *(partial(extra, self) for extra in extras)]
        return write_answer(target, "learn", self.tables, about, writers)

    def _write_piece(self, folder: Path) -> None:
        (folder / PIECE).write_text(self.piece, "utf-8")


def learn(scenario: str | Path | LoadedScenario, overrides: Overrides = ()) -> Learning:
    """What the status of a running programme teaches about its durations.

    Parameters
    ----------
    scenario
        With a status, and shares in ``correlation`` through which one office can tell of others.
    overrides
        ``{"correlation.activity": 0.3}`` or ``["correlation.activity=0.3"]``.

    Raises
    ------
    InputError
        The scenario is at fault, has no status, or shares nothing.
    """
    loaded = ask(scenario, overrides=overrides).loaded
    plan = replace(compile_scenario(loaded.scenario), learn=True)
    faults = []
    if loaded.scenario.scenario.status is None:
        faults.append(Fault("scenario.status", "there is none to learn from; give scenario.status_file and scenario.status_date"))
    if not plan.layers:
        message = "nothing is shared, so that one office tells nothing of another; give for instance correlation.activity = 0.3"
        faults.append(Fault("correlation", message))
    if faults:
        raise InputError(*map(loaded.locate, faults))
    learnt = learn_factors(plan)
    found = tuple(lessons(plan, learnt))
    return Learning(loaded, plan, learnt, found, {"lessons": lesson_table(plan, found), "factors": factor_table(plan, learnt)})


def factor_table(plan: Plan, learnt: Learnt) -> Table:
    """Each common factor after: standard normal before; above 0 is longer."""
    sd = np.sqrt(np.diag(learnt.covariance))
    rows = [(name, float(m), float(s)) for name, m, s in zip(plan.factor_names, learnt.mean, sd, strict=True)]
    return Table.of_rows("factors", ("factor", "mean", "sd"), rows)


# --- the piece ----------------------------------------------------------------------------------------------------------------


def _piece(of: Learning) -> Iterator[str]:
    info = of.loaded.scenario.scenario
    unfinished = sum(not known.finished for known in of.learnt.used)
    yield f"# Durations as the status of {info.status_date} leaves them, by etablera learn from {of.loaded.path.name}:"
    yield f"# {len(of.learnt.used) - unfinished} finished lengths and {unfinished} that go on."
    yield "# A scenario takes them in by naming this file last:"
    yield f'#   extends = ["{of.loaded.path.name}", "this-file.toml"]'
    yield "# They are for offices of which nothing is known yet. In the programme itself scenario.learn = true says more: each office"
    yield "# is then forecast by all that is known of its county, municipality and own work; both together would learn twice."
    yield ""
    yield "[scenario]"
    yield "learn = false"
    shares = {name: getattr(of.loaded.scenario.correlation, name) for name in (layer.name for layer in of.plan.layers)}
    yield f"# Shares of variance held in common: {', '.join(f'{name} {share:g}' for name, share in shares.items())}."
    for lesson, row in zip(of.lessons, of["lessons"].rows(), strict=True):
        if abs(lesson.mean) > HARDLY or abs(lesson.sd - 1) > HARDLY:
            yield from ("", *_activity(of, lesson, row))


def _activity(of: Learning, lesson: Lesson, row: Mapping[str, Any]) -> Iterator[str]:
    spec = of.loaded.scenario.activities[lesson.activity.id]
    assert spec.duration is not None
    taken = f", finished ones took {row['taken_to_estimate']:.2f} times the estimate" if row["taken_to_estimate"] else ""
    yield f"[activities.{lesson.activity.id}]"
    yield f"# {row['finished']} finished, {row['under_way']} under way{taken}."
    yield f"# Factor on the median {row['factor']:.3f} (8 of 10: {row['factor_low']:.3f} to {row['factor_high']:.3f})."
    source = json.dumps(f"status of {of.loaded.scenario.scenario.status_date}: {row['finished']} finished, {row['under_way']} under way")
    yield f"duration = {{ {_after(lesson, spec.duration, None)}, source = {source} }}"
    for table in ("by_type", "by_round"):
        for key, duration in getattr(spec, table).items():
            yield f"{table}.{key} = {{ {_after(lesson, duration, spec.duration.unit)} }}"


def _after(lesson: Lesson, duration: Duration, unit: str | None) -> str:
    """A duration as it is after, in days: lognormal where it was, else by three quantiles."""
    low, middle, high = map(float, lesson.quantiles(in_days(duration, lesson.activity.week, unit)))
    if low > 0 and (duration.lognormal is not None or not _is_metalog(low, middle, high)):
        sigma = float(np.log(high / low)) / (P90 - P10)
        return f'lognormal = {{ median = {digits(middle)}, sigma = {digits(sigma)} }}, unit = "days"'
    if not low > 0 or high <= low:
        return f'fixed = {digits(middle)}, unit = "days"'
    return f'quantiles = {{ p10 = {digits(low)}, p50 = {digits(middle)}, p90 = {digits(high)} }}, unit = "days"'


def _is_metalog(low: float, middle: float, high: float) -> bool:
    try:
        Metalog(low, middle, high)
    except ValueError:
        return False
    return True
