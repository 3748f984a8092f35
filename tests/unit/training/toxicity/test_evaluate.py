from __future__ import annotations

import pytest

from training.toxicity.evaluate import flagged_share


class Shouting:
    """Stands for the model: whatever is in capitals is flagged."""

    def scores(self, texts):
        return [{"toxicity": float(text.isupper())} for text in texts]

    def is_safe(self, scores):
        return scores["toxicity"] < 0.5


def test_the_share_of_texts_that_would_not_be_sent():
    share = flagged_share(Shouting(), ["hello", "GO AWAY", "good night", "well"])
    assert share == pytest.approx(0.25)
