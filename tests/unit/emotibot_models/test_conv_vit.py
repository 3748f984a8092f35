from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from emotibot_models.conv_vit import ConvViT, ConvViTConfig, ResidualBlock, standardise

TINY = ConvViTConfig(
    channels=(4, 4, 8, 8), hidden_size=8, layers=1, heads=2, intermediate_size=16, dropout=0.0
)


@pytest.mark.parametrize("side", [32, 48])
def test_faces_of_either_training_size_give_one_row_of_logits_each(side):
    assert ConvViT(TINY).eval()(torch.zeros(3, 1, side, side)).shape == (3, 7)


@pytest.mark.parametrize("fine", [True, False], ids=["fine", "coarse"])
@pytest.mark.parametrize("blocks", [1, 2])
def test_a_stem_of_any_depth_ends_in_the_same_grid(fine, blocks):
    config = replace(TINY, fine=fine, blocks=blocks)
    assert ConvViT(config).stem(torch.zeros(1, 1, 48, 48)).shape == (1, 8, config.grid, config.grid)


def test_training_leaves_out_bodies_and_keeps_the_sum_on_average():
    torch.manual_seed(0)
    block = ResidualBlock(4, 4, 1, drop_path=0.5).train()
    block.body = nn.Identity()
    seen = block(torch.ones(400, 4, 3, 3))
    assert sorted(set(seen[:, 0, 0, 0].tolist())) == [1.0, 3.0]
    assert seen.mean() == pytest.approx(2.0, abs=0.15)
    assert block.eval()(torch.ones(9, 4, 3, 3)).unique().tolist() == [2.0]


def test_a_configuration_survives_being_written():
    assert ConvViTConfig.from_dict(TINY.to_dict()) == TINY


def test_standardised_faces_do_not_depend_on_the_light():
    face = torch.rand(1, 1, 48, 48)
    assert torch.allclose(standardise(face), standardise(face * 0.5 + 0.2), atol=1e-4)


def test_a_blank_face_stays_finite():
    assert standardise(torch.full((1, 1, 48, 48), 0.5)).abs().max() == 0
