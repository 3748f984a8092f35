"""What is known of a conversation beside its messages: mood, danger, where and when it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import and_, bindparam, exists, func, select, update

from bot.messages import ConversationKey, Place
from bot.storage.inbox import ITS_CONVERSATION
from bot.storage.schema import conversation, inbox
from bot.storage.store import Transaction

_MOOD: Final = (
    update(conversation)
    .where(conversation.c.id == ITS_CONVERSATION)
    .values(mood=bindparam("now", type_=conversation.c.mood.type))
)
_CRISIS: Final = (
    update(conversation)
    .where(conversation.c.id == ITS_CONVERSATION)
    .values(crisis_at=bindparam("at", type_=conversation.c.crisis_at.type))
)


async def set_mood(tx: Transaction, turn_id: int, mood: Mapping[str, Any]) -> None:
    """Remember the running mood of this message's conversation."""
    await tx.write(_MOOD, {"asked": turn_id, "now": dict(mood)})


async def set_crisis(tx: Transaction, turn_id: int, at: float | None) -> None:
    """Remember that this message's conversation speaks of danger, or no longer does."""
    await tx.write(_CRISIS, {"asked": turn_id, "at": at})


async def crisis_at(tx: Transaction, key: ConversationKey) -> float | None:
    """When exactly this conversation last spoke of danger, unless that was cleared up since."""
    query = select(conversation.c.crisis_at).where(
        conversation.c.platform == key.platform,
        conversation.c.chat == key.chat,
        conversation.c.thread == key.thread,
        conversation.c.person == key.person,
    )
    found: float | None = await tx.connection.scalar(query)
    return found


async def places(tx: Transaction, platform: str, *, since: float, limit: int) -> list[Place]:
    """Where people talked since this moment, each with its newest message, the latest first."""
    by_people = conversation.c.person.is_distinct_from(conversation.c.place)  # no greeting's event
    newest = (
        select(func.max(inbox.c.id).label("id"))
        .join(conversation)
        .where(inbox.c.platform == platform, inbox.c.received_at >= since, by_people)
        .group_by(conversation.c.chat, conversation.c.thread)
        .subquery()
    )
    query = (
        select(inbox.c.chat, conversation.c.thread, inbox.c.message_id)
        .join(newest, newest.c.id == inbox.c.id)
        .join(conversation, conversation.c.id == inbox.c.conversation_id)
        .order_by(inbox.c.id.desc())
        .limit(limit)
    )
    return [Place(*row) for row in await tx.connection.execute(query)]


async def is_place_known(tx: Transaction, platform: str, place: str) -> bool:
    """Whether anything was said in a group, by the bot or to it, that is not yet purged."""
    here = and_(conversation.c.platform == platform, conversation.c.place == place)
    return bool(await tx.connection.scalar(select(exists().where(here))))


async def said_at(tx: Transaction, key: ConversationKey, since: float) -> list[float]:
    """When this person wrote since then, anywhere on the platform, oldest first."""
    query = (
        select(inbox.c.received_at)
        .join(conversation)
        .where(
            conversation.c.platform == key.platform,
            conversation.c.person == key.person,
            inbox.c.received_at >= since,
        )
        .order_by(inbox.c.received_at)
    )
    return list(await tx.connection.scalars(query))
