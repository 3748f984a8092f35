"""What was said in one conversation stays in it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from bot.messages import ConversationKey, IncomingMessage
from bot.storage import history, inbox, outbox
from bot.storage.history import Answered
from bot.storage.outbox import OutboxState
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


async def replied(store, number, key, reading, *, sent_as):
    """Answer a message at the moment of its number, and post the answer."""
    async with store.transaction() as tx:
        said = IncomingMessage(key=key, message_id=str(number), text="")
        turn = await inbox.insert(tx, said, 1.0)
        conversation_id = await inbox.answered(tx, turn)
        now = float(number)
        await outbox.write(tx, turn.id, "reply", now=now)
        if reading is not None:
            lines = (("person", "q"), ("bot", "a"))
            await history.append(tx, conversation_id, lines, reading=reading, now=now)
        reply = await outbox.next_reply(tx, turn.id)
        await outbox.finish(tx, reply, OutboxState.SENT, sent_as)
    return turn.id


async def test_a_reply_tells_which_message_it_answered_and_how_that_was_read(store):
    await replied(store, 1, ANN, {"joy": 1}, sent_as="m1")
    second = await replied(store, 2, replace(ANN, thread="topic"), {"fear": 1}, sent_as="m2")
    await replied(store, 3, ANN, None, sent_as="m3")
    async with store.transaction() as tx:
        assert await history.answered_with(tx, ANN, "m2") == Answered(second, {"fear": 1})
        assert await history.answered_with(tx, ANN, "m3") is None
        for other in ({"platform": "x"}, {"chat": "x"}, {"person": "x"}):
            assert await history.answered_with(tx, replace(ANN, **other), "m1") is None


async def test_of_two_replies_of_one_name_the_newer_one_counts(store):
    await replied(store, 1, ANN, {"joy": 1}, sent_as="m1")
    newer = await replied(store, 2, ANN, {"fear": 1}, sent_as="m1")
    async with store.transaction() as tx:
        assert (await history.answered_with(tx, ANN, "m1")).turn_id == newer
