"""From records of past work to durations: read, fitted, told as tables and as a piece of a scenario, kept in a folder."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import exp
from pathlib import Path
from typing import Any

from sim.analysis.table import Table
from sim.calibration.families import FAMILIES
from sim.calibration.fitting import LEAST_FINISHED, ActivityFit, fit_activity, without_unfinished
from sim.calibration.goodness import LEVELS, RESAMPLES
from sim.calibration.likelihood import fit
from sim.calibration.piece import DOUBTFUL, Setting, piece
from sim.calibration.records import Case, Records, read_records
from sim.calibration.spans import lengths
from sim.errors import Fault, InputError
from sim.plan.compile import calendar_of
from sim.results.answer_folder import Writer, write_answer
from sim.results.model import RESULTS
from sim.results.question import own_version
from sim.scenario import Scenario, load_scenario
from sim.scenario.build import in_days
from sim.scenario.schema import Calendar
from sim.scenario.wording import did_you_mean, listing, unknown

EVERY_DAY, WEEKDAYS = "every-day", "weekdays"
"""Names of calendars beside countries: all days, and Monday to Friday."""

NO_DURATION = "it has no duration in the scenario, but a meeting or an opening day"
A_DAY = "its cases took a day or less; give it a fixed duration"
TOO_FEW = f"fewer than {LEAST_FINISHED} of its cases have finished"
"""Why an activity is left out."""

PIECE = "calibrated.toml"
"""The piece of a scenario, in the folder."""

FIT_COLUMNS = (
    *("activity", "calendar", "cases", "finished", "unfinished", "family", "weight", "distance", "p", "goes_with_records"),
    *(f"p{round(100 * level)}{end}" for level in LEVELS for end in ("", "_low", "_high")),
    *("mean", "median_error", "width", "tau", "median_if_dropped", "scenario_median"),
)

FAMILY_COLUMNS = ("activity", "family", "parameters", "log_likelihood", "aicc", "weight", "median", "median_error", "width", "mean")
GROUP_COLUMNS = ("activity", "group", "cases", "finished", "factor", "factor_alone", "median", "median_low", "median_high")
SURVIVAL_COLUMNS = ("activity", "days", "finished", "low", "high", "fitted")

Extra = Callable[["Calibration", Path], object]
"""Writes further files (pictures) into the folder."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """Durations fitted to records.

    Attributes
    ----------
    records
        What was read.
    setting
        How it was read: calendars, groups, why activities were left out.
    fits
        The activities, in the order in which the records name them first.
    tables
        ``fits``, ``families``, ``groups`` and ``survival``.
    """

    records: Records
    setting: Setting
    fits: tuple[ActivityFit, ...]
    tables: Mapping[str, Table]

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    @property
    def piece(self) -> str:
        """The piece of a scenario, as TOML."""
        return piece(self.fits, self.setting)

    @property
    def id(self) -> str:
        """Address of the answer: a digest of the records and of how they were read."""
        text = self.piece + self.records.file.digest + "".join(table.csv() for table in self.tables.values())
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def about(self) -> dict[str, Any]:
        """How it came about."""
        return {
            "kind": "calibrate",
            "id": self.id,
            "records": self.records.file.name,
            "records_digest": self.records.file.digest,
            "calendars": self.setting.calendar,
            "by": self.setting.by,
            "uncertain": self.setting.uncertain,
            "left_out": self.setting.left,
            "version": own_version(),
        }

    def save(self, out: str | Path = RESULTS, extras: Iterable[Extra] = ()) -> Path:
        """Write the folder ``out/<records>/calibrate-<id>``, whole or not at all.

        Raises
        ------
        ResultsError
            The folder cannot be written.
        """
        target = Path(out) / self.records.file.path.stem / f"calibrate-{self.id}"
        writers: list[Writer] = [self._write_piece, *(partial(extra, self) for extra in extras)]
        return write_answer(target, "calibrate", self.tables, self.about(), writers)

    def _write_piece(self, folder: Path) -> None:
        (folder / PIECE).write_text(self.piece, "utf-8")


def calibrate(
    history: str | Path,
    *,
    scenario: str | Path | None = None,
    calendar: str | None = None,
    as_of: dt.date | None = None,
    by: str = "",
    uncertain: bool = False,
    grade: str = "B",
    families: Sequence[str] = tuple(FAMILIES),
    resamples: int = RESAMPLES,
) -> Calibration:
    """Fit each activity's duration to records of past work, finished and unfinished.

    Parameters
    ----------
    history
        A CSV or Excel file, see :mod:`sim.calibration.records`.
    scenario
        The scenario that the durations are for: activities must be its own, and lengths count in days of their calendars.
    calendar
        Without a scenario: ``every-day`` (default), ``weekdays``, or a country such as ``SE`` for its working days.
    as_of
        The morning on which the records were taken, for rows that do not say it.
    by
        A column of the records whose values make groups that are partly pooled.
    uncertain
        Carry the errors of the estimates into the piece, see :mod:`sim.calibration.piece`.
    grade
        Of the records as evidence: ``report``, ``A``, ``B``, ``C`` or ``assumption``.
    families
        Which are tried.
    resamples
        Bootstrap samples of the goodness of fit.

    Raises
    ------
    InputError
        The records, or the scenario, are at fault.
    """
    records = read_records(history, as_of)
    base = load_scenario(scenario).scenario if scenario is not None else None
    _check(records, base, by, calendar)
    groups = _by_activity(records)
    left: dict[str, str] = {}
    calendars: dict[str, str] = {}
    fits = []
    for activity, cases in groups.items():
        name, spec = _calendar(base, activity, calendar)
        if base is not None and base.activities[activity].duration is None:
            left[activity] = NO_DURATION
            continue
        names = [case.attributes[by] for case in cases] if by else None
        known = lengths(cases, spec)
        found = fit_activity(activity, known, names, families, resamples)
        if found is None:
            left[activity] = TOO_FEW if known.finished.sum() < LEAST_FINISHED else A_DAY
        else:
            calendars[activity] = name
            fits.append(found)
    setting = Setting(records.file.name, calendars, by, uncertain, grade, base, left)
    return Calibration(records, setting, tuple(fits), _tables(fits, setting))


def _by_activity(records: Records) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for case in records.cases:
        found.setdefault(case.activity, []).append(case)
    return found


def _calendar(base: Scenario | None, activity: str, calendar: str | None) -> tuple[str, Calendar]:
    """The days in which an activity's lengths are counted, and what they are called."""
    if base is not None:
        name = calendar_of(base, base.activities[activity])
        return name, base.calendars[name]
    if calendar in (None, EVERY_DAY):
        return EVERY_DAY, Calendar(every_day=True)
    if calendar == WEEKDAYS:
        return WEEKDAYS, Calendar()
    return str(calendar).upper(), Calendar(country=str(calendar).upper())


