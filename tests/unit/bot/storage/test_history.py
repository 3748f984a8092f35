"""What was said in one conversation stays in it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from bot.messages import ConversationKey, IncomingMessage
from bot.storage import history, inbox
from bot.storage.schema import history as table

ANN = ConversationKey("fake", "chat", "ann")


async def said(store, number, key, *lines, reading=None):
    async with store.transaction() as tx:
        message = IncomingMessage(key=key, message_id=str(number), text="")
        turn = await inbox.insert(tx, message, 1.0)
        await history.append(tx, await inbox.answered(tx, turn), lines, reading=reading, now=1.0)


async def recalled(store, key, limit=10):
    async with store.transaction() as tx:
        return await history.recent(tx, key, limit)


async def test_the_last_lines_come_oldest_first(store):
    for number in range(3):
        await said(store, number, ANN, ("person", f"q{number}"), ("bot", f"a{number}"))
    assert await recalled(store, ANN, 3) == [("bot", "a1"), ("person", "q2"), ("bot", "a2")]


async def test_every_part_of_the_key_keeps_conversations_apart(store):
    await said(store, 1, ANN, ("person", "mine"))
    for other in ({"platform": "x"}, {"chat": "x"}, {"person": "x"}, {"thread": "x"}):
        assert await recalled(store, replace(ANN, **other)) == []


async def test_the_reading_stands_beside_the_persons_line(store):
    await said(store, 1, ANN, ("person", "q"), ("bot", "a"), reading={"joy": 1})
    async with store.transaction() as tx:
        rows = await tx.connection.execute(select(table.c.speaker, table.c.reading))
        assert [tuple(row) for row in rows] == [("person", {"joy": 1}), ("bot", None)]


async def test_a_turn_may_leave_nothing(store):
    await said(store, 1, ANN)
    assert await recalled(store, ANN) == []
