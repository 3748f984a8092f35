"""Screens what comes in and reviews what goes out."""

from __future__ import annotations

from bot import texts
from emotibot_models.crisis import assess, crisis_reply
from emotibot_models.types import ReplySource, TurnResult


def screen(text: str, locale: str) -> str | None:
    """The fixed answer to a message that must not reach the generator, else None."""
    found = assess(text)
    return crisis_reply(locale, found.kind) if found else None


def review(result: TurnResult) -> str:
    """The words that may leave: the reply if it passed its review, else a fixed sentence."""
    if not result.is_safe or not result.response.strip():
        return texts.NOT_SAID_WELL
    return result.response


def is_crisis(result: TurnResult) -> bool:
    """Whether the models themselves answered with the fixed crisis text."""
    return result.reply_source is ReplySource.CRISIS
