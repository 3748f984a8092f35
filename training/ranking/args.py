"""The arguments of a fit of the ranking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emotibot_models.presets import STARTER
from training.runs.args import RunArgs


@dataclass(frozen=True, kw_only=True)
class RankingArgs(RunArgs):
    """One fit on the ratings on board.

    Of what every run has only ``data``, ``out`` and ``device`` count.
    """

    base: str = str(STARTER / "response")
    """The generator whose likelihoods are weighed."""
    ridge: float = 60.0
    """Draws the weights together, as so many candidates would about whom nothing is known."""
    doubt: float = 10.0
    """Draws the standing of a text to what its facts say, as so many ratings would."""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ValueError: an argument is out of range, or ``out`` is taken.
        """
        super().__post_init__()
        if min(self.ridge, self.doubt) <= 0:
            raise ValueError("ridge and doubt must be above 0")


ARGS = RankingArgs

RECIPES: dict[str, dict[str, Any]] = {"starter": {}}
"""``starter`` made the weights on board in a minute."""
