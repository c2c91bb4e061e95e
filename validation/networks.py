"""Networks of activities whose distribution is known exactly, PERT examples, merge bias, risks, correlation."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product
from math import exp, pi, sqrt
from statistics import NormalDist

from validation.case import Case, exact_case, mean_case, openings, plan_of, simulated, variance_case

BRIDGE = {"a": (1000, ""), "b": (800, ""), "c": (600, "a"), "d": (900, "a"), "e": (1200, "bc")}
"""Arcs of the bridge: mean, and the arcs waited for."""
TEXTBOOK = "textbook result (probability)"
CLARK = "Clark (1961), Operations Research 9, formulas from memory"
HULETT = "Hulett (2001), Advanced project schedule risk analysis, slide 7 (inputs seen)"


@cache
def bridge_mean(done: frozenset[str] = frozenset()) -> float:
    """Mean time left: the next of the exponential arcs under way to end, then the rest."""
    if len(done) == len(BRIDGE):
        return 0.0
    rates = {arc: 1 / mean for arc, (mean, after) in BRIDGE.items() if arc not in done and set(after) <= done}
    total = sum(rates.values())
    return 1 / total + sum(rate / total * bridge_mean(done | {arc}) for arc, rate in rates.items())


def exact(size: int) -> list[Case]:
    """Series, parallel, bridge, and a discrete network by full enumeration."""
    serial, parallel, bridge, uniform = (openings(name, size) for name in ("serial", "parallel", "bridge", "uniforms"))
    pour = 400 * exp(0.125)
    variance = 300**2 + 1200**2 / 12 + 500**2 + pour**2 * (exp(0.25) - 1)
    mean = 1000 + 3000 - 750.0
    return [
        mean_case("serial-mean", TEXTBOOK, "mean of a chain", 2000 + pour, serial),
        variance_case("serial-variance", TEXTBOOK, "variance of a chain", variance, serial),
        mean_case("parallel-mean", TEXTBOOK, "mean of the later of two exponentials", mean, parallel),
        variance_case("parallel-variance", TEXTBOOK, "its variance", 2e6 + 18e6 - 2 * 750**2 - mean**2, parallel),
        mean_case(
            "bridge-mean", "Kulkarni and Adlakha (1986), method from memory", "mean of a bridge of exponentials", bridge_mean(), bridge
        ),
        mean_case("uniform-maximum", "order statistics, from memory", "mean of the last of four uniforms", 800, uniform, 0.5),
        *discrete(size),
    ]


def discrete(size: int) -> list[Case]:
    """Every outcome of a network with two-valued lengths, weighed."""
    sample, values = openings("discrete", size), {"a": (3, 7), "b": (4, 6), "c": (2, 5), "d": (3, 4)}
    weights = {"a": (0.6, 0.4), "b": (0.5, 0.5), "c": (0.7, 0.3), "d": (0.2, 0.8)}
    mean = chance = 0.0
    for picks in product((0, 1), repeat=4):
        a, b, c, d = (values[name][pick] for name, pick in zip("abcd", picks, strict=True))
        weight = 1.0
        for name, pick in zip("abcd", picks, strict=True):
            weight *= weights[name][pick]
        length = max(a + c, max(a, b) + d)
        mean, chance = mean + weight * length, chance + weight * (length <= 10)
    enumerated = "full enumeration in the case (16 outcomes)"
    return [
        mean_case("discrete-mean", enumerated, "mean of a discrete network", mean, sample),
        mean_case("discrete-chance", enumerated, "chance of at most 10 days", chance, (sample <= 10).astype(float)),
    ]


def clark(mean_a: float, sd_a: float, mean_b: float, sd_b: float, rho: float) -> tuple[float, float]:
    """Mean and variance of the greater of two normals (C. E. Clark, 1961)."""
    normal, a = NormalDist(), sqrt(sd_a**2 + sd_b**2 - 2 * rho * sd_a * sd_b)
    alpha = (mean_a - mean_b) / a
    up, down, height = normal.cdf(alpha), normal.cdf(-alpha), normal.pdf(alpha)
    mean = mean_a * up + mean_b * down + a * height
    second = (mean_a**2 + sd_a**2) * up + (mean_b**2 + sd_b**2) * down + (mean_a + mean_b) * a * height
    return mean, second - mean**2


def conditional(size: int) -> list[Case]:
    """Two delays after one another, each 7, 9 or 11 days: the printed distribution of their sum."""
    sample, source = openings("two-delays", size), "marcus.codes, risk management 041 (seen; prints the distribution of the sum)"
    printed = {14: 0.09, 16: 0.30, 18: 0.37, 20: 0.20, 22: 0.04}
    return [mean_case(f"two-delays-{k}", source, f"chance of {k} days", p, (sample == k).astype(float)) for k, p in printed.items()]


def merge(size: int) -> list[Case]:
    """Merge bias: two normals, independent and correlated; Hulett's path, alone and twice."""
    cases = []
    for rho in (0.0, 0.5):
        sample, (mean, variance) = openings("clark", size, programme=rho), clark(1000, 100, 1050, 150, rho)
        cases.append(mean_case(f"clark-mean-{rho}", CLARK, f"mean of the later of two normals, correlation {rho}", mean, sample))
        cases.append(variance_case(f"clark-variance-{rho}", CLARK, "its variance", variance, sample))
    equal = "Beenakker, MathOverflow 298926 (seen)"
    cases.append(
        mean_case("equal-normals", equal, "mean of the later of two equal normals", 1000 + 100 / sqrt(pi), openings("equal", size))
    )
    one, two = openings("hulett-one", size), openings("hulett-two", size)
    cases.append(mean_case("hulett-path", HULETT, "mean of design, build, test (times 10)", 10 * (110 + 135 + 93) / 3, one, 0.5))
    both = float((one <= 1100).mean() ** 2)
    error = both * 2 * ((1 - both**0.5) / both**0.5 / size) ** 0.5  # of the square itself, which is sampled too
    text = "chance of day 1100 for two such paths: the square of one"
    case = mean_case("hulett-merge", HULETT, text, both, (two <= 1100).astype(float), 4 * error)
    cases.append(replace(case, reason="4 standard errors of each of the two samples"))
    return cases


