"""Six groups of emotions that are answered alike: for fallbacks and for judging a reply's fit."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from emotibot_models.types import NEUTRAL, Emotion


class EmotionGroup(StrEnum):
    """Emotions that call for the same tone."""

    POSITIVE = "positive"
    LOW = "low"
    """Negative and quiet: sadness, guilt, disappointment."""
    ANGER = "anger"
    FEAR = "fear"
    SURPRISE = "surprise"
    """Surprised, curious, puzzled: neither good nor bad yet."""
    NEUTRAL = "neutral"


_MEMBERS: Final[Mapping[EmotionGroup, tuple[str, ...]]] = {
    EmotionGroup.POSITIVE: (
        Emotion.ADMIRATION,
        Emotion.AMUSEMENT,
        Emotion.APPROVAL,
        Emotion.CARING,
        Emotion.DESIRE,
        Emotion.EXCITEMENT,
        Emotion.GRATITUDE,
        Emotion.JOY,
        Emotion.LOVE,
        Emotion.OPTIMISM,
        Emotion.PRIDE,
        Emotion.RELIEF,
    ),
    EmotionGroup.LOW: (
        Emotion.DISAPPOINTMENT,
        Emotion.EMBARRASSMENT,
        Emotion.GRIEF,
        Emotion.REMORSE,
        Emotion.SADNESS,
    ),
    EmotionGroup.ANGER: (
        Emotion.ANGER,
        Emotion.ANNOYANCE,
        Emotion.DISAPPROVAL,
        Emotion.DISGUST,
    ),
    EmotionGroup.FEAR: (Emotion.FEAR, Emotion.NERVOUSNESS),
    EmotionGroup.SURPRISE: (
        Emotion.CONFUSION,
        Emotion.CURIOSITY,
        Emotion.REALIZATION,
        Emotion.SURPRISE,
    ),
    EmotionGroup.NEUTRAL: (NEUTRAL,),
}

GROUP_OF: Final[Mapping[str, EmotionGroup]] = MappingProxyType(
    {str(name): group for group, names in _MEMBERS.items() for name in names}
)
"""Every ``Emotion`` value and ``NEUTRAL`` to its group."""
