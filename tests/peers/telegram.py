"""Our Telegram adapter at work on a loopback Bot API, and who reads along."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.config import TelegramSettings
from bot.loopback.bot_api import TOKEN
from bot.messages import ConversationKey, IncomingMessage, OutgoingMessage
from bot.platforms.telegram import TelegramPlatform
from tests.peers.taking import receiving

ADA = ConversationKey(platform="telegram", chat="42", person="42")
GROUP = {"id": -100200, "type": "supergroup", "title": "Friends"}


def reply(text="Hello Ada", *, key=ADA, reply_to="7"):
    return OutgoingMessage(key=key, text=text, reply_to=reply_to, nonce="r1.0")


def adapter(api, waits, *, token=TOKEN, **settings):
    async def wait(seconds):
        waits.append(seconds)
        await asyncio.sleep(0)

    settings = TelegramSettings(api=api.address, **settings)
    return TelegramPlatform(token, settings, poll_s=20, sleep=wait)


@asynccontextmanager
async def inbox(platform: TelegramPlatform) -> AsyncIterator[asyncio.Queue[IncomingMessage]]:
    messages: asyncio.Queue[IncomingMessage] = asyncio.Queue()
    async with receiving(platform, messages.put):
        yield messages


async def first(messages):
    return await asyncio.wait_for(messages.get(), 30)
