"""The arguments that every training run has."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class RunArgs:
    """One run. Written to ``args.json`` beside the weights it made."""

    data: Path
    """Folder with the data sets."""
    out: Path
    """Folder of the run; must not exist yet unless ``resume`` is set."""
    epochs: int = 3
    """Passes over the training data."""
    minutes: float = 0.0
    """Minutes, over all starts, that end the run before its epochs do: the learning rate follows
    the clock. 0 follows the epochs, and the same seed gives the same losses."""
    batch_size: int = 64
    """Examples a step."""
    warmup_fraction: float = 0.1
    """Share of all steps spent warming up."""
    weight_decay: float = 0.01
    """AdamW's decoupled decay, on matrices only."""
    clip_norm: float = 1.0
    """Largest norm of the gradient."""
    ema_decay: float = 0.0
    """Decay a step of the averaged weights that are evaluated and kept; 0 keeps the last ones."""
    patience: int = 0
    """Epochs without a better score before the run stops early; 0 never stops."""
    validate_seconds: float = 0.0
    """Least seconds between two looks at dev, for epochs that take less; the last epoch always
    ends with one. 0 looks after every epoch."""
    checkpoint_seconds: float = 300.0
    """Seconds between checkpoints within an epoch."""
    mixed_precision: bool = True
    """bf16 autocast; the weights stay in fp32."""
    device: str = "auto"
    """``auto``, ``cpu``, ``cuda`` or ``cuda:N``."""
    seed: int = 7
    """Seeds the weights, the dropout and the order of the data."""
    resume: bool = False
    """Continue the run in ``out`` from its last checkpoint."""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ValueError: an argument is out of range, or ``out`` is taken.
        """
        if not 0.0 <= self.warmup_fraction < 1.0:
            raise ValueError(f"warmup_fraction must be in [0, 1), got {self.warmup_fraction}")
        if not 0.0 <= self.ema_decay < 1.0:
            raise ValueError(f"ema_decay must be in [0, 1), got {self.ema_decay}")
        for name in ("minutes", "validate_seconds"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}")
        if min(self.epochs, self.batch_size) < 1:
            raise ValueError("epochs and batch_size must be at least 1")
        if self.out.exists() and not self.resume:
            raise ValueError(
                f"{self.out} exists; runs never overwrite each other. "
                "Choose another folder, or continue that run with --resume."
            )

    def to_json(self) -> str:
        """The arguments as ``args.json`` holds them."""
        return json.dumps(asdict(self), indent=2, default=str) + "\n"
