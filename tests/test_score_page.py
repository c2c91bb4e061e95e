"""The page of how good a forecast was: it says what the verdict and the CSV tables say, in both languages, and makes sense when empty."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path

import pytest
from score_data import COUNTS, HOSTILE, KNOWN, day, scored
from test_report_agrees import Page
from test_report_html import charts_of

from sim.analysis.scores import NEVER, Outcome
from sim.report.charts.track import charts_of as pictures
from sim.report.formats import NBSP, UNKNOWN, Formats
from sim.report.model import ReportInput
from sim.report.scored import write_score_html
from sim.report.verdict import verdict


def page_of(given: ReportInput, about: dict, folder: Path) -> str:
    return write_score_html(given, about, folder / "score.html").read_text("utf-8")


@pytest.fixture(scope="module", params=["sv", "en"])
def given(request) -> tuple[ReportInput, dict]:
    return scored(request.param)


@pytest.fixture(scope="module")
def text(given, tmp_path_factory) -> str:
    return page_of(*given, tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def tables(text) -> list[list[list[str]]]:
    """Heads and rows of each table, in order."""
    return [[[cell.replace(NBSP, " ") for cell in row] for row in rows] for rows in Page(text).tables.values()]


def told(given: ReportInput, name: str) -> list[dict[str, str]]:
    """What the CSV file says."""
    return list(csv.DictReader(io.StringIO(given.table(name).csv())))


def said(text: str) -> list[str]:
    """The sentences of the answer."""
    answer = re.search(r'<ul class="points">(.*?)</ul>', text, re.DOTALL)[1]
    return [unescape(re.sub(r"<[^>]+>", "", item)) for item in re.findall(r"<li>(.*?)</li>", answer)]


def body_of(text: str) -> str:
    """The page without its scripts and their data."""
    return text.split("<script", maxsplit=1)[0]


def test_the_page_begins_with_the_sentences_of_the_verdict(given, text: str) -> None:
    run, about = given
    assert said(text) == verdict(run, about)
    assert len(said(text)) == 12
    expected = {"sv": "6, varav 5 öppnade och 1 ännu inte öppna", "en": "6, of which 5 opened and 1 not yet open"}
    assert f"<dd>{expected[run.language]}</dd>" in text
    round_1 = {"sv": "2022-03-04 (Omgång 1): 2 öppna; ", "en": "2022-03-04 (Round 1): 2 open; "}
    assert said(text)[-1].startswith(round_1[run.language])
    assert text.index('class="points"') < text.index(str(day(120))) < text.index('<section id="offices">')


WORDS = {
    "sv": ["inom", "utanför, tidigare", "utanför, senare", "inom", "inte känt än", "inte känt än"],
    "en": ["inside", "outside, earlier", "outside, later", "inside", "not known yet", "not known yet"],
}
IN_TIME = {"sv": ["ja", "ja", "nej", "ja", "ja", "inte känt än"], "en": ["yes", "yes", "no", "yes", "yes", "not known yet"]}
HAPPENED = {
    "sv": [*map(str, (day(50), day(22), day(115))), f"öppet senast {day(70)}, inte {day(50)}", f"öppet senast {day(60)}",
           f"ännu inte öppet {day(120)}"],
    "en": [*map(str, (day(50), day(22), day(115))), f"open by {day(70)}, not on {day(50)}", f"open by {day(60)}",
           f"not yet open on {day(120)}"],
}  # fmt: skip


def test_each_office_is_told_with_its_forecast_what_happened_and_the_plan(given, tables) -> None:
    """Quantiles by hand: of a hundred futures a day apart the tenth, fiftieth, eightieth and ninetieth."""
    run, _ = given
    f, language = run.f, run.language
    _, *rows = tables[0]
    assert [row[0] for row in rows] == [HOSTILE, "b", "c", "d", "e", "f"]
    assert [row[1] for row in rows] == HAPPENED[language]
    assert [row[2] for row in rows] == WORDS[language]
    assert [row[3] for row in rows] == IN_TIME[language]
    for row, first in zip(rows, (20, 20, 20, 20, 20, 60), strict=True):
        assert row[4:8] == [str(day(first + k)) for k in (9, 49, 79, 89)]
    assert [row[8] for row in rows] == [f.signed(50 - 69), f.signed(22 - 69), "+46", UNKNOWN, UNKNOWN, UNKNOWN]
    plans = [str(day(60)), f"{day(45)} *", str(day(60)), f"{day(45)} *", f"{day(45)} *", str(day(100))]
    assert [row[9] for row in rows] == plans
    assert [row[10] for row in rows] == [f.number(float(line["crps"]), 1) for line in told(run, "score_offices")]


@dataclass(frozen=True)
class Cells:
    """Cells of the page as they are to be, from a line of a CSV file."""

    f: Formats

    def numbers(self, line: dict[str, str], decimals: int, *names: str) -> list[str]:
        return [self.f.number(float(line[name]), decimals) if line[name] else UNKNOWN for name in names]

    def shares(self, line: dict[str, str], *names: str) -> list[str]:
        return [self.f.percent(float(line[name])).replace(NBSP, " ") if line[name] else UNKNOWN for name in names]

    def range(self, line: dict[str, str], low: str = "low", high: str = "high") -> str:
        return self.f.interval(float(line[low]), float(line[high])).replace(NBSP, " ")


def test_coverage_and_rivals_are_those_of_the_csv_files(given, tables) -> None:
    run, _ = given
    f, to, c = run.f, run.t("{low} to {high}"), Cells(run.f)
    coverage, tenths, whole, rivals, errors = (rows[1:] for rows in tables[1:6])
    assert [row[1:8] for row in coverage] == [
        [*c.numbers(line, 0, "offices", "inside", "outside", "unknown"), *c.shares(line, "coverage", "nominal"), c.range(line)]
        for line in told(run, "score_coverage")
    ]
    assert tenths == [[c.range(line, "from", "to"), *c.shares(line, "share"), c.range(line)] for line in told(run, "score_pit")]
    for row, line, decimals in zip(whole, told(run, "score_summary"), (1, 2, 2), strict=True):
        found, low, high = c.numbers(line, decimals, "found", "low", "high")
        assert row[1:4] == [line["offices"], found, to.format(low=low, high=high)]
    for row, line in zip(rivals, told(run, "score_rivals"), strict=True):
        gain, low, high = (f.signed(float(line[name]), 1) for name in ("gain", "low", "high"))
        scores = c.numbers(line, 1, "forecast", "rival_score")
        assert row[1:7] == [line["offices"], *scores, gain, to.format(low=low, high=high), *c.shares(line, "skill")]
    names = {"old": run.t.of(run.scenario.reference_class["old"].name), "": ""}
    assert [row[1:] for row in errors] == [
        [*c.numbers(line, 1, "crps", "crps_plan", "crps_reference"), names[line["reference"]]] for line in told(run, "score_offices")
    ]
    assert [len(rows) for rows in (coverage, tenths, whole, rivals, errors)] == [3, 10, 3, 2, 6]


def test_chances_and_counts_are_those_of_the_csv_files(given, tables) -> None:
    run, _ = given
    c = Cells(run.f)
    brier, reliability, chances, counts = (rows[1:] for rows in tables[6:10])
    for row, line in zip(brier, told(run, "score_brier"), strict=True):
        scores = c.numbers(line, 3, "brier", "expected", "brier_plan", "brier_reference", "brier_half")
        assert row[1:] == [line["chances"], *c.shares(line, "mean_chance", "happened"), *scores]
    assert reliability == [
        [c.range(line, "from", "to"), line["chances"], *c.shares(line, "mean_chance", "happened"), c.range(line)]
        for line in told(run, "score_reliability")
    ]
    came = {"true": run.t("yes"), "false": run.t("no")}
    for row, line in zip(chances, told(run, "score_chances"), strict=True):
        reference = [*c.shares(line, "chance_reference"), *c.numbers(line, 3, "brier_reference")]
        own = [line["by"], *c.shares(line, "chance"), came[line["happened"]], *c.numbers(line, 3, "brier", "brier_plan")]
        assert row[2:] == [*own, *reference]
    for row, line in zip(counts, told(run, "score_counts"), strict=True):
        errors = [*c.numbers(line, 1, "rps"), line["planned"], *c.numbers(line, 1, "rps_plan")]
        reference = [*c.numbers(line, 0, "reference_p50"), *c.numbers(line, 1, "rps_reference")]
        assert [row[0], *row[2:7], *row[8:]] == [line["date"], *c.numbers(line, 0, "of", "open", "p10", "p50", "p90"), *errors, *reference]
    assert [len(rows) for rows in (brier, reliability, chances, counts)] == [2, 3, 5, 2]


def test_the_tables_say_what_may_be_said(given, tables) -> None:
    """On day 114 five were open: of the forecast's hundred futures 95 have six or seven. Of round 1 two were on day 60, as forecast."""
    run, _ = given
    assert [row[7] for row in tables[9][1:]] == [run.t("outside the forecast's P10 to P90"), run.t("as forecast")]
    says = {"better": run.t("the forecast is better"), "worse": run.t("the forecast is worse"), "cannot tell": run.t("cannot tell")}
    assert [row[7] for row in tables[4][1:]] == [says[line["verdict"]] for line in told(run, "score_rivals")]
    says = {"as it should": run.t("as it should be"), "too few": run.t("too few"), "too many": run.t("too many")}
    assert [row[8] for row in tables[1][1:]] == [says[line["verdict"]] for line in told(run, "score_coverage")]


