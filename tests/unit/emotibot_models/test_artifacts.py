from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from emotibot_models.artifacts import (
    Manifest,
    load_weights,
    open_folder,
    refuse_pickles,
    save_weights,
    seal,
)
from emotibot_models.errors import ArtifactError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_weights(tmp_path / "model.safetensors", {"w": torch.ones(2, 2)}, storage="fp32")
    manifest = Manifest(task="demo", architecture="line", labels=("a", "b"), prompt_version=3)
    seal(tmp_path, manifest, ["model.safetensors"])
    return tmp_path


def test_a_sealed_folder_opens_with_its_manifest(folder):
    manifest = open_folder(folder, task="demo", labels=("a", "b"), prompt_version=3)
    assert manifest.architecture == "line"
    assert list(manifest.files) == ["model.safetensors"]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"task": "other"}, "holds weights for 'demo'"),
        ({"task": "demo", "labels": ("b", "a")}, "was trained on the labels"),
        ({"task": "demo", "prompt_version": 4}, "prompt version 3"),
    ],
    ids=["task", "labels", "prompt"],
)
def test_weights_made_for_something_else_are_refused_by_name(folder, wanted, said):
    with pytest.raises(ArtifactError, match=said):
        open_folder(folder, **wanted)


def test_an_altered_file_is_refused(folder):
    with (folder / "model.safetensors").open("ab") as file:
        file.write(b"!")
    with pytest.raises(ArtifactError, match="was altered"):
        open_folder(folder, task="demo")


def test_a_missing_file_is_refused(folder):
    (folder / "model.safetensors").unlink()
    with pytest.raises(ArtifactError, match="is missing"):
        open_folder(folder, task="demo")


def test_a_folder_without_a_manifest_is_refused(tmp_path):
    with pytest.raises(ArtifactError, match=r"has no manifest\.json"):
        open_folder(tmp_path, task="demo")


@pytest.mark.parametrize("text", ["{", json.dumps({"colour": 1})], ids=["no json", "no manifest"])
def test_a_damaged_manifest_is_refused(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ArtifactError, match="is damaged"):
        open_folder(tmp_path, task="demo")


def test_int8_storage_keeps_each_row_within_half_a_step(tmp_path):
    torch.manual_seed(0)
    matrix = torch.randn(64, 128) * torch.logspace(-3, 1, 64).unsqueeze(1)
    vector = torch.randn(7)
    save_weights(tmp_path / "w.safetensors", {"m": matrix, "v": vector}, storage="int8")
    loaded = load_weights(tmp_path / "w.safetensors")
    step = matrix.abs().amax(1, keepdim=True) / 127
    assert set(loaded) == {"m", "v"}
    assert ((loaded["m"] - matrix).abs() <= step / 2 + 1e-6).all()
    assert torch.allclose(loaded["v"], vector, atol=2e-3)


def test_int8_storage_is_about_a_quarter_of_fp32(tmp_path):
    state = {"m": torch.randn(256, 256)}
    save_weights(tmp_path / "a.safetensors", state, storage="int8")
    save_weights(tmp_path / "b.safetensors", state, storage="fp32")
    ratio = (tmp_path / "a.safetensors").stat().st_size / (
        tmp_path / "b.safetensors"
    ).stat().st_size
    assert ratio < 0.27


def test_a_file_that_is_no_safetensors_is_refused(tmp_path):
    (tmp_path / "w.safetensors").write_bytes(b"nonsense")
    with pytest.raises(ArtifactError, match="cannot be read as safetensors"):
        load_weights(tmp_path / "w.safetensors")


def test_a_folder_with_only_a_pickle_is_refused(tmp_path):
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(ArtifactError, match="is a pickle"):
        refuse_pickles(tmp_path)


def test_a_pickle_beside_safetensors_is_simply_not_used(folder):
    (folder / "pytorch_model.bin").write_bytes(b"")
    refuse_pickles(folder)
