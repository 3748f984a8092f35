"""What the bot has to say: written once with the answer, sent part by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from bot.messages import Button, ConversationKey, File, Ticket
from bot.storage import tickets
from bot.storage.schema import conversation, inbox, outbox, ticket
from bot.storage.store import Transaction, in_both


class OutboxState(StrEnum):
    """How far a reply has come."""

    PENDING = "pending"
    SENDING = "sending"
    """Handed to the platform; whether it arrived is not known yet."""
    SENT = "sent"
    UNKNOWN = "unknown"
    """It may have arrived, and is not sent again."""
    FAILED = "failed"
    """The platform will not take it."""


UNSENT: Final = outbox.c.state.in_((literal_column("'pending'"), literal_column("'sending'")))


def _may_go() -> ColumnElement[bool]:
    """Unsent, of the asked message's conversation, and not waiting for an earlier answer."""
    asked = bindparam("asked", type_=inbox.c.id.type)
    here = select(inbox.c.conversation_id).where(inbox.c.id == asked).scalar_subquery()
    earlier = inbox.alias("earlier")
    waits = exists().where(
        earlier.c.conversation_id == inbox.c.conversation_id,
        earlier.c.seq < inbox.c.seq,
        earlier.c.state != literal_column("'answered'"),
    )
    return and_(UNSENT, inbox.c.conversation_id == here, or_(outbox.c.urgent, ~waits))


def _next() -> Select[Any]:
    others = outbox.alias("others")
    cut_already = exists().where(others.c.inbox_id == outbox.c.inbox_id, others.c.part > 0)
    return (
        select(outbox, inbox.c.platform, inbox.c.chat, inbox.c.message_id, inbox.c.received_at)
        .add_columns(conversation.c.thread, conversation.c.person, cut_already.label("cut"))
        .add_columns(*tickets.COLUMNS)
        .join(inbox, inbox.c.id == outbox.c.inbox_id)
        .join(conversation, conversation.c.id == inbox.c.conversation_id)
        .outerjoin(ticket, ticket.c.inbox_id == outbox.c.inbox_id)
        .where(_may_go())
        .order_by(inbox.c.seq, outbox.c.part)
        .limit(1)
    )


_NOTHING_BESIDE: Final[dict[str, Any]] = {
    "reading": None,
    "buttons": None,
    "file_name": None,
    "file": None,
}

# Statements are put together once: that costs more than running them.
_NEXT: Final = {False: _next(), True: _next().with_for_update(of=outbox)}
_MORE: Final = (
    select(outbox.c.part).join(inbox, inbox.c.id == outbox.c.inbox_id).where(_may_go()).limit(1)
)


_WRITTEN: Final = in_both(lambda insert: insert(outbox).on_conflict_do_nothing().inline())
_THIS: Final = and_(
    outbox.c.inbox_id == bindparam("of_turn", type_=outbox.c.inbox_id.type),
    outbox.c.part == bindparam("this_part", type_=outbox.c.part.type),
)
_LEAVING: Final = (
    update(outbox)
    .where(
        _THIS,
        outbox.c.state == bindparam("had_state", type_=outbox.c.state.type),
        outbox.c.attempts == bindparam("had_attempts", type_=outbox.c.attempts.type),
    )
    .values(state=OutboxState.SENDING.value, attempts=outbox.c.attempts + 1)
    .returning(outbox.c.part)
)
_ENDED: Final = (
    update(outbox)
    .where(_THIS)
    .values(
        state=bindparam("ends_as", type_=outbox.c.state.type),
        platform_message_id=bindparam("sent_as", type_=outbox.c.platform_message_id.type),
        body="",
        **_NOTHING_BESIDE,
    )
)
_USED_UP: Final = (
    update(ticket)
    .where(
        ticket.c.inbox_id == bindparam("of_turn", type_=ticket.c.inbox_id.type),
        ~exists().where(outbox.c.inbox_id == ticket.c.inbox_id, UNSENT),
    )
    .values(token=literal_column("''"))
)
"""Erases a message's token once the last part of its answer is out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One part of an answer on its way out."""

    turn_id: int
    part: int
    key: ConversationKey
    reply_to: str
    body: str = field(repr=False)
    reading: dict[str, Any] | None = field(repr=False)
    state: OutboxState
    attempts: int
    received_at: float
    """When the message that it answers came; seconds since 1970."""
    whole: bool
    """Not yet cut into pieces for its platform."""
    urgent: bool = False
    buttons: tuple[Button, ...] = ()
    file: File | None = None
    ticket: Ticket | None = None


