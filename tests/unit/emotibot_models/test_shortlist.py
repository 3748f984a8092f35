"""The few sentences that are looked at closely are those that promise most."""

from __future__ import annotations

import pytest

from emotibot_models.bank import load_bank
from emotibot_models.shortlist import shortlist, suits
from emotibot_models.topics import Topic
from emotibot_models.types import NEUTRAL, Emotion


def look(said: str, emotion: str, most: int = 5, seed: int | None = None):
    fitting = load_bank().fitting(emotion, load_bank().situation(said))
    return shortlist(fitting, emotion, most=most, seed=seed)


def test_the_most_promising_come_first_and_no_more_than_asked_for():
    found = look("My dog died yesterday.", Emotion.GRIEF)
    assert len(found) == 5
    assert found == sorted(found, key=lambda one: -one.promise)


def test_a_misread_emotion_does_not_hide_the_sentence_for_the_situation():
    [best, *_] = look("My dog died yesterday.", Emotion.JOY)
    assert best.fitting.closeness >= 1.0


def test_a_seed_makes_the_choice_among_equals_repeatable():
    first, again = (look("My dog died yesterday.", Emotion.GRIEF, seed=3) for _ in range(2))
    assert first == again
    assert any(look("My dog died yesterday.", Emotion.GRIEF, seed=s) != first for s in range(9))


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
    assert suits(Topic(name="t", emotions=tuple(map(str, own)), sentences=()), read) == fit
