"""The arguments of a text-emotion run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.runs.args import RunArgs


@dataclass(frozen=True, kw_only=True)
class TextEmotionArgs(RunArgs):
    """Fine-tunes an encoder with a sigmoid head of 27 labels."""

    base: str
    """A transformers folder or hub id to start from."""
    max_length: int = 64
    """Tokens a text, with the special ones; longer texts are cut in training."""
    body_lr: float = 5e-4
    """Peak learning rate of the encoder."""
    head_lr: float = 4e-3
    """Peak learning rate of the head."""
    dropout: float = 0.1
    """Share of the pooled vector that is dropped."""


def starter(data: Path, out: Path, base: str, **changes: Any) -> TextEmotionArgs:
    """The recipe of the weights on board."""
    recipe: dict[str, Any] = {"epochs": 3, "batch_size": 64, "ema_decay": 0.998}
    return TextEmotionArgs(data=data, out=out, base=base, **(recipe | changes))


def reference(
    data: Path, out: Path, base: str = "distilbert-base-uncased", **changes: Any
) -> TextEmotionArgs:
    """DistilBERT as it is usually fine-tuned: 2e-5, batch 16, 3 epochs, 128 tokens."""
    recipe: dict[str, Any] = {
        "epochs": 3,
        "batch_size": 16,
        "max_length": 128,
        "body_lr": 2e-5,
        "head_lr": 2e-5,
    }
    return TextEmotionArgs(data=data, out=out, base=base, **(recipe | changes))