def test_nothing_is_left_unsaid_and_no_name_does_harm(given, text: str) -> None:
    body = body_of(text)
    assert re.findall(r"\bNone\b|\bnan\b|\bNaN\b|{\w*}|\bTrue\b|\bFalse\b", body) == []
    assert escape(HOSTILE) in body
    assert HOSTILE not in body
    assert json.dumps(HOSTILE, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e") in text


def test_the_page_can_be_traced(given, text: str) -> None:
    facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text))
    found = {name: facts[name] for name in ("run_id", "seed", "replications", "versions.etablera", "score.id")}
    assert list(found.values()) == ["0123456789ab", "7", "100", "9.8.7", "ba9876543210"]
    assert "default-src 'none'" in text


def test_every_picture_stands_on_the_page_with_what_it_shows_in_words(given, text: str) -> None:
    run, _ = given
    drawn = pictures(run.f, run.tables)
    assert [chart.name for chart in drawn] == list(charts_of(text)["charts"]) == ["outcomes", "pit", "reliability"]
    for chart in drawn:
        figure = re.search(rf'<figure id="figure-{chart.name}">.*?</figure>', text, re.DOTALL)[0]
        assert f'aria-label="{escape(chart.description)}"' in figure
        assert "<table" in figure or chart.name == "outcomes", "the numbers of the offices stand in the table above"
        assert chart.altair().to_dict()["description"] == chart.description


