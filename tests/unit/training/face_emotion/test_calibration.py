from __future__ import annotations

import numpy as np
import pytest

from training.face_emotion.calibration import (
    calibration_error,
    fit_bias,
    fit_floor,
    fit_temperature,
    reliability,
    softmax,
)

RNG = np.random.default_rng(4)
LOGITS = RNG.normal(0, 1.5, (20_000, 3))
LABELS = np.array([RNG.choice(3, p=row) for row in softmax(LOGITS)])


@pytest.mark.parametrize("stretched", [0.5, 1.0, 2.5])
def test_the_temperature_that_stretched_the_logits_is_found(stretched):
    assert fit_temperature(LOGITS * stretched, LABELS) == pytest.approx(stretched, rel=0.06)


def test_the_shift_of_a_class_is_taken_back():
    shifted = LOGITS + np.array([1.0, 0.0, -0.5])
    back = fit_bias(shifted, LABELS)
    assert back - back[1] == pytest.approx([-1.0, 0.0, 0.5], abs=0.1)


def test_honest_scores_have_a_small_error_and_boastful_ones_a_large_one():
    assert calibration_error(softmax(LOGITS), LABELS) < 0.02
    assert calibration_error(softmax(LOGITS * 4), LABELS) > 0.15


def test_reliability_tells_confidence_and_accuracy_of_each_bin_that_holds_a_face():
    scores = np.array([[0.95, 0.05], [0.95, 0.05], [0.35, 0.65]])
    found = reliability(scores, np.array([0, 1, 1]), bins=10)
    assert found == {"confidence": [0.65, 0.95], "accuracy": [1.0, 0.5], "faces": [1, 2]}


def test_the_floor_is_where_what_is_answered_is_right_often_enough():
    scores = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]])
    labels = np.array([0, 0, 1, 0])
    assert fit_floor(scores, labels, accuracy=0.9) == 0.8
    assert fit_floor(scores, labels, accuracy=0.7) == 0.6
    assert fit_floor(scores, 1 - labels, accuracy=0.9) == 1.0
