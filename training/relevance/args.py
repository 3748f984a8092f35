"""The arguments of a relevance run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from training.runs.args import RunArgs
from training.runs.minilm import minilm


@dataclass(frozen=True, kw_only=True)
class RelevanceArgs(RunArgs):
    """One run of the bi-encoder. Written to ``args.json`` beside the weights it made."""

    base: str
    """A transformers folder or hub id to start from."""
    batch_size: int = 128
    """Pairs a step; each reply is a negative for the other contexts of its batch."""
    body_lr: float = 2e-4
    """Peak learning rate of the encoder's layers."""
    head_lr: float = 1e-3
    """Peak learning rate of the two heads."""
    temperature: float = 0.05
    """Divides the cosines in the loss."""
    train_embeddings: bool = False
    """Whether the word vectors move too; frozen ones halve the work and forget nothing."""
    turns: int = 4
    """Most turns of a context, the answered one included."""
    context_tokens: int = 64
    """Longest context in tokens; its end is kept."""
    reply_tokens: int = 40
    """Longest reply in tokens; its beginning is kept."""
    daily_share: float = 0.15
    """Share of the DailyDialog pairs that is trained on."""
    support_share: float = 0.5
    """Share of the ESConv pairs that is trained on."""
    open_data: bool = False
    """Learn from Self-dialogue and Topical-Chat, which may be used for anything, instead of
    EmpatheticDialogues, DailyDialog and ESConv."""
    epoch_pairs: int = 0
    """Pairs an epoch is made of, drawn anew each time; 0 takes all there are."""
    dev_pairs: int = 1000
    """Pairs of dev, EmpatheticDialogues valid or Topical-Chat test, that choose the weights."""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ValueError: an argument is out of range, or ``out`` is taken.
        """
        super().__post_init__()
        if self.temperature <= 0:
            raise ValueError(f"temperature must be above 0, got {self.temperature}")
        if min(self.turns, self.dev_pairs) < 1:
            raise ValueError("turns and dev_pairs must be at least 1")
        for name in ("daily_share", "support_share"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} must be in [0, 1], got {getattr(self, name)}")


ARGS = RelevanceArgs

RECIPES: dict[str, dict[str, Any]] = {
    "starter": {
        "base": minilm(),
        "epochs": 2,
        "batch_size": 128,
        "body_lr": 2e-4,
        "head_lr": 1e-3,
        "ema_decay": 0.99,
        "epoch_pairs": 28_160,
    },
    "reference": {
        "base": minilm(),
        "epochs": 3,
        "batch_size": 256,
        "body_lr": 5e-5,
        "head_lr": 5e-4,
        "train_embeddings": True,
        "daily_share": 1.0,
        "support_share": 1.0,
    },
}
RECIPES["starter-open"] = RECIPES["starter"] | {"open_data": True}
"""``starter`` made the weights on board in half an hour; ``starter-open`` leaves out what is for
non-commercial use; ``reference`` takes a GPU."""
