"""The page as a platform: an answer goes back to whoever waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.conversation.ports import Leaving, Repeat, at_once
from bot.errors import PlatformRejected
from bot.messages import ConversationKey, OutgoingMessage
from bot.platforms.base import Accept
from bot.platforms.web.desk import Desk
from bot.platforms.web.server import Serving, serving
from bot.platforms.web.visits import NAME, Visits


class WebPlatform:
    """Serves the page for as long as it receives."""

    name = NAME
    repeat = Repeat.SAFE  # a message is answered once; what comes again finds nobody waiting
    trouble = ""

    def __init__(self, where: Serving) -> None:
        self._where = where
        self._visits = Visits()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Nothing to log in to."""
        yield

    async def receive(self, accept: Accept) -> None:
        """Serve the page until cancelled; raises ``ConfigError`` when its port is taken."""
        async with self.served(accept):
            await asyncio.Event().wait()

    @asynccontextmanager
    async def served(self, accept: Accept) -> AsyncIterator[None]:
        """The page can be used for as long as the block lasts."""
        async with serving(self._where, Desk(accept, self._visits)):
            yield

    async def send(self, message: OutgoingMessage, leaving: Leaving = at_once) -> str:
        """Hand an answer to its page, if that is still open."""
        await leaving()
        if not self._visits.deliver(message):
            raise PlatformRejected("nobody waits for this on the page")
        return message.nonce

    async def fetch(self, photo: str) -> bytes:
        """A picture that its page has handed over."""
        picture = self._visits.fetch(photo)
        if picture is None:
            raise PlatformRejected("the picture is gone with its page")
        return picture

    def split(self, text: str) -> list[str]:
        """A page takes any length."""
        return [text]

    async def typing(self, key: ConversationKey) -> None:
        """The page shows by itself that somebody waits."""
