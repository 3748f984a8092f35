from __future__ import annotations

import json

import pytest
import torch
from PIL import Image

from emotibot_models.face_finder import Finder, Found
from emotibot_models.types import Box
from training.face_detection import easel, train
from training.face_detection.args import FaceDetectionArgs
from training.face_detection.easel import TARGETS
from training.face_detection.scenes import Scene
from training.face_detection.train import (
    best_cut,
    canvas,
    export,
    finder_loss,
    hits,
    run,
    told_apart,
)


def scene(*boxes: Box, kind: str = "upright") -> Scene:
    return Scene(kind, Image.new("L", (96, 64)), boxes, (0.0,) * len(boxes))


def test_a_grid_that_says_what_it_should_costs_next_to_nothing():
    wanted = torch.zeros(1, TARGETS, 12, 12)
    wanted[0, :, 4, 4] = torch.tensor([1.0, 0.7, 0.5, 0.9, 1.0, 0.0, 1.0, 1.0])
    said = wanted[:, :6].clone()
    said[:, 0] = torch.where(wanted[:, 6] == 1, 12.0, -12.0)
    said[:, 4:] = torch.tensor([12.0, -12.0])[None, :, None, None]
    assert finder_loss(said, wanted).item() < 0.01
    assert finder_loss(-said, wanted).item() > 1.0


def test_whether_a_face_is_covered_is_not_asked_where_it_cannot_be_seen():
    wanted = torch.zeros(1, TARGETS, 12, 12)
    wanted[0, :, 4, 4] = torch.tensor([1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0])
    said = torch.zeros(1, 6, 12, 12)
    other = said.clone()
    other[:, 4:] = 9.0
    assert finder_loss(said, wanted) == finder_loss(other, wanted)


def test_a_picture_is_laid_on_a_square():
    assert canvas(Image.new("RGB", (320, 240), "white"), 320).shape == (1, 320, 320)


def test_a_face_counts_once_and_only_where_place_and_size_are_right():
    faces = scene(Box(10, 10, 40, 40))
    found = [
        Found(30, 30, 40, 0.0, 0.9),
        Found(32, 30, 40, 0.0, 0.8),
        Found(90, 30, 40, 0.0, 0.7),
        Found(30, 30, 10, 0.0, 0.6),
    ]
    assert hits(found, faces) == [(0.9, True), (0.8, False), (0.7, False), (0.6, False)]


def test_the_threshold_lies_where_f1_is_best():
    cut = best_cut([(0.9, True), (0.8, True), (0.3, False), (0.2, False)], faces=2)
    assert (cut["threshold"], cut["dev_f1"], cut["dev_recall"]) == (0.8, 1.0, 1.0)


def test_what_the_surest_find_says_is_held_against_the_scene():
    here = Box(10, 10, 40, 40)
    shown = [scene(here, kind="covered"), scene(here), scene(here, kind="blurred"), scene()]
    face = Found(30, 30, 40, 0.0, 0.9, covered=0.9)
    assert told_apart([[face], [face], [], [face]], shown) == {
        "dev_covered": 0.5,
        "dev_blurred": 1.0,
    }


@pytest.fixture
def args(data, monkeypatch):
    monkeypatch.setattr(train, "DEV_KINDS", {"upright": 0.8, "none": 0.2})
    monkeypatch.setattr(easel, "DECOYS", (0.0, 0.0, 0.0))
    return FaceDetectionArgs(
        data=data,
        out=data / "run",
        widths=(8, 16, 32, 32, 32),
        depth=1,
        pyramid=16,
        backdrops=40,
        side=96,
        smallest=24,
        largest=48,
        epochs=8,
        batch_size=8,
        lr=8e-3,
        epoch_scenes=64,
        dev_scenes=24,
        device="cpu",
        mixed_precision=False,
    )


def test_a_run_learns_to_find_faces_and_leaves_weights(args):
    torch.set_num_threads(1)
    weights = run(args)
    lines = (args.out / "metrics.jsonl").read_text().splitlines()
    scores = [json.loads(line)["dev_f1"] for line in lines]
    assert max(scores) > 0.5
    manifest = json.loads((weights / "manifest.json").read_text())
    assert manifest["task"] == "face-detection"
    assert [0.0 < look[2] < 1.0 for look in manifest["settings"]["looks"]] == [True, True]
    assert set(manifest["files"]) == {"model.safetensors", "config.json"}
    finder = Finder.load(weights)
    assert finder.find(Image.new("L", (200, 150), 90)) == []


def test_nothing_is_written_before_an_epoch_is_finished(args):
    args.out.mkdir()
    with pytest.raises(RuntimeError, match="no finished epoch"):
        export(args)
