"""The arguments of a face-detection run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emotibot_models.face_finder import EXTRAS, FinderConfig
from training.runs.args import RunArgs


@dataclass(frozen=True, kw_only=True)
class FaceDetectionArgs(RunArgs):
    """Trains the face finder from scratch on scenes that are made while it trains."""

    lr: float = 2e-3
    """Peak learning rate."""
    widths: tuple[int, ...] = (24, 48, 128, 256, 384)
    """Channels at strides 2, 4, 8, 16 and 32."""
    depth: int = 3
    """Further layers at strides 8, 16 and 32."""
    pyramid: int = 128
    """Channels of the feature pyramid."""
    side: int = 320
    """Side of a scene, in pixels; a multiple of 32."""
    smallest: float = 13.0
    """Side of the smallest face, in pixels of such a scene."""
    largest: float = 340.0
    """Side of the largest face: more than a scene's, for pictures of nothing but a face."""
    backdrops: int = 14_000
    """Backdrops that are drawn before the training; each scene shows parts of one or two."""
    workers: int = 1
    """Processes that draw them."""
    epoch_scenes: int = 32_768
    """Scenes an epoch is made of."""
    dev_scenes: int = 500
    """Scenes of PublicTest crops that choose the best weights."""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ValueError: an argument is out of range, or ``out`` is taken.
        """
        super().__post_init__()
        if self.side % 32 or self.side <= 0:
            raise ValueError(f"side must be a multiple of 32, got {self.side}")
        if not 8 <= self.smallest < self.largest <= 2 * self.side:
            raise ValueError("smallest and largest must be in order, from 8 to twice the side")
        if min(self.epoch_scenes, self.dev_scenes, self.backdrops, self.workers) < 1:
            raise ValueError("epoch_scenes, dev_scenes, backdrops and workers must be at least 1")

    def config(self) -> FinderConfig:
        """The network that is trained."""
        return FinderConfig(tuple(self.widths), self.depth, self.pyramid, tower=1, extras=EXTRAS)


ARGS = FaceDetectionArgs

RECIPES: dict[str, dict[str, Any]] = {
    "starter": {
        "epochs": 10_000,
        "minutes": 6.0,
        "batch_size": 256,
        "warmup_fraction": 0.03,
        "weight_decay": 0.02,
        "ema_decay": 0.998,
        "validate_seconds": 15.0,
    },
}
"""``starter`` is for a GPU, on which it sees about a million scenes."""
