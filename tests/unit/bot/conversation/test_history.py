"""What is recalled for a reply."""

from __future__ import annotations

import pytest

from bot.conversation.history import recall
from bot.messages import ConversationKey, IncomingMessage
from bot.storage import history, inbox
from emotibot_models.types import Line

ANN = ConversationKey("fake", "chat", "ann")


@pytest.mark.parametrize("turns", [0, 1, 2, 9])
async def test_as_many_exchanges_as_asked_for_come_oldest_first(store, turns):
    lines = [Line("person", "q1"), Line("bot", "a1"), Line("person", "q2"), Line("bot", "a2")]
    async with store.transaction() as tx:
        message = IncomingMessage(key=ANN, message_id="1", text="")
        turn = await inbox.insert(tx, message, 1.0)
        spoken = [(line.speaker, line.text) for line in lines]
        conversation = await inbox.answered(tx, turn)
        await history.append(tx, conversation, spoken, reading=None, now=1.0)
        assert await recall(tx, ANN, turns) == tuple(lines[max(0, 4 - 2 * turns) :])


GROUP = {name: ConversationKey("fake", "group", name) for name in ("ann", "ben", "cem")}


async def said(tx, key, words, number):
    message = IncomingMessage(key=key, message_id=str(number), text="", place="group")
    turn = await inbox.insert(tx, message, 1.0)
    lines = (("person", words), ("bot", f"to {words}"))
    await history.append(tx, await inbox.answered(tx, turn), lines, reading=None, now=1.0)


async def test_in_a_group_people_are_told_apart_by_numbers_that_stay(store):
    async with store.transaction() as tx:
        for number, name in enumerate(("ann", "ben", "ann", "cem")):
            await said(tx, GROUP[name], f"{name} {number}", number)
        recalled = {
            name: [line.text for line in await recall(tx, GROUP[name], 9, in_group=True)]
            for name in ("ann", "ben")
        }
    assert recalled["ann"][::2] == ["ann 0", "Person 2: ben 1", "ann 2", "Person 3: cem 3"]
    assert recalled["ben"][::2] == [
        "Person 1: ann 0",
        "ben 1",
        "Person 1: ann 2",
        "Person 3: cem 3",
    ]


async def test_a_private_chat_and_another_topic_stay_out_of_a_group(store):
    topic = ConversationKey("fake", "group", "ann", "topic")
    async with store.transaction() as tx:
        await said(tx, ANN, "a secret", 1)
        await said(tx, topic, "elsewhere", 2)
        await said(tx, GROUP["ben"], "here", 3)
        found = await recall(tx, GROUP["ann"], 9, in_group=True)
    assert [line.text for line in found] == ["Person 1: here", "Person 1: to here"]
