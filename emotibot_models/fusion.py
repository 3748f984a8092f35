"""One emotion from two readings: words and face meet in one table, then it is arithmetic.

The 27 text labels and the 7 face labels share seven families, Ekman's six and neutral, after the
grouping that the GoEmotions authors publish. Emotions that a face does not show (gratitude,
realization, …) belong to the family whose expression they usually come with.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from emotibot_models.types import (
    NEUTRAL,
    Emotion,
    FaceEmotion,
    FaceReading,
    FusedEmotion,
    FusionSource,
    TextReading,
)

FAMILY: Final[dict[Emotion, FaceEmotion]] = {
    Emotion.ADMIRATION: FaceEmotion.HAPPY,
    Emotion.AMUSEMENT: FaceEmotion.HAPPY,
    Emotion.ANGER: FaceEmotion.ANGRY,
    Emotion.ANNOYANCE: FaceEmotion.ANGRY,
    Emotion.APPROVAL: FaceEmotion.HAPPY,
    Emotion.CARING: FaceEmotion.HAPPY,
    Emotion.CONFUSION: FaceEmotion.SURPRISE,
    Emotion.CURIOSITY: FaceEmotion.SURPRISE,
    Emotion.DESIRE: FaceEmotion.HAPPY,
    Emotion.DISAPPOINTMENT: FaceEmotion.SAD,
    Emotion.DISAPPROVAL: FaceEmotion.ANGRY,
    Emotion.DISGUST: FaceEmotion.DISGUST,
    Emotion.EMBARRASSMENT: FaceEmotion.SAD,
    Emotion.EXCITEMENT: FaceEmotion.HAPPY,
    Emotion.FEAR: FaceEmotion.FEAR,
    Emotion.GRATITUDE: FaceEmotion.HAPPY,
    Emotion.GRIEF: FaceEmotion.SAD,
    Emotion.JOY: FaceEmotion.HAPPY,
    Emotion.LOVE: FaceEmotion.HAPPY,
    Emotion.NERVOUSNESS: FaceEmotion.FEAR,
    Emotion.OPTIMISM: FaceEmotion.HAPPY,
    Emotion.PRIDE: FaceEmotion.HAPPY,
    Emotion.REALIZATION: FaceEmotion.SURPRISE,
    Emotion.RELIEF: FaceEmotion.HAPPY,
    Emotion.REMORSE: FaceEmotion.SAD,
    Emotion.SADNESS: FaceEmotion.SAD,
    Emotion.SURPRISE: FaceEmotion.SURPRISE,
}
"""The face that each text emotion is expected to show."""

NAMESAKE: Final[dict[FaceEmotion, str]] = {
    FaceEmotion.ANGRY: Emotion.ANGER,
    FaceEmotion.DISGUST: Emotion.DISGUST,
    FaceEmotion.FEAR: Emotion.FEAR,
    FaceEmotion.HAPPY: Emotion.JOY,
    FaceEmotion.NEUTRAL: NEUTRAL,
    FaceEmotion.SAD: Emotion.SADNESS,
    FaceEmotion.SURPRISE: Emotion.SURPRISE,
}
"""What an expression is called when no words say more."""

AGREEMENT: Final = 0.5
"""How much of the doubt that is left an agreeing face takes away, at full confidence."""

TEMPER: Final = 0.4
"""How much of the text's confidence a contradicting face takes away, at full confidence."""


def fuse(text: TextReading, face: FaceReading | None) -> FusedEmotion:
    """The emotion of the turn.

    A face in the family of any emotion found in the words agrees with that one and raises it; a
    face in another family tempers the strongest one; a neutral face neither agrees nor
    contradicts. Confidence stays within 0 and 1.
    """
    expression = face.emotion if face is not None else None
    if not text.emotions:
        return _from_face(expression, face.confidence if face else 0.0, text)
    strongest = text.emotions[0]
    if expression is None or expression is FaceEmotion.NEUTRAL:
        return FusedEmotion(strongest.emotion, strongest.confidence, FusionSource.TEXT_ONLY)
    certainty = face.confidence if face else 0.0
    for found in text.emotions:
        if FAMILY[Emotion(found.emotion)] is expression:
            raised = found.confidence + (1 - found.confidence) * certainty * AGREEMENT
            return FusedEmotion(found.emotion, raised, FusionSource.FUSED_ALIGNED)
    tempered = strongest.confidence * (1 - TEMPER * certainty)
    return FusedEmotion(strongest.emotion, tempered, FusionSource.FUSED_CONFLICT)


def in_mood(fused: FusedEmotion, mood: str) -> FusedEmotion:
    """What an answer goes by: a turn that reads as neutral rests on the mood before it, if any."""
    if fused.primary != NEUTRAL or not mood:
        return fused
    return replace(fused, primary=mood)


def _from_face(
    expression: FaceEmotion | None, confidence: float, text: TextReading
) -> FusedEmotion:
    if expression is None:
        doubt = max(text.scores, default=0.0)
        return FusedEmotion(NEUTRAL, 1 - doubt, FusionSource.NEUTRAL)
    if expression is FaceEmotion.NEUTRAL and any(text.scores):
        return FusedEmotion(NEUTRAL, confidence, FusionSource.NEUTRAL)
    return FusedEmotion(NAMESAKE[expression], confidence, FusionSource.IMAGE_ONLY)
