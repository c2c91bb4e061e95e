"""The report as a reader opens it: in Chromium, without a network, wide and narrow, in both languages, and by axe-core.

A page takes seconds to draw, so that tests share it and leave it as they found it. Pictures are kept in ``test-artifacts/`` to be
looked at, but with ``CI=true``, where nobody does. Without a browser these tests are skipped and say so; with ``CI=true`` they fail.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from report_data import renamed, report_input
from score_data import scored
from test_report_html import COMPARED, SWEPT

from sim.report import write_compare_html, write_html, write_sweep_html
from sim.report.scored import write_score_html

ARTIFACTS = Path(__file__).parent.parent / "test-artifacts" / "report"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-component-update"),
    *("--disable-sync", "--hide-scrollbars"),
)
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CI = os.environ.get("CI") == "true"


def missing(what: str) -> None:
    """Skip, but never where the whole suite must run."""
    if CI:
        pytest.fail(f"{what} is needed to test the report as its readers see it (scripts/browser.sh sees to Chromium)")
    pytest.skip(f"no {what} here: the report is not tested as its readers see it")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        missing("Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield running
        running.close()


class Reader:
    """A page that is open, and all that went wrong in it."""

    def __init__(self, browser: Any, path: Path, width: int = 1280) -> None:
        self.troubles: list[str] = []
        self.requests: list[str] = []
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, offline=True, locale="sv-SE", timezone_id="Europe/Stockholm"
        )
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.troubles.append(message.text) if message.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.troubles.append("a dialog opened"), dialog.dismiss()))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("html[data-drawn]", state="attached", timeout=60_000)

    def count(self, selector: str) -> int:
        return self.page.locator(selector).count()

    def picture(self, name: str) -> None:
        if CI:
            return
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def page_in(folder) -> Callable[[str], Path]:
    """The page of a language, written once."""
    return cache(lambda language: write_html(report_input(language), folder / f"{language}.html"))


@pytest.fixture(scope="module", params=[("sv", 1280), ("sv", 390), ("en", 1280)], ids=lambda param: f"{param[0]}-{param[1]}")
def reader(request, browser, page_in) -> Iterator[Reader]:
    """A page that is only looked at."""
    language, width = request.param
    made = Reader(browser, page_in(language), width)
    made.picture(f"report-{language}-{width}")
    yield made
    made.context.close()


def test_nothing_goes_wrong_and_nothing_is_asked_for(reader: Reader) -> None:
    assert reader.troubles == []
    assert [url for url in reader.requests if not url.startswith(("file:", "data:"))] == []


def test_every_chart_is_drawn(reader: Reader) -> None:
    assert reader.count("figure .plot") == int(reader.page.evaluate("document.documentElement.dataset.drawn")) == 17
    marks = "svg :is(.mark-symbol path, .mark-rect path, .mark-rule line, .mark-area path, .mark-line path)"
    empty = "(plots, marks) => plots.filter((plot) => !plot.querySelector(marks)).map((plot) => plot.id)"
    assert reader.page.eval_on_selector_all("figure .plot", empty, marks) == []


@pytest.mark.parametrize(
    ("chart", "marks", "count"),
    [
        ("map", ".mark-symbol.role-mark path", 28),
        ("gantt", ".mark-symbol.role-mark path", 32),
        ("gantt", ".mark-rect.role-mark path", 64),
        ("open_offices", ".mark-area.role-mark path", 2),
        ("open_offices", ".mark-line.role-mark path", 2),
        ("budget_years", ".mark-rule.role-mark line", 12),
        ("cost_and_date", ".mark-symbol.role-mark path", 1429),
    ],
)
def test_marks_are_as_many_as_the_rows(reader: Reader, chart: str, marks: str, count: int) -> None:
    assert reader.count(f"#plot-{chart} svg {marks}") == count


def test_nothing_is_wider_than_the_window(reader: Reader) -> None:
    assert reader.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


SHORTEN = """() => {
  const folded = [...document.querySelectorAll("details:not([open])")];
  const kind = (row) => [row, ...row.querySelectorAll("*")].map((e) => [e.tagName, e.className, !e.textContent.trim()]).join();
  const first = (rows) => [...new Map(rows.toReversed().map((row) => [kind(row), row])).values()];
  const whole = [...document.querySelectorAll("tbody, svg .role-mark")].map((group) => [group, [...group.children]]);
  folded.forEach((one) => { one.open = true; });
  for (const [group, all] of whole) group.replaceChildren(...(group.tagName === "TBODY" ? first(all) : all.slice(0, 5)));
  window.lengthen = () => {
    folded.forEach((one) => { one.open = false; });
    for (const [group, all] of whole) group.replaceChildren(...all);
  };
}"""
"""Opens what is folded, and leaves one row of each kind in a table and five marks in a chart: axe-core looks at everything."""


def violations(reader: Reader) -> list[tuple[str, list[str]]]:
    """What axe-core finds."""
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        missing("axe-playwright-python")
    reader.page.evaluate(SHORTEN)
    found = Axe().run(reader.page, options={"runOnly": AXE_TAGS, "resultTypes": ["violations"]}).response["violations"]
    reader.page.evaluate("window.lengthen()")
    return [(v["id"], [node["html"][:200] for node in v["nodes"][:3]]) for v in found]


def test_axe_finds_nothing(reader: Reader) -> None:
    rows = reader.count("tbody tr")
    assert violations(reader) == []
    assert reader.count("tbody tr") == rows


def test_headings_and_landmarks(reader: Reader) -> None:
    levels = reader.page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map((h) => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert [reader.count(name) for name in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]


@pytest.fixture(scope="module")
def used(browser, page_in) -> Iterator[Reader]:
    made = Reader(browser, page_in("sv"))
    yield made
    made.context.close()


@pytest.fixture
def wide(used: Reader) -> Iterator[Reader]:
    """A page that is used: each test chooses and sorts what no other does, and it is on a screen again afterwards."""
    yield used
    used.page.emulate_media(media="screen")
    used.page.set_viewport_size({"width": 1280, "height": 900})


def line(reader: Reader, chart: str) -> str:
    return reader.page.locator(f"#plot-{chart} svg .mark-line.role-mark path").first.get_attribute("d")


def test_the_office_that_is_chosen_is_shown(wide: Reader) -> None:
    before, said = line(wide, "s_curve"), wide.page.locator("#said-s_curve").inner_text()
    wide.page.get_by_label("Visa").first.select_option("office:boden")
    wide.page.wait_for_function(
        "(old) => document.querySelector('#plot-s_curve svg .mark-line.role-mark path').getAttribute('d') !== old", arg=before
    )
    after = wide.page.locator("#said-s_curve").inner_text()
    assert after.startswith("Boden: öppet senast 20")
    assert after != said


def test_the_activities_of_the_office_that_is_chosen_are_shown(wide: Reader) -> None:
    shown = "#figure-gantt_office tr[data-choice]:not([hidden])"
    activities = len(report_input().scenario.activities)
    assert wide.count(shown) == activities
    wide.page.locator("#choice-gantt_office").select_option("laholm")
    wide.page.wait_for_function("document.querySelector('#figure-gantt_office tr[data-choice=\"are\"]').hidden")
    assert wide.page.eval_on_selector_all(shown, "rows => [...new Set(rows.map((row) => row.dataset.choice))]") == ["laholm"]
    assert wide.troubles == []


def names(reader: Reader) -> list[str]:
    return reader.page.eval_on_selector_all("#offices table tbody th", "cells => cells.map((cell) => cell.textContent)")


def test_offices_can_be_sorted_by_date_and_by_chance_with_unknown_ones_last(wide: Reader) -> None:
    table = report_input().tables["openings"]
    by_date = [name for _, name in sorted(zip(table["p80"], table["name"], strict=True), key=lambda pair: pair[0])]
    heading = wide.page.locator("#offices th", has_text="P80")
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    assert names(wide)[0] == by_date[0]
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    assert names(wide)[0] == by_date[-1]
    chance = wide.page.locator("#offices th", has_text="Chans att hålla").locator("button")
    for _ in range(2):
        chance.click()
        order = wide.page.eval_on_selector_all("#offices tbody tr", "rows => rows.map((row) => row.children[1].dataset.v)")
        known = [float(value) for value in order if value]
        assert order[len(known) :] == [""] * (32 - len(known))
        assert known in (sorted(known), sorted(known, reverse=True))


def test_sorting_works_from_the_keyboard(wide: Reader) -> None:
    wide.page.locator("#offices th button").first.focus()
    wide.page.keyboard.press("Enter")
    shown = names(wide)
    assert wide.page.evaluate("(names) => names.every((n, i) => !i || names[i-1].localeCompare(n, 'sv') <= 0)", shown)


def test_the_first_tab_skips_to_the_content(reader: Reader) -> None:
    reader.page.keyboard.press("Tab")
    reader.page.keyboard.press("Enter")
    assert reader.page.evaluate("location.hash") == "#main"


def test_it_prints_on_paper(wide: Reader) -> None:
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    paper = wide.page.pdf(path=ARTIFACTS / "report-sv.pdf", format="A4")
    assert paper.startswith(b"%PDF")
    wide.page.emulate_media(media="print")
    assert not wide.page.locator("nav").is_visible()
    assert wide.page.locator("#plot-open_offices svg").is_visible()
    wide.page.set_viewport_size({"width": 700, "height": 1000})
    assert wide.page.evaluate("[...document.querySelectorAll('.plot svg')].every((svg) => svg.getBoundingClientRect().width <= 700)")


def widths_at_rest(reader: Reader) -> list[float]:
    """Widths of the charts when none is being laid out any more, as after the page has changed its size in another test."""
    before = None
    while (now := reader.page.evaluate(WIDTHS)) != before:
        before = now
        reader.page.wait_for_timeout(300)
    return now


WIDTHS = "[...document.querySelectorAll('.plot svg')].map((svg) => Number(svg.getAttribute('width')))"


def test_charts_are_laid_out_anew_for_paper_and_back(wide: Reader) -> None:
    """Shrunk from the width of a screen their letters could hardly be read."""
    on_screen = widths_at_rest(wide)
    wide.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert set(wide.page.evaluate(WIDTHS)) - {688} == {width for width in on_screen if width == 770}, "all but the map, which is fixed"
    wide.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert wide.page.evaluate(WIDTHS) == on_screen


def test_no_heading_on_paper_stands_over_a_table_that_is_folded(wide: Reader) -> None:
    assert wide.count(".folded h3")
    wide.page.emulate_media(media="print")
    assert not any(heading.is_visible() for heading in wide.page.locator(".folded h3").all())
    assert wide.page.locator("footer .paper").is_visible()
    wide.page.set_viewport_size({"width": 700, "height": 1000})
    assert wide.page.evaluate("document.documentElement.scrollWidth") <= 720, "a wider page would be shrunk as a whole"


def test_axes_of_time_tell_the_years(reader: Reader) -> None:
    for chart in ("open_offices", "s_curve", "gantt", "cost_over_time", "queue_establishment_slots"):
        labels = reader.page.locator(f"#plot-{chart} svg .role-axis-label text").all_text_contents()
        assert {"2022", "2023", "2024"} & set(labels), (chart, labels)


def test_a_hostile_name_does_no_harm(browser, folder) -> None:
    """What the page says of it in both languages is looked at as text, by test_report_html."""
    reader = Reader(browser, write_html(renamed(report_input("sv")), folder / "evil.html"))
    reader.page.locator("#plot-gantt svg .mark-rect.role-mark path").first.hover()
    reader.page.wait_for_selector("#vg-tooltip-element.visible")
    assert "<script>" in reader.page.locator("#vg-tooltip-element").inner_text(), "shown as the text that it is"
    assert reader.count("#vg-tooltip-element script") == 0
    assert reader.troubles == []
    reader.context.close()


def test_comparison_and_sweep_open_as_well(browser, folder) -> None:
    given = report_input("sv")
    pages = {
        "compare": write_compare_html(given, COMPARED, folder / "compare.html", "Grund", "Färre platser"),
        "sweep-1": write_sweep_html(given, SWEPT.where(crews=3), folder / "sweep1.html", ["slots"]),
        "sweep-2": write_sweep_html(given, SWEPT, folder / "sweep2.html", ["slots", "crews"]),
    }
    for name, path in pages.items():
        reader = Reader(browser, path)
        reader.picture(name)
        assert reader.troubles == []
        assert reader.count("figure svg") == reader.count("figure") > 0
        reader.context.close()


@pytest.mark.parametrize(("language", "width"), [("sv", 1280), ("en", 390)])
def test_how_good_a_forecast_was_can_be_read_by_all(browser, folder, language: str, width: int) -> None:
    reader = Reader(browser, write_score_html(*scored(language), folder / "score.html"), width)
    reader.picture(f"score-{language}-{width}")
    assert reader.troubles == []
    assert reader.count("figure svg") == reader.count("figure") == 3
    assert reader.count("#plot-outcomes .mark-symbol.role-mark path") == 6 + 3 + 1, "plans, openings, and one not yet open"
    assert reader.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert violations(reader) == []
    reader.page.emulate_media(media="print")
    reader.page.set_viewport_size({"width": 700, "height": 1000})
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= 720, "a wider page would be shrunk as a whole"
    reader.context.close()
