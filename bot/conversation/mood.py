"""How a conversation's days read: kept as a running average, shown as a picture."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from bot import texts
from bot.conversation.answers import Said
from bot.conversation.asked import Asked, told
from bot.conversation.mood_picture import draw, drawable
from bot.messages import File
from bot.storage import history
from bot.storage.history import Read
from emotibot_models.emotion_groups import GROUP_OF, EmotionGroup
from emotibot_models.types import NEUTRAL

DAYS: Final = 14
SHARE: Final = 0.4
"""How much the newest message weighs in the running average."""
FLOOR: Final = 0.25
"""A mood below this says nothing."""
LASTS_S: Final = 6 * 3600.0
"""Seconds of silence after which a mood is over."""

Tally = Mapping[date, Counter[EmotionGroup]]


async def mood(asked: Asked) -> Said:
    """The last two weeks of this conversation, drawn."""
    found = await history.readings(asked.tx, asked.key, asked.now - DAYS * 86_400)
    if not found:
        return told(asked.say(texts.MOOD_NOTHING))
    today = datetime.fromtimestamp(asked.now, UTC).date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    said = {group.value: asked.say(texts.GROUPS[group]) for group in EmotionGroup}
    names = said if all(map(drawable, said.values())) else texts.GROUPS
    picture = await asyncio.to_thread(draw, days, tally(found), names)
    body = asked.say(texts.MOOD).format(days=DAYS)
    return replace(told(body), file=File("mood.png", picture))


def tally(found: Sequence[Read]) -> Tally:
    """How many messages of each day (UTC) read as each group of emotions."""
    days: dict[date, Counter[EmotionGroup]] = {}
    for read in found:
        day = datetime.fromtimestamp(read.at, UTC).date()
        days.setdefault(day, Counter())[GROUP_OF[_primary(read.reading)]] += 1
    return days


def moved(
    before: Mapping[str, Any] | None, reading: Mapping[str, Any], now: float
) -> dict[str, Any]:
    """The running mood after one more message: an exponential average over emotions.

    ``{"at": seconds, "emotions": {emotion: weight}}``; after long silence it starts afresh.
    """
    fresh = before is None or now - before["at"] > LASTS_S
    kept = {} if fresh or before is None else before["emotions"]
    emotions = {name: round(weight * (1 - SHARE), 4) for name, weight in kept.items()}
    confidence = reading["emotion_analysis"]["fused_emotion"]["confidence"]
    primary = _primary(reading)
    emotions[primary] = round(emotions.get(primary, 0.0) + SHARE * confidence, 4)
    return {"at": now, "emotions": {name: w for name, w in emotions.items() if w >= 0.01}}


def strongest(mood: Mapping[str, Any] | None, now: float) -> str:
    """The emotion that the conversation still rests on; empty where none stands out."""
    if mood is None or now - mood["at"] > LASTS_S:
        return ""
    felt = {name: w for name, w in mood["emotions"].items() if name != NEUTRAL and w >= FLOOR}
    return max(felt, key=lambda name: felt[name], default="")


def _primary(reading: Mapping[str, Any]) -> str:
    return str(reading["emotion_analysis"]["fused_emotion"]["primary_emotion"])
