"""What was said: recalled for the next reply, erased after its time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, select

from bot.messages import ConversationKey
from bot.storage.schema import conversation, history
from bot.storage.store import Transaction

Spoken = tuple[Literal["person", "bot"], str]


async def append(
    tx: Transaction,
    conversation_id: int,
    lines: Sequence[Spoken],
    *,
    reading: dict[str, Any] | None,
    now: float,
) -> None:
    """Remember what was said in a turn; the reading stays beside the person's own line."""
    rows = [
        {
            "conversation_id": conversation_id,
            "at": now,
            "speaker": speaker,
            "text": words,
            "reading": reading if speaker == "person" else None,
        }
        for speaker, words in lines
    ]
    if rows:
        await tx.connection.execute(history.insert(), rows)


async def recent(tx: Transaction, key: ConversationKey, limit: int) -> list[Spoken]:
    """The last lines of exactly this conversation, oldest first."""
    query = (
        select(history.c.speaker, history.c.text)
        .join(conversation)
        .where(_exactly(key))
        .order_by(history.c.id.desc())
        .limit(limit)
    )
    rows = (await tx.connection.execute(query)).all()
    return [(row.speaker, row.text) for row in reversed(rows)]


@dataclass(frozen=True, slots=True)
class Read:
    """How one message was read, and when it was said."""

    at: float
    """Seconds since 1970."""
    reading: dict[str, Any] = field(repr=False)


async def last_reading(tx: Transaction, key: ConversationKey) -> Read | None:
    """How the person's newest message of exactly this conversation was read."""
    query = _readings(key).order_by(history.c.id.desc()).limit(1)
    row = (await tx.connection.execute(query)).one_or_none()
    return Read(row.at, row.reading) if row is not None else None


async def readings(tx: Transaction, key: ConversationKey, since: float) -> list[Read]:
    """How this conversation's messages since then were read, oldest first."""
    query = _readings(key).where(history.c.at >= since).order_by(history.c.id)
    return [Read(row.at, row.reading) for row in await tx.connection.execute(query)]


def _readings(key: ConversationKey) -> Select[Any]:
    return (
        select(history.c.at, history.c.reading)
        .join(conversation)
        .where(_exactly(key), history.c.reading.is_not(None))
    )


def _exactly(key: ConversationKey) -> ColumnElement[bool]:
    return and_(
        conversation.c.platform == key.platform,
        conversation.c.chat == key.chat,
        conversation.c.thread == key.thread,
        conversation.c.person == key.person,
    )
