"""aiogram as a bot that our loopback Bot API calls: repeats what it hears, and prints it as JSON.

``python aiogram_webhook.py ADDRESS TOKEN URL``; it ends when somebody says "bye".
"""

from __future__ import annotations

import asyncio
import json
import sys

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web
from yarl import URL

SECRET = "open-sesame"


async def main(address: str, token: str, url: str) -> None:
    heard: list[str] = []
    over = asyncio.Event()
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def repeat(message: Message) -> None:
        heard.append(message.text or "")
        await message.answer(f"heard {message.text}")
        if message.text == "bye":
            over.set()

    session = AiohttpSession(api=TelegramAPIServer.from_base(address))
    async with Bot(token, session=session) as bot:
        app = web.Application()
        handler = SimpleRequestHandler(
            dispatcher, bot, handle_in_background=False, secret_token=SECRET
        )
        handler.register(app, path=URL(url).path)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", URL(url).port).start()
        await bot.set_webhook(url, secret_token=SECRET)
        await over.wait()
        await runner.cleanup()  # after the last call was answered
    sys.stdout.write(json.dumps({"heard": heard}))


asyncio.run(main(*sys.argv[1:]))
