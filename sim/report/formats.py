"""How dates, numbers and money are written, by the language of the reader.

Signs and patterns come from Babel's locale data; they are read once and applied here, because a report has ten thousand numbers and
Babel's own functions take 25 µs each. What is not known is written as an en dash.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sim.report.texts import Texts, texts

UNKNOWN = "–"
"""Written where a value is not known."""

LOCALES = {"sv": "sv_SE", "en": "en_GB"}
"""Babel's locale of each language."""

CURRENCY = "SEK"
"""All money is in kronor."""


@dataclass(frozen=True)
class Formats:
    """The formats of one language; each method takes ``None`` and NaN too."""

    language: str
    group: str
    point: str
    minus: str
    percent_pattern: str
    currency_pattern: str
    currency_sign: str
    months: Mapping[int, str] = field(repr=False)
    """Short names of the months."""
    t: Texts = field(repr=False)

    def number(self, value: float | None, decimals: int = 0) -> str:
        """A number with groups of thousands.

        >>> formats("sv").number(1234567.89, 1).replace(NBSP, " ")
        '1 234 567,9'
        >>> formats("sv").number(-0.04, 1)
        '0,0'
        """
        if unknown(value):
            return UNKNOWN
        text = f"{value:,.{decimals}f}"
        if text.startswith("-"):
            text = text[1:] if not text.strip("-0.,") else self.minus + text[1:]
        return text.replace(",", "\0").replace(".", self.point).replace("\0", self.group)

    def percent(self, share: float | None, decimals: int | None = None) -> str:
        """A share in per cent: whole ones, but one decimal from 99 % up and 1 % down, so that "100 %" is certain and "0 %" never.

        >>> formats("sv").percent(0.805, 1).replace(NBSP, " ")
        '80,5 %'
        >>> [formats("en").percent(p) for p in (0, 0.004, 0.345, 0.9999, 1)]
        ['0%', '0.4%', '34%', '> 99.9%', '100%']
        """
        if unknown(share):
            return UNKNOWN
        assert share is not None
        if decimals is None:
            if 0 < share < 0.001 or 0.999 < share < 1:
                return ("< " if share < 0.5 else "> ") + self._percent(0.1 if share < 0.5 else 99.9, 1)
            decimals = 1 if 0 < share < 0.01 or 0.99 <= share < 1 else 0
        return self._percent(share * 100, decimals)

    def _percent(self, value: float, decimals: int) -> str:
        return self.percent_pattern.replace("#", self.number(value, decimals))

    def interval(self, low: float | None, high: float | None) -> str:
        """An interval of shares.

        >>> formats("sv").interval(0.331, 0.352).replace(NBSP, " ")
        '33–35 %'
        """
        if unknown(low) or unknown(high):
            return UNKNOWN
        assert low is not None
        assert high is not None
        decimals = 0 if high - low >= 0.01 else 1
        low_text, high_text = self.number(low * 100, decimals), self.number(high * 100, decimals)
        text = low_text if low_text == high_text else f"{low_text}–{high_text}"
        return self.percent_pattern.replace("#", text)

    def money(self, kronor: float | None, decimals: int = 0) -> str:
        """Kronor.

        >>> formats("sv").money(1234567).replace(NBSP, " "), formats("en").money(1234567).replace(NBSP, " ")
        ('1 234 567 kr', 'SEK 1,234,567')
        """
        return UNKNOWN if unknown(kronor) else self._currency(self.number(kronor, decimals), self.currency_sign)

    def millions(self, kronor: float | None, decimals: int = 1) -> str:
        """Kronor in millions.

        >>> formats("sv").millions(48_250_000).replace(NBSP, " "), formats("en").millions(48_250_000).replace(NBSP, " ")
        ('48,2 mnkr', 'SEK 48.2 m')
        """
        if unknown(kronor):
            return UNKNOWN
        assert kronor is not None
        return self.t("SEK {amount} m", amount=self.number(kronor / 1e6, decimals)).replace(" ", NBSP)

    def _currency(self, amount: str, sign: str) -> str:
        return self.currency_pattern.replace("#", amount).replace("¤", sign)

    def date(self, value: dt.date | None) -> str:
        """A date, as ``2022-06-01`` in every language.

        >>> formats("sv").date(dt.date(2022, 6, 1))
        '2022-06-01'
        """
        return UNKNOWN if value is None else value.isoformat()[:10]

    def week(self, value: dt.date | None) -> str:
        """The ISO week of a date, with the year where that differs from the date's.

        >>> formats("sv").week(dt.date(2022, 12, 1)).replace(NBSP, " "), formats("en").week(dt.date(2021, 1, 1)).replace(NBSP, " ")
        ('v. 48', 'week 53 of 2020')
        """
        if value is None:
            return UNKNOWN
        year, week, _ = value.isocalendar()
        if year == value.year:
            return self.t("week {week}", week=week).replace(" ", NBSP)
        return self.t("week {week} of {year}", week=week, year=year).replace(" ", NBSP)

    def month(self, value: dt.date | None) -> str:
        """A month.

        >>> formats("sv").month(dt.date(2022, 6, 1)), formats("en").month(dt.date(2022, 6, 1))
        ('juni 2022', 'Jun 2022')
        """
        return UNKNOWN if value is None else f"{self.months[value.month]} {value.year}"

    def days(self, value: float | None, decimals: int = 0) -> str:
        """A number of days.

        >>> formats("sv").days(1).replace(NBSP, " "), formats("en").days(-12).replace(NBSP, " ")
        ('1 dag', '-12 days')
        """
        if unknown(value):
            return UNKNOWN
        text = self.number(value, decimals)
        return self.t.n("{n} day", "{n} days", 1 if text == "1" else 2, n=text).replace(" ", NBSP)

    def points(self, share: float | None) -> str:
        """A difference between shares, in percentage points with its sign.

        >>> formats("sv").points(-0.034).replace(NBSP, " ")
        '−3,4 procentenheter'
        """
        if unknown(share):
            return UNKNOWN
        assert share is not None
        return self.t("{n} percentage points", n=self.signed(share * 100, 1)).replace(" ", NBSP, 1)

    def signed(self, value: float | None, decimals: int = 0) -> str:
        """A number with its sign; nothing has none.

        >>> formats("en").signed(3.14, 1), formats("en").signed(0.01, 1)
        ('+3.1', '0.0')
        """
        text = self.number(value, decimals)
        return f"+{text}" if value is not None and value > 0 and text.strip("0.,") else text


