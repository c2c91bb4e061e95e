"""A real run of the default programme: page, workbook and CSV say the same numbers, and all of them."""

from __future__ import annotations

import csv
import datetime as dt
import math
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from sim.analysis.estimates import Z
from sim.cli.papers import papers
from sim.report.formats import formats
from sim.results import run

SCENARIO = Path(__file__).parent.parent / "scenarios" / "programme-2021.toml"
QUANTILES = ("p10", "p50", "p80", "p90")
f = formats("sv")


class Page(HTMLParser):
    """The tables of a page by caption, as texts, and the points and paragraphs that are read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.said: list[str] = []
        self.rows: list[list[str]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in {"caption", "th", "td", "p", "li"}:
            self.texts = []
        if tag == "tr":
            self.rows.append([])

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        text = "".join(self.texts).strip()
        if tag == "caption":
            self.rows = self.tables[text] = []
        elif tag in {"th", "td"}:
            self.rows[-1].append(text)
        elif tag == "p":
            self.said.append(text)


@dataclass(frozen=True)
class Written:
    """A run folder as its three kinds of readers find it."""

    page: Page
    book: CalamineWorkbook
    folder: Path

    def csv(self, name: str) -> list[dict[str, str]]:
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def sheet(self, name: str) -> list[dict[str, object]]:
        head, *rows = self.book.get_sheet_by_name(name).to_python()
        return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Written:
    folder = run(SCENARIO, replications=200, why=0).save(tmp_path_factory.mktemp("run"), extras=papers())
    page = Page((folder / "report.html").read_text("utf-8"))
    return Written(page, CalamineWorkbook.from_path(str(folder / "report.xlsx")), folder)


def same(cell: object, text: str) -> bool:
    """Whether a cell of the workbook holds what the CSV file says, which has six decimals."""
    if isinstance(cell, dt.date):
        return cell.isoformat() == text
    if isinstance(cell, bool) or text == "":
        return str(cell).lower() == text
    if isinstance(cell, int | float):
        return math.isclose(cell, float(text), rel_tol=1e-12, abs_tol=6e-7)
    return cell == text


@pytest.mark.parametrize(
    ("name", "rows"), [("openings", 32), ("targets", 8), ("cost_by_year", 540), ("budgets", 12), ("contingency", 12), ("uplift", 8)]
)
def test_every_cell_of_the_workbook_is_that_of_the_csv_file(written: Written, name: str, rows: int) -> None:
    cells, lines = written.sheet(name), written.csv(name)
    assert len(cells) == len(lines) == rows
    assert [list(row) for row in cells] == [list(line) for line in lines]
    assert [(k, column, row[column], text) for k, (row, line) in enumerate(zip(cells, lines, strict=True))
            for column, text in line.items() if not same(row[column], text)] == []  # fmt: skip


def test_the_first_sheet_says_of_every_sheet_what_is_on_it(written: Written) -> None:
    told = {row[0]: row[1] for row in written.book.get_sheet_by_name("Läs mig").to_python()}
    sheets = [name for name in written.book.sheet_names[1:] if not name.startswith("Diagram")]
    assert len({told[name] for name in sheets}) == len(sheets) > 20
    assert "Ytterligare en tabell från körningen" not in told.values()


def test_every_number_in_the_table_of_offices_is_that_of_the_csv_file(written: Written) -> None:
    lines = written.csv("openings")
    head, *rows = written.page.tables["Kontoren"]
    assert head == ["Kontor", "Chans att hålla", "Planerat", "P50", "P80", "Spridning", "Största orsak", "Typ", "Omgång"]
    assert len(rows) == len(lines) == 32
    causes = written.csv("delay_by_cause")
    for row, line in zip(rows, lines, strict=True):
        told = dict(zip(head, row, strict=True))
        if line["p_on_time"]:
            chance, low, high = (float(line[name]) for name in ("p_on_time", "p_on_time_low", "p_on_time_high"))
            assert told["Chans att hålla"] == f"{f.percent(chance)} ({f.interval(low, high)})"
        else:
            assert told["Chans att hålla"] == "–"
        assert [told["Kontor"], told["P50"], told["P80"], told["Omgång"]] == [line["name"], line["p50"], line["p80"], line["round"]]
        assert told["Planerat"] == (line["target"] or "–")
        assert told["Typ"].endswith(f"({f.percent(float(line['type_share']))})") or float(line["type_share"]) == 1
        worst = max(float(cause["delay_days_mean"]) for cause in causes if cause["office"] == line["office"] and cause["kind"] != "total")
        assert told["Största orsak"].endswith(f"({f.days(worst)})")


def test_every_target_is_said_with_the_numbers_of_the_csv_file(written: Written) -> None:
    lines = written.csv("targets")
    for line in lines:
        chance, low, high = (float(line[name]) for name in ("probability", "low", "high"))
        [text] = {text for text in written.page.said if f"{f.percent(chance)} ({f.interval(low, high)})" in text and line["by"] in text
                  and f"{line['of']} kontor" in text and (line["at_least"] == line["of"] or f"minst {line['at_least']} av" in text)
                  and (line["date_at_confidence"] or "Inget datum") in text}  # fmt: skip
        assert f.percent(float(line["confidence"])) in text
    holds = sum(line["holds"] == "yes" for line in lines)
    assert f"Mål som håller: {holds} av {len(lines)}." in (written.folder / "report.html").read_text("utf-8")


def test_the_parts_of_a_reserve_are_those_of_the_csv_file_with_their_errors(written: Written) -> None:
    [line] = [line for line in written.csv("uplift") if line["group"] == "programme" and line["confidence"] == "0.8"]
    row = next(row for row in written.page.tables["Vad en reserv av pengar består av"] if row[:2] == ["Hela programmet", f.percent(0.8)])
    parts = [text for name in ("price", "scope", "time") for text in (f.money(float(line[name])), f.number(Z * float(line[f"{name}_se"])))]
    reserve = [f.money(float(line["reserve"])), f.number(Z * float(line["reserve_se"])), f.percent(float(line["reserve_share"]))]
    assert row[2:] == [f.money(float(line["planned"])), *reserve, *parts]


def test_every_number_of_the_yearly_cost_is_that_of_the_csv_file(written: Written) -> None:
    lines = [line for line in written.csv("cost_by_year")
             if line["group"] == "programme" and not line["item"] and not line["financing"] and line["prices"] == "current"]  # fmt: skip
    head, *rows = written.page.tables["Kostnad per budgetår, löpande priser"]
    assert head == ["År", "Medel", "±", "P10", "±", "P50", "±", "P80", "±", "P90", "±"]
    expected = []
    for line in lines:
        row = [line["period"], f.money(float(line["mean"])), f.number(Z * float(line["mean_se"]))]
        for q in QUANTILES:
            row += [f.money(float(line[q])), f.number((float(line[f"{q}_high"]) - float(line[f"{q}_low"])) / 2)]
        expected.append(row)
    assert rows == expected
    assert len(rows) == 5
