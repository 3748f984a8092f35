"""What a crash or a stop interrupts is finished: the whole service around a scripted pipeline."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from bot import texts
from bot.bootstrap import service
from bot.errors import (
    PlatformUnavailable,
)
from bot.storage import schema
from emotibot_models.scripted import ScriptedPipeline
from tests.peers.fake import (
    FakePlatform,
    Gate,
    changed,
    eventually,
    heard,
    jpeg,
    message,
    rows,
    thinking,
)


async def crash_with_a_turn_in_hand(settings, text, platforms):
    """Die while the models think about this message, without any time to finish."""
    gate = Gate()
    at_once = changed(settings, engine={"grace_s": 0.0, "attempts": 2})
    with suppress(asyncio.CancelledError):
        async with service(at_once, gate, platforms) as live:
            await live.accept(message(text, 1))
            await gate.has_work()
            # Too late for an answer, in time for the thread that the stop waits for.
            asyncio.get_running_loop().call_later(1.0, gate.open.set)
            raise asyncio.CancelledError


async def test_a_redelivery_after_a_restart_is_answered_once(settings):
    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("hello", 1))
        await fake.until(1)
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("hello", 1))
        await live.accept(message("bye", 2))
        await fake.until(2)
    assert [m.reply_to for m in fake.sent] == ["1", "2"]


async def test_what_was_accepted_before_a_crash_is_answered_after_it(settings):
    fake = FakePlatform()
    await crash_with_a_turn_in_hand(settings, "still there?", [fake])
    already = len(fake.sent)
    async with service(settings, ScriptedPipeline(), [fake]):
        await fake.until(1)
    assert already == 0
    assert [m.reply_to for m in fake.sent] == ["1"]


async def test_a_reply_written_before_a_crash_is_posted_after_it(settings):
    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(), []) as live:  # nobody there to post
        await live.accept(message("hello", 1))
        await eventually(lambda: rows(live, schema.outbox))
    async with service(settings, Gate(), [fake]):
        await fake.until(1)
    assert fake.sent[0].text.endswith(heard("hello"))


async def test_a_stop_finishes_the_turns_in_hand(settings):
    async with thinking(settings, message("hello", 1)) as (_, fake, gate):
        gate.open.set()
    assert len(fake.sent) == 1


async def test_a_turn_that_kills_the_process_each_time_ends_in_an_apology(settings):
    fake = FakePlatform()
    for _ in range(2):
        await crash_with_a_turn_in_hand(settings, "deadly", [fake])
    async with service(changed(settings, engine={"attempts": 2}), ScriptedPipeline(), [fake]):
        await fake.until(1)
    assert fake.sent[0].text.endswith(texts.APOLOGY)


async def test_history_survives_a_restart(settings):
    fake, gate = FakePlatform(), Gate()
    gate.open.set()
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("my name is Zoe", 1))
        await fake.until(1)
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("who am I?", 2))
        await fake.until(2)
    assert [line.text for line in gate.turns[0].history] == [
        "my name is Zoe",
        heard("my name is Zoe"),
    ]


async def test_a_picture_on_its_way_at_a_crash_is_fetched_again(settings):
    never = asyncio.get_running_loop().create_future()
    fake = FakePlatform(photos={"p": never})
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("/face yes", 1))
        await live.accept(message("me", 2, photo="p"))
        await live.accept(message("after it", 3))
        await fake.until(1)
    fake.photos["p"] = jpeg()
    async with service(settings, ScriptedPipeline(), [fake]):
        await fake.until(3)
    assert [m.reply_to for m in fake.sent] == ["1", "2", "3"]


async def test_an_unreachable_platform_gets_the_reply_after_the_restart(settings):
    fake = FakePlatform()
    fake.faults = [PlatformUnavailable("down")]
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("one", 1))
        await eventually(fake.has_failed)
    async with service(settings, ScriptedPipeline(), [fake]):
        await fake.until(1)
    assert len(fake.sent) == 1
