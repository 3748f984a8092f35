"""The service's side of an adapter, as small as can be: what happens is put into a queue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bot.errors import StorageError
from bot.messages import IncomingMessage, Place, Reaction


class Taking:
    """Hands every message to ``put``, and knows the places it is told."""

    def __init__(self, put: Callable[[Any], Awaitable[None]], *places: Place) -> None:
        self._put = put
        self._places = places

    async def __call__(self, message: IncomingMessage) -> None:
        await self._put(message)

    async def places(self, platform: str) -> Sequence[Place]:
        return self._places

    async def joined(self, *where: str, **how: str) -> None:
        await self._put(("joined", *where, *how.values()))

    async def reacted(self, reaction: Reaction) -> None:
        await self._put(reaction)

    async def left(self, *what: str) -> None:
        await self._put(("left", *what))

    async def moved(self, *what: str) -> None:
        await self._put(("moved", *what))


@asynccontextmanager
async def receiving(platform, put) -> AsyncIterator[asyncio.Task]:
    """The adapter of a platform at work, with the task that receives."""
    async with platform.opened():
        task = asyncio.create_task(platform.receive(Taking(put)))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])


def refusing_twice(texts: list[str]) -> Callable[[IncomingMessage], Awaitable[None]]:
    """Takes a message at its third coming only, as a database in trouble does; notes each."""

    async def put(message: IncomingMessage) -> None:
        texts.append(message.text)
        if len(texts) < 3:
            raise StorageError("database is locked")

    return put
