"""What stands in the conversation, for Gradio's ``Chatbot``.

It takes words for HTML, even where it renders no Markdown, and reads them to the blind as they are
spelled: so no more is escaped than must be.
"""

from __future__ import annotations

import re
from html import escape
from typing import Final

from bot.platforms.web import words
from bot.platforms.web.visits import Exchange

Line = dict[str, str]
LINK: Final = re.compile(r"https://[^\s\"'<>]+[^\s\"'<>.,;:!?)]")


def of(exchange: Exchange) -> list[Line]:
    """What was said, and its answer or the place in the line where one can be shown."""
    said = [{"role": "user", "content": _said(exchange)}]
    if exchange.answer is not None:
        return [*said, by_bot(exchange.answer.text)]
    if exchange.ahead is not None:
        return [*said, by_bot(words.in_line(exchange.ahead))]
    return said


def by_bot(text: str) -> Line:
    """What the bot says; a link in it can be followed, for it may lead to help."""
    linked = LINK.sub(
        r'<a href="\g<0>" target="_blank" rel="noopener noreferrer">\g<0></a>', _plain(text)
    )
    return {"role": "assistant", "content": linked}


def _said(exchange: Exchange) -> str:
    text = _plain(exchange.text)
    if not exchange.with_picture:
        return text
    return f"{text}\n{words.WITH_PICTURE}" if text else words.PICTURE_ALONE


def _plain(text: str) -> str:
    return escape(text, quote=False)
