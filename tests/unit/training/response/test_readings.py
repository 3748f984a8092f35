from __future__ import annotations

import pytest

from emotibot_models.types import EmotionScore, TextReading
from training.response.examples import Example
from training.response.readings import Readings


class Reader:
    """Reads sadness before fear in every text with the word, and nothing elsewhere."""

    def __init__(self):
        self.asked = []

    def read(self, texts):
        self.asked += texts
        sad = (EmotionScore("sadness", 0.9), EmotionScore("fear", 0.4))
        return [TextReading((), sad if "sad" in text else ()) for text in texts]


@pytest.fixture
def reader():
    return Reader()


def examples(*texts):
    return [
        Example(text=text, history=(), reply="Oh no.", source="test", emotion="joy")
        for text in texts
    ]


def test_messages_are_labelled_as_the_bot_reads_them(reader, tmp_path):
    found = Readings(tmp_path / "run" / "r.json", lambda: reader).relabelled(
        examples("I feel sad.", "Hello.")
    )
    assert [e.emotion for e in found] == ["sadness", "neutral"]


def test_a_message_is_read_once_in_a_run(reader, tmp_path):
    for _ in range(2):
        Readings(tmp_path / "r.json", lambda: reader).relabelled(examples("I feel sad.", "Hello."))
    Readings(tmp_path / "r.json", lambda: reader).relabelled(examples("Hello.", "Oh.", "Oh."))
    assert reader.asked == ["I feel sad.", "Hello.", "Oh."]


def test_what_is_known_needs_no_model(reader, tmp_path):
    Readings(tmp_path / "r.json", lambda: reader).relabelled(examples("I feel sad."))

    def none():
        raise AssertionError("the model was loaded")

    [found] = Readings(tmp_path / "r.json", none).relabelled(examples("I feel sad."))
    assert found.emotion == "sadness"


def test_without_a_model_the_gold_labels_stay(tmp_path):
    given = examples("I feel sad.")
    assert Readings(tmp_path / "r.json", None).relabelled(given) == given
    assert not (tmp_path / "r.json").exists()
