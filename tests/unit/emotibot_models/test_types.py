from __future__ import annotations

import json
from datetime import UTC, datetime

from emotibot_models.types import (
    Box,
    Emotion,
    EmotionScore,
    FaceEmotion,
    FaceOutcome,
    FaceReading,
    FusedEmotion,
    FusionSource,
    ReplySource,
    TextReading,
    TurnResult,
)


def result(face: FaceReading | None = None) -> TurnResult:
    return TurnResult(
        text="hello",
        has_image=face is not None,
        text_reading=TextReading((0.0,) * 27, (EmotionScore("joy", 0.85),)),
        face=face,
        fused=FusedEmotion("joy", 0.88, FusionSource.FUSED_ALIGNED),
        response="How lovely.",
        reply_source=ReplySource.BANK,
        is_safe=True,
        toxicity={"toxicity": 0.00012},
        user_toxicity={"toxicity": 0.2},
        seconds=0.45,
        at=datetime(2026, 1, 2, tzinfo=UTC),
    )


def test_there_are_27_emotions_in_goemotions_order():
    assert len(Emotion) == 27
    assert (next(iter(Emotion)), list(Emotion)[-1]) == ("admiration", "surprise")


def test_the_public_dict_has_the_promised_shape():
    read = FaceReading(FaceOutcome.READ, FaceEmotion.HAPPY, 0.91, faces=1, box=Box(1, 2, 3, 4))
    body = result(read).to_dict()
    assert body["user_input"] == {"text": "hello", "has_image": True}
    assert body["emotion_analysis"] == {
        "text_emotions": [{"emotion": "joy", "confidence": 0.85}],
        "image_emotion": {"emotion": "happy", "confidence": 0.91},
        "fused_emotion": {"primary_emotion": "joy", "confidence": 0.88, "source": "fused_aligned"},
    }
    assert body["response"] == "How lovely."
    assert body["safety"] == {"is_safe": True, "toxicity_scores": {"toxicity": 0.0001}}
    assert body["metadata"]["processing_time"] == 0.45
    assert body["metadata"]["timestamp"] == "2026-01-02T00:00:00+00:00"
    assert body["metadata"]["reply_source"] == "bank"
    assert body["metadata"]["face"]["box"] == [1, 2, 3, 4]
    assert json.loads(json.dumps(body)) == body


def test_a_picture_without_a_face_has_no_image_emotion_but_a_reason():
    body = result(FaceReading(FaceOutcome.NO_FACE, note="no face there")).to_dict()
    assert body["emotion_analysis"]["image_emotion"] is None
    assert body["metadata"]["face"]["note"] == "no face there"
