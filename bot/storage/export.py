"""Everything that is held about a person: each row of each table, found by how the tables hang."""

from __future__ import annotations

import base64
from typing import Any, Final

from sqlalchemy import Select, Table, select

from bot.messages import ConversationKey
from bot.storage.schema import conversation, inbox, metadata
from bot.storage.store import Transaction

SECRET: Final = {"token"}
"""Columns that hold a platform's secret, not a person's words."""


async def everything(tx: Transaction, key: ConversationKey) -> dict[str, list[dict[str, Any]]]:
    """By table: all rows about whoever speaks here on this platform, ready for JSON."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in metadata.sorted_tables:
        query = theirs(table, key)
        if query is not None:
            rows = (await tx.connection.execute(query)).all()
            found[table.name] = [_told(row._asdict()) for row in rows]
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


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items() if name not in SECRET}


def _plain(value: Any) -> Any:
    """Bytes become base64, for JSON has none."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
