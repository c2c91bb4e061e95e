"""The reports that go into a run folder. The libraries that draw are imported when something is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.report import ReportInput
    from sim.results import Result, SavedRun
    from sim.results.model import Extra


def report_input(run: Result | SavedRun, language: str | None = None) -> ReportInput:
    """What reports are drawn from."""
    from sim.report import ReportInput
    from sim.results.planned import planned_openings

    about = run.about()
    dates = planned_openings(run.plan, about["engine"])
    return ReportInput(scenario=run.scenario, tables=run.tables(), passport=about, plan_dates=dates, language=language)


def papers() -> tuple[Extra, ...]:
    """Writers of the reports of a run folder."""
    return (write_papers,)


def write_papers(result: Result, folder: Path) -> Iterator[Path]:
    """The page, the short workbook and the two fans as pictures.

    The pictures are drawn beside the rest: what draws them takes a second to start, in which it leaves Python to others.
    """
    from concurrent.futures import ThreadPoolExecutor

    from sim.report.charts import fans
    from sim.report.excel import write_xlsx
    from sim.report.html import write_html

    given = report_input(result)
    charts = [chart for chart in (fans.opening_fan(given), fans.cost_fan(given)) if chart]
    with ThreadPoolExecutor(1) as beside:
        pictures = beside.map(lambda chart: chart.svg(), charts)
        yield write_html(given, folder / "report.html")
        yield write_xlsx(given, folder / "report.xlsx", whole=False)
        for chart, picture in zip(charts, pictures, strict=True):
            path = folder / f"{chart.name}.svg"
            path.write_text(picture, "utf-8")
            yield path
