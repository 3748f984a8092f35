"""What a manifest says of who may use the weights; the model card says why."""

from __future__ import annotations

from typing import Final

NON_COMMERCIAL: Final = "weights: non-commercial use, see MODEL_CARD.md"
OPEN: Final = "weights: no data for non-commercial use alone went into them, see MODEL_CARD.md"


def licence(*, restricted: bool) -> str:
    """The sentence for weights that learned from data for non-commercial use, or from none."""
    return NON_COMMERCIAL if restricted else OPEN
