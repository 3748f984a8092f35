"""What the conversation needs of a platform, and no more; every adapter fits it."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from bot.messages import ConversationKey, OutgoingMessage


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

    def split(self, text: str) -> list[str]:
        """Cut a reply into pieces that the platform takes, at least one, none empty."""
        ...

    async def send(self, message: OutgoingMessage) -> str:
        """Deliver one piece, with its buttons and its file, and return the platform's id for it.

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
