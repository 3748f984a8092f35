"""A message in, exactly one reply out: the whole service around a scripted pipeline."""

from __future__ import annotations

import asyncio

import pytest

from bot import texts
from bot.bootstrap import service
from bot.messages import ConversationKey
from emotibot_models.scripted import ScriptedPipeline
from tests.peers.fake import (
    ANN,
    BEN,
    FakePlatform,
    Gate,
    changed,
    heard,
    jpeg,
    message,
    thinking,
)


async def test_a_message_gets_its_reply(settings):
    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("hello", 1))
        await fake.until(1)
    assert fake.sent[0].text.endswith(heard("hello"))
    assert fake.sent[0].reply_to == "1"
    assert fake.typed[0] == ANN


async def test_the_first_reply_says_once_whom_one_talks_to(settings):
    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("hello", 1))
        await live.accept(message("again", 2))
        await fake.until(2)
    notice = texts.notice(settings.history.days)
    assert [notice in body for body in fake.bodies()] == [True, False]


async def test_a_redelivered_message_is_answered_once(settings):
    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("hello", 1))
        await asyncio.gather(*(live.accept(message("hello", 1)) for _ in range(5)))
        await fake.until(1)
        await live.accept(message("hello", 1))
        await live.accept(message("bye", 2))
        await fake.until(2)
    assert [m.reply_to for m in fake.sent] == ["1", "2"]


async def test_quick_messages_of_one_person_are_answered_in_order(settings):
    fake, gate = FakePlatform(), Gate()
    async with service(settings, gate, [fake]) as live:
        for number in range(8):
            await live.accept(message(f"number {number}", number))
        gate.open.set()
        await fake.until(8)
    assert [m.reply_to for m in fake.sent] == [str(n) for n in range(8)]


async def test_a_slow_picture_does_not_let_the_next_message_overtake(settings):
    picture = asyncio.get_running_loop().create_future()
    fake = FakePlatform(photos={"p": picture})
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("/face yes", 0))
        await fake.until(1)
        await live.accept(message("look", 1, photo="p"))
        await live.accept(message("and this", 2))
        picture.set_result(jpeg())
        await fake.until(3)
    assert [m.reply_to for m in fake.sent] == ["0", "1", "2"]


async def test_two_people_do_not_wait_for_each_other_and_share_a_batch(settings):
    async with thinking(settings, message("first", 1, ANN)) as (live, fake, gate):
        await live.accept(message("second", 1, BEN))
        gate.open.set()
        await fake.until(2)
    assert {m.key for m in fake.sent} == {ANN, BEN}


async def test_a_poisoned_turn_gets_an_apology_and_the_next_is_served(settings):
    def answer(turn):
        if turn.text == "poison":
            raise ValueError
        return heard(turn.text)

    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(answer), [fake]) as live:
        await live.accept(message("poison", 1))
        await live.accept(message("fine", 2))
        await live.accept(message("also fine", 1, BEN))
        await fake.until(3)
    assert [body.split("\n\n")[-1] for body in fake.bodies(ANN)] == [texts.APOLOGY, heard("fine")]
    assert fake.bodies(BEN)[0].endswith(heard("also fine"))


@pytest.mark.parametrize("text", ["", "   ", "\n"])
async def test_a_message_without_words_gets_a_sentence(settings, text):
    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message(text, 1))
        await fake.until(1)
    assert fake.sent[0].text.endswith(texts.EMPTY)


async def test_what_cannot_be_read_gets_a_sentence_and_the_words_beside_it_their_answer(settings):
    fake = FakePlatform()
    said = texts.UNSUPPORTED["voice"]
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("", 1, unsupported="voice"))
        await live.accept(message("listen", 2, unsupported="voice"))
        await live.accept(message("I want to kill myself", 3, unsupported="voice"))
        await fake.until(3)
    assert fake.sent[0].text.endswith(said)
    assert fake.sent[1].text == f"{heard('listen')}\n\n{said}"
    assert "not alone" in fake.sent[2].text or "taking it seriously" in fake.sent[2].text


async def test_how_a_message_was_read_is_said_modestly(settings):
    fake = FakePlatform(photos={"p": jpeg()})
    on = changed(settings, platforms={"emotion_line": True, "join_s": 0.0})
    async with service(on, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("/face yes", 1))
        await live.accept(message("so sad", 2, photo="p"))
        await fake.until(2)
    assert fake.sent[1].text.endswith(
        "(Your words read as sadness, and the expression in the picture reads as happy.)"
    )
    assert fake.sent[1].reading["emotion_analysis"]["image_emotion"]["emotion"] == "happy"


async def test_many_people_get_one_answer_each_in_order(settings):
    fake = FakePlatform()
    people = [ConversationKey("fake", f"chat{n}", f"person{n}") for n in range(10)]
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        for number in range(3):
            await asyncio.gather(
                *(live.accept(message(f"{number}", number, key)) for key in people)
            )
        await fake.until(30)
    for key in people:
        assert [m.reply_to for m in fake.sent if m.key == key] == ["0", "1", "2"]
