"""What everybody is told once, and again after hours of talk: that this is a program."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from bot import texts
from bot.storage import conversations, people
from bot.storage.store import Transaction
from bot.storage.turns import Turn

AT_HOME: Final = frozenset({"console"})
"""Platforms where people run the bot themselves: naming a picture is consent."""
ON_PAGE: Final = frozenset({"web"})
"""Platforms with a page of our own: it waits for an answer to every message, and closing it erases
what was said."""
SPEAKS_FOR_ITSELF: Final = AT_HOME | ON_PAGE
"""Platforms whose interface tells all along what the bot is and what it read."""
CONTINUOUS_S: Final = 3 * 3600.0
"""After so many seconds of continuous use the notice is repeated, as New York asks for."""
PAUSE_S: Final = 30 * 60.0
"""A longer silence ends continuous use."""


async def due(tx: Transaction, turn: Turn, *, days: int, now: float) -> str:
    """The notice that goes before this answer, if one is due; it is noted as given."""
    if turn.key.platform in SPEAKS_FOR_ITSELF:
        return ""
    noticed_at = turn.person.noticed_at or (await people.recall(tx, turn.key)).noticed_at
    if noticed_at is None:
        said = texts.notice(days, turn.say)
    elif now - noticed_at >= CONTINUOUS_S and await _talked_on(tx, turn, now):
        said = turn.say(texts.REMINDER)
    else:
        return ""
    await people.set_noticed(tx, turn.key, now)
    return said


async def _talked_on(tx: Transaction, turn: Turn, now: float) -> bool:
    return unbroken(await conversations.said_at(tx, turn.key, now - CONTINUOUS_S), now)


def unbroken(times: Sequence[float], now: float) -> bool:
    """Whether somebody who wrote at these times has been here for three hours without a pause."""
    points = [now - CONTINUOUS_S, *times, now]
    return all(later - earlier <= PAUSE_S for earlier, later in pairwise(points))
