from __future__ import annotations

import numpy as np
import pytest

from training.face_emotion import train
from training.face_emotion.data import Faces
from training.face_emotion.evaluate import evaluate, figures
from training.runs.errors import DataError


def test_a_run_is_evaluated_with_and_without_copies(data, make_args):
    photographs = {"upright": 2, "none": 1}
    found = evaluate(train.run(make_args(epochs=8)), data, "cpu", photographs=photographs)
    assert found["faces"] == 21
    assert found["without_copies"]["faces"] == 20
    assert found["accuracy"] > 0.8
    assert found["support"]["happy"] == 3
    assert found["photographs"]["scenes"] == 3
    assert found["photographs"]["milliseconds_median"] > 0


def test_a_set_without_private_test_cannot_be_evaluated_on(data, make_args):
    weights = train.run(make_args(epochs=1))
    with np.load(data / "fer2013.npz") as stored:
        arrays = {name: stored[name][stored["usage"] < 2] for name in stored}
    np.savez(data / "fer2013.npz", **arrays)
    with pytest.raises(DataError, match="no face of PrivateTest"):
        evaluate(weights, data, "cpu")


def test_figures_follow_from_scores_and_labels():
    scores = np.full((4, 7), 0.05, np.float32)
    scores[[0, 1, 2, 3], [0, 0, 3, 6]] = 0.7
    scores[3, 6] = 0.3
    labels = np.array([0, 3, 3, 3])
    faces = Faces(
        np.zeros((4, 48, 48), np.uint8), labels, np.zeros((4, 7), np.float32), np.zeros(4, bool)
    )
    found = figures(scores, faces, floor=0.5)
    assert (found["accuracy"], found["sure_share"]) == (0.5, 0.75)
    assert found["accuracy_when_sure"] == pytest.approx(2 / 3, abs=1e-4)
    assert (found["precision"]["angry"], found["recall"]["happy"]) == (0.5, 0.3333)
    assert found["confusion"]["happy"] == [1, 0, 0, 1, 0, 0, 1]


def test_when_nothing_is_sure_there_is_no_accuracy_of_the_sure():
    faces = Faces(
        np.zeros((1, 48, 48), np.uint8),
        np.zeros(1, np.int64),
        np.zeros((1, 7), np.float32),
        np.zeros(1, bool),
    )
    assert figures(np.full((1, 7), 1 / 7), faces, floor=0.9)["accuracy_when_sure"] is None
