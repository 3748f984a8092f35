"""The sign that a reply is coming, for as long as it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import structlog

from bot.conversation.ports import Port
from bot.messages import ConversationKey

log = structlog.get_logger(__name__)

EVERY_S: Final = 4.0
"""Platforms let the sign fade after five seconds."""


class Typing:
    """Shows the sign from a message's acceptance to its reply; its failure harms nothing."""

    def __init__(self, ports: Mapping[str, Port], *, longest_s: float) -> None:
        self._ports = ports
        self._longest = longest_s
        self._turns: dict[ConversationKey, set[int]] = {}
        self._signs: dict[ConversationKey, asyncio.Task[None]] = {}

    def start(self, key: ConversationKey, turn_id: int) -> None:
        """Show the sign in this conversation until ``stop`` was called for each of its turns."""
        port = self._ports.get(key.platform)
        if port is None:
            return
        self._turns.setdefault(key, set()).add(turn_id)
        if key not in self._signs:
            self._signs[key] = asyncio.create_task(self._show(port, key), name="typing")

    def stop(self, key: ConversationKey, turn_id: int) -> None:
        """This turn is answered, and with it those before it, which may have been joined to it."""
        turns = self._turns.get(key, set())
        turns -= {earlier for earlier in turns if earlier <= turn_id}
        if not turns:
            self.clear(key)

    def clear(self, key: ConversationKey) -> None:
        """Nothing is left to answer in this conversation."""
        self._turns.pop(key, None)
        if sign := self._signs.pop(key, None):
            sign.cancel()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take every sign away at the end of the block."""
        try:
            yield
        finally:
            signs = list(self._signs.values())
            for key in list(self._signs):
                self.clear(key)
            await asyncio.gather(*signs, return_exceptions=True)

    async def _show(self, port: Port, key: ConversationKey) -> None:
        for _ in range(max(1, round(self._longest / EVERY_S))):
            try:
                await port.typing(key)
            except Exception as exc:  # noqa: BLE001 - a sign is not worth a turn
                log.debug("typing.failed", platform=key.platform, error=type(exc).__name__)
            await asyncio.sleep(EVERY_S)
