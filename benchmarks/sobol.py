"""How much Sobol sequences help, answer by answer: runs with many seeds, with independent futures and with sequences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SCENARIO = Path(__file__).resolve().parent.parent / "scenarios" / "programme-2021.toml"
Answers = dict[str, float]


def answers(result: Any, median: NDArray[Any]) -> Answers:
    """What is asked of a run, in days; ``median`` is the median opening of each office in one run that all are measured by."""
    days = result.days
    rounds = [office.round for office in result.scenario.offices.values()]
    second = days[:, [i for i, r in enumerate(rounds) if r == 2]]
    costs = result["cost_by_year"].where(group="programme", item="", financing="", prices="current")
    return {
        "mean opening of one office, days": float(days[:, 0].mean()),
        "P80 of one office, days": float(np.quantile(days[:, 0], 0.8)),
        "chance of one office to open by a date": float((days[:, 0] <= median[0]).mean()),
        "mean opening of all offices, days": float(days.mean()),
        "mean number open on a date": float((days <= np.median(median)).sum(axis=1).mean()),
        "P80 of the last opening of round 2, days": float(np.quantile(second.max(axis=1), 0.8)),
        **{f"chance of target {name}": p for name, p in zip(*(result["targets"][c] for c in ("target", "probability")), strict=True)},
        **{f"mean cost of {year}, kr": mean for year, mean in zip(costs["period"], costs["mean"], strict=True) if mean},
    }


def compare(seeds: int, replications: int) -> Iterator[str]:
    """A table: by how much the variance between runs of equal size is smaller."""
    from sim.results.session import Session

    warm = Session(SCENARIO, replications=replications)
    median = np.median(warm.answer().days, axis=0)
    spread: dict[str, dict[str, float]] = {}
    for method in ("independent", "sobol"):
        found = [answers(warm.answer({"scenario.seed": seed, "scenario.sampling": method}), median) for seed in range(seeds)]
        spread[method] = {name: float(np.std([one[name] for one in found], ddof=1)) for name in found[0]}
    yield f"Standard deviation over {seeds} runs of {replications:,} futures each; a gain of 4 is worth four times the futures.\n"
    yield "| answer | independent | Sobol | gain in variance |\n|---|---:|---:|---:|"
    for name, plain in spread["independent"].items():
        even = spread["sobol"][name]
        gain = f"{(plain / even) ** 2:.1f}" if even else "–"
        yield f"| {name} | {plain:.4g} | {even:.4g} | {gain} |"
