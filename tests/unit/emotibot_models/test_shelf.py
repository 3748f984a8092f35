from __future__ import annotations

import pytest

from emotibot_models.bank import BankSentence, load_bank
from emotibot_models.shelf import Shelf, suits
from emotibot_models.types import NEUTRAL, Emotion, Intent
from tests.unit.emotibot_models.words import Words


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf(load_bank(), Words())


def look(shelf: Shelf, context: str, emotion: str, most: int = 5):
    [vector] = Words().embed_contexts([context])
    return shelf.nearest(vector, emotion, most=most)


def test_the_nearest_sentences_come_first_and_no_more_than_asked_for(shelf):
    wanted = load_bank().sentences[40]
    found = look(shelf, wanted.text, wanted.emotions[0])
    assert found[0].candidate.text == wanted.text
    assert len(found) == 5


def test_a_misread_emotion_does_not_hide_the_sentence_for_the_situation(shelf):
    wanted = next(s for s in load_bank().sentences if Emotion.GRIEF in s.emotions)
    assert wanted.text in {f.candidate.text for f in look(shelf, wanted.text, Emotion.JOY, 10)}


@pytest.mark.parametrize(
    ("own", "read", "fit"),
    [
        ((Emotion.GRIEF,), Emotion.GRIEF, 1.0),
        ((Emotion.SADNESS,), Emotion.GRIEF, 0.75),
        ((Emotion.JOY,), Emotion.GRIEF, 0.0),
        ((Emotion.GRIEF, Emotion.ANGER), Emotion.JOY, 0.0),
        ((Emotion.JOY, Emotion.GRIEF), Emotion.FEAR, 0.5),
        ((Emotion.CURIOSITY,), Emotion.JOY, 0.5),
        ((NEUTRAL,), Emotion.JOY, 0.5),
        ((Emotion.JOY,), NEUTRAL, 1.0),
    ],
)
def test_how_a_sentence_suits_an_emotion(own, read, fit):
    assert suits(BankSentence("x", tuple(map(str, own)), Intent.ASK, "t"), read) == fit
