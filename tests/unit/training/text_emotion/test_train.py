from __future__ import annotations

import json

import pytest
import torch

from emotibot_models.text_emotion import TextEmotionModel
from training.text_emotion.args import TextEmotionArgs
from training.text_emotion.train import blended


def test_a_run_learns_and_serving_reads_what_it_wrote(weights):
    sad, plain = TextEmotionModel.load(weights, "cpu").read(["so sad today", "the rain today"])
    assert sad.emotions[0].emotion == "sadness"
    assert plain.emotions == ()


def test_a_run_leaves_arguments_metrics_and_a_manifest(weights):
    metrics = (weights.parent / "metrics.jsonl").read_text().splitlines()
    assert len(metrics) == 3
    assert json.loads((weights.parent / "args.json").read_text())["epochs"] == 3
    [count] = json.loads((weights.parent / "copies.json").read_text()).values()
    assert count == 0
    assert json.loads((weights / "manifest.json").read_text())["task"] == "text-emotion"


def test_two_runs_can_be_blended(tmp_path):
    (tmp_path / "first").mkdir()
    torch.save(
        {"model": {"w": torch.tensor([1.0]), "n": torch.tensor(1)}}, tmp_path / "first/best.pt"
    )
    args = TextEmotionArgs(
        data=tmp_path,
        out=tmp_path / "second",
        base="",
        blend=str(tmp_path / "first"),
        blend_share=0.75,
    )
    mixed = blended({"w": torch.tensor([5.0]), "n": torch.tensor(9)}, args)
    assert mixed["w"].tolist() == [2.0]
    assert mixed["n"].item() == 9


def test_a_blend_with_a_run_that_is_not_there_is_refused(tmp_path):
    args = TextEmotionArgs(data=tmp_path, out=tmp_path / "run", base="", blend=str(tmp_path / "no"))
    with pytest.raises(ValueError, match="finished run"):
        blended({}, args)
