"""How our Bot API server reads a text with marks in it: MarkdownV2 and explicit entities.

Telegram counts and refuses what is left once the marks are taken out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.loopback.telegram_objects import Json

MARKDOWN: Final = "MarkdownV2"
_MARKS: Final = frozenset("*_~`|")
_RESERVED: Final = frozenset("[]()>#+-={}.!")
"""What must stand behind a backslash; links are not read here."""


class FormattingError(Exception):
    """What Telegram would say."""


def units(text: str) -> int:
    """Its length as Telegram counts: in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def plain(text: str, mode: str) -> str:
    """A text without its marks; raises ``FormattingError`` where they cannot be read."""
    if not mode:
        return text
    if mode != MARKDOWN:
        raise FormattingError("unsupported parse_mode")
    return _without_marks(text)


def _without_marks(text: str) -> str:
    kept: list[str] = []
    opened: list[str] = []
    letters = iter(text)
    for letter in letters:
        if letter == "\\":
            kept.append(next(letters, ""))
        elif letter in _RESERVED:
            raise FormattingError(
                f"can't parse entities: character '{letter}' is reserved and must be escaped"
            )
        elif letter not in _MARKS:
            kept.append(letter)
        elif opened and opened[-1] == letter:
            opened.pop()
        else:
            opened.append(letter)
    if opened:
        raise FormattingError("can't parse entities: can't find end of the entity")
    return "".join(kept)


def check(text: str, entities: Iterable[Json]) -> None:
    """Raise ``FormattingError`` if an entity reaches out of its text."""
    length = units(text)
    for entity in entities:
        first, last = int(entity["offset"]), int(entity["offset"]) + int(entity["length"])
        if not 0 <= first < last <= length:
            raise FormattingError("ENTITY_BOUNDS_INVALID")