# --- what can be wrong ------------------------------------------------------------------------------------------------------


def _check(records: Records, base: Scenario | None, by: str, calendar: str | None) -> None:
    """Raise every fault of records and options together."""
    faults = [*_unknown_activities(records, base), *_missing_groups(records, by)]
    if base is not None and calendar is not None:
        faults.append(Fault("--calendar", "the scenario says it; give --calendar or --scenario, not both"))
    elif calendar not in (None, EVERY_DAY, WEEKDAYS) and not re.fullmatch(r"[A-Za-z]{2,3}", str(calendar)):
        faults.append(Fault("--calendar", f'"{calendar}" is neither {EVERY_DAY} nor {WEEKDAYS} nor a country such as SE'))
    if faults:
        raise InputError(*faults)


def _unknown_activities(records: Records, base: Scenario | None) -> Iterable[Fault]:
    first: dict[str, int] = {}
    for case in records.cases:
        first.setdefault(case.activity, case.line)
    for name, line in first.items():
        if base is not None and name not in base.activities:
            told = unknown("", name, "an activity of the scenario", base.activities).message
            yield Fault("", told, records.file.name, line)
        elif not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", name):
            yield Fault("", f'"{name}" cannot name an activity; use small letters, digits, _ and -', records.file.name, line)


def _missing_groups(records: Records, by: str) -> Iterable[Fault]:
    if by and by not in records.attributes:
        known = listing(records.attributes) or "none"
        yield Fault(
            "--by", f'the records have no column "{by}"; they have {known}{did_you_mean(by, records.attributes)}', records.file.name
        )
    elif by:
        bare = [case.line for case in records.cases if by not in case.attributes]
        if bare:
            yield Fault("--by", f"{len(bare)} rows have no {by}", records.file.name, bare[0])


# --- tables -----------------------------------------------------------------------------------------------------------------


def _tables(fits: Sequence[ActivityFit], setting: Setting) -> dict[str, Table]:
    return {
        "fits": Table.of_rows("fits", FIT_COLUMNS, [_fit_row(one, setting) for one in fits]),
        "families": _families(fits),
        "groups": _groups(fits),
        "survival": _survival(fits),
    }


def _fit_row(one: ActivityFit, setting: Setting) -> list[Any]:
    n, found, law = len(one.lengths), one.goodness, one.best.law
    scenario_median = None
    if setting.scenario is not None:
        duration, calendar = setting.scenario.activities[one.activity].duration, setting.scenario.calendars[setting.calendar[one.activity]]
        scenario_median = in_days(duration, 7 if calendar.every_day else 5).median if duration else None
    return [
        *(one.activity, setting.calendar[one.activity], n, one.finished, n - one.finished),
        *(one.best.family.name, one.weights[0], found.distance, found.p, "no" if found.p < DOUBTFUL else "yes"),
        *(value for level in LEVELS for value in (float(law.quantile(level)), *found.interval(level))),
        *(law.mean, one.best.median_error, one.best.width, one.groups.tau if one.groups else None),
        *(fit(one.best.family, without_unfinished(one.lengths)).median, scenario_median),
    ]


def _families(fits: Sequence[ActivityFit]) -> Table:
    rows = [
        (one.activity, f.family.name, f.family.parameters, f.log_likelihood, f.aic, w, f.median, f.median_error, f.width, f.law.mean)
        for one in fits
        for f, w in zip(one.tried, one.weights, strict=True)
    ]
    return Table.of_rows("families", FAMILY_COLUMNS, rows)


def _groups(fits: Sequence[ActivityFit]) -> Table:
    rows = []
    for one in fits:
        for group in one.groups.groups if one.groups else ():
            median, spread = one.best.median * group.factor, 1.96 * group.error
            interval = (median * exp(-spread), median * exp(spread))
            rows.append((one.activity, group.name, group.cases, group.finished, group.factor, group.alone, median, *interval))
    return Table.of_rows("groups", GROUP_COLUMNS, rows)


def _survival(fits: Sequence[ActivityFit]) -> Table:
    rows = []
    for one in fits:
        s = one.survival
        fitted = one.overall.cdf(s.days + 0.5)
        columns = (s.days, s.share, s.low, s.high, fitted)
        rows += [(one.activity, int(d), *map(float, rest)) for d, *rest in zip(*columns, strict=True)]
    return Table.of_rows("survival", SURVIVAL_COLUMNS, rows)
