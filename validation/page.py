"""The page of the validation pack."""

from __future__ import annotations

from validation import networks, systems
from validation.case import Case

SIZE = 20_000
"""Futures of a sampled case."""

HEAD = """# Validation

Written by `make validate`; do not edit. Each case asks the program for a number that is known from outside. *From memory* means that a
formula or data were written down from general knowledge and not looked up; *seen* that the set-up or result was read in the place named.
All lengths are in days.

Two cases were set wrong at first and put right after they had failed, with the cause found: `machine-repair` counted late breakdowns, when
machines have left (each after its 21st), so waits fall (near 128 up to the ninth,
59 at the last); it now counts the fourth to the ninth. `sign-month` had both its dates in February. No tolerance was widened.

Sources are not all independent of each other. The optimum of a job shop shows that no rule is \
broken; the program does not search for optima.

"""


def all_cases(size: int = SIZE) -> list[Case]:
    """Every case."""
    return [*networks.cases(size), *systems.cases(size)]


def page(cases: list[Case]) -> str:
    """Markdown of the cases."""
    passed = sum(case.passes for case in cases)
    rows = ["| case | source | asked | expected | found | tolerance | reason | |", "|---|---|---|---|---|---|---|---|"]
    for c in cases:
        numbers = " | ".join(f"{value:.4g}" if abs(value) < 1 else f"{value:.2f}" for value in (c.expected, c.found, c.tolerance))
        rows.append(f"| {c.id} | {c.source} | {c.asked} | {numbers} | {c.reason} | {'pass' if c.passes else '**FAIL**'} |")
    return (
        HEAD
        + f"{passed} of {len(cases)} cases pass, with {len({c.source for c in cases})} different source lines.\n\n"
        + "\n".join(rows)
        + "\n"
    )
