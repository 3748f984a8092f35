"""Telegram calls us instead of being asked: one route, guarded by a secret in a header."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web
from telegram import Update

from bot.errors import StorageError
from bot.platforms.telegram.library import Bot
from bot.platforms.telegram.readable import readable

HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
LARGEST: Final = 1024 * 1024
"""Bytes of one update."""


@asynccontextmanager
async def listening(
    bot: Bot,
    take: Callable[[Update], Awaitable[None]],
    *,
    path: str,
    host: str,
    port: int,
    secret: str,
) -> AsyncIterator[int]:
    """Serve the route for as long as the block lasts; yields the port, which 0 leaves open.

    An update is confirmed, with 200, only once ``take`` has stored it; 503 brings it again.
    """

    async def receive(request: web.Request) -> web.Response:
        given = request.headers.get(HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return web.Response(status=403)
        try:
            update = Update.de_json(readable(await request.json()), bot)
        except (ValueError, KeyError, TypeError):
            return web.Response(status=400)
        try:
            await take(update)
        except StorageError:
            return web.Response(status=503)
        return web.Response()

    app = web.Application(client_max_size=LARGEST)
    app.router.add_post(path, receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
