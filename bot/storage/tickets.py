"""With what a message is answered in its own place, by whichever process sends the answer.

The token is a secret of the platform's: it is erased once the answer is out or it is too late. The
row stays as long as its message, for a late answer that is private must not go anywhere else.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import insert, literal_column, select, true, update

from bot.messages import ConversationKey, IncomingMessage, Ticket
from bot.storage.schema import conversation, inbox, ticket
from bot.storage.store import Transaction

COLUMNS: Final = (
    ticket.c.token,
    ticket.c.place.label("answer_place"),
    ticket.c.private,
    ticket.c.expires_at,
)
"""What ``read`` needs of a row."""
_KEPT: Final = ticket.c.token != literal_column("''")


def read(row: Any) -> Ticket | None:
    """A ticket out of a row that holds ``COLUMNS``, of which all may be empty."""
    if row.token is None:
        return None
    return Ticket(
        token=row.token,
        place=row.answer_place,
        private=row.private,
        expires_at=row.expires_at,
    )


async def keep(tx: Transaction, turn_id: int, given: Ticket) -> None:
    """Keep a message's ticket for its answer."""
    await tx.write(insert(ticket).inline(), {"inbox_id": turn_id, **asdict(given)})


async def open_for(
    tx: Transaction, key: ConversationKey, now: float, *, in_groups: bool
) -> tuple[IncomingMessage, ...]:
    """What this person's platform still waits for an answer to, without its words, oldest first.

    ``in_groups`` leaves out their private conversations.
    """
    query = (
        select(conversation.c.chat, conversation.c.thread, conversation.c.place.label("group"))
        .add_columns(inbox.c.message_id, inbox.c.locale, *COLUMNS)
        .join(inbox, inbox.c.conversation_id == conversation.c.id)
        .join(ticket)
        .where(conversation.c.platform == key.platform, conversation.c.person == key.person)
        .where(_KEPT, ticket.c.expires_at > now)
        .where(conversation.c.place.is_not(None) if in_groups else true())
        .order_by(inbox.c.id)
    )
    return tuple(
        IncomingMessage(
            key=ConversationKey(key.platform, row.chat, key.person, row.thread),
            message_id=row.message_id,
            text="",
            locale=row.locale,
            place=row.group or "",
            ticket=read(row),
        )
        for row in await tx.connection.execute(query)
    )


async def expire(tx: Transaction, now: float) -> None:
    """Erase every token that nobody can use any more."""
    late = ticket.c.expires_at < now
    await tx.connection.execute(update(ticket).where(late, _KEPT).values(token=""))
