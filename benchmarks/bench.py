"""Measure speed and memory: ``make bench``; writes ``benchmarks/RESULTS.md``.

Ratios are taken in one run on the same work, alternating, the best of several turns of each: what else the machine does then
matters least. Nothing here is asserted; figures are read by people.

    python benchmarks/bench.py [--only engines,reference,growth,inside,cold,session,sampling,simpy,sweep] [--quick]

To see more: ``py-spy record --native --format speedscope -o run.json -- etablera run SCENARIO`` (``pip install py-spy``) tells where a run
is; compiled functions bear the names of their sources.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCENARIO = ROOT / "scenarios" / "programme-2021.toml"
RESULTS = ROOT / "benchmarks" / "RESULTS.md"


def best(work: Callable[[], object], turns: int) -> float:
    """Shortest wall time of several turns, in seconds."""
    times = []
    for _ in range(turns):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def default_plan():  # type: ignore[no-untyped-def]
    """The default scenario, compiled."""
    from sim.plan import compile_scenario
    from sim.scenario import load_scenario

    return compile_scenario(load_scenario(SCENARIO).scenario)


def engines(quick: bool) -> Iterator[str]:
    """Kernel against SimPy on the same draws, all features of the default scenario."""
    from concurrent.futures import ThreadPoolExecutor

    from sim.engine import kernel, process
    from sim.sampling import Sampler
    from sim.timeline import Timeline

    plan = default_plan()
    sampler, packed = Sampler(plan), kernel.pack(plan)
    shape = (len(plan.offices), len(plan.passes))
    blocks = [sampler.draw(100 * i, 100) for i in range(10)]
    few = blocks[0].take(slice(0, 20))
    own = [Timeline.empty(100, *shape) for _ in range(2)]
    assert not process.simulate(plan, few).differences(kernel.simulate(plan, few, packed))

    def half(i: int) -> None:
        for block in blocks[i::2]:
            kernel.simulate(plan, block, packed, own[i])

    turns = 3 if quick else 8
    simpy_time = kernel_time = sampling_time = both_time = float("inf")
    with ThreadPoolExecutor(2) as threads:
        for _ in range(turns):
            simpy_time = min(simpy_time, best(lambda: process.simulate(plan, few), 1) / 20)
            kernel_time = min(kernel_time, best(lambda: [kernel.simulate(plan, b, packed, own[0]) for b in blocks], 1) / 1000)
            both_time = min(both_time, best(lambda: list(threads.map(half, range(2))), 1) / 1000)
            sampling_time = min(sampling_time, best(lambda: [sampler.draw(100 * i, 100) for i in range(10)], 1) / 1000)
    yield f"Default scenario: {shape[0]} offices, {len(plan.activities)} activities, {shape[1]} passes each; equal in every record.\n"
    yield "| what | µs per replication | ratio |\n|---|---:|---:|"
    yield f"| SimPy, one core | {simpy_time * 1e6:,.0f} | 1 |"
    yield f"| kernel, one core | {kernel_time * 1e6:.1f} | {simpy_time / kernel_time:.0f} |"
    yield f"| kernel, two threads | {both_time * 1e6:.1f} | {simpy_time / both_time:.0f} |"
    yield f"| sampling, one core | {sampling_time * 1e6:.1f} | – |"
    yield f"\nAsked for: 150 and 280; all draws of 10 000 replications take {sampling_time * 1e4:.3f} s on one core (asked for: below 0.1)."


def reference(quick: bool) -> Iterator[str]:
    """A plain network without pools: SimPy, salabim, NumPy longest path and the kernel, as points of reference."""
    from benchmarks import reference_models as models

    yield "32 offices × 20 activities in a layered network, constant calendars, no pools: what the simplest model costs elsewhere.\n"
    yield "| program | µs per replication |\n|---|---:|"
    for name, seconds in models.measure(20 if quick else 100):
        yield f"| {name} | {seconds * 1e6:,.1f} |"


def growth(quick: bool) -> Iterator[str]:
    """Cost per office when the programme grows: 1, 10 and 100 times the default offices, pools grown alike."""
    from sim.engine import kernel
    from sim.plan import compile_scenario
    from sim.sampling import Sampler
    from sim.scenario import load_scenario
    from sim.timeline import Timeline

    scenario = load_scenario(SCENARIO).scenario
    yield "| offices | kernel, µs per replication | µs per office | against 32 |\n|---:|---:|---:|---:|"
    first = 0.0
    for times in (1, 10) if quick else (1, 10, 100):
        plan = compile_scenario(grown(scenario, times))
        count = max(4, 400 // times)
        draws, packed = Sampler(plan).draw(0, count), kernel.pack(plan)
        into = Timeline.empty(count, len(plan.offices), len(plan.passes))
        seconds = best(lambda d=draws, p=plan, k=packed, i=into: kernel.simulate(p, d, k, i), 5) / count
        each = seconds / len(plan.offices)
        first = first or each
        yield f"| {len(plan.offices)} | {seconds * 1e6:,.0f} | {each * 1e6:.2f} | {each / first:.2f} |"


def grown(scenario, times: int):  # type: ignore[no-untyped-def]
    """The same programme many times over, sharing pools that are as many times larger."""
    offices = {f"{id_}-{k}": office for k in range(times) for id_, office in scenario.offices.items()}
    resources = {
        id_: r.model_copy(
            update={
                "capacity": r.capacity * times,
                "changes": tuple(c.model_copy(update={"capacity": c.capacity * times}) for c in r.changes),
            }
        )
        for id_, r in scenario.resources.items()
    }
    mixes = {}
    for k in range(times):
        for id_, mix in scenario.type_mix.items():
            ids = tuple(
                f"{o}-{k}" for o, office in scenario.offices.items() if all(getattr(office, a, None) in v for a, v in mix.offices.items())
            )
            mixes[f"{id_}-{k}"] = mix.model_copy(update={"offices": {"id": ids}})
    return scenario.model_copy(update={"offices": offices, "resources": resources, "type_mix": mixes})


def cold(quick: bool) -> Iterator[str]:
    """The command as a person starts it: a new process, all tables; wall time and largest memory."""
    yield "| replications | wall, s | peak memory, MB | breakdown |\n|---:|---:|---:|---|"
    run_cold(1_000, "--no-report")  # machine code and byte code are there from now on
    for replications in (1_000, 10_000) if quick else (1_000, 10_000, 100_000, 1_000_000):
        runs = [run_cold(replications, "--no-report") for _ in range(1 if replications > 100_000 or quick else 3)]
        seconds, memory, parts = min(runs)
        yield f"| {replications:,} | {seconds:.2f} | {memory:.0f} | {parts} |"
    for more, options in (("without `--why`", ("--no-report", "--why", "0")), ("with report and pictures", ())):
        seconds, memory, parts = run_cold(1_000 if quick else 10_000, *options)
        yield f"| {1_000 if quick else 10_000:,} {more} | {seconds:.2f} | {memory:.0f} | {parts} |"
    yield "\nAsked for: 2.0 s at 10 000; 6 s and 500 MB at 100 000; 700 MB at 1 000 000."


def run_cold(replications: int, *more: str) -> tuple[float, float, str]:
    """Wall seconds, peak megabytes and timings of one ``etablera run``."""
    import json

    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "sim", "run", str(SCENARIO), "--replications", str(replications), "--out", out, "--quiet", *more]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # as a user has it
        begin = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        if status:
            raise SystemExit(f"{' '.join(command)} ended with status {status}")
        passport = json.loads(next(Path(out).rglob("run.json")).read_text("utf-8"))
    timings = passport.get("timings", {})
    parts = ", ".join(f"{name} {value:.2f}" for name, value in timings.items() if isinstance(value, (int, float)))
    return seconds, usage.ru_maxrss / 1024, parts


def inside(quick: bool) -> Iterator[str]:
    """Where a run's time goes: stages, what is done for each replication, and the tables, on one core."""
    import json

    replications = 1_000 if quick else 10_000
    command = [sys.executable, str(ROOT / "benchmarks" / "inside.py"), str(replications)]
    found = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    yield f"{replications:,} replications, by `python benchmarks/inside.py {replications}`.\n"
    yield "| stage | s |\n|---|---:|"
    for name, seconds in found["stages"].items():
        yield f"| {name} | {seconds:.3f} |"
    yield f"| make all tables and put them into words | {sum(found['tables'].values()):.3f} |"
    longest = sorted(found["tables"].items(), key=lambda item: -item[1])[:5]
    yield "\nTables that take longest: " + ", ".join(f"{name} {seconds:.3f} s" for name, seconds in longest) + ".\n"
    told = {name: f"{wall:.2f} s ({processors:.2f} s of processors)" for name, (wall, processors) in found["report"].items()}
    whole, *parts = told
    yield f"Report, imports included, {whole}: {told[whole]}; asked for: 2 s. Each part again, on its own:"
    yield ", ".join(f"{name} {told[name]}" for name in parts) + ".\n"
    yield "| for each replication | µs of one core |\n|---|---:|"
    each = found["each"]
    for name, time_ in each.items():
        yield f"| {name} | {time_:.1f} |"
    own, money = each["draw"] + each["simulate"], each["tally money"]
    others = sum(each.values()) - money
    yield f"\nMoney is {money / own:.2f} of drawing and simulating, {money / others:.2f} of a whole run without it (asked for: below half)."


