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
