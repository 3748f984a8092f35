from __future__ import annotations

from PIL import Image

from emotibot_models.face_detection import FaceFinding
from emotibot_models.types import Box, FaceOutcome
from training.face_detection.evaluate import figures, overlap
from training.face_detection.scenes import Scene

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
    assert "tiny" not in told["outcomes"]


def test_overlap_is_intersection_over_union():
    assert overlap(HERE, HERE) == 1.0
    assert overlap(HERE, THERE) == 0.0
    assert overlap(Box(0, 0, 10, 10), Box(5, 0, 10, 10)) == 50 / 150
