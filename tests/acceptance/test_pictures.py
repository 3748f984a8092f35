"""Pictures are fetched and read by consent alone: the whole service."""

from __future__ import annotations

import pytest

from bot import texts
from bot.bootstrap import service
from bot.errors import (
    PlatformRejected,
)
from bot.messages import ConversationKey
from emotibot_models.scripted import ScriptedPipeline
from tests.peers.fake import (
    FakePlatform,
    Gate,
    heard,
    jpeg,
    message,
)


async def test_without_consent_no_picture_is_even_fetched(settings):
    fake, gate = FakePlatform(photos={"p": jpeg()}), Gate()
    gate.open.set()
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("how do I look?", 1, photo="p"))
        await live.accept(message("and now?", 2, photo="p"))
        await live.accept(message("", 3, photo="p"))
        await fake.until(3)
    assert fake.fetched == []
    assert [texts.FACE_ASK in body for body in fake.bodies()] == [True, False, True]
    assert all(turn.image is None for turn in gate.turns)


async def test_consent_is_remembered_and_can_be_taken_back(settings):
    fake = FakePlatform(photos={"p": jpeg()})
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("/face yes", 1))
        await live.accept(message("", 2, photo="p"))
        await fake.until(2)
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("", 3, photo="p"))
        await live.accept(message("/face no", 4))
        await live.accept(message("", 5, photo="p"))
        await fake.until(5)
    assert fake.fetched == ["p", "p"]
    said = {m.reply_to: m.text for m in fake.sent}
    assert said["2"] == heard("a picture")
    assert said["5"] == texts.FACE_DECLINED


async def test_faces_are_not_read_in_groups(settings):
    fake = FakePlatform(photos={"p": jpeg()})
    group = ConversationKey("fake", "group", "ann")
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("/face yes", 1))
        await live.accept(message("us", 2, group, photo="p", private=False))
        await fake.until(2)
    assert fake.fetched == []
    assert fake.bodies(group)[0].endswith(texts.FACE_NOT_HERE)


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (PlatformRejected("gone"), texts.PHOTO_LOST),
        (RuntimeError("strange"), texts.PHOTO_LOST),
        (b"", "arrived empty"),
        (b"%PDF-1.7 and so on", "PDF"),
        (jpeg()[:200], "damaged"),
    ],
    ids=["gone", "strange", "empty", "a PDF", "cut off"],
)
async def test_a_picture_that_cannot_be_had_is_answered_with_a_sentence(settings, picture, said):
    fake = FakePlatform(photos={"p": picture})
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("/face yes", 1))
        await live.accept(message("", 2, photo="p"))
        await live.accept(message("with words", 3, photo="p"))
        await fake.until(3)
    assert said in fake.sent[1].text
    assert heard("with words") in fake.sent[2].text
    assert said in fake.sent[2].text


async def test_yes_reads_the_picture_that_was_asked_about(settings):
    fake = FakePlatform(photos={"p": jpeg()})
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("", 1, photo="p"))
        await fake.until(1)
        asked = fake.sent[0]
        await live.accept(message(asked.buttons[0].says, "press-2"))
        await fake.until(2)
        await live.accept(message("", 3, photo="p"))
        await fake.until(3)
    assert [button.says for button in asked.buttons] == ["/face yes", "/face later", "/face never"]
    assert fake.bodies()[1:] == [heard("a picture")] * 2
    assert fake.fetched == ["p", "p"]
