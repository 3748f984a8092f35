from __future__ import annotations

import numpy as np
import pytest

SHAPE = np.zeros((48, 48), np.uint8)
SHAPE[:] = 190
SHAPE[14:20, 9:19] = SHAPE[14:20, 29:39] = 20
SHAPE[34:40, 14:34] = 60


@pytest.fixture(scope="session")
def crops():
    """Faces of two bars and a bar, no two alike."""
    rng = np.random.default_rng(3)
    noise = rng.integers(-12, 12, (12, 48, 48))
    return np.clip(SHAPE + noise, 0, 255).astype(np.uint8)


@pytest.fixture
def data(crops, tmp_path):
    """FER2013 with nothing but such faces."""
    images = np.concatenate([crops] * 3)
    usage = np.repeat(np.arange(3, dtype=np.uint8), len(crops))
    labels = np.tile(np.arange(6, dtype=np.uint8), len(images) // 6)
    np.savez(tmp_path / "fer2013.npz", images=images, labels=labels, usage=usage)
    return tmp_path
