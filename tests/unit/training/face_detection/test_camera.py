from __future__ import annotations

import pytest
import torch

from training.face_detection.camera import Camera
from training.face_detection.dice import Dice


@pytest.fixture
def camera():
    dice = Dice(torch.device("cpu"))
    dice.start(0)
    return Camera(dice, 96)


def test_a_loss_like_a_jpegs_keeps_what_is_even(camera):
    even = torch.full((2, 96, 96), 96.0)
    assert torch.allclose(camera._compressed(even), even, atol=1.5)
    noise = (
        torch.rand(2, 96, 96, generator=torch.Generator().manual_seed(0)) * 2
    )  # weaker than the steps
    assert camera._compressed(noise).std() < noise.std() / 2


def test_a_photograph_is_the_picture_in_other_light_and_in_its_range(camera):
    picture = torch.rand(8, 96, 96) * 255
    taken = camera.photographed(picture)
    assert taken.shape == picture.shape
    assert 0 <= taken.min() <= taken.max() <= 255
    assert not torch.allclose(taken, picture, atol=1)
    alike = torch.corrcoef(torch.stack([taken.flatten(), picture.flatten()]))[0, 1]
    assert alike > 0.7
