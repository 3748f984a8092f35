"""The arguments of a text-emotion run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from training.runs.args import RunArgs
from training.runs.minilm import minilm


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
    situations: bool = False
    """Whether EmpatheticDialogues' openings are added; needs that data set."""
    train_embeddings: bool = True
    """Whether the word vectors move too; frozen ones save half of the optimiser's work."""
    blend: str = ""
    """Folder of an earlier run from the same base, whose best weights are blended in."""
    blend_share: float = 0.6
    """Share of the earlier run in the blend."""
    dropout: float = 0.1
    """Share of the pooled vector that is dropped."""


ARGS = TextEmotionArgs

RECIPES: dict[str, dict[str, Any]] = {
    "starter": {
        "base": minilm(),
        "epochs": 3,
        "batch_size": 64,
        "ema_decay": 0.998,
    },
    "starter-situations": {
        "base": minilm(),
        "epochs": 2,
        "batch_size": 64,
        "ema_decay": 0.998,
        "warmup_fraction": 0.05,
        "situations": True,
        "train_embeddings": False,
    },
    "reference": {
        "base": "distilbert-base-uncased",
        "epochs": 3,
        "batch_size": 16,
        "max_length": 128,
        "body_lr": 2e-5,
        "head_lr": 2e-5,
    },
}
"""``starter``, then ``starter-situations`` with ``blend`` set to it, made the weights on board;
``reference`` fine-tunes DistilBERT as is usual."""
