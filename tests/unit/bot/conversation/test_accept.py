"""A message is stored with its job, or answered at once, in one transaction."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot import metrics, texts
from bot.conversation.accept import Accept, Bounds
from bot.conversation.answers import Answers
from bot.conversation.limits import Limits
from bot.conversation.photos import Photos
from bot.conversation.typing import Typing
from bot.errors import StorageError
from bot.messages import ConversationKey, IncomingMessage, Ticket
from bot.storage import inbox
from bot.storage.schema import outbox
from bot.storage.turns import InboxState

ANN = ConversationKey("fake", "chat", "ann")
HOME = ConversationKey("console", "local", "ann")


class Engine:
    def __init__(self):
        self.jobs = []
        self.error = None

    async def submit(self, tx, queue, key, number):
        if self.error:
            raise self.error
        tx.after_commit(lambda: self.jobs.append((queue, number)))


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
def accept(store, engine, house):
    return Accept(
        store,
        engine,
        house=house,
        answers=Answers(engine, days=30, clock=time.time),
        limits=Limits(burst=3, per_minute=0.001, clock=lambda: 0.0),
        group_limits=Limits(burst=2, per_minute=0.001, clock=lambda: 0.0),
        photos=Photos(store, engine, {}, bytes),
        typing=Typing({}, longest_s=1),
        bounds=Bounds(waiting=100, waiting_here=2, longest_s=60.0),
        clock=time.time,
    )


def message(number, text="hello", key=ANN, photo=None):
    return IncomingMessage(key=key, message_id=str(number), text=text, photo=photo)


async def bodies(store):
    async with store.transaction() as tx:
        return [row.body for row in await tx.connection.execute(select(outbox.c.body))]


async def test_a_message_is_queued_for_the_models(accept, engine):
    await accept(message(1))
    assert engine.jobs == [("gpu", 1)]


async def test_when_the_job_cannot_be_submitted_nothing_is_stored(accept, engine, store):
    engine.error = StorageError("no queue")
    with pytest.raises(StorageError):
        await accept(message(1))
    async with store.transaction() as tx:
        assert await inbox.unanswered(tx) == []
    engine.error = None
    await accept(message(1))
    assert len(engine.jobs) == 1


async def test_nobody_is_kept_waiting_behind_what_has_waited_for_long(accept, store):
    async with store.transaction() as tx:
        await inbox.insert(tx, message(1), now=time.time() - 61)
    await accept(message(2, key=ConversationKey("fake", "chat", "ben")))
    assert await bodies(store) == [texts.BUSY]


async def test_one_conversation_may_not_fill_the_queue(accept, store):
    for number in range(3):
        await accept(message(number))
    assert await bodies(store) == [texts.BUSY]


async def test_the_person_at_the_machine_is_never_refused(accept, store):
    for number in range(9):
        await accept(message(number, key=HOME))
    assert await bodies(store) == []


async def test_a_picture_holds_its_message_until_it_is_here(accept, engine, store):
    await accept(message(1, "/face yes"))
    await accept(message(2, photo="p"))
    async with store.transaction() as tx:
        [turn] = await inbox.unanswered(tx)
    assert (turn.state, turn.photo) == (InboxState.RECEIVING, "p")
    assert [queue for queue, _ in engine.jobs] == ["post.fake"]


async def test_what_is_accepted_and_what_comes_twice_is_counted(accept):
    def counted():
        names = ("emotibot_accepted_total", "emotibot_duplicate_updates_total")
        place = {"platform": "fake"}
        return [metrics.REGISTRY.get_sample_value(name, place) or 0 for name in names]

    taken, twice = counted()
    for _ in range(2):
        await accept(message(1))
    assert counted() == [taken + 1, twice + 1]


def in_group(number, person, chat="group", **more):
    key = ConversationKey("fake", chat, person)
    return IncomingMessage(
        key=key, message_id=str(number), text="hello", private=False, place=chat, **more
    )


async def test_a_group_may_send_so_much_together_and_is_told_once(accept, engine, store):
    for number, person in enumerate(["ann", "ben", "cid", "dan"]):
        await accept(in_group(number, person))
    await accept(in_group(5, "eve", chat="another"))
    await accept(message(6))
    assert await bodies(store) == [texts.GROUP_SLOW_DOWN]
    assert [queue for queue, _ in engine.jobs] == ["gpu", "gpu", "post.fake", "gpu", "gpu"]


async def test_what_a_platform_waits_for_is_refused_each_time(accept, store):
    ticket = Ticket(token="t", place="1", private=False, expires_at=2e9)
    for number in range(5):
        key = ConversationKey("fake", f"chat{number}", "ann")
        await accept(replace(message(number, key=key), ticket=ticket))
    assert await bodies(store) == [texts.SLOW_DOWN] * 2


@pytest.mark.parametrize("said", ["/chat I am sad", "/chat@emotibot I am sad", "/CHAT  I am sad"])
async def test_chat_and_words_are_those_words(accept, store, said):
    await accept(message(1, said))
    async with store.transaction() as tx:
        [turn] = await inbox.unanswered(tx)
    assert turn.text == "I am sad"


async def test_chat_alone_asks_what_there_is_to_say(accept, store):
    await accept(message(1, "/chat"))
    [body] = await bodies(store)
    assert body.endswith(texts.EMPTY)
