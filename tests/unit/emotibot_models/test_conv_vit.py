from __future__ import annotations

import pytest
import torch

from emotibot_models.conv_vit import ConvViT, ConvViTConfig, standardise

TINY = ConvViTConfig(
    channels=(4, 4, 8, 8), hidden_size=8, layers=1, heads=2, intermediate_size=16, dropout=0.0
)


@pytest.mark.parametrize("side", [32, 48])
def test_faces_of_either_training_size_give_one_row_of_logits_each(side):
    assert ConvViT(TINY).eval()(torch.zeros(3, 1, side, side)).shape == (3, 7)


def test_a_configuration_survives_being_written():
    assert ConvViTConfig.from_dict(TINY.to_dict()) == TINY


def test_standardised_faces_do_not_depend_on_the_light():
    face = torch.rand(1, 1, 48, 48)
    assert torch.allclose(standardise(face), standardise(face * 0.5 + 0.2), atol=1e-4)


def test_a_blank_face_stays_finite():
    assert standardise(torch.full((1, 1, 48, 48), 0.5)).abs().max() == 0
