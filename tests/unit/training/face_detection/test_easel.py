from __future__ import annotations

import numpy as np
import pytest
import torch

from training.face_detection import easel as module
from training.face_detection.easel import TARGETS, Easel

DARK = torch.zeros(3, 120, 120, dtype=torch.uint8)


@pytest.fixture
def draw(crops, monkeypatch):
    """Scenes of 96 pixels over darkness, with what is drawn of chance replaced."""
    torch.set_num_threads(1)

    def drawn(count=24, seed=1, faces=crops, **changes):
        for name, value in changes.items():
            monkeypatch.setattr(module, name, value)
        bank = torch.from_numpy(faces)
        return Easel(bank, DARK, count=count, side=96, smallest=24, largest=60).draw(seed)

    return drawn


ONE_FACE = {"CROWDS": (1.0, 0.0, 0.0), "FACES": (1.0, 0.0, 0.0), "DECOYS": (0.0, 0.0, 0.0)}


def test_a_batch_is_pictures_and_what_to_say_about_them(draw):
    scenes = draw()
    assert scenes.pixels.shape == (24, 1, 96, 96)
    assert scenes.targets.shape == (24, TARGETS, 12, 12)
    assert 0 <= scenes.pixels.min() < scenes.pixels.max() <= 255


def test_the_same_seed_draws_the_same_scenes(draw):
    assert torch.equal(draw(seed=3).pixels, draw(seed=3).pixels)
    assert not torch.equal(draw(seed=3).pixels, draw(seed=4).pixels)


def test_a_face_is_bright_where_the_target_says(draw, crops):
    white = np.full((2, 48, 48), 250, np.uint8)
    scenes = draw(faces=white, HEADS=(0.0, 0.0, 0.0), COVERED=0.0, **ONE_FACE)
    middles = scenes.targets[:, 6] == 1
    assert middles.sum((1, 2)).tolist() == [1] * 24
    squares = torch.nn.functional.avg_pool2d(scenes.pixels, 8)[:, 0]
    assert squares[middles].min() > squares.mean()
    assert scenes.targets[:, 0][middles].tolist() == [1.0] * 24


def test_sizes_and_turns_are_within_their_bounds(draw):
    scenes = draw(count=64, **ONE_FACE)
    said = scenes.targets.permute(0, 2, 3, 1)[scenes.targets[:, 6] == 1]
    sides = 16 * said[:, 1].exp()
    turns = torch.rad2deg(torch.atan2(said[:, 2], said[:, 3])).abs()
    assert 24 <= sides.min() < 30
    assert 50 < sides.max() <= 60.01
    assert module.UPRIGHT < turns.max() <= module.TURNED


@pytest.mark.parametrize(("change", "channel"), [("COVERED", 4), ("BLURRED", 5)])
def test_what_is_covered_or_blurred_is_told(draw, change, channel):
    always, never = draw(**{change: 1.0, **ONE_FACE}), draw(**{change: 0.0, **ONE_FACE})
    middle = always.targets[:, 6] == 1
    assert always.targets[:, channel][middle].mean() > 0.6
    assert never.targets[:, channel].max() == 0


def test_decoys_are_drawn_and_not_aimed_at(draw):
    decoys = {"CROWDS": (0.0, 0.0, 1.0), "FACES": (0.0, 0.0, 0.0), "DECOYS": (1.0, 1.0, 1.0)}
    scenes = draw(**decoys)
    assert scenes.targets.abs().max() == 0
    assert (scenes.pixels.amax((1, 2, 3)) > 40).all()


def test_a_crowd_has_a_face_in_each_of_its_strips(draw):
    scenes = draw(CROWDS=(0.0, 0.0, 1.0), FACES=(1.0, 1.0, 1.0), DECOYS=(0.0, 0.0, 0.0))
    assert scenes.targets[:, 6].sum((1, 2)).tolist() == [3] * 24


def test_no_crop_is_as_soft_as_a_blurred_one(crops):
    faces = torch.from_numpy(crops).float()[:2]
    softened = module._softened(faces, torch.tensor([0.05, 4.0]))
    assert torch.allclose(softened[0], faces[0], atol=1e-3)
    assert softened[1].std() < faces[1].std() * 0.8
