"""``etablera export``: pictures, a workbook, or tables for a spreadsheet from a run folder."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import LanguageOption, Quiet, RunFolder
from sim.cli.status import guarded

if TYPE_CHECKING:
    from sim.results import SavedRun


class Picture(str, Enum):  # noqa: UP042
    """Kinds of picture."""

    svg = "svg"
    png = "png"


@guarded
def export(
    run: RunFolder,
    charts: Annotated[Picture | None, typer.Option("--charts", help="Every chart as a picture.")] = None,
    csv: Annotated[
        bool, typer.Option("--csv", help="Tables as a spreadsheet of the language reads them (Swedish: ; and decimal comma).")
    ] = False,
    report: Annotated[bool, typer.Option("--report", help="The report as a page, report.html.")] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="The report as a workbook with every row, report.xlsx.")] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where the files go. [the run folder's export/]")] = None,
    language: LanguageOption = None,
    quiet: Quiet = False,
) -> None:
    """Make pictures, a page or spreadsheet tables from a run folder."""
    from sim.errors import Fault, InputError, ResultsError
    from sim.results import load

    if not (charts or csv or report or xlsx):
        raise InputError(Fault("", "nothing to export; give --charts svg, --charts png, --csv, --report or --xlsx"))
    saved, folder = load(run), out or run / "export"
    spoken = language.value if language else saved.scenario.scenario.language
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = _charts(saved, folder, charts, spoken) if charts else []
        written += _tables(saved, folder, spoken) if csv else []
        written += _page(saved, folder, spoken) if report else []
        written += _book(saved, folder, spoken) if xlsx else []
    except OSError as error:
        raise ResultsError(f"{folder}: cannot be written: {error.strerror or error}") from None
    if not quiet:
        for path in written:
            typer.echo(path)


def _charts(saved: SavedRun, folder: Path, kind: Picture, language: str) -> list[Path]:
    from sim.cli.papers import report_input
    from sim.report.catalogue import charts

    written = []
    for chart in charts(report_input(saved, language)):
        path = folder / f"{chart.name}.{kind.value}"
        path.write_bytes(chart.png() if kind is Picture.png else chart.svg().encode())
        written.append(path)
    return written


def _tables(saved: SavedRun, folder: Path, language: str) -> list[Path]:
    written = []
    for name, table in saved.tables().items():
        path = folder / f"{name}.csv"
        path.write_bytes(spreadsheet(table.csv(), language).encode("utf-8-sig"))
        written.append(path)
    return written


def spreadsheet(text: str, language: str) -> str:
    r"""CSV as a spreadsheet of a language reads it.

    >>> spreadsheet('office,p\n"Boden, norra",0.25\nv1.2,1\n', "sv")
    'office;p\nBoden, norra;0,25\nv1.2;1\n'
    """
    import csv
    import io

    if language != "sv":
        return text
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    for row in csv.reader(io.StringIO(text)):
        writer.writerow([_comma(cell) for cell in row])
    return out.getvalue()


def _comma(cell: str) -> str:
    """A number with its decimal comma; anything else as it is."""
    whole, point, rest = cell.partition(".")
    is_number = point and rest.isdigit() and whole.removeprefix("-").isdigit()
    return f"{whole},{rest}" if is_number else cell


def _page(saved: SavedRun, folder: Path, language: str) -> list[Path]:
    from sim.cli.papers import report_input
    from sim.report.html import write_html

    return [write_html(report_input(saved, language), folder / "report.html")]


def _book(saved: SavedRun, folder: Path, language: str) -> list[Path]:
    from sim.cli.papers import report_input
    from sim.report.excel import write_xlsx

    return [write_xlsx(report_input(saved, language), folder / "report.xlsx")]
