from __future__ import annotations

import pytest
import torch
from torch import nn

from emotibot_models.conv_vit import ResidualBlock
from emotibot_models.convolutions import read_only
from emotibot_models.face_finder import FaceFinder, FinderConfig


def lived_in(network: nn.Module) -> nn.Module:
    """The network with norms that have seen something: fresh ones change nothing."""
    torch.manual_seed(1)
    for part in network.eval().modules():
        if isinstance(part, nn.BatchNorm2d):
            for values in (part.weight.data, part.bias.data, part.running_mean):
                values.normal_()
            part.running_var.uniform_(0.5, 2.0)
    return network


@pytest.mark.parametrize(
    ("network", "pixels"),
    [
        (ResidualBlock(3, 8, stride=2), torch.rand(2, 3, 16, 24)),
        (FaceFinder(FinderConfig((4, 4, 8, 8, 8), 1, 8)), torch.rand(1, 1, 64, 96)),
    ],
    ids=["a residual block", "the face finder"],
)
@torch.inference_mode()
def test_a_network_made_ready_to_read_says_the_same(network, pixels):
    before = lived_in(network)(pixels)
    ready = read_only(network)
    assert torch.allclose(ready(pixels), before, atol=1e-4)
    assert not any(isinstance(part, nn.BatchNorm2d) for part in ready.modules())
