from __future__ import annotations

import pytest
import torch

from emotibot_models.types import Emotion
from training.response.examples import Example
from training.response.judges import Judges


class Tones:
    """Stands for the text model: every reply is calm."""

    def scores(self, texts):
        return torch.zeros(len(texts), len(Emotion))


class Shouting:
    """Stands for the filter: whatever is in capitals is toxic."""

    def scores(self, texts):
        return [{"toxicity": float(text.isupper())} for text in texts]

    def is_safe(self, scores):
        return scores["toxicity"] < 0.5


EXAMPLES = [
    Example(text="hi", history=(), reply="What happened?", source="x", emotion=Emotion.SADNESS)
] * 4
REPLIES = ["GO AWAY", "I am sorry to hear that.", "My wife says the same.", ""]


def test_faults_are_shares_of_the_replies_that_were_given():
    found = Judges(Tones(), Shouting()).figures(REPLIES, EXAMPLES)
    assert found["toxic"] == pytest.approx(1 / 3)
    assert found["own_life"] == pytest.approx(1 / 3)
    assert found["missing"] == 0.25
    assert 0.0 <= found["emotion_fit"] <= 1.0


def test_a_written_reply_claims_no_life_of_its_own():
    judges = Judges(Tones(), Shouting())
    assert judges.figures(REPLIES, EXAMPLES, {"My wife says the same."})["own_life"] == 0.0


def test_beside_the_human_replies_there_is_an_overlap_too():
    found = Judges(Tones(), Shouting()).beside_human(["What happened?"] * 4, EXAMPLES)
    assert (found["rouge_l"], found["repeated"]) == (1.0, 1.0)


def test_nothing_said_is_nothing_wrong():
    found = Judges(Tones(), Shouting()).figures([""], EXAMPLES[:1])
    assert (found["toxic"], found["missing"]) == (0.0, 1.0)
