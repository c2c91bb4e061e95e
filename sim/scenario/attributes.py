"""What offices are, as filters see them: every value that an attribute may have in some future."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sim.scenario.schema import Filter, Office, Scalar, Scenario

Values = dict[str, tuple[Scalar, ...]]
"""Possible values of each attribute; one where it is certain."""

FIELDS = ("name", "municipality", "county", "round", "type", "target", "start", "priority", "colocated")
"""Fields of an office that filters can use, beside its ``id`` and its own attributes."""


def outcome(key: str) -> Scalar:
    """A value written as the key of a table of weights: ``true`` and ``false`` are booleans there, all else is text."""
    return {"true": True, "false": False}.get(key, key)


def _canonical(value: Scalar) -> object:
    """Keeps ``true`` and 1 apart, which Python takes for equal."""
    return ("boolean", value) if isinstance(value, bool) else value


def same_among(value: Scalar, values: Iterable[Scalar]) -> bool:
    """Whether a value is one of some values; ``true`` is not 1.

    Examples
    --------
    >>> same_among(1, [True, 2]), same_among(1, [1.0])
    (False, True)
    """
    wanted = _canonical(value)
    return any(_canonical(v) == wanted for v in values)


def attribute(office_id: str, office: Office, name: str) -> Scalar | Mapping[str, float] | None:
    """Value of an office's attribute as written (a mapping is weights), or ``None``."""
    if name == "id":
        return office_id
    if name in FIELDS:
        value: Scalar | Mapping[str, float] | None = getattr(office, name)
        return value
    return (office.__pydantic_extra__ or {}).get(name)


def weighted(office: Office) -> dict[str, Mapping[str, float]]:
    """Attributes of an office that are weights."""
    found = {name: getattr(office, name) for name in ("type", "colocated")} | (office.__pydantic_extra__ or {})
    return {name: value for name, value in found.items() if isinstance(value, Mapping)}


def names_of(office: Office) -> tuple[str, ...]:
    """Attributes that an office has, beside its id."""
    return (*(name for name in FIELDS if getattr(office, name) is not None), *(office.__pydantic_extra__ or ()))


def certainly_fits(office_id: str, office: Office, wanted: Filter) -> bool:
    """Whether an office fits a filter by attributes that are certain."""
    values = {name: attribute(office_id, office, name) for name in wanted}
    return all(value is not None and not isinstance(value, Mapping) and same_among(value, wanted[name]) for name, value in values.items())


class Attributes:
    """Possible values of every attribute of every office.

    Attributes
    ----------
    of
        Values by office id.
    known
        Values by attribute, over all offices; for ``type`` all office types.
    """

    def __init__(self, scenario: Scenario) -> None:
        mixed = types_by_mix(scenario)
        self.of = {id_: self._values(id_, office, mixed.get(id_, ())) for id_, office in scenario.offices.items()}
        seen: dict[str, dict[object, Scalar]] = {}
        for values in self.of.values():
            for name, possible in values.items():
                seen.setdefault(name, {}).update((_canonical(v), v) for v in possible)
        if scenario.office_types:
            seen.setdefault("type", {}).update((t, t) for t in scenario.office_types)
        self.known: dict[str, tuple[Scalar, ...]] = {name: tuple(values.values()) for name, values in seen.items()}

    @staticmethod
    def _values(office_id: str, office: Office, mixed: tuple[str, ...]) -> Values:
        values: Values = {"id": (office_id,)}
        for name in names_of(office):
            value = attribute(office_id, office, name)
            if isinstance(value, Mapping):
                values[name] = tuple(outcome(key) for key, weight in value.items() if weight > 0)
            elif value is not None:
                values[name] = (value,)
        if office.type is None and mixed:
            values["type"] = mixed
        return values

    def may_fit(self, office_id: str, wanted: Filter) -> bool:
        """Whether an office fits a filter in some future; names of branches are not asked."""
        values = self.of[office_id]
        return all(any(same_among(v, allowed) for v in values.get(name, ())) for name, allowed in wanted.items())


def types_by_mix(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Types that each office in a type mix may be given."""
    found: dict[str, tuple[str, ...]] = {}
    for mix in scenario.type_mix.values():
        types = tuple(t for t, count in mix.counts.items() if (count[1] if isinstance(count, tuple) else count) > 0)
        found.update((id_, types) for id_, office in scenario.offices.items() if certainly_fits(id_, office, mix.offices))
    return found
