from __future__ import annotations

import json

import pytest
import torch
from PIL import Image

from emotibot_models.face_finder import Found
from emotibot_models.types import Box
from training.face_detection import train
from training.face_detection.args import FaceDetectionArgs
from training.face_detection.scenes import Scene
from training.face_detection.train import best_cut, canvas, finder_loss, hits, run, target


def scene(*boxes: Box, turn: float = 0.0) -> Scene:
    return Scene("upright", Image.new("L", (96, 64)), boxes, (turn,) * len(boxes))


def test_a_face_is_one_cell_with_its_size_and_turn_and_a_bump_around_it():
    grid = target(scene(Box(16, 16, 32, 32), turn=30.0), 96)
    assert grid.shape == (5, 12, 12)
    assert grid[4].sum() == 1
    row, column = (grid[4] == 1).nonzero()[0].tolist()
    assert (row, column) == (4, 4)
    assert grid[0, row, column] == grid[0].max() == 1.0
    assert grid[1, row, column].exp() * 16 == pytest.approx(32, rel=1e-4)
    assert torch.rad2deg(torch.atan2(grid[2, row, column], grid[3, row, column])).item() == (
        pytest.approx(30.0, abs=1e-3)
    )


def test_a_grid_that_says_what_it_should_costs_next_to_nothing():
    wanted = target(scene(Box(16, 16, 32, 32)), 96)[None]
    said = wanted[:, :4].clone()
    said[:, 0] = torch.where(wanted[:, 4] == 1, 12.0, -12.0)
    assert finder_loss(said, wanted).item() < 0.01
    assert finder_loss(-said, wanted).item() > 1.0


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


@pytest.fixture
def args(data, monkeypatch):
    monkeypatch.setattr(train, "KINDS", {"upright": 0.8, "none": 0.2})
    return FaceDetectionArgs(
        data=data,
        out=data / "run",
        side=96,
        smallest=24,
        largest=48,
        epochs=6,
        batch_size=8,
        lr=5e-3,
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
    assert 0.0 < manifest["settings"]["threshold"] < 1.0
    assert set(manifest["files"]) == {"model.safetensors", "config.json"}
