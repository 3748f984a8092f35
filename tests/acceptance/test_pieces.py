"""What is typed in pieces, corrected or sent as an album is one turn: the whole service."""

from __future__ import annotations

from bot.bootstrap import service
from emotibot_models.scripted import ScriptedPipeline
from tests.peers.fake import (
    ANN,
    BEN,
    FakePlatform,
    Gate,
    changed,
    eventually,
    jpeg,
    message,
    thinking,
)


def joining(settings, seconds=0.3):
    return changed(settings, platforms={"emotion_line": False, "join_s": seconds})


async def test_pieces_typed_in_a_burst_are_one_turn_with_one_reply(settings):
    fake, gate = FakePlatform(photos={"p": jpeg()}), Gate()
    gate.open.set()
    async with service(joining(settings), gate, [fake]) as live:
        for number, text in enumerate(["I had a day", "my boss", "he is so angry"]):
            await live.accept(message(text, number))
        await live.accept(message("hello", 1, BEN))
        await fake.until(2)
        await live.accept(message("later", 9))
        await fake.until(3)
        await eventually(lambda: nobody_types(fake, live))
    assert [m.reply_to for m in fake.sent if m.key == ANN] == ["2", "9"]
    assert [turn.text for turn in gate.turns if "day" in turn.text or turn.text == "later"] == [
        "I had a day\nmy boss\nhe is so angry",
        "later",
    ]


async def nobody_types(fake, live):
    return not live.accept._typing._signs


async def test_danger_is_not_kept_waiting_for_more(settings):
    fake = FakePlatform()
    async with service(joining(settings, 10.0), ScriptedPipeline(), [fake]) as live:
        await live.accept(message("I want to kill myself", 1))
        await fake.until(1)
    assert fake.sent[0].reply_to == "1"


async def test_an_edit_corrects_what_is_not_answered_yet(settings):
    async with thinking(settings, message("first", 1)) as (live, fake, gate):
        await live.accept(message("I am hapy", 2))
        await live.accept(message("I am happy", 2, edited=True))
        gate.open.set()
        await fake.until(2)
    assert [turn.text for turn in gate.turns] == ["first", "I am happy"]


async def test_an_edit_after_the_answer_or_of_something_unknown_changes_nothing(settings):
    fake, gate = FakePlatform(), Gate()
    gate.open.set()
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("hello", 1))
        await fake.until(1)
        await live.accept(message("hello you", 1, edited=True))
        await live.accept(message("I want to kill myself", 77, edited=True))
        await live.accept(message("bye", 2))
        await fake.until(2)
    assert [turn.text for turn in gate.turns] == ["hello", "bye"]


async def test_danger_in_an_edit_is_met_even_after_the_answer(settings):
    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("hello", 1))
        await fake.until(1)
        await live.accept(message("I want to kill myself", 1, edited=True))
        await live.accept(message("I want to kill myself", 1, edited=True))
        await live.accept(message("bye", 2))
        await fake.until(3)
    assert [m.reply_to for m in fake.sent] == ["1", "1-edited", "2"]
    assert "hear you" not in fake.sent[1].text


async def test_a_caption_that_comes_with_a_later_picture_of_an_album_is_heard(settings):
    async with thinking(settings, message("first", 1)) as (live, fake, gate):
        await live.accept(message("", "album-7", photo="p"))
        await live.accept(message("us at the sea", "album-7", photo="q"))
        gate.open.set()
        await fake.until(2)
    assert [turn.text for turn in gate.turns] == ["first", "us at the sea"]
