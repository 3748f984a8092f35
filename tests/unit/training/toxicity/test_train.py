from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch

from emotibot_models.toxicity import LABELS, ToxicityModel
from training.toxicity.args import RECIPES, ToxicityArgs
from training.toxicity.data import UNKNOWN, harmless, words
from training.toxicity.evaluate import evaluate
from training.toxicity.train import (
    LOWEST_THRESHOLD,
    choose_thresholds,
    masked_loss,
    read_corpus,
    restricted,
    run,
    start,
    token_ids,
)


@pytest.fixture(scope="module")
def weights(tmp_path_factory, data, tiny_bert, small):
    return run(
        ToxicityArgs(
            data=data,
            out=tmp_path_factory.mktemp("runs") / "run",
            base=str(tiny_bert),
            layers=1,
            vocabulary=40,
            max_length=48,
            epochs=20,
            batch_size=8,
            body_lr=5e-3,
            head_lr=2e-2,
            device="cpu",
            mixed_precision=False,
        )
    )


@pytest.fixture(scope="module")
def small():
    """A dev set that leaves the tiny training set something, and no sentences of our own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.toxicity.train.WIKI_DEV", 20)
        patch.setattr("training.toxicity.train.own_examples", lambda seed: harmless([]))
        yield


def test_an_unknown_label_costs_nothing():
    labels = torch.tensor([[1.0, UNKNOWN], [0.0, 0.0]])
    logits = torch.tensor([[9.0, 9.0], [-9.0, -9.0]])
    assert masked_loss(logits, labels).item() == pytest.approx(0.0, abs=1e-3)
    assert masked_loss(-logits, labels).item() == pytest.approx(13.5, abs=0.01)


def test_kind_replies_stay_below_the_thresholds_as_often_as_asked():
    kind = np.random.default_rng(0).random((5000, 6)).astype(np.float32)
    limits = choose_thresholds(kind, 0.01)
    assert 0.001 < (kind >= limits).any(1).mean() <= 0.011
    assert choose_thresholds(kind * 0.1, 0.01) == [LOWEST_THRESHOLD] * 6


def test_a_long_text_keeps_its_beginning_and_its_end_mark(words):
    [row] = token_ids(words.backend_tokenizer, ["sad " * 50], 8)
    assert len(row) == 8
    assert (row[0], row[-1]) == (2, 3)


def test_nothing_of_dev_or_test_is_trained_on(data, tmp_path, small):
    corpus = read_corpus(ToxicityArgs(data=data, out=tmp_path / "run", base="x"))
    trained = {words(text) for text in corpus.train.texts}
    assert not trained & {words(text) for text in corpus.dev.texts}
    assert not [text for text in trained if "test balanced" in text]


@pytest.mark.parametrize("recipe", ["reference", "starter-open"])
def test_what_a_recipe_leaves_out_need_not_be_there(data, tmp_path, small, recipe):
    names = ["jigsaw_wiki"]
    names += ["davidson_hate_offensive", "convabuse"] if recipe == "starter-open" else []
    for name in names:
        shutil.copytree(data / "toxicity" / name, tmp_path / "some" / "toxicity" / name)
    args = ToxicityArgs(data=tmp_path / "some", out=tmp_path / "run", **RECIPES[recipe])
    corpus = read_corpus(args)
    assert corpus.train.texts
    assert corpus.kind == [t for t in corpus.dev.texts if "good" in t]
    assert not restricted(args)
    assert restricted(ToxicityArgs(data=data, out=tmp_path / "run", base="x"))


def test_a_run_learns_and_detoxify_reads_what_it_wrote(weights):
    good, bad = ToxicityModel.load(weights, "cpu").scores(["you good train", "you bad train"])
    assert bad["toxicity"] > good["toxicity"]


def test_a_run_leaves_arguments_metrics_and_a_manifest(weights):
    lines = (weights.parent / "metrics.jsonl").read_text().splitlines()
    assert set(json.loads(lines[-1])["thresholds"]) == set(LABELS)
    assert json.loads((weights.parent / "args.json").read_text())["layers"] == 1
    manifest = json.loads((weights / "manifest.json").read_text())
    assert manifest["labels"] == list(LABELS)
    assert "model.ckpt" in manifest["files"]


def test_no_file_of_the_weights_names_the_machine_they_were_made_on(weights, tiny_bert):
    for name in ("manifest.json", "config.json", "tokenizer_config.json"):
        assert str(tiny_bert) not in (weights / name).read_text()


def test_weights_of_ours_are_trained_further_with_their_own_layers_and_words(
    weights, data, small, tmp_path
):
    args = ToxicityArgs(data=data, out=tmp_path / "more", base=str(weights), layers=9, epochs=1)
    model, tokenizer = start(args, [])
    assert model.config.num_hidden_layers == 1
    assert tokenizer.get_vocab_size() == model.config.vocab_size
    before = ToxicityModel.load(weights, "cpu").scores(["you bad train"])
    after = ToxicityModel.load(run(args), "cpu").scores(["you bad train"])
    assert 0 < abs(before[0]["toxicity"] - after[0]["toxicity"]) < 0.4


def test_a_teacher_softens_comments_and_leaves_chat_as_it_is(data, tmp_path, small):
    args = ToxicityArgs(data=data, out=tmp_path / "run", base="x", teacher_share=0.5)
    train = read_corpus(args).train
    labels = dict(zip(train.texts, train.labels[:, 0].tolist(), strict=True))
    assert labels["you bad idiot"] not in {0.0, 1.0}
    assert labels["it was a good day"] == 0.0


def test_evaluation_reports_what_is_found_and_who_is_accused(weights, data):
    figures = evaluate(weights, data, "cpu")
    assert figures["roc_auc"] > 0.9
    assert figures["comments"] == 40
    assert 0.0 <= figures["false_alarms_kind_replies"] <= 1.0
    assert set(figures["held_out_flagged"]) == {"neutral", "self", "kind", "attacks"}
