from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from training.face_emotion import hybrid
from training.face_emotion.data import SIDE, read_faces
from training.face_emotion.hybrid import HybridTask


def test_the_first_share_of_a_run_sees_small_faces(data, make_args):
    task = HybridTask(make_args(small_share=0.5), read_faces(data))
    sides = []
    for done in (0.0, 0.25, 0.5, 0.75):
        task.pace(done)
        sides.append({batch.side for batch in task.batches(0)})
    assert sides == [{SIDE * 2 // 3}, {SIDE * 2 // 3}, {SIDE}, {SIDE}]


def test_the_last_share_of_a_run_sees_no_blended_faces(data, make_args, monkeypatch):
    blended = []
    monkeypatch.setattr(hybrid, "mixup", lambda *both: blended.append(task.done) or both)
    task = HybridTask(make_args(mixup_share=0.999, plain_share=0.2), read_faces(data))
    torch.manual_seed(0)
    for done in (0.0, 0.75, 0.85):
        task.pace(done)
        task.loss(task.batches(0)[0])
    assert blended == [0.0, 0.75]


def test_a_new_network_has_the_shape_that_was_asked_for(data, make_args):
    args = make_args(shape={"channels": [8, 8, 16], "blocks": 2, "fine": True})
    shape = HybridTask(args, read_faces(data)).model.config
    assert (shape.channels, shape.blocks, shape.fine) == ((8, 8, 16), 2, True)
    with pytest.raises(ValueError, match="shape: 'depth' is none of image_size"):
        HybridTask(replace(args, shape={"depth": 2}), read_faces(data))


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
