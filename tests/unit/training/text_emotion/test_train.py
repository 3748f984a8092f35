from __future__ import annotations

import json

from emotibot_models.text_emotion import TextEmotionModel


def test_a_run_learns_and_serving_reads_what_it_wrote(weights):
    sad, plain = TextEmotionModel.load(weights, "cpu").read(["so sad today", "the rain today"])
    assert sad.emotions[0].emotion == "sadness"
    assert plain.emotions == ()


def test_a_run_leaves_arguments_metrics_and_a_manifest(weights):
    metrics = (weights.parent / "metrics.jsonl").read_text().splitlines()
    assert len(metrics) == 3
    assert json.loads((weights.parent / "args.json").read_text())["epochs"] == 3
    assert json.loads((weights / "manifest.json").read_text())["task"] == "text-emotion"
