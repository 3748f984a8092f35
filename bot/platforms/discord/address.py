"""Where discord.py finds Discord; it keeps these addresses on its classes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

DISCORD: Final = Route.BASE


@contextmanager
def reached_at(api: str) -> Iterator[None]:
    """Send requests to this address (a proxy, a server on loopback) for as long as it lasts."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = api
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


async def find_gateway(client: discord.Client) -> None:
    """Ask a server that is not Discord's own for its gateway; the library knows only that one."""
    if Route.BASE != DISCORD:
        _, url, _ = await client.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)
