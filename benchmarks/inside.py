"""What a run spends its time on, measured inside one process: ``python benchmarks/inside.py [REPLICATIONS]``.

Prints JSON: seconds of each stage, microseconds of processor time per replication on one core of drawing, simulating and each tally,
seconds to make and write each table, and to write the report. ``bench.py`` starts it in a process of its own, so that imports are counted
too.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parent.parent
SCENARIO = ROOT / "scenarios" / "programme-2021.toml"
T = TypeVar("T")


class Laps:
    """Seconds by name."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.seconds: dict[str, float] = {}

    def __call__(self, name: str, work: Callable[[], T]) -> T:
        """Do some work and add its time."""
        begin = self.clock()
        result = work()
        self.seconds[name] = self.seconds.get(name, 0.0) + self.clock() - begin
        return result


def stages(replications: int) -> dict[str, Any]:
    """A run stage by stage, on one core."""
    stage = Laps(time.perf_counter)
    stage("import", lambda: __import__("sim.results"))
    stage("import the compiler", lambda: __import__("sim.engine.kernel"))
    from sim.results import ask
    from sim.results.gather import ALL
    from sim.results.runs import make_ready
    from sim.results.why import Again, gather_again

    question = stage("load the scenario", lambda: ask(SCENARIO, replications=replications))
    setup = stage("compile the plan", lambda: make_ready(question))
    makers = stage("compile the costs, tables of draws", lambda: setup.makers(ALL))
    stage("load machine code", lambda: gather(setup, makers, 4))
    each, tallies = stage("draw, simulate, gather", lambda: gather(setup, makers, replications))
    tallies |= stage("simulate some without each cause", lambda: gather_again(setup.plan, replications, ALL, Again(workers=1)))
    from sim.results.model import Result

    result = Result(question, setup.plan, tallies)
    return {"stages": stage.seconds, "each": each, "tables": tables(result), "report": report(result)}


def gather(setup: Any, makers: Any, replications: int) -> tuple[dict[str, float], dict[str, Any]]:
    """Microseconds per replication of everything that is done for each block, and the tallies."""
    from sim.runner import Block, Job, engine_of

    lap, job = Laps(time.thread_time), Job(setup.plan, {}, "kernel")
    simulate, tallies = engine_of(setup.plan, "kernel", job.block), {name: make() for name, make in makers.items()}
    for first in range(0, replications, job.block):
        count = min(job.block, replications - first)
        draws = lap("draw", lambda f=first, n=count: setup.sampler.draw(f, n))  # type: ignore[misc]
        block = Block(setup.plan, draws, lap("simulate", lambda d=draws: simulate(d)))  # type: ignore[misc]
        for name, tally in tallies.items():
            lap(f"tally {name}", lambda t=tally, b=block: t.add(b))  # type: ignore[misc]
    return {name: seconds * 1e6 / replications for name, seconds in lap.seconds.items()}, tallies


def tables(result: Any) -> dict[str, float]:
    """Seconds to make each table and put it into words."""
    lap = Laps(time.perf_counter)
    for name in result.names:
        lap(name, lambda n=name: result.table(n).csv())  # type: ignore[misc]
    return lap.seconds


def report(result: Any) -> dict[str, tuple[float, float]]:
    """Seconds, and seconds of processors, to write the report as a run does, imports included; then those of each part of it, once more."""
    from sim.cli.papers import report_input, write_papers
    from sim.report.charts.fans import cost_fan, opening_fan
    from sim.report.excel import write_xlsx
    from sim.report.html import write_html

    wall, processors = Laps(time.perf_counter), Laps(time.process_time)

    def lap(name: str, work: Callable[[], Any]) -> None:
        wall(name, lambda: processors(name, work))

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        lap("all, the pictures beside the rest", lambda: list(write_papers(result, folder)))
        lap("page", lambda: write_html(report_input(result), folder / "report.html"))
        lap("workbook", lambda: write_xlsx(report_input(result), folder / "report.xlsx", whole=False))
        given = report_input(result)
        lap("pictures", lambda: [chart.svg() for chart in (opening_fan(given), cost_fan(given)) if chart])
    return {name: (seconds, processors.seconds[name]) for name, seconds in wall.seconds.items()}


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    print(json.dumps(stages(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)))
