"""Telegram's errors, as the service's own."""

from __future__ import annotations

import httpx
import pytest
from telegram import error

from bot.errors import (
    PlatformRateLimited,
    PlatformRejected,
    PlatformUnavailable,
    PlatformUncertain,
)
from bot.platforms.telegram.errors import RULES, SEND_RULES
from bot.platforms.translation import translated


def every_telegram_error():
    return {
        cls
        for cls in vars(error).values()
        if isinstance(cls, type) and issubclass(cls, error.TelegramError)
    }


@pytest.mark.parametrize("rules", [RULES, SEND_RULES], ids=["any call", "a message"])
def test_every_telegram_error_is_named(rules):
    assert set(rules) == every_telegram_error()


def caused_by(theirs, cause):
    theirs.__cause__ = cause
    return theirs


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (caused_by(error.TimedOut(), httpx.ConnectTimeout("x")), PlatformUnavailable),
        (caused_by(error.TimedOut(), httpx.PoolTimeout("x")), PlatformUnavailable),
        (caused_by(error.NetworkError("x"), httpx.ConnectError("x")), PlatformUnavailable),
        (caused_by(error.TimedOut(), httpx.ReadTimeout("x")), PlatformUncertain),
        (caused_by(error.TimedOut(), httpx.WriteTimeout("x")), PlatformUncertain),
        (caused_by(error.NetworkError("x"), httpx.ReadError("x")), PlatformUncertain),
        (error.NetworkError("Bad Gateway"), PlatformUnavailable),
        (error.NetworkError("Gateway Timeout (504)"), PlatformUncertain),
        (error.TelegramError("Invalid server response"), PlatformUncertain),
        (error.BadRequest("chat not found"), PlatformRejected),
    ],
    ids=lambda case: repr(getattr(case, "__cause__", None) or case),
)
def test_a_message_that_was_written_may_have_arrived(theirs, ours):
    with pytest.raises(ours), translated(SEND_RULES):
        raise theirs


def test_a_call_that_does_no_harm_twice_is_never_uncertain():
    with pytest.raises(PlatformUnavailable), translated(RULES):
        raise caused_by(error.TimedOut(), httpx.ReadTimeout("x"))


@pytest.mark.parametrize("durations", ["true", "false"])
@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
def test_the_wait_comes_in_seconds(durations, monkeypatch):
    monkeypatch.setenv("PTB_TIMEDELTA", durations)
    with pytest.raises(PlatformRateLimited) as caught, translated(RULES):
        raise error.RetryAfter(7)
    assert caught.value.retry_after == 7


def test_no_message_of_the_library_is_repeated():
    with pytest.raises(PlatformRejected) as caught, translated(RULES):
        raise error.InvalidToken("The token `123:abc` was rejected by the server.")
    assert "123:abc" not in str(caught.value)
