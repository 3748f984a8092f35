"""Each part of a reply leaves once, whatever its platform does: the whole service."""

from __future__ import annotations

import pytest

from bot.bootstrap import service
from bot.conversation.ports import Repeat
from bot.errors import (
    PlatformRateLimited,
    PlatformRejected,
    PlatformUncertain,
)
from emotibot_models.scripted import ScriptedPipeline
from tests.peers.fake import (
    FakePlatform,
    message,
)


async def test_a_long_reply_goes_out_in_pieces_once_each(settings):
    fake = FakePlatform(longest=40)
    long = "x" * 95
    async with service(settings, ScriptedPipeline(lambda turn: long), [fake]) as live:
        await live.accept(message("/face no", 1))
        await fake.until(1)
        before = len(fake.sent)
        await live.accept(message("hello", 2))
        await fake.until(before + 3)
    pieces = [m for m in fake.sent if m.reply_to == "2"]
    assert "".join(m.text for m in pieces) == long
    assert [m.nonce.split(".")[1] for m in pieces] == ["0", "1", "2"]
    assert [m.reading is not None for m in pieces] == [False, False, True]


async def test_a_platform_that_asks_to_slow_down_gets_it_once_later(settings):
    fake = FakePlatform()
    fake.faults = [PlatformRateLimited(0.01), PlatformRateLimited(0.01)]
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("one", 1))
        await live.accept(message("two", 2))
        await fake.until(2)
    assert [m.reply_to for m in fake.sent] == ["1", "2"]


@pytest.mark.parametrize(
    ("repeat", "times"), [(Repeat.NEVER, 1), (Repeat.ONCE, 2), (Repeat.SAFE, 2)]
)
async def test_a_send_that_may_have_arrived_is_repeated_as_its_platform_allows(
    settings, repeat, times
):
    fake = FakePlatform(repeat=repeat)
    fake.faults = [PlatformUncertain("lost")]
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("one", 1))
        await live.accept(message("two", 2))
        await fake.until(times + 1)
    assert [m.reply_to for m in fake.sent] == ["1"] * times + ["2"]
    assert len({m.nonce for m in fake.sent}) == 2


async def test_a_rejected_reply_does_not_hold_up_the_next(settings):
    fake = FakePlatform()
    fake.faults = [PlatformRejected("blocked")]
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("one", 1))
        await live.accept(message("two", 2))
        await fake.until(1)
    assert [m.reply_to for m in fake.sent] == ["2"]
