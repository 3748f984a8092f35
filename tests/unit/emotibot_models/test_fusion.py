from __future__ import annotations

import pytest

from emotibot_models.fusion import FAMILY, NAMESAKE, fuse, in_mood
from emotibot_models.types import (
    Emotion,
    EmotionScore,
    FaceEmotion,
    FaceOutcome,
    FaceReading,
    FusedEmotion,
    FusionSource,
    TextReading,
)


def words(*found: tuple[Emotion, float]) -> TextReading:
    scores = dict.fromkeys(Emotion, 0.02) | dict(found)
    return TextReading(tuple(scores.values()), tuple(EmotionScore(e, c) for e, c in found))


NO_WORDS = TextReading((0.0,) * 27)


def face(emotion: FaceEmotion | None, confidence: float = 0.8) -> FaceReading:
    outcome = FaceOutcome.READ if emotion else FaceOutcome.NO_FACE
    return FaceReading(outcome, emotion, confidence if emotion else 0.0)


def test_every_text_emotion_has_a_family_and_every_face_a_name():
    assert set(FAMILY) == set(Emotion)
    assert set(NAMESAKE) == set(FaceEmotion)


def test_words_alone_keep_their_strongest_emotion():
    fused = fuse(words((Emotion.JOY, 0.7), (Emotion.LOVE, 0.4)), None)
    assert (fused.primary, fused.confidence, fused.source) == ("joy", 0.7, FusionSource.TEXT_ONLY)


@pytest.mark.parametrize("emotion", list(Emotion))
def test_a_face_of_the_same_family_raises_confidence(emotion):
    fused = fuse(words((emotion, 0.6)), face(FAMILY[emotion], 0.8))
    assert fused.source is FusionSource.FUSED_ALIGNED
    assert fused.primary == emotion
    assert fused.confidence == pytest.approx(0.6 + 0.4 * 0.8 * 0.5)


def test_a_face_can_agree_with_the_second_emotion_of_the_words():
    fused = fuse(words((Emotion.ANGER, 0.5), (Emotion.SADNESS, 0.45)), face(FaceEmotion.SAD))
    assert (fused.primary, fused.source) == ("sadness", FusionSource.FUSED_ALIGNED)


def test_a_contradicting_face_tempers_the_words_but_they_lead():
    fused = fuse(words((Emotion.JOY, 0.8)), face(FaceEmotion.SAD, 1.0))
    assert (fused.primary, fused.source) == ("joy", FusionSource.FUSED_CONFLICT)
    assert fused.confidence == pytest.approx(0.8 * 0.6)


def test_a_neutral_face_neither_agrees_nor_contradicts():
    fused = fuse(words((Emotion.JOY, 0.8)), face(FaceEmotion.NEUTRAL, 0.9))
    assert (fused.confidence, fused.source) == (0.8, FusionSource.TEXT_ONLY)


def test_a_picture_without_a_readable_face_leaves_the_words_alone():
    assert fuse(words((Emotion.FEAR, 0.5)), face(None)).source is FusionSource.TEXT_ONLY


@pytest.mark.parametrize("expression", [f for f in FaceEmotion if f is not FaceEmotion.NEUTRAL])
def test_a_face_without_words_speaks_for_itself(expression):
    fused = fuse(NO_WORDS, face(expression, 0.7))
    assert (fused.primary, fused.source) == (NAMESAKE[expression], FusionSource.IMAGE_ONLY)
    assert fused.confidence == 0.7


def test_a_neutral_face_without_words_is_read_from_the_image():
    assert fuse(NO_WORDS, face(FaceEmotion.NEUTRAL)).source is FusionSource.IMAGE_ONLY


def test_plain_words_and_a_neutral_face_are_neutral():
    fused = fuse(words(), face(FaceEmotion.NEUTRAL, 0.9))
    assert (fused.primary, fused.source) == ("neutral", FusionSource.NEUTRAL)


def test_plain_words_without_a_picture_are_neutral_as_far_as_nothing_else_is_likely():
    fused = fuse(words(), None)
    assert (fused.primary, fused.source) == ("neutral", FusionSource.NEUTRAL)
    assert fused.confidence == pytest.approx(0.98)


@pytest.mark.parametrize(
    ("read", "mood", "goes_by"),
    [
        ("neutral", "sadness", "sadness"),
        ("neutral", "", "neutral"),
        ("joy", "sadness", "joy"),
    ],
)
def test_only_what_reads_as_neutral_rests_on_the_mood_before_it(read, mood, goes_by):
    fused = FusedEmotion(read, 0.7, FusionSource.TEXT_ONLY)
    assert in_mood(fused, mood).primary == goes_by
