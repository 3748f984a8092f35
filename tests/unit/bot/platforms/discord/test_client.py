"""The bot's presence on Discord."""

from __future__ import annotations

import logging

import pytest

from bot.platforms.discord.budget import Budget
from bot.platforms.discord.client import Client
from bot.platforms.discord.deferred import Thinking


@pytest.fixture
async def client():
    return Client(lambda _: None, Thinking(), Budget())


def test_no_privileged_intent_is_asked_for(client):
    asked = {name for name, wanted in client.intents if wanted}
    assert asked.isdisjoint({"message_content", "members", "presences"})


def test_nobody_is_ever_pinged(client):
    assert client.allowed_mentions.to_dict() == {"parse": []}


def test_what_people_said_is_not_kept(client):
    assert client._connection.max_messages is None


@pytest.mark.parametrize(
    ("name", "level"), [("discord.gateway", logging.DEBUG), ("discord.http", logging.WARNING)]
)
def test_a_logger_that_writes_messages_or_addresses_is_silenced(client, name, level):
    assert not logging.getLogger(name).isEnabledFor(level)
