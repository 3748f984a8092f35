from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from emotibot_models.face_detection import FaceFinding
from emotibot_models.types import Box, FaceOutcome
from training.face_detection.evaluate import figures, measured, overlap
from training.face_detection.scenes import Scene
from training.face_emotion.data import Faces

HERE, THERE = Box(10, 10, 40, 40), Box(60, 60, 20, 20)


def scene(kind: str, *faces: Box) -> Scene:
    return Scene(kind, Image.new("L", (99, 99)), faces, (0.0,) * len(faces))


def read(box: Box) -> FaceFinding:
    return FaceFinding(FaceOutcome.READ, Image.new("L", (9, 9)), box, 1)


NOTHING = FaceFinding(FaceOutcome.NO_FACE)


def test_recall_false_finds_and_outcomes_are_counted():
    shown = [scene("upright", HERE)] * 3 + [scene("turned", HERE), scene("none"), scene("none")]
    found = [read(HERE), read(THERE), NOTHING, read(HERE), read(THERE), NOTHING]
    told = figures(shown, found)
    assert (told["recall_upright"], told["recall_turned"], told["recall"]) == (0.3333, 1.0, 0.5)
    assert (told["false_finds"], told["false_finds_in_empty_scenes"]) == (0.3333, 0.5)
    assert told["outcomes"]["upright"] == {"read": 2, "no_face": 1}
    assert told["recall_by_kind"] == {"upright": 0.3333, "turned": 1.0}
    assert told["right_by_kind"] == {"upright": 0.6667, "turned": 1.0, "none": 0.5}
    assert told["right"] == 0.6667


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("upright", FaceOutcome.NOT_SURE),
        ("tiny", FaceOutcome.TOO_SMALL),
        ("blurred", FaceOutcome.BLURRED),
        ("covered", FaceOutcome.COVERED),
        ("several", FaceOutcome.SEVERAL_FACES),
        ("none", FaceOutcome.NO_FACE),
    ],
)
def test_each_kind_of_scene_has_its_right_outcome(kind, outcome):
    told = figures([scene(kind)] * 2, [FaceFinding(outcome), FaceFinding(FaceOutcome.UNREADABLE)])
    assert told["right_by_kind"] == {kind: 0.5}


def test_every_scene_is_looked_at_and_timed(crops):
    asked = []

    def look(image):
        asked.append(image)
        return NOTHING

    faces = Faces(crops, np.zeros(12, np.int64), np.zeros((12, 7), np.float32), np.zeros(12, bool))
    told = measured(faces, look, {"upright": 2, "none": 1})
    assert len(asked) == told["scenes"] == 3
    assert told["outcomes"] == {"upright": {"no_face": 2}, "none": {"no_face": 1}}
    assert told["milliseconds_p95"] >= told["milliseconds_median"] >= 0


def test_overlap_is_intersection_over_union():
    assert overlap(HERE, HERE) == 1.0
    assert overlap(HERE, THERE) == 0.0
    assert overlap(Box(0, 0, 10, 10), Box(5, 0, 10, 10)) == 50 / 150