async def write(
    tx: Transaction,
    turn_id: int,
    body: str,
    *,
    reading: dict[str, Any] | None = None,
    buttons: Sequence[Button] = (),
    file: File | None = None,
    urgent: bool = False,
    now: float,
) -> None:
    """Put the answer to a message in the outbox; a second one for the same message is ignored."""
    row = {
        "inbox_id": turn_id,
        "part": 0,
        "body": body,
        "reading": reading,
        "buttons": [[button.label, button.says] for button in buttons] or None,
        "file_name": file.name if file else None,
        "file": file.data if file else None,
        "urgent": urgent,
        "state": OutboxState.PENDING.value,
        "attempts": 0,
        "created_at": now,
    }
    await tx.write(_WRITTEN[tx.dialect], row)


async def next_reply(tx: Transaction, turn_id: int, *, to_change: bool = False) -> Reply | None:
    """The oldest unsent part in this message's conversation that may go out now.

    A reply waits for those to earlier messages, unless it is urgent (a command's answer). Nobody
    else touches one that is read ``to_change`` until the transaction ends.
    """
    row = (await tx.connection.execute(_NEXT[to_change], {"asked": turn_id})).one_or_none()
    return _reply(row) if row is not None else None


async def is_more(tx: Transaction, turn_id: int) -> bool:
    """Whether ``next_reply`` would find something."""
    found = await tx.connection.execute(_MORE, {"asked": turn_id})
    return found.one_or_none() is not None


async def cut(tx: Transaction, reply: Reply, pieces: Sequence[str]) -> None:
    """Replace a whole reply by pieces that its platform takes; all but words go with the last."""
    if len(pieces) < 2:
        return
    whole = (await tx.connection.execute(select(outbox).where(_is(reply)))).one()._asdict()
    for part, piece in enumerate(pieces[1:], start=1):
        beside = {} if part == len(pieces) - 1 else _NOTHING_BESIDE
        values = {**whole, **beside, "part": part, "body": piece}
        await tx.connection.execute(insert(outbox).values(values))
    first = {"body": pieces[0], **_NOTHING_BESIDE}
    await tx.connection.execute(update(outbox).where(_is(reply)).values(first))


async def mark_sending(tx: Transaction, reply: Reply) -> bool:
    """Say, before the platform is called, that it may arrive from now on.

    False, and nothing said, when somebody else has had it in hand since it was read.
    """
    had = {**_names(reply), "had_state": reply.state.value, "had_attempts": reply.attempts}
    marked = await tx.connection.execute(_LEAVING, had)
    return marked.one_or_none() is not None


async def put_back(tx: Transaction, reply: Reply) -> None:
    """Say that this attempt surely did not arrive, unless somebody else tries it meanwhile."""
    attempts = reply.attempts + 1
    await tx.connection.execute(
        update(outbox)
        .where(_is(reply), UNSENT, outbox.c.attempts <= attempts)
        .values(state=OutboxState.PENDING.value, attempts=attempts)
    )


async def finish(
    tx: Transaction, reply: Reply, state: OutboxState, sent_as: str | None = None
) -> None:
    """Close one part and let go of its words; history keeps them for as long as it may."""
    await tx.write(_ENDED, {**_names(reply), "ends_as": state.value, "sent_as": sent_as})
    if reply.ticket is not None:
        await tx.write(_USED_UP, {"of_turn": reply.turn_id})


async def unsent(tx: Transaction) -> list[tuple[int, ConversationKey]]:
    """The messages whose reply is not out yet, oldest first, each once."""
    query = (
        select(inbox.c.id, inbox.c.platform, inbox.c.chat)
        .add_columns(conversation.c.person, conversation.c.thread)
        .join(conversation)
        .where(exists().where(outbox.c.inbox_id == inbox.c.id, UNSENT))
        .order_by(inbox.c.id)
    )
    rows = await tx.connection.execute(query)
    return [(row.id, ConversationKey(*row[1:])) for row in rows]


def _names(reply: Reply) -> dict[str, int]:
    return {"of_turn": reply.turn_id, "this_part": reply.part}


def _is(reply: Reply) -> ColumnElement[bool]:
    return and_(outbox.c.inbox_id == reply.turn_id, outbox.c.part == reply.part)


def _reply(row: Any) -> Reply:
    return Reply(
        turn_id=row.inbox_id,
        part=row.part,
        key=ConversationKey(row.platform, row.chat, row.person, row.thread),
        reply_to=row.message_id,
        body=row.body,
        reading=row.reading,
        state=OutboxState(row.state),
        attempts=row.attempts,
        received_at=row.received_at,
        whole=not row.cut and row.attempts == 0,
        urgent=row.urgent,
        buttons=tuple(Button(label, says) for label, says in row.buttons or ()),
        file=File(row.file_name, row.file) if row.file_name else None,
        ticket=tickets.read(row),
    )
