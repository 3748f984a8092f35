"""The arguments of a fit of the ranking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emotibot_models.presets import STARTER
from training.runs.args import RunArgs


@dataclass(frozen=True, kw_only=True)
class HowToFit:
    """How weights and network come close to the ratings."""

    epochs: int = 10
    """Passes over the rated messages."""
    batch_size: int = 16
    """Messages a step, each with all its candidates."""
    lr: float = 2e-3
    """Peak learning rate."""
    warmup_fraction: float = 0.02
    """Share of all steps spent warming up."""
    weight_decay: float = 0.05
    """AdamW's decoupled decay."""
    hidden: int = 192
    """Units of the network that sees the words."""
    dropout: float = 0.3
    """Of its inputs and its units."""
    order: float = 0.5
    """What the order of a message's candidates counts for beside their ratings."""
    seed: int = 7
    """Seeds the weights, the dropout and the order of the messages."""


@dataclass(frozen=True, kw_only=True)
class RankingArgs(HowToFit, RunArgs):
    """One fit to the ratings on board; nothing is kept between its epochs."""

    base: str = str(STARTER / "response")
    """The generator whose likelihoods are weighed."""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ValueError: an argument is out of range, or ``out`` is taken.
        """
        super().__post_init__()
        if self.lr <= 0 or self.hidden < 1 or self.order < 0:
            raise ValueError("lr must be above 0, hidden at least 1, order not negative")
        if not 0.0 <= self.dropout < 1.0:
            raise ValueError(f"dropout must be in [0, 1), got {self.dropout}")


ARGS = RankingArgs

RECIPES: dict[str, dict[str, Any]] = {"starter": {}}
"""``starter`` made the weights on board in some minutes on two cores."""
