from __future__ import annotations

import numpy as np
import pytest
import skimage.data
from PIL import Image

from emotibot_models.face_detection import find_face
from emotibot_models.types import FaceOutcome

FACE = (176, 67, 272, 163)
"""Where the portrait's face is, in pixels."""


@pytest.fixture(scope="module")
def portrait() -> Image.Image:
    return Image.fromarray(skimage.data.astronaut())


def beside(portrait: Image.Image, share: float) -> Image.Image:
    """The portrait, and beside it the same person at a share of the size."""
    head = portrait.crop((100, 0, 350, 250))
    other = head.resize((round(250 * share), round(250 * share)))
    image = Image.new("RGB", (560, 280), (120, 120, 120))
    image.paste(head, (10, 15))
    image.paste(other, (300, 15))
    return image


def middle(box) -> tuple[float, float]:
    return box.left + box.width / 2, box.top + box.height / 2


def test_a_portrait_holds_one_face_where_the_face_is(portrait):
    found = find_face(portrait)
    assert (found.outcome, found.faces, found.note) == (FaceOutcome.READ, 1, "")
    assert middle(found.box) == pytest.approx((224, 115), abs=15)
    assert found.crop.mode == "L"


@pytest.mark.parametrize("turn", [-28, -14, 14, 28])
def test_a_tilted_head_is_found_and_stood_upright(portrait, turn):
    tilted = portrait.crop((60, 0, 380, 260)).rotate(turn, Image.Resampling.BICUBIC)
    found = find_face(tilted)
    assert found.outcome is FaceOutcome.READ
    upright = np.asarray(find_face(portrait).crop.resize((32, 32)), dtype=float)
    crop = np.asarray(found.crop.resize((32, 32)), dtype=float)
    assert np.corrcoef(upright.ravel(), crop.ravel())[0, 1] > 0.5


def test_a_face_that_fills_the_picture_is_found(portrait):
    assert find_face(portrait.crop(FACE).resize((60, 60))).outcome is FaceOutcome.READ


def test_two_faces_of_like_size_are_left_alone_with_a_note(portrait):
    found = find_face(beside(portrait, 1.0))
    assert (found.outcome, found.faces, found.crop) == (FaceOutcome.SEVERAL_FACES, 2, None)
    assert found.note == "I see two faces and cannot tell which is yours."


def test_the_clearly_largest_of_two_faces_is_read_with_a_note(portrait):
    found = find_face(beside(portrait, 0.5))
    assert (found.outcome, found.faces) == (FaceOutcome.READ, 2)
    assert found.box.left < 280
    assert found.note == "I see two faces and read the largest one."


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(np.full((240, 320), 128, np.uint8), id="blank"),
        pytest.param(np.random.default_rng(3).integers(0, 256, (240, 320), np.uint8), id="noise"),
        pytest.param(skimage.data.coffee(), id="a-cup-of-coffee"),
        pytest.param(skimage.data.chelsea(), id="a-cat"),
        pytest.param(np.zeros((1, 1), np.uint8), id="one-pixel"),
        pytest.param(np.zeros((2, 900), np.uint8), id="a-thin-line"),
    ],
)
def test_where_nobody_is_no_face_is_found(image):
    found = find_face(Image.fromarray(image))
    assert (found.outcome, found.faces, found.crop) == (FaceOutcome.NO_FACE, 0, None)
    assert found.note == "I could not make out a face in the picture."
