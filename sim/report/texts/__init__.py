"""Texts for people, in the language of the reader.

English stands in the source; every other language has a gettext catalogue (``sv.po``) beside this file, read as it is, so nothing has to be
compiled. A text is marked by the name of the method that translates it: ``t("…")``, or ``t.n("… office", "… offices", n)`` where the number
decides the form. A test holds catalogues and source in step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("sv", "en")
"""Languages that the program speaks."""

Forms = Mapping[str, str | tuple[str, ...]]
"""A catalogue: the translation, or its singular and plural, by the English text."""


@dataclass(frozen=True)
class Texts:
    """The texts of one language."""

    language: str
    forms: Forms = field(repr=False)

    def __call__(self, text: str, /, **values: Any) -> str:
        """A text, with ``{name}`` replaced by the values.

        >>> texts("sv")("Offices")
        'Kontor'
        >>> texts("en")("{n} of {all}", n=3, all=4)
        '3 of 4'
        """
        found = self.forms.get(text, text)
        found = found if isinstance(found, str) else found[0]
        return found.format(**values) if values else found

    def n(self, one: str, many: str, number: float, /, **values: Any) -> str:
        """A text whose form depends on a number, which is ``{n}`` unless given otherwise.

        >>> texts("en").n("{n} office", "{n} offices", 2)
        '2 offices'
        """
        form = 0 if number == 1 else 1
        found = self.forms.get(one, (one, many))
        return (found if isinstance(found, str) else found[form]).format(**{"n": number, **values})

    def of(self, text: str | Mapping[Any, str] | None, default: str = "") -> str:
        """A text of the scenario: one for all languages, or one a language; the default when there is none.

        >>> texts("sv").of({"sv": "Litet", "en": "Small"}), texts("sv").of("Boden"), texts("sv").of("", "boden")
        ('Litet', 'Boden', 'boden')
        """
        if isinstance(text, Mapping):
            return text.get(self.language) or next(iter(text.values()), "") or default
        return text or default


@cache
def texts(language: str) -> Texts:
    """The texts of a language; English for one that has no catalogue."""
    path = Path(__file__).with_name(f"{language}.po")
    return Texts(language, read_catalogue(path) if path.exists() else {})


def read_catalogue(path: Path) -> Forms:
    """The translations in a ``.po`` file, by English text."""
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    forms: dict[str, str | tuple[str, ...]] = {}
    for message in catalogue:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            forms[key] = message.string if isinstance(message.string, str) else tuple(message.string or ())
    return forms
