"""Public holidays, from the ``holidays`` library."""

from __future__ import annotations

import datetime as dt
import functools
import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.calendars.hints import did_you_mean
from sim.calendars.periods import Mask
from sim.errors import Fault, InputError


def holidays_mask(country: str, subdivision: str | None, start: dt.date, last: int) -> Mask:
    """Public holidays of a country, with its de-facto holidays such as the Swedish midsommar-, jul- and nyårsafton.

    Parameters
    ----------
    country
        ISO 3166 code, e.g. ``"SE"``.
    subdivision
        Region with holidays of its own, e.g. ``"BY"`` in Germany; ``None`` for those of the whole country.

    Returns
    -------
    bool[last + 1]
        Holidays on Saturdays and Sundays included, ordinary Sundays not.

    Raises
    ------
    InputError
        Unknown country or subdivision, or years for which its holidays are not known. The fault's path is relative to the
        calendar: ``country`` or ``subdivision``.
    """
    end = start + dt.timedelta(last)
    days = (_holiday_dates(country, subdivision, start.year, end.year) - np.datetime64(start, "D")).astype(np.int64)
    mask = np.zeros(last + 1, dtype=np.bool_)
    mask[days[(days >= 0) & (days <= last)]] = True
    return mask


@functools.lru_cache(maxsize=256)
def _holiday_dates(country: str, subdivision: str | None, first_year: int, last_year: int) -> NDArray[np.datetime64]:
    """All holidays of some whole years; read-only, because it is shared."""
    entity = _country_class(country)
    _check_subdivision(entity, country, subdivision)
    _check_years(entity, country, first_year, last_year)
    categories = tuple(c for c in ("public", "de_facto") if c in entity.supported_categories)
    found = entity(subdiv=subdivision, years=range(first_year, last_year + 1), categories=categories)
    dates = np.array(sorted(found), dtype="datetime64[D]")
    dates.flags.writeable = False
    return dates


def _country_class(country: str) -> Any:
    """Class of the ``holidays`` library for an ISO code."""
    from holidays.registry import COUNTRIES

    places = {code: (module, names[0]) for module, names in COUNTRIES.items() for code in names[1:]}
    if country in places:
        module, name = places[country]
        return getattr(_import_alone("holidays.countries", module), name)
    capitals = places.get(country.upper())
    hint = f' (did you mean "{country.upper()}", {capitals[0].replace("_", " ").title()}?)' if capitals else ""
    message = f'"{country}" is not a country whose holidays are known; use an ISO 3166 code such as "SE"{hint}'
    raise InputError(Fault("country", f"{message}, or leave country out and write the holidays as closed periods"))


def _import_alone(package: str, module: str) -> ModuleType:
    """Import one module of a package without running the package's ``__init__``.

    That of ``holidays.countries`` imports all 250 countries, which takes 80 ms where one takes 1 ms. The package stands in
    empty while the module is imported, and is imported in full by whoever asks for it later.
    """
    name = f"{package}.{module}"
    spec = importlib.util.find_spec(package)
    if spec is None or package in sys.modules:
        return importlib.import_module(name)
    sys.modules[package] = importlib.util.module_from_spec(spec)
    try:
        return importlib.import_module(name)
    finally:
        del sys.modules[package]


def _check_subdivision(entity: Any, country: str, subdivision: str | None) -> None:
    known = (*entity.subdivisions, *entity.subdivisions_aliases)
    if subdivision is None or subdivision in known:
        return
    advice = f"use one of {', '.join(known)}{did_you_mean(subdivision, known)}" if known else f"{country} has none; leave subdivision out"
    raise InputError(Fault("subdivision", f'"{subdivision}" is not a subdivision of {country} with holidays of its own; {advice}'))


def _check_years(entity: Any, country: str, first_year: int, last_year: int) -> None:
    """Outside its years the library returns no holidays and says nothing."""
    if first_year >= entity.start_year and last_year <= entity.end_year:
        return
    raise InputError(
        Fault(
            "country",
            f"the holidays of {country} are known for {entity.start_year} to {entity.end_year}, and the simulation asks for "
            f"{first_year} to {last_year}; set scenario.start and scenario.horizon within them, or leave country out",
        )
    )
