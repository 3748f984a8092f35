from __future__ import annotations

import numpy as np
import pytest

from training.toxicity.evaluate import auc, copies, flagged_share, naming_a_group, share


class Shouting:
    """Stands for the model: whatever is in capitals is flagged."""

    def scores(self, texts):
        return [{"toxicity": float(text.isupper())} for text in texts]

    def is_safe(self, scores):
        return scores["toxicity"] < 0.5


def test_the_share_of_texts_that_would_not_be_sent():
    share = flagged_share(Shouting(), ["hello", "GO AWAY", "good night", "well"])
    assert share == pytest.approx(0.25)


def test_a_name_taken_for_abuse_shows_where_groups_are_named():
    texts = ["my gay friend", "a gay bar", "good rain", "you idiot", "the gay scum"]
    toxic = np.array([False, False, False, True, True])
    scores = np.array([0.9, 0.8, 0.1, 0.5, 0.95])
    found = naming_a_group(texts, toxic, scores, scores > 0.6)
    assert (found["comments"], found["false_alarms"], found["false_alarms_elsewhere"]) == (3, 1, 0)
    assert (found["subgroup_auc"], found["bpsn_auc"]) == (1.0, 0.0)


def test_copies_are_told_by_their_words():
    assert copies(["Hello there.", "new"], ["hello THERE", "old"]) == 1


def test_one_side_alone_says_nothing():
    assert auc(np.array([True, True]), np.array([0.2, 0.9])) == 0.5
    assert share(np.array([], dtype=bool)) == 0.0
