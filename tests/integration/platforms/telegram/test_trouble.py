"""What is lost, refused or away: the real python-telegram-bot over HTTP."""

from __future__ import annotations

import asyncio
import logging
import traceback

import pytest

from bot.errors import (
    PlatformRejected,
)
from bot.loopback.bot_api import ANSWER_LOST, TOKEN, refused
from bot.platforms.telegram.incoming import to_incoming
from tests.peers.taking import receiving, refusing_twice
from tests.peers.telegram import adapter, first, inbox, reply


class TestConfirming:
    async def test_a_message_is_confirmed_only_once_it_is_stored(self, api, telegram):
        stored, may_store = asyncio.Event(), asyncio.Event()

        async def accept(message):
            stored.set()
            await may_store.wait()

        await api.say("hello")
        async with receiving(telegram, accept):
            await asyncio.wait_for(stored.wait(), 30)
            assert len(api.waiting) == 1
            may_store.set()
            await api.until(lambda: not api.waiting)

    async def test_a_crash_before_the_message_is_stored_brings_it_again(self, api, waits):
        await api.say("do not lose me")

        async def die(message):
            raise RuntimeError("power cut")

        async with receiving(adapter(api, waits), die) as task:
            await asyncio.wait([task])
            assert isinstance(task.exception(), RuntimeError)
        async with inbox(adapter(api, waits)) as messages:
            assert (await first(messages)).text == "do not lose me"

    async def test_a_database_in_trouble_is_waited_for(self, api, telegram, waits):
        attempts = []
        await api.say("keep me")
        async with receiving(telegram, refusing_twice(attempts)):
            await api.until(lambda: not api.waiting)
        assert attempts == ["keep me"] * 3
        assert waits == [1.0, 2.0]

    async def test_an_update_nobody_can_read_holds_nothing_up(self, api, telegram, monkeypatch):
        def broken(update, me):
            if update.message.text == "strange":
                raise KeyError("strange")
            return to_incoming(update, me)

        monkeypatch.setattr("bot.platforms.telegram.platform.to_incoming", broken)
        async with inbox(telegram) as messages:
            await api.say("strange")
            await api.say("plain")
            assert (await first(messages)).text == "plain"

    async def test_an_update_that_the_library_cannot_read_holds_nothing_up_and_shows_nowhere(
        self, api, telegram, caplog
    ):
        await api.deliver({"message": {"text": "a private thing"}})
        await api.say("plain")
        async with inbox(telegram) as messages:
            assert (await first(messages)).text == "plain"
            await api.until(lambda: not api.waiting)
        assert "private" not in caplog.text


class TestTrouble:
    async def test_two_pollers_are_waited_out(self, api, telegram, waits):
        api.next("getUpdates", refused(409, "Conflict: terminated by other getUpdates request"))
        async with inbox(telegram) as messages:
            await api.say("still there?")
            assert (await first(messages)).text == "still there?"
        assert waits == [1.0]

    async def test_a_poll_waits_as_long_as_it_is_told(self, api, telegram, waits):
        api.next("getUpdates", refused(429, "Too Many Requests: retry after 30", retry_after=30))
        async with inbox(telegram) as messages:
            await api.say("hello")
            await first(messages)
        assert waits == [30.0]

    async def test_polling_goes_on_after_a_bad_gateway_and_a_lost_answer(self, api, telegram):
        api.next("getUpdates", refused(502, "Bad Gateway"), ANSWER_LOST)
        async with inbox(telegram) as messages:
            await api.say("hello")
            assert (await first(messages)).text == "hello"

    async def test_a_server_that_is_down_at_the_start_is_waited_for(self, api, telegram):
        api.next("getMe", refused(502, "Bad Gateway"), refused(502, "Bad Gateway"))
        async with inbox(telegram) as messages:
            await api.say("hello")
            assert (await first(messages)).text == "hello"

    async def test_a_menu_that_cannot_be_written_holds_nothing_up(self, api, telegram, waits):
        api.next("setMyCommands", refused(429, "Too Many Requests", retry_after=1000))
        async with inbox(telegram) as messages:
            await api.say("hello")
            await first(messages)
        assert waits == []

    async def test_a_wrong_token_is_said_without_repeating_it(self, api, waits):
        wrong = adapter(api, waits, token="999:a-secret-that-must-not-show")
        with pytest.raises(PlatformRejected) as caught:
            async with wrong.opened():
                pass
        assert "a-secret" not in "".join(traceback.format_exception(caught.value))

    async def test_nothing_is_logged_that_carries_the_token_or_a_message(
        self, api, telegram, caplog
    ):
        caplog.set_level(logging.INFO)
        async with inbox(telegram) as messages:
            await api.say("a private thing")
            await first(messages)
            await telegram.send(reply("a private answer"))
        assert TOKEN not in caplog.text
        assert "private" not in caplog.text
