"""Numbers, money and dates as the languages write them: against Babel's own functions, and by hand."""

from __future__ import annotations

import datetime as dt
import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent
from hypothesis import given
from hypothesis import strategies as st

from sim.report.formats import LOCALES, NBSP, formats
from sim.report.texts import LANGUAGES, texts

REPORT = Path(__file__).parent.parent / "sim" / "report"


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


@pytest.mark.parametrize("language", LANGUAGES)
@given(value=st.floats(-1e12, 1e12), decimals=st.integers(0, 3))
def test_numbers_are_as_babel_writes_them(language: str, value: float, decimals: int) -> None:
    value = round(value, decimals)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    expected = format_decimal(value, pattern, locale=LOCALES[language])
    if set(expected) & set("123456789"):
        assert formats(language).number(value, decimals).replace("\N{MINUS SIGN}", "-") == expected


@pytest.mark.parametrize(("language", "locale"), LOCALES.items())
def test_shares_are_as_babel_writes_them(language: str, locale: str) -> None:
    for share in (0.125, 0.34, 0.8):
        assert formats(language).percent(share) == format_percent(share, locale=locale)
    assert formats(language).percent(0.125, 1) == format_percent(0.125, locale=locale, decimal_quantization=False)


def test_kronor_are_as_babel_writes_them() -> None:
    swedish = format_currency(1_234_567, "SEK", "#,##0 ¤", locale="sv_SE", currency_digits=False)
    assert plain(formats("sv").money(1_234_567)) == plain(swedish) == "1 234 567 kr"
    assert plain(formats("sv").money(1_234_567.5, 2)) == "1 234 567,50 kr"


def test_the_conventions() -> None:
    f = formats("sv")
    assert f.date(dt.date(2022, 6, 1)) == "2022-06-01"
    assert plain(f.week(dt.date(2022, 12, 1))) == "v. 48"
    assert plain(f.percent(0.805, 1)) == "80,5 %"
    assert plain(f.days(1)) == "1 dag"
    assert plain(f.days(21.6)) == "22 dagar"
    assert plain(f.interval(0.331, 0.352)) == "33–35 %"


@pytest.mark.parametrize("method", ["number", "percent", "money", "millions", "date", "week", "month", "days", "points"])
def test_the_unknown_is_a_dash(method: str) -> None:
    assert getattr(formats("sv"), method)(None) == "–"


def test_a_certain_chance_is_told_from_an_almost_certain_one() -> None:
    f = formats("en")
    assert [f.percent(p) for p in (1, 0.99996, 0.995, 0.0004, 0)] == ["100%", "> 99.9%", "99.5%", "< 0.1%", "0%"]


# --- texts ---


def marked() -> set[tuple[str, ...]]:
    """Every text that the source marks; a pair where a number decides the form."""
    found = set()
    for path in REPORT.rglob("*.py"):
        if path.parent.name != "texts":
            found |= {_pair(m) for _, m, _, _ in extract("python", BytesIO(path.read_bytes()), keywords={"t": None, "n": (1, 2)})}
    for path in REPORT.rglob("*.html"):
        found |= {_pair(m) for _, m, _, _ in extract("jinja2.ext:babel_extract", BytesIO(path.read_bytes()), keywords={"t": None})}
    return found


def _pair(message: str | tuple[str, ...]) -> tuple[str, ...]:
    return (message,) if isinstance(message, str) else tuple(message)


def catalogue(language: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    with (REPORT / "texts" / f"{language}.po").open("rb") as file:
        return {_pair(m.id): _pair(m.string) for m in read_po(file, locale=language) if m.id}


def test_every_text_is_translated_and_every_translation_used() -> None:
    assert len(marked()) > 150
    for language in set(LANGUAGES) - {"en"}:
        known = catalogue(language)
        assert marked() - set(known) == set()
        assert set(known) - marked() == set()
        assert [key for key, forms in known.items() if not all(forms) or len(forms) != len(key)] == []


def test_no_translation_is_doubtful() -> None:
    for path in (REPORT / "texts").glob("*.po"):
        assert "#, fuzzy" not in path.read_text("utf-8")


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_translations_have_the_same_gaps_to_fill(language: str) -> None:
    def gaps(text: str) -> set[str]:
        return set(re.findall(r"{(\w*)}", text))

    for key, forms in catalogue(language).items():
        for form in forms:
            assert gaps(form) - {"n"} == gaps(key[-1]) - {"n"}, key


def test_names_of_a_scenario_come_in_the_readers_language() -> None:
    t = texts("sv")
    assert t.of({"sv": "Litet", "en": "Small"}) == "Litet"
    assert t.of({"en": "Small"}) == "Small"
    assert t.of({}, "small") == "small"
    assert texts("en").of({"sv": "Litet"}, "small") == "Litet"
