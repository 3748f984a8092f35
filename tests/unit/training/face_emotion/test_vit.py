from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from training.face_emotion.vit import enlarged, open_base, processor


def test_faces_come_enlarged_in_three_equal_channels_around_zero():
    faces = torch.linspace(0, 1, 48).expand(2, 1, 48, 48)
    large = enlarged(faces, 64)
    assert large.shape == (2, 3, 64, 64)
    assert torch.equal(large[:, 0], large[:, 2])
    assert (large.min().item(), large.max().item()) == pytest.approx((-1, 1), abs=1e-5)


def test_serving_normalises_as_training_does():
    grey = np.full((48, 48), 128, dtype=np.uint8)
    picture = Image.fromarray(grey).convert("RGB")
    served = processor(64)(images=[picture], return_tensors="pt")["pixel_values"]
    trained = enlarged(torch.full((1, 1, 48, 48), 128 / 255), 64)
    assert torch.allclose(served, trained, atol=1e-5)


def test_a_base_that_cannot_be_had_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(ValueError, match="cannot be loaded as a ViT"):
        open_base(str(tmp_path / "nothing"))
