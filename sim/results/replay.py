"""Replays: one future of a scenario, chosen by its number or by how late it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.analysis.chains import chain_table
from sim.analysis.delay import Splitter
from sim.analysis.futures import NEVER, Futures, Ordinals
from sim.analysis.precision import rank, wilson
from sim.analysis.replay import Told, event_table, span_table, told
from sim.analysis.table import Table
from sim.errors import Fault, InputError
from sim.plan import Plan
from sim.results.futures import Means, ask_again, simulate_futures
from sim.results.gather import Setup, simulate_with
from sim.results.question import Overrides
from sim.results.runs import make_ready
from sim.results.tried import Tried
from sim.runner import Block, Engine
from sim.scenario import LoadedScenario

OFFICE_COLUMNS = ("office", "planned", "target", "opening", "days_after_target", "share_by_then", "low", "high", "replications")
CAUSE_COLUMNS = ("office", "kind", "id", "days")


@dataclass(frozen=True)
class Replay(Tried):
    """One future.

    Attributes
    ----------
    replication
        Its number, from 0, as in ``openings.parquet``.
    about_what
        What it was chosen by: ``programme``, ``targets.ID`` or ``offices.ID``; nothing when its number was given.
    level
        The quantile that it is, e.g. 0.8; ``None`` when its number was given.
    plan
        The scenario, compiled.
    passes
        Everything that took place, in order.
    """

    replication: int
    about_what: str
    level: float | None
    plan: Plan
    passes: tuple[Told, ...]


def replay(
    scenario: str | Path | LoadedScenario,
    replication: int | None = None,
    *,
    at: str | float | None = None,
    target: str | None = None,
    office: str | None = None,
    replications: int | None = None,
    seed: int | None = None,
    overrides: Overrides = (),
    engine: Engine = "kernel",
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Replay:
    """Tell one future of a scenario.

    Parameters
    ----------
    scenario
        A scenario file, or a run folder (its futures again).
    replication
        Number of the future, from 0.
    at
        Instead of a number a quantile, ``P80`` or 0.8: the future in which the target is reached, the office opens or the last office opens
        on the date that this share of the futures has reached; of several on that date the one with the lowest number.
    target
        The target that ``at`` is about.
    office
        Tell of this office alone; without a target, ``at`` is about it too.

    Returns
    -------
    Replay
        Tables ``events``, ``spans``, ``chain``, ``causes`` and ``offices``.

    Raises
    ------
    InputError
        The scenario is at fault, there is no such office or target, or what is asked for comes in no such future.
    """
    level = _level(replication, at)
    question = ask_again(scenario, replications=replications, seed=seed, overrides=overrides, engine=engine)
    known = question.loaded.scenario
    _check_names("--office", office, known.offices)
    _check_names("--target", target, known.targets)
    if target is not None and level is None:
        raise InputError(Fault("--target", "goes with --at, e.g. --at P80"))
    setup = make_ready(question)
    futures = simulate_futures(question, Means(False, workers, executor, progress), setup=setup)
    about = "" if level is None else f"targets.{target}" if target else f"offices.{office}" if office else "programme"
    number = replication if level is None else future_at(_days(futures, about), level, about)
    assert number is not None
    block = block_of(setup, number)
    some = None if office is None else [setup.plan.office_index[office]]
    passes = tuple(told(setup.plan, block.timeline, 0, some))
    asked = {"replication": number, "about": about, "level": level, "office": office}
    return Replay(
        "replay", (question,), _tables(setup.plan, block, futures, passes, some), number, about, level, setup.plan, passes, asked=asked
    )


def _level(replication: int | None, at: str | float | None) -> float | None:
    """The quantile asked for, or ``None`` when a number was given."""
    if (replication is None) == (at is None):
        raise InputError(Fault("", "give one of --replication N and --at P80"))
    if at is None:
        if replication is not None and not 0 <= replication < 2**31:
            raise InputError(Fault("--replication", f"{replication} is no number of a future; they begin at 0"))
        return None
    text = str(at).strip()
    found = float(text[1:]) / 100 if re.fullmatch(r"[pP]\d{1,2}(\.\d+)?", text) else float(text) if re.fullmatch(r"0?\.\d+", text) else 0.0
    if not 0 < found < 1:
        raise InputError(Fault("--at", f'"{text}" is no quantile; write e.g. P80'))
    return found


def _check_names(option: str, name: str | None, known: object) -> None:
    names = list(known)  # type: ignore[call-overload]
    if name is not None and name not in names:
        from difflib import get_close_matches

        near = get_close_matches(name, names, 1)
        hint = f' (did you mean "{near[0]}"?)' if near else ""
        raise InputError(Fault(option, f'"{name}" is not there; use one of {", ".join(names) or "none, for there is none"}{hint}'))


def _days(futures: Futures, about: str) -> Ordinals:
    """When what is asked about comes in each future."""
    head, _, id_ = about.partition(".")
    if head == "targets":
        return futures.reached[list(futures.plan.scenario.targets).index(id_)]  # type: ignore[no-any-return]
    return futures.opening[:, futures.plan.office_index[id_]] if head == "offices" else futures.last_opening()


def future_at(days: Ordinals, level: float, about: str) -> int:
    """The first future that comes on the date of a quantile.

    >>> future_at(np.array([7, 3, 5, 9, 5]), 0.5, "")
    2

    Raises
    ------
    InputError
        It does not come in so many futures.
    """
    day = np.sort(days)[rank(level, len(days)) - 1]
    if day == NEVER:
        share = float((days < NEVER).mean())
        raise InputError(Fault("--at", f"{about} comes in {share:.0%} of the futures only, so there is no such date; ask for less"))
    return int(np.flatnonzero(days == day)[0])


def block_of(setup: Setup, number: int) -> Block:
    """One future alone; draws are a function of its number, so it is the same as among others."""
    draws = setup.sampler.draw(number, 1)
    return Block(setup.plan, draws, simulate_with(setup.engine)(setup.plan, draws))


def _tables(plan: Plan, block: Block, futures: Futures, passes: tuple[Told, ...], some: list[int] | None) -> dict[str, Table]:
    offices = range(len(plan.offices)) if some is None else some
    splitter = Splitter(plan)
    parts = splitter.split(block)[0]
    causes = [
        (plan.offices[o].id, str(kind), id_, int(parts[o, c]))
        for o in offices
        for c, (kind, id_) in enumerate(splitter.names)
        if parts[o, c]
    ]
    rows = []
    for o in offices:
        own, day = plan.offices[o], int(block.opening[0, o])
        target = plan.date(own.target) if own.target >= 0 else None
        by_then = int((futures.opening[:, o] <= plan.start.toordinal() + day).sum())
        late = day - own.target if own.target >= 0 else None
        share = (by_then / futures.replications, *wilson(by_then, futures.replications), futures.replications)
        rows.append((own.id, plan.date(int(splitter.planned[o])), target, plan.date(day), late, *share))
    return {
        "events": event_table(plan, passes),
        "spans": span_table(plan, passes),
        "chain": chain_table(plan, block.timeline, 0, offices),
        "causes": Table.of_rows("causes", CAUSE_COLUMNS, causes),
        "offices": Table.of_rows("offices", OFFICE_COLUMNS, rows),
    }
