"""One answer for each message, whoever comes first with it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bot import texts
from bot.conversation.answers import Answers, Said
from bot.messages import ConversationKey, IncomingMessage
from bot.storage import erasure, inbox, outbox
from bot.storage.schema import history

ANN = ConversationKey("fake", "chat", "ann")
HOME = ConversationKey("console", "local", "ann")


class Engine:
    def __init__(self):
        self.jobs = []

    async def submit(self, tx, queue, key, number):
        tx.after_commit(lambda: self.jobs.append((queue, key, number)))


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
def answers(engine):
    return Answers(engine, days=30, clock=lambda: 5.0)


async def put(store, number, key=ANN):
    async with store.transaction() as tx:
        message = IncomingMessage(key=key, message_id=str(number), text="hello")
        return await inbox.insert(tx, message, 1.0)


async def give(store, answers, turn, **said):
    async with store.transaction() as tx:
        return await answers.give(tx, turn, Said(**{"body": "hi"} | said))


async def body(store, turn):
    async with store.transaction() as tx:
        return (await outbox.next_reply(tx, turn.id)).body


async def test_the_winner_writes_and_submits_and_the_second_does_nothing(store, answers, engine):
    turn = await put(store, 1)
    lines = (("person", "hello"), ("bot", "hi"))
    given = [await give(store, answers, turn, lines=lines) for _ in range(2)]
    assert given == [True, False]
    assert engine.jobs == [("post.fake", f"post:{ANN}", turn.id)]
    async with store.transaction() as tx:
        assert await tx.connection.scalar(select(func.count()).select_from(history)) == 2


async def test_a_forgotten_message_gets_no_answer(store, answers, engine):
    turn = await put(store, 1)
    async with store.transaction() as tx:
        await erasure.forget(tx, ANN)
    assert await give(store, answers, turn, lines=(("person", "hello"),)) is False
    assert engine.jobs == []


@pytest.mark.parametrize(
    ("key", "introduces", "told"), [(ANN, True, True), (ANN, False, False), (HOME, True, False)]
)
async def test_the_first_answer_introduces_the_bot_where_it_may(
    store, answers, key, introduces, told
):
    turn = await put(store, 1, key)
    await give(store, answers, turn, introduces=introduces)
    assert (texts.notice(30) in await body(store, turn)) is told


async def test_an_answer_to_danger_marks_the_conversation_and_a_no_clears_it(store, answers):
    marks = []
    for number, crisis in enumerate((True, None, False)):
        turn = await put(store, number)
        await give(store, answers, turn, crisis=crisis)
        async with store.transaction() as tx:
            marks.append((await inbox.load(tx, turn.id)).crisis_at)
    assert marks == [5.0, 5.0, None]
