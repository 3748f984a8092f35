from __future__ import annotations

import pytest
import skimage.data
from PIL import Image

from emotibot_models import face_cascades
from emotibot_models.face_cascades import agreed, cascade_faces
from emotibot_models.face_finder import Found


@pytest.fixture(scope="module")
def portrait() -> Image.Image:
    return Image.fromarray(skimage.data.astronaut())


def test_a_face_is_told_in_pixels_of_the_picture(portrait):
    [face] = cascade_faces(portrait)
    assert (face.x, face.y) == pytest.approx((224, 115), abs=15)
    assert face.side == pytest.approx(105, abs=25)
    assert face.turn == 0.0


def test_a_head_on_its_side_is_found_by_turning_the_picture(portrait):
    tilted = portrait.crop((60, 0, 380, 260)).rotate(28, Image.Resampling.BICUBIC)
    [face] = cascade_faces(tilted)
    assert face.turn > 10


def test_a_cup_of_coffee_is_nobody():
    assert cascade_faces(Image.fromarray(skimage.data.coffee())) == []


class Juror:
    """In a cascade's place: sees a face in every window, or in none, and counts the windows."""

    def __init__(self, sees: bool) -> None:
        self.sees = sees
        self.asked = 0

    def detectMultiScale(self, *_, **__):  # noqa: N802 - OpenCV's name
        self.asked += 1
        return [(50, 50, 100, 100)] if self.sees else []


@pytest.mark.parametrize(
    ("sees", "votes", "verdict", "asked"),
    [
        ((True, True, True, True), 1, True, [1, 0, 0, 0]),
        ((True, True, False, False), 2, True, [1, 1, 0, 0]),
        ((True, False, False, True), 2, True, [1, 1, 1, 1]),
        ((False, False, False, True), 2, False, [1, 1, 1, 0]),
        ((False, True, False, True), 3, False, [1, 1, 1, 0]),
        ((False, False, False, False), 1, False, [1, 1, 1, 2]),
    ],
)
def test_cascades_are_asked_until_it_is_decided(monkeypatch, sees, votes, verdict, asked):
    jury = [Juror(one) for one in sees]
    for name, juror in zip(("third", "first", "second", "profile"), jury, strict=True):
        monkeypatch.setattr(face_cascades._cascades, name, juror)
    face = Found(50.0, 50.0, 40.0, 0.0, 0.4)
    assert agreed(Image.new("L", (100, 100)), face, votes=votes) is verdict
    assert [juror.asked for juror in jury] == asked
