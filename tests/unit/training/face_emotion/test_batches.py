from __future__ import annotations

import numpy as np
import pytest
import torch

from training.face_emotion.args import FaceEmotionArgs
from training.face_emotion.batches import accuracy, as_pixels, shuffled, soft_targets
from training.face_emotion.data import Faces


@pytest.fixture
def args(tmp_path):
    return FaceEmotionArgs(
        data=tmp_path, out=tmp_path / "run", batch_size=4, vote_share=0.5, smoothing=0.1
    )


def faces(votes) -> Faces:
    n = len(votes)
    return Faces(
        np.zeros((n, 48, 48), np.uint8),
        np.zeros(n, np.int64),
        np.array(votes, np.float32),
        np.zeros(n, bool),
    )


def test_targets_mix_label_votes_and_smoothing(args):
    agreed, unvoted = soft_targets(faces([[0, 1, 0, 0, 0, 0, 0], [0] * 7]), args)
    assert agreed.sum() == pytest.approx(1.0)
    assert agreed[:2] == pytest.approx([0.9 * 0.5 + 0.1 / 7] * 2)
    assert unvoted[0] == pytest.approx(0.9 + 0.1 / 7)


def test_each_epoch_sees_the_rows_once_in_an_order_of_its_own(args):
    first, again, second = (shuffled(12, args, epoch) for epoch in (0, 0, 1))
    assert sorted(row for rows in first for row in rows) == list(range(12))
    assert first == again != second


def test_the_odd_rest_is_left_out_unless_it_is_all_there_is(args):
    assert [len(rows) for rows in shuffled(10, args, 0)] == [4, 4]
    assert [len(rows) for rows in shuffled(3, args, 0)] == [3]


def test_bytes_become_pixels_between_0_and_1():
    pixels = as_pixels(np.full((2, 3, 3), 255, np.uint8), torch.device("cpu"))
    assert pixels.shape == (2, 1, 3, 3)
    assert pixels.max() == 1


def test_accuracy_is_the_share_of_right_labels():
    logits = np.eye(7, dtype=np.float32)[[0, 1]]
    assert accuracy(logits, faces([[0] * 7] * 2)) == 0.5
