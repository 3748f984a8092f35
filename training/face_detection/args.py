"""The arguments of a face-detection run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from training.runs.args import RunArgs


@dataclass(frozen=True, kw_only=True)
class FaceDetectionArgs(RunArgs):
    """Trains the face finder from scratch on scenes that are made while it trains."""

    lr: float = 2e-3
    """Peak learning rate."""
    side: int = 320
    """Longer side of a scene, in pixels; a multiple of 32."""
    smallest: int = 20
    """Side of the smallest face, in pixels of such a scene."""
    largest: int = 190
    """Side of the largest face."""
    epoch_scenes: int = 3200
    """Scenes an epoch is made of."""
    dev_scenes: int = 320
    """Scenes of PublicTest crops that choose the best weights."""

    proposal: float = 0.3
    """Score from which serving takes a place for a proposal, on which cascades then vote."""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ValueError: an argument is out of range, or ``out`` is taken.
        """
        super().__post_init__()
        if self.side % 32 or self.side <= 0:
            raise ValueError(f"side must be a multiple of 32, got {self.side}")
        if not 8 <= self.smallest < self.largest <= self.side:
            raise ValueError("smallest and largest must be in order, from 8 to side")
        if min(self.epoch_scenes, self.dev_scenes) < 1:
            raise ValueError("epoch_scenes and dev_scenes must be at least 1")


ARGS = FaceDetectionArgs

RECIPES: dict[str, dict[str, Any]] = {
    "starter": {
        "epochs": 40,
        "minutes": 40.0,
        "batch_size": 16,
        "warmup_fraction": 0.05,
        "weight_decay": 0.02,
        "ema_decay": 0.995,
    },
}
"""``starter`` made the weights on board."""
