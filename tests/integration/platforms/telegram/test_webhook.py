"""Telegram calls instead of being asked: the real python-telegram-bot over HTTP."""

from __future__ import annotations

import logging

import aiohttp
import pytest

from bot.loopback.bot_api import ANSWER_LOST, PUSH, refused
from tests.peers.taking import receiving, refusing_twice
from tests.peers.telegram import adapter, first, inbox


class TestWebhook:
    async def test_telegram_calls_instead_of_being_asked(self, api, waits, caplog):
        caplog.set_level(logging.INFO)
        url = "https://bot.example/telegram/hook"
        platform = adapter(api, waits, webhook=url, port=0)
        async with inbox(platform):
            await api.until(lambda: api.asked("setWebhook"))
        [asked] = api.asked("setWebhook")
        assert asked["url"] == url
        assert len(asked["secret_token"]) > 30
        assert asked["max_connections"] == "1"
        assert api.asked("getUpdates") == []
        assert asked["secret_token"] not in caplog.text

    @pytest.fixture
    def hook(self, unused_tcp_port):
        return {
            "webhook": f"http://127.0.0.1:{unused_tcp_port}/hook",
            "port": unused_tcp_port,
        }

    async def test_what_telegram_pushes_is_taken_in_order(self, api, waits, hook):
        await api.say("before the start")
        async with inbox(adapter(api, waits, **hook)) as messages:
            for words in ("hello", "again"):
                await api.say(words)
            said = [(await first(messages)).text for _ in range(3)]
            await api.until(lambda: not api.waiting)
        assert said == ["before the start", "hello", "again"]
        assert [status for _, status in api.pushed] == [200] * 3

    async def test_who_calls_without_the_secret_is_turned_away(self, api, waits, hook):
        async with inbox(adapter(api, waits, **hook)) as messages, aiohttp.ClientSession() as web:
            await api.until(lambda: api.asked("setWebhook"))
            stranger = {"update_id": 1, "message": {"text": "I am Telegram"}}
            async with web.post(hook["webhook"], json=stranger) as answer:
                assert answer.status == 403
            assert messages.empty()

    async def test_what_could_not_be_stored_is_pushed_again(self, api, waits, hook):
        attempts = []
        async with receiving(adapter(api, waits, **hook), refusing_twice(attempts)):
            await api.say("keep me")
            await api.until(lambda: api.pushed and not api.waiting)
        assert attempts == ["keep me"] * 3
        assert [status for _, status in api.pushed] == [503, 503, 200]

    async def test_a_confirmation_that_was_lost_brings_the_same_message(self, api, waits, hook):
        api.next(PUSH, ANSWER_LOST)
        async with inbox(adapter(api, waits, **hook)) as messages:
            await api.say("hello")
            ids = [(await first(messages)).message_id for _ in range(2)]
        assert ids[0] == ids[1]

    async def test_after_a_webhook_polling_begins_by_ending_it(self, api, waits, hook):
        async with inbox(adapter(api, waits, **hook)):
            await api.until(lambda: api.asked("setWebhook"))
        async with inbox(adapter(api, waits)) as messages:
            await api.say("hello")
            assert (await first(messages)).text == "hello"

    async def test_two_receivers_with_one_token_show_in_the_status(self, api, telegram):
        api.next("getUpdates", refused(409, "Conflict: terminated by other getUpdates request"))
        troubles = []
        telegram._troubled, told = troubles.append, telegram._troubled
        async with inbox(telegram) as messages:
            await api.say("hello")
            await first(messages)
        told(troubles[1])
        assert "another process receives" in telegram.trouble
        assert troubles[-1] == ""
