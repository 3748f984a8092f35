"""Who talks: what they allowed, whether they were told whom they talk to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, select, update

from bot.messages import ConversationKey
from bot.storage.schema import person
from bot.storage.store import Transaction


@dataclass(frozen=True, slots=True)
class Person:
    """What is remembered of a person across their conversations on one platform."""

    face_consent: bool | None = None
    """None: never said."""
    face_asked: bool = False
    noticed: bool = False


async def recall(tx: Transaction, key: ConversationKey) -> Person:
    """What is remembered of whoever speaks here."""
    row = (await tx.connection.execute(select(person).where(_is(key)))).one_or_none()
    if row is None:
        return Person()
    return Person(row.face_consent, row.face_asked_at is not None, row.noticed_at is not None)


async def set_face_consent(tx: Transaction, key: ConversationKey, allowed: bool) -> None:
    """Remember whether the face on their pictures may be read."""
    await _remember(tx, key, face_consent=allowed)


async def set_face_asked(tx: Transaction, key: ConversationKey, now: float) -> None:
    """Remember that they were told how to allow it."""
    await _remember(tx, key, face_asked_at=now)


async def set_noticed(tx: Transaction, key: ConversationKey, now: float) -> None:
    """Remember that they were told what the bot is and what it keeps."""
    await _remember(tx, key, noticed_at=now)


async def _remember(tx: Transaction, key: ConversationKey, **values: Any) -> None:
    row = {"platform": key.platform, "person": key.person}
    await tx.connection.execute(tx.insert(person).values(row).on_conflict_do_nothing())
    await tx.connection.execute(update(person).where(_is(key)).values(**values))


def _is(key: ConversationKey) -> ColumnElement[bool]:
    return and_(person.c.platform == key.platform, person.c.person == key.person)
