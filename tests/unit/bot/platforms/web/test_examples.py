from __future__ import annotations

from io import BytesIO

from PIL import Image

from bot.platforms.web import examples
from emotibot_models.crisis import assess
from emotibot_models.face_detection import find_face
from emotibot_models.types import FaceOutcome


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")


def test_there_are_eight_sentences_and_none_of_them_is_a_crisis():
    assert len(set(examples.SENTENCES)) == 8
    assert not any(map(assess, examples.SENTENCES))


def test_the_portrait_has_one_face():
    assert examples.has_portrait()
    assert find_face(opened(examples.portrait())).outcome is FaceOutcome.READ


def test_the_drawing_has_none():
    assert find_face(opened(examples.drawing())).outcome is FaceOutcome.NO_FACE


def test_without_scikit_image_there_is_no_portrait(monkeypatch):
    monkeypatch.setattr(examples, "find_spec", lambda name: None)
    assert not examples.has_portrait()
