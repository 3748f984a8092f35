"""A small network that says where faces are: one look at the whole picture, at every size at once.

Fully convolutional with depthwise-separable layers (MobileNet, Howard et al., 2017) and a
feature pyramid (Lin et al., 2017). At each cell of a grid it tells whether the middle of a face
is there, how large the face is and how far it is turned (CenterNet, Zhou et al., 2019).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Final

import torch
from torch import Tensor, nn

STRIDE: Final = 8
"""Pixels of the input a cell of the grid."""
DEEPEST: Final = 32
"""The input's sides are multiples of this."""
UNIT: Final = 16.0
"""The side of a face, in pixels, whose logarithm is zero."""
CHANNELS: Final = 4
"""What a cell says: middle (logit), log side over ``UNIT``, sine and cosine of the turn."""


@dataclass(frozen=True, slots=True)
class FinderConfig:
    """The widths of the layers; ``config.json`` beside the weights."""

    widths: tuple[int, ...] = (16, 32, 48, 96, 128)
    """Channels at strides 2, 4, 8, 16 and 32."""
    depth: int = 2
    """Further layers at strides 8, 16 and 32."""
    pyramid: int = 64

    def to_dict(self) -> dict[str, Any]:
        """As ``config.json`` holds it."""
        return asdict(self)


class FaceFinder(nn.Module):
    """Grey pictures (B, 1, H, W), standardised, in; a grid (B, 4, H/8, W/8) out."""

    def __init__(self, config: FinderConfig | None = None) -> None:
        super().__init__()
        config = config or FinderConfig()
        first, second, *deep = config.widths
        self.stem = nn.Sequential(_dense(1, first, 3, stride=2), _Separable(first, second, 2))
        ins = (second, *deep)
        self.stages = nn.ModuleList(
            nn.Sequential(
                _Separable(narrow, wide, 2),
                *(_Separable(wide, wide, 1) for _ in range(config.depth)),
            )
            for narrow, wide in pairwise(ins)
        )
        self.lateral = nn.ModuleList(nn.Conv2d(wide, config.pyramid, 1) for wide in deep)
        self.smooth = _Separable(config.pyramid, config.pyramid, 1)
        self.head = nn.Conv2d(config.pyramid, CHANNELS, 1)
        bias = torch.tensor([-4.0, 0.0, 0.0, 0.0])  # a face in a cell is rare
        self.head.bias = nn.Parameter(bias)

    def forward(self, pixels: Tensor) -> Tensor:
        """The grid; H and W must be multiples of 32."""
        levels, state = [], self.stem(pixels)
        for stage in self.stages:
            state = stage(state)
            levels.append(state)
        merged = self.lateral[-1](levels[-1])
        for lateral, level in zip(self.lateral[-2::-1], levels[-2::-1], strict=True):
            merged = nn.functional.interpolate(merged, scale_factor=2) + lateral(level)
        grid: Tensor = self.head(self.smooth(merged))
        return grid


class _Separable(nn.Module):
    """A depthwise and a pointwise convolution, with a short cut where the shapes agree."""

    def __init__(self, narrow: int, wide: int, stride: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            _dense(narrow, narrow, 3, stride=stride, groups=narrow), _dense(narrow, wide, 1)
        )
        self.short = narrow == wide and stride == 1

    def forward(self, state: Tensor) -> Tensor:
        out: Tensor = self.layers(state)
        return out + state if self.short else out


@dataclass(frozen=True, slots=True)
class Found:
    """A face in the pixels of the network's input."""

    x: float
    y: float
    side: float
    turn: float
    """Degrees by which it is turned to the left, as ``Image.rotate`` counts."""
    score: float


def read_grid(grid: Tensor, *, floor: float, most: int = 20) -> list[Found]:
    """The peaks of one grid (4, h, w) at or above a score, the surest first."""
    scores = grid[0].sigmoid()
    peaks = nn.functional.max_pool2d(scores[None], 3, stride=1, padding=1)[0]
    scores = torch.where(scores == peaks, scores, torch.zeros_like(scores))
    best = scores.flatten().topk(min(most, scores.numel()))
    kept = best.indices[best.values >= floor].tolist()
    width = grid.shape[2]
    return [_found(grid, scores, place // width, place % width) for place in kept]


def standardised(pixels: Tensor) -> Tensor:
    """Grey values (B, 1, H, W) from 0 to 255 with mean 0 and deviation 1 in each picture."""
    values = pixels.float()
    mean, deviation = values.mean((2, 3), keepdim=True), values.std((2, 3), keepdim=True)
    out: Tensor = (values - mean) / deviation.clamp_min(8.0)
    return out


def _found(grid: Tensor, scores: Tensor, row: int, column: int) -> Found:
    _, size, sine, cosine = grid[:, row, column].float().tolist()
    turn = torch.rad2deg(torch.atan2(torch.tensor(sine), torch.tensor(cosine)))
    return Found(
        x=(column + 0.5) * STRIDE,
        y=(row + 0.5) * STRIDE,
        side=float(UNIT * torch.tensor(size).clamp(-1.0, 3.5).exp()),
        turn=float(turn),
        score=float(scores[row, column]),
    )


def _dense(narrow: int, wide: int, kernel: int, *, stride: int = 1, groups: int = 1) -> nn.Module:
    layers: Sequence[nn.Module] = (
        nn.Conv2d(
            narrow, wide, kernel, stride=stride, padding=kernel // 2, groups=groups, bias=False
        ),
        nn.BatchNorm2d(wide),
        nn.ReLU(inplace=True),
    )
    return nn.Sequential(*layers)
