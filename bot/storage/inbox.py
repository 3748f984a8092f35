"""What people sent: accepted once, in order, until it is answered."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    Table,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    null,
    select,
    true,
    update,
)

from bot.messages import IncomingMessage
from bot.storage import group_rules, people, tickets, turns
from bot.storage.schema import attachment, conversation, inbox, person, place
from bot.storage.store import Transaction, in_both
from bot.storage.turns import InboxState, Turn


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many messages are unanswered."""

    everywhere: int
    here: int
    since: float | None
    """When the oldest of them came that could be answered now; seconds since 1970."""


MOST_PIECES: Final = 10
"""Messages that are joined to one."""
UNANSWERED: Final = inbox.c.state != literal_column("'answered'")

# Statements are put together once: that costs more than running them.
_WHERE: Final = ("platform", "chat", "thread", "person")
_COUNTED: Final = in_both(
    lambda insert: (
        insert(conversation)
        .values(last_seq=1)
        .on_conflict_do_update(
            index_elements=_WHERE,
            set_={
                "last_seq": conversation.c.last_seq + 1,
                "place": insert(conversation).excluded.place,
            },
        )
        .inline()
    )
)
"""Takes the conversation's next number; its row stays locked until the commit."""


def _stored(insert: Callable[[Table], Any]) -> Any:
    """The message, with the number that its conversation has reached."""
    given = {
        name: bindparam(f"its_{name}", type_=inbox.c[name].type)
        for name in ("message_id", "text", "locale", "received_at")
    }
    row = {
        "conversation_id": conversation.c.id,
        "platform": conversation.c.platform,
        "chat": conversation.c.chat,
        "seq": conversation.c.last_seq,
        "state": literal_column(f"'{InboxState.READY.value}'"),
        "attempts": literal_column("0"),
        **given,
    }
    here = [
        conversation.c[name] == bindparam(f"the_{name}", type_=conversation.c[name].type)
        for name in _WHERE
    ]
    return (
        insert(inbox)
        .from_select(list(row), select(*row.values()).where(*here))
        .on_conflict_do_nothing()
        .returning(inbox.c.id, inbox.c.seq)
    )


_STORED: Final = in_both(_stored)
ASKED: Final = bindparam("asked", type_=inbox.c.id.type)
"""The id of the message that a job is about."""
ITS_CONVERSATION: Final = (
    select(inbox.c.conversation_id).where(inbox.c.id == ASKED).scalar_subquery()
)
_WITH_ALL: Final = (
    select(inbox, conversation.c.thread, conversation.c.person, conversation.c.crisis_at)
    .add_columns(
        conversation.c.place.label("group"),
        conversation.c.mood,
        attachment.c.data,
        attachment.c.note,
    )
    .add_columns(*people.COLUMNS, *group_rules.COLUMNS)
    .join(conversation)
    .outerjoin(attachment)
    .outerjoin(
        person,
        and_(
            person.c.platform == conversation.c.platform,
            person.c.person == conversation.c.person,
        ),
    )
    .outerjoin(
        place,
        and_(
            place.c.platform == conversation.c.platform,
            place.c.place == conversation.c.place,
        ),
    )
)
_ONE: Final = _WITH_ALL.where(inbox.c.id == ASKED)
_OLDEST: Final = (
    _WITH_ALL.where(UNANSWERED, inbox.c.conversation_id == ITS_CONVERSATION)
    .order_by(inbox.c.seq)
    .limit(bindparam("most", type_=inbox.c.seq.type))
)
_TRIED: Final = update(inbox).where(inbox.c.id == ASKED).values(attempts=inbox.c.attempts + 1)
_LOCKED: Final = (
    select(conversation.c.id)
    .where(conversation.c.id == ITS_CONVERSATION)
    .with_for_update(key_share=True)
)
_CLOSED: Final = (
    update(inbox)
    .where(inbox.c.id == ASKED, UNANSWERED)
    .values(state=literal_column("'answered'"), text=literal_column("''"), photo=null())
    .returning(inbox.c.conversation_id)
)
_WAITING_HERE: Final = (
    select(inbox.c.id, inbox.c.state)
    .where(UNANSWERED, inbox.c.conversation_id == ITS_CONVERSATION)
    .order_by(inbox.c.seq)
)
_COUNTS: Final = (
    select(func.count(), func.count().filter(inbox.c.conversation_id == ITS_CONVERSATION))
    .add_columns(func.min(inbox.c.received_at).filter(inbox.c.state == InboxState.READY.value))
    .select_from(inbox)
    .where(UNANSWERED, inbox.c.id != ASKED)
)


