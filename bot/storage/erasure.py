"""Letting go: on a person's word, and of what has grown old."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Delete, Select, and_, delete, exists, func, select

from bot.messages import ConversationKey
from bot.storage import people
from bot.storage.inbox import UNANSWERED
from bot.storage.outbox import UNSENT
from bot.storage.schema import conversation, feedback, history, inbox, outbox, person
from bot.storage.store import Transaction


@dataclass(frozen=True, slots=True)
class Erased:
    """What a person's word erased."""

    lines: int
    """Lines of conversation."""
    waiting: int
    """Messages that had no answer yet."""


async def held(tx: Transaction, key: ConversationKey) -> Erased:
    """Count what ``forget`` would erase."""
    theirs = _theirs(key)
    lines = select(func.count()).select_from(history).where(history.c.conversation_id.in_(theirs))
    waiting = (
        select(func.count())
        .select_from(inbox)
        .where(inbox.c.conversation_id.in_(theirs), UNANSWERED)
    )
    return Erased(await tx.connection.scalar(lines) or 0, await tx.connection.scalar(waiting) or 0)


async def forget(tx: Transaction, key: ConversationKey) -> Erased:
    """Erase everything about whoever speaks here, in all their conversations on this platform.

    What would be undone by a word stays: that an operator blocked them, and that they want to be
    left alone in groups. Queued and running jobs find nothing left to answer: the rows are gone,
    ids never come back.
    """
    tx.erases = True
    erased = await held(tx, key)
    out = (await people.recall(tx, key)).opted_out
    await tx.connection.execute(delete(conversation).where(conversation.c.id.in_(_theirs(key))))
    for table in (person, feedback):
        await tx.connection.execute(
            delete(table).where(table.c.platform == key.platform, table.c.person == key.person)
        )
    if out:
        await people.set_opted_out(tx, key, True)
    return erased


async def forget_in_groups(tx: Transaction, key: ConversationKey) -> None:
    """Erase what whoever speaks here said in groups, and all that hangs on it."""
    tx.erases = True
    theirs = _theirs(key).where(conversation.c.place.is_not(None))
    await tx.connection.execute(delete(conversation).where(conversation.c.id.in_(theirs)))


def _theirs(key: ConversationKey) -> Select[tuple[int]]:
    return select(conversation.c.id).where(
        conversation.c.platform == key.platform, conversation.c.person == key.person
    )


async def purge(tx: Transaction, before: float) -> int:
    """Erase what was said before this moment and every trace of it; returns how many lines."""
    tx.erases = True
    lines = await _erase(tx, delete(history).where(history.c.at < before))
    done = and_(~UNANSWERED, ~exists().where(outbox.c.inbox_id == inbox.c.id, UNSENT))
    await _erase(tx, delete(inbox).where(inbox.c.received_at < before, done))
    await _erase(tx, delete(feedback).where(feedback.c.at < before))
    silent = and_(
        ~exists().where(history.c.conversation_id == conversation.c.id),
        ~exists().where(inbox.c.conversation_id == conversation.c.id),
    )
    await _erase(tx, delete(conversation).where(silent))
    return lines


async def _erase(tx: Transaction, statement: Delete) -> int:
    result: Any = await tx.connection.execute(statement)
    return int(result.rowcount)
