"""What was said: recalled for the next reply, erased after its time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import select

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
        .where(
            conversation.c.platform == key.platform,
            conversation.c.chat == key.chat,
            conversation.c.thread == key.thread,
            conversation.c.person == key.person,
        )
        .order_by(history.c.id.desc())
        .limit(limit)
    )
    rows = (await tx.connection.execute(query)).all()
    return [(row.speaker, row.text) for row in reversed(rows)]
