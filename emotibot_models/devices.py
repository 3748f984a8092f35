"""Which device the models run on."""

from __future__ import annotations

import torch


def pick_device(name: str) -> torch.device:
    """The named device; ``auto`` is the first GPU, or the CPU where there is none."""
    if name != "auto":
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("cpu")
