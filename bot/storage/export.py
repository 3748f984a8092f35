"""Everything that is held about a person: each row of each table, found by how the tables hang."""

from __future__ import annotations

import base64
from typing import Any

from sqlalchemy import Select, Table, select

from bot.messages import ConversationKey
from bot.storage.schema import conversation, inbox, metadata
from bot.storage.store import Transaction


async def everything(tx: Transaction, key: ConversationKey) -> dict[str, list[dict[str, Any]]]:
    """By table: all rows about whoever speaks here on this platform, ready for JSON."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in metadata.sorted_tables:
        query = theirs(table, key)
        if query is not None:
            rows = (await tx.connection.execute(query)).all()
            found[table.name] = [{k: _plain(v) for k, v in row._asdict().items()} for row in rows]
    return found


def theirs(table: Table, key: ConversationKey) -> Select[Any] | None:
    """The rows of a table that are about a person; None where no person stands in it."""
    talks = select(conversation.c.id).where(
        conversation.c.platform == key.platform, conversation.c.person == key.person
    )
    if "person" in table.c:
        return select(table).where(table.c.platform == key.platform, table.c.person == key.person)
    if "conversation_id" in table.c:
        return select(table).where(table.c.conversation_id.in_(talks))
    if "inbox_id" in table.c:
        messages = select(inbox.c.id).where(inbox.c.conversation_id.in_(talks))
        return select(table).where(table.c.inbox_id.in_(messages))
    return None


def _plain(value: Any) -> Any:
    """Bytes become base64, for JSON has none."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