async def insert(tx: Transaction, message: IncomingMessage, now: float) -> Turn | None:
    """Store a message at the end of its conversation; None when it was there already."""
    words = _storable(message.text)
    key = message.key
    where = {"platform": key.platform, "chat": key.chat, "thread": key.thread, "person": key.person}
    counted = {**where, "last_seq": 1, "place": message.place or None}
    await tx.write(_COUNTED[tx.dialect], counted)
    row = {
        **{f"the_{name}": value for name, value in where.items()},
        "its_message_id": message.message_id,
        "its_text": words,
        "its_locale": message.locale,
        "its_received_at": now,
    }
    stored = (await tx.connection.execute(_STORED[tx.dialect], row)).one_or_none()
    if stored is None:
        return None
    if message.ticket is not None:
        await tickets.keep(tx, stored.id, message.ticket)
    return Turn(
        id=stored.id,
        key=key,
        message_id=message.message_id,
        seq=stored.seq,
        state=InboxState.READY,
        text=words,
        photo=None,
        locale=message.locale,
        attempts=0,
    )


async def expect_photo(tx: Transaction, turn_id: int, photo: str) -> None:
    """Hold the message back until its picture is here or has failed for good."""
    await tx.connection.execute(
        update(inbox)
        .where(inbox.c.id == turn_id)
        .values(photo=photo, state=InboxState.RECEIVING.value)
    )


async def look_at(tx: Transaction, turn_id: int, photo: str) -> None:
    """Make a message stand for a picture sent before, without words of its own."""
    await tx.connection.execute(update(inbox).where(inbox.c.id == turn_id).values(text=""))
    await expect_photo(tx, turn_id, photo)


async def attach(tx: Transaction, turn_id: int, data: bytes | None, note: str) -> None:
    """Keep a picture, or what there is to say about it, until the message is answered."""
    if await tx.connection.scalar(select(inbox.c.id).where(inbox.c.id == turn_id)) is None:
        return
    row = {"inbox_id": turn_id, "data": data, "note": note}
    await tx.connection.execute(tx.insert(attachment).values(row).on_conflict_do_nothing())


async def received(tx: Transaction, turn_id: int) -> list[int]:
    """Release a message whose picture is here, and whatever waited behind it; returns their ids."""
    ready = {"state": InboxState.READY.value, "photo": None}
    await tx.connection.execute(
        update(inbox)
        .where(inbox.c.id == turn_id, inbox.c.state == InboxState.RECEIVING.value)
        .values(ready)
    )
    rows = await tx.connection.execute(_WAITING_HERE, {"asked": turn_id})
    released = itertools.takewhile(lambda row: row.state != InboxState.RECEIVING, rows)
    return [row.id for row in released]


