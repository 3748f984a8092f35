"""What was read in a person's last message, for them to see and to correct."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from bot import texts
from bot.conversation.answers import Said
from bot.conversation.asked import Asked, told
from bot.messages import Button
from bot.storage import history
from bot.texts import Say

WIDTH: Final = 10
"""Characters of a full bar."""
SHOWN: Final = 4
"""Emotions that get a bar."""
WRONG: Final = "/feedback felt"


async def analyze(asked: Asked) -> Said:
    """Draw the newest reading of this conversation, with a way to say that it was wrong."""
    found = await history.last_reading(asked.tx, asked.key)
    if found is None:
        return told(asked.say(texts.ANALYZE_NOTHING))
    body = f"{asked.say(texts.ANALYZE)}\n\n{drawn(found.reading['emotion_analysis'], asked.say)}"
    wrong = Button(asked.say(texts.NOT_HOW_I_FELT), WRONG)
    return replace(told(body), buttons=(wrong,))


def drawn(analysis: Mapping[str, Any], say: Say) -> str:
    """A bar an emotion of the words, one for the face, and what both come to."""
    emotions = analysis["text_emotions"][:SHOWN]
    lines = [_bar(say(found["emotion"]), found["confidence"]) for found in emotions]
    if not lines:
        lines.append(say(texts.ANALYZE_NO_EMOTION))
    if face := analysis["image_emotion"]:
        name = say(texts.ANALYZE_FACE).format(emotion=say(face["emotion"]))
        lines.append(_bar(name, face["confidence"]))
    primary = say(analysis["fused_emotion"]["primary_emotion"])
    return "\n".join([*lines, say(texts.ANALYZE_TOGETHER).format(emotion=primary)])


def _bar(name: str, confidence: float) -> str:
    """The bar before the name: without a fixed width of letters, only that stays in line."""
    full = round(confidence * WIDTH)
    return f"{'█' * full}{'░' * (WIDTH - full)} {confidence:.0%} {name}"
