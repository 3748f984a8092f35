"""A reply becomes one call, whatever goes with its words."""

from __future__ import annotations

from unittest.mock import AsyncMock

import pytest

from bot.conversation.ports import at_once
from bot.messages import Button, ConversationKey, File, OutgoingMessage
from bot.platforms.telegram.outgoing import deliver

ADA = ConversationKey("telegram", "42", "42")
GROUP = ConversationKey("telegram", "-100", "42", thread="5")


async def call(key=ADA, reply_to="7", **more):
    bot = AsyncMock()
    message = OutgoingMessage(key=key, text="hi", reply_to=reply_to, nonce="r1.0", **more)
    await deliver(bot, message, at_once)
    [(name, _, given)] = bot.mock_calls
    return name, given


@pytest.mark.parametrize(
    ("file", "method"),
    [
        (None, "send_message"),
        (File("mood.png", b"png"), "send_photo"),
        (File("mine.json", b"{}"), "send_document"),
    ],
)
async def test_the_kind_of_file_chooses_the_call(file, method):
    name, given = await call(file=file)
    assert name == method
    assert given.get("text", given.get("caption")) == "hi"


async def test_buttons_carry_whose_they_are():
    _, given = await call(buttons=(Button("Yes", "/face yes"), Button("No", "/face no")))
    [row] = given["reply_markup"].inline_keyboard
    assert [(b.text, b.callback_data) for b in row] == [
        ("Yes", "42|/face yes"),
        ("No", "42|/face no"),
    ]


async def test_in_a_topic_the_answer_points_at_the_question():
    _, given = await call(GROUP)
    assert (given["message_thread_id"], given["reply_parameters"].message_id) == (5, 7)


@pytest.mark.parametrize(("key", "reply_to"), [(ADA, "7"), (GROUP, "press-7"), (GROUP, "album-7")])
async def test_nothing_is_quoted_where_there_is_nothing_to_tell_apart(key, reply_to):
    _, given = await call(key, reply_to)
    assert given["reply_parameters"] is None
