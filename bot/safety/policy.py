"""Screens what comes in and reviews what goes out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from bot import texts
from bot.texts import Say, english
from emotibot_models.crisis import Crisis, assess, crisis_reply
from emotibot_models.types import ReplySource, TurnResult

STRICT: Final = 0.1
"""Probability of toxicity that a place with stricter review lets pass."""
WORRIED_S: Final = 86_400.0
"""How long a plain "yes" is still an answer to the question whether somebody is in danger."""
_YES: Final = re.compile(
    r"\W*(?:(?:yes|yeah|yea|yep|yup|ja|si|oui|haan)\b(?:\W+\w+){0,4}"
    r"|(?:i (?:am|do|think so|guess(?: so)?|might|want to)|maybe|perhaps|probably|sometimes"
    r"|kind of|sort of|a (?:little|bit)|(?:i )?(?:do ?n.?t|do not) know|not sure|both))\W*",
    re.IGNORECASE,
)
_NO: Final = re.compile(
    r"\W*(?:(?:no|nope|nah|never|not at all|of course not)\b(?:\W+\w+){0,6}"
    r"|i.?m (?:not|safe|fine|ok|okay)\b(?:\W+\w+){0,4})\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Fixed:
    """A written answer, for a message that must not reach the generator."""

    body: str = field(repr=False)
    crisis: bool
    """False when the person said that they are not in danger."""


def is_worried(crisis_at: float | None, now: float) -> bool:
    """Whether a conversation spoke of danger so lately that we are still worried."""
    return crisis_at is not None and now - crisis_at < WORRIED_S


def screen(text: str, locale: str, *, asked: bool = False) -> Fixed | None:
    """The fixed answer to a message that must not reach the generator, else None.

    ``asked`` says that an earlier answer asked whether the person is in danger: then a plain yes
    or no is an answer to that.
    """
    if found := assess(text):
        return Fixed(crisis_reply(locale, found), crisis=True)
    if asked and _YES.fullmatch(text):
        return Fixed(crisis_reply(locale, Crisis.SELF_HARM), crisis=True)
    if asked and _NO.fullmatch(text):
        return Fixed(texts.NO_DANGER, crisis=False)
    return None


def review(result: TurnResult, say: Say = english, *, strict: bool = False) -> str:
    """The words that may leave: the reply if it passed its review, else a fixed sentence.

    ``strict`` stops what scores above ``STRICT`` under any of Detoxify's names.
    """
    doubtful = strict and max(result.toxicity.values(), default=0.0) > STRICT
    if doubtful or not result.is_safe or not result.response.strip():
        return say(texts.NOT_SAID_WELL)
    return result.response


def is_crisis(result: TurnResult) -> bool:
    """Whether the models themselves answered with the fixed crisis text."""
    return result.reply_source is ReplySource.CRISIS
