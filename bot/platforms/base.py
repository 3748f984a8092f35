"""What an adapter is to the rest of the service."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.conversation.ports import Port
from bot.messages import IncomingMessage, Place, Reaction


class Accept(Protocol):
    """Takes messages in, and knows which ones it has."""

    async def __call__(self, message: IncomingMessage) -> None:
        """Return once the message is stored for good: only then may the platform be told so.

        A redelivery (same platform, chat and message id) is dropped quietly. Raises
        ``StorageError`` when nothing could be stored: do not confirm, deliver it again later.
        """
        ...

    async def joined(self, platform: str, place: str, *, chat: str, locale: str) -> None:
        """Greet a group that the bot was added to, in this chat of it, the first time."""
        ...

    async def reacted(self, reaction: Reaction) -> None:
        """Keep a thumb under a message of the bot's as feedback, or let go of it."""
        ...

    async def left(self, platform: str, place: str) -> None:
        """Erase what was chosen for a group that the bot was removed from."""
        ...

    async def moved(self, platform: str, place: str, now: str) -> None:
        """Carry a group over to its new number."""
        ...

    async def places(self, platform: str) -> Sequence[Place]:
        """Where somebody talked here within a day, the most recent first; may be cut off."""
        ...


class Platform(Port, Protocol):
    """One place where people talk: opens, receives, and sends for as long as it is open."""

    def opened(self) -> AbstractAsyncContextManager[None]:
        """Log in for as long as the block lasts: ``send``, ``fetch`` and ``typing`` work in it.

        Raises ``PlatformRejected`` when the token is wrong.
        """
        ...

    async def receive(self, accept: Accept) -> None:
        """Hand every message meant for the bot to ``accept``, in order, until cancelled.

        Passing network trouble is the adapter's own to retry. At a stop the service cancels this
        first, then finishes the turns in hand through ``send``, then leaves ``opened()``.
        """
        ...
