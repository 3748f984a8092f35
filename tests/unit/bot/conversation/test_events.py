"""What platforms tell beside messages is stored before they hear that we have it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot import texts
from bot.conversation.answers import Answers
from bot.conversation.events import LATELY_S, Events
from bot.errors import StorageError
from bot.messages import ConversationKey, IncomingMessage, Place
from bot.storage import group_rules, inbox
from bot.storage.group_rules import GroupRules
from bot.storage.schema import inbox as messages
from bot.storage.schema import outbox

NOW = 1e6


class Engine:
    def __init__(self):
        self.error = None

    async def submit(self, tx, queue, key, number):
        if self.error:
            raise self.error


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
def events(store, engine):
    return Events(store, Answers(engine, days=30, clock=lambda: NOW), lambda: NOW)


async def bodies(store):
    async with store.transaction() as tx:
        return list(await tx.connection.scalars(select(outbox.c.body)))


async def test_a_greeting_is_written_once(events, store):
    for chat in ("lobby", "hall"):
        await events.joined("fake", "guild", chat=chat, locale="en")
    assert await bodies(store) == [texts.GREETING]


async def test_a_greeting_that_could_not_be_stored_comes_with_the_next_telling(
    events, engine, store
):
    engine.error = StorageError("no queue")
    with pytest.raises(StorageError):
        await events.joined("fake", "guild", chat="lobby", locale="en")
    engine.error = None
    await events.joined("fake", "guild", chat="lobby", locale="en")
    assert await bodies(store) == [texts.GREETING]


async def test_the_places_of_a_day_are_told_the_latest_first(events, store):
    async with store.transaction() as tx:
        for number, (chat, at) in enumerate(
            [("old", NOW - LATELY_S - 1), ("first", NOW - 9), ("second", NOW - 8)]
        ):
            key = ConversationKey("fake", chat, "ann")
            said = IncomingMessage(key=key, message_id=str(number), text="hello")
            await inbox.insert(tx, said, at)
    assert await events.places("fake") == [Place("second", "", "2"), Place("first", "", "1")]


async def test_what_was_chosen_moves_with_a_group_and_goes_when_the_bot_leaves(events, store):
    strict = GroupRules(strict=True)

    async def chosen(place):
        async with store.transaction() as tx:
            return await group_rules.recall(tx, "fake", place)

    async with store.transaction() as tx:
        await group_rules.choose(tx, "fake", "old", strict)
    await events.moved("fake", "old", "new")
    assert [await chosen("old"), await chosen("new")] == [GroupRules(), strict]
    await events.left("fake", "new")
    assert await chosen("new") == GroupRules()


async def test_a_greeting_holds_no_word_and_no_person(events, store):
    await events.joined("fake", "guild", chat="lobby", locale="en")
    async with store.transaction() as tx:
        [row] = await tx.connection.execute(select(messages))
    assert (row.text, row.state) == ("", "answered")
