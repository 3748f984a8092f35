from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from training.face_emotion import hybrid
from training.face_emotion.data import SIDE, read_faces
from training.face_emotion.hybrid import HybridTask
from training.runs.folder import RunFolder
from training.runs.loop import Trainer


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


def test_the_averaged_weights_teach_more_as_the_run_goes_on(data, make_args):
    args = make_args(epochs=2, ema_decay=0.9, teacher_share=0.5)
    task = HybridTask(args, read_faces(data))
    trainer = Trainer(task, args, RunFolder(args))
    trainer.fit()
    faces, labels = torch.randn(4, 1, SIDE, SIDE), torch.eye(7)[:4]
    task.model.load_state_dict(trainer.average)
    seen = torch.softmax(task.model.eval()(faces), 1)
    for done, share in ((0.0, 0.0), (0.25, 0.25), (0.8, 0.5)):
        task.pace(done)
        taught = task._taught(faces, labels, task.teacher)
        assert torch.allclose(taught, labels.lerp(seen, share), atol=1e-6)


def test_without_a_share_nobody_teaches(data, make_args):
    args = make_args(ema_decay=0.9)
    task = HybridTask(args, read_faces(data))
    Trainer(task, args, RunFolder(args))
    assert task.teacher is None


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
