"""Pictures on their way in: fetched by the adapter, shrunk in a thread, kept until the answer."""

from __future__ import annotations

import asyncio
import itertools
import math
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import structlog

from bot import texts
from bot.conversation.ports import Port
from bot.engine.base import THINK, Engine
from bot.errors import PlatformRateLimited, PlatformUnavailable, StorageError
from bot.lifecycle import beside
from bot.storage import inbox
from bot.storage.store import Store
from bot.storage.turns import Turn
from emotibot_models.errors import ImageError

log = structlog.get_logger(__name__)

AT_ONCE: Final = 8
"""Downloads at the same time: each may hold twenty megabytes."""
WAITS_S: Final = (1.0, 2.0, 4.0)
LONGEST_WAIT_S: Final = 30.0
LOOKS_EVERY_S: Final = 60.0
"""How often it is looked for pictures that nobody brings, and how long one may take before."""


class Photos:
    """Brings the pictures of accepted messages, then releases the messages to the engine.

    ``shrink`` makes a small upright JPEG of any picture, or raises ``ImageError``.
    """

    def __init__(
        self,
        store: Store,
        engine: Engine,
        ports: Mapping[str, Port],
        shrink: Callable[[bytes], bytes],
        *,
        waits_s: Sequence[float] = WAITS_S,
        looks_every_s: float = LOOKS_EVERY_S,
    ) -> None:
        self._store = store
        self._engine = engine
        self._ports = ports
        self._shrink = shrink
        self._waits = waits_s
        self._pause = looks_every_s
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        """By message."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Fetch for as long as the block lasts, beginning with what an earlier process left.

        Downloads in hand at the end are given up: the next start takes them up again, or within
        two minutes another process.
        """
        await self._take_up(before=math.inf)
        try:
            async with beside(self._keep_looking(), name="photos"):
                yield
        finally:
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def bring(self, turn: Turn) -> None:
        """Begin to fetch this message's picture; its message is held back until then."""
        port = self._ports.get(turn.key.platform)
        if port is None or turn.photo is None or turn.id in self._tasks:
            return
        task = asyncio.create_task(self._bring(port, turn, turn.photo), name="photo")
        self._tasks[turn.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(turn.id))

    async def _keep_looking(self) -> None:
        """Take up what a process left that does not come back."""
        while True:
            await asyncio.sleep(self._pause)
            try:
                await self._take_up(before=time.time() - self._pause)
            except StorageError as exc:
                log.warning("photos.not_looked_for", reason=str(exc))

    async def _take_up(self, *, before: float) -> None:
        """Bring the pictures of messages that came before a moment, once more at worst."""
        async with self._store.transaction(durable=False) as tx:
            left = await inbox.receiving(tx, before)
        for turn in left:
            self.bring(turn)

    async def _bring(self, port: Port, turn: Turn, photo: str) -> None:
        async with self._slots:
            data = await self._fetched(port, photo)
            small, note = await self._shrunk(data)
        for wait in itertools.chain(self._waits, itertools.repeat(LONGEST_WAIT_S)):
            if await self._released(turn, small, note):
                return
            await asyncio.sleep(wait)

    async def _fetched(self, port: Port, photo: str) -> bytes | None:
        """The picture's bytes, or None when it will not come."""
        for wait in (*self._waits, None):
            try:
                return await port.fetch(photo)
            except PlatformRateLimited as exc:
                again = min(exc.retry_after, LONGEST_WAIT_S)
            except PlatformUnavailable:
                again = wait or 0.0
            except Exception as exc:  # noqa: BLE001 - a picture is not worth a turn
                log.warning("photo.lost", platform=port.name, error=type(exc).__name__)
                return None
            if wait is not None:
                await asyncio.sleep(again)
        log.warning("photo.lost", platform=port.name, error="too many tries")
        return None

    async def _shrunk(self, data: bytes | None) -> tuple[bytes | None, str]:
        """A small picture, or the sentence that says why there is none."""
        if data is None:
            return None, texts.PHOTO_LOST
        try:
            return await asyncio.to_thread(self._shrink, data), ""
        except ImageError as exc:
            return None, str(exc)
        except Exception as exc:  # noqa: BLE001 - or its conversation would wait for ever
            log.error("photo.unreadable", error=type(exc).__name__)  # noqa: TRY400
            return None, texts.PHOTO_LOST

    async def _released(self, turn: Turn, data: bytes | None, note: str) -> bool:
        """Keep the picture and wake the message up; False when the database would not."""
        try:
            async with self._store.transaction() as tx:
                await inbox.attach(tx, turn.id, data, note)
                for ready in await inbox.received(tx, turn.id):
                    await self._engine.submit(tx, THINK, str(turn.key), ready)
        except StorageError:
            log.warning("photo.not_stored", turn=turn.id, exc_info=True)
            return False
        return True
