"""Whether a picture may be looked at, and what to say when not."""

from __future__ import annotations

from typing import Final

from bot import texts
from bot.messages import IncomingMessage
from bot.storage import people
from bot.storage.store import Transaction

AT_HOME: Final = frozenset({"console"})
"""Platforms where people run the bot themselves: naming a picture is consent, and the interface
tells on its own what the bot is and what it read."""


async def refusal(
    tx: Transaction, message: IncomingMessage, *, in_groups: bool, now: float
) -> str | None:
    """None when the picture may be fetched and read, else the sentence for its answer (or "")."""
    if message.key.platform in AT_HOME:
        return None
    if not message.private and not in_groups:
        return texts.FACE_NOT_HERE
    person = await people.recall(tx, message.key)
    if person.face_consent is None:
        await people.set_face_asked(tx, message.key, now)
        # Asked once; after that only when there is nothing else to answer.
        return texts.FACE_ASK if not person.face_asked or not message.text.strip() else ""
    return None if person.face_consent else texts.FACE_DECLINED
