from __future__ import annotations

import torch

from training.face_emotion.data import SIDE, read_faces
from training.face_emotion.hybrid import HybridTask


def test_the_first_epochs_see_small_faces(data, make_args):
    task = HybridTask(make_args(epochs=4, small_share=0.5), read_faces(data))
    sides = [{batch.side for batch in task.batches(epoch)} for epoch in range(4)]
    assert sides == [{SIDE * 2 // 3}, {SIDE * 2 // 3}, {SIDE}, {SIDE}]


def test_every_face_comes_once_an_epoch(data, make_args):
    task = HybridTask(make_args(), read_faces(data))
    rows = [row for batch in task.batches(0) for row in batch.rows]
    assert sorted(rows) == list(range(len(task.train)))


def test_a_face_and_its_mirror_image_get_the_same_logits(data, make_args):
    task = HybridTask(make_args(), read_faces(data))
    task.model.eval()
    faces = task.dev
    before = torch.from_numpy(task.logits(faces))
    faces.images[:] = faces.images[:, :, ::-1].copy()
    assert torch.allclose(torch.from_numpy(task.logits(faces)), before, atol=1e-5)
