"""The reports that go into a run folder. The libraries that draw are imported when something is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.report import ReportInput
    from sim.results import Result, SavedRun
    from sim.results.model import Extra

PICTURES = ("open_offices", "cost_over_time")
"""Charts that every run folder has as pictures."""


def report_input(run: Result | SavedRun, language: str | None = None) -> ReportInput:
    """What reports are drawn from."""
    from sim.report import ReportInput
    from sim.results.planned import planned_openings

    about = run.about()
    dates = planned_openings(run.plan, about["engine"])
    return ReportInput(scenario=run.scenario, tables=run.tables(), passport=about, plan_dates=dates, language=language)


def papers() -> tuple[Extra, ...]:
    """Writers of the reports of a run folder."""
    return (write_report, write_pictures)


def write_report(result: Result, folder: Path) -> Iterator[Path]:
    """The page."""
    from sim.report.html import write_html

    yield write_html(report_input(result), folder / "report.html")


def write_pictures(result: Result, folder: Path) -> Iterator[Path]:
    """The two fans."""
    from sim.report.catalogue import charts

    for chart in charts(report_input(result)):
        if chart.name in PICTURES:
            path = folder / f"{chart.name}.svg"
            path.write_text(chart.svg(), "utf-8")
            yield path
