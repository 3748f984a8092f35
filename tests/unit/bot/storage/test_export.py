"""Everything about a person is handed over: each table is walked, so none can be missed."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Boolean, Double, Integer, LargeBinary, String, insert

from bot.messages import ConversationKey
from bot.storage import export
from bot.storage.schema import (
    Id,
    attachment,
    conversation,
    history,
    inbox,
    metadata,
    outbox,
    ticket,
)

ANN = ConversationKey("fake", "chat", "ann")
BEN = ConversationKey("fake", "chat", "ben")
NOT_ABOUT_PEOPLE = {"place", "switch"}
LINKS = {
    (inbox, "conversation_id"): conversation,
    (history, "conversation_id"): conversation,
    (attachment, "inbox_id"): inbox,
    (outbox, "inbox_id"): inbox,
    (ticket, "inbox_id"): inbox,
}


def value(table, column, key, number):
    """Something of the column's kind that tells whose it is."""
    if (table, column.name) in LINKS or column.type is Id or isinstance(column.type, Integer):
        return number
    if column.name in ("platform", "chat", "person"):
        return getattr(key, column.name)
    kinds = {
        Boolean: True,
        Double: float(number),
        LargeBinary: f"{key.person} bytes".encode(),
        String: f"{key.person} {column.name}"[: getattr(column.type, "length", None)],
    }
    return next((v for kind, v in kinds.items() if isinstance(column.type, kind)), [key.person])


async def fill(tx, key, number):
    """Leave one row about this person in every table that there is."""
    for table in metadata.sorted_tables:
        row = {column.name: value(table, column, key, number) for column in table.c}
        await tx.connection.execute(insert(table).values(row))


@pytest.fixture
async def tx(store):
    async with store.transaction() as tx:
        await fill(tx, ANN, 1)
        await fill(tx, BEN, 2)
        yield tx


async def test_every_table_about_people_hands_over_its_row_whole(tx):
    found = await export.everything(tx, ANN)
    assert found.keys() == metadata.tables.keys() - NOT_ABOUT_PEOPLE
    for name, rows in found.items():
        [row] = rows
        assert row.keys() == set(metadata.tables[name].c.keys()) - export.SECRET


async def test_nothing_of_anybody_else_is_handed_over(tx):
    text = json.dumps(await export.everything(tx, ANN))
    assert "ann" in text
    assert "ben" not in text


async def test_bytes_become_base64(tx):
    [row] = (await export.everything(tx, ANN))["attachment"]
    assert row["data"] == "YW5uIGJ5dGVz"
