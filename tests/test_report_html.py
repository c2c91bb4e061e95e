"""The page as text: what it says, what it carries, what it lets nobody do."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from report_data import EVIL, renamed, report_input, scenario

from sim.analysis.causes import SINGLE, CauseKind
from sim.analysis.table import Table
from sim.report import write_compare_html, write_html, write_sweep_html
from sim.report.evidence import assumptions
from sim.report.sections import sections
from sim.report.sections_ground import flat
from sim.report.sentences import summary, verdicts

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    return write_html(report_input("sv"), tmp_path_factory.mktemp("page") / "report.html").read_text("utf-8")


def charts_of(page: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="charts">(.*?)</script>', page, re.DOTALL)[1])


def test_it_is_one_file_of_less_than_3_mb(page: str) -> None:
    assert len(page.encode()) < 3_000_000


def test_it_asks_for_nothing_outside(page: str) -> None:
    without_library = page.replace((ROOT / "sim/report/web/vega.js").read_text("utf-8"), "")
    assert re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', without_library) == []
    assert set(re.findall(r"https?://[^\s\"'<]+", without_library)) <= {"https://vega.github.io/schema/vega-lite/v6.json"}
    assert "default-src 'none'" in page


def test_the_sections_come_in_the_order_of_reading() -> None:
    ids = [section.id for section in sections(report_input())]
    assert ids == ["answer", "time", "offices", "dates", "plan", "outside", "why", "money", "ground"]


def test_a_run_with_little_to_say_has_few_sections(tmp_path) -> None:
    given = replace(report_input("en"), tables={"openings": report_input().tables["openings"]})
    assert [section.id for section in sections(given)] == ["offices", "plan", "ground"]
    write_html(given, tmp_path / "report.html")
    write_html(replace(given, tables={}, passport={}), tmp_path / "report.html")


def test_every_chart_has_a_place_a_name_and_a_table(page: str) -> None:
    for name in charts_of(page)["charts"]:
        figure = re.search(rf'<figure id="figure-{name}">.*?</figure>', page, re.DOTALL)[0]
        assert re.search(r'role="img" aria-label="[^"]{20,}"', figure)
        assert "<table" in figure or name == "map", "the map's numbers stand in the table above it"


def test_the_answer_is_made_of_the_numbers() -> None:
    said = summary(report_input("sv"))
    assert said[0] == "Mål som håller: 1 av 8. Mål som inte håller: 6. Går inte att avgöra: 1."
    row = report_input().tables["targets"].where(target="round1_thirteen")
    [text] = [v.text for v in verdicts(report_input("sv")) if v.id == "round1_thirteen"]
    percent = round(row["probability"][0] * 100)
    assert text.replace("\N{NO-BREAK SPACE}", " ").startswith(
        f"Chansen att minst 13 av 14 kontor öppnar senast 2022-12-31 är {percent} % ("
    )
    assert text.replace("\N{NO-BREAK SPACE}", " ").endswith(f"Datumet som håller med 80 % är {row['date_at_confidence'][0]}.")


def test_states_are_told_in_words() -> None:
    words = {v.id: v.word for v in verdicts(report_input("en"))}
    assert words["round2_twelve"] == "Holds"
    assert words["all28"] == "Cannot tell"
    assert words["round1_all"] == "Does not hold"


def test_offices_that_exist_already_are_mentioned() -> None:
    assert "The 117 that exist already are counted." in next(v.text for v in verdicts(report_input("en")) if v.id == "network149")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_cause_that_may_have_no_name_of_its_own_is_told_in_words(language: str) -> None:
    names = report_input(language).names
    told = [names.cause(kind, "") for kind in (*SINGLE, CauseKind.ACTOR)]
    assert [words for words in told if not words[0].isupper()] == []


def test_a_target_without_a_date_says_so() -> None:
    table = report_input().tables["targets"]
    never = Table("targets", {**table.columns, "date_at_confidence": [None] * len(table)})
    given = replace(report_input("en"), tables={"targets": never})
    assert "No date holds with 80%." in verdicts(given)[0].text


def test_a_frame_that_is_probably_exceeded_is_named() -> None:
    table = report_input().tables["budgets"]
    over = Table("budgets", {**table.columns, "probability_over": [0.7, *[0.1] * (len(table) - 1)]})
    said = summary(replace(report_input("en"), tables={"budgets": over}))
    text = "The frame Appropriation for vulnerable areas is probably exceeded in 2021: the chance is 70%, on average by SEK 0.0 m."
    assert [one.replace("\N{NO-BREAK SPACE}", " ") for one in said] == [text]


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_hostile_name_is_only_a_name(tmp_path, language: str) -> None:
    page = write_html(renamed(report_input(language)), tmp_path / "report.html").read_text("utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert len(re.findall(r"<script", page.replace((ROOT / "sim/report/web/vega.js").read_text("utf-8"), ""))) == 3
    names = json.dumps(charts_of(page), ensure_ascii=False)
    assert json.dumps(EVIL)[1:-1] in names


def test_both_languages_have_all_parts(tmp_path) -> None:
    swedish, english = (write_html(report_input(one), tmp_path / f"{one}.html").read_text("utf-8") for one in ("sv", "en"))
    assert '<html lang="sv">' in swedish
    assert '<html lang="en">' in english
    assert re.findall(r'id="([\w-]+)"', swedish) == re.findall(r'id="([\w-]+)"', english)
    assert not re.search(r">(Offices|Money|The answer|Cause)<", swedish)


def test_assumptions_are_found_where_the_run_gives_none() -> None:
    table = assumptions(scenario())
    assert "risks.material_shortage" in table["path"]
    assert set(table["grade"]) <= {"report", "A", "B", "C", "assumption"}
    assert all(len(value) <= 120 for value in table["value"])


def test_a_passport_is_laid_flat() -> None:
    assert list(flat({"a": {"b": [1, 2]}, "c": None})) == [("a.b", "[1, 2]"), ("c", "null")]


def test_a_table_for_a_notebook_is_escaped_and_cut() -> None:
    text = Table("t", {"office": [EVIL] * 300, "p_on_time": [0.5] * 300})._repr_html_()
    assert "<script>" not in text
    assert text.count("<tr>") == 101
    assert "t (100 / 300)" in text


# --- several runs ---

COMPARED = Table.of_rows(
    "compare",
    ["question", "a", "b", "difference", "low", "high", "unit", "verdict"],
    [
        ["P80 Boden", dt.date(2023, 1, 2), dt.date(2023, 2, 1), 30, 25, 36, "days", "b is later"],
        ["P80 Åre", dt.date(2023, 1, 2), dt.date(2023, 1, 3), 1, -1, 3, "days", "cannot tell"],
        [EVIL, 0.3, 0.4, 0.1, 0.08, 0.12, "points", "b is better"],
    ],
)
SWEPT = Table.of_rows(
    "sweep",
    ["slots", "crews", "p_all28", "p_all28_low", "p_all28_high", "last_p80"],
    [
        [a, b, a * b / 100, a * b / 100 - 0.01, a * b / 100 + 0.01, dt.date(2024, 6, 1) - dt.timedelta(a * b)]
        for a in (14, 16)
        for b in (3, 4)
    ],
)


def test_a_comparison_tells_clear_differences_from_chance(tmp_path) -> None:
    page = write_compare_html(report_input("en"), COMPARED, tmp_path / "c.html", "Base", EVIL).read_text("utf-8")
    assert "2 of 3 answers differ clearly" in page
    assert "P80 Boden: +30 days (+25 to +36)." in page
    assert "<script>alert" not in page
    assert [len(chart["data"]["values"]) for chart in charts_of(page)["charts"].values()] == [2, 1]


def test_a_sweep_over_one_key_is_lines_and_over_two_a_field(tmp_path) -> None:
    one = SWEPT.where(crews=3)
    page = write_sweep_html(report_input("en"), one, tmp_path / "s.html", ["slots", "crews"][:1]).read_text("utf-8")
    marks = [layer["mark"]["type"] for layer in charts_of(page)["charts"]["sweep_1"]["layer"]]
    assert marks == ["rule", "line"]
    page = write_sweep_html(report_input("sv"), SWEPT, tmp_path / "s.html", ["slots", "crews"]).read_text("utf-8")
    charts = charts_of(page)["charts"]
    assert list(charts) == ["sweep_0", "sweep_1"]
    assert [row["told"].replace("\N{NO-BREAK SPACE}", " ") for row in charts["sweep_0"]["data"]["values"]] == [
        "42 %",
        "56 %",
        "48 %",
        "64 %",
    ]


def test_strips_stay_inside_and_show_hill_lines_and_diamond() -> None:
    from sim.report.charts import spread

    day = dt.date(2022, 1, 3)
    hill = spread.Density((day, day + dt.timedelta(50), day + dt.timedelta(900)), (60, 39, 1))
    first, last = spread.span({"boden": hill})
    assert (first, last) == (day, day + dt.timedelta(50))
    drawn = spread.strip(hill, first, last, (day, last, dt.date(2030, 1, 1)))
    places = [float(x) for x in re.findall(r'(?:points="|\s)([\d.]+),', drawn)]
    assert all(0 <= x <= spread.STRIP_WIDTH for x in places)
    late = spread.Density((last,), (100,))
    assert "<polygon" in spread.strip(late, first, last, (last, last, None))
    assert (drawn.count("<polygon"), drawn.count("<line"), drawn.count("<path")) == (1, 3, 1)
