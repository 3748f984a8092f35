from __future__ import annotations

import pytest
import torch

from training.face_detection.dice import Dice


@pytest.fixture
def dice():
    dice = Dice(torch.device("cpu"))
    dice.start(0)
    return dice


def test_a_seed_gives_the_same_numbers_again(dice):
    first = dice.uniform(-1, 3, 5), dice.noise(5), dice.picks(9, 5)
    dice.start(0)
    again = dice.uniform(-1, 3, 5), dice.noise(5), dice.picks(9, 5)
    assert all(torch.equal(one, other) for one, other in zip(first, again, strict=True))


def test_numbers_lie_where_they_should(dice):
    even = dice.uniform(2, 3, 2000)
    assert 2 <= even.min() < 2.1 < 2.9 < even.max() <= 3
    assert abs(float(dice.happens(0.25, 4000).float().mean()) - 0.25) < 0.03


def test_members_of_a_bank_come_as_floats(dice):
    bank = torch.arange(12, dtype=torch.uint8).view(4, 3)
    some = dice.some(bank, 50)
    assert (some.shape, some.dtype) == ((50, 3), torch.float32)
    assert {tuple(row) for row in some.tolist()} == {tuple(row) for row in bank.float().tolist()}
