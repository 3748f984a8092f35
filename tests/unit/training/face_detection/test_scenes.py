from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from training.face_detection.scenes import COUNTS, PHOTOGRAPHS, Studio, photographs, scenes
from training.face_detection.train import DEV_PHOTOGRAPHS
from training.face_detection.train import PHOTOGRAPHS as TRAINED_ON

FEW = dict.fromkeys(COUNTS, 2)


@pytest.fixture
def studio(crops):
    return Studio(crops, photographs(("brick", "text")), sides=(320,), readable=(64.0, 100.0))


def test_there_are_three_hundred_and_each_kind_as_often_as_asked(crops):
    assert sum(COUNTS.values()) == 300
    kinds = Counter(scene.kind for scene in scenes(crops, seed=1, counts=FEW))
    assert kinds == Counter(FEW)


def test_the_same_seed_gives_the_same_pictures_and_another_seed_others(crops):
    def drawn(seed):
        return [np.asarray(s.image) for s in scenes(crops, seed=seed, counts={"upright": 2})]

    assert all(np.array_equal(a, b) for a, b in zip(drawn(1), drawn(1), strict=True))
    assert drawn(1)[0].shape != drawn(2)[0].shape or not np.array_equal(drawn(1)[0], drawn(2)[0])


@pytest.mark.parametrize(("kind", "faces"), [("none", 0), ("upright", 1), ("several", 2)])
def test_a_scene_knows_its_faces_and_they_lie_within_it(studio, kind, faces):
    scene = studio.scene(kind, np.random.default_rng(0))
    assert len(scene.faces) == len(scene.turns) == faces
    for box in scene.faces:
        assert box.left >= 0 <= box.top
        assert box.left + box.width <= scene.image.width
        assert box.top + box.height <= scene.image.height


def test_turned_heads_are_turned_and_upright_ones_hardly(studio):
    rng = np.random.default_rng(0)
    turned = [abs(studio.scene("turned", rng).turns[0]) for _ in range(20)]
    upright = [abs(studio.scene("upright", rng).turns[0]) for _ in range(20)]
    assert max(upright) <= 8.0 <= min(turned) + 1.0
    assert max(turned) > 20.0


def test_tiny_faces_are_tiny(studio):
    assert studio.scene("tiny", np.random.default_rng(0)).faces[0].width < 28


def test_decoys_are_no_faces(studio):
    rng = np.random.default_rng(0)
    assert all(studio.scene("decoys", rng).faces == () for _ in range(9))


def test_a_face_is_where_the_scene_says(crops):
    bright = Studio(np.full_like(crops, 255), photographs(("text",)), sides=(320,))
    scene = bright.scene("upright", np.random.default_rng(5))
    [box] = scene.faces
    middle = scene.image.getpixel((box.left + box.width // 2, box.top + box.height // 2))
    assert sum(middle) / 3 > 110


def test_no_background_of_the_test_is_trained_on_or_chosen_by():
    names = [*PHOTOGRAPHS, *TRAINED_ON, *DEV_PHOTOGRAPHS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", ["horse", "stereo_motorcycle", "china.jpg"])
def test_a_photograph_is_in_colour_and_in_bytes(name):
    [picture] = photographs((name,))
    assert (picture.ndim, picture.shape[2], picture.dtype) == (3, 3, np.uint8)
    assert picture.max() > 128
