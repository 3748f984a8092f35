"""What python-telegram-bot is told before it is used."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.platforms.telegram.library import MessageLimiter, build_bot


@pytest.fixture
def bot():
    return build_bot("1:x", base_url="http://127.0.0.1:1/bot", base_file_url="http://127.0.0.1:1/f")


@pytest.mark.parametrize("name", ["httpx", "httpcore", "telegram"])
def test_a_logger_that_writes_addresses_is_silenced(bot, name):
    assert not logging.getLogger(name).isEnabledFor(logging.INFO)


def test_whole_answers_are_never_logged(bot):
    assert not logging.getLogger("telegram.request.BaseRequest").isEnabledFor(logging.ERROR)


def test_no_update_is_ever_logged(bot):
    assert not logging.getLogger("telegram.ext.ExtBot").isEnabledFor(logging.CRITICAL)


def test_the_addresses_are_the_given_ones(bot):
    assert bot.base_url == "http://127.0.0.1:1/bot1:x"


async def call(limiter, endpoint, leaving=None):
    async def done(*args, **kwargs):
        return True

    return await limiter.process_request(done, (), {}, endpoint, {"chat_id": -1}, leaving)


async def test_messages_to_a_group_wait_for_their_turn():
    limiter = MessageLimiter(group_max_rate=1, group_time_period=60)
    await call(limiter, "sendMessage")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await call(limiter, "sendMessage")


async def test_what_writes_nothing_does_not_wait():
    limiter = MessageLimiter(group_max_rate=1, group_time_period=60)
    async with asyncio.timeout(1):
        assert [await call(limiter, "sendChatAction") for _ in range(5)] == [True] * 5


async def test_a_message_leaves_only_when_its_turn_has_come():
    left = []

    async def leaving():
        left.append(1)

    limiter = MessageLimiter(group_max_rate=1, group_time_period=60)
    await call(limiter, "sendMessage", leaving)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await call(limiter, "sendMessage", leaving)
    assert left == [1]
