"""Figures for operators: what waits, how long answers took, what did not arrive."""

from __future__ import annotations

import pytest

from bot.messages import ConversationKey, IncomingMessage
from bot.storage import inbox, outbox
from bot.storage.figures import Figures, figures, share
from bot.storage.outbox import OutboxState

ANN = ConversationKey("fake", "chat", "ann")


async def said(tx, number, at):
    return await inbox.insert(tx, IncomingMessage(key=ANN, message_id=str(number), text="hi"), at)


async def answered(tx, number, at, took, state):
    turn = await said(tx, number, at)
    await inbox.answered(tx, turn)
    await outbox.write(tx, turn.id, "reply", now=at + took)
    if state:
        await outbox.finish(tx, await outbox.next_reply(tx, turn.id), state)


async def test_an_empty_service_has_nothing_to_tell(store):
    async with store.transaction() as tx:
        assert await figures(tx, 10.0) == Figures(0, 0.0, 0, 0, 0.0, 0.0, 0, 0)


async def test_the_last_hour_and_what_waits_are_counted(store):
    now = 10_000.0
    async with store.transaction() as tx:
        await answered(tx, 1, now - 7200, 1.0, OutboxState.FAILED)
        await answered(tx, 2, now - 60, 1.0, OutboxState.SENT)
        await answered(tx, 3, now - 50, 2.0, OutboxState.FAILED)
        await answered(tx, 4, now - 40, 3.0, OutboxState.UNKNOWN)
        await answered(tx, 5, now - 30, 4.0, None)
        await said(tx, 6, now - 20)
        assert await figures(tx, now) == Figures(1, 20.0, 1, 4, 3.0, 4.0, 1, 1)


@pytest.mark.parametrize(
    ("values", "part", "value"),
    [([], 0.5, 0.0), ([7.0], 0.95, 7.0), (list(range(100)), 0.5, 50), (list(range(100)), 1.0, 99)],
)
def test_a_share_of_the_values_lies_below(values, part, value):
    assert share(values, part) == value
