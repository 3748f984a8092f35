"""A pipeline without weights, for tests and development of the service: no torch, no files."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from emotibot_models.fusion import fuse
from emotibot_models.types import (
    Emotion,
    EmotionScore,
    FaceEmotion,
    FaceOutcome,
    FaceReading,
    ReplySource,
    TextReading,
    TurnInput,
    TurnResult,
)

CUES = {
    "sad": Emotion.SADNESS,
    "happy": Emotion.JOY,
    "angry": Emotion.ANGER,
    "afraid": Emotion.FEAR,
    "thank": Emotion.GRATITUDE,
}


class ScriptedPipeline:
    """Reads a handful of words, takes every picture for a happy face, and answers by rule.

    ``answer`` replaces the rule; ``seconds`` is slept once a batch, like a model's fixed cost.
    """

    def __init__(
        self, answer: Callable[[TurnInput], str] | None = None, *, seconds: float = 0.0
    ) -> None:
        self._answer = answer or (lambda turn: f"I hear you: {turn.text or 'a picture'}")
        self._seconds = seconds

    def run(self, turns: list[TurnInput]) -> list[TurnResult]:
        """One result a turn, in order."""
        if self._seconds:
            time.sleep(self._seconds)
        return [self._result(turn) for turn in turns]

    def _result(self, turn: TurnInput) -> TurnResult:
        reading = _read(turn.text)
        face = None
        if turn.image is not None:
            face = FaceReading(FaceOutcome.READ, FaceEmotion.HAPPY, 0.9, faces=1)
        return TurnResult(
            text=turn.text,
            has_image=turn.image is not None,
            text_reading=reading,
            face=face,
            fused=fuse(reading, face),
            response=self._answer(turn) if turn.reply else "",
            reply_source=ReplySource.GENERATED if turn.reply else None,
            is_safe=True,
            toxicity={"toxicity": 0.0},
            user_toxicity={"toxicity": 0.0},
            seconds=self._seconds,
            at=datetime.now(UTC),
        )


def _read(text: str) -> TextReading:
    words = text.lower()
    found = [emotion for cue, emotion in CUES.items() if cue in words]
    scores = tuple(0.9 if emotion in found else 0.01 for emotion in Emotion)
    return TextReading(scores, tuple(EmotionScore(emotion, 0.9) for emotion in found))
