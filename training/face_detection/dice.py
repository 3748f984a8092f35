"""Random numbers on the device that uses them, from one seed."""

from __future__ import annotations

import torch
from torch import Tensor


class Dice:
    """Drawn on a device without waiting for it."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._generator = torch.Generator(device)

    def start(self, seed: int) -> None:
        """From here on the numbers are those of a seed; the same on the same kind of device."""
        self._generator.manual_seed(seed)

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """Evenly between two numbers."""
        drawn = torch.rand(shape, generator=self._generator, device=self.device)
        return low + (high - low) * drawn

    def noise(self, *shape: int) -> Tensor:
        """Around 0, with a deviation of 1."""
        return torch.randn(shape, generator=self._generator, device=self.device)

    def happens(self, chance: float | Tensor, count: int) -> Tensor:
        """Whether something happens (count,), each by its chance."""
        return self.uniform(0, 1, count) < chance

    def picks(self, choices: int, count: int) -> Tensor:
        """Places (count,) among so many choices."""
        return torch.randint(choices, (count,), generator=self._generator, device=self.device)

    def some(self, bank: Tensor, count: int) -> Tensor:
        """Members of a bank (count, ...), as floats."""
        return bank[self.picks(len(bank), count)].float()
