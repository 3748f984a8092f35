"""One thread for a device: whoever wants it waits for a turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")


class Lane:
    """A thread that batchers share while at least one of them has it open."""

    def __init__(self, prepare: Callable[[], None] = lambda: None) -> None:
        """``prepare`` is called first in the thread."""
        self._prepare = prepare
        self._free = asyncio.Lock()
        self._users = 0
        self._thread: ThreadPoolExecutor | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Keep the thread for as long as the block lasts; the last to leave ends it."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "inference", self._prepare)
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                ended, self._thread = self._thread, None
                await asyncio.to_thread(ended.shutdown)  # off the loop: the last batch takes time

    def turn(self) -> AbstractAsyncContextManager[Any]:
        """Wait until nobody else uses the device; first come, first served."""
        return self._free

    async def run(self, work: Callable[[Any], T], items: Any) -> T:
        """Do the work in the thread of an open lane."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, items)
