from __future__ import annotations

import pytest
import torch

from emotibot_models.artifacts import WEIGHTS, Manifest, save_weights, seal
from emotibot_models.encoder import MeanPooledEncoder
from emotibot_models.errors import ArtifactError
from emotibot_models.text_emotion import (
    ARCHITECTURE,
    LABELS,
    EmotionClassifier,
    TextEmotionModel,
    ends,
    label_order,
)


@pytest.fixture
def ours(tmp_path, tiny_bert, words):
    """A weights folder of our own, with a random head."""
    torch.manual_seed(0)
    network = EmotionClassifier(MeanPooledEncoder.from_pretrained(tiny_bert))
    torch.nn.init.normal_(network.head.weight, std=3.0)
    save_weights(tmp_path / WEIGHTS, network.state_dict(), storage="fp32")
    network.encoder.body.config.to_json_file(tmp_path / "config.json")
    words.backend_tokenizer.save(str(tmp_path / "tokenizer.json"))
    manifest = Manifest(
        task="text-emotion",
        architecture=ARCHITECTURE,
        labels=LABELS,
        thresholds=(0.3,) * 27,
        settings={"max_length": 8},
    )
    seal(tmp_path, manifest, [WEIGHTS, "config.json", "tokenizer.json"])
    return tmp_path


def test_readings_are_sorted_and_above_their_thresholds(ours):
    [reading] = TextEmotionModel.load(ours, "cpu").read(["i am so happy"])
    confidences = [e.confidence for e in reading.emotions]
    assert len(reading.scores) == 27
    assert confidences == sorted(confidences, reverse=True)
    assert all(c > 0.3 for c in confidences)
    assert len(confidences) == sum(s > 0.3 for s in reading.scores)


def test_a_persons_leanings_move_their_thresholds_and_nobody_elses(ours):
    model = TextEmotionModel.load(ours, "cpu")
    [plain] = model.read(["i am so happy"])
    weakest = plain.emotions[-1]
    missed = max(s for s in plain.scores if s <= 0.3)
    label = LABELS[plain.scores.index(missed)]
    leanings = {weakest.emotion: 1.0, label: missed - 0.3 - 1e-3}
    same, leaned = model.read(["i am so happy"] * 2, [{}, leanings])
    names = [[e.emotion for e in reading.emotions] for reading in (plain, same)]
    assert names[0] == names[1]
    found = {e.emotion for e in leaned.emotions}
    assert weakest.emotion not in found
    assert label in found


@pytest.mark.parametrize("text", ["", "?!"])
def test_no_leaning_finds_an_emotion_where_there_are_no_words(ours, text):
    [reading] = TextEmotionModel.load(ours, "cpu").read([text], [dict.fromkeys(LABELS, -1.0)])
    assert reading.emotions == ()


def test_a_batch_reads_like_its_members_alone(ours):
    model = TextEmotionModel.load(ours, "cpu")
    texts = ["i am sad", "so happy about the good day today", "rain"]
    together = model.scores(texts)
    alone = torch.cat([model.scores([text]) for text in texts])
    assert torch.allclose(together, alone, atol=1e-5)


def test_a_long_text_is_read_at_both_ends(ours):
    model = TextEmotionModel.load(ours, "cpu")
    middle = " ".join(["the"] * 40)
    whole = model.scores([f"i am so happy today {middle} it was a bad day"])
    first, last = model.scores(["i am so happy today the"]), model.scores(["it was a bad day"])
    head = model.scores(["the it was a bad day"])
    assert torch.allclose(whole, torch.maximum(first, head), atol=1e-5)
    assert not torch.allclose(whole, last, atol=1e-3)


@pytest.mark.parametrize("text", ["", "   ", "!?…", "😀"], ids=["empty", "blank", "signs", "emoji"])
def test_a_text_without_words_reads_as_nothing(ours, text):
    [reading] = TextEmotionModel.load(ours, "cpu").read([text])
    assert reading.emotions == ()
    assert not any(reading.scores)


def test_no_texts_give_no_readings(ours):
    assert TextEmotionModel.load(ours, "cpu").read([]) == []


def test_a_fresh_head_says_no_emotion(tiny_bert):
    network = EmotionClassifier(MeanPooledEncoder.from_pretrained(tiny_bert)).eval()
    logits = network(torch.tensor([[2, 5, 3]]), torch.ones(1, 3, dtype=torch.long))
    assert torch.allclose(torch.sigmoid(logits), torch.full((1, 27), 0.0474), atol=1e-3)


def test_ends_leaves_a_short_text_whole_and_cuts_a_long_one():
    assert ends([1, 2, 3], 3) == [[1, 2, 3]]
    assert ends([1, 2, 3, 4, 5], 3) == [[1, 2, 3], [3, 4, 5]]


def test_another_models_labels_are_mapped_by_name():
    shuffled = dict(enumerate([*reversed(LABELS), "neutral"]))
    assert label_order("x", shuffled) == tuple(range(26, -1, -1))


@pytest.mark.parametrize(
    ("labels", "said"),
    [({0: "LABEL_0", 1: "LABEL_1"}, "label_0"), (dict(enumerate(LABELS[1:])), "admiration")],
    ids=["a base without a head", "one label missing"],
)
def test_labels_that_do_not_fit_are_named(labels, said):
    with pytest.raises(ArtifactError, match=said):
        label_order("some/model", labels)


def test_a_transformers_classifier_is_read_by_label_name(tmp_path, words):
    from transformers import BertConfig, BertForSequenceClassification

    names = [*LABELS, "neutral"]
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        id2label=dict(enumerate(names)),
        label2id={n: i for i, n in enumerate(names)},
    )
    BertForSequenceClassification(config).save_pretrained(tmp_path)
    words.save_pretrained(tmp_path)
    assert TextEmotionModel.load(tmp_path, "cpu").scores(["i am happy"]).shape == (1, 27)


def test_something_that_cannot_be_loaded_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(ArtifactError, match="cannot be loaded as a text classifier"):
        TextEmotionModel.load(tmp_path, "cpu")


def test_weights_of_another_architecture_are_refused(ours):
    manifest = Manifest(task="text-emotion", architecture="rnn", labels=LABELS)
    seal(ours, manifest, [WEIGHTS])
    with pytest.raises(ArtifactError, match="'rnn'"):
        TextEmotionModel.load(ours, "cpu")
