from __future__ import annotations

from io import BytesIO

from PIL import Image

from bot.platforms.web import examples
from emotibot_models.crisis import assess
from emotibot_models.face_detection import find_face
from emotibot_models.face_finder import Finder
from emotibot_models.presets import STARTER
from emotibot_models.types import FaceOutcome


def outcome(data: bytes) -> FaceOutcome:
    image = Image.open(BytesIO(data)).convert("RGB")
    return find_face(image, Finder.load(STARTER / "face_detection")).outcome


def test_there_are_eight_sentences_and_none_of_them_is_a_crisis():
    assert len(set(examples.SENTENCES)) == 8
    assert not any(map(assess, examples.SENTENCES))


def test_the_portrait_has_one_face():
    assert examples.has_portrait()
    assert outcome(examples.portrait()) is FaceOutcome.READ


def test_the_drawing_has_none():
    assert outcome(examples.drawing()) is FaceOutcome.NO_FACE


def test_without_scikit_image_there_is_no_portrait(monkeypatch):
    monkeypatch.setattr(examples, "find_spec", lambda name: None)
    assert not examples.has_portrait()
