from __future__ import annotations

import json
import os

import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification

from emotibot_models import toxicity
from emotibot_models.artifacts import Manifest, seal
from emotibot_models.errors import ArtifactError
from emotibot_models.toxicity import LABELS, ToxicityModel, is_safe, windows

FILES = ["model.ckpt", "config.json", "tokenizer.json", "tokenizer_config.json"]
MARKS = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}


def network(words):
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        num_labels=len(LABELS),
    )
    torch.manual_seed(3)
    net = BertForSequenceClassification(config).eval()
    torch.nn.init.normal_(net.classifier.weight)
    return net


def write(folder, words, *, body=None, **changes):
    net = network(words)
    arch = {
        "model_type": "bert-base-uncased",
        "model_name": "BertForSequenceClassification",
        "tokenizer_name": "PreTrainedTokenizerFast",
        "num_classes": len(LABELS),
    }
    config = {"arch": {"args": arch}, "dataset": {"args": {"classes": list(LABELS)}}}
    state = {name: value.half() for name, value in net.state_dict().items()}
    torch.save(body or {"config": config, "state_dict": state}, folder / "model.ckpt")
    net.config.to_json_file(folder / "config.json")
    words.backend_tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(MARKS | {"model_max_length": 64}))
    given = {"architecture": "detoxify", "labels": LABELS, "thresholds": (0.5,) * 6}
    seal(folder, Manifest(task="toxicity", **(given | changes)), FILES)
    return folder


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(scope="module")
def model(tmp_path_factory, words):
    return ToxicityModel.load(write(tmp_path_factory.mktemp("toxicity"), words), "cpu")


def test_detoxify_gives_the_scores_of_the_network_that_was_saved(model, words):
    net = network(words)
    net.load_state_dict({name: v.half().float() for name, v in net.state_dict().items()})
    ids = words("you was bad", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        expected = torch.sigmoid(net(input_ids=ids).logits)[0].tolist()
    [scores] = model.scores(["you was bad"])
    assert list(scores) == list(LABELS)
    assert list(scores.values()) == pytest.approx(expected, abs=1e-5)


def test_scores_come_in_the_order_of_the_texts(model):
    texts = ["i am so happy about the rain", "bad", "you was good", "sad day"] * 12
    together = model.scores(texts)
    for text, scores in zip(texts[:4], together, strict=False):
        assert scores == pytest.approx(model.scores([text])[0], abs=1e-5)


@pytest.mark.parametrize("text", ["", "  \n ", "🙂", "bad " * 3000, "b" * 10_000])
def test_any_text_is_scored(model, text):
    [scores] = model.scores([text])
    assert all(0.0 <= score <= 1.0 for score in scores.values())


def test_no_texts_have_no_scores(model):
    assert model.scores([]) == []


def test_of_a_long_text_every_part_counts(model):
    filler = "the rain and the day " * 40
    [whole] = model.scores([f"{filler} you was bad"])
    parts = model.scores(list(windows(f"{filler} you was bad")))
    assert len(parts) > 1
    assert whole["toxicity"] == pytest.approx(max(p["toxicity"] for p in parts), abs=1e-5)


def test_a_text_is_cut_at_blanks_and_nothing_is_lost():
    text = " ".join(f"word{i}" for i in range(300))
    parts = list(windows(text))
    assert " ".join(parts) == text
    assert all(len(part) <= toxicity.WINDOW for part in parts)


def test_one_label_at_its_threshold_makes_a_text_unsafe(model):
    scores = dict.fromkeys(LABELS, 0.1)
    assert is_safe(scores, 0.5)
    assert model.is_safe(scores)
    assert not is_safe(scores | {"threat": 0.5}, 0.5)
    assert not is_safe(scores | {"threat": 0.3}, dict.fromkeys(LABELS, 0.9) | {"threat": 0.3})


def test_loading_needs_no_network(tmp_path, words, offline):
    assert ToxicityModel.load(write(tmp_path, words), "cpu").scores(["bad"])


def test_an_altered_checkpoint_is_refused_before_it_is_opened(tmp_path, words):
    folder = write(tmp_path, words)
    with (folder / "model.ckpt").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ArtifactError, match="was altered"):
        ToxicityModel.load(folder)


class Bomb:
    """What a hostile pickle looks like: opening it runs a command."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (os.mkdir, (str(self.path),))


def test_a_checkpoint_that_would_run_code_is_refused_even_where_its_hash_fits(tmp_path, words):
    folder, mark = write(tmp_path, words, body={"config": Bomb(tmp_path / "ran")}), tmp_path / "ran"
    with pytest.raises(ArtifactError, match="no plain Detoxify checkpoint"):
        ToxicityModel.load(folder)
    assert not mark.exists()


def test_a_checkpoint_without_its_config_is_refused(tmp_path, words):
    folder = write(tmp_path, words, body={"state_dict": {}})
    with pytest.raises(ArtifactError, match="no plain Detoxify checkpoint"):
        ToxicityModel.load(folder)


def test_a_pickle_without_a_manifest_is_refused_with_a_sentence(tmp_path, words):
    folder = write(tmp_path, words)
    (folder / "manifest.json").unlink()
    with pytest.raises(ArtifactError, match="is a pickle, which can run code"):
        ToxicityModel.load(folder)


def test_a_manifest_that_does_not_vouch_for_the_checkpoint_is_refused(tmp_path, words):
    folder = write(tmp_path, words)
    manifest = Manifest(
        task="toxicity", architecture="detoxify", labels=LABELS, thresholds=(0.5,) * 6
    )
    seal(folder, manifest, ["config.json"])
    with pytest.raises(ArtifactError, match="vouches for"):
        ToxicityModel.load(folder)


def test_other_labels_are_refused(tmp_path, words):
    folder = write(tmp_path, words, labels=("toxicity",), thresholds=(0.5,))
    with pytest.raises(ArtifactError, match="was trained on the labels"):
        ToxicityModel.load(folder)


def test_a_missing_folder_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(ArtifactError, match="it is no weights folder"):
        ToxicityModel.load(tmp_path / "nowhere")


def test_a_published_model_that_cannot_be_fetched_is_a_sentence(monkeypatch):
    def fail(*_args, **_kwargs):
        raise OSError("no route")

    monkeypatch.setattr("torch.hub.load_state_dict_from_url", fail)
    with pytest.raises(ArtifactError, match="the starter preset needs no network"):
        ToxicityModel.load("original")
