"""The workbook, read back by another library and by LibreOffice; numbers in page, workbook and CSV agree."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from report_data import EVIL, renamed, report_input

from sim.analysis.table import Table
from sim.report import write_html, write_xlsx
from sim.report.excel import kind_of
from sim.report.formats import formats


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return write_xlsx(report_input("sv"), tmp_path_factory.mktemp("book") / "report.xlsx")


def sheet(path: Path, name: str) -> list[list]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name).to_python()


def test_the_first_sheet_says_what_is_what(path: Path) -> None:
    book = CalamineWorkbook.from_path(str(path))
    assert book.sheet_names[0] == "Läs mig"
    rows = sheet(path, "Läs mig")
    told = {row[0]: row[1] for row in rows}
    assert rows[0][0] == report_input().scenario.scenario.name
    for name in book.sheet_names[1:-3]:
        assert told[name]
    assert told["seed"] == "20210922"


def test_dates_are_dates_and_numbers_numbers(path: Path) -> None:
    rows = sheet(path, "openings")
    boden = dict(zip(rows[0], next(row for row in rows if row[0] == "boden"), strict=True))
    table = report_input().tables["openings"].where(office="boden")
    assert boden["target"] == dt.date(2022, 10, 3)
    assert boden["p80"] == table["p80"][0]
    assert boden["p_on_time"] == pytest.approx(table["p_on_time"][0])


def test_cells_have_formats_headings_are_frozen_and_charts_native(path: Path) -> None:
    with zipfile.ZipFile(path) as parts:
        names = parts.namelist()
        styles = parts.read("xl/styles.xml").decode()
        second = parts.read("xl/worksheets/sheet2.xml").decode()
    assert sum(name.startswith("xl/charts/chart") for name in names) == 3
    assert "yyyy-mm-dd" in styles
    assert "0.0%" in styles
    assert 'state="frozen"' in second
    assert "<autoFilter" in second
    assert 'customWidth="1"' in second


def test_no_cell_is_a_formula_or_a_link(tmp_path) -> None:
    path = write_xlsx(renamed(report_input("en")), tmp_path / "evil.xlsx")
    with zipfile.ZipFile(path) as parts:
        texts = {name: parts.read(name).decode() for name in parts.namelist() if name.endswith((".xml", ".rels"))}
    assert not any("<f>" in text for name, text in texts.items() if "worksheets" in name)
    assert not any("hyperlink" in text.lower().replace("=hyperlink(", "") for name, text in texts.items() if "worksheets" in name)
    assert sheet(path, "openings")[1][1] == EVIL


def test_page_workbook_and_csv_agree(path: Path, tmp_path) -> None:
    given, f = report_input("sv"), formats("sv")
    page = write_html(given, tmp_path / "report.html").read_text("utf-8")
    rows = sheet(path, "openings")
    written = list(csv.DictReader(io.StringIO(given.tables["openings"].csv())))
    assert len(rows) - 1 == len(written) == 32
    for cells, line in zip(rows[1:], written, strict=True):
        row = dict(zip(rows[0], cells, strict=True))
        assert row["p80"].isoformat() == line["p80"]
        assert f'data-v="{line["p80"]}">{line["p80"]}</td>' in page
        if line["p_on_time"]:
            assert row["p_on_time"] == pytest.approx(float(line["p_on_time"]), abs=1e-6)
            assert f"<b>{f.percent(float(line['p_on_time'])).replace('<', '&lt;')}</b>" in page
    money = {(row[0], row[1]): row[7] for row in sheet(path, "cost_by_month") if not row[2] and not row[3]}
    [line] = [r for r in csv.DictReader(io.StringIO(given.tables["cost_by_month"].csv()))
              if r["period"] == "2022-12" and r["group"] == "programme" and not r["item"] and not r["financing"]]  # fmt: skip
    assert money["2022-12", "programme"] == pytest.approx(float(line["p50"]), abs=0.005)
    assert f.money(float(line["cumulative_p50"])) in page


def test_the_short_workbook_leaves_out_single_offices_and_says_so(tmp_path) -> None:
    given = report_input("en")
    short = write_xlsx(given, tmp_path / "short.xlsx", whole=False)
    groups = {row[1] for row in sheet(short, "cost_by_month")[1:]}
    assert "programme" in groups
    assert not any(group.startswith("office:") for group in groups)
    assert any(group.startswith("office:") for group in given.tables["cost_by_month"]["group"])
    assert not any(name.endswith(("_se", "_low", "_high")) for name in sheet(short, "activities")[0])
    assert len(sheet(short, "openings")) == 1 + len(given.tables["openings"])
    told = {row[0]: row[1] for row in sheet(short, "Read me")}
    assert told["cost_by_month"].endswith("The main rows and columns; all are in the CSV file.")
    assert "main rows" not in told["openings"]


def test_kinds_of_columns() -> None:
    table = Table("budgets", {"year": [2022], "frame": [6e7], "p50": [1.5], "probability_over": [0.1], "budget": ["x"]})
    assert [kind_of(table, name) for name in table.columns] == ["general", "money", "money", "percent", "text"]
    assert kind_of(Table("open_count", {"p50": [1.5]}), "p50") == "decimal"


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice here")
def test_libreoffice_opens_it_clean(path: Path, tmp_path) -> None:
    command = [
        "soffice",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "csv",
        "--outdir",
        str(tmp_path),
    ]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, timeout=300, check=True)
    assert "error" not in (done.stdout + done.stderr).lower()
    assert re.search("Etableringsprogrammet", (tmp_path / "report.csv").read_text("utf-8", errors="replace"))
