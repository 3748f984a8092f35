"""What moderators chose for a group or guild."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, delete, exists, literal, select, update

from bot.storage.schema import conversation, inbox, place
from bot.storage.store import Transaction


@dataclass(frozen=True, slots=True)
class GroupRules:
    """A group's settings; what is None was never chosen."""

    face: bool | None = None
    channels: tuple[str, ...] = ()
    """Where the bot answers: channels, and categories for all of theirs; empty: everywhere."""
    strict: bool = False
    """Whether replies are reviewed with a stricter measure."""


NO_RULES: Final = GroupRules()
COLUMNS: Final = (place.c.face, place.c.channels, place.c.strict)


def read(row: Any) -> GroupRules:
    """A place out of a row that holds ``COLUMNS``, of which all may be empty."""
    return GroupRules(row.face, tuple(row.channels or ()), bool(row.strict))


async def recall(tx: Transaction, platform: str, name: str) -> GroupRules:
    """What was chosen here."""
    found = await tx.connection.execute(select(*COLUMNS).where(_is(platform, name)))
    row = found.one_or_none()
    return NO_RULES if row is None else read(row)


async def choose(tx: Transaction, platform: str, name: str, chosen: GroupRules) -> None:
    """Remember what was chosen here."""
    row = {"platform": platform, "place": name}
    await tx.connection.execute(tx.insert(place).values(row).on_conflict_do_nothing())
    values = {"face": chosen.face, "channels": list(chosen.channels), "strict": chosen.strict}
    await tx.connection.execute(update(place).where(_is(platform, name)).values(values))


async def leave(tx: Transaction, platform: str, name: str) -> None:
    """Erase what was chosen here: the bot was removed."""
    await tx.connection.execute(delete(place).where(_is(platform, name)))


async def move(tx: Transaction, platform: str, old: str, new: str) -> None:
    """Carry a group's settings and conversations over to its new number.

    Messages are numbered anew there, so the old ones keep their numbers apart. What exists under
    the new number already stays as it is.
    """
    # What was said to the group itself, its greeting, is said to it under its new number.
    person = case((conversation.c.person == old, new), else_=conversation.c.person)
    there = conversation.alias("there")
    taken = exists().where(
        there.c.platform == platform,
        there.c.chat == new,
        there.c.thread == conversation.c.thread,
        there.c.person == person,
    )
    mine = and_(conversation.c.platform == platform, conversation.c.chat == old, ~taken)
    locked = select(conversation.c.id).where(mine).order_by(conversation.c.id).with_for_update()
    moving = list(await tx.connection.scalars(locked))
    await tx.connection.execute(
        update(inbox)
        .where(inbox.c.conversation_id.in_(moving))
        .values(chat=new, message_id=literal(f"{old}/") + inbox.c.message_id)
    )
    await tx.connection.execute(
        update(conversation)
        .where(conversation.c.id.in_(moving))
        .values(chat=new, place=new, person=person)
    )
    known = await recall(tx, platform, new)
    before = await recall(tx, platform, old)
    if known == NO_RULES and before != NO_RULES:
        await choose(tx, platform, new, before)
    await leave(tx, platform, old)


def _is(platform: str, name: str) -> ColumnElement[bool]:
    return and_(place.c.platform == platform, place.c.place == name)
