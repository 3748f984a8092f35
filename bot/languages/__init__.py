"""Fixed sentences in other languages: one TOML file each, by the names they have in ``texts``.

Crisis texts are not among them: they stay in English until a second reader has seen them.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from bot import texts
from bot.texts import Say, english

ENGLISH: Final = "en"
NAMES: Final = {
    ENGLISH: "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "hi": "हिन्दी",
}
"""Every language with a catalogue, by its ISO 639 code, in its own words."""
EMOTIONS: Final = "EMOTIONS"
"""The table of a catalogue that translates the labels of the models, which are English words."""


def language_of(locale: str) -> str:
    """The language of a locale (BCP 47, such as ``de-AT``), or English where we lack it."""
    code = locale.replace("_", "-").partition("-")[0].lower()
    return code if code in NAMES else ENGLISH


def say_in(locale: str) -> Say:
    """What turns each sentence of ``texts`` into this locale's language."""
    language = language_of(locale)
    if language == ENGLISH:
        return english
    return lambda sentence: catalogue(language).get(sentence, sentence)


@cache
def catalogue(language: str) -> dict[str, str]:
    """Every English sentence and its translation."""
    found: dict[str, str] = {}
    for name, said in read(language).items():
        if isinstance(said, str):
            found[getattr(texts, name)] = said
        elif name == EMOTIONS:
            found.update(said)
        else:
            found.update({getattr(texts, name)[key]: words for key, words in said.items()})
    return found


def read(language: str) -> dict[str, str | dict[str, str]]:
    """A catalogue as it stands in its file."""
    path = Path(__file__).with_name(f"{language}.toml")
    body: dict[str, str | dict[str, str]] = tomllib.loads(path.read_text("utf-8"))
    return body
