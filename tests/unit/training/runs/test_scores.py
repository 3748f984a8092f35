from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from training.runs.scores import bootstrap_macro_f1, f1_per_label, tune_thresholds

RNG = np.random.default_rng(0)
TRUE = RNG.random((400, 5)) < np.array([0.5, 0.3, 0.2, 0.1, 0.02])
SCORES = np.clip(TRUE * 0.35 + RNG.random((400, 5)) * 0.5, 0, 1)


def test_f1_agrees_with_scikit_learn():
    ours = f1_per_label(SCORES > 0.4, TRUE)
    assert ours == pytest.approx(f1_score(TRUE, SCORES > 0.4, average=None, zero_division=0))


def test_a_label_that_never_occurs_scores_nothing():
    nothing = np.zeros((3, 1), dtype=bool)
    assert f1_per_label(nothing, nothing) == [0.0]


def test_tuned_thresholds_beat_a_poor_common_one():
    tuned = f1_per_label(tune_thresholds(SCORES, TRUE) < SCORES, TRUE).mean()
    assert tuned > f1_per_label(SCORES > 0.7, TRUE).mean()


def test_a_rare_label_stays_nearer_to_the_common_threshold_than_its_own_choice():
    free = tune_thresholds(SCORES, TRUE, shrink=0.0)
    bound = tune_thresholds(SCORES, TRUE, shrink=1e9)
    assert len(set(bound.round(6))) == 1
    shrunk = tune_thresholds(SCORES, TRUE)
    rare = 4
    assert abs(shrunk[rare] - bound[rare]) <= abs(free[rare] - bound[rare])


def test_the_bootstrap_interval_holds_the_score():
    predicted = SCORES > 0.4
    low, high = bootstrap_macro_f1(predicted, TRUE, rounds=200)
    assert low < f1_per_label(predicted, TRUE).mean() < high
