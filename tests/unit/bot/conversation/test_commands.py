"""Commands as people type them."""

from __future__ import annotations

import pytest

from bot import texts
from bot.conversation.commands import Command, Commands, parse
from bot.messages import ConversationKey, IncomingMessage

ANN = ConversationKey("fake", "chat", "ann")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/help", Command("help", "")),
        ("  /Help ", Command("help", "")),
        ("/help@emotibot", Command("help", "")),
        ("/face Yes", Command("face", "yes")),
        ("/face@emotibot   no", Command("face", "no")),
        ("/dance\nwith me", Command("dance", "with me")),
        ("help", None),
        ("", None),
        ("/", None),
        ("/ help", None),
        ("and/or", None),
        ("/home/ann is my folder", None),
        ("1/2", None),
    ],
)
def test_a_command_begins_with_a_slash_and_a_word(text, command):
    assert parse(text) == command


async def said(store, text, locale="en"):
    message = IncomingMessage(key=ANN, message_id="1", text=text, locale=locale)
    async with store.transaction() as tx:
        return await Commands(days=30, turns=6).answer(tx, message, parse(text))


async def test_helplines_are_those_of_the_country(store):
    assert "116 123" in await said(store, "/helpline", "en-GB")
    assert "988" in await said(store, "/helpline", "en-US")


async def test_face_says_how_it_stands(store):
    states = [await said(store, "/face")]
    for choice in ("yes", "no"):
        await said(store, f"/face {choice}")
        states.append(await said(store, "/face perhaps"))
    assert ["do not look" in state for state in states] == [True, False, True]


async def test_every_command_of_the_help_is_known(store):
    named = {word for word in texts.HELP.split() if word.startswith("/")}
    for name in named - {"/forget"}:
        assert await said(store, name) != texts.UNKNOWN_COMMAND


async def test_privacy_names_what_is_kept_and_for_how_long(store):
    assert "30 days" in await said(store, "/privacy")
