from __future__ import annotations

import pytest
import skimage.data
from PIL import Image

from emotibot_models.face_cascades import cascade_faces


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
