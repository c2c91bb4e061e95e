"""``etablera calibrate``: durations from records of past work, finished and unfinished."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import Json, Language, LanguageOption, Out, Quiet
from sim.cli.status import DONE, guarded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.cli.words import Words
    from sim.results.calibrate import Calibration

History = Annotated[
    Path,
    typer.Argument(
        metavar="HISTORY", help="Records (.csv, .xlsx): activity, start, finish (empty: unfinished), attributes.", show_default=False
    ),
]
ForScenario = Annotated[
    Path | None,
    typer.Option("--scenario", metavar="SCENARIO", help="The scenario that the durations are for: its activities and calendars."),
]
CalendarOption = Annotated[
    str | None,
    typer.Option("--calendar", metavar="DAYS", help="Without a scenario: every-day, weekdays, or a country such as SE. [every-day]"),
]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="The day on which the facts were looked at, e.g. 2022-06-01.")]
By = Annotated[str, typer.Option("--by", metavar="COLUMN", help="Groups that differ and are partly pooled, e.g. county or type.")]
Uncertain = Annotated[bool, typer.Option("--uncertain", help="Carry the errors of the estimates into the simulation (two levels).")]
Piece = Annotated[Path | None, typer.Option("--toml", metavar="FILE", help="Write the piece of a scenario there too.")]
Resamples = Annotated[int, typer.Option("--resamples", min=20, max=100_000, metavar="N", help="Bootstrap samples of each fit.")]


class GradeName(str, Enum):  # noqa: UP042  typer knows the members of a str Enum in all versions
    """Grades of evidence."""

    report = "report"
    A = "A"
    B = "B"
    C = "C"
    assumption = "assumption"


@guarded
def calibrate(
    history: History,
    scenario: ForScenario = None,
    calendar: CalendarOption = None,
    as_of: AsOf = None,
    by: By = "",
    uncertain: Uncertain = False,
    grade: Annotated[GradeName, typer.Option("--grade", help="How good the records are as evidence.")] = GradeName.B,
    resamples: Resamples = 200,
    toml: Piece = None,
    out: Out = Path("results"),
    language: LanguageOption = None,
    quiet: Quiet = False,
    json: Json = False,
) -> int:
    """Fit durations to records of past work, unfinished cases included."""
    from sim.results.calibrate import calibrate as fit

    found = fit(
        history,
        scenario=scenario,
        calendar=calendar,
        as_of=date_option("--as-of", as_of),
        by=by,
        uncertain=uncertain,
        grade=grade.value,
        resamples=resamples,
    )
    spoken = spoken_language(language, found)
    folder = found.save(out, extras=[lambda made, where: write_pictures(made, where, spoken)])
    if toml is not None:
        write_piece(found.piece, toml)
    if json:
        show_json(found, folder)
    elif not quiet:
        show(found, folder, spoken)
    return DONE


def date_option(name: str, text: str | None) -> dt.date | None:
    """A date given as an option.

    Raises
    ------
    InputError
        It is none.
    """
    from sim.errors import Fault, InputError

    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(Fault(name, f'"{text}" is not a date; write it as 2022-06-01')) from None


def spoken_language(language: Language | None, found: Calibration) -> str:
    """The language asked for, else that of the scenario, else English."""
    if language is not None:
        return language.value
    return found.setting.scenario.scenario.language if found.setting.scenario else "en"


def write_piece(text: str, path: Path) -> None:
    """Write the piece where it was asked for."""
    from sim.errors import ResultsError

    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written: {error.strerror or error}") from None


def write_pictures(found: Calibration, folder: Path, language: str) -> None:
    """A picture an activity: the records and the fitted law."""
    from sim.report.charts.records import fitted
    from sim.report.formats import formats

    f = formats(language)
    for one, row in zip(found.fits, found["fits"].rows(), strict=True):
        table = found["survival"].where(activity=one.activity)
        last = float(max(one.lengths.days.max(), one.overall.quantile(0.98)))
        days = [last * i / 120 for i in range(121)]
        curve = list(zip(days, one.overall.cdf(days).tolist(), strict=True))
        going = sorted(one.lengths.days[~one.lengths.finished].tolist())
        chart = fitted(f, table, row, curve, going)
        (folder / f"{chart.name}.svg").write_text(chart.svg(), "utf-8")


def show_json(found: Calibration, folder: Path) -> None:
    """The fits for machines, on one line."""
    import json

    from sim.cli.answers import plain

    rows = {name: [{k: plain(v) for k, v in row.items()} for row in found[name].rows()] for name in ("fits", "groups")}
    typer.echo(json.dumps({"id": found.id, "folder": str(folder), "left_out": found.setting.left, **rows}, ensure_ascii=False))


def show(found: Calibration, folder: Path, language: str) -> None:
    """The fits for people."""
    from sim.cli.screen import Column, Screen
    from sim.cli.words import Words

    screen, words = Screen(), Words(language)
    names = ("Activity", "Cases", "Unfinished", "Family", "Median, days", "P80, days", "p")
    screen.table(
        [Column(words(name), right=i in {1, 2, 6}) for i, name in enumerate(names)], [_cells(row, words) for row in found["fits"].rows()]
    )
    screen.line()
    for text in _said(found, words):
        screen.paragraph(text)
    screen.line()
    screen.line(str(folder))


def _cells(row: dict[str, Any], words: Words) -> list[str]:
    median, p80 = (
        f"{words.number(row[q], 1)} ({words.number(row[q + '_low'], 1)}–{words.number(row[q + '_high'], 1)})" for q in ("p50", "p80")
    )
    return [row["activity"], str(row["cases"]), str(row["unfinished"]), row["family"], median, p80, words.number(row["p"], 2)]


def _said(found: Calibration, words: Words) -> Iterator[str]:
    """What is to be thought of before the fits are used."""
    from sim.calibration.fitting import FEW_FINISHED

    for row in found["fits"].rows():
        name = row["activity"]
        if row["unfinished"]:
            numbers = {"median": words.number(row["p50"], 1), "dropped": words.number(row["median_if_dropped"], 1)}
            yield words(
                "{name}: had the unfinished cases been dropped, the median would be {dropped} days, not {median}.", name=name, **numbers
            )
        if row["goes_with_records"] == "no":
            yield words(
                "{name}: the records lie far from the fitted law (p = {p}); see the picture.", name=name, p=words.number(row["p"], 2)
            )
        if row["finished"] < FEW_FINISHED:
            yield words("{name}: {n} finished cases hardly tell the families apart.", name=name, n=row["finished"])
        if row["scenario_median"] is not None:
            yield words("{name}: the scenario has a median of {median} days.", name=name, median=words.number(row["scenario_median"], 1))
    for name, reason in found.setting.left.items():
        yield words("{name} is left as it is: {reason}.", name=name, reason=words(reason))
