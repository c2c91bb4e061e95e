"""Options that commands have in common: the same thing has the same name everywhere."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer


class EngineName(str, Enum):  # noqa: UP042  typer knows the members of a str Enum in all versions
    """Engines."""

    kernel = "kernel"
    simpy = "simpy"


class SamplingName(str, Enum):  # noqa: UP042
    """How futures are drawn."""

    independent = "independent"
    sobol = "sobol"


class Language(str, Enum):  # noqa: UP042
    """Languages."""

    sv = "sv"
    en = "en"


ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file (TOML).", show_default=False)]
ScenarioOrRun = Annotated[
    Path,
    typer.Argument(metavar="SCENARIO", help="A scenario file (TOML), or a run folder, whose futures are made again.", show_default=False),
]
RunFolder = Annotated[
    Path, typer.Argument(metavar="RUN", help="A run folder, e.g. results/programme-2021/1a2b3c4d5e6f.", show_default=False)
]
Replications = Annotated[
    int | None, typer.Option("--replications", "-n", min=1, max=100_000_000, metavar="N", help="Futures to simulate. [the scenario's]")
]
Seed = Annotated[
    int | None, typer.Option("--seed", min=0, metavar="N", help="Which futures; the same seed gives the same. [the scenario's]")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change the scenario, e.g. resources.crews.capacity=4. Can be given several times."),
]
EngineOption = Annotated[EngineName, typer.Option("--engine", help="kernel (compiled) or simpy (readable); both give the same answer.")]
Sampling = Annotated[
    SamplingName | None,
    typer.Option("--sampling", help="sobol: futures spread more evenly, their error from 16 randomisations. [the scenario's]"),
]
Workers = Annotated[int | None, typer.Option("--workers", min=1, metavar="N", help="Threads, with simpy processes. [one a core]")]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where run folders go.")]
Report = Annotated[bool, typer.Option("--report/--no-report", help="Write the report and its pictures too.")]
Answers = Annotated[
    list[str] | None,
    typer.Option(
        "--answers", metavar="KEY,KEY", help="What is asked, e.g. targets.ID,offices.ID.p80,costs.2022.mean. [targets, last openings]"
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show nothing but errors.")]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for machines.")]
LanguageOption = Annotated[Language | None, typer.Option("--language", help="Language of texts. [the scenario's]")]
Cluster = Annotated[str | None, typer.Option("--cluster", metavar="ADDRESS", help="Work on a Dask cluster, e.g. tcp://host:8786.")]


def changes(set_: list[str] | None, language: Language | None, sampling: SamplingName | None = None) -> list[str]:
    """Changes to a scenario that the options ask for."""
    chosen = [("language", language), ("sampling", sampling)]
    return [*(set_ or []), *(f'scenario.{name}="{choice.value}"' for name, choice in chosen if choice)]


def listed(texts: list[str] | None) -> list[str] | None:
    """What an option lists, given once with commas or several times.

    >>> listed(["a,b", "c"]), listed(None)
    (['a', 'b', 'c'], None)
    """
    return [part.strip() for text in texts for part in text.split(",") if part.strip()] if texts else None
