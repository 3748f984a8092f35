"""A conversation is remembered beside its messages."""

from __future__ import annotations

from bot.messages import ConversationKey, IncomingMessage, Place
from bot.storage import conversations, inbox

ANN, BEN = (ConversationKey("fake", "chat", name) for name in ("ann", "ben"))


async def heard(store, number, key, at):
    message = IncomingMessage(key=key, message_id=str(number), text="hello")
    async with store.transaction() as tx:
        return await inbox.insert(tx, message, now=at)


async def test_places_are_known_by_their_newest_message_and_the_latest_comes_first(store):
    carl = ConversationKey("fake", "chat", "carl", thread="topic")
    for number, key, at in [(1, ANN, 5.0), (2, carl, 6.0), (3, BEN, 7.0), (4, carl, 1.0)]:
        await heard(store, number, key, at)
    found = await places(store, since=5.0, limit=9)
    assert found == [Place("chat", "", "3"), Place("chat", "topic", "2")]
    assert await places(store, since=5.0, limit=1) == found[:1]


async def test_where_a_group_was_greeted_and_nobody_talked_nothing_can_be_missed(store):
    itself = ConversationKey("fake", "lobby", "guild")
    greeted = IncomingMessage(key=itself, message_id="joined-guild", text="", place="guild")
    async with store.transaction() as tx:
        await inbox.insert(tx, greeted, now=5.0)
    assert await places(store, since=1.0, limit=9) == []


async def places(store, **bounds):
    async with store.transaction() as tx:
        return await conversations.places(tx, "fake", **bounds)


async def test_what_a_person_said_lately_is_known_wherever_they_said_it(store):
    elsewhere = ConversationKey("fake", "other", "ann")
    for number, key, at in [(1, ANN, 1.0), (2, elsewhere, 6.0), (3, ANN, 5.0), (4, BEN, 7.0)]:
        await heard(store, number, key, at)
    async with store.transaction() as tx:
        assert await conversations.said_at(tx, ANN, since=2.0) == [5.0, 6.0]


async def test_mood_and_danger_come_with_the_next_turn_of_the_conversation(store):
    first = await heard(store, 1, ANN, 1.0)
    async with store.transaction() as tx:
        await conversations.set_mood(tx, first.id, {"joy": 0.5})
        await conversations.set_crisis(tx, first.id, 9.0)
    second = await heard(store, 2, ANN, 2.0)
    async with store.transaction() as tx:
        turn = await inbox.load(tx, second.id)
    assert (turn.mood, turn.crisis_at) == ({"joy": 0.5}, 9.0)


async def test_danger_is_known_by_its_conversation_and_by_no_other(store):
    first = await heard(store, 1, ANN, 1.0)
    async with store.transaction() as tx:
        assert await conversations.crisis_at(tx, ANN) is None
        await conversations.set_crisis(tx, first.id, 9.0)
        assert await conversations.crisis_at(tx, ANN) == 9.0
        assert await conversations.crisis_at(tx, BEN) is None
