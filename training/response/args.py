"""The arguments of a reply-generator run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emotibot_models.presets import STARTER
from training.runs.args import RunArgs
from training.runs.minilm import minilm


@dataclass(frozen=True, kw_only=True)
class ResponseArgs(RunArgs):
    """Trains a base from nothing, a LoRA adapter on a base, or one after the other."""

    base: str = ""
    """A T5 (folder or hub id) for the adapter; empty trains a base of our own first."""
    adapter: bool = True
    """False stops after the base."""
    open_data: bool = False
    """Train the base on Self-dialogue, Topical-Chat and CounselChat alone, which may be used for
    anything; there is no adapter then."""
    composed: float = 0.0
    """Share of the replies composed for this project among those of an adapter for a given base. A
    base of nine million parameters says such things wrongly; larger ones are not measured."""
    text_emotion: str = ""
    """Text-emotion weights that read the messages as serving will; empty keeps the gold labels."""
    pretrained_words: str = ""
    """A BERT (folder or hub id) whose word embeddings start the base's; empty starts at random."""
    tokenizer: str = ""
    """A folder with a ``tokenizer.json`` to take over, so that perplexities compare; empty trains
    one."""
    vocabulary: int = 8000
    """Pieces of the base's tokenizer."""
    width: int = 256
    """Size of the base's hidden vectors, a multiple of 64."""
    layers: int = 4
    """Layers of the base's encoder."""
    decoder_layers: int = 0
    """Layers of its decoder, which is what a reply costs; 0 is as many as the encoder has."""
    dropout: float = 0.0
    """Share of the base's states that is dropped in training."""
    topic: float = 0.5
    """Weight of guessing a reply's words from the encoder alone; falls to 0 by ``topic_until``."""
    topic_until: float = 0.5
    """Share of the base's budget after which only the replies themselves count."""
    base_minutes: float = 76.0
    """Wall-clock minutes for the base; its learning rate reaches zero when they are over."""
    base_steps: int = 0
    """Steps for the base instead of minutes, for a run that must be reproducible."""
    body_lr: float = 1.2e-3
    """Peak learning rate of the base's matrices."""
    embedding_lr: float = 3e-3
    """Peak learning rate of the base's embedding, which starts larger than the rest."""
    prompt_tokens: int = 56
    """Tokens of a prompt in training; longer ones lose their oldest lines."""
    reply_tokens: int = 28
    """Tokens of a reply in training; longer ones are left out."""
    rank: int = 8
    """Rank of the LoRA matrices."""
    alpha: int = 32
    """LoRA's scale, divided by the rank."""
    targets: tuple[str, ...] = ("q", "v")
    """The linear layers that get a LoRA."""
    lora_dropout: float = 0.05
    """Share of a LoRA's input that is dropped."""
    lora_lr: float = 1e-4
    """Peak learning rate of the adapter."""
    lora_minutes: float = 0.0
    """Wall-clock minutes for the adapter; 0 trains ``epochs`` passes."""
    accumulate: int = 1
    """Batches an optimiser step of the adapter."""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ValueError: an argument is out of range.
        """
        super().__post_init__()
        if self.width % 64:
            raise ValueError(f"width must be a multiple of 64, got {self.width}")
        if not 0.0 <= self.dropout < 1.0:
            raise ValueError(f"dropout must be in [0, 1), got {self.dropout}")
        if self.open_data and self.adapter:
            raise ValueError(
                "open_data has no empathetic replies for an adapter: set adapter = false"
            )
        if not 0.0 <= self.composed < 1.0:
            raise ValueError(f"composed must be in [0, 1), got {self.composed}")
        if self.composed and not self.base:
            raise ValueError("composed is for an adapter on a base that is given: set base")
        if min(self.rank, self.alpha, self.accumulate) < 1:
            raise ValueError("rank, alpha and accumulate must be at least 1")


ARGS = ResponseArgs

ALL_LINEAR = ("q", "k", "v", "o", "wi_0", "wi_1", "wo")

RECIPES: dict[str, dict[str, Any]] = {
    "starter": {
        "batch_size": 64,
        "rank": 16,
        "targets": ALL_LINEAR,
        "lora_lr": 1e-3,
        "lora_minutes": 10.0,
        "pretrained_words": minilm(),
        "text_emotion": str(STARTER / "text_emotion"),
    },
    "gpu": {
        "batch_size": 256,
        "checkpoint_seconds": 45.0,
        "width": 384,
        "layers": 8,
        "decoder_layers": 3,
        "dropout": 0.15,
        "body_lr": 1e-3,
        "prompt_tokens": 72,
        "reply_tokens": 32,
        "base_minutes": 6.0,
        "rank": 16,
        "targets": ALL_LINEAR,
        "lora_lr": 5e-4,
        "lora_minutes": 0.8,
        "tokenizer": str(STARTER / "response" / "base"),
        "pretrained_words": minilm(),
        "text_emotion": str(STARTER / "text_emotion"),
    },
    "starter-base": {"batch_size": 64, "adapter": False, "pretrained_words": minilm()},
    "starter-open": {
        "batch_size": 64,
        "adapter": False,
        "open_data": True,
        "pretrained_words": minilm(),
    },
    "reference": {
        "base": "google/flan-t5-base",
        "epochs": 3,
        "batch_size": 4,
        "accumulate": 4,
        "prompt_tokens": 128,
        "reply_tokens": 128,
    },
}
"""``starter`` has the shape of the weights on board, which earlier phases and mixes of data made
(training/LOG.md); ``gpu`` makes larger ones in minutes of a large GPU, no better so far;
``starter-open`` makes a base without data for non-commercial use; ``reference`` adapts Flan-T5 with
LoRA, as is usual."""
