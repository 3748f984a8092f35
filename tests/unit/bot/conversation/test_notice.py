"""Told once what this is, and again after three hours without a pause."""

from __future__ import annotations

import pytest

from bot import texts
from bot.conversation.notice import CONTINUOUS_S, due, unbroken
from bot.messages import ConversationKey, IncomingMessage
from bot.storage import inbox

ANN = ConversationKey("fake", "chat", "ann")
HOUR = 3600.0
EVERY = [minute * 60.0 for minute in range(0, 181, 20)]
"""Three hours of a message each twenty minutes."""


@pytest.mark.parametrize(
    ("times", "whole"),
    [
        (EVERY, True),
        (EVERY[3:], False),
        (EVERY[:4] + EVERY[6:], False),
        ([], False),
    ],
    ids=["all along", "since an hour", "with a pause", "silent"],
)
def test_continuous_use_has_no_pause(times, whole):
    assert unbroken(times, CONTINUOUS_S) is whole


async def said(store, now, key=ANN, locale="en"):
    async with store.transaction() as tx:
        message = IncomingMessage(key=key, message_id=str(now), text="hi", locale=locale)
        turn = await inbox.load(tx, (await inbox.insert(tx, message, now)).id)
        return await due(tx, turn, days=30, now=now)


async def test_the_first_answer_tells_and_hours_of_talk_are_reminded_once(store):
    notices = [await said(store, time) for time in [*EVERY, CONTINUOUS_S + 60]]
    assert notices[0] == texts.notice(30)
    assert set(notices[1:-2]) == {""}
    assert notices[-2:] == [texts.REMINDER, ""]


async def test_who_comes_back_after_hours_is_not_reminded(store):
    assert [await said(store, time) for time in (0.0, 4 * HOUR)] == [texts.notice(30), ""]


async def test_it_is_told_in_the_persons_language(store):
    assert "Computerprogramm" in await said(store, 0.0, locale="de")


async def test_at_home_nothing_is_told(store):
    assert await said(store, 0.0, key=ConversationKey("console", "local", "me")) == ""
