from __future__ import annotations

import asyncio

import pytest

from bot.conversation.ports import Repeat
from bot.errors import PlatformRejected
from bot.messages import ConversationKey, OutgoingMessage
from bot.platforms.base import Platform
from bot.platforms.web.platform import WebPlatform
from bot.platforms.web.server import Serving

KEY = ConversationKey("web", "a", "a")


@pytest.fixture
def web(tmp_path) -> Platform:
    return WebPlatform(Serving(folder=tmp_path))


def test_a_repeated_answer_does_no_harm(web):
    assert web.repeat is Repeat.SAFE


def test_a_page_takes_any_length(web):
    assert web.split("x" * 100_000) == ["x" * 100_000]


async def test_the_page_is_served_until_the_receiving_is_cancelled(tmp_path):
    loop, told = asyncio.get_running_loop(), asyncio.Event()

    async def accept(message):
        raise AssertionError("nobody said anything")

    def tell(where):
        loop.call_soon_threadsafe(told.set)

    receiving = asyncio.create_task(
        WebPlatform(Serving(folder=tmp_path, tell=tell)).receive(accept)
    )
    await told.wait()
    receiving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await receiving


async def test_an_answer_for_a_closed_page_is_rejected_for_good(web):
    message = OutgoingMessage(key=KEY, text="hello", reply_to="gone", nonce="r1.0")
    with pytest.raises(PlatformRejected, match="nobody waits"):
        await web.send(message)


async def test_the_picture_of_a_closed_page_is_gone(web):
    with pytest.raises(PlatformRejected, match="gone"):
        await web.fetch("gone")


async def test_the_page_shows_by_itself_that_somebody_waits(web):
    async with web.opened():
        await web.typing(KEY)
