from __future__ import annotations

import pytest
import torch

import emotibot_models
from emotibot_models.composer import Reply
from emotibot_models.face_detection import FaceFinding
from emotibot_models.flow import Stage
from emotibot_models.pipeline import Pipeline, emotibot_pipeline
from emotibot_models.types import (
    Emotion,
    EmotionScore,
    FaceEmotion,
    FaceMode,
    FaceOutcome,
    FaceReading,
    FusionSource,
    Intent,
    ReplySource,
    TextReading,
    TurnInput,
)


class Text:
    """The first of 27 scores says whether the text is happy."""

    def __init__(self) -> None:
        self.leanings = []

    def scores(self, texts):
        out = torch.full((len(texts), 27), 0.1)
        out[:, 0] = torch.tensor([float("happy" in t) for t in texts])
        return out

    def reading(self, scores, leanings):
        self.leanings.append(leanings)
        return TextReading(tuple(scores), (EmotionScore(Emotion.JOY, 0.7),) if scores[0] else ())


class Face:
    """Remembers what it was shown; every face is sad, and a picture without bytes has none."""

    def __init__(self) -> None:
        self.shown = []

    def look(self, pictures):
        self.shown += pictures
        nobody = FaceReading(FaceOutcome.NO_FACE)
        return [FaceFinding(FaceOutcome.READ, faces=1) if p else nobody for p, _ in pictures]

    def scores(self, crops):
        return torch.full((len(crops), 7), 0.6)

    def reading(self, found, scores):
        return FaceReading(found.outcome, FaceEmotion.SAD, scores[0], faces=found.faces)


class Toxicity:
    def scores(self, texts):
        return [{"toxicity": len(t) / 1000} for t in texts]


class Composes:
    """Answers each request with its own text."""

    def __init__(self) -> None:
        self.models, self.requests = {}, []

    def begin(self, text, history, ask):
        return f"{len(history)} lines before {text}"

    async def reply(self, request, draft, ask):
        assert draft == f"{len(request.history)} lines before {request.text}"
        self.requests.append(request)
        [scores] = await ask(Stage.TOXICITY, request.text)
        return Reply(
            text=f"to {request.text}",
            source=ReplySource.GENERATED,
            intent=Intent.ASK,
            toxicity=scores,
        )


@pytest.fixture
def parts():
    return {"text": Text(), "face": Face(), "toxicity": Toxicity(), "composer": Composes()}


def test_turns_come_back_in_order_with_their_own_readings(parts):
    turns = [TurnInput(text="so happy"), TurnInput(text="well"), TurnInput(text="happy too")]
    results = Pipeline(**parts).run(turns)
    assert [r.response for r in results] == ["to so happy", "to well", "to happy too"]
    assert [r.fused.primary for r in results] == ["joy", "neutral", "joy"]


def test_only_pictures_are_shown_to_the_face_model_each_with_its_mode(parts):
    turns = [
        TurnInput(text="a"),
        TurnInput(text="b", image=b"one"),
        TurnInput(text="c", image=b"two", face_mode=FaceMode.CROP),
    ]
    results = Pipeline(**parts).run(turns)
    assert parts["face"].shown == [(b"one", FaceMode.DETECT), (b"two", FaceMode.CROP)]
    assert [r.face is not None for r in results] == [False, True, True]
    assert results[1].fused.source is FusionSource.IMAGE_ONLY


def test_a_crisis_reaches_neither_the_generator_nor_the_face_model(parts):
    [crisis, other] = Pipeline(**parts).run(
        [
            TurnInput(text="I want to kill myself", image=b"face", locale="en-GB"),
            TurnInput(text="this homework is killing me"),
        ]
    )
    assert crisis.reply_source is ReplySource.CRISIS
    assert "116 123" in crisis.response
    assert crisis.to_dict()["metadata"]["crisis"] == "self_harm"
    assert crisis.face is None
    assert parts["face"].shown == []
    assert [r.text for r in parts["composer"].requests] == ["this homework is killing me"]
    assert other.reply_source is ReplySource.GENERATED


def test_reading_alone_composes_nothing(parts):
    [result] = Pipeline(**parts).run([TurnInput(text="so happy", reply=False)])
    assert (result.response, result.reply_source) == ("", None)
    assert parts["composer"].requests == []


def test_the_persons_own_words_are_scored_and_the_intent_is_noted(parts):
    [result] = Pipeline(**parts).run([TurnInput(text="so happy")])
    assert result.user_toxicity == {"toxicity": 0.008}
    assert result.to_dict()["metadata"]["intent"] == "ask"
    assert result.seconds > 0


def test_no_turns_give_no_results(parts):
    assert Pipeline(**parts).run([]) == []


def test_the_one_call_takes_a_path_bytes_or_a_picture(parts, monkeypatch, tmp_path):
    monkeypatch.setattr("emotibot_models.pipeline._starter", lambda: Pipeline(**parts))
    (tmp_path / "me.jpg").write_bytes(b"picture")
    assert emotibot_pipeline("hi", tmp_path / "me.jpg")["user_input"]["has_image"] is True
    assert emotibot_pipeline("hi", b"bytes")["response"] == "to hi"
    assert [image for image, _ in parts["face"].shown] == [b"picture", b"bytes"]


def test_a_path_without_a_file_is_an_error():
    with pytest.raises(FileNotFoundError):
        emotibot_pipeline("hi", "nowhere.jpg")


def test_the_package_exports_its_public_names():
    assert emotibot_models.Pipeline is Pipeline
    assert emotibot_models.emotibot_pipeline is emotibot_pipeline
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = emotibot_models.nothing_such


def test_a_persons_leanings_reach_their_own_reading(parts):
    Pipeline(**parts).run([TurnInput(text="a"), TurnInput(text="b", leanings={"joy": -0.1})])
    assert parts["text"].leanings == [{}, {"joy": -0.1}]


def test_an_answer_rests_on_the_mood_but_the_reading_says_what_was_read(parts):
    [result] = Pipeline(**parts).run([TurnInput(text="well", mood="sadness")])
    assert parts["composer"].requests[0].fused.primary == "sadness"
    assert result.fused.primary == "neutral"


def test_a_picture_without_a_face_is_a_reading_with_a_reason(parts):
    [result] = Pipeline(**parts).run([TurnInput(text="look", image=b"")])
    assert result.face.outcome is FaceOutcome.NO_FACE
    assert result.fused.source is FusionSource.NEUTRAL
