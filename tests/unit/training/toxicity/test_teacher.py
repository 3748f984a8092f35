from __future__ import annotations

import numpy as np

from training.toxicity.data import harmless
from training.toxicity.teacher import opinions, softened


def test_the_teacher_tells_abuse_from_weather():
    rude, kind = opinions(["you are a stupid asshole", "it rained all afternoon"])
    assert rude > 0.9 > 0.3 > kind


def test_labels_move_towards_the_teacher_and_only_toxicity_moves():
    before = harmless(["you stupid asshole", "good morning"])
    after = softened(before, 0.5)
    assert 0.4 < after.labels[0, 0] <= 0.5
    assert after.labels[1, 0] < 0.2
    assert np.array_equal(after.labels[:, 1:], before.labels[:, 1:])
    assert before.labels[0, 0] == 0.0


def test_without_a_share_nothing_changes():
    examples = harmless(["good morning"])
    assert softened(examples, 0.0) is examples