def session(quick: bool) -> Iterator[str]:
    """A warm answer: one number changed, openings, targets and cost by year of 10 000 replications."""
    from sim.results.session import Session

    warm = Session(SCENARIO, replications=1_000 if quick else 10_000)
    changes: list[tuple[str, dict[str, object]]] = [
        ("a capacity (the same draws)", {"resources.establishment_slots.capacity": 16}),
        ("a meeting's notice (the same draws)", {"meetings.steering_group.lead": 6}),
        ("a risk (other draws)", {"risks.pandemic_wave.probability": 0.5}),
    ]
    yield "| changed | s |\n|---|---:|"
    for name, change in changes:

        def ask(change: dict[str, object] = change) -> None:
            result = warm.answer(change)
            for table in ("openings", "targets", "cost_by_year"):
                result.table(table)

        ask()
        yield f"| {name} | {best(ask, 2 if quick else 5):.3f} |"
    yield "\nAsked for: 0.25 s."


def sampling(quick: bool) -> Iterator[str]:
    """Sobol sequences against independent futures: how much less an answer varies from seed to seed."""
    from benchmarks.sobol import compare

    yield from compare(3 if quick else 20, 64 if quick else 1_024)


def simpy(quick: bool) -> Iterator[str]:
    """The readable engine as a person starts it, two processes."""
    replications = 100 if quick else 1_000
    seconds, memory, _ = run_cold(replications, "--no-report", "--why", "0", "--engine", "simpy", "--workers", "2")
    yield f"{replications:,} replications: {seconds:.1f} s (asked for: 5 s at 1 000), {memory:.0f} MB in the largest process."


