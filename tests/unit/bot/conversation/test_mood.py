"""Days are counted as they read; the running mood fades."""

from __future__ import annotations

import io
from datetime import date

import pytest
from PIL import Image, features

from bot import texts
from bot.conversation.mood import LASTS_S, moved, strongest, tally
from bot.storage.history import Read
from emotibot_models.emotion_groups import EmotionGroup

DAY = 86_400.0


def reading(primary, confidence=0.9):
    fused = {"primary_emotion": primary, "confidence": confidence, "source": "text_only"}
    return {"emotion_analysis": {"fused_emotion": fused}}


def test_messages_are_counted_by_day_and_group():
    said = [Read(0.0, reading("joy")), Read(1.0, reading("pride")), Read(DAY, reading("grief"))]
    assert tally(said) == {
        date(1970, 1, 1): {EmotionGroup.POSITIVE: 2},
        date(1970, 1, 2): {EmotionGroup.LOW: 1},
    }


async def test_the_last_two_weeks_are_a_picture(ask, read):
    await read("joy", at=20 * DAY)
    said = await ask("/mood", now=21 * DAY)
    assert said.file.name == "mood.png"
    assert Image.open(io.BytesIO(said.file.data)).size == (720, 360)


async def test_what_is_older_is_not_drawn(ask, read):
    await read("joy", at=1 * DAY)
    assert (await ask("/mood", now=21 * DAY)).body == texts.MOOD_NOTHING


@pytest.fixture
def drawn(ask, read):
    """The picture of one day in so many languages."""

    async def draw(*locales):
        await read("joy", at=20 * DAY)
        said = [await ask("/mood", now=21 * DAY, locale=locale) for locale in locales]
        return [each.file.data for each in said]

    return draw


@pytest.mark.skipif(not features.check("raqm"), reason="needs libfribidi")
async def test_the_legend_is_in_the_persons_language(drawn):
    assert len(set(await drawn("hi", "en", "de"))) == 3


async def test_a_script_that_cannot_be_drawn_gets_an_english_legend(drawn, monkeypatch):
    monkeypatch.setattr(features, "check", lambda _: False)
    hindi, english = await drawn("hi", "en")
    assert hindi == english


def feel(*emotions, every=1.0):
    mood, now = None, 0.0
    for emotion in emotions:
        now += every
        mood = moved(mood, reading(emotion), now)
    return strongest(mood, now)


@pytest.mark.parametrize(
    ("said", "mood"),
    [
        ([], ""),
        (["sadness"], "sadness"),
        (["sadness", "neutral"], ""),
        (["sadness", "sadness", "neutral"], "sadness"),
        (["sadness", "sadness", "joy"], "joy"),
        (["joy", *["neutral"] * 5], ""),
    ],
)
def test_the_mood_is_what_was_read_lately(said, mood):
    assert feel(*said) == mood


def test_a_long_silence_ends_a_mood():
    mood = moved(None, reading("sadness"), 0.0)
    assert strongest(mood, LASTS_S + 1) == ""
    assert moved(mood, reading("joy"), LASTS_S + 1)["emotions"].keys() == {"joy"}
