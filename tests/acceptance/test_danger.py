"""People in danger, and replies that must not leave: the whole service."""

from __future__ import annotations

from dataclasses import replace

from bot import texts
from bot.bootstrap import service
from bot.messages import ConversationKey
from bot.storage import schema
from emotibot_models.scripted import ScriptedPipeline
from tests.peers.fake import (
    FakePlatform,
    Gate,
    changed,
    heard,
    message,
    rows,
)


async def test_danger_is_answered_even_when_too_much_was_sent(settings):
    fake, gate = FakePlatform(), Gate()
    limits = {"burst": 1, "per_minute": 0.001}
    async with service(changed(settings, limits=limits), gate, [fake]) as live:
        await live.accept(message("hello", 1))
        await live.accept(message("I want to kill myself", 2))
        await fake.until(1)
        gate.open.set()
    assert fake.sent[0].reply_to == "2"
    assert "hear you" not in fake.sent[0].text


async def test_a_crisis_reaches_no_model_and_is_not_remembered(settings):
    fake, gate = FakePlatform(), Gate()
    gate.open.set()
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("I want to kill myself", 1))
        await fake.until(1)
        assert await rows(live, schema.history) == 0
    assert gate.turns == []


async def test_a_yes_after_a_crisis_is_heard_as_one_and_a_no_clears_it(settings):
    fake, gate = FakePlatform(), Gate()
    gate.open.set()
    said = ["I want to kill myself", "yes", "No, I'm safe", "yes"]
    async with service(settings, gate, [fake]) as live:
        for number, text in enumerate(said):
            await live.accept(message(text, number))
            await fake.until(number + 1)
    assert fake.sent[1].text == fake.sent[0].text
    assert fake.sent[2].text == texts.NO_DANGER
    assert [turn.text for turn in gate.turns] == ["yes"]


async def test_hard_words_about_oneself_are_answered_like_any_others(settings):
    fake, said = FakePlatform(), "I am such a stupid, worthless idiot"
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message(said, 1))
        await fake.until(1)
    assert fake.sent[0].text.endswith(heard(said))


async def test_an_unsafe_reply_never_leaves(settings):
    class Unsafe(ScriptedPipeline):
        def run(self, turns):
            return [replace(result, is_safe=False) for result in super().run(turns)]

    fake = FakePlatform()
    async with service(settings, Unsafe(), [fake]) as live:
        await live.accept(message("hello", 1))
        await fake.until(1)
    assert fake.sent[0].text.endswith(texts.NOT_SAID_WELL)


async def test_a_stricter_place_lets_less_pass(settings):
    class Doubtful(ScriptedPipeline):
        def run(self, turns):
            return [replace(r, toxicity={"toxicity": 0.3}) for r in super().run(turns)]

    fake = FakePlatform()
    group = ConversationKey("fake", "general", "ann")
    guild = {"place": "guild", "private": False}
    async with service(settings, Doubtful(), [fake]) as live:
        await live.accept(message("hello", 1, group, **guild))
        await fake.until(1)
        await live.accept(message("/here strict on", 2, group, moderates=True, **guild))
        await fake.until(2)
        await live.accept(message("hello", 3, group, **guild))
        await fake.until(3)
    said = {m.reply_to: m.text for m in fake.sent}
    assert said["1"].endswith(heard("hello"))
    assert said["3"] == texts.NOT_SAID_WELL
