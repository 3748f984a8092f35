"""PostgreSQL finds no two transactions that wait for each other."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from bot.messages import ConversationKey, IncomingMessage
from bot.storage import conversations, erasure, group_rules, inbox, people

ANN = ConversationKey("fake", "chat", "ann")
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def accept(tx):
    """Deliver the same message, once more from the second time on."""
    message = IncomingMessage(key=ANN, message_id="1", text="hello", place="chat")
    return await inbox.insert(tx, message, 1.0)


async def accept_and_ask(tx):
    """Take a picture whose sender has to be asked first."""
    photo = IncomingMessage(key=ANN, message_id="2", text="", place="chat")
    await inbox.insert(tx, photo, 1.0)
    await people.set_face_asked(tx, ANN, "photo", 1.0)


async def forget(tx):
    await accept(tx)
    await erasure.forget(tx, ANN)


async def by_itself(store, work):
    async with store.transaction() as tx:
        return await work(tx)


async def somebody_waits(tx):
    return await tx.connection.scalar(WAITING)


async def until_it_waits(store):
    async with asyncio.timeout(30):
        while not await by_itself(store, somebody_waits):  # a transaction looks at it only once
            pass


@pytest.mark.parametrize("other", [accept, accept_and_ask, forget])
async def test_an_answer_and_whatever_comes_meanwhile_do_not_wait_for_each_other(
    postgres_store, other
):
    store = postgres_store
    turn = await by_itself(store, accept)
    async with store.transaction() as tx:
        await inbox.answered(tx, turn)
        await people.set_noticed(tx, ANN, 1.0)
        await people.recall(tx, ANN)  # what is written goes with what is asked
        meanwhile = asyncio.create_task(by_itself(store, other))
        await until_it_waits(store)
        await conversations.set_mood(tx, turn.id, {"joy": 1.0})
    await meanwhile


async def test_a_group_that_moves_locks_its_conversations_before_their_messages(postgres_store):
    async def move(tx):
        await group_rules.move(tx, "fake", "chat", "-100")

    await by_itself(postgres_store, accept)
    async with postgres_store.transaction() as tx:
        await tx.connection.execute(text("SELECT FROM inbox FOR UPDATE"))
        moving = asyncio.create_task(by_itself(postgres_store, move))
        await until_it_waits(postgres_store)
        free = text("SELECT id FROM conversation FOR UPDATE SKIP LOCKED")
        assert list(await tx.connection.scalars(free)) == []
    await moving
