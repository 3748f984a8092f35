"""The arguments of a toxicity run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emotibot_models.presets import STARTER
from training.runs.args import RunArgs
from training.runs.minilm import minilm


@dataclass(frozen=True, kw_only=True)
class ToxicityArgs(RunArgs):
    """Fine-tunes the first layers of a BERT with a pooler and a sigmoid head of six labels."""

    base: str
    """A transformers folder or hub id of a BERT to start from, or toxicity weights of ours to
    train further; those bring their own layers and vocabulary."""
    layers: int = 12
    """How many of its layers are kept, from the bottom."""
    vocabulary: int = 0
    """Word pieces that are kept, the most frequent of the training texts; 0 keeps all."""
    max_length: int = 128
    """Tokens a text, with the special ones; longer texts are cut in training."""
    body_lr: float = 2e-5
    """Peak learning rate of the layers."""
    head_lr: float = 2e-5
    """Peak learning rate of the pooler and the classifier."""
    train_embeddings: bool = True
    """Whether the word vectors move too."""
    wiki_negatives: int = 0
    """How many harmless Wikipedia comments are trained on; 0 takes all."""
    chat_negatives: int = 10_000
    """How many harmless lines of EmpatheticDialogues and DailyDialog are trained on, beside all
    those with a mild word; 0 leaves both sets out."""
    offensive_tweets: int = 6_000
    """How many rows of OLID are trained on; 0 leaves it out."""
    hate_tweets: int = 3_000
    """How many rows of Davidson et al. are trained on, whose labels take dialect for offence; 0
    leaves them out."""
    bot_abuse: bool = True
    """Whether ConvAbuse is trained on."""
    wiki_toxic_repeats: int = 1
    """How often each toxic Wikipedia comment stands in an epoch."""
    teacher_share: float = 0.0
    """Weight of a word-count model's opinion in the target of comments and tweets, beside their
    own label; above 0 needs the ``[teacher]`` extra."""
    false_alarms: float = 0.007
    """Share of the texts for silence that may be flagged, by all labels together."""
    kind_replies: bool = True
    """Whether the texts for silence are EmpatheticDialogues valid replies; without them they are
    the harmless comments of dev."""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ValueError: an argument is out of range, or ``out`` is taken.
        """
        super().__post_init__()
        if not 0.0 < self.false_alarms < 1.0:
            raise ValueError(f"false_alarms must be in (0, 1), got {self.false_alarms}")
        if not 0.0 <= self.teacher_share < 1.0:
            raise ValueError(f"teacher_share must be in [0, 1), got {self.teacher_share}")
        if self.layers < 1 or self.max_length < 8:
            raise ValueError("layers must be at least 1 and max_length at least 8")
        if self.wiki_toxic_repeats < 1:
            raise ValueError("wiki_toxic_repeats must be at least 1")


ARGS = ToxicityArgs

RECIPES: dict[str, dict[str, Any]] = {
    "starter": {
        "base": minilm(),
        "epochs": 1,
        "batch_size": 32,
        "layers": 4,
        "vocabulary": 21_000,
        "max_length": 96,
        "body_lr": 3e-4,
        "head_lr": 1.5e-3,
        "train_embeddings": False,
        "wiki_negatives": 8_000,
        "wiki_toxic_repeats": 2,
        "chat_negatives": 9_000,
        "ema_decay": 0.998,
    },
    "starter-further": {
        "base": str(STARTER / "toxicity"),
        "epochs": 9,
        "minutes": 52.0,
        "batch_size": 32,
        "max_length": 128,
        "body_lr": 2e-4,
        "head_lr": 4e-4,
        "warmup_fraction": 0.05,
        "train_embeddings": False,
        "wiki_negatives": 16_000,
        "wiki_toxic_repeats": 3,
        "chat_negatives": 9_000,
        "offensive_tweets": 13_240,
        "teacher_share": 0.5,
        "false_alarms": 0.005,
        "ema_decay": 0.998,
    },
    "reference": {
        "base": "bert-base-uncased",
        "epochs": 3,
        "batch_size": 16,
        "body_lr": 3e-5,
        "head_lr": 3e-5,
        "chat_negatives": 0,
        "offensive_tweets": 0,
        "hate_tweets": 0,
        "bot_abuse": False,
        "kind_replies": False,
    },
}
RECIPES["starter-open"] = RECIPES["starter"] | {
    "chat_negatives": 0,
    "offensive_tweets": 0,
    "kind_replies": False,
}
"""``starter`` and then ``starter-further`` made the weights on board; ``starter-open`` leaves out
what is for non-commercial use or states no licence; ``reference`` fine-tunes BERT on the
challenge's comments alone, as the authors of Detoxify do."""
