"""Pictures on their way in: fetched by the adapter, shrunk in a thread, kept until the answer."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import structlog

from bot import texts
from bot.conversation.ports import Port
from bot.engine.base import THINK, Engine
from bot.errors import PlatformRateLimited, PlatformUnavailable, StorageError
from bot.storage import inbox
from bot.storage.inbox import InboxState, Turn
from bot.storage.store import Store
from emotibot_models.errors import ImageError

log = structlog.get_logger(__name__)

AT_ONCE: Final = 8
"""Downloads at the same time: each may hold twenty megabytes."""
WAITS_S: Final = (1.0, 2.0, 4.0)
LONGEST_WAIT_S: Final = 30.0


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
    ) -> None:
        self._store = store
        self._engine = engine
        self._ports = ports
        self._shrink = shrink
        self._waits = waits_s
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Fetch for as long as the block lasts, beginning with what an earlier process left.

        Downloads in hand at the end are given up: the next start takes them up again.
        """
        async with self._store.transaction() as tx:
            left = await inbox.unanswered(tx)
        for turn in left:
            if turn.state is InboxState.RECEIVING:
                self.bring(turn)
        try:
            yield
        finally:
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def bring(self, turn: Turn) -> None:
        """Begin to fetch this message's picture; its message is held back until then."""
        port = self._ports.get(turn.key.platform)
        if port is None or turn.photo is None:
            return
        task = asyncio.create_task(self._bring(port, turn, turn.photo), name="photo")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

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
