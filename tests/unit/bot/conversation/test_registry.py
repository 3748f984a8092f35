"""One list of commands, for everybody who needs it."""

from __future__ import annotations

import re

from bot import texts
from bot.conversation.registry import REGISTRY, Audience
from bot.messages import ConversationKey
from emotibot_models.bank import load_bank

OLGA = ConversationKey("fake", "chat", "olga")


def test_every_command_is_described_and_nothing_else_is():
    assert REGISTRY.keys() == texts.SUMMARIES.keys()


def test_every_command_that_a_written_reply_names_exists():
    for sentence in load_bank().sentences:
        assert set(re.findall(r"/(\w+)", sentence.text)) <= REGISTRY.keys()


def test_names_and_descriptions_fit_every_platform():
    for command in REGISTRY.values():
        assert command.name.isascii()
        assert len(command.name) <= 32
        assert 0 < len(command.summary) <= 100


async def test_help_names_what_is_for_whoever_asks(ask):
    everybody = {n for n, c in REGISTRY.items() if c.audience is not Audience.OWNERS}
    assert named((await ask("/help")).body) == everybody
    assert named((await ask("/help", key=OLGA)).body) == REGISTRY.keys()


def named(body):
    return {line[1:].split(" ")[0] for line in body.splitlines() if line.startswith("/")}


async def test_help_says_when_it_speaks_in_groups(ask):
    assert "privacy mode" in (await ask("/help")).body