def test_each_office_is_drawn_with_what_is_known_of_it(given) -> None:
    run, _ = given
    [chart, *_] = pictures(run.f, run.tables)
    assert [point["state"] for point in chart.spec["data"]["values"]] == ["opened"] * 3 + ["between"] * 2 + ["waiting"]
    marks = {layer["transform"][0]["filter"]: layer["encoding"]["x"]["field"] for layer in chart.spec["layer"] if "transform" in layer}
    assert marks == {
        "datum.state === 'opened'": "opened",
        "datum.state === 'between'": "not_open_on",
        "datum.state === 'waiting'": "not_open_on",
    }
    opened, _ = scored("sv", {"a": KNOWN["a"]})
    [chart, *_] = pictures(opened.f, opened.tables)
    assert sum("transform" in layer for layer in chart.spec["layer"]) == 1, "only what there is: an axis cannot span what is nowhere"


def sections_of(text: str) -> list[str]:
    return re.findall(r'<section id="(\w+)">', text)


def test_without_rivals_and_targets_the_page_says_so(tmp_path) -> None:
    bare = {"targets": {}, "reference_class": {}, "offices": {id_: {} for id_ in KNOWN}}
    text = page_of(*scored("en", counts=(), **bare), tmp_path)
    assert sections_of(text) == ["answer", "offices", "coverage", "rivals", "chances", "ground"]
    assert "There is no reference class that fits, so the plan is the only rival." in text
    assert "No chance is scored: of no target and of no office&#39;s own date is it known whether it was held." in text
    assert "Reference class" not in body_of(text)
    assert list(charts_of(text)["charts"]) == ["outcomes", "pit"]


