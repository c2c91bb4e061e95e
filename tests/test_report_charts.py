"""The charts as data: right numbers, valid Vega-Lite, drawn without a browser."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from itertools import pairwise

import pytest
from report_data import CAUSES, FUTURES, PASSPORT, openings, reached, report_input, scenario

from sim.analysis.table import Table
from sim.report import chart_names, draw, write_charts
from sim.report.catalogue import CHOOSING, chart, charts
from sim.report.charts import causes, fans, gantt, money, spread
from sim.report.charts.map import Frame, map_of_offices, outline, project, spread_out
from sim.report.charts.spec import Chart

ALL = list(charts(report_input("en")))


def data(made: Chart | None) -> list[dict]:
    assert made is not None
    return made.spec["data"]["values"]


@pytest.mark.parametrize("made", ALL, ids=lambda made: made.name)
def test_altair_finds_every_chart_valid(made: Chart) -> None:
    """Of its rows, which are any tables to it, it gets twenty."""
    spec = {**made.spec, **({"data": {"values": data(made)[:20]}} if "values" in made.spec.get("data", {}) else {})}
    assert replace(made, spec=spec).altair().to_dict()["description"] == made.description


@pytest.mark.parametrize("made", ALL, ids=lambda made: made.name)
def test_every_chart_is_plain_json_and_says_what_it_shows(made: Chart) -> None:
    json.dumps(made.on_page(), allow_nan=False)
    assert len(made.description) > 20
    assert "{" not in made.description + made.title


def test_no_two_charts_have_one_name() -> None:
    assert len({made.name for made in ALL}) == len(ALL) >= 15


def test_pictures_need_no_browser(tmp_path) -> None:
    given = report_input("sv")
    assert draw(given, "open_offices").startswith(b"<svg")
    assert draw(given, "map", "png")[:8] == b"\x89PNG\r\n\x1a\n"
    few = replace(given, tables={"targets": given.tables["targets"], "open_count": given.tables["open_count"]})
    assert [path.name for path in write_charts(few, tmp_path / "charts")] == [f"{name}.svg" for name in chart_names(few)]


def test_an_unknown_chart_is_answered_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="'cake' is not a chart of this run; use one of open_offices, "):
        chart(report_input(), "cake")


@pytest.mark.parametrize(("name", "choice"), [("s_curve", "office:boden"), ("gantt_office", "boden"), ("tornado_targets", "all28")])
def test_a_chart_shows_what_is_chosen(name: str, choice: str) -> None:
    assert name in CHOOSING
    assert chart(report_input(), name, choice).spec["params"] == [{"name": "choice", "value": choice}]


def test_the_fan_has_the_numbers_of_the_table() -> None:
    table = report_input().tables["open_count"].where(filter="all")
    drawn = [row["p50"] for row in data(fans.opening_fan(report_input()))]
    assert drawn == list(table["p50"])[: len(drawn)]
    assert len(drawn) > 30


def test_the_plan_goes_up_by_one_for_each_office() -> None:
    days = [dt.date(2022, 6, 1), dt.date(2022, 6, 1), dt.date(2022, 10, 3), dt.date(2025, 1, 1)]
    steps = fans.plan_steps(days, dt.date(2022, 1, 1), dt.date(2022, 12, 31))
    assert [(row["date"][:10], row["open"]) for row in steps] == [
        *(("2022-01-01", 0), ("2022-06-01", 2), ("2022-10-03", 3), ("2022-12-31", 3)),
    ]
    assert fans.plan_steps([], dt.date(2022, 1, 1), dt.date(2022, 12, 31)) == []


def test_the_s_curve_has_the_share_of_futures_that_get_there() -> None:
    [row] = [row for row in data(spread.s_curve(report_input())) if row["key"] == "target:all28"]
    assert sum(row["share"]) == pytest.approx(1)
    by = scenario().targets["all28"].by
    assert row["goal"] == f"{by}T00:00:00"
    first = dt.date.fromisoformat(row["first"][:10])
    weeks = [share for week, share in zip(row["week"], row["share"], strict=True) if first + dt.timedelta(7 * week + 6) <= by]
    held = float((reached("all28")[0] <= (by - scenario().scenario.start).days).mean())
    assert held - 0.03 < sum(weeks) <= held


def test_futures_that_never_open_keep_the_s_curve_below_one() -> None:
    few = Table("opening_density", {"office": ["boden"], "date": [dt.date(2022, 1, 3)], "count": [2500]})
    [row] = data(spread.s_curve(replace(report_input(), tables={"opening_density": few})))
    assert row["share"] == [0.25], f"of {PASSPORT['replications']} futures"


def test_the_fan_ends_when_all_are_open() -> None:
    days = [dt.date(2022, month, 1) for month in range(1, 7)]
    names = ["date", "filter", "p05", "p95"]
    table = Table.of_rows(
        "open_count", names, [[day, "all", low, high] for day, low, high in zip(days, (0, 1, 2, 2, 2, 2), (1, 2, 2, 2, 2, 2), strict=True)]
    )
    assert [row["date"] for row in fans.until_all_are_open(table)] == days[:4]


def test_gantt_has_a_bar_for_each_office_and_the_plans_diamonds() -> None:
    rows = data(gantt.gantt(report_input()))
    assert len(rows) == len(scenario().offices)
    boden = next(row for row in rows if row["name"] == "Boden")
    assert boden["plan"] == "2022-10-03T00:00:00"
    assert boden["p10"] < boden["finish"] < boden["p90"]


def test_parts_of_the_delay_add_up() -> None:
    table = report_input().tables["delay_by_cause"]
    total = {row["office"]: row["delay_days_mean"] for row in table.rows() if row["kind"] == "total"}
    drawn = data(causes.delay_by_cause(report_input("en")))
    for id_, days in total.items():
        assert sum(row["days"] for row in drawn if row["office"] == scenario().offices[id_].name) == pytest.approx(days, abs=0.01)


def test_without_offices_the_delay_is_that_of_the_mean_office() -> None:
    given = replace(report_input("en"), tables={"drivers": report_input().tables["drivers"]})
    rows = data(causes.delay_by_cause(given))
    assert sum(row["days"] for row in rows) == pytest.approx(sum(days for _, _, days in CAUSES))
    assert {row["office"] for row in rows} == {"Mean office"}


def test_the_tornado_is_sorted_and_tells_percentage_points() -> None:
    sizes = [abs(row["effect"]) for row in data(causes.tornado(report_input()))]
    assert sizes == sorted(sizes, reverse=True)
    best = causes.target_gains(report_input("en"))[0]
    assert best["effect"] == pytest.approx(11 / 2)
    assert best["low"] == pytest.approx(best["effect"] - 0.5)


def test_quadrants_share_out_all_futures() -> None:
    cross = money.quadrants(report_input())
    assert cross is not None
    assert cross.both + cross.late + cross.dear + cross.neither == pytest.approx(1)
    assert cross.both + cross.dear >= 0.8, "the P80 date holds in at least 80 % of the futures"
    assert cross.both + cross.late == pytest.approx(0.8, abs=1e-3)


def test_quadrants_by_hand() -> None:
    days = [dt.date(2022, 1, n) for n in (1, 2, 3, 4, 5)]
    sample = Table("joint_sample", {"group": ["programme"] * 5, "replication": range(5), "date": days, "cost": [5.0, 1, 2, 3, 4]})
    cross = money.quadrants(replace(report_input(), tables={"joint_sample": sample}))
    assert cross == money.Quadrants(date=days[3], cost=4.0, both=0.6, late=0.2, dear=0.2, neither=0.0)


def test_the_map_shows_every_office_with_coordinates_and_no_name_covers_another() -> None:
    rows = data(map_of_offices(report_input()))
    assert len(rows) == 28
    for side in ("left", "right"):
        heights = sorted(row["ly"] for row in rows if row["side"] == side)
        assert min(b - a for a, b in pairwise(heights)) >= 18.9
    assert next(row for row in rows if row["name"] == "Boden")["y"] > next(row for row in rows if row["name"] == "Laholm")["y"]


def test_a_country_without_an_outline_is_drawn_without() -> None:
    assert outline("XX") == ([], "")
    assert outline("../../secret") == ([], "")
    s = scenario()
    elsewhere = s.model_copy(update={"calendars": {"any": s.calendars["ssc"].model_copy(update={"country": "XX"})}})
    made = map_of_offices(replace(report_input("en"), scenario=elsewhere))
    assert made is not None
    assert "Natural Earth" not in made.description
    assert len(made.spec["layer"]) == 4


@pytest.mark.parametrize("country", ["SE", "NO", "DK", "FI"])
def test_outlines_are_small_and_name_their_source(country: str) -> None:
    rings, source = outline(country)
    assert "Natural Earth" in source
    assert 100 < sum(map(len, rings)) < 4000
    assert all(ring[0] == ring[-1] for ring in rings)


def test_projection_keeps_the_meridian_straight() -> None:
    assert project(15, 55, 15)[0] == 0
    assert project(16, 60, 15)[0] == pytest.approx(-project(14, 60, 15)[0])
    frame = Frame(15, 100, 0, 1, 200)
    assert frame.xy(15, 60)[0] == 380


def test_names_stay_inside_and_apart() -> None:
    assert spread_out([], 10, 0, 100) == []
    assert spread_out([1, 1, 1], 10, 5, 100) == [5, 15, 25]


def test_what_a_run_lacks_is_left_out() -> None:
    assert list(charts(replace(report_input(), tables={}))) == []
    assert len(openings()) == FUTURES
