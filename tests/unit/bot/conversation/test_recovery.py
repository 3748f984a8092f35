"""The tables know what is still to be done."""

from __future__ import annotations

from bot.conversation.recovery import unfinished
from bot.engine.base import Job
from bot.messages import ConversationKey, IncomingMessage
from bot.storage import inbox, outbox

ANN = ConversationKey("fake", "chat", "ann")


async def test_replies_go_out_first_and_pictures_are_left_to_their_fetcher(store):
    turns = []
    async with store.transaction() as tx:
        for number in range(3):
            message = IncomingMessage(key=ANN, message_id=str(number), text="")
            turns.append(await inbox.insert(tx, message, 1.0))
        await inbox.answered(tx, turns[0])
        await outbox.write(tx, turns[0].id, "reply", now=1.0)
        await inbox.expect_photo(tx, turns[1].id, "p")
    assert await unfinished(store, {"console"}) == []
    assert await unfinished(store, {"console", "fake"}) == [
        Job("post.fake", f"post:{ANN}", turns[0].id),
        Job("gpu", str(ANN), turns[2].id),
    ]
