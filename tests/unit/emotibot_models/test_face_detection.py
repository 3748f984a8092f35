from __future__ import annotations

import numpy as np
import pytest
import skimage.data
from PIL import Image

from emotibot_models.face_detection import cut, find_face
from emotibot_models.face_finder import Finder, Found
from emotibot_models.presets import STARTER
from emotibot_models.types import FaceOutcome

FACE = (176, 67, 272, 163)
"""Where the portrait's face is, in pixels."""


@pytest.fixture(scope="module")
def portrait() -> Image.Image:
    return Image.fromarray(skimage.data.astronaut())


@pytest.fixture(scope="module")
def finder() -> Finder:
    """The one on board."""
    return Finder.load(STARTER / "face_detection")


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


def test_a_portrait_holds_one_face_where_the_face_is(portrait, finder):
    found = find_face(portrait, finder)
    assert (found.outcome, found.faces, found.note) == (FaceOutcome.READ, 1, "")
    assert middle(found.box) == pytest.approx((224, 115), abs=15)
    assert found.crop.mode == "L"


@pytest.mark.parametrize("turn", [-28, -14, 14, 28])
def test_a_tilted_head_is_found_and_stood_upright(portrait, finder, turn):
    tilted = portrait.crop((60, 0, 380, 260)).rotate(turn, Image.Resampling.BICUBIC)
    found = find_face(tilted, finder)
    assert found.outcome is FaceOutcome.READ
    upright = np.asarray(find_face(portrait, finder).crop.resize((32, 32)), dtype=float)
    crop = np.asarray(found.crop.resize((32, 32)), dtype=float)
    assert np.corrcoef(upright.ravel(), crop.ravel())[0, 1] > 0.5


def test_a_face_that_fills_the_picture_is_found(portrait, finder):
    assert find_face(portrait.crop(FACE).resize((60, 60)), finder).outcome is FaceOutcome.READ


def test_two_faces_of_like_size_are_left_alone_with_a_note(portrait, finder):
    found = find_face(beside(portrait, 1.0), finder)
    assert (found.outcome, found.faces, found.crop) == (FaceOutcome.SEVERAL_FACES, 2, None)
    assert found.note == "I see two faces and cannot tell which is yours."


def test_the_clearly_largest_of_two_faces_is_read_with_a_note(portrait):
    large, small = Found(134, 130, 100, 0.0, 0.8), Found(362, 73, 50, 0.0, 0.7)
    found = find_face(beside(portrait, 0.5), Told(small, large))
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
def test_where_nobody_is_no_face_is_found(image, finder):
    found = find_face(Image.fromarray(image), finder)
    assert (found.outcome, found.faces, found.crop) == (FaceOutcome.NO_FACE, 0, None)
    assert found.note == "I could not make out a face in the picture."


class Told:
    """In the finder's place: faces that are known beforehand."""

    def __init__(self, *faces: Found) -> None:
        self.faces = list(faces)

    def find(self, image):
        return self.faces


@pytest.mark.parametrize(
    ("state", "outcome", "said"),
    [
        ({"covered": 0.8}, FaceOutcome.COVERED, "covers the face"),
        ({"blurred": 0.8}, FaceOutcome.BLURRED, "too blurred"),
        ({"covered": 0.2, "blurred": 0.2}, FaceOutcome.READ, ""),
    ],
)
def test_a_face_that_the_finder_calls_covered_or_blurred_is_left_unread(
    portrait, state, outcome, said
):
    face = Found(224, 115, 100, 0.0, 0.9, **state)
    found = find_face(portrait, Told(face))
    assert (found.outcome, found.faces) == (outcome, 1)
    assert (found.crop is None) == (outcome is not FaceOutcome.READ)
    assert said in found.note
    assert middle(found.box) == (224, 115)


def test_a_face_of_few_pixels_is_too_small_and_says_so(portrait):
    small = portrait.resize((120, 120))
    found = find_face(small, Told(Found(53.4, 26.3, 25, 0.0, 0.9)))
    assert (found.outcome, found.crop, found.faces) == (FaceOutcome.TOO_SMALL, None, 1)
    assert "too small" in found.note
    assert found.box is not None


def test_a_covered_portrait_is_left_unread(portrait, finder):
    masked = portrait.copy()
    masked.paste((40, 60, 90), (176, 118, 272, 172))
    found = find_face(masked, finder)
    assert (found.outcome, found.crop) == (FaceOutcome.COVERED, None)
    assert "covers the face" in found.note


def test_a_turned_face_is_stood_upright_by_its_turn(portrait):
    turned = portrait.rotate(20, Image.Resampling.BICUBIC, center=(224, 115))
    upright, _ = cut(portrait, Found(224, 115, 100, 0.0, 0.9))
    back, _ = cut(turned, Found(224, 115, 100, 20.0, 0.9))
    one, other = (np.asarray(crop.resize((32, 32)), dtype=float) for crop in (upright, back))
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.95
