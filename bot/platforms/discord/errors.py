"""Discord's errors, as the service's own."""

from __future__ import annotations

from typing import Final

import aiohttp
from discord import errors

from bot.errors import (
    PlatformError,
    PlatformRateLimited,
    PlatformRejected,
    PlatformUnavailable,
)
from bot.platforms.translation import Rules

_CLOUDFLARE_S: Final = 60.0
"""Seconds to keep away after a refusal that does not say for how long."""


def _unavailable(exc: Exception) -> PlatformError:
    return PlatformUnavailable(f"Discord: {type(exc).__name__}")


def _rejected(exc: Exception) -> PlatformError:
    return PlatformRejected(f"Discord: {type(exc).__name__}")


def _by_status(exc: errors.HTTPException) -> PlatformError:
    if exc.status == 429:
        return PlatformRateLimited(_CLOUDFLARE_S)
    if exc.status >= 500:
        return _unavailable(exc)
    return PlatformRejected(f"Discord: {exc.status}, code {exc.code}")


def _rate_limited(exc: errors.RateLimited) -> PlatformError:
    return PlatformRateLimited(exc.retry_after)


RULES: Final[Rules] = {
    errors.DiscordException: _rejected,
    errors.ClientException: _rejected,
    errors.ConnectionClosed: _rejected,  # discord.py reconnects by itself where that can help
    errors.DiscordServerError: _by_status,
    errors.Forbidden: _by_status,
    errors.GatewayNotFound: _unavailable,
    errors.HTTPException: _by_status,
    errors.InteractionResponded: _rejected,
    errors.InvalidData: _rejected,
    errors.LoginFailure: _rejected,
    errors.MissingApplicationID: _rejected,
    errors.NotFound: _by_status,
    errors.PrivilegedIntentsRequired: _rejected,
    errors.RateLimited: _rate_limited,
    aiohttp.ClientError: _unavailable,
    OSError: _unavailable,
}
"""A lost answer counts as unavailable: the nonce lets Discord drop the repeat."""
