from __future__ import annotations

import numpy as np
import pytest

from training.face_detection import backdrops as module
from training.face_detection.backdrops import backdrops


@pytest.fixture
def photograph():
    return np.random.default_rng(1).integers(0, 255, (60, 80, 3)).astype(np.uint8)


def test_backdrops_are_grey_squares_no_two_alike(photograph):
    drawn = backdrops([photograph], count=30, side=64, seed=1)
    assert (drawn.shape, drawn.dtype) == ((30, 64, 64), np.uint8)
    assert len({picture.tobytes() for picture in drawn}) == 30


@pytest.mark.slow
def test_they_are_the_same_however_many_draw(photograph, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 8)
    alone = backdrops([photograph], count=20, side=64, seed=1)
    assert np.array_equal(alone, backdrops([photograph], count=20, side=64, seed=1, workers=2))
    assert not np.array_equal(alone, backdrops([photograph], count=20, side=64, seed=2))


@pytest.mark.parametrize("painter", [painter for painter, _ in module.PAINTERS])
def test_every_painter_changes_a_wall(painter):
    wall = np.full((96, 96), 100, np.float32)
    painter(wall, np.random.default_rng(4))
    assert wall.std() > 1


@pytest.mark.parametrize("thing", [module._clock, module._cup, module._mask])
def test_things_stand_where_they_were_put(thing):
    wall = np.full((96, 96), 100, np.float32)
    thing(wall, (48, 48), 20, [0.0, 255.0], np.random.default_rng(4))
    rows, columns = np.nonzero(wall != 100)
    assert rows.mean() == pytest.approx(48, abs=20)
    assert columns.mean() == pytest.approx(48, abs=20)
