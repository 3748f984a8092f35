"""Where discord.py finds Discord."""

from __future__ import annotations

import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.config import DiscordSettings
from bot.platforms.discord.address import DISCORD, find_gateway, reached_at

ELSEWHERE = "http://127.0.0.1:1/api"


class Server:
    """Knows its gateway."""

    async def get_bot_gateway(self):
        return 1, "ws://127.0.0.1:1/", {}


@pytest.fixture
async def client():
    client = discord.Client(intents=discord.Intents.none())
    client.http = Server()
    return client


def test_the_default_is_discords_own():
    assert DiscordSettings().api == DISCORD


def test_another_address_holds_for_the_block_alone():
    with reached_at(ELSEWHERE):
        assert Route("GET", "/users/@me").url == f"{ELSEWHERE}/users/@me"
    assert Route.BASE == DISCORD


async def test_another_server_is_asked_for_its_gateway(client):
    before = DiscordWebSocket.DEFAULT_GATEWAY
    with reached_at(ELSEWHERE):
        await find_gateway(client)
        assert yarl.URL("ws://127.0.0.1:1/") == DiscordWebSocket.DEFAULT_GATEWAY
    assert before == DiscordWebSocket.DEFAULT_GATEWAY


async def test_discord_itself_is_not_asked(client):
    client.http = None
    await find_gateway(client)
