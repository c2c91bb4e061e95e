"""All charts of a run by name, so that one can be asked for, listed and exported."""

from __future__ import annotations

from collections.abc import Iterator

from sim.report.charts import causes, fans, gantt, money, spread
from sim.report.charts.map import map_of_offices
from sim.report.charts.outside import outside_views
from sim.report.charts.spec import Chart
from sim.report.model import ReportInput

CHOOSING = {"s_curve": spread.s_curve, "gantt_office": gantt.office_gantt, "tornado_targets": causes.target_tornado}
"""Charts that show what is chosen."""


def charts(given: ReportInput) -> Iterator[Chart]:
    """Every chart that the tables of a run allow, in the order of the report."""
    for which in fans.open_filters(given):
        yield from _some(fans.opening_fan(given, which))
    yield from _some(map_of_offices(given), spread.s_curve(given), gantt.gantt(given), gantt.office_gantt(given))
    yield from (made for _, made in outside_views(given))
    yield from _some(causes.delay_by_cause(given), causes.tornado(given), causes.target_tornado(given))
    for resource in dict.fromkeys(given.table("queue_by_month").columns.get("resource", ())):
        yield from _some(causes.queues(given, resource))
    yield from _some(fans.cost_fan(given), money.budget_years(given), money.cost_and_date(given))


def _some(*made: Chart | None) -> list[Chart]:
    return [chart for chart in made if chart is not None]


def chart(given: ReportInput, name: str, choice: str | None = None) -> Chart:
    """One chart by its name; ``choice`` is what the charts in ``CHOOSING`` show: ``office:boden``, ``boden``, or a target's id.

    Raises
    ------
    KeyError
        The run has no such chart; the message names those that it has.
    """
    if choice is not None and name in CHOOSING:
        found = CHOOSING[name](given, choice)
    else:
        found = next((made for made in charts(given) if made.name == name), None)
    if found is None:
        raise KeyError(f"{name!r} is not a chart of this run; use one of {', '.join(made.name for made in charts(given))}")
    return found
