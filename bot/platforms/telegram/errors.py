"""Telegram's errors, as the service's own."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import httpx
from telegram import error

from bot.errors import (
    PlatformError,
    PlatformRateLimited,
    PlatformRejected,
    PlatformUnavailable,
    PlatformUncertain,
)
from bot.platforms.translation import Rules

_NEVER_WRITTEN: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_FRONT_DOOR: Final = ("Bad Gateway", "Service Unavailable", "Too Many Requests")
"""Answers of a gateway that had nobody behind it to give the request to."""


def _name(exc: Exception) -> str:
    """The class alone: the library's messages may carry the token or what was sent."""
    return f"Telegram: {type(exc).__name__}"


def _unavailable(exc: Exception) -> PlatformError:
    return PlatformUnavailable(_name(exc))


def _two_pollers(_: Exception) -> PlatformError:
    return PlatformUnavailable("Telegram: another process receives with this token")


def _rejected(exc: Exception) -> PlatformError:
    return PlatformRejected(_name(exc))


def _uncertain(exc: Exception) -> PlatformError:
    return PlatformUncertain(_name(exc))


def _rate_limited(exc: error.RetryAfter) -> PlatformError:
    wait = exc.retry_after
    return PlatformRateLimited(wait.total_seconds() if isinstance(wait, timedelta) else wait)


def _written_or_not(exc: error.NetworkError) -> PlatformError:
    """A message has no key that would make a second one harmless: tell the two cases apart."""
    if isinstance(exc.__cause__, _NEVER_WRITTEN) or exc.message.startswith(_FRONT_DOOR):
        return _unavailable(exc)
    return _uncertain(exc)


RULES: Final[Rules] = {
    error.TelegramError: _unavailable,
    error.BadRequest: _rejected,  # a NetworkError by inheritance!
    error.ChatMigrated: _rejected,
    error.Conflict: _two_pollers,
    error.EndPointNotFound: _rejected,
    error.Forbidden: _rejected,
    error.InvalidToken: _rejected,
    error.NetworkError: _unavailable,
    error.PassportDecryptionError: _rejected,
    error.RetryAfter: _rate_limited,
    error.TimedOut: _unavailable,
}
"""For calls that do no harm twice."""

SEND_RULES: Final[Rules] = {
    **RULES,
    error.TelegramError: _uncertain,  # an answer came, and could not be read
    error.NetworkError: _written_or_not,
    error.TimedOut: _written_or_not,
}
"""For messages, which would be read twice."""
