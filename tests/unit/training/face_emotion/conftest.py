from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from emotibot_models.conv_vit import ConvViTConfig
from training.face_emotion import hybrid
from training.face_emotion.args import FaceEmotionArgs

SMALL = ConvViTConfig(
    channels=(8, 8, 16, 16), hidden_size=16, layers=1, heads=2, intermediate_size=32, dropout=0.0
)


@pytest.fixture
def data(tmp_path):
    """FER2013 in little: each label is a bright bar at a height of its own."""
    rng = np.random.default_rng(6)
    labels = np.tile(np.arange(7, dtype=np.uint8), 24)
    images = rng.integers(0, 90, (len(labels), 48, 48), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[int(label) * 6 + 3 : int(label) * 6 + 9] += 140
    usage = np.zeros(len(labels), dtype=np.uint8)
    usage[-42:-21], usage[-21:] = 1, 2
    images[-1] = images[0]
    labels[-1] = labels[0]
    np.savez(tmp_path / "fer2013.npz", images=images, labels=labels, usage=usage)
    return tmp_path


@pytest.fixture
def make_args(data):
    """The arguments of a short run on the little data set."""
    plain = {"lr": 1e-2, "batch_size": 14, "device": "cpu", "mixed_precision": False}
    return partial(FaceEmotionArgs, data=data, out=data / "run", augment=False, **plain)


@pytest.fixture(autouse=True)
def small_hybrid(monkeypatch):
    """The hybrid in little."""
    monkeypatch.setattr(hybrid, "ConvViTConfig", partial(replace, SMALL))
