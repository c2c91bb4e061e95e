"""Offices from CSV and Excel: encodings, delimiters, types of cells, habits of Excel, faults with lines."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError
from sim.scenario.files import FileBytes
from sim.scenario.office_table import _FIELDS, MOST_OFFICES, OfficeTable, read_offices
from sim.scenario.schema import Office


def read(content: str | bytes, name: str = "o.csv") -> OfficeTable:
    return read_offices(FileBytes(name, Path(name), content.encode() if isinstance(content, str) else content))


def faults(content: str | bytes, name: str = "o.csv") -> list[str]:
    with pytest.raises(InputError) as caught:
        read(content, name)
    return [str(fault) for fault in caught.value.faults]


def excel(rows: list[list[Any]]) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(r, c, dt.datetime.combine(cell, dt.time()), date)
                elif isinstance(cell, str):
                    sheet.write_string(r, c, cell)
                elif cell is not None:
                    sheet.write(r, c, cell)
    return buffer.getvalue()


def test_fields_of_the_schema_are_all_read() -> None:
    assert set(_FIELDS) == set(Office.model_fields)


def test_typed_fields_and_attributes() -> None:
    table = read(
        "id,name,round,priority,target,colocated,enters_at,code,size,open,since,note\n"
        "a,Åre,1,-2,2022-06-01,ja,works order,0885,1.5,true,2020-01-01,x\n"
        "b,,2,,2022-06-02 00:00:00,FALSKT,,2321,2,Nej,2020-01-02T00:00,7\n"
    )
    assert table.offices == {
        "a": {
            "name": "Åre",
            "round": 1,
            "priority": -2,
            "target": "2022-06-01",
            "colocated": True,
            "enters_at": ["works", "order"],
            "code": "0885",
            "size": 1.5,
            "open": True,
            "since": "2020-01-01",
            "note": "x",
        },
        "b": {
            "round": 2,
            "target": "2022-06-02",
            "colocated": False,
            "code": "2321",
            "size": 2.0,
            "open": False,
            "since": "2020-01-02",
            "note": "7",
        },
    }
    assert table.lines == {"a": 2, "b": 3}


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_delimiters_marks_and_line_ends(mark: bytes, delimiter: str, end: str) -> None:
    text = end.join(delimiter.join(row) for row in (["ID", " Round ", "Area Category"], ["a", "1", "x"])) + end
    assert read(mark + text.encode()).offices == {"a": {"round": 1, "area_category": "x"}}


def test_decimal_commas() -> None:
    assert read("id;size\na;1,5\nb;2\n").offices == {"a": {"size": 1.5}, "b": {"size": 2.0}}
    assert read('id,size\na,"1,5"\n').offices == {"a": {"size": 1.5}}


def test_blanks_between_thousands() -> None:
    assert read("id;size;rent\na;1 234,5;10 000\nb;2;2\u00a0345\u202f678\n").offices == {
        "a": {"size": 1234.5, "rent": 10000},
        "b": {"size": 2.0, "rent": 2345678},
    }
    assert read("id;post\na;123 45\n").offices == {"a": {"post": "123 45"}}


def test_whole_numbers_with_a_decimal_nought() -> None:
    assert read("id,round\na,1.0\nb,2\n").offices == {"a": {"round": 1}, "b": {"round": 2}}


def test_marks_that_an_editor_has_put_twice() -> None:
    assert read("\ufeff\ufeffid,name\na,b\n").offices == {"a": {"name": "b"}}


def test_dates_as_excel_keeps_them() -> None:
    assert read("id,target,start\na,44713,2021-06-01\n").offices == {"a": {"target": "2022-06-01", "start": "2021-06-01"}}


def test_whole_numbers_stay_numbers_in_attributes() -> None:
    assert read("id,size\na,44713\n").offices == {"a": {"size": 44713}}
    assert read("id,size\na,12345678901234567890\n").offices == {"a": {"size": "12345678901234567890"}}


def test_excels_own_first_line_and_blank_lines() -> None:
    table = read("sep=;\nid;round\n\na;1\n;\nb;2\n")
    assert table.offices == {"a": {"round": 1}, "b": {"round": 2}}
    assert table.lines == {"a": 4, "b": 6}


def test_cells_over_several_lines_keep_the_count() -> None:
    assert read('id,note\na,"x\ny"\nb,z\n').lines == {"a": 2, "b": 4}


def test_empty_columns_at_the_right_are_left_out() -> None:
    assert read("id,round,,\na,1,,\n").offices == {"a": {"round": 1}}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ["is empty; the first row names the columns, one of them id  [o.csv]"]),
        ("name,ort\nx,y\n", ['the first row must name a column id; it names "name", "ort"  [o.csv, line 1]']),
        ("idd,ort\nx,y\n", ['the first row must name a column id; it names "idd", "ort"  [o.csv, line 1]']),
        ("id,round,Round\na,1,1\n", ['the column "round" stands twice; keep one  [o.csv, line 1]']),
        (
            "id,round\na,1\n,2\na,3\n",
            [
                "offices: a row has no id; give one, or delete the row  [o.csv, line 3]",
                "offices.a: the id stands twice, first in line 2  [o.csv, line 4]",
            ],
        ),
        (
            "id,round,target,colocated\na,x,1/6/2022,maybe\nb,1.5,2022-02-30,\n",
            [
                'offices.a.round: "x" is not a whole number; write e.g. 2  [o.csv, line 2]',
                'offices.b.round: "1.5" is not a whole number; write e.g. 2  [o.csv, line 3]',
                'offices.a.target: "1/6/2022" is not a date; write it as 2022-06-01  [o.csv, line 2]',
                'offices.b.target: "2022-02-30" is not a date: there is no such day; write it as 2022-06-01  [o.csv, line 3]',
                'offices.a.colocated: "maybe" is neither true nor false; write true or false, yes or no, ja or nej  [o.csv, line 2]',
            ],
        ),
        ("id,round\na,1,extra\n", ['"extra" stands right of the last column; is a quote or a delimiter too many?  [o.csv, line 2]']),
        ("id,,round\na,x,1\n", ['"x" stands in a column without a name  [o.csv, line 2]']),
        ('id,round\na,"1\n', ['cannot be read as CSV: a quote (") opens a cell that does not end; close or delete it  [o.csv, line 2]']),
        (
            'id,round\na,"1"x\n',
            [
                "cannot be read as CSV: something stands after the closing quote of a cell; "
                'a quote inside a cell is written twice: "the ""old"" school"  [o.csv, line 2]'
            ],
        ),
        (
            "id,ort\na,Åre\n".encode("latin-1"),
            ['is not UTF-8: byte 0xC5 ("Å" in Windows-1252, as Excel saves); save it as "UTF-8" or "CSV UTF-8"  [o.csv, line 2]'],
        ),
        ("id\n".encode("utf-16"), ['is UTF-16, not UTF-8; save it as "UTF-8" or "CSV UTF-8"  [o.csv, line 1]']),
        ("id" + ",x" * 300 + "\n", ["has 301 columns; at most 200 are read  [o.csv, line 1]"]),
    ],
)
def test_faults_of_csv(content: str | bytes, expected: list[str]) -> None:
    assert faults(content) == expected


def test_too_many_offices() -> None:
    rows = "".join(f"o{i}\n" for i in range(MOST_OFFICES + 1))
    assert faults("id\n" + rows) == [f"has more than {MOST_OFFICES} offices  [o.csv, line {MOST_OFFICES + 2}]"]


def test_other_kinds_of_files() -> None:
    assert faults("id\n", "o.xls") == ['offices_file: "o.xls" is not a table of offices; use a .csv or .xlsx file']


def test_excel_is_read_as_csv_is() -> None:
    rows = [
        ["id", "name", "round", "target", "colocated", "code", "size", "opened", "left"],
        ["a", "Åre", 1, dt.date(2022, 6, 1), True, "0885", 1.5, dt.date(2020, 1, 1), None],
        ["b", None, 2.0, 44714, False, "2321", 2, None, None],
    ]
    table = read(excel(rows), "o.xlsx")
    assert table.offices == {
        "a": {"name": "Åre", "round": 1, "target": "2022-06-01", "colocated": True, "code": "0885", "size": 1.5, "opened": "2020-01-01"},
        "b": {"round": 2, "target": "2022-06-02", "colocated": False, "code": "2321", "size": 2.0},
    }
    assert table.lines == {"a": 2, "b": 3}


def test_faults_of_excel() -> None:
    assert faults(excel([["id", "round"], ["a", "x"]]), "o.xlsx") == [
        'offices.a.round: "x" is not a whole number; write e.g. 2  [o.xlsx, line 2]'
    ]
    assert faults(excel([]), "o.xlsx") == ["is empty; the first row names the columns, one of them id  [o.xlsx]"]
    assert faults(b"PK\x03\x04 no", "o.xlsx")[0].startswith("cannot be read as an Excel file (")


def test_an_archive_that_is_no_workbook() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert faults(buffer.getvalue(), "o.xlsx")[0].startswith("cannot be read as an Excel file (")


def test_an_archive_that_unpacks_without_end() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(201_000_000))
    assert faults(buffer.getvalue(), "o.xlsx") == ["unpacks to more than 200 MB  [o.xlsx]"]


@given(st.lists(st.lists(st.text("ab01,.-; \"'é\n", max_size=5), min_size=2, max_size=2), max_size=5))
def test_any_cells_are_read_or_told_off(rows: list[list[str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["id", "x"], *rows])
    ids = [row[0].strip() for row in rows]
    fine = all(ids[i] and ids.index(ids[i]) == i for i, row in enumerate(rows) if any(cell.strip() for cell in row))
    if fine:
        assert list(read(buffer.getvalue()).offices) == [i for i in ids if i]
    else:
        assert faults(buffer.getvalue())


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_told_off(data: bytes) -> None:
    for name in ("o.csv", "o.xlsx"):
        with suppress(InputError):
            assert read(b"id,x\n" + data, name).offices is not None
