"""The learning rate over a run."""

from __future__ import annotations

import math


def cosine(step: float, *, total: float, warmup_fraction: float) -> float:
    """Share of the peak learning rate at ``step``: linear warm-up, then a cosine down to zero.

    Steps or seconds: whatever ``total`` counts.
    """
    warmup = max(1, round(total * warmup_fraction)) if warmup_fraction else 0
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / max(1, total - warmup)
    return 0.5 * (1.0 + math.cos(math.pi * min(1.0, progress)))
