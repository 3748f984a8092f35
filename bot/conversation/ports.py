"""What the conversation needs of a platform, and no more; every adapter fits it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Protocol

from bot.messages import ConversationKey, OutgoingMessage

Leaving = Callable[[], Awaitable[None]]
"""Notes that a piece is on its way."""


async def at_once() -> None:
    """Nothing is noted: for whoever sends on his own account."""


class Repeat(StrEnum):
    """What may be done with a send of which nobody knows whether it arrived."""

    SAFE = "safe"
    """Send again: the platform drops a second message with the same nonce."""
    ONCE = "once"
    """Send again a single time, at the risk of a double."""
    NEVER = "never"
    """Leave it, at the risk of a loss."""


class Port(Protocol):
    """The way to one platform and back; usable while the adapter is open."""

    @property
    def name(self) -> str:
        """As in ``ConversationKey.platform``."""
        ...

    @property
    def repeat(self) -> Repeat:
        """What to do when a send may or may not have arrived."""
        ...

    @property
    def trouble(self) -> str:
        """What keeps it from receiving at present, for its operator; empty while nothing does."""
        ...

    def split(self, text: str) -> list[str]:
        """Cut a reply into pieces that the platform takes, at least one, none empty."""
        ...

    async def send(self, message: OutgoingMessage, leaving: Leaving) -> str:
        """Deliver one piece, with its buttons and its file, and return the platform's id for it.

        Awaits ``leaving`` once, after every wait of its own and just before the first byte goes
        out: from then on a death leaves open whether the piece arrived. What it raises passes.

        Raises ``PlatformUnavailable`` (surely not delivered), ``PlatformRateLimited``,
        ``PlatformUncertain`` (perhaps delivered) or ``PlatformRejected`` (never will be).
        """
        ...

    async def fetch(self, photo: str) -> bytes:
        """Download the picture that ``IncomingMessage.photo`` names, within a bound on its size.

        Raises ``PlatformUnavailable`` or ``PlatformRateLimited`` when it is worth another try,
        ``PlatformRejected`` when it is not.
        """
        ...

    async def typing(self, key: ConversationKey) -> None:
        """Show once that a reply is coming; called again every four seconds, may raise anything."""
        ...
