from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image

from emotibot_models.face_emotion import LABELS, FaceEmotionModel
from training.face_emotion import train
from training.face_emotion.data import read_faces
from training.face_emotion.vit import VitTask, freeze_backbone, open_base
from training.runs.folder import RunFolder
from training.runs.loop import Trainer


@pytest.fixture(scope="module")
def tiny_vit(tmp_path_factory):
    """A random ViT without a head, as a transformers folder."""
    from transformers import ViTConfig, ViTModel

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("tiny-vit")
    shape = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = ViTConfig(intermediate_size=16, image_size=48, patch_size=16, **shape)
    ViTModel(config, add_pooling_layer=False).save_pretrained(folder)
    return str(folder)


def test_a_run_learns_and_serving_reads_what_it_wrote(data, make_args):
    weights = train.run(make_args(epochs=8, ema_decay=0.5))
    faces = read_faces(data).test
    model = FaceEmotionModel.load(weights, "cpu")
    scores = model.scores([Image.fromarray(image) for image in faces.images]).numpy()
    assert (scores.argmax(1) == faces.labels).mean() > 0.8


def test_the_hybrid_can_be_trained_further(data, make_args):
    first = train.run(make_args(out=data / "first", epochs=6, ema_decay=0.5))
    task = train.train_hybrid(
        make_args(out=data / "more", base=str(first), epochs=1, lr=1e-5), read_faces(data)
    )
    assert task.validate()["dev_accuracy"] > 0.8


def test_a_run_leaves_arguments_metrics_and_a_manifest(make_args):
    weights = train.run(make_args(epochs=2, small_share=0.5, mixup_share=0.5))
    lines = (weights.parent / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2]
    assert json.loads((weights.parent / "args.json").read_text())["epochs"] == 2
    manifest = json.loads((weights / "manifest.json").read_text())
    assert manifest["labels"] == list(LABELS)
    assert 0.0 < manifest["settings"]["confidence_floor"] <= 1.0
    assert sorted(manifest["files"]) == ["config.json", "model.safetensors"]


def test_augmented_runs_with_the_same_seed_have_the_same_losses(data, make_args):
    losses = [
        [
            json.loads(line)["loss"]
            for line in (train.run(args).parent / "metrics.jsonl").read_text().splitlines()
        ]
        for args in (
            make_args(out=data / name, augment=True, mixup_share=0.5, epochs=2)
            for name in ("one", "two")
        )
    ]
    assert losses[0] == pytest.approx(losses[1])


def test_a_stopped_run_goes_on_as_if_it_had_not_been_stopped(data, make_args, monkeypatch):
    whole = train.run(make_args(out=data / "whole", epochs=3))
    with monkeypatch.context() as stopped:
        stopped.setattr(Trainer, "_out_of_patience", lambda self: self.epoch >= 2)
        train.run(make_args(out=data / "cut", epochs=3))
    resumed = train.run(make_args(out=data / "cut", epochs=3, resume=True))
    last = [
        (folder.parent / "metrics.jsonl").read_text().splitlines()[-1]
        for folder in (whole, resumed)
    ]
    assert json.loads(last[0]) == pytest.approx(json.loads(last[1]))


def test_a_frozen_backbone_stays_as_it_is_and_the_head_learns(data, make_args, tiny_vit):
    model = open_base(tiny_vit)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    train.train_head(make_args(base=tiny_vit, head_epochs=2), read_faces(data), model)
    changed = {
        name.split(".")[0]
        for name, value in model.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert changed == {"classifier"}


def test_after_the_head_everything_learns(data, make_args, tiny_vit):
    model = open_base(tiny_vit)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    freeze_backbone(model, frozen=True)
    freeze_backbone(model, frozen=False)
    args = make_args(base=tiny_vit, epochs=1)
    Trainer(VitTask(args, read_faces(data), model), args, RunFolder(args)).fit()
    same = [n for n, value in model.state_dict().items() if torch.equal(value, before[n])]
    # A key's bias moves every score alike, and softmax does not see it.
    assert [name for name in same if "k_proj.bias" not in name] == []


def test_both_stages_write_a_vit_that_serving_loads(data, make_args, tiny_vit):
    args = make_args(base=tiny_vit, head_epochs=1, epochs=2, augment=True)
    weights = train.run(args)
    assert (args.out / "head" / "metrics.jsonl").is_file()
    scores = FaceEmotionModel.load(weights, "cpu").scores([Image.new("L", (60, 60), 90)])
    assert np.isfinite(scores.numpy()).all()


def test_serving_prepares_a_face_for_the_vit_as_training_did(data, make_args, tiny_vit):
    args = make_args(base=tiny_vit, epochs=1)
    faces = read_faces(data)
    task = train.fine_tune(args, faces)
    weights = train.export(task, args, args.out / "weights")
    model = FaceEmotionModel.load(weights, "cpu")
    temperature = json.loads((weights / "manifest.json").read_text())["temperature"]
    served = model.scores([Image.fromarray(image) for image in faces.dev.images])
    trained = torch.softmax(torch.from_numpy(task.logits(faces.dev)) / temperature, 1)
    assert torch.allclose(served, trained, atol=1e-3)


def test_a_base_that_cannot_be_had_is_one_sentence(make_args, data):
    with pytest.raises(ValueError, match="cannot be loaded as a ViT"):
        train.run(make_args(base=str(data / "nothing")))