def unknown(value: Any) -> bool:
    """Whether there is no number."""
    return value is None or (isinstance(value, float) and math.isnan(value))


NBSP = "\N{NO-BREAK SPACE}"
"""Keeps a number and its unit on one line."""


@cache
def formats(language: str) -> Formats:
    """The formats of a language."""
    from babel import Locale

    locale = Locale.parse(LOCALES.get(language, "en_GB"))
    signs = locale.number_symbols["latn"]
    currency = locale.currency_formats["standard"].pattern.split(";")[0]
    return Formats(
        language=language,
        group=signs["group"],
        point=signs["decimal"],
        minus=signs["minusSign"],
        percent_pattern=_pattern(locale.percent_formats[None].pattern),
        currency_pattern=_pattern(currency) if "¤#" not in currency else f"¤{NBSP}#",  # "SEK 1", not "SEK1": CLDR's rule for letters
        currency_sign=locale.currency_symbols.get(CURRENCY, CURRENCY),
        months={number: name for number, name in locale.months["format"]["abbreviated"].items() if isinstance(number, int)},
        t=texts(language),
    )


def _pattern(pattern: str) -> str:
    """Babel's pattern with one ``#`` where the number goes."""
    import re

    return re.sub(r"[#0][#0,.]*", "#", pattern)
