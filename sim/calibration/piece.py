"""Fitted durations as a piece of a scenario that others can extend, with the evidence in comments.

How sure a fit is can be carried into the simulation, in two levels. That the whole of it may be too low or too high is the same error for
every office, so it must not average out over them: it is a factor drawn once for the programme (once for each group where
groups are known), a risk that always occurs. That the spread may be wrong shows in single offices: the duration becomes a mixture
of three widths, by Gauss and Hermite's points, each with the median that goes with it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sim.calibration.families import digits
from sim.calibration.fitting import FEW_FINISHED, ActivityFit
from sim.calibration.likelihood import Fit
from sim.scenario.attributes import Attributes, attribute
from sim.scenario.schema import Scalar, Scenario

POINTS = ((-math.sqrt(3), 0.1667), (0.0, 0.6666), (math.sqrt(3), 0.1667))
"""Points and weights of Gauss and Hermite for a normal number (1/6, 2/3, 1/6): right for its first five moments."""

DOUBTFUL = 0.05
"""A p-value below this is a doubt."""

BY_TABLE = {"type": "by_type", "round": "by_round"}
"""Attributes whose values have durations of their own in the scenario language; others have factors."""


@dataclass(frozen=True)
class Setting:
    """What a piece needs to know beside the fits.

    Attributes
    ----------
    source
        Name of the file of records.
    calendar
        Name of the days that lengths are counted in, by activity.
    by
        The attribute that makes groups, or empty.
    uncertain
        Whether to carry the uncertainty of the estimates along.
    grade
        Of the records, as evidence.
    scenario
        The scenario that the piece is for, when it is known.
    left
        Why each activity that is not fitted is left out.
    """

    source: str
    calendar: dict[str, str]
    by: str = ""
    uncertain: bool = False
    grade: str = "B"
    scenario: Scenario | None = None
    left: dict[str, str] = field(default_factory=dict)


def piece(fits: Sequence[ActivityFit], setting: Setting) -> str:
    """The text of the piece."""
    lines = [
        f"# Durations fitted to {setting.source} by etablera calibrate. A scenario takes them in by naming this file last:",
        '#   extends = ["programme.toml", "this-file.toml"]',
        "# Unfinished cases count as longer than they had lasted. p is the chance of records as far from the fitted law, were it right.",
    ]
    for activity, reason in setting.left.items():
        lines.append(f"# {activity} is left as it is: {reason}.")
    for fit in fits:
        lines += ["", *_activity(fit, setting)]
    if setting.uncertain:
        for fit in fits:
            lines += _errors(fit, setting)
    return "\n".join(lines) + "\n"


# --- an activity ----------------------------------------------------------------------------------------------------------


def _activity(fit: ActivityFit, setting: Setting) -> Iterator[str]:
    yield f"[activities.{fit.activity}]"
    yield from (f"# {line}" for line in _evidence(fit, setting))
    yield from (f"# {line}" for line in _cautions(fit, setting))
    source = f"{setting.source}: {len(fit.lengths)} cases, {fit.finished} finished"
    yield _duration("duration", fit.best, 1.0, setting, f", grade = {_text(setting.grade)}, source = {_text(source)}")
    yield from _groups(fit, setting)
    yield from _removals(fit, setting)


def _duration(key: str, fit: Fit, factor: float, setting: Setting, more: str = "") -> str:
    family, median = fit.family, fit.median * factor
    if not (setting.uncertain and family.shaped and fit.covariance[1, 1] > 0):
        return f'{key} = {{ {family.toml(median, fit.width)}, unit = "days"{more} }}'
    error = math.sqrt(fit.covariance[1, 1])
    slope = fit.covariance[0, 1] / error
    parts = [f"{{ {family.toml(median * math.exp(slope * z), fit.width * math.exp(error * z))} }}" for z, _ in POINTS]
    weights = ", ".join(str(weight) for _, weight in POINTS)
    mixture = f"mixture = {{ of = [{', '.join(parts)}], weights = [{weights}] }}"
    return f'{key} = {{ {mixture}, unit = "days"{more} }}'


def _evidence(fit: ActivityFit, setting: Setting) -> Iterator[str]:
    unfinished = len(fit.lengths) - fit.finished
    days = f'days of the calendar "{setting.calendar[fit.activity]}"'
    yield f"{len(fit.lengths)} cases: {fit.finished} finished, {unfinished} unfinished after up to {_longest(fit)} days; {days}."
    shares = ", ".join(f"{one.family.name} {weight:.2f}" for one, weight in zip(fit.tried, fit.weights, strict=True))
    yield f"Family {fit.best.family.name}, by AICc; weights {shares}."
    yield f"Kolmogorov-Smirnov distance {fit.goodness.distance:.3f}, p = {fit.goodness.p:.2f} of {len(fit.goodness.quantiles)} samples."
    for name, level in (("Median", 0.5), ("P80", 0.8)):
        low, high = fit.goodness.interval(level)
        yield f"{name} {float(fit.best.law.quantile(level)):.1f} days (95 %: {low:.1f} to {high:.1f})."
    if fit.groups:
        spread = f"a standard deviation of {fit.groups.tau:.3f} between the logarithms of their medians"
        yield f"Groups by {setting.by}, with {spread}; the median above is a mean group's."


def _longest(fit: ActivityFit) -> int:
    unfinished = fit.lengths.days[~fit.lengths.finished]
    return int(unfinished.max(initial=0))


def _cautions(fit: ActivityFit, setting: Setting) -> Iterator[str]:
    if fit.finished < FEW_FINISHED:
        yield f"CAUTION: {fit.finished} finished cases hardly tell the families apart."
    if fit.goodness.p < DOUBTFUL:
        yield "CAUTION: the records lie far from the fitted law; see the picture."
    if setting.scenario:
        risks = [id_ for id_, risk in setting.scenario.risks.items() if _hits(setting.scenario, risk.activities, risk.actor, fit.activity)]
        if risks:
            yield f"CAUTION: the records hold whatever delays there were; {', '.join(risks)} of the scenario must not count them twice."
    else:
        yield "CAUTION: made without --scenario; by_type, by_round and adjustments that the scenario has for this activity still hold."


def _hits(scenario: Scenario, activities: Sequence[str], actors: Sequence[object], activity: str) -> bool:
    return activity in activities or scenario.activities[activity].actor in actors


# --- groups ---------------------------------------------------------------------------------------------------------------


def _groups(fit: ActivityFit, setting: Setting) -> Iterator[str]:
    if not fit.groups:
        return
    for group in fit.groups.groups:
        alone = "none finished" if group.alone is None else f"alone {group.alone:.2f}"
        yield f"# {setting.by} {group.name}: {group.cases} cases, {group.finished} finished; factor {group.factor:.3f} ({alone})."
    usable = [group for group in fit.groups.groups if value_of(setting, group.name) is not None]
    unknown = [group.name for group in fit.groups.groups if group not in usable]
    if not fit.groups.tau:
        yield "# The groups do not differ by more than chance: none has a factor of its own."
        return
    if unknown:
        yield f"# No office of the scenario has the {setting.by} {', '.join(unknown)}: not written."
    if setting.by in BY_TABLE:
        for group in usable:
            yield _duration(f"{BY_TABLE[setting.by]}.{_key(group.name)}", fit.best, group.factor, setting)
    else:
        yield "adjustments = ["
        for group in usable:
            yield f"  {{ when = {{ {_key(setting.by)} = {value_of(setting, group.name)} }}, factor = {digits(group.factor)} }},"
        yield "]"


def value_of(setting: Setting, name: str) -> str | None:
    """A group's name as the value of an attribute in TOML; ``None`` when no office of the scenario can have it."""
    if setting.scenario is None:
        return name if name.isdecimal() and (name == "0" or name[0] != "0") else _text(name)
    return next((toml(value) for value in Attributes(setting.scenario).known.get(setting.by, ()) if str(value) == name), None)


