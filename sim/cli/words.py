"""What the terminal says, in the language of the reader. English stands where it is used, Swedish here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

SWEDISH: Mapping[str, str] = {
    "Office": "Kontor",
    "Type": "Typ",
    "Planned": "Planerat",
    "Chance to hold": "Chans att hålla",
    "Targets": "Mål",
    "Cost by year, SEK (± half of the 95 % interval)": "Kostnad per år, kronor (± halva 95-procentsintervallet)",
    "Year": "År",
    "M": "mn",
    "Mean": "Medel",
    "holds": "håller",
    "does not hold": "håller inte",
    "cannot be told at this many futures": "går inte att säga med så här många framtider",
    "{name}: {p} ({interval}); asked for {asked}: {verdict}.": "{name}: {p} ({interval}); krav {asked}: {verdict}.",
    "{date} holds with {asked}.": "{date} håller med {asked}.",
    "No date holds with {asked}.": "Inget datum håller med {asked}.",
    "By {date}, {k} of {of} are safe with {asked}.": "Till {date} är {k} av {of} säkra med {asked}.",
    "{n} futures, seed {seed}, {seconds} s": "{n} framtider, frö {seed}, {seconds} s",
    "Sobol: intervals of openings and targets from 16 randomisations, others as for independent futures": (
        "Sobol: intervall för öppningar och mål från 16 oberoende slumpningar, övriga som för oberoende framtider"
    ),
    "{width} reached with {n} futures": "{width} nått med {n} framtider",
    "{width} is the best after {n} futures; {aim} would take more": "{width} är det bästa efter {n} framtider; {aim} skulle ta fler",
    "… and {n} more in {file}": "… och {n} till i {file}",
    "What happens": "Vad som händer",
    "{n} events stand in {file}; --office shows those of one office.": "{n} händelser står i {file}; --office visar ett kontors.",
    "{n} futures, seed {seed}": "{n} framtider, frö {seed}",
    "Opens": "Öppnar",
    "Days late": "Dagar sent",
    "Open by then in": "Öppet då i",
    "Most days went to": "Flest dagar gick till",
    "{b} against {a}": "{b} mot {a}",
    "What was changed": "Vad som ändrats",
    "Nothing that makes other futures.": "Inget som ger andra framtider.",
    "Differences": "Skillnader",
    "Question": "Fråga",
    "Difference": "Skillnad",
    "Verdict": "Bedömning",
    "The date held with 80 %": "Datumet som håller med 80 %",
    "Days": "Dagar",
    "Earlier in": "Tidigare i",
    "The curve that was searched": "Kurvan som söktes igenom",
    "Chance": "Chans",
    "Enough": "Räcker",
    "yes": "ja",
    "no": "nej",
    "cannot tell": "går inte att säga",
    "Answer": "Svar",
    "Interval, 95 %": "Intervall, 95 %",
    "{points} points, {n} futures each, the same for all": "{points} punkter, {n} framtider var, samma för alla",
    "No answer where futures come to a dead end: {note}": "Inget svar där framtider inte kan gå vidare: {note}",
    "Compiling the engine, once; it may take a minute.": "Kompilerar motorn, en gång; det kan ta en minut.",
    "Activity": "Aktivitet",
    "Actor": "Utförare",
    "Length": "Längd",
    "Undelayed": "Utan störning",
    "Days to spare": "Dagar till godo",
    "Assumptions": "Antaganden",
    "Grade": "Grad",
    "Place": "Plats",
    "Source": "Källa",
    "Pools": "Resurser",
    "Risks": "Risker",
    "Warnings": "Varningar",
    "No warnings.": "Inga varningar.",
    "Changes against the base": "Ändringar mot grundscenariot",
    "No changes against a base.": "Inga ändringar mot något grundscenario.",
    "meeting {name}": "möte {name}",
    "opening day": "öppningsdag",
    "Medians, no risks, no queues": "Medianer, inga risker, inga köer",
    "starts {date}, {n} futures, seed {seed}": "börjar {date}, {n} framtider, frö {seed}",
    "{n} offices": "{n} kontor",
    "{n} activities": "{n} aktiviteter",
    "{units} units": "{units} enheter",
    "none": "ingen",
    "Cases": "Fall",
    "Unfinished": "Pågår",
    "Family": "Familj",
    "Median, days": "Median, dagar",
    "P80, days": "P80, dagar",
    "{name}: had the unfinished cases been dropped, the median would be {dropped} days, not {median}.": (
        "{name}: utan de fall som pågår hade medianen blivit {dropped} dagar, inte {median}."
    ),
    "{name}: the records lie far from the fitted law (p = {p}); see the picture.": (
        "{name}: utfallen ligger långt från den anpassade fördelningen (p = {p}); se bilden."
    ),
    "{name}: {n} finished cases hardly tell the families apart.": "{name}: {n} avslutade fall räcker knappt för att skilja familjerna åt.",
    "{name}: the scenario has a median of {median} days.": "{name}: scenariot har medianen {median} dagar.",
    "{name} is left as it is: {reason}.": "{name} lämnas som den är: {reason}.",
    "it has no duration in the scenario, but a meeting or an opening day": (
        "den har ingen längd i scenariot, utan ett möte eller en öppningsdag"
    ),
    "its cases took a day or less; give it a fixed duration": "dess fall tog högst en dag; ge den en fast längd",
    "fewer than 5 of its cases have finished": "färre än 5 av dess fall är avslutade",
    "Status {date}": "Läget {date}",
    "{n} offices of which something is known": "{n} kontor som något är känt om",
    "Finished": "Färdiga",
    "Last": "Senast",
    "Under way": "Pågår",
    "opened {date}": "öppnade {date}",
    "{done} finished lengths and {going} that go on, in days of each activity's calendar": (
        "{done} färdiga längder och {going} som pågår, i dagar enligt aktivitetens kalender"
    ),
    "Known": "Kända",
    "Taken": "Tagit",
    "Before": "Före",
    "After": "Efter",
    "Factor": "Faktor",
    "Known: finished + under way. Taken: of the estimate, in the mean. Factor: on the median, with 8 of 10.": (
        "Kända: färdiga + pågående. Tagit: av skattningen, i medel. Faktor: på medianen, med 8 av 10."
    ),
    "correlation.activity is 0: what one office's permits tell of others' goes through the whole programme, if at all.": (
        "correlation.activity är 0: vad ett kontors bygglov säger om andras går genom hela programmet, om alls."
    ),
    "{office}: {activity} took {days} days, which its duration does not allow; left out.": (
        "{office}: {activity} tog {days} dagar, vilket skattningen inte tillåter; räknas inte."
    ),
}
"""Swedish by English text."""


class Words:
    """The texts and formats of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.point = "," if language == "sv" else "."

    def __call__(self, text: str, **values: Any) -> str:
        """A text, with ``{name}`` replaced by the values."""
        found = SWEDISH.get(text, text) if self.language == "sv" else text
        return found.format(**values) if values else found

    def number(self, value: float, decimals: int = 0) -> str:
        """A number with a space between thousands.

        >>> Words("sv").number(1234567.25, 1), Words("en").number(1234567)
        ('1 234 567,2', '1 234 567')
        """
        return f"{value:,.{decimals}f}".replace(",", " ").replace(".", self.point)

    def percent(self, share: float | None) -> str:
        """A share in per cent; what is neither never nor always does not look so.

        >>> [Words("en").percent(p) for p in (0, 0.0004, 0.005, 0.345, 0.9996, 1)]
        ['0 %', '<0.1 %', '0.5 %', '34 %', '>99.9 %', '100 %']
        """
        if share is None:
            return "–"
        if 0 < share < 0.001 or 0.999 < share < 1:
            return f"<0{self.point}1 %" if share < 0.5 else f">99{self.point}9 %"
        return f"{self.number(share * 100, 1 if 0 < share < 0.01 or 0.99 <= share < 1 else 0)} %"

    def interval(self, low: float, high: float) -> str:
        """An interval of shares; with a decimal where it is narrow.

        >>> Words("en").interval(0.331, 0.352), Words("sv").interval(0.0296, 0.0361)
        ('33–35 %', '3,0–3,6 %')
        """
        decimals = 0 if high - low >= 0.01 else 1
        return f"{self.number(low * 100, decimals)}–{self.number(high * 100, decimals)} %"

    def money(self, kronor: float | None) -> str:
        """Kronor.

        >>> Words("en").money(1234567.4)
        '1 234 567 kr'
        """
        return "–" if kronor is None else f"{self.number(kronor)} kr"

    def millions(self, kronor: float) -> str:
        """Kronor in millions, with two digits that count.

        >>> [Words("en").millions(kronor) for kronor in (25_425_170.0, 3_425_170.0, 243_205.0, 4_223.0, 0.0)]
        ['25 M', '3.4 M', '0.24 M', '0.004 M', '0 M']
        """
        size = kronor / 1e6
        decimals = 0 if size >= 10 or size == 0 else 1 if size >= 1 else 2 if size >= 0.1 else 3
        return f"{self.number(size, decimals)} {self('M')}"

    def date(self, value: dt.date | None) -> str:
        """A date as ``2022-06-01``."""
        return "–" if value is None else value.isoformat()

    def of(self, name: str | Mapping[Any, str], default: str = "") -> str:
        """A text of the scenario."""
        if isinstance(name, str):
            return name or default
        return name.get(self.language) or next(iter(name.values()), default)
