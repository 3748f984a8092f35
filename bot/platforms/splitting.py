"""Long replies become several messages, cut where a reader would pause."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from itertools import accumulate
from typing import Final

_PARAGRAPH: Final = re.compile(r"\n\s*\n\s*")
_SENTENCE: Final = re.compile("[.!?\u2026\u3002\uff01\uff1f]+[\"'\u201d\u2019)\\]]*\\s+")
_SPACE: Final = re.compile(r"\s+")

_ZERO_WIDTH_JOINER: Final = "\u200d"
_SHORTEST_SHARE: Final = 0.25
"""A pause earlier than this share of the limit makes parts that look torn off."""


def utf16_units(text: str) -> int:
    """Count as Telegram counts: an emoji outside the basic plane is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int, size: Callable[[str], int] = len) -> list[str]:
    """Cut a text into parts of at most ``limit``, at paragraph, sentence or word ends if it can.

    ``size`` is the platform's way to count. Nothing but white space gives no part.
    """
    parts: list[str] = []
    rest = text.strip()
    while rest:
        end = _cut(rest, _reach(rest, limit, size))
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return parts


def _reach(text: str, limit: int, size: Callable[[str], int]) -> int:
    """How many characters of the text fit into the limit."""
    if size(text) <= limit:
        return len(text)
    totals = accumulate(map(size, text[: limit + 1]))
    return max(1, sum(1 for total in totals if total <= limit))


def _cut(text: str, reach: int) -> int:
    """Where to end a part of at most ``reach`` characters."""
    if reach >= len(text):
        return len(text)
    # One character more: white space just past the end is still a good place.
    window = text[: reach + 1]
    for pause in (_PARAGRAPH, _SENTENCE, _SPACE):
        ends = [m.end() for m in pause.finditer(window) if m.start() >= reach * _SHORTEST_SHARE]
        if ends:
            return min(ends[-1], reach)
    return _between_characters(text, reach)


def _between_characters(text: str, end: int) -> int:
    """Step back from the middle of what people see as one character (emoji families, accents)."""
    back = end
    while back > 1 and (_joins(text[back]) or text[back - 1] == _ZERO_WIDTH_JOINER):
        back -= 1
    return back if back > 1 else end


def _joins(character: str) -> bool:
    """Whether a character belongs to the one before it."""
    return (
        character == _ZERO_WIDTH_JOINER
        or unicodedata.category(character) in {"Mn", "Me", "Mc"}
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
    )
