"""The arguments of a face-emotion run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from training.runs.args import RunArgs


@dataclass(frozen=True, kw_only=True)
class FaceEmotionArgs(RunArgs):
    """Trains the small hybrid from scratch, or fine-tunes a ViT in two stages."""

    base: str = ""
    """A ViT folder or hub id, or a weights folder of the hybrid, to start from; empty trains the
    hybrid from scratch."""
    shape: Mapping[str, Any] = field(default_factory=dict)
    """Where a new hybrid differs from the defaults of ``ConvViTConfig``."""
    lr: float = 1e-3
    """Peak learning rate once everything trains."""
    head_epochs: int = 0
    """Passes over the data with the backbone frozen, before ``epochs`` with everything."""
    head_lr: float = 5e-4
    """Peak learning rate of the head while the backbone is frozen."""
    vote_share: float = 0.0
    """Weight of the FER+ votes in the target, beside the original label."""
    smoothing: float = 0.0
    """Share of the target that is spread evenly over the labels."""
    teacher_share: float = 0.0
    """Weight in the target of what the averaged weights see, reached halfway through the run; it
    keeps a network from learning wrong labels by heart."""
    mixup_share: float = 0.0
    """Share of the batches whose pictures are blended in pairs."""
    plain_share: float = 0.0
    """Share of the run, its end, without blended pictures."""
    small_share: float = 0.0
    """Share of the run, its beginning, that sees smaller faces."""
    small_side: int = 32
    """Pixels a side of the smaller faces; a multiple of 8."""
    augment: bool = True
    """Turn, shift, flip, relight and erase at random."""
    sure_accuracy: float = 0.86
    """How often serving shall be right where it says that it is sure; the confidence from which on
    that holds is found on PublicTest. A point above what is promised, for the luck of that set."""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ValueError: an argument is out of range, or ``out`` is taken.
        """
        super().__post_init__()
        for name in (
            "vote_share",
            "smoothing",
            "teacher_share",
            "mixup_share",
            "plain_share",
            "small_share",
            "sure_accuracy",
        ):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ValueError(f"{name} must be in [0, 1), got {getattr(self, name)}")
        if self.small_side < 8 or self.small_side % 8:
            raise ValueError(f"small_side must be a multiple of 8, got {self.small_side}")
        if self.teacher_share and not self.ema_decay:
            raise ValueError("teacher_share needs ema_decay: averaged weights are the teacher")
        if self.head_epochs < 0:
            raise ValueError(f"head_epochs must not be negative, got {self.head_epochs}")
        if self.head_epochs and not self.base:
            raise ValueError("head_epochs needs a base: from scratch there is nothing to freeze")


ARGS = FaceEmotionArgs

RECIPES: dict[str, dict[str, Any]] = {
    "starter": {
        "epochs": 1000,  # the clock ends it
        "minutes": 7.0,
        "shape": {
            "fine": True,
            "blocks": 2,
            "drop_path": 0.05,
            "layers": 2,
            "intermediate_size": 1024,
        },
        "lr": 2e-3,
        "batch_size": 256,
        "warmup_fraction": 0.04,
        "weight_decay": 0.2,
        "ema_decay": 0.999,
        "validate_seconds": 12.0,
        "vote_share": 0.3,
        "smoothing": 0.05,
        "mixup_share": 0.4,
        "plain_share": 0.1,
    },
    "reference": {
        "base": "google/vit-base-patch16-224-in21k",
        "head_epochs": 2,
        "head_lr": 5e-4,
        "epochs": 3,
        "lr": 2e-5,
        "batch_size": 16,
    },
}
"""``starter`` made the weights on board, in minutes of a GPU; ``reference`` fine-tunes ViT-base in
two stages."""
