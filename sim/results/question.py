"""What is asked of the simulation: a resolved scenario, how many futures, which. The same question has the same address."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sim.errors import Fault, InputError
from sim.runner import Engine
from sim.scenario import LoadedScenario, load_scenario

MOST_REPLICATIONS = 100_000_000
"""As many as a scenario may ask for."""

Overrides = Sequence[str] | Mapping[str, Any]
"""``["resources.crews.capacity=4"]``, or ``{"resources.crews.capacity": 4}``."""


def own_version() -> str:
    """Version of this program."""
    try:
        return version("etablera")
    except PackageNotFoundError:  # run from its sources
        return "0"


@dataclass(frozen=True)
class Question:
    """A question with all that its answer depends on.

    Attributes
    ----------
    loaded
        The scenario, with overrides, seed and number of replications laid over it.
    engine
        Which engine runs; the answer does not depend on it.
    """

    loaded: LoadedScenario
    engine: Engine = "kernel"

    @property
    def replications(self) -> int:
        """Number of futures."""
        return self.loaded.scenario.scenario.replications

    @property
    def seed(self) -> int:
        """Which futures."""
        return self.loaded.scenario.scenario.seed

    @property
    def id(self) -> str:
        """Address of the answer: a digest of the resolved input (seed and replications included) and of the version."""
        return question_id(self.loaded.raw)

    def with_replications(self, replications: int) -> Question:
        """The same question to more or fewer futures."""
        return self if replications == self.replications else ask(self.loaded, replications=replications, engine=self.engine)


def question_id(raw: Mapping[str, Any]) -> str:
    """Digest of a resolved scenario and of the version, twelve hexadecimal digits."""
    text = json.dumps({"scenario": raw, "version": own_version()}, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def ask(
    scenario: str | Path | LoadedScenario,
    *,
    replications: int | None = None,
    seed: int | None = None,
    overrides: Overrides = (),
    engine: Engine = "kernel",
) -> Question:
    """Put a question.

    Parameters
    ----------
    scenario
        A file, or a scenario loaded already.
    replications, seed
        Instead of those in the scenario.
    overrides
        Changes as after ``--set``; ``replications`` and ``seed`` go over them.

    Raises
    ------
    InputError
        The scenario, or a change to it, is at fault.
    """
    changes = options(overrides)
    if replications is not None:
        changes.append(f"scenario.replications={replications}")
    if seed is not None:
        changes.append(f"scenario.seed={seed}")
    if isinstance(scenario, LoadedScenario):
        return Question(scenario.with_overrides(changes) if changes else scenario, engine)
    return Question(load_scenario(scenario, changes), engine)


def options(overrides: Overrides) -> list[str]:
    """Overrides as ``KEY=VALUE``.

    >>> options({"resources.crews.capacity": 4, "offices.boden.type": "small", "risks.strike": "remove"})
    ['resources.crews.capacity=4', 'offices.boden.type="small"', 'risks.strike="remove"']
    """
    if isinstance(overrides, str):
        raise InputError(Fault("", f'"{overrides}" is one change; give a list of them'))
    if isinstance(overrides, Mapping):
        return [f"{key}={toml(value)}" for key, value in overrides.items()]
    return list(overrides)


def toml(value: Any) -> str:
    """A value as TOML on one line.

    >>> import datetime
    >>> toml({"from": datetime.date(2022, 1, 1), "capacity": 14, "names": ["a", "b"], "on": True})
    '{ "from" = 2022-01-01, "capacity" = 14, "names" = ["a", "b"], "on" = true }'
    """
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(str(key), ensure_ascii=False)} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value) if isinstance(value, bool) else str(value)