def pert(size: int) -> list[Case]:
    """Published PERT examples with their printed results."""
    fly, wiz = "flylib.com 3.287.1.117 (seen; prints 24)", "wizedu.com 717873 (seen; prints early finishes)"
    plan = plan_of("pert-printed")
    timeline = simulated(plan, 1)[1]
    ends = {a.id: int(timeline.finish[0, 0, a.first_pass]) for a in plan.activities}
    single = openings("pert-one", size)
    path = openings("pert-path", size)
    seventeen = openings("pert-seventeen", 1)[0]
    printed = {"a": 5.33, "c": 10.33, "d": 13.50, "e": 20.00, "f": 18.17}
    return [
        mean_case("pert-mean", "Malcolm et al. (1959), from memory", "(a + 4m + b) / 6 for 500, 800, 1700", 900, single),
        mean_case("pert-path", fly, "expected time of the critical path, in hundredths", 2400, path),
        exact_case("pert-seventeen", "scribd.com 396883604 (seen; prints 17)", "longest path of expected times", 17, float(seventeen)),
        *(exact_case(f"pert-finish-{k}", wiz, f"early finish of {k.upper()}", v, round(ends[k] / 600, 2)) for k, v in printed.items()),
    ]


def risks(size: int) -> list[Case]:
    """Risk drivers: mean and variance by total probability; correlation that moves no mean."""
    sample, source = openings("risk", size), "risk drivers after Hulett; law of total probability"
    mean = 2 * 1000 * (1 + 0.4 * 0.5) * (1 + 0.25 * 1.0)
    second = (1 + 0.4 * (1.5**2 - 1)) * (1 + 0.25 * (2**2 - 1)) * 2000**2
    cases = [
        mean_case("risk-mean", source, "mean of two activities under two shared risks", mean, sample),
        variance_case("risk-variance", source, "its variance: shared risks move both at once", second - mean**2, sample),
    ]
    for rho in (0.0, 0.3, 0.8):
        sums = openings("sum-of-four", size, programme=rho)
        cases.append(mean_case(f"correlation-mean-{rho}", TEXTBOOK, f"mean of a chain of four, correlation {rho}", 4000, sums))
        variance = 4 * 100**2 * (1 + 3 * rho)
        cases.append(variance_case(f"correlation-variance-{rho}", TEXTBOOK, "its variance, n s² (1 + (n - 1) r)", variance, sums))
    return cases


def cases(size: int) -> list[Case]:
    """All cases of the family."""
    return [*exact(size), *conditional(size), *merge(size), *pert(size), *risks(size)]
