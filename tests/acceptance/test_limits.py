"""Too much, too late, paused, blocked or not here: what is said instead of an answer."""

from __future__ import annotations

from bot import texts
from bot.bootstrap import service
from bot.messages import ConversationKey
from bot.storage import operations
from emotibot_models.scripted import ScriptedPipeline
from tests.peers.fake import (
    ANN,
    BEN,
    FakePlatform,
    Gate,
    belonging_to,
    changed,
    heard,
    message,
)


async def test_when_too_many_wait_a_new_message_gets_a_busy_answer_in_its_order(settings):
    fake, gate = FakePlatform(), Gate()
    async with service(changed(settings, engine={"waiting": 2}), gate, [fake]) as live:
        for number in range(3):
            await live.accept(message(f"number {number}", number))
        gate.open.set()
        await fake.until(3)
    assert [m.reply_to for m in fake.sent] == ["0", "1", "2"]
    assert fake.sent[2].text == texts.BUSY


async def test_an_answer_that_comes_too_late_is_an_apology(settings):
    fake, gate = FakePlatform(), Gate()
    async with service(changed(settings, engine={"deadline_s": 0.05}), gate, [fake]) as live:
        await live.accept(message("hello", 1))
        await fake.until(1)
        gate.open.set()
    assert fake.sent[0].text.endswith(texts.APOLOGY)


async def test_too_many_at_once_are_told_once_and_then_ignored(settings):
    fake = FakePlatform()
    limits = {"burst": 2, "per_minute": 0.001}
    async with service(changed(settings, limits=limits), ScriptedPipeline(), [fake]) as live:
        for number in range(5):
            await live.accept(message(f"number {number}", number))
        await live.accept(message("mine", 1, BEN))
        await fake.until(4)
    assert sum(texts.SLOW_DOWN in body for body in fake.bodies(ANN)) == 1
    assert len(fake.bodies(ANN)) == 3


async def test_a_pause_answers_with_a_sentence_but_danger_as_ever(settings):
    fake, gate = FakePlatform(), Gate()
    gate.open.set()
    async with service(belonging_to(settings, "telegram:1"), gate, [fake]) as live:
        async with live.store.transaction() as tx:
            await operations.pause(tx, 1.0)
        await live.accept(message("hello", 1))
        await live.accept(message("I want to kill myself", 2))
        await fake.until(2)
    assert fake.bodies()[0] == texts.PAUSED
    assert "You" in fake.bodies()[1]
    assert texts.PAUSED not in fake.bodies()[1]
    assert gate.turns == []


async def test_who_is_blocked_gets_no_answer_but_keeps_their_rights(settings):
    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        async with live.store.transaction() as tx:
            await operations.block(tx, "fake", "ann", 1.0)
        await live.accept(message("hello", 1))
        await live.accept(message("/help", 2))
        await live.accept(message("/mydata", 3))
        await live.accept(message("I want to kill myself", 4))
        await live.accept(message("hello", 5, BEN))
        await fake.until(3)
    assert {m.reply_to for m in fake.sent} == {"3", "4", "5"}


async def test_where_the_moderators_want_quiet_the_bot_says_so(settings):
    fake, gate = FakePlatform(), Gate()
    gate.open.set()
    here, there = (ConversationKey("fake", name, "ann") for name in ("general", "memes"))
    guild = {"place": "guild", "private": False}
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("/here channel on", 1, here, moderates=True, **guild))
        await live.accept(message("hello", 2, here, **guild))
        await live.accept(message("hello", 3, there, **guild))
        await fake.until(3)
    assert fake.bodies(there)[0].endswith(texts.NOT_IN_THIS_CHANNEL)
    assert fake.bodies(here)[1].endswith(heard("hello"))
