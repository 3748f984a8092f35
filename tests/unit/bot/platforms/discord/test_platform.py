"""The parts of the Discord adapter that need no Discord; the rest is in tests/integration."""

from __future__ import annotations

import pytest

from bot.config import DiscordSettings
from bot.conversation.ports import Repeat
from bot.platforms.discord import DiscordPlatform


@pytest.fixture
async def platform():
    return DiscordPlatform("token", DiscordSettings())


def test_a_repeat_does_no_harm(platform):
    assert platform.repeat is Repeat.SAFE


def test_a_reply_is_cut_where_discord_would_refuse_it(platform):
    assert [len(part) for part in platform.split("x" * 2001)] == [2000, 1]
