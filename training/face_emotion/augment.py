"""Random changes to a whole batch of faces at once, where they lie; torch's seed decides."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

MAX_TURN = math.radians(14)
MAX_SHIFT = 0.16
MAX_ZOOM = 0.14
ERASE_SHARE = 0.4


def augment(faces: Tensor) -> Tensor:
    """Turned, shifted, zoomed, mirrored, relit and partly covered (B, C, H, W) in [0, 1]."""
    return erase(relight(move(faces)))


def move(faces: Tensor) -> Tensor:
    """Each face mirrored by chance and placed a little differently; borders are repeated."""
    n, place = len(faces), faces.device
    turn = _between(n, -MAX_TURN, MAX_TURN, place)
    zoom = _between(n, 1 - MAX_ZOOM, 1 + MAX_ZOOM, place)
    mirror = torch.randint(0, 2, (n,), device=place) * 2.0 - 1
    shift = _between(2 * n, -MAX_SHIFT, MAX_SHIFT, place).view(2, n)
    cos, sin = torch.cos(turn) * zoom, torch.sin(turn) * zoom
    rows = [
        torch.stack([cos * mirror, -sin, shift[0]], 1),
        torch.stack([sin * mirror, cos, shift[1]], 1),
    ]
    matrix = torch.stack(rows, 1)  # (B, 2, 3)
    grid = nn.functional.affine_grid(matrix, list(faces.shape), align_corners=False)
    return nn.functional.grid_sample(faces, grid, padding_mode="border", align_corners=False)


def relight(faces: Tensor) -> Tensor:
    """Each face under another light: gamma, contrast and brightness."""
    n, place = len(faces), faces.device
    gamma = _between(n, -0.5, 0.5, place).exp().view(n, 1, 1, 1)
    contrast = _between(n, 0.7, 1.4, place).view(n, 1, 1, 1)
    brightness = _between(n, -0.15, 0.15, place).view(n, 1, 1, 1)
    lit = faces.clamp(1e-3, 1.0) ** gamma
    return ((lit - 0.5) * contrast + 0.5 + brightness).clamp(0.0, 1.0)


def erase(faces: Tensor) -> Tensor:
    """Some faces with a grey rectangle over up to two fifths of their width and height."""
    n, _, height, width = faces.shape
    place = faces.device
    rows = _span(n, height, place).view(n, 1, height, 1)
    columns = _span(n, width, place).view(n, 1, 1, width)
    chosen = (torch.rand(n, device=place) < ERASE_SHARE).view(n, 1, 1, 1)
    return torch.where(rows & columns & chosen, torch.rand(n, 1, 1, 1, device=place), faces)


def mixup(faces: Tensor, targets: Tensor, *, alpha: float = 0.4) -> tuple[Tensor, Tensor]:
    """Each face and target blended with another of the batch (Zhang et al., 2018)."""
    share = torch.distributions.Beta(alpha, alpha).sample()
    other = torch.randperm(len(faces), device=faces.device)
    blended = share * faces + (1 - share) * faces[other]
    return blended, share * targets + (1 - share) * targets[other]


def _between(n: int, low: float, high: float, place: torch.device) -> Tensor:
    return torch.rand(n, device=place) * (high - low) + low


def _span(n: int, size: int, place: torch.device) -> Tensor:
    """A random stretch of each of ``n`` lines, as a mask (n, size)."""
    length = (_between(n, 0.12, 0.4, place) * size).view(n, 1)
    start = torch.rand(n, 1, device=place) * (size - length)
    at = torch.arange(size, device=place).view(1, size)
    return (at >= start) & (at < start + length)
