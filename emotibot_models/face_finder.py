"""A small network that says where faces are: one look at the whole picture, at every size at once.

Fully convolutional with depthwise-separable layers (MobileNet, Howard et al., 2017) and a
feature pyramid (Lin et al., 2017). At each cell of a grid it tells whether the middle of a face
is there, how large the face is and how far it is turned (CenterNet, Zhou et al., 2019); where it
was taught to, also whether something covers the face and whether it is blurred.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from emotibot_models.artifacts import WEIGHTS, load_weights, open_folder
from emotibot_models.convolutions import read_only
from emotibot_models.errors import ArtifactError
from emotibot_models.graphs import CPU, OnDevice

STRIDE: Final = 8
"""Pixels of the input a cell of the grid."""
DEEPEST: Final = 32
"""The input's sides are multiples of this."""
UNIT: Final = 16.0
"""The side of a face, in pixels, whose logarithm is zero."""
TASK: Final = "face-detection"
ARCHITECTURE: Final = "separable-pyramid"
PORTRAIT: Final = 0.2
"""Of a picture's longer side: a face of that size is near, and others as near are seen, too."""
MOST: Final = 6
"""Faces that are told of."""
CHANNELS: Final = 4
"""What a cell always says: middle (logit), log side over ``UNIT``, sine and cosine of the turn."""
EXTRAS: Final = ("covered", "blurred")
"""What it may say besides, as logits in this order."""


@dataclass(frozen=True, slots=True)
class FinderConfig:
    """The widths of the layers; ``config.json`` beside the weights."""

    widths: tuple[int, ...] = (16, 32, 48, 96, 128)
    """Channels at strides 2, 4, 8, 16 and 32."""
    depth: int = 2
    """Further layers at strides 8, 16 and 32."""
    pyramid: int = 64
    tower: int = 0
    """Further layers on the pyramid."""
    extras: tuple[str, ...] = ()
    """``EXTRAS``, or nothing."""

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> FinderConfig:
        """The widths that ``config.json`` holds; what it does not name is as in the first weights.

        Raises:
            TypeError: it names something else.
        """
        extras = tuple(body.get("extras", ()))
        return cls(**{**body, "widths": tuple(body["widths"]), "extras": extras})

    def to_dict(self) -> dict[str, Any]:
        """As ``config.json`` holds it."""
        return asdict(self)


class FaceFinder(nn.Module):
    """Grey pictures (B, 1, H, W), standardised, in; a grid (B, 4 or 6, H/8, W/8) out."""

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
        self.tower = nn.Sequential(
            *(_Separable(config.pyramid, config.pyramid, 1) for _ in range(config.tower))
        )
        channels = CHANNELS + len(config.extras)
        self.head = nn.Conv2d(config.pyramid, channels, 1)
        bias = torch.zeros(channels)
        bias[0] = -4.0  # a face in a cell is rare
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
        grid: Tensor = self.head(self.tower(self.smooth(merged)))
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


class Look(NamedTuple):
    """One way to look at a picture."""

    side: int
    """Pixels of its longer side."""
    border: int
    """Pixels around it, its edge repeated: for a face that fills the picture."""
    threshold: float
    """The score from which a peak is a face."""


@dataclass(frozen=True, slots=True)
class Found:
    """A face in the pixels of the network's input."""

    x: float
    y: float
    side: float
    turn: float
    """Degrees by which it is turned to the left, as ``Image.rotate`` counts."""
    score: float
    covered: float = 0.0
    """Chance that something covers it."""
    blurred: float = 0.0
    """Chance that it is too blurred to read."""


class Finder:
    """The network behind its preparation, and the sizes at which it looks."""

    def __init__(
        self,
        network: FaceFinder,
        *,
        looks: Sequence[Look],
        device: torch.device = CPU,
    ) -> None:
        self._network = OnDevice(network, device)
        self._looks = looks

    @classmethod
    def load(cls, folder: str | Path, device: torch.device = CPU) -> Finder:
        """The finder of a weights folder.

        Raises:
            ArtifactError: the folder is missing, altered, or made for something else.
        """
        folder = Path(folder)
        manifest = open_folder(folder, task=TASK)
        if manifest.architecture != ARCHITECTURE:
            raise ArtifactError(
                f"{folder} holds a {manifest.architecture!r}, not {ARCHITECTURE!r}."
            )
        config = json.loads((folder / "config.json").read_text("utf-8"))
        try:
            network = FaceFinder(FinderConfig.from_dict(config))
            network.load_state_dict(load_weights(folder / WEIGHTS))
        except (RuntimeError, TypeError) as exc:
            raise ArtifactError(f"{folder}: {WEIGHTS} does not fit config.json.") from exc
        looks = [Look(*look) for look in manifest.settings["looks"]]
        return cls(read_only(network), looks=looks, device=device)

    def find(self, image: Image.Image) -> list[Found]:
        """The faces of an upright picture, in its pixels, the surest of a look first.

        Each look is taken only where those before it found nobody, and the last one, which sees
        most, also where the first one found nobody near: others may stand beside. Of two faces
        that overlap, the one found first is kept.
        """
        first, *others = self._looks
        grey = image.convert("L")
        if faces := self._look(grey, first):
            near = max(face.side for face in faces) >= PORTRAIT * max(image.size)
            beside = () if near else others[-1:]
            faces += (face for look in beside for face in self._look(grey, look))
        else:
            faces = next(filter(None, (self._look(grey, look) for look in others)), [])
        return _apart(faces)[:MOST]

    @torch.inference_mode()
    def _look(self, grey: Image.Image, look: Look) -> list[Found]:
        """The peaks that are seen this way, the surest first."""
        side, border, threshold = look
        scale = side / max(grey.size)
        size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
        seen = np.asarray(grey.resize(size, Image.Resampling.BOX))
        rows, columns = (border + -(2 * border + n) % DEEPEST for n in seen.shape)
        padded = np.pad(seen, ((border, rows), (border, columns)), mode="edge")
        pixels = torch.from_numpy(padded)[None, None]
        grid = self._network(standardised(pixels))[0].cpu()
        return [_in_picture(f, scale, border) for f in read_grid(grid, floor=threshold)]


def _apart(seen: Sequence[Found]) -> list[Found]:
    """One find a face: of those that overlap, the first."""
    kept: list[Found] = []
    for face in seen:
        if all(not _same(face, other) for other in kept):
            kept.append(face)
    return kept


def _same(one: Found, other: Found) -> bool:
    """Whether two finds overlap so far that they are one face."""
    apart = max(abs(one.x - other.x), abs(one.y - other.y))
    return apart < max(one.side, other.side) * 0.6


def _in_picture(face: Found, scale: float, border: int) -> Found:
    return replace(
        face,
        x=(face.x - border) / scale,
        y=(face.y - border) / scale,
        side=face.side / scale,
    )


def read_grid(grid: Tensor, *, floor: float, most: int = 20) -> list[Found]:
    """The peaks of one grid (4 or 6, h, w) at or above a score, the surest first."""
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
    size, sine, cosine = grid[1:CHANNELS, row, column].float().tolist()
    covered, blurred = grid[CHANNELS:, row, column].float().sigmoid().tolist() or (0.0, 0.0)
    turn = torch.rad2deg(torch.atan2(torch.tensor(sine), torch.tensor(cosine)))
    return Found(
        x=(column + 0.5) * STRIDE,
        y=(row + 0.5) * STRIDE,
        side=float(UNIT * torch.tensor(size).clamp(-1.0, 3.5).exp()),
        turn=float(turn),
        score=float(scores[row, column]),
        covered=covered,
        blurred=blurred,
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
