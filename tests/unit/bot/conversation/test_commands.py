"""Commands as people type them."""

from __future__ import annotations

import pytest

from bot import texts
from bot.conversation.commands import Typed, parse
from bot.messages import ConversationKey


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/help", Typed("help", "")),
        ("  /Help ", Typed("help", "")),
        ("/help@emotibot", Typed("help", "")),
        ("/face Yes", Typed("face", "yes")),
        ("/face@emotibot   no", Typed("face", "no")),
        ("/dance\nwith me", Typed("dance", "with me")),
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


GROUP = ConversationKey("fake", "group", "ann")
OLGA = ConversationKey("fake", "chat", "olga")


async def test_a_command_nobody_knows_is_told_so(ask):
    assert (await ask("/dance")).body == texts.UNKNOWN_COMMAND


@pytest.mark.parametrize("name", ["status", "pause", "resume", "block 7", "unblock 7", "reload"])
async def test_what_is_for_owners_is_politely_refused_to_others(ask, name):
    assert (await ask(f"/{name}")).body == texts.FOR_OWNERS
    assert (await ask(f"/{name}", key=OLGA)).body != texts.FOR_OWNERS


async def test_what_is_for_moderators_is_politely_refused_to_others(ask):
    here = {"place": "group", "private": False, "key": GROUP}
    assert (await ask("/here", **here)).body == texts.FOR_MODERATORS
    assert (await ask("/here", moderates=True, **here)).body != texts.FOR_MODERATORS


@pytest.mark.parametrize("name", ["analyze", "mood", "mydata"])
async def test_what_is_personal_is_not_told_where_others_read_along(ask, name):
    assert (await ask(f"/{name}", key=GROUP, private=False)).body == texts.IN_PRIVATE
    whispered = await ask(f"/{name}", key=GROUP, private=False, whispered=True)
    assert whispered.body != texts.IN_PRIVATE


async def test_commands_speak_the_persons_language(ask):
    assert (await ask("/start", locale="de-AT")).body != (await ask("/start")).body
