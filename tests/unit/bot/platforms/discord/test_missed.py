"""A place that is no place to talk, or where nothing is new; the rest is tested on the wire."""

from __future__ import annotations

from unittest.mock import create_autospec

import discord
import pytest

from bot.messages import Place
from bot.platforms.discord.missed import missed


@pytest.mark.parametrize("kind", [discord.CategoryChannel, discord.ForumChannel])
async def test_a_place_without_messages_has_nothing_to_say(kind):
    client = create_autospec(discord.Client, instance=True)
    client.fetch_channel.return_value = create_autospec(kind, instance=True)
    assert [message async for message in missed(client, Place("7", "", "1"))] == []
