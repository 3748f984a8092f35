"""Convolutional networks made ready to read only."""

from __future__ import annotations

from itertools import pairwise
from typing import TypeVar

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

Network = TypeVar("Network", bound=nn.Module)


def read_only(network: Network) -> Network:
    """The network itself, faster and of no more use for training.

    Batch norms are multiplied into the convolutions before them, and pixels lie with their
    channels side by side; outputs change in their last bits alone.
    """
    for part in network.eval().modules():
        if isinstance(part, nn.Sequential):
            _fold_norms(part)
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _fold_norms(layers: nn.Sequential) -> None:
    for (place, layer), (behind, norm) in pairwise(list(layers.named_children())):
        if isinstance(layer, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            layers.register_module(place, fuse_conv_bn_eval(layer, norm))
            layers.register_module(behind, nn.Identity())
