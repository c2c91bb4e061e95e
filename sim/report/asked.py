"""Questions by name (:mod:`sim.analysis.questions`) as people read them, and their answers as people write them."""

from __future__ import annotations

from typing import Any

from sim.analysis.questions import question
from sim.errors import InputError
from sim.report.formats import UNKNOWN, Formats
from sim.report.model import Names
from sim.report.texts import Texts


def name_of(names: Names, key: str) -> str:
    """What is asked, in words; a name that is no question stays as it is."""
    head, *rest = key.split(".")
    t = names.t
    if head == "targets" and rest and rest[0] in names.scenario.targets:
        name = names.target(rest[0])
        return name if len(rest) == 1 else t("{name}: reached ({stat})", name=name, stat=stat_of(t, rest[1]))
    if head == "offices" and len(rest) == 2 and rest[0] in names.scenario.offices:
        office = names.office(rest[0])
        return t("{office} holds its date", office=office) if rest[1] == "on_time" else f"{office} ({stat_of(t, rest[1])})"
    if head == "costs" and len(rest) == 2:
        stat = stat_of(t, rest[1])
        return t("Cost, once ({stat})", stat=stat) if rest[0] == "total" else t("Cost {year} ({stat})", year=rest[0], stat=stat)
    return _of_group(t, head, rest) or key


def _of_group(t: Texts, head: str, rest: list[str]) -> str | None:
    """A question about the whole programme or a round."""
    if head == "rounds" and len(rest) > 1:
        round_, *rest = rest
        if rest[0] == "open":
            return t("Open in round {round} on {date}", round=round_, date=rest[-1])
        return t("Last opening of round {round} ({stat})", round=round_, stat=stat_of(t, rest[0]))
    if head == "programme" and rest:
        return t("Open on {date}", date=rest[-1]) if rest[0] == "open" else t("Last opening ({stat})", stat=stat_of(t, rest[0]))
    return None


def stat_of(t: Texts, stat: str) -> str:
    """Mean or quantile."""
    return t("mean") if stat == "mean" else stat.upper()


def subject_of(names: Names, subject: str) -> str:
    """An office, a target, a round or the whole programme."""
    head, _, id_ = subject.partition(".")
    if head == "offices":
        return names.office(id_)
    if head == "targets":
        return names.target(id_)
    return names.t("Last opening of round {round}", round=id_) if head == "rounds" else names.t("Last opening")


def kind_of(names: Names, key: str) -> str | None:
    """Whether the answer is a ``date``, ``chance``, ``count`` or ``money``; ``None`` for what is no question."""
    try:
        return question(names.scenario, key).kind
    except InputError:
        return None


def written(f: Formats, kind: str | None, value: Any) -> str:
    """An answer."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return f.t("yes") if value else f.t("no")
    if not isinstance(value, int | float):
        return f.date(value) if hasattr(value, "isoformat") else str(value)
    if kind == "chance":
        return f.percent(value)
    if kind == "money":
        return f.millions(value, 2) if abs(value) >= 1e6 else f.money(value)
    return f.number(value, 0 if float(value).is_integer() else 3 if abs(value) < 10 and kind is None else 1)


def interval(f: Formats, kind: str | None, low: Any, high: Any) -> str:
    """The interval of an answer."""
    if low is None and high is None:
        return UNKNOWN
    if kind == "chance":
        return f.interval(low, high)
    return f.t("{low} to {high}", low=written(f, kind, low), high=written(f, kind, high))


def unit_name(t: Texts, unit: str) -> str:
    """A unit."""
    return {"days": t("days"), "percentage points": t("percentage points"), "offices": t("offices"), "kr": t("SEK million")}.get(unit, unit)


def difference(f: Formats, unit: str, value: float | None, *, bare: bool = False) -> str:
    """A difference with its sign and unit, money in millions; ``bare`` without the unit."""
    if value is None:
        return UNKNOWN
    value = value / 1e6 if unit == "kr" else value
    text = f.signed(value, decimals(unit, value))
    return text if bare or not unit else f"{text} {unit_name(f.t, unit)}"


def between(f: Formats, unit: str, low: float | None, high: float | None) -> str:
    """The interval of a difference, without its unit and with as many decimals on both sides."""
    if low is None or high is None:
        return UNKNOWN
    scale = 1e6 if unit == "kr" else 1
    digits = decimals(unit, max(abs(low), abs(high)) / scale)
    return f.t("{low} to {high}", low=f.signed(low / scale, digits), high=f.signed(high / scale, digits))


def decimals(unit: str, value: float) -> int:
    """With how many decimals a difference is written."""
    return {"percentage points": 1, "offices": 2, "kr": 2, "days": 0 if abs(value) >= 10 else 1}.get(unit, 2 if abs(value) < 1 else 1)
