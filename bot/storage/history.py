"""What was said: recalled for the next reply, erased after its time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select

from bot.messages import ConversationKey
from bot.storage.schema import conversation, history, inbox, outbox
from bot.storage.store import Transaction

Spoken = tuple[Literal["person", "bot"], str]

# Statements are put together once: that costs more than running them.
_NAMES: Final = ("platform", "chat", "thread", "person")
_LINE: Final = history.insert().inline()
_RECENT: Final = (
    select(history.c.speaker, history.c.text)
    .join(conversation)
    .where(
        *(
            conversation.c[name] == bindparam(f"the_{name}", type_=conversation.c[name].type)
            for name in _NAMES
        )
    )
    .order_by(history.c.id.desc())
    .limit(bindparam("most", type_=conversation.c.last_seq.type))
)


async def append(
    tx: Transaction,
    conversation_id: int,
    lines: Sequence[Spoken],
    *,
    reading: dict[str, Any] | None,
    now: float,
) -> None:
    """Remember what was said in a turn; the reading stays beside the person's own line."""
    for speaker, words in lines:
        row = {
            "conversation_id": conversation_id,
            "at": now,
            "speaker": speaker,
            "text": words,
            "reading": reading if speaker == "person" else None,
        }
        await tx.write(_LINE, row)


async def recent(tx: Transaction, key: ConversationKey, limit: int) -> list[Spoken]:
    """The last lines of exactly this conversation, oldest first."""
    names = {f"the_{name}": getattr(key, name) for name in _NAMES}
    rows = (await tx.connection.execute(_RECENT, {**names, "most": limit})).all()
    return [(row.speaker, row.text) for row in reversed(rows)]


@dataclass(frozen=True, slots=True)
class SaidHere:
    """A line of a group: whose exchange with the bot it belongs to, by a number that stays."""

    speaker: Literal["person", "bot"]
    text: str = field(repr=False)
    person: str
    number: int
    """The place of that person among those who talked to the bot here, from 1."""


async def recent_of_all(tx: Transaction, key: ConversationKey, limit: int) -> list[SaidHere]:
    """The last lines that anybody exchanged with the bot in this group or topic, oldest first."""
    here = and_(
        conversation.c.platform == key.platform,
        conversation.c.chat == key.chat,
        conversation.c.thread == key.thread,
        conversation.c.person.is_distinct_from(conversation.c.place),  # the group itself is greeted
    )
    number = func.dense_rank().over(order_by=conversation.c.id).label("number")
    people = select(conversation.c.id, conversation.c.person, number).where(here).subquery()
    query = (
        select(history.c.speaker, history.c.text, people.c.person, people.c.number)
        .join(people, people.c.id == history.c.conversation_id)
        .order_by(history.c.id.desc())
        .limit(limit)
    )
    rows = (await tx.connection.execute(query)).all()
    return [SaidHere(*row) for row in reversed(rows)]


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


@dataclass(frozen=True, slots=True)
class Answered:
    """A message that was read and answered."""

    turn_id: int
    reading: dict[str, Any] = field(repr=False)


async def answered_with(tx: Transaction, key: ConversationKey, sent_as: str) -> Answered | None:
    """What this reply, as its platform names it, answered; None if nothing of this person was read.

    The thread is not looked at: not every platform tells it.
    """
    query = (
        select(inbox.c.id, history.c.reading)
        .join(outbox, outbox.c.inbox_id == inbox.c.id)
        .join(conversation, conversation.c.id == inbox.c.conversation_id)
        .join(
            history,  # written in the same moment as the reply
            and_(
                history.c.conversation_id == conversation.c.id,
                history.c.at == outbox.c.created_at,
                history.c.reading.is_not(None),
            ),
        )
        .where(
            inbox.c.platform == key.platform,
            inbox.c.chat == key.chat,
            conversation.c.person == key.person,
            outbox.c.platform_message_id == sent_as,
        )
        .order_by(inbox.c.id.desc())  # a group that moved numbers its messages anew
        .limit(1)
    )
    row = (await tx.connection.execute(query)).one_or_none()
    return Answered(*row) if row is not None else None


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