def sweep(quick: bool) -> Iterator[str]:
    """100 scenarios × 10 000 replications, as ``etablera sweep`` runs them."""
    points, replications = (10, 1_000) if quick else (100, 10_000)
    with tempfile.TemporaryDirectory() as out:
        vary = f"resources.establishment_slots.capacity=10:{9 + points}:1"
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        command = [sys.executable, "-m", "sim", "sweep", str(SCENARIO), "--vary", vary, "--replications", str(replications)]
        begin = time.perf_counter()
        subprocess.run([*command, "--out", out, "--quiet", "--no-report"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        yield f"{points} scenarios × {replications:,} replications: {time.perf_counter() - begin:.1f} s in all."


PARTS: dict[str, Callable[[bool], Iterator[str]]] = {
    "engines": engines,
    "reference": reference,
    "growth": growth,
    "inside": inside,
    "cold": cold,
    "session": session,
    "sampling": sampling,
    "simpy": simpy,
    "sweep": sweep,
}


def machine() -> str:
    """What it was measured on."""
    names = ("numpy", "numba", "llvmlite", "simpy", "salabim", "scipy", "pyarrow")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names if _installed(name))
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {versions}"


def _installed(name: str) -> bool:
    try:
        return bool(metadata.version(name))
    except metadata.PackageNotFoundError:
        return False


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it works; writes nothing")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "not known"
    lines = ["# Speed and memory", "", f"Measured by `make bench` on {machine()}. Load of the machine when it began: {load}.", ""]
    for name in options.only.split(","):
        work = PARTS[name]
        print(f"{name} …", file=sys.stderr, flush=True)
        begin = time.perf_counter()
        lines += [f"## {name.capitalize()}", "", (work.__doc__ or "").splitlines()[0], "", *work(options.quick), ""]
        print(f"{name} took {time.perf_counter() - begin:.0f} s", file=sys.stderr, flush=True)
    text = "\n".join(lines)
    print(text)
    if not options.quick and options.only == ",".join(PARTS):
        RESULTS.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