def _removals(fit: ActivityFit, setting: Setting) -> Iterator[str]:
    """What the scenario has that would change the fitted duration again."""
    if not setting.scenario:
        return
    activity = setting.scenario.activities[fit.activity]
    own = BY_TABLE.get(setting.by, "adjustments") if fit.groups and fit.groups.tau else ""
    for name in ("by_type", "by_round"):
        if getattr(activity, name) and name != own:
            yield f'{name} = "remove"'
    if activity.adjustments and own != "adjustments":
        yield "adjustments = []"


# --- the error of the estimate ----------------------------------------------------------------------------------------------


def _errors(fit: ActivityFit, setting: Setting) -> Iterator[str]:
    """Factors drawn once for all: how far off the fitted median may be."""
    if not fit.groups or not fit.groups.tau:
        yield from _error(fit.activity, common_error(fit.best), "")
    elif not is_certain(setting):
        total = sum(group.cases for group in fit.groups.groups)
        yield from _error(fit.activity, math.sqrt(sum(g.cases * g.error**2 for g in fit.groups.groups) / total), "")
    else:
        for number, group in enumerate(fit.groups.groups, 1):
            value = value_of(setting, group.name)
            if value is not None:
                yield from _error(fit.activity, group.error, f"offices = {{ {_key(setting.by)} = {value} }}", f"_{number}")


def common_error(fit: Fit) -> float:
    """Standard deviation of the logarithm of the median for a given width: the part of its error that the widths do not bring."""
    variance = fit.covariance[0, 0]
    if fit.family.shaped and fit.covariance[1, 1] > 0:
        variance -= fit.covariance[0, 1] ** 2 / fit.covariance[1, 1]
    return math.sqrt(max(variance, 0.0))


def is_certain(setting: Setting) -> bool:
    """Whether the group of every office is known beforehand, as a risk asks for."""
    if setting.scenario is None:
        return False
    found = [attribute(id_, office, setting.by) for id_, office in setting.scenario.offices.items()]
    return not any(value is None or isinstance(value, dict) for value in found)


def _error(activity: str, error: float, where: str, ending: str = "") -> Iterator[str]:
    yield ""
    yield f"[risks.estimate_{activity}{ending}]"
    yield f'name = {{ sv = "Osäker skattning: {activity}", en = "Uncertain estimate: {activity}" }}'
    yield "probability = 1.0"
    yield 'scope = "programme"'
    yield f"activities = [{_text(activity)}]"
    yield from [where] if where else []
    yield f"factor = {{ lognormal = {{ median = 1.0, sigma = {digits(error)} }} }}"
    yield 'source = "the error of the fit above, the same for all offices"'


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if name and all(c.isascii() and (c.isalnum() or c in "_-") for c in name) else _text(name)


def toml(value: Scalar) -> str:
    """A value of an attribute as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    return _text(value) if isinstance(value, str) else str(value)
