"""A small hybrid for 48 x 48 grey faces: a convolutional stem, then transformers' ViT encoder.

The stem sees edges and corners that a ViT would need far more pictures to learn; the encoder
relates the parts of the face to each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from transformers import ViTConfig, ViTModel


@dataclass(frozen=True, kw_only=True)
class ConvViTConfig:
    """The shape of a ``ConvViT``; written to ``config.json`` beside its weights."""

    image_size: int = 48
    """Pixels a side; the stem halves it three times for the default channels."""
    channels: tuple[int, ...] = (32, 64, 128, 256)
    """Of the stem: the first convolution, then the residual blocks of each stage."""
    blocks: int = 1
    """Residual blocks a stage."""
    fine: bool = False
    """The first convolution keeps every pixel, and the first stage halves the side instead."""
    drop_path: float = 0.0
    """How often training leaves a residual block's body out, for a face at a time."""
    hidden_size: int = 256
    layers: int = 1
    heads: int = 4
    intermediate_size: int = 512
    dropout: float = 0.1
    labels: int = 7

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> ConvViTConfig:
        """Read what ``to_dict`` wrote; TypeError for a key that is not known."""
        fields = {name: value for name, value in body.items() if name != "model_type"}
        return cls(**{**fields, "channels": tuple(body["channels"])})

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"model_type": "conv_vit", **asdict(self)}

    @property
    def grid(self) -> int:
        """Cells a side that the encoder sees."""
        return self.image_size >> (len(self.channels) - 1)


class ConvViT(nn.Module):
    """Grey faces (B, 1, side, side), standardised one by one, to logits (B, labels)."""

    def __init__(self, config: ConvViTConfig) -> None:
        super().__init__()
        self.config = config
        self.stem = _stem(config)
        self.encoder = ViTModel(_encoder_config(config), add_pooling_layer=False)
        self.dropout = nn.Dropout(config.dropout)
        self.classifier = nn.Linear(config.hidden_size, config.labels)

    def forward(self, pixels: Tensor) -> Tensor:
        """Logits (B, labels) for standardised pixels (B, 1, side, side) of any side."""
        other = pixels.shape[-1] != self.config.image_size
        seen = self.encoder(pixel_values=self.stem(pixels), interpolate_pos_encoding=other)
        tokens: Tensor = seen.last_hidden_state
        logits: Tensor = self.classifier(self.dropout(tokens.mean(dim=1)))
        return logits


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions with batch normalisation beside a shortcut, 1 x 1 where shapes differ.

    In training the body is left out for a share ``drop_path`` of the faces (Huang et al., 2016).
    """

    def __init__(self, inputs: int, outputs: int, stride: int, drop_path: float = 0.0) -> None:
        super().__init__()
        self.drop_path = drop_path
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut: nn.Module = nn.Identity()
        if inputs != outputs or stride != 1:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Features (B, inputs, H, W) to (B, outputs, H / stride, W / stride)."""
        body = self.body(x)
        if self.training and self.drop_path:
            body = body * _kept(body, self.drop_path)
        return torch.relu(body + self.shortcut(x))


def standardise(pixels: Tensor) -> Tensor:
    """Each picture (..., side, side) at mean 0 and deviation 1, whatever the light was."""
    mean = pixels.mean(dim=(-2, -1), keepdim=True)
    deviation = pixels.std(dim=(-2, -1), keepdim=True)
    return (pixels - mean) / deviation.clamp_min(0.02)


def _stem(config: ConvViTConfig) -> nn.Sequential:
    first = config.channels[0]
    layers: list[nn.Module] = [
        nn.Conv2d(1, first, 3, 1 if config.fine else 2, 1, bias=False),
        nn.BatchNorm2d(first),
        nn.ReLU(),
    ]
    for stage, (inputs, outputs) in enumerate(pairwise(config.channels)):
        stride = 2 if stage or config.fine else 1
        layers.append(ResidualBlock(inputs, outputs, stride, config.drop_path))
        layers += [
            ResidualBlock(outputs, outputs, 1, config.drop_path) for _ in range(config.blocks - 1)
        ]
    return nn.Sequential(*layers)


def _kept(features: Tensor, drop_path: float) -> Tensor:
    """A factor for each of B examples (B, 1, 1, 1): 0, or what keeps the expected sum the same."""
    keep = 1 - drop_path
    return torch.empty_like(features[:, :1, :1, :1]).bernoulli_(keep) / keep


def _encoder_config(config: ConvViTConfig) -> ViTConfig:
    return ViTConfig(
        image_size=config.grid,
        patch_size=1,
        num_channels=config.channels[-1],
        hidden_size=config.hidden_size,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        intermediate_size=config.intermediate_size,
        hidden_dropout_prob=config.dropout,
    )
