"""Running until an answer is known well enough.

Replications are added until the 95 % interval of what is asked is narrow enough: the fixed-width sequential rule of Y. S. Chow and
H. Robbins, On the asymptotic theory of fixed-width sequential confidence intervals for the mean, Ann. Math. Statist. 36 (1965)
457–462; for quantiles, with order-statistic intervals, J. C. Geertsema, Sequential confidence intervals based on rank tests,
Ann. Math. Statist. 41 (1970) 1016–1026.
The interval is looked at only a few times: after 1 000 replications, then whenever as many have been run as the last look foretold.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from math import inf, isinf
from typing import Any

import numpy as np

from sim.analysis.precision import mean_and_sd, quantile_ranks, rank, standard_error, wilson, z_score
from sim.errors import Fault, InputError
from sim.plan import Plan
from sim.results.gather import ALL
from sim.results.model import Result
from sim.results.question import MOST_REPLICATIONS, Question
from sim.results.runs import Clock, Progress, job_of, make_ready
from sim.results.why import WHY, Again, gather_again
from sim.runner import Job
from sim.runner import run as run_job

FIRST = 1_000
"""Replications before the first look."""

MARGIN = 1.1
"""So many times the replications that the last look foretold are run, so that there need not be many looks."""

GROWTH = 10
"""A look may not ask for more than so many times what has been run: early looks are uncertain."""

MOST = 10_000_000
"""Where it ends, unless told otherwise."""

FORM = re.compile(
    r"(?:targets\.(?P<target>[\w-]+)|offices\.(?P<office>[\w-]+)\.(?P<what>p\d\d|mean|on_time))\s*(?:±|\+-|\+/-)\s*(?P<width>\d+(?:\.\d+)?)\s*(?P<unit>%|d)"
)
EXAMPLES = '"targets.round1 ±1%", "offices.boden.p80 ±3d", "offices.boden.mean ±1d" or "offices.boden.on_time ±1%"'


@dataclass(frozen=True)
class Aim:
    """What is to be known, and how well.

    Attributes
    ----------
    text
        As it was asked.
    tally
        What it is made from.
    width
        Half-width that is enough: a probability, or days.
    half_width
        Half-width of its 95 % interval, from the tallies.
    """

    text: str
    tally: str
    width: float
    half_width: Callable[[dict[str, Any]], float]


def parse_aim(plan: Plan, text: str) -> Aim:
    """Understand ``targets.ID ±1%`` or ``offices.ID.p80 ±3d``.

    Raises
    ------
    InputError
        It is nothing of the kind, or there is no such target or office.
    """
    found = FORM.fullmatch(text.strip())
    if not found:
        raise InputError(Fault("--until", f'"{text}" cannot be read; write e.g. {EXAMPLES}'))
    target, office, what = found["target"], found["office"], found["what"]
    if (found["unit"] == "%") != (target is not None or what == "on_time"):
        raise InputError(Fault("--until", f'"{text}": a probability is asked for in %, a date in d (days); write e.g. {EXAMPLES}'))
    known = plan.scenario.targets if target else plan.scenario.offices
    if (target or office) not in known:
        raise InputError(Fault("--until", f'"{target or office}" is no {"target" if target else "office"}; use one of {", ".join(known)}'))
    width = float(found["width"]) / (100 if found["unit"] == "%" else 1)
    if width == 0:
        raise InputError(Fault("--until", f'"{text}": no number of replications makes an answer exact; ask for a width above 0'))
    if target:
        return Aim(text, "targets", width, lambda tallies: _of_target(plan, tallies["targets"], target))
    index = plan.office_index[office]
    if what == "p00":
        raise InputError(Fault("--until", f'"{what}" is no quantile; use p01 to p99'))
    if what == "on_time" and plan.offices[index].target < 0:
        raise InputError(Fault("--until", f'"{office}" has no target date to hold'))
    return Aim(text, "openings", width, lambda tallies: _of_office(plan, tallies["openings"].days[:, index], index, what))


def _of_target(plan: Plan, tally: Any, id_: str) -> float:
    from sim.analysis.targets import due

    i = list(plan.scenario.targets).index(id_)
    reached = tally.reached[i]
    return _half_width(int((reached <= due(plan, i)).sum()), len(reached))


def _half_width(successes: int, n: int) -> float:
    low, high = wilson(successes, n)
    return (high - low) / 2


def _of_office(plan: Plan, days: Any, office: int, what: str) -> float:
    n = len(days)
    if what == "on_time":
        return _half_width(int((days <= plan.offices[office].target).sum()), n)
    if what == "mean":
        _, sd = mean_and_sd(int(days.sum(dtype=np.int64)), int((days.astype(np.int64) ** 2).sum()), n)
        return z_score() * standard_error(sd, n)
    p = int(what[1:]) / 100
    low, high = quantile_ranks(n, p)
    if low is None or high is None:
        return inf
    ordered = np.sort(days).astype(int)
    middle = ordered[rank(p, n) - 1]
    return float(max(middle - ordered[low - 1], ordered[high - 1] - middle))


def run_until(
    question: Question,
    text: str,
    *,
    most: int = MOST,
    gather: tuple[str, ...] = ALL,
    why: int = WHY,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> tuple[Result, float, bool]:
    """Run until what ``text`` asks for is known well enough, or ``most`` replications have been run.

    Returns
    -------
    result
        As of a run with the number of replications that it took.
    half_width
        What was reached.
    enough
        Whether that is what was asked for.
    """
    if question.loaded.scenario.scenario.sampling == "sobol":
        raise InputError(Fault("scenario.sampling", "sobol needs the number of futures beforehand; leave out --until, or sampling"))
    clock = Clock()
    with clock("compile"):
        setup = make_ready(question)
        aim = parse_aim(setup.plan, text)
    if aim.tally not in gather:
        gather = (*gather, aim.tally)
    with clock("simulate"):
        work = Work(job_of(setup, gather), workers, executor, progress)
        tallies, n = _gathered(work, aim, min(most, MOST_REPLICATIONS))
    with clock("why"):
        tallies |= gather_again(setup.plan, n, gather, Again(why, workers, executor))
    width = aim.half_width(tallies)
    return Result(question.with_replications(n), setup.plan, tallies, clock.seconds), width, width <= aim.width


@dataclass(frozen=True)
class Work:
    """How the replications are run."""

    job: Job
    workers: int | None
    executor: Executor | None
    progress: Progress | None

    def run(self, first: int, count: int) -> dict[str, Any]:
        """The tallies of some replications."""

        def tell(done: int) -> None:
            if self.progress is not None:
                self.progress(first + done)

        return run_job(self.job, count, first=first, workers=self.workers, executor=self.executor, progress=tell)


def _gathered(work: Work, aim: Aim, most: int) -> tuple[dict[str, Any], int]:
    """Tallies of as many replications as are needed."""
    total, n, wanted = None, 0, min(FIRST, most)
    while n < wanted:
        more = work.run(n, wanted - n)
        if total is None:
            total = more
        else:
            for name, tally in total.items():
                tally.merge(more[name])
        n = wanted
        wanted = min(foretold(aim.half_width(total), aim.width, n), most)
    assert total is not None
    return total, n


def foretold(half_width: float, wanted: float, n: int) -> int:
    """How many replications will be needed: half-widths fall with the root of their number.

    >>> foretold(0.02, 0.01, 1000), foretold(0.01, 0.01, 1000), foretold(1.0, 0.01, 1000)
    (4400, 1000, 10000)
    """
    if half_width <= wanted:
        return n
    factor = GROWTH if isinf(half_width) else min(MARGIN * (half_width / wanted) ** 2, GROWTH)
    return -(-max(round(n * factor), n + 4) // 4) * 4
