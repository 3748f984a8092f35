"""What a person says about a reply, and what it teaches about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from bot import texts
from bot.conversation.answers import Said
from bot.conversation.asked import Asked, told
from bot.conversation.readings import WRONG
from bot.messages import Button, Reaction
from bot.storage import feedback as kept
from bot.storage import history, people
from bot.storage.feedback import Verdict
from bot.storage.store import Transaction
from emotibot_models.types import NEUTRAL, Emotion

STEP: Final = 0.05
"""How far one correction moves a person's threshold for an emotion."""
BOUND: Final = 0.15
"""How far all of them together may."""
OFFERED: Final = (
    Emotion.JOY,
    Emotion.SADNESS,
    Emotion.ANGER,
    Emotion.FEAR,
    Emotion.NERVOUSNESS,
    Emotion.DISAPPOINTMENT,
    Emotion.LOVE,
    Emotion.GRATITUDE,
    Emotion.CONFUSION,
)
"""The emotions that get a button; the others can be typed."""


async def feedback(asked: Asked) -> Said:
    """Ask how the last answer was, and keep what is said."""
    found = await history.last_reading(asked.tx, asked.key)
    if found is None:
        return told(asked.say(texts.FEEDBACK_NOTHING))
    read = _read(found.reading)
    match asked.words:
        case [Verdict.GOOD | Verdict.BAD as word]:
            await kept.keep(asked.tx, asked.key, Verdict(word), read=read, now=asked.now)
            said = texts.FEEDBACK_THANKS if word == Verdict.GOOD else texts.FEEDBACK_BAD
            return told(asked.say(said))
        case [Verdict.FELT, felt] if felt in set(Emotion):
            return await _corrected(asked, read, felt)
        case [Verdict.FELT, *_]:
            return _which(asked)
        case _:
            return _how(asked)


async def react(tx: Transaction, reaction: Reaction, now: float) -> None:
    """Keep a thumb under a reply as its one verdict, if the reply was for whoever gives it."""
    about = await history.answered_with(tx, reaction.key, reaction.message_id)
    if about is None:
        return
    verdict = Verdict.GOOD if reaction.up else Verdict.BAD
    if not reaction.given:
        await kept.withdraw(tx, about.turn_id, verdict)
        return
    await kept.withdraw(tx, about.turn_id, Verdict.GOOD, Verdict.BAD)
    read = _read(about.reading)
    await kept.keep(tx, reaction.key, verdict, read=read, about=about.turn_id, now=now)


def _read(reading: Mapping[str, Any]) -> str:
    return str(reading["emotion_analysis"]["fused_emotion"]["primary_emotion"])


def _how(asked: Asked) -> Said:
    buttons = (
        Button("👍", "/feedback good"),
        Button("👎", "/feedback bad"),
        Button(asked.say(texts.NOT_HOW_I_FELT), WRONG),
    )
    return replace(told(asked.say(texts.FEEDBACK_ASK)), buttons=buttons)


def _which(asked: Asked) -> Said:
    buttons = tuple(Button(asked.say(emotion), f"{WRONG} {emotion}") for emotion in OFFERED)
    body = asked.say(texts.FELT_ASK).format(names=", ".join(Emotion))
    return replace(told(body), buttons=buttons)


async def _corrected(asked: Asked, read: str, felt: str) -> Said:
    """Keep the right emotion, and lean a little towards it from now on."""
    await kept.keep(asked.tx, asked.key, Verdict.FELT, read=read, felt=felt, now=asked.now)
    leanings = leaned(asked.standing.person.leanings, read, felt)
    await people.set_leanings(asked.tx, asked.key, leanings)
    say = asked.say
    known = read not in (NEUTRAL, felt)
    said = texts.FELT_THANKS if known else texts.FELT_THANKS_NEUTRAL
    return told(say(said).format(read=say(read), felt=say(felt)))


def leaned(leanings: Mapping[str, float], read: str, felt: str) -> dict[str, float]:
    """Thresholds moved one step: up for what was read wrongly, down for what was felt; bounded."""
    moved = dict(leanings)
    for emotion, step in ((read, STEP), (felt, -STEP)):
        if emotion in set(Emotion) and read != felt:
            there = moved.get(emotion, 0.0) + step
            moved[emotion] = round(max(-BOUND, min(BOUND, there)), 4)
    return moved
