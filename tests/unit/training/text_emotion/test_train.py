from __future__ import annotations

import json

import pytest

from emotibot_models.text_emotion import TextEmotionModel
from training.text_emotion.args import RECIPES, TextEmotionArgs
from training.text_emotion.evaluate import evaluate
from training.text_emotion.train import run


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A tiny GoEmotions: happy is joy (17), sad is sadness (25), rain is neutral (27)."""
    folder = tmp_path_factory.mktemp("data")
    rows = [("i am so happy today", "17"), ("i am so sad today", "25"), ("the rain today", "27")]
    for name, times in (("train", 40), ("dev", 5), ("test", 5)):
        lines = [f"{t} {w}\t{i}\tx" for t, i in rows for w in ["a", "the", "and", "you"] * times]
        extra = {"train": "good", "dev": "bad", "test": "day"}[name]
        (folder / f"{name}.tsv").write_text("".join(f"{extra} {line}\n" for line in lines))
    return folder


@pytest.fixture(scope="module")
def weights(tmp_path_factory, data, tiny_bert):
    args = TextEmotionArgs(
        data=data,
        out=tmp_path_factory.mktemp("runs") / "run",
        base=str(tiny_bert),
        epochs=3,
        batch_size=8,
        body_lr=5e-3,
        head_lr=5e-2,
        device="cpu",
        mixed_precision=False,
    )
    return run(args)


def test_a_run_learns_and_serving_reads_what_it_wrote(weights):
    sad, plain = TextEmotionModel.load(weights, "cpu").read(["so sad today", "the rain today"])
    assert sad.emotions[0].emotion == "sadness"
    assert plain.emotions == ()


def test_a_run_leaves_arguments_metrics_and_a_manifest(weights):
    metrics = (weights.parent / "metrics.jsonl").read_text().splitlines()
    assert len(metrics) == 3
    assert json.loads((weights.parent / "args.json").read_text())["epochs"] == 3
    assert json.loads((weights / "manifest.json").read_text())["task"] == "text-emotion"


def test_evaluation_reports_per_label_f1_with_support_and_an_interval(weights, data):
    figures = evaluate(weights, data, "cpu")
    assert figures["f1"]["joy"] == pytest.approx(1.0)
    assert figures["support"]["joy"] == 20
    assert figures["macro_f1_27_low"] <= figures["macro_f1_27"] <= figures["macro_f1_27_high"]
    assert figures["macro_f1_28"] > figures["macro_f1_27"]


def test_the_reference_recipe_is_the_usual_one():
    recipe = RECIPES["reference"]
    assert recipe["base"] == "distilbert-base-uncased"
    assert (recipe["body_lr"], recipe["batch_size"], recipe["max_length"]) == (2e-5, 16, 128)
