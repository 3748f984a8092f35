"""A small hybrid for 48 x 48 grey faces: a convolutional stem, then transformers' ViT encoder.

The stem sees edges and corners that a ViT would need far more pictures to learn; the encoder
relates the parts of the face to each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
    """Of the stem: the first convolution, then one residual block each."""
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
        self.stem = _stem(config.channels)
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
    """Two 3 x 3 convolutions with batch normalisation beside a 1 x 1 shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut = nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Features (B, inputs, H, W) to (B, outputs, H / stride, W / stride)."""
        return torch.relu(self.body(x) + self.shortcut(x))


def standardise(pixels: Tensor) -> Tensor:
    """Each picture (..., side, side) at mean 0 and deviation 1, whatever the light was."""
    mean = pixels.mean(dim=(-2, -1), keepdim=True)
    deviation = pixels.std(dim=(-2, -1), keepdim=True)
    return (pixels - mean) / deviation.clamp_min(0.02)


def _stem(channels: tuple[int, ...]) -> nn.Sequential:
    first, *rest = channels
    layers: list[nn.Module] = [
        nn.Conv2d(1, first, 3, 2, 1, bias=False),
        nn.BatchNorm2d(first),
        nn.ReLU(),
    ]
    for index, (inputs, outputs) in enumerate(zip(channels, rest, strict=False)):
        layers.append(ResidualBlock(inputs, outputs, stride=1 if index == 0 else 2))
    return nn.Sequential(*layers)


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