async def next_turn(tx: Transaction, turn_id: int, *, join_s: float = 0.0) -> Turn | None:
    """The oldest unanswered message of this one's conversation, up to this one, one attempt more.

    Those that follow it within ``join_s`` seconds each are pieces of one message and are joined
    to it. None when there is none, or when the oldest still waits for its picture: whoever brings
    the picture wakes those behind it.
    """
    most = MOST_PIECES if join_s else 1
    rows = (await tx.connection.execute(_OLDEST, {"asked": turn_id, "most": most})).all()
    if not rows or rows[0].id > turn_id or rows[0].state == InboxState.RECEIVING:
        return None
    burst = [rows[0]]
    for row in rows[1:]:
        late = row.received_at - burst[-1].received_at >= join_s
        if late or row.state == InboxState.RECEIVING:
            break
        burst.append(row)
    for row in burst:
        await tx.write(_TRIED, {"asked": row.id})
    return turns.joined([turns.read_whole(row) for row in burst])


async def correct(tx: Transaction, message: IncomingMessage, *, blank: bool = False) -> bool:
    """Give a message new words while it has no answer; False when it is too late, or unknown.

    ``blank``: only if it had none so far.
    """
    had = inbox.c.text == "" if blank else true()
    changed = await tx.connection.execute(
        update(inbox)
        .where(
            inbox.c.platform == message.key.platform,
            inbox.c.chat == message.key.chat,
            inbox.c.message_id == message.message_id,
            UNANSWERED,
            had,
        )
        .values(text=_storable(message.text))
        .returning(inbox.c.id)
    )
    return changed.one_or_none() is not None


async def is_known(tx: Transaction, message: IncomingMessage) -> bool:
    """Whether a message is stored, answered or not."""
    query = select(inbox.c.id).where(
        inbox.c.platform == message.key.platform,
        inbox.c.chat == message.key.chat,
        inbox.c.message_id == message.message_id,
    )
    return await tx.connection.scalar(query) is not None


async def load(tx: Transaction, turn_id: int) -> Turn | None:
    """One message with its picture; None when it was forgotten."""
    row = (await tx.connection.execute(_ONE, {"asked": turn_id})).one_or_none()
    return turns.read_whole(row) if row is not None else None


async def answered(tx: Transaction, turn: Turn) -> int | None:
    """Close a message and let go of its words and picture; returns its conversation's id.

    None when somebody else did, or it was forgotten: of all who answer the same message, one wins
    and writes the reply.
    """
    if tx.dialect == "postgresql":  # SQLite has one writer at a time
        await tx.write(_LOCKED, {"asked": turn.id})
    for piece in turn.pieces:
        await answered(tx, piece)
    closed = await tx.connection.execute(_CLOSED, {"asked": turn.id})
    conversation_id: int | None = closed.scalar_one_or_none()
    if conversation_id is not None and (turn.image is not None or turn.note):
        await tx.connection.execute(delete(attachment).where(attachment.c.inbox_id == turn.id))
    return conversation_id


async def waiting(tx: Transaction, turn: Turn) -> Waiting:
    """How many messages are unanswered, this one not counted."""
    row = (await tx.connection.execute(_COUNTS, {"asked": turn.id})).one()
    return Waiting(everywhere=row[0], here=row[1], since=row[2])


async def receiving(tx: Transaction, before: float) -> list[Turn]:
    """Messages from before a moment that are held back for their picture, oldest first."""
    held = and_(UNANSWERED, inbox.c.state == InboxState.RECEIVING.value)
    query = (
        select(inbox, conversation.c.thread, conversation.c.person)
        .join(conversation)
        .where(held, inbox.c.received_at < before)
        .order_by(inbox.c.id)
    )
    return [turns.read(row) for row in await tx.connection.execute(query)]


async def unanswered(tx: Transaction) -> list[Turn]:
    """Every message without an answer, oldest first, without the pictures."""
    query = (
        select(inbox, conversation.c.thread, conversation.c.person)
        .join(conversation)
        .where(UNANSWERED)
        .order_by(inbox.c.id)
    )
    return [turns.read(row) for row in await tx.connection.execute(query)]


def _storable(text: str) -> str:
    """Without what no text column takes: half a character, and PostgreSQL's only taboo, NUL."""
    return text.replace("\0", "").encode(errors="replace").decode()