def test_offices_that_could_not_have_opened_yet_say_nothing(tmp_path) -> None:
    early = {"a": Outcome(11, NEVER), "b": Outcome(11, NEVER)}
    text = page_of(*scored("sv", early, counts=(), as_of=10), tmp_path)
    assert "Inget kan sägas än: ingen framtid hade något av dessa kontor öppet så tidigt." in text
    assert text.count(f'ännu inte öppet <span class="nb">{day(10)}</span>') == 2
    assert "pit" not in charts_of(text)["charts"]


def test_an_office_that_says_nothing_beside_one_that_does_is_told(tmp_path, text: str) -> None:
    """On day 54 f is open in no future."""
    early = page_of(*scored("en", {"a": KNOWN["a"], "f": Outcome(55, NEVER)}, counts=(), as_of=54), tmp_path)
    assert "1 office that no future had open so early says nothing here and is left out." in early
    assert not re.search("nothing here and|inget här och", text)


@pytest.mark.parametrize(("known", "counts"), [({}, COUNTS), ({"g": KNOWN["g"]}, ())], ids=["counts alone", "known to the forecast"])
def test_without_a_scored_office_the_page_still_makes_sense(tmp_path, known: dict, counts: tuple) -> None:
    given, about = scored("en", known, counts, as_of=50, targets={})
    text = page_of(given, about, tmp_path)
    assert "No office is scored: of none is anything known that the forecast did not know." in text
    assert sections_of(text) == ["answer", "offices", "chances", *(["counts"] if counts else []), "ground"]
    assert said(text) == verdict(given, about) != []
    assert charts_of(text)["charts"] == {}
    if known:
        assert said(text) == ["1 office is left out: the forecast knew its day already."]
        assert re.search(r"<dt>Left out, their day was known</dt><dd>1</dd>", text)


def test_weeks_on_an_axis_of_time_have_their_day_and_months_have_none() -> None:
    run, _ = scored("en")
    labels = re.findall(r"<text[^>]*>(\d* ?[A-Z][a-z]{2})<", pictures(run.f, run.tables)[0].svg())
    assert {"9 Jan", "16 Jan", "27 Mar", "May"} <= set(labels)
    assert len(labels) == len(set(labels))


def test_of_very_many_offices_the_first_are_drawn_and_long_tables_are_folded(tmp_path, monkeypatch) -> None:
    for module in ("sim.report.scored", "sim.report.charts.track"):
        monkeypatch.setattr(f"{module}.MOST_OFFICES", 2)
    monkeypatch.setattr("sim.report.sections_score.FOLDED", 5)
    text = page_of(*scored("en"), tmp_path)
    assert "Only the first 2 offices are drawn." in text
    assert len(charts_of(text)["charts"]["outcomes"]["data"]["values"]) == 2
    assert len(Page(text).tables["The offices"]) == 1 + 6
    assert re.findall(r'<div class="folded">\s*<h3>(.*?)</h3>', text) == ["Error of each office"], "six rows; of chances there are five"
