"""Discord's errors, as the service's own."""

from __future__ import annotations

from types import SimpleNamespace

import aiohttp
import pytest
from discord import errors

from bot.errors import PlatformRateLimited, PlatformRejected, PlatformUnavailable
from bot.platforms.discord.errors import RULES
from bot.platforms.translation import translated

OF_VOICE = {errors.FFmpegProcessError} if hasattr(errors, "FFmpegProcessError") else set()
"""Raised by playing sound alone."""


def every_discord_error():
    return {
        cls
        for cls in vars(errors).values()
        if isinstance(cls, type) and issubclass(cls, errors.DiscordException)
    }


def test_every_discord_error_is_named():
    named = {cls for cls in RULES if issubclass(cls, errors.DiscordException)}
    assert named == every_discord_error() - OF_VOICE


def refusal(cls, status, message="a private thing"):
    return cls(SimpleNamespace(status=status, reason="reason"), {"code": 7, "message": message})


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (refusal(errors.HTTPException, 400), PlatformRejected),
        (refusal(errors.HTTPException, 429), PlatformRateLimited),
        (refusal(errors.Forbidden, 403), PlatformRejected),
        (refusal(errors.NotFound, 404), PlatformRejected),
        (refusal(errors.DiscordServerError, 503), PlatformUnavailable),
        (errors.RateLimited(30.0), PlatformRateLimited),
        (errors.GatewayNotFound(), PlatformUnavailable),
        (errors.LoginFailure("Improper token"), PlatformRejected),
        (errors.PrivilegedIntentsRequired(None), PlatformRejected),
        (aiohttp.ServerDisconnectedError(), PlatformUnavailable),
        (ConnectionResetError(), PlatformUnavailable),
        (TimeoutError(), PlatformUnavailable),
    ],
    ids=lambda case: type(case).__name__ if isinstance(case, Exception) else case.__name__,
)
def test_an_error_says_what_to_do_about_it(theirs, ours):
    with pytest.raises(ours), translated(RULES):
        raise theirs


def test_the_wait_is_passed_on():
    with pytest.raises(PlatformRateLimited) as caught, translated(RULES):
        raise errors.RateLimited(30.0)
    assert caught.value.retry_after == 30.0


def test_what_discord_quotes_is_not_repeated():
    with pytest.raises(PlatformRejected) as caught, translated(RULES):
        raise refusal(errors.HTTPException, 400)
    assert str(caught.value) == "Discord: 400, code 7"
