"""What a camera makes of a drawn picture: light, a soft lens, noise, and the loss of a JPEG."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from training.face_detection.dice import Dice


class Camera:
    """Takes grey pictures from 0 to 255 of one side, on the device of its dice."""

    def __init__(self, dice: Dice, side: int) -> None:
        self._dice = dice
        steps = (torch.arange(side, device=dice.device) + 0.5) / side * 2 - 1
        self._u, self._v = steps[None, None, :], steps[None, :, None]
        self._dct = _dct(dice.device)

    def photographed(self, picture: Tensor) -> Tensor:
        """The pictures (B, side, side) in other light, a little soft, noisy, some as a JPEG."""
        dice, count = self._dice, len(picture)
        angle, slope = dice.uniform(0, 6.3, count, 1, 1), dice.uniform(0, 0.25, count, 1, 1)
        picture = picture * (1 + slope * (self._u * angle.cos() + self._v * angle.sin()))
        framed = functional.pad(picture[:, None], (1, 1, 1, 1), mode="replicate")
        soft = functional.avg_pool2d(framed, 3, stride=1)[:, 0]
        blend = dice.uniform(0, 1, count, 1, 1) * dice.happens(0.5, count)[:, None, None]
        picture = picture + blend * (soft - picture)
        picture = picture + dice.noise(*picture.shape) * dice.uniform(0, 6, count, 1, 1)
        lossy = dice.happens(0.4, count)[:, None, None]
        return torch.where(lossy, self._compressed(picture), picture).clamp(0, 255)

    def _compressed(self, picture: Tensor) -> Tensor:
        """Each square of 8 pixels with its cosines rounded, the finer the more."""
        count, cells = len(picture), picture.shape[-1] // 8
        squares = picture.reshape(count, cells, 8, cells, 8).transpose(2, 3)
        order = torch.arange(8, device=self._dct.device)
        step = self._dice.uniform(1, 7, count, 1, 1, 1) * (2 + order + order[:, None])
        waves = _through(squares, self._dct.T).view(count, cells**2, 8, 8)
        kept = _through((waves / step).round() * step, self._dct)
        return kept.reshape(count, cells, cells, 8, 8).transpose(2, 3).reshape(picture.shape)


def _through(squares: Tensor, matrix: Tensor) -> Tensor:
    """Squares (..., 8, 8) multiplied by a matrix along their columns and rows, as (N, 8, 8).

    They come out transposed. One product of long tables is much faster than many small ones.
    """
    along = (squares.reshape(-1, 8) @ matrix).view(-1, 8, 8)
    return (along.mT.reshape(-1, 8) @ matrix).view(-1, 8, 8)


def _dct(device: torch.device) -> Tensor:
    """The cosines of 8 samples (8, 8), orthonormal."""
    order = torch.arange(8, device=device)
    waves = torch.cos(math.pi / 8 * (order + 0.5) * order[:, None]) / 2
    waves[0] /= math.sqrt(2)
    return waves
